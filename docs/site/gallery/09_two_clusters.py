"""Eruptions of Old Faithful: two components, and points that neither owns."""

import vi_lab
from vi_lab import plots

q = vi_lab.cavi(vi_lab.problem("old-faithful"), rng=0)
ax = plots.components(q, labels=("eruption, standardised", "waiting, standardised"))
