"""Labels of clusters mean nothing; which galaxies share one does."""

import vi_lab
from vi_lab import plots

ax = plots.co_assignment(vi_lab.cavi(vi_lab.problem("galaxies"), rng=0), label="galaxies")
