"""Methods side by side: what is run, measured against the reference and said about it."""
