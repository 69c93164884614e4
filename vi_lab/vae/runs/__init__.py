"""Training runs on disk: what they are trained on, checkpoints, folders, evaluation."""
