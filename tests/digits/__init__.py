"""Every number and its stated error against mpmath, from ordinary inputs to extreme ones."""
