"""Mistakes to plant: each a small, likely slip in real code, made by subclassing or patching."""
