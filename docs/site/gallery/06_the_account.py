"""A Gaussian with labels and auxiliaries summed out keeps most of the nats that CAVI gives up."""

import vi_lab
from vi_lab import plots

model = vi_lab.problem("clutter")
qs = {"CAVI": vi_lab.cavi(model, rng=0), "Gaussian": vi_lab.gaussian_vi(model, rng=0)}
ax = plots.account({name: vi_lab.ledger(model, q) for name, q in qs.items()})
