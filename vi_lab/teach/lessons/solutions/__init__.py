"""Right functions, as `solution` shows them."""
