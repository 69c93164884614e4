"""CAVI climbs to log p(x) and stops below it; from other starts it stops elsewhere."""

import vi_lab
from vi_lab import plots

model = vi_lab.problem("tiny-mixture")
q = vi_lab.cavi(model, rng=0)
ax = plots.elbo_trace(q, log_evidence=vi_lab.exact(model).log_evidence)
