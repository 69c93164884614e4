"""Four chains that began far apart and cannot be told from one another after a few draws."""

import vi_lab
from vi_lab import plots

model = vi_lab.problem("coal")
draws = vi_lab.metropolis_hastings(model, rng=0)
ax = plots.chains(draws, "rates[0]", first=100, truth=vi_lab.exact(model))
