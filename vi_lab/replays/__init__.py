"""A run, update by update, on the exact posterior: one self-contained page that asks no network."""
