"""The stronger the correlation, the more nats mean field gives up: -log(1 - ρ²)/2 of them."""

import vi_lab
from vi_lab import plots

steps = vi_lab.sweep("correlated")
ax = plots.sweep_gap(vi_lab.compare(steps, methods=["exact", "cavi"], rng=0, jobs=1))
