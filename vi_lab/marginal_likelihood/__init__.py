"""Estimates of log p(x), each beside the exact one: a lesson a file, what serves them all below."""
