"""Each estimator where the evidence is known on paper; and mistakes that it must not make."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from tests.planted.source import plant
from tests.thinning import mostly_slow
from vi_lab import (
    HalfCauchy,
    HierarchicalNormal,
    cavi,
    evidence,
    exact,
    gaussian_vi,
    gibbs,
    laplace,
    metropolis_hastings,
    problem,
)
from vi_lab.marginal_likelihood import chib, smc
from vi_lab.marginal_likelihood.ais import estimate_by_ais
from vi_lab.marginal_likelihood.bridge import estimate_by_bridge
from vi_lab.marginal_likelihood.importance import estimate_by_importance
from vi_lab.marginal_likelihood.namings import Namings
from vi_lab.marginal_likelihood.notes import _describe_tail
from vi_lab.marginal_likelihood.proposals import Gaussian, fit_gaussian
from vi_lab.marginal_likelihood.reciprocal_and_harmonic import estimate_by_reciprocal
from vi_lab.marginal_likelihood.smc import conditional_ess, estimate_by_smc
from vi_lab.marginal_likelihood.weights import log_mean, log_mean_of_chains
from vi_lab.models import NormalMixture as MixtureModel
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import diagnostics

LOG_Z = -3.7  # of the target below
SHAPE = np.array([[1.0, 0.0], [0.8, 0.6]])
STANDARD = Gaussian(NormalMixture(np.zeros(1), np.zeros((1, 2)), np.eye(2)[None]))


def log_density(y):
    """A skewed target: e**LOG_Z times a log-gamma and, given it, a normal."""
    a = y[..., 0]
    given = stats.norm.logpdf(y[..., 1], 0.5 * a, 1.2)
    return LOG_Z + stats.loggamma.logpdf(a, 3.0, loc=-1.0) + given


def draw(rng, chains, n):
    a = stats.loggamma.rvs(3.0, loc=-1.0, size=(chains, n), random_state=rng)
    return np.stack([a, 0.5 * a + 1.2 * rng.standard_normal((chains, n))], axis=-1)


def run(method, rng, log_density=log_density):
    if method == "importance":
        return estimate_by_importance(log_density, STANDARD._replace(tails=5.0), 4000, rng)
    if method == "bridge":
        return estimate_by_bridge(log_density, draw(rng, 4, 500), rng)
    if method == "reciprocal":
        return estimate_by_reciprocal(log_density, draw(rng, 4, 2000))
    if method == "smc":
        return estimate_by_smc(log_density, STANDARD.widened(2.0), 500, 3, rng)
    return estimate_by_ais(log_density, STANDARD.widened(2.0), 300, 20, rng)


@pytest.mark.parametrize("method", ["importance", "bridge", "reciprocal", "smc", "ais"])
def test_a_skewed_target_and_the_error_that_is_stated(method):
    """24 seeds: none is biased, and the errors stated have the size of those made."""
    found = [run(method, np.random.default_rng([5, seed])) for seed in range(24)]
    off = np.array([e.value for e in found]) - LOG_Z
    stated = np.array([e.error for e in found])
    assert abs(off.mean()) < 4.0 * off.std() / np.sqrt(24)
    assert 0.6 < off.std() / np.sqrt((stated**2).mean()) < 1.5


def test_an_exact_q_leaves_nothing_to_chance():
    q = Gaussian(NormalMixture(np.zeros(1), np.ones((1, 2)), SHAPE[None]))
    found = estimate_by_importance(
        lambda y: q.log_density(y) + LOG_Z, q, 50, np.random.default_rng(0)
    )
    assert found.value == pytest.approx(LOG_Z, abs=1e-12) and found.error < 1e-14


def test_the_density_with_tails_of_a_t_is_that_of_scipy():
    q = Gaussian(NormalMixture(np.zeros(1), np.ones((1, 2)), SHAPE[None]), tails=5.0)
    y = q.sample(np.random.default_rng(0), 4000)
    by_scipy = stats.multivariate_t(np.ones(2), SHAPE @ SHAPE.T, df=5.0)
    np.testing.assert_allclose(q.log_density(y[:9]), by_scipy.logpdf(y[:9]), rtol=1e-12)
    u = stats.t.cdf(y[:, 0] - 1.0, 5.0)  # its first coordinate is a t
    assert stats.kstest(u, "uniform").pvalue > 1e-3


def test_two_heavy_components_are_a_mixture():
    two = NormalMixture(np.log([0.3, 0.7]), np.array([[0.0], [4.0]]), np.ones((2, 1, 1)))
    y = np.array([[0.3], [2.0], [5.0]])
    expected = 0.3 * stats.t.pdf(y[:, 0], 3.0) + 0.7 * stats.t.pdf(y[:, 0] - 4.0, 3.0)
    np.testing.assert_allclose(np.exp(Gaussian(two, 3.0).log_density(y)), expected, rtol=1e-12)


# -- planted mistakes: each as a user might make it, and what it costs ---------------------------


def test_weights_averaged_in_logs_are_too_low():
    log_w = 1.5 * np.random.default_rng(0).standard_normal(20_000)
    value, error = log_mean(log_w)
    assert abs(value - 1.125) < 4.0 * error  # log E e**(1.5 u) = 1.5**2 / 2
    assert log_w.mean() < value - 50.0 * error


def test_autocorrelation_is_in_the_error():
    """Of a chain of the first order with coefficient r, sd of the mean grows by
    sqrt((1 + r) / (1 - r))."""
    rng, r = np.random.default_rng(0), 0.9
    noise = np.sqrt(1 - r * r) * rng.standard_normal((4, 4000))
    x = np.zeros_like(noise)
    for t in range(1, 4000):
        x[:, t] = r * x[:, t - 1] + noise[:, t]
    _, ignored = log_mean(0.1 * x.ravel())
    _, stated = log_mean_of_chains(0.1 * x)
    assert stated / ignored == pytest.approx(np.sqrt((1 + r) / (1 - r)), rel=0.2)


def test_a_jacobian_left_out_shows():
    """The density of log tau is that of tau times tau."""
    model = problem("newcomb").model
    q = evidence(model, method="importance", rng=0)
    assert abs(q.off) < 5.0 * q.error
    fitted = laplace(model, rng=0)
    target = fitted.target

    def without(y):
        return target.log_density(y) - y[..., 1]

    wrong = estimate_by_importance(
        without, Gaussian(fitted.mixture), 4000,
        np.random.default_rng(0),
    )  # fmt: skip
    assert abs(wrong.value - q.truth.value) > 50.0 * wrong.error


def test_a_constant_dropped_shows():
    model = problem("coal").model
    found = evidence(model, method="bridge", draws=300, rng=0)
    constants = model._log_factorials
    assert not found.misses
    assert abs(found.value + constants - found.truth.value) > 5.0 * found.error


def run_seeds(estimate, seeds=24):
    """Whether so many runs of SMC are right on average, within their spread."""
    wide = STANDARD.widened(2.0)
    found = [
        estimate(log_density, wide, 300, 3, np.random.default_rng([6, s])) for s in range(seeds)
    ]
    off = np.array([e.value for e in found]) - LOG_Z
    return abs(off.mean()) < 4.0 * off.std() / np.sqrt(seeds)


def test_incoming_weights_ignored_show():
    """Where a step is not followed by resampling, its weights come in on top of the next ones."""
    kept = "grown = log_W + step * cloud.log_ratio"
    lost = "grown = -np.log(particles) + step * cloud.log_ratio"
    assert run_seeds(estimate_by_smc)
    assert not run_seeds(plant(smc, kept, lost)["estimate_by_smc"])
    assert run_seeds(plant(smc, "RESAMPLE = 0.6", "RESAMPLE = 0.0")["estimate_by_smc"])


def test_the_share_that_a_step_leaves_counts_incoming_weights():
    """(sum W w)**2 / sum W w**2 by hand."""
    W, w = np.log([0.7, 0.1, 0.1, 0.1]), np.log([1.0, 9.0, 9.0, 9.0])
    assert conditional_ess(W, w) == pytest.approx((0.7 + 2.7) ** 2 / (0.7 + 24.3))


def test_one_naming_is_not_taken_for_all():
    """ln 2! is missed by a q and by chains at one naming; Chib's mean is over both."""
    model = problem("tiny-mixture").model
    low = evidence(model, method="importance", rng=0, draws=2000)
    assert low.off == pytest.approx(-np.log(2.0), abs=0.15)
    assert low.misses and "2! = 2 namings" in low.verdict
    draws = gibbs(model, rng=0, draws=500)
    found = evidence(model, draws, method="chib", rng=0)
    assert abs(found.off) < 5.0 * found.error
    assert "ts mean is over all 2! = 2 namings" in found.verdict
    # every draw brought to one naming: as a chain that never swaps would have it
    order = np.argsort(draws["mu"], axis=-1)
    ranks = np.argsort(order, axis=-1)
    sorted_values = {n: np.take_along_axis(v, order, -1) if n != "z" else
                     np.take_along_axis(ranks, v.astype(int), -1)
                     for n, v in draws.values.items()}  # fmt: skip
    still = replace(draws, values=sorted_values)
    again = evidence(model, still, method="chib", rng=0)
    assert abs(again.off) < 5.0 * again.error
    alone = chib.average_over_namings
    one = Namings(model).alone
    values = dict(model.block_values(still.values))
    star = {n: v[0, 100] for n, v in values.items()}
    apart = log_mean_of_chains(alone(model, "mu", values, star, one))[0] - log_mean_of_chains(
        alone(model, "mu", values, star, Namings(model)))[0]  # fmt: skip
    assert apart == pytest.approx(np.log(2.0), abs=0.1)


