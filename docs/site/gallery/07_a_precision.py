"""Of the precision of Newcomb's measurements every method says much the same."""

import vi_lab
from vi_lab import plots

model = vi_lab.problem("newcomb")
results = [vi_lab.exact(model), vi_lab.gibbs(model, rng=0), vi_lab.cavi(model, rng=0)]
ax = plots.marginal(results, "tau", label="tau, per ns²")
