"""One page that shows a comparison: what failed where, by how much, and what to trust."""
