"""Right functions in other forms, in which slips are sought too."""
