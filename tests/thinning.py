"""One of a kind in every run, all of them in `make slow`."""

import pytest


def mostly_slow(values, kept=1, *, rows=False):
    """Parameters of which the first, or the first few, are tried in every run.

    `kept` is how many, or which: a number or a collection of values. `rows` says that each value
    is a tuple of several parameters.
    """
    values = list(values)
    fast = values[:kept] if isinstance(kept, int) else kept
    slow = pytest.mark.slow
    return [v if v in fast else pytest.param(*(v if rows else [v]), marks=slow) for v in values]
