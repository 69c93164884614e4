"""What users bring along: a density of their own, a model whose truth nobody knows."""

from vi_lab import NormalGamma


class DensityAlone:
    """A log density on the plane, with no blocks: only Metropolis-Hastings can move on it."""

    dimension = 2
    no_exact_because = "nobody has integrated it: this model offers its log density alone"

    def log_density(self, z):
        return -0.5 * (z**2).sum(-1)

    def sample_latents(self, rng, batch=()):
        return {"z": 3 * rng.standard_normal((*batch, 2))}


class Unsolved(NormalGamma):
    """A model whose truth nobody has worked out."""

    no_exact_because = "nobody has worked it out"
