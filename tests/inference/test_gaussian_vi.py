"""Laplace and Gaussian variational inference: the figures they reach, the ledger, what they refuse.

The ledger is the oracle: it holds log p(x) of the exact posterior, an ELBO from the log joint and a
KL from the normalised posterior against each other.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

import vi_lab
from tests.contract.family_checks import differentiated
from tests.thinning import mostly_slow
from vi_lab import (
    GaussianPosterior,
    InputError,
    NotApplicable,
    NumericalError,
    exact,
    gaussian_vi,
    kl,
    laplace,
    ledger,
    load,
)
from vi_lab.inference.engine.ascent import Mode, measure_curvature
from vi_lab.inference.engine.gaussian_posterior import GROWING, RULES
from vi_lab.inference.engine.target import choose_target
from vi_lab.inference.gaussian_vi import elbo_and_gradient, match_scores
from vi_lab.numerics.gaussian_nodes import hermite_nodes, sobol_nodes
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.numerics.rounding import rounding

# log p(x) by Laplace less the truth; then nats below it: of Laplace, diagonal, full, score
FIGURES = {
    "newcomb": (-0.0130, 0.0236, 0.0095, 0.0095, 0.0095),
    "coal": (-0.0032, 0.0050, 0.0039, 0.0021, 0.0024),
    "clutter": (-0.0272, 0.0064, 0.0024, 0.0024, 0.0025),
    "challenger": (-0.0828, 0.1372, 0.1007, 0.0423, 0.0457),
}
FITS = (
    lambda p: laplace(p, rng=1),
    lambda p: gaussian_vi(p, rng=1),
    lambda p: gaussian_vi(p, covariance="full", rng=1),
    lambda p: gaussian_vi(p, covariance="full", objective="score", rng=1),
)


@pytest.mark.parametrize("name", mostly_slow(FIGURES, kept=3))
def test_the_figures_of_four_problems(name):
    problem, (estimate, *gaps) = vi_lab.problem(name), FIGURES[name]
    truth = exact(problem).log_evidence
    for k, (fit, gap) in enumerate(zip(FITS, gaps, strict=True)):
        q = fit(problem)
        assert q.elbo_error < 1e-6
        assert abs(truth - q.elbo - gap) < (5e-3 if k == 3 else 1e-3), k
        book = ledger(problem, q)
        assert book.holds is True, book
        assert_allclose(kl(q, problem), book.kl, rtol=1e-9)
        if k == 0:
            assert abs(q.log_evidence_estimate - truth - estimate) < 1e-3
        else:
            assert q.log_evidence_estimate is None
            assert q.elbo_trace[-1] >= q.elbo_trace[0]


def test_a_second_component_takes_the_gap_that_one_leaves():
    problem = vi_lab.problem("coal")
    q = gaussian_vi(problem, covariance="full", components=2, rng=1)
    assert exact(problem).log_evidence - q.elbo < 4e-4 and ledger(problem, q).holds is True


SCHOOLS = [
    ("noncentred", "full", 0.224),
    ("centred", "diagonal", 2.093),
    ("centred", "full", 1.281),
]


@pytest.mark.parametrize(("coordinates", "covariance", "gap"), mostly_slow(SCHOOLS, rows=True))
def test_the_parameterisation_is_worth_more_than_the_covariance(coordinates, covariance, gap):
    problem = vi_lab.problem("eight-schools")
    truth = exact(problem).log_evidence
    q = gaussian_vi(problem, covariance=covariance, parameterisation=coordinates, rng=1)
    assert abs(truth - q.elbo - gap) < 1e-3 + 4 * q.elbo_error
    assert coordinates == "centred" or ledger(problem, q).holds is True


def test_a_gaussian_posterior_is_found_to_the_last_digits():
    """Of a normal posterior every one of them is the truth: gap 0, sds those of the truth."""
    model = vi_lab.problem("correlated").model
    truth = exact(model)
    for fit in (FITS[0], FITS[2], FITS[3]):
        q = fit(model)
        assert abs(truth.log_evidence - q.elbo) < 1e-8
        for name in q.names:
            assert_allclose(q.mean(name), truth.mean(name), atol=1e-5)
            assert_allclose(q.sd(name), truth.sd(name), rtol=1e-5)
    assert_allclose(laplace(model, rng=1).log_evidence_estimate, truth.log_evidence, atol=1e-8)


def test_the_mean_field_gaussian_takes_the_precisions():
    """The nearest diagonal normal to N(m, V) has the variances 1/(V^-1)_ii (Bishop 10.15)."""
    model = vi_lab.problem("correlated").model
    target = choose_target(model)
    q = gaussian_vi(model, rng=1)
    precision, _ = measure_curvature(target, q.mixture.means[0])
    assert_allclose(np.diagonal(q.mixture.roots[0]) ** -2.0, np.diagonal(precision), rtol=1e-5)


def some_mixture(dimension):
    rng = np.random.default_rng(5)
    roots = 0.2 * np.tril(rng.standard_normal((2, dimension, dimension)), -1)
    roots += np.apply_along_axis(np.diag, 1, 0.3 + 0.2 * rng.random((2, dimension)))
    return NormalMixture(np.log([0.3, 0.7]), rng.standard_normal((2, dimension)), roots)


def test_the_gradient_of_the_bound_by_differences():
    target, q = choose_target(vi_lab.problem("coal").model), some_mixture(2)
    nodes = hermite_nodes(2, 6)
    lower = np.tril_indices(2)

    def packed(x):
        logits, means, entries = x[:2], x[2:6].reshape(2, 2), x[6:].reshape(2, 3)
        roots = np.zeros((2, 2, 2))
        roots[:, *lower] = entries
        w = logits - np.logaddexp.reduce(logits)
        return NormalMixture(w, means, roots)

    def bound(x):
        flat = x.reshape(-1, x.shape[-1])
        values = [elbo_and_gradient(packed(row), target, nodes.points[0], nodes.weights)[0]
                  for row in flat]  # fmt: skip
        return np.reshape(values, x.shape[:-1])

    x = np.concatenate([q.log_weights, q.means.ravel(), q.roots[:, *lower].ravel()])
    _, slope = elbo_and_gradient(packed(x), target, nodes.points[0], nodes.weights)
    found = np.concatenate([slope.log_weights, slope.means.ravel(), slope.roots[:, *lower].ravel()])
    expected = differentiated(bound, x)
    assert_allclose(found, expected, atol=1e-7 * np.abs(expected).max())


def test_scores_that_match_stay_and_one_step_solves_its_equation():
    rng = np.random.default_rng(6)
    A = rng.standard_normal((3, 3))
    cov, mean = A @ A.T + np.eye(3), rng.standard_normal(3)
    nodes = sobol_nodes(3, 64, 1, rng)
    y = mean + nodes.points[0] @ np.linalg.cholesky(cov).T
    slope = rng.standard_normal((len(y), 3)) - y
    w, rate = nodes.weights, 2.5
    new_mean, S = match_scores(mean, cov, y, slope, w, rate)
    a, g, s = y.mean(0), slope.mean(0), rate / (1 + rate)
    U = rate * np.cov(slope.T, bias=True) + s * np.outer(g, g)
    V = cov + rate * np.cov(y.T, bias=True) + s * np.outer(mean - a, mean - a)
    assert_allclose(S @ U @ S + S, V, rtol=1e-10, atol=1e-10 * np.abs(V).max())
    assert_allclose(new_mean, mean / (1 + rate) + s * (S @ g + a), rtol=1e-12)


def test_densities_and_moments_of_a_mixture_are_scipys():
    q = some_mixture(3)
    y = np.random.default_rng(7).standard_normal((4, 3))
    parts = [w * stats.multivariate_normal.pdf(y, m, L @ L.T)
             for w, m, L in zip(np.exp(q.log_weights), q.means, q.roots, strict=True)]  # fmt: skip
    assert_allclose(q.log_density(y), np.log(sum(parts)), rtol=1e-12)
    draws = q.sample(np.random.default_rng(8), 40000)
    assert_allclose(draws.mean(0), np.exp(q.log_weights) @ q.means, atol=0.03)
    for nodes in (hermite_nodes(2, 5), sobol_nodes(4, 256, 2, np.random.default_rng(9))):
        second = np.einsum("rni,rnj,n->rij", nodes.points, nodes.points, nodes.weights)
        assert_allclose(second, np.broadcast_to(np.eye(second.shape[-1]), second.shape), atol=0.05)


def test_what_is_summed_out_comes_back():
    problem = vi_lab.problem("clutter")
    truth, q = exact(problem), gaussian_vi(problem, rng=1)
    assert_allclose(q.mean("z"), truth.mean("z"), atol=2e-3)
    draws = q.sample(4000, rng=2)
    assert_allclose(draws["z"].mean(0), q.mean("z")[:, 1], atol=0.04)
    ratio = q.log_density(draws) - truth.log_density(draws)
    assert abs(ratio.mean() - kl(q, problem)) < 5 * ratio.std() / np.sqrt(4000)
    with pytest.raises(InputError, match="labels"):
        q.sd("z")


def test_one_value_stands_beside_many():
    """One tau and many mu: as each pair by itself."""
    q = vi_lab.laplace("newcomb")
    several = q.log_density({"mu": [24.0, 26.0, 29.0], "tau": 0.01})
    each = [q.log_density({"mu": mu, "tau": 0.01}) for mu in (24.0, 26.0, 29.0)]
    assert_allclose(several, each, rtol=1e-13)
    with pytest.raises(vi_lab.InputError, match="batch shapes do not match"):
        q.log_density({"mu": [0.0, 1.0, 2.0], "tau": [1.0, 2.0]})


def test_it_is_saved_loaded_and_audited(tmp_path):
    problem = vi_lab.problem("challenger")
    q = gaussian_vi(problem, covariance="full", rng=1)
    q.save(tmp_path / "q")
    again = load(tmp_path / "q", problem)
    assert isinstance(again, GaussianPosterior) and again.elbo == q.elbo
    assert_allclose(again.mixture.roots, q.mixture.roots, rtol=0)
    assert vi_lab.audit(problem, q.elbo, q).is_bound
    assert vi_lab.elbo(problem, q) == q.elbo
    with pytest.raises(vi_lab.ResultFileError):
        load(tmp_path / "q", vi_lab.problem("coal"))


@pytest.mark.parametrize("name", ["ising", "iris"])
def test_where_no_gaussian_is_fitted_a_sentence_says_so(name):
    for fit in FITS:
        with pytest.raises(NotApplicable, match="does not apply, because"):
            fit(vi_lab.problem(name))


def test_bad_input_has_one_clear_error_each():
    for words in ({"covariance": "ful"}, {"objective": "elbo"}, {"components": 0},
                  {"restarts": 0}, {"parameterisation": "other"},
                  {"objective": "score", "components": 2}):  # fmt: skip
        with pytest.raises(InputError):
            gaussian_vi("coal", **words)


class Nowhere:
    dimension = 2

    def log_density(self, z):
        return np.full(z.shape[:-1], -np.inf)

    def sample_latents(self, rng, batch=()):
        return {"z": rng.standard_normal((*batch, 2))}


class Flat(Nowhere):
    """No curvature across: a singular Hessian."""

    def log_density(self, z):
        return -0.5 * z[..., 0] ** 2


def test_a_density_of_nothing_and_one_that_is_flat():
    with pytest.raises(NumericalError, match="not finite around any start"):
        gaussian_vi(Nowhere())
    for model in (Nowhere(), Flat()):
        with pytest.raises(NumericalError, match="there is no mode"):
            laplace(model, rng=1)


MISTAKES = {
    "L for its covariance": lambda q: q._replace(roots=q.roots @ np.swapaxes(q.roots, 1, 2)),
    "precision for covariance": lambda q: q._replace(
        roots=np.linalg.cholesky(np.linalg.inv(q.roots @ np.swapaxes(q.roots, 1, 2)))
    ),
    "a mean that is off": lambda q: q._replace(means=q.means + 0.3),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_another_gaussian_has_a_lower_bound(mistake):
    q = gaussian_vi("coal", covariance="full", rng=1)
    worse = GaussianPosterior(q.model, mistake(q.mixture), q.method)
    assert worse.elbo < q.elbo - 1e-3
    assert ledger("coal", worse).holds is not False  # it is a bound all the same


def test_a_forgotten_jacobian_breaks_the_ledger(monkeypatch):
    q = gaussian_vi("coal", rng=1)
    honest = type(q.target).log_measure
    monkeypatch.setattr(type(q.target), "log_measure", lambda self, y, values: 0.0 * honest(
        self, y, values))  # fmt: skip
    assert ledger("coal", q).holds is False


def test_points_are_added_until_an_average_is_settled():
    """Of each scramble and their mirrors: the fewest for a constant, all for what never settles."""
    q = laplace("polynomial")
    asked = []

    def counted(scale):
        def function(y):
            asked.append(y[..., 0].size)
            return 3.0 + scale * np.sin(1e4 * y[..., 0])

        return function

    for scale, count, error in ((0.0, GROWING[0], 0.0), (99.0, GROWING[-1], 99.0)):
        asked.clear()
        found = q._average_for_kl(counted(scale))
        assert sum(asked) == RULES * 2 * count
        assert found.value == pytest.approx(3.0, abs=0.1 * scale + 1e-12)
        assert found.error < 1e-12 + error / np.sqrt(RULES * count)


def by_hand(size):
    """A Gaussian of so many coordinates whose model is asked nothing, and their mean and root."""
    mean, root = np.linspace(-0.4, 0.6, size), 0.3 * np.tri(size)
    mixture = NormalMixture(np.zeros(1), mean[None], root[None])
    return GaussianPosterior(vi_lab.problem("coin").model, mixture, "by hand"), mean, root


def test_an_average_by_two_rules_states_how_far_they_lie_apart():
    q, mean, root = by_hand(1)
    found = q._averages_over(lambda y: np.abs(y[..., 0]))
    rules = []
    for count in (80, 48):
        x, w = np.polynomial.hermite_e.hermegauss(count)
        rules.append(w @ np.abs(mean[0] + root[0, 0] * x) / w.sum())
    (estimate,) = found
    assert estimate.value == pytest.approx(rules[0], rel=1e-12)
    apart = abs(rules[0] - rules[1])
    assert estimate.error == pytest.approx(apart + rounding(rules[0]), rel=1e-9)


@pytest.mark.parametrize("width", [3.0, 9.0])
def test_bound_and_kl_have_nodes_of_their_own_and_state_what_they_miss(width):
    """Of an average of log(1 + exp(y)), whose poles are near where q is wide, by scipy's rule: on
    the same nodes both were off alike, by half again of what they stated."""
    root = np.full((1, 1, 1), width)
    q = GaussianPosterior(
        vi_lab.problem("coin").model, NormalMixture(np.zeros(1), np.array([[0.2]]), root), "by hand"
    )

    def height(y):
        return -np.logaddexp(0.0, y[..., 0])

    def weighed(x):
        return height(np.array([x])) * stats.norm.pdf(x, 0.2, width)

    right = sum(integrate.quad(weighed, a, a + 2.0, epsabs=1e-14)[0] for a in range(-100, 100, 2))
    bound, kl = q._averages_over(height)[-1], q._average_for_kl(height)
    assert bound.value != kl.value
    for found in (bound, kl):
        assert abs(found.value - right) <= found.error <= 1e-2
    assert kl.error < 1e-4


def test_an_average_by_scrambles_states_their_spread():
    """Each of more nodes than the one before, to the first whose standard error is small."""
    q, mean, root = by_hand(3)
    slope = np.array([1.5, -1.0, 2.0])
    found = q._averages_over(lambda y: np.exp(np.abs(y @ slope)))
    assert len(found) == len(GROWING)  # with this kink none is small
    for estimate, count in zip(found, GROWING, strict=True):
        y = mean + q.more_nodes.points[:, : 2 * count] @ root.T
        each = np.exp(np.abs(y @ slope)).mean(1)
        assert estimate.value == pytest.approx(each.mean(), rel=1e-12)
        spread = each.std(ddof=1) / np.sqrt(RULES)
        assert estimate.error == pytest.approx(spread + rounding(each.mean()), rel=1e-9)
    assert len(q._averages_over(lambda y: y[..., 0])) == 1  # odd: the mirrors cancel


@pytest.mark.parametrize("size", [1, 3])
def test_an_average_of_what_is_impossible_is_known(size):
    """By either kind of nodes: minus infinity, of one look and without an error."""
    q, _, _ = by_hand(size)
    (found,) = q._averages_over(lambda y: np.where(y[..., 0] > 0.0, -np.inf, 1.0))
    assert (found.value, found.error) == (-np.inf, 0.0)


@pytest.mark.parametrize("at", [-1.0, 0.0, 1.0, 1e3])
def test_a_curvature_is_measured_wherever_the_mode_is(at):
    """Of a normal it is the precision, in any unit."""
    precision = np.array([[4.0, 1.0], [1.0, 0.5]])
    mode = np.array([at, -at])
    target = SimpleNamespace(gradient=lambda y: -(y - mode) @ precision)
    found, step = measure_curvature(target, mode)
    assert_allclose(found, precision, rtol=1e-6)
    assert (step > 0).all()


def test_a_mode_found_in_units_is_where_it_is_in_the_targets_own():
    """y = origin + scale u of a normal about 3 and -8, its height with log|det| taken off."""
    units = SimpleNamespace(origin=np.array([1.0, 2.0]), scale=np.array([0.5, 10.0]), log_det=2.0)
    there = Mode(np.array([4.0, -1.0]), 7.0, np.diag([1.0, 100.0])).leave_units(units)
    assert_allclose(there.y, [3.0, -8.0])
    assert_allclose(there.precision, np.diag([4.0, 1.0]))
    assert there.log_density == 5.0
