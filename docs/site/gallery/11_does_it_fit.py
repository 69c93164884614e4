"""Newcomb's two slow measurements lie where no replicated data set has any."""

import vi_lab
from vi_lab import plots

model = vi_lab.problem("newcomb")
draws = vi_lab.gibbs(model, rng=0).posterior_predictive(200, rng=0)
ax = plots.predictive(draws, model, label="deviation, ns")