def test_a_bridge_on_sorted_draws_says_that_it_keeps_to_one_naming():
    model = problem("tiny-mixture").model
    found = evidence(model, gaussian_vi(model, covariance="full", rng=0), rng=0, draws=2000)
    assert found.off < -0.3 and "namings of the components" in found.verdict


def test_the_bound_beside_annealed_importance_sampling_is_one():
    found = evidence("newcomb", method="ais", rng=0, draws=100)
    assert found.bound < found.value
    assert found.bound < found.truth.value


def test_q_narrower_than_the_posterior_is_told_what_its_khat_is_worth():
    narrow = fit_gaussian(draw(np.random.default_rng(0), 4, 500)).widened(0.5)
    found = estimate_by_importance(log_density, narrow, 4000, np.random.default_rng(0))
    (said,) = _describe_tail("importance", float(diagnostics.khat(found.log_weights)), 4000)
    assert "of 4,000 weights, is above 0.70" in said and "q is narrower" in said


def test_two_blocks_with_labels_summed_out_need_a_second_run():
    """Chib with weights and components of a mixture of two normals, against the enumeration."""
    model = MixtureModel([-2.1, -1.7, 1.9, 2.4, 2.2, -2.6], 1.0, 0.0, 3.0, concentration=[1.0, 1.0])
    draws = metropolis_hastings(model, rng=0, draws=1000)
    found = evidence(model, draws, method="chib", rng=0)
    assert abs(found.value - exact(model).log_evidence) < 5.0 * found.error
    assert found.error < 0.05


