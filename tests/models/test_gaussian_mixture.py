"""GaussianMixture: what its own file promises beyond the contract."""

import numpy as np
import pytest
from mpmath import mp

from tests.digits.mixtures import gaussian_mixture_bound
from tests.digits.sweep import DIGITS, exactly, parameters_of
from vi_lab import GaussianMixture, cavi, exact, problem

RNG = np.random.default_rng(8)
X = RNG.normal(size=(6, 2)) + np.where(np.arange(6) < 3, -1.5, 1.5)[:, None]
PRIOR = dict(concentration=1.0, m0=(0.3, -0.2), beta0=0.7, nu0=3.5, w0_inv=[[1.0, 0.3], [0.3, 2.0]])


def test_small_concentration_prunes_to_two_components():
    """Bishop (2006), figures 10.6-10.7: six components on Old Faithful, two survive."""
    q = cavi(problem("old-faithful", n_components=6, concentration=1e-3), rng=0, restarts=10)
    weights = np.sort(q.mean("weights"))
    assert (weights[-2:] > 0.3).all() and weights[:-2].max() < 1e-4


def test_the_elbo_prefers_two_components_of_six():
    bounds = [
        cavi(problem("old-faithful", n_components=k), rng=0, restarts=10).elbo for k in range(1, 7)
    ]
    assert int(np.argmax(bounds)) == 1
    assert bounds[0] == pytest.approx(exact(problem("old-faithful", n_components=1)).log_evidence)


def test_a_prior_far_from_the_data_takes_no_digits_from_the_bound():
    """W^-1 is a difference, and about the data's mean 1e10 sds away none of its digits is left."""
    given = {**PRIOR, "m0": (1e10, 0.0), "beta0": 1e-3}
    model = GaussianMixture(X, 2, **given)
    q = cavi(model, rng=0)
    with mp.workdps(DIGITS):
        told = exactly({"x": X, "n_components": 2, **given}), exactly(parameters_of(q))
        right = float(gaussian_mixture_bound(*told).value)
    assert q.elbo == pytest.approx(right, abs=1e-10)


@pytest.mark.parametrize(
    ("nu0", "mean", "sd"),
    [(1.9, False, False), (2.0, False, False), (2.5, True, False), (3.5, True, True)],
)
def test_a_mean_that_does_not_exist_is_not_stated(nu0, mean, sd):
    """An empty component's mean is a t with nu0 - 1 degrees of freedom, a Cauchy at nu0 = 2."""
    truth = exact(GaussianMixture(X, 2, **{**PRIOR, "nu0": nu0}))
    assert np.isfinite(truth.mean("means")).all() == mean
    assert np.isnan(truth.mean("means")).all() != mean
    assert np.isfinite(truth.sd("means")).all() == sd
    assert np.isposinf(truth.sd("means")).all() != sd
    assert np.isfinite(truth.mean("precisions")).all() and "exact" in repr(truth)
    alone = exact(GaussianMixture(X, 1, **{**PRIOR, "nu0": nu0}))
    assert np.isfinite([*alone.mean("means").ravel(), *alone.sd("means").ravel()]).all()


def test_a_centre_is_not_moved_to_where_it_is(monkeypatch):
    """Millions of degrees of freedom draw means millions of sds from any point: no nearer centre
    there is, and CAVI that looks for one before each sweep comes to no end."""
    moves, about = [], GaussianMixture.about
    monkeypatch.setattr(
        GaussianMixture, "about", lambda model, means: moves.append(1) or about(model, means)
    )
    q = cavi(GaussianMixture(X, 2, **{**PRIOR, "nu0": 3e8}), rng=0, restarts=3, max_sweeps=100)
    assert q.converged and len(moves) <= 10
