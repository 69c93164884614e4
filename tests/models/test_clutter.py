"""Clutter beyond the contract: three routes to the evidence, overconfidence, weights of zero."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from tests.contract.tolerances import assert_averages
from vi_lab import (
    Clutter,
    NotApplicable,
    audit,
    cavi,
    exact,
    gibbs,
    ledger,
    metropolis_hastings,
    problem,
)
from vi_lab.families import Distribution

X = [1.9, -2.5, 2.4, 6.0, 0.3]


def by_scipy(x, w, prior_var):
    """log p(x), E[theta] and its sd by adaptive quadrature over theta, 100 at once."""
    x = np.asarray(x)[:, None]

    def log_density(theta):
        signal = (1 - w) * stats.norm.pdf(x, theta)
        points = np.log(signal + w * stats.norm.pdf(x, 0, np.sqrt(10))).sum(0)
        return stats.norm.logpdf(theta, 0, np.sqrt(prior_var)) + points

    reach = 10 * np.sqrt(prior_var)
    grid = np.linspace(-reach, reach, 4001)
    top = log_density(grid).max()

    def integrand(theta):
        density = np.exp(log_density(np.array([theta])) - top)[0]
        return density * np.array([1.0, theta, theta**2])

    bends = np.linspace(-reach, reach, 41)
    mass, first, second = integrate.quad_vec(
        integrand, -reach, reach, epsabs=1e-13, epsrel=1e-12, points=bends[1:-1], limit=50_000
    )[0]
    mean = first / mass
    return np.log(mass) + top, mean, np.sqrt(second / mass - mean**2)


def test_the_clutter_by_adaptive_quadrature():
    item = problem("clutter")
    log_evidence, mean, sd = by_scipy(item.model.x, 0.5, 100.0)
    truth = exact(item)
    assert truth.route == "quadrature over theta"
    assert_allclose(truth.log_evidence, log_evidence, rtol=1e-11)
    assert_allclose([truth.mean("theta"), truth.sd("theta")], [mean, sd], rtol=1e-9)
    assert abs(truth.mean("theta") - 2.0) < truth.sd("theta")  # where the signal was put


def test_the_line_and_the_labellings_agree():
    """A column of points has the same evidence on a line as by all labellings of its points."""
    for plates in ((5,), (5, 1)):
        model = Clutter(np.reshape(X, plates), w=0.3, prior_var=20)
        assert model._by_line
        one = model.exact_posterior()
        model._by_line = False
        two = model.exact_posterior()
        assert_allclose(one.log_evidence, two.log_evidence, rtol=1e-13)
        for name in ("theta", "z", "co_assignment"):
            assert np.shape(one.mean(name)) == np.shape(two.mean(name))
            assert_allclose(one.mean(name), two.mean(name), rtol=1e-10)
        both = one.mean("co_assignment")  # 1 or 0 in a draw
        for truth in (one, two):
            assert_allclose(truth.sd("co_assignment") ** 2, both * (1.0 - both), atol=1e-12)
        assert_allclose(one.sd("theta"), two.sd("theta"), rtol=1e-10)
        values = model.sample_latents(np.random.default_rng(0), (50,))
        assert_allclose(one.log_density(values), two.log_density(values), rtol=1e-9)
        q = cavi(model, rng=0)
        kls = [truth.posterior.kl_from(q.q).value for truth in (one, two)]
        assert_allclose(*kls, rtol=1e-9)


def test_mean_field_is_overconfident_and_has_local_optima():
    """One normal for a mixture of them, and the labels treated as if theta were no question."""
    item = problem("clutter")
    q, truth = cavi(item, rng=0, restarts=50), exact(item)
    assert q.sd("theta") < 0.6 * truth.sd("theta")
    assert truth.log_evidence - q.elbo > 0.4
    assert len(q.optima) > 1
    assert q.optima[0] - q.optima[1] > 5


def test_metropolis_sums_the_labels_out_and_draws_them_back():
    item = problem("clutter")
    draws = metropolis_hastings(item, rng=0, draws=300)
    assert draws.settings["step"].shape == (4,)
    assert draws.settings["proposal_cholesky"].shape == (1, 1)  # theta alone is moved
    assert draws.values["z"].shape == (4, 300, 20)


def test_without_clutter_the_posterior_is_normal():
    model = Clutter(X, w=0, prior_var=4.0)
    truth, precision = exact(model), 0.25 + 5
    cov = np.eye(5) + 4.0
    expected = stats.multivariate_normal.logpdf(X, np.zeros(5), cov)
    assert_allclose(truth.log_evidence, expected, rtol=1e-12)
    assert_allclose(truth.mean("theta"), np.sum(X) / precision, rtol=1e-12)
    assert_allclose(truth.sd("theta"), precision**-0.5, rtol=1e-10)
    assert_allclose(truth.mean("z"), np.tile([1.0, 0.0], (5, 1)), atol=1e-15)
    assert_allclose(cavi(model, rng=0).elbo, expected, rtol=1e-12)
    assert ledger(model, cavi(model, rng=0)).holds
    assert (gibbs(model, rng=0, draws=20).values["z"] == 0).all()


def test_of_clutter_alone_nothing_is_learnt():
    for x in (X, np.reshape([*X, 1.0], (3, 2))):
        model = Clutter(x, w=1.0, prior_var=4.0)
        truth = exact(model)
        expected = stats.norm.logpdf(x, 0, np.sqrt(10)).sum()
        assert_allclose(truth.log_evidence, expected, rtol=1e-12)
        assert_allclose(truth.mean("theta"), np.zeros(model.plates), atol=1e-12)
        assert_allclose(truth.sd("theta"), np.full(model.plates, 2.0), rtol=1e-10)
        assert ledger(model, cavi(model, rng=0)).holds


@pytest.mark.parametrize(
    ("x", "w", "prior_var"),
    [
        ([0.0], 0.5, 1.0),
        ([3.0] * 4, 0.5, 100.0),
        ([-8.0, -8.1, 8.0, 8.1], 0.2, 50.0),  # two modes
        (np.random.default_rng(0).normal(1, 1, 150), 0.1, 10.0),
        ([50.0, 0.5, 0.7], 0.01, 1.0),
    ],
)
def test_awkward_points(x, w, prior_var):
    model = Clutter(x, w=w, prior_var=prior_var)
    log_evidence, mean, sd = by_scipy(x, w, prior_var)
    truth = exact(model)
    assert_allclose(truth.log_evidence, log_evidence, rtol=1e-10)
    assert_allclose([truth.mean("theta"), truth.sd("theta")], [mean, sd], rtol=1e-8, atol=1e-9)
    assert ledger(model, cavi(model, rng=0)).holds


def test_where_the_line_is_too_long_the_labels_are_enumerated():
    model = Clutter(X, w=0.5, prior_var=1e12)
    truth = exact(model)
    assert truth.route == "enumeration of 32 labellings"
    near = exact(Clutter(X, w=0.5, prior_var=1e6))
    assert near.route == "quadrature over theta"
    # with ten thousand times as wide a prior the signal's share of the evidence falls by its sd
    background = 5 * np.log(0.5) + stats.norm.logpdf(X, 0, np.sqrt(10)).sum()
    excess = [np.exp(t.log_evidence) - np.exp(background) for t in (near, truth)]
    assert_allclose(excess[1] / excess[0], 1e-3, rtol=1e-3)
    assert ledger(model, cavi(model, rng=0)).holds


def test_what_is_too_large_says_what_still_applies():
    for model in (Clutter(np.ones((25, 2)), 0.5, 1.0), Clutter(np.ones(40), 0.5, 1e14)):
        with pytest.raises(NotApplicable, match=r"2\^.* Gibbs and CAVI still apply"):
            exact(model)
        assert cavi(model, rng=0).converged
        assert gibbs(model, rng=0, draws=20).values["theta"].shape == (4, 20, *model.plates)


@pytest.mark.parametrize("offset", [0.0, 3.0, 4000.0])
def test_theta_given_labels_is_the_normal_of_its_points_wherever_they_lie(offset):
    """Precision 1/v + r, mean sum of the points of the signal over it; far off about a centre."""
    x, v = offset + np.array([0.3, 1.1, -0.4, 2.0]), 50.0
    model = Clutter(x, 0.3, v)
    signal = np.array([1.0, 0.0, 1.0, 1.0])
    z = model.blocks["z"].family.Stats(np.stack([signal, 1 - signal], axis=-1))
    block = model.blocks["theta"]
    found = block.family.parameters(block.complete_conditional({"z": z}))
    precision = 1 / v + signal.sum()
    assert_allclose(found["mean"], (signal @ x) / precision, rtol=1e-12)
    assert_allclose(found["sd"], precision**-0.5, rtol=1e-12)


def test_far_from_the_origin_the_prior_pulls_back():
    """Of the points that are signal, the sum over 1/prior_var + their number, about any centre."""
    x = 1e5 + np.array([[1.0, 2.0], [3.0, 5.0], [-4.0, 9.0]])
    for points in (x, x[:, 0]):
        model = Clutter(points, w=0.3, prior_var=0.5)
        assert np.all(model.centre != 0.0)
        block, z = model.blocks["theta"], np.array([0, 1, 0])
        eta = block.complete_conditional({"z": model.blocks["z"].family.stats(z)})
        found = Distribution(block.family, eta).parameters
        assert_allclose(found["mean"], points[z == 0].sum(0) / 4.0, rtol=1e-14)
        assert_allclose(found["sd"], 0.5, rtol=1e-14)


def test_chains_begin_in_both_modes_and_one_that_stays_apart_is_told():
    """Near theta = -7 a chain of four of seed 7 stays; one of seed 4 visits it for a while."""
    starts = problem("clutter").model.sample_initial_values(np.random.default_rng(0), (400,))
    assert (starts["theta"] < -5).mean() > 0.05 and (starts["theta"] > 0).mean() > 0.3
    for seed, told in ((4, "draws are too few to tell"), (7, "chains have not mixed: R-hat 1.2")):
        found = audit("clutter", posterior=gibbs("clutter", rng=seed))
        assert any(told in finding for finding in found.findings)


def test_fresh_points_have_the_spread_of_their_kind():
    """N(0, 10) of clutter, N(theta, 1) of the others."""
    n = 4000
    model = Clutter(np.zeros(n), 0.5, 100.0)
    z = np.arange(n) % 2
    x = model.sample_data(np.random.default_rng(0), {"theta": np.float64(3.0), "z": z}).x
    assert_averages(x[z == 1] ** 2, 10.0, "clutter")
    assert_averages((x[z == 0] - 3.0) ** 2, 1.0, "the others")
    assert_averages(x[z == 0], 3.0, "theta")
