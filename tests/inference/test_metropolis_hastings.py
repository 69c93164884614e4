"""Metropolis-Hastings: skewed densities, the Jacobian, adaptation, and what it refuses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special, stats

from tests.contract.models import MODELS
from tests.contract.tolerances import assert_chains
from vi_lab import NotApplicable, NumericalError, cavi, exact, gibbs, metropolis_hastings

SHAPE = 1.5


class Skewed:
    """z_0 is the log of a gamma variable, z_1 ~ N(2 z_0, 1): skewed, so that signs matter."""

    dimension = 2

    def log_density(self, z):
        return stats.loggamma.logpdf(z[..., 0], SHAPE) + stats.norm.logpdf(
            z[..., 1] - 2 * z[..., 0]
        )

    def sample_latents(self, rng, batch=()):
        return {"z": 4 * rng.standard_normal((*batch, 2))}


def test_a_plain_density_with_a_skew():
    result = metropolis_hastings(Skewed(), rng=1, chains=4, draws=8000)
    z = result.values["z"]
    assert z.shape == (4, 8000, 2)
    mean, variance, third = (float(special.polygamma(k, SHAPE)) for k in range(3))
    assert_chains(z, [mean, 2 * mean], "means")
    centred = z[..., 0] - mean
    assert_chains(centred**2, variance, "variance")
    assert_chains(centred**3, third, "third central moment")
    assert third < -0.8
    assert_chains((z[..., 1] - 2 * mean) * centred, 2 * variance, "covariance")
    assert result.cost.complete_conditionals == 0
    assert result.mean("z").shape == (2,)
    assert result.names == ("z",)


def test_a_plain_density_has_no_other_method():
    for method in (gibbs, cavi):
        with pytest.raises(NotApplicable, match="does not apply, because it needs each block's"):
            method(Skewed())
    with pytest.raises(NotApplicable, match="this model offers its log density alone"):
        exact(Skewed())


def test_the_acceptance_rate_is_the_share_of_moves():
    case = MODELS["normal-gamma"]
    result = metropolis_hastings(case.model, rng=2, chains=3, draws=4000)
    moved = (np.diff(result.values["mu"], axis=1) != 0).mean(1)
    assert_allclose(result.acceptance_rate, moved, atol=1 / 3999 + 1e-9)
    assert ((result.acceptance_rate > 0.2) & (result.acceptance_rate < 0.6)).all()


def test_the_step_is_adapted_then_frozen():
    model = MODELS["correlated"].model
    short, long = (
        metropolis_hastings(model, rng=3, draws=draws, warmup=400) for draws in (10, 3000)
    )
    for key in ("step", "proposal_cholesky"):
        assert_array_equal(short.settings[key], long.settings[key])
    assert long.settings["step"].shape == (4,)
    learnt = long.settings["proposal_cholesky"] @ long.settings["proposal_cholesky"].T
    assert (
        0.6 < learnt[0, 1] / np.sqrt(learnt[0, 0] * learnt[1, 1]) < 1.0
    )  # truth 0.9, less a tenth


@pytest.mark.parametrize("step", [0.3, [0.5, 0.2]])
def test_a_step_given_is_kept(step):
    result = metropolis_hastings(MODELS["normal-gamma"].model, rng=4, draws=300, step=step)
    scale = result.settings["step"][:, None] * np.diag(result.settings["proposal_cholesky"])
    assert_allclose(scale, np.broadcast_to(step, (4, 2)))


def test_evaluations_are_counted():
    result = metropolis_hastings(MODELS["change point"].model, rng=5, chains=2, draws=30, warmup=20)
    assert result.cost == (2 * 51, 2 * 51)


def test_a_start_without_density_is_refused():
    class Nowhere(Skewed):
        def log_density(self, z):
            return np.full(z.shape[:-1], -np.inf)

    with pytest.raises(NumericalError, match=r"chain 0 starts at .* where the log density is -inf"):
        metropolis_hastings(Nowhere())


@pytest.mark.parametrize("settings", [dict(warmup=0, step=1.0), dict(warmup=500)])
def test_a_density_that_is_nan_on_the_way_is_refused(settings):
    class Holed(Skewed):
        def log_density(self, z):
            value = super().log_density(z)
            return np.where(z[..., 0] > 0.5, np.nan, value)

        def sample_latents(self, rng, batch=()):
            return {"z": np.full((*batch, 2), 0.0)}

    with pytest.raises(NumericalError, match="the log density is nan at a proposal"):
        metropolis_hastings(Holed(), rng=6, draws=500, **settings)


def test_a_hard_wall_is_never_crossed():
    class Walled(Skewed):
        def log_density(self, z):
            return np.where(z[..., 0] < 0, -0.5 * (z**2).sum(-1), -np.inf)

        def sample_latents(self, rng, batch=()):
            return {"z": -np.abs(rng.standard_normal((*batch, 2))) - 0.1}

    z = metropolis_hastings(Walled(), rng=7, draws=5000).values["z"]
    assert (z[..., 0] < 0).all()
    assert_chains(z[..., 0], -np.sqrt(2 / np.pi), "half normal")
