"""What runs the methods: when to stop, what rounding hides, Ctrl-C, progress, records of draws."""
