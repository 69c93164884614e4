"""The linear response of a Gaussian q: the push itself, by fitting again, and exact covariances."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
from vi_lab import NotApplicable, exact, gaussian_vi, laplace, linear_response, load
from vi_lab.inference.engine import gaussian_response


class Pushed:
    """Two skewed coordinates that hang together; <s, z> is added to the log density."""

    dimension = 2

    def __init__(self, s=(0.0, 0.0)):
        self.s = np.array(s)

    def log_density(self, z):
        a, b = z[..., 0], z[..., 1]
        return 2.0 * a - np.exp(a) + 1.5 * b - np.exp(b) - 0.5 * (a - b) ** 2 + z @ self.s

    def sample_latents(self, rng, batch=()):
        return {"z": rng.standard_normal((*batch, 2))}


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_it_is_how_the_means_move_when_the_density_is_pushed(covariance):
    """d E_q[z] / d s by fits to the pushed density on both sides, which know of no Hessian."""
    h = 0.02

    def means(s):
        return gaussian_vi(Pushed(s), covariance=covariance, rng=0).mean("z")

    pushed = [(means(h * unit) - means(-h * unit)) / (2 * h) for unit in np.eye(2)]
    response = linear_response(gaussian_vi(Pushed(), covariance=covariance, rng=0))
    assert_allclose(response.covariance("z"), pushed, rtol=2e-3)
    assert_allclose(response.mean("z"), means(np.zeros(2)), atol=1e-9)


def test_a_diagonal_q_of_a_gaussian_posterior_gets_its_covariance_back():
    truth, q = exact("correlated"), gaussian_vi("correlated", rng=0)
    response = linear_response(q)
    for one in truth.names:
        assert np.all(q.sd(one) < 0.5 * truth.sd(one))
        assert_allclose(response.sd(one), truth.sd(one), rtol=1e-6)
    cov = vi_lab.problem("correlated").model.cov
    assert_allclose(response.covariance("z0", "z1"), cov[0, 1], rtol=1e-6)


def test_summed_out_labels_have_the_variance_of_their_conditional_too():
    """A label of clutter is 0 or 1: its variance is p (1 - p), whatever the route."""
    truth = exact("clutter")
    response = linear_response(gaussian_vi("clutter", rng=0))
    p = truth.mean("z")[:, 1]
    found = np.array([response.covariance("z")[n, 1, n, 1] for n in range(len(p))])
    assert_allclose(found, p * (1 - p), atol=5e-3)
    assert_allclose(response.sd("theta"), truth.sd("theta"), rtol=0.05)


@pytest.mark.parametrize("name, before, after", [("kidiq", 0.46, 0.995), ("trees", 0.08, 0.96)])
def test_the_sds_that_mean_field_does_not_have(name, before, after):
    truth, q = exact(name), gaussian_vi(name, rng=0)
    response = linear_response(q)
    assert np.min(q.sd("beta") / truth.sd("beta")) < before
    assert np.min(response.sd("beta") / truth.sd("beta")) > after
    (row,) = vi_lab.compare(name, methods="gaussian-linear-response", rng=0).rows
    assert row.applies and row.elbo is None and row.sd_ratio_min > after


def test_a_missing_term_of_the_hessian_is_seen(monkeypatch):
    """Without what couples means and spreads the push is not reproduced."""
    honest = gaussian_response.BoundNearOptimum.differentiate

    def uncoupled(self, function):
        found = honest(self, function)
        return np.diag(np.diag(found)) if found.shape[0] == found.shape[1] else found

    monkeypatch.setattr(gaussian_response.BoundNearOptimum, "differentiate", uncoupled)
    with pytest.raises(AssertionError):
        test_a_diagonal_q_of_a_gaussian_posterior_gets_its_covariance_back()


def test_what_has_no_response():
    with pytest.raises(NotApplicable, match="as many equal modes as names"):
        linear_response(gaussian_vi("tiny-mixture", rng=0, restarts=2))
    with pytest.raises(NotApplicable, match="Laplace climbs no ELBO"):
        linear_response(laplace("coal", rng=0))
    with pytest.raises(NotApplicable, match="q has several"):
        linear_response(gaussian_vi("coal", components=2, rng=0))
    q = gaussian_vi("coal", rng=0)
    off = q.mixture._replace(means=q.mixture.means + 0.5)
    with pytest.raises(NotApplicable, match="q is no optimum"):
        linear_response(vi_lab.GaussianPosterior(q.model, off, q.method))


def test_it_is_saved_and_loaded(tmp_path):
    response = linear_response(gaussian_vi("challenger", rng=0))
    response.save(tmp_path / "r")
    again = load(tmp_path / "r", "challenger")
    assert_allclose(again.cov, response.cov, rtol=0)
    assert again.q.elbo == response.q.elbo and type(again) is type(response)


def test_how_far_off_an_optimum_a_step_of_newton_leads_is_told():
    """Of a Gaussian posterior the whole way, which two ELBOs tell."""
    q = gaussian_vi("correlated", rng=0)
    means = q.mixture.means + 0.5
    off = vi_lab.GaussianPosterior(q.model, q.mixture._replace(means=means), q.method)
    with pytest.raises(NotApplicable, match=f"leads {q.elbo - off.elbo:.2g} nats higher"):
        linear_response(off)
