"""Exact posteriors, in their own form.

Of a model they read its data and hyperparameters, never a log joint or a conditional.
"""
