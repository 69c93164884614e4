"""Running: Ctrl-C, locks, progress bars, files, jobs on all cores. Nothing here knows of models."""
