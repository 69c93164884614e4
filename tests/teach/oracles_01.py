"""The other routes to what lesson 01 asks: they share none of the algebra of `right`."""

from scipy.special import rel_entr


def kl(q, p):
    """The relative entropy of scipy, summed."""
    return rel_entr(q, p).sum()


ORACLES = {"01.1": kl}
