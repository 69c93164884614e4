"""The named problems: a model with its real data and its priors under a short name."""