def test_the_prior_gives_the_evidence_of_a_coin():
    found = evidence("coin", method="prior", rng=0)
    assert abs(found.off) < 5.0 * found.error


# -- what importance sampling can rest on ---------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    mostly_slow(["newcomb", "coal", "cars", "tiny-mixture", "challenger"], kept=4),
)
def test_from_the_posterior_itself_nothing_is_left_to_chance(name):
    """Blocks summed out, Jacobians and constants included: every weight is p(x)."""
    truth = exact(name)
    found = evidence(name, truth, rng=0, draws=50)
    assert found.off == pytest.approx(0.0, abs=1e-9) and found.error < 1e-3
    assert not found.misses and "from exact" in found.route


@pytest.mark.parametrize("name", ["newcomb", "coal", "cars", "polynomial"])
def test_factors_and_draws_do_as_a_q(name):
    for basis in (cavi(name, rng=0), gibbs(name, rng=0, draws=500)):
        found = evidence(name, basis, rng=0, draws=2000)
        assert abs(found.off) < 5.0 * found.error < 0.1
        wide = evidence(name, basis, method="smc", rng=0, draws=100)
        assert abs(wide.off) < 5.0 * wide.error


def test_two_components_see_both_namings():
    found = evidence("tiny-mixture", gaussian_vi("tiny-mixture", components=2, rng=0), rng=0)
    assert abs(found.off) < 5.0 * found.error and not found.misses


def test_what_no_draw_has_seen_is_in_the_error():
    """A tenth of the target lies where q never goes: by hand log(1 + 1/9) at most is missing."""
    near = Gaussian(NormalMixture(np.zeros(1), np.zeros((1, 1)), np.ones((1, 1, 1))))
    both = NormalMixture(np.log([0.9, 0.1]), np.array([[0.0], [9.0]]), np.array([[[1.0]], [[0.5]]]))
    rng = np.random.default_rng(0)
    bold = estimate_by_importance(both.log_density, near, 4000, rng)
    assert bold.value == pytest.approx(np.log(0.9), abs=1e-3) and bold.error < 1e-3
    wide = Gaussian(both, tails=5.0)
    honest = estimate_by_importance(both.log_density, near, 4000, rng, wide)
    assert honest.error == pytest.approx(np.log(1.0 / 0.9) / np.sqrt(3.0), rel=0.2)


