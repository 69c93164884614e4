"""Exact posteriors, in their own form: nothing here reads a log joint or a conditional."""
