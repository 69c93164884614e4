"""HierarchicalNormal on the eight schools: the truth by other routes, the funnel, bad input."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special, stats

from tests.contract.structured_models import hierarchical
from tests.contract.tolerances import assert_chains_agree, assert_law
from vi_lab import (
    HalfCauchy,
    HierarchicalNormal,
    InputError,
    InverseGamma,
    Normal,
    cavi,
    compare,
    exact,
    gibbs,
    ledger,
    metropolis_hastings,
)
from vi_lab.families import InverseGamma as InverseGammaFamily
from vi_lab.models.posteriors.variance_quadrature import log_variance_nodes
from vi_lab.problems.methods import METHODS, select_methods
from vi_lab.problems.named import problem

SCHOOLS = problem("eight-schools").model
SLOW = pytest.mark.slow


def densely(model, tau, log_prior):
    """log p(y, tau), y being one normal vector with the covariance that mu and theta leave."""
    size = len(model.y)
    cov = np.diag(model.sigma**2 + tau**2) + model.mu_sd**2
    return stats.multivariate_normal.logpdf(model.y, np.zeros(size), cov) + log_prior(tau)


def cauchy(tau):
    return stats.halfcauchy.logpdf(tau, scale=5)


@SLOW  # of fewer groups the contract does it in every run
def test_the_schools_by_brute_force_over_mu_and_log_tau():
    """The plane of the contract: each y_j is N(mu, sigma_j**2 + tau**2), nothing integrated."""
    known = hierarchical(HalfCauchy(5), SCHOOLS.y, SCHOOLS.sigma, 5).known()
    truth = exact(SCHOOLS)
    assert_allclose(truth.log_evidence, known.log_evidence, rtol=1e-11)
    assert truth.log_evidence_error < 1e-10
    for name in ("mu", "tau2", "theta"):
        assert_allclose(truth.mean(name), known.mean[name], rtol=1e-9)
        assert_allclose(truth.sd(name), known.sd[name], rtol=1e-8)


def test_exact_draws_of_tau_follow_its_law():
    """The distribution function of log tau by a fine sum, at 20,000 draws."""
    s = np.linspace(-60, 30, 1201)
    log_p = [densely(SCHOOLS, np.exp(0.5 * x), cauchy) + 0.5 * x for x in s]
    p = np.exp(log_p - np.max(log_p)).cumsum()
    tau2 = exact(SCHOOLS).sample(20_000, rng=0)["tau2"]
    assert_law(
        np.interp(np.log(tau2), s, (p - 0.5 * np.diff(p, prepend=0)) / p[-1]), "uniform", "tau"
    )


def test_every_sampler_that_mixes_has_the_exact_law():
    """Compared where moments exist: log tau2 in place of tau2."""
    reference = exact(SCHOOLS).sample(20_000, rng=1)
    runs = {
        "gibbs": gibbs(SCHOOLS, rng=2, chains=4, draws=4000, warmup=300),
        "noncentred": metropolis_hastings(
            SCHOOLS, rng=3, chains=6, draws=6000, warmup=2000, parameterisation="noncentred"
        ),
    }
    for name, run in runs.items():
        logs = {**run.values, "tau2": np.log(run.values["tau2"])}
        expected = {**reference, "tau2": np.log(reference["tau2"])}
        for latent in ("mu", "theta", "tau2"):
            assert_chains_agree(logs[latent], expected[latent], f"{name}, {latent}")
            assert_chains_agree(logs[latent] ** 2, expected[latent] ** 2, f"{name}, {latent}")


def test_the_funnel_stops_centred_moves_alone():
    """Two rows: walking in theta the chains stick where tau is small, in eta they do not."""
    assert [method.name for method in select_methods(METHODS, SCHOOLS, None)] == [
        "exact", "exact-draws", "metropolis-hastings", "metropolis-hastings-noncentred", "gibbs",
        "gibbs-expanded", "cavi", "linear-response", "gaussian-full-rank",
    ]  # fmt: skip
    walks = ["metropolis-hastings", "metropolis-hastings-noncentred"]
    comparison = compare("eight-schools", methods=walks, rng=0)
    rows = {row.method: row for row in comparison.rows}
    assert rows["metropolis-hastings"].rhat > 1.1
    assert rows["metropolis-hastings-noncentred"].rhat < 1.1
    assert rows["metropolis-hastings-noncentred"].ess > 4 * rows["metropolis-hastings"].ess
    assert {row.reference for row in comparison.rows} == {"exact"}


def test_other_models_have_no_row_for_it_unless_it_is_asked_for():
    usual = select_methods(METHODS, problem("coal").model, None)
    assert "metropolis-hastings-noncentred" not in [method.name for method in usual]
    (row,) = compare("coal", methods=["metropolis-hastings-noncentred"], rng=0).rows
    assert not row.applies
    assert "no latents whose prior is centred on another" in row.reason
    with pytest.raises(InputError, match=r"parameterisation: unknown name 'noncentred'"):
        metropolis_hastings(problem("coal"), parameterisation="noncentred")


def test_mean_field_loses_what_ties_theta_to_mu_and_tau():
    q = cavi(SCHOOLS, rng=0, restarts=3)
    book = ledger(SCHOOLS, q)
    assert book.holds
    assert 1 < book.kl < 3
    assert q.sd("mu") < 0.8 * exact(SCHOOLS).sd("mu")
    assert q.names == exact(SCHOOLS).names == ("theta", "mu", "tau2")


def test_the_coordinates_of_the_funnel_and_back():
    """The Jacobian by central differences, and the way there undoes the way back."""
    change = SCHOOLS.parameterisations["noncentred"]
    rng = np.random.default_rng(0)
    y = {"theta": rng.standard_normal((3, 8)), "mu": rng.standard_normal(3),
         "tau2": rng.standard_normal(3)}  # fmt: skip
    there, log_det = change.inverse(y)
    for name, value in change.forward(there).items():
        assert_allclose(value, y[name], rtol=1e-12)

    def flat(point):
        one = {"theta": point[:8], "mu": point[8], "tau2": point[9]}
        back, _ = change.inverse({n: np.asarray(v)[None] for n, v in one.items()})
        return np.concatenate([np.ravel(v) for v in back.values()])

    for k in range(3):
        point = np.concatenate([y["theta"][k], [y["mu"][k], y["tau2"][k]]])
        step = 1e-5 * np.eye(10)
        slopes = [(flat(point + e) - flat(point - e)) / 2e-5 for e in step]
        assert_allclose(np.linalg.slogdet(slopes)[1], log_det[k], atol=1e-8)


@pytest.mark.parametrize(
    ("y", "sigma", "prior"),
    [
        ([3.0], [2.0], HalfCauchy(1)),
        ([3.0], [2.0], InverseGamma(0.4, 1e-3)),
        ([1e3, 1e3 + 1, 1e3 + 3], [1, 2, 1], HalfCauchy(5)),
        pytest.param(np.zeros(40), np.full(40, 0.1), InverseGamma(1e4, 1e-2), marks=SLOW),
        ([-50.0, 50.0], [1e-3, 1e3], HalfCauchy(1e-3)),
    ],
)  # fmt: skip
def test_extreme_data_and_priors(y, sigma, prior):
    model = HierarchicalNormal(y, sigma, mu_sd=max(10.0, np.max(np.abs(y))), tau_prior=prior)
    truth = exact(model)

    def log_prior(tau):
        if isinstance(prior, HalfCauchy):
            return stats.halfcauchy.logpdf(tau, scale=prior.scale)
        return stats.invgamma.logpdf(tau**2, prior.a0, scale=prior.b0) + np.log(2 * tau)

    narrow = prior == InverseGamma(1e4, 1e-2)
    s = np.log(1e-6) + np.linspace(-0.3, 0.3, 2001) if narrow else np.linspace(-130, 130, 1301)
    log_p = np.array([densely(model, np.exp(0.5 * x), log_prior) + 0.5 * x - np.log(2) for x in s])
    expected = np.logaddexp.reduce(log_p) + np.log(s[1] - s[0])
    assert_allclose(truth.log_evidence, expected, rtol=1e-6)
    assert truth.log_evidence_error < 1e-6
    q = cavi(model, rng=0, max_sweeps=300, tol=0)
    assert ledger(model, q).holds
    assert np.isfinite(truth.sample(500, rng=0)["tau2"]).all()
    assert (np.isinf(truth.mean("tau2")), np.isinf(truth.sd("tau2"))) == (
        prior.moment_limit(len(y)) <= 1, prior.moment_limit(len(y)) <= 2
    )  # fmt: skip


def test_the_density_with_and_without_the_auxiliary():
    truth = exact(SCHOOLS)
    draws = truth.posterior.sample(np.random.default_rng(0), 5)
    rate, rest = draws["rate"], {n: v for n, v in draws.items() if n != "rate"}
    given = stats.expon.logpdf(rate, scale=1 / (1 / draws["tau2"] + 1 / 25))
    assert_allclose(truth.log_density(draws) - truth.log_density(rest), given, rtol=1e-9)
    assert truth.log_density({**{n: v[0] for n, v in rest.items()}, "tau2": -1.0}) == -np.inf


@pytest.mark.parametrize("name", ["tau", "tau2"])
def test_sums_of_the_density_of_two_are_the_densities_of_each(name):
    """Of theta[1] and of tau, or its square, by the trapezoidal rule along either."""
    truth = problem("eight-schools").model.exact_posterior().posterior
    x = np.linspace(-60.0, 80.0, 281)
    y = np.linspace(0.02, 60.0, 1200) ** (2 if name == "tau2" else 1)
    both = truth.joint_density(("theta", (1,)), (name, ()), x, y)
    of_theta = truth.marginal_density("theta", (1,), x)
    of_tau = truth.marginal_density(name, (), y)
    assert_allclose(np.trapezoid(both, y, axis=1), of_theta, atol=0.01 * of_theta.max())
    assert_allclose(np.trapezoid(both, x, axis=0), of_tau, atol=0.01 * of_tau.max())
    flipped = truth.joint_density((name, ()), ("theta", (1,)), y, x)
    assert_allclose(flipped, both.T)


def test_a_narrow_q_of_tau_loses_what_rounds_log_tau2_over_its_width():
    """Of 100 times the shape it is 10 times as narrow, and the KL loses 10 times the digits."""
    model = HierarchicalNormal([1, 2, 4], [1, 1, 2], 10, tau_prior=InverseGamma(2, 2))
    truth = exact(model).posterior
    rest = {"theta": Normal.of([1.0, 2.0, 3.0], 1.0), "mu": Normal.of(2.0, 1.0)}
    errors = [
        truth.kl_from(rest | {"tau2": InverseGammaFamily.of(shape=shape, scale=1e3 * shape)}).error
        for shape in (1e12, 1e14)
    ]
    assert errors[1] == pytest.approx(10.0 * errors[0], rel=0.1)


@pytest.mark.parametrize("shape", [1.0, 1e2, 1e4, 1e6])
def test_nodes_of_a_variance_are_as_far_apart_as_it_is_wide(shape):
    """log tau2 of an inverse gamma has the variance trigamma(shape): 6 to 12 nodes a standard
    deviation, however narrow, and 24 of these."""
    nodes, weights, _ = log_variance_nodes(np.array(shape), np.array(3.0))
    mean = weights @ nodes
    sd = np.sqrt(weights @ (nodes - mean) ** 2)
    assert sd == pytest.approx(np.sqrt(special.polygamma(1, shape)), rel=1e-10)
    assert mean == pytest.approx(np.log(3.0) - special.digamma(shape), rel=1e-12)
    assert 6.0 < sd / abs(nodes[1] - nodes[0]) < 12.0 and len(nodes) < 520


@pytest.mark.parametrize("two", [("mu", ()), ("theta", (1,))])
def test_a_ridge_that_no_grid_holds_is_drawn_as_wide_as_one_that_it_holds(two):
    """Where tau is a thousandth of the grid's steps theta and mu are one: their density there is a
    ridge, whose mass is 1 all the same, and whose marginals are theirs."""
    truth = exact(HierarchicalNormal([1.0, 2.0, 0.5], 1.0, 5.0, HalfCauchy(1e-4)))
    one, points = ("theta", (0,)), 40
    x, y = (
        np.asarray(truth.mean(name))[index]
        + np.linspace(-4.0, 4.0, points) * np.asarray(truth.sd(name))[index]
        for name, index in (one, two)
    )
    found = truth.posterior.joint_density(one, two, x, y)
    across = found.sum(1) * (y[1] - y[0])
    assert across.sum() * (x[1] - x[0]) == pytest.approx(1.0, abs=0.02)
    right = truth.posterior.marginal_density(*one, x)
    assert np.abs(across - right).max() < 0.05 * right.max()


def test_a_start_has_its_auxiliary_from_its_conditional():
    """1/a given tau**2, whose mean the block's own conditional tells."""
    model = hierarchical(HalfCauchy(5.0)).model
    values = model.sample_initial_values(np.random.default_rng(0), (20_000,))
    block = model.blocks["rate"]
    stats_there = {name: b.family.stats(values[name]) for name, b in model.blocks.items()}
    mean = block.family.expected_stats(block.complete_conditional(stats_there)).value
    ratio = values["rate"] / mean
    assert abs(ratio.mean() - 1.0) < 4 * ratio.std() / np.sqrt(len(ratio))
