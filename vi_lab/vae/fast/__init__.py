"""The training step, tuned: the same numbers as `vae.objective`, written into buffers."""
