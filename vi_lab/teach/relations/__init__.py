"""Relations: what wrong numbers have to do with the right ones."""
