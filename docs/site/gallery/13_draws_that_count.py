"""The stronger the correlation, the fewer of Gibbs' draws count: (1 - ρ²)/(1 + ρ²) of them."""

import vi_lab
from vi_lab import plots

steps = vi_lab.sweep("correlated")
ax = plots.sweep_ess(vi_lab.compare(steps, methods=["exact", "gibbs"], rng=0, jobs=1))
