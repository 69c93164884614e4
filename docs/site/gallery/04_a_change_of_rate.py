"""Coal-mining disasters became rarer about 1890, and how sure one may be of the year."""

import vi_lab
from vi_lab import plots

model = vi_lab.problem("coal")
results = [vi_lab.exact(model), vi_lab.gibbs(model, rng=0), vi_lab.cavi(model, rng=0)]
ax = plots.change_point(results, start=1851, unit="year", events="disasters")
