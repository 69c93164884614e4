"""Pictures put together for a run of `compare` or a trained VAE, from the panels of `plots`."""