def test_a_bridge_weighs_both_sides_by_what_they_are_worth():
    """The root of Meng & Wong's equation (4.1), by scipy, from the same points."""
    draws = draw(np.random.default_rng(3), 4, 40)
    draws = np.repeat(draws, 5, axis=1)  # a fifth of them are worth anything
    found = estimate_by_bridge(log_density, draws, np.random.default_rng(4))
    first, y = draws[:, :100], draws[:, 100:]
    q = fit_gaussian(first)
    drawn = q.sample(np.random.default_rng(4), 400)
    n1, n2 = np.median(diagnostics.ess(y)), 400.0
    l1, l2 = (np.exp(log_density(at) - q.log_density(at)).ravel() for at in (y, drawn))

    def excess(r):
        upper = (l2 / (n1 * l2 + n2 * r)).mean()
        return upper / (1.0 / (n1 * l1 + n2 * r)).mean() - r

    assert found.value == pytest.approx(np.log(optimize.brentq(excess, 1e-4, 1.0)), abs=1e-8)


@pytest.mark.parametrize("method", ["importance", "bridge", "reciprocal", "smc", "ais"])
def test_log_densities_are_counted(method):
    asked = []

    def counted(y):
        asked.append(np.size(y) // 2)
        return log_density(y)

    found = run(method, np.random.default_rng(0), counted)
    assert found.evaluations == sum(asked)


TOO_NARROW = "path begins at is narrower than the posterior somewhere (k-hat"


def test_a_path_that_begins_too_narrow_says_so():
    """The funnel of two schools, which the Gaussian at its start does not cover."""
    schools = HierarchicalNormal([28.0, 8.0], [15.0, 10.0], 5.0, HalfCauchy(5.0))
    found = evidence(schools, method="smc", rng=1, draws=300)
    assert TOO_NARROW in found.verdict and found.khat is None
    assert not evidence("challenger", method="smc", rng=1, draws=300).notes


@pytest.mark.slow
def test_a_path_that_begins_too_narrow_may_miss():
    """Of eight schools what lies beyond the Gaussian is never found."""
    found = evidence("eight-schools", method="smc", rng=1, draws=300)
    assert found.misses and TOO_NARROW in found.verdict


def test_draws_that_are_all_alike_do_not_make_chibs_error_0():
    """Clusters so far apart that no label ever changes: one draw in so many may have."""
    apart = MixtureModel([-2.1, -1.9, 1.8, 2.2], 0.3, 0.0, 3.0, weights=[0.5, 0.5])
    found = evidence(apart, method="chib", rng=1, draws=200)
    assert 0.0 < found.error <= 1.0 / 800 and not found.misses


def test_what_an_error_of_the_truth_hides_is_said():
    found = replace(evidence("coin", rng=0), value=0.3, error=0.01)
    vars(found)["truth"] = Estimate(0.0, 0.2, "Monte Carlo")
    assert "= 30.0 of its own errors, where log p(x) itself is known to ± 0.2" in repr(found)
    assert found.misses is False


def test_the_error_of_three_weights():
    """Their sd, with divisor n - 1, over the root of n and their mean."""
    w = np.array([1.0, 2.0, 6.0])
    value, error = log_mean(np.log(w) - 800.0)
    assert value == pytest.approx(np.log(3.0) - 800.0, rel=1e-14)
    assert error == pytest.approx(stats.sem(w) / 3.0, rel=1e-12)


@pytest.mark.parametrize("blocks", ["even-odd", "joint"])
def test_the_prior_of_a_chain_of_hidden_states(blocks):
    """All latents are discrete, and depend on one another: none may be summed out by itself.

    Of a chain in one block no other value can be proposed, and the prior needs none.
    """
    found = evidence(problem("hmm", blocks=blocks), method="prior", rng=0)
    assert abs(found.off) < 5.0 * found.error and found.error > 1e-3


def test_particles_that_begin_at_the_posterior_have_no_error():
    """Every ratio is p(x), each particle its own ancestor: (3) is 1 - N/(N - 1) (1 - 1/N) = 0."""
    q = NormalMixture(np.zeros(1), np.zeros((1, 2)), np.eye(2)[None])

    def log_density(y):
        return stats.norm.logpdf(y).sum(-1) - 1.5

    found = estimate_by_smc(log_density, q, 50, 1, np.random.default_rng(0))
    assert found.value == pytest.approx(-1.5, abs=1e-12) and found.error < 1e-6
