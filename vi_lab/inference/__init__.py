"""Solutions, one file each: exact, Metropolis-Hastings, Gibbs, CAVI."""

from vi_lab.inference.cavi import cavi
from vi_lab.inference.exact import exact
from vi_lab.inference.gibbs import gibbs
from vi_lab.inference.metropolis_hastings import metropolis_hastings

__all__ = ["cavi", "exact", "gibbs", "metropolis_hastings"]
