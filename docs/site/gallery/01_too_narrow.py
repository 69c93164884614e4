"""The best factorised q of a tilted Gaussian has the right means and 0.44 of the true sds."""

import vi_lab
from vi_lab import plots

model = vi_lab.problem("correlated")
ax = plots.joint([vi_lab.exact(model), vi_lab.cavi(model, rng=0)], "z0", "z1")
