"""The best Gaussian q of a decoder, against scipy's optimisers on integrals of its own, and against
itself with more restarts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize, stats

import vi_lab
from tests.thinning import mostly_slow
from tests.vae.test_decoder_model import linear
from tests.vae.test_evidence import make_up, oracle_log_joint
from vi_lab import DecoderModel
from vi_lab.vae.evidence import best_gaussians, polish
from vi_lab.vae.evidence.rows import Rows

NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
KINDS = [(a, k) for a in ("tanh", "relu") for k in ("bernoulli", "gaussian")]
IN_PLANE = [("relu", "gaussian")]  # the others in `make slow`
ON_LINE = [("tanh", "bernoulli"), *IN_PLANE]


def decoder(d, seed, activation, likelihood, n=1):
    fit, x = make_up(d, seed, likelihood=likelihood, activation=activation, hidden=(5,))
    return fit, x[:n]


def elbo_on_the_line(fit, x):
    """The ELBO of (mean, log sd) by Gauss's rule between the kinks, and log p(x) likewise."""
    w, b = fit.params["decoder.0.weight"][:, 0], fit.params["decoder.0.bias"]

    def integral(function, low, high):
        kinks = -b / w
        edges = np.concatenate([np.linspace(low, high, 25), kinks[(kinks > low) & (kinks < high)]])
        half = np.diff(np.sort(edges))[:, None] / 2
        z = np.sort(edges)[:-1, None] + half * (1 + NODES)
        return (half * WEIGHTS * function(z.ravel()).reshape(z.shape)).sum()

    def elbo(q):
        mean, sd = q[0], np.exp(q[1])

        def integrand(z):
            log_q = stats.norm.logpdf(z, mean, sd)
            return np.exp(log_q) * (oracle_log_joint(fit, x, z[:, None]) - log_q)

        return integral(integrand, mean - 9 * sd, mean + 9 * sd)

    evidence = integral(lambda z: np.exp(oracle_log_joint(fit, x, z[:, None])), -10.0, 10.0)
    return elbo, np.log(evidence)


@pytest.mark.parametrize(("activation", "likelihood"), mostly_slow(KINDS, ON_LINE, rows=True))
@pytest.mark.parametrize("seed", mostly_slow(range(3)))
def test_on_the_line_no_gaussian_is_better(activation, likelihood, seed):
    fit, x = decoder(1, seed, activation, likelihood)
    elbo, log_evidence = elbo_on_the_line(fit, x[0])
    starts = np.random.default_rng(seed).normal(0, 1.5, 4)
    ends = [
        optimize.minimize(lambda q: -elbo(q), [m, -1.0], method="BFGS", options={"gtol": 1e-8})
        for m in starts
    ]
    best = max(-end.fun for end in ends)
    q = vi_lab.gaussian_q(DecoderModel(fit, x), rng=0, restarts=4)
    mine = elbo([q.location[0, 0], np.log(q.root[0, 0, 0])])
    assert mine >= best - 1e-8
    assert abs(q.elbo - mine) <= q.elbo_rows.error[0] <= 2e-7
    gaps = fit.gaps(x)
    assert gaps.error[0] < 1e-7 and gaps.approximation[0] <= log_evidence - best + 0.2
    same = abs(gaps.approximation[0] - (log_evidence - best)) < 1e-3
    assert not same or abs(gaps.approximation[0] - (log_evidence - best)) <= gaps.error[0] + 1e-8


def elbo_in_the_plane(fit, x, mean, root, half=8.0, cells=300):
    """The ELBO of N(mean + root m, root A A' root'), (m, log A_00, log A_11[, A_10]), on a grid
    turned against the axes, so that no kink runs along it; and how far off one step of Newton is.
    """
    u = -half + 2 * half * (np.arange(cells) + 0.5) / cells
    u = np.stack(np.meshgrid(u, u, indexing="ij"), -1).reshape(-1, 2)
    u = u @ np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]]).T
    log_joint = oracle_log_joint(fit, x, mean + u @ root.T)

    def elbo(q):
        A = np.array([[np.exp(q[2]), 0.0], [q[4] if len(q) > 4 else 0.0, np.exp(q[3])]])
        v = np.linalg.solve(A, (u - q[:2]).T)
        weights = np.exp(-0.5 * (v**2).sum(0))
        entropy = 1.0 + np.log(2 * np.pi) + np.log(np.linalg.det(root @ A))
        return weights @ log_joint / weights.sum() + entropy

    return elbo


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 22))
def test_on_the_line_of_any_relu_no_gaussian_is_better(seed):
    """Of random widths and steepness: polished again by scipy from where it ended, and from other
    starts; and more restarts are never worse."""
    rng = np.random.default_rng(seed)
    kind = {"likelihood": ("bernoulli", "gaussian")[seed % 2], "hidden": (int(rng.integers(3, 9)),)}
    steep = rng.uniform(1, 5 if seed % 2 else 2)  # the oracle's probabilities round to 1 soon
    fit, x = make_up(1, seed, scale=steep, activation="relu", **kind)
    elbo, _ = elbo_on_the_line(fit, x[0])
    model = DecoderModel(fit, x[:1])
    few, more, most = (vi_lab.gaussian_q(model, rng=0, restarts=r) for r in (1, 3, 8))
    assert few.elbo <= more.elbo + 1e-12 and more.elbo <= most.elbo + 1e-12
    mine = [most.location[0, 0], np.log(most.root[0, 0, 0])]
    ends = [
        optimize.minimize(lambda q: -elbo(q), start, method="BFGS", options={"gtol": 1e-8})
        for start in (mine, *([m, -1.0] for m in rng.normal(0, 1.0, 5)))
    ]
    # a search that leaves the doubles, by an sd of e^10 or e^-10, has found nothing
    best = max(-end.fun for end in ends if np.abs(end.x).max() < 10)
    assert elbo(mine) >= best - 1e-8
    assert abs(most.elbo - elbo(mine)) <= most.elbo_rows.error[0] <= 2e-7


@pytest.mark.parametrize(("activation", "likelihood"), mostly_slow(KINDS, IN_PLANE, rows=True))
@pytest.mark.parametrize("covariance", mostly_slow(["full-rank", "mean-field"]))
def test_in_the_plane_nothing_is_left_to_climb(activation, likelihood, covariance):
    """Newton's step by finite differences promises less than 1e-8 nats."""
    fit, x = decoder(2, 1, activation, likelihood)
    q = vi_lab.gaussian_q(DecoderModel(fit, x), covariance=covariance, rng=0)
    elbo = elbo_in_the_plane(fit, x[0], q.location[0], q.root[0])
    here, moves = np.zeros(5 if covariance == "full-rank" else 4), 1e-3
    assert_allclose(elbo(here), q.elbo, rtol=0, atol=1e-7 if activation == "tanh" else 1e-4)
    axes = moves * np.eye(len(here))
    gradient = np.array([elbo(a) - elbo(-a) for a in axes]) / (2 * moves)
    hessian = np.array(
        [[elbo(a + b) - elbo(a - b) - elbo(b - a) + elbo(-a - b) for a in axes] for b in axes]
    ) / (4 * moves**2)
    assert (np.linalg.eigvalsh(hessian) < 0).all()
    assert -0.5 * gradient @ np.linalg.solve(hessian, gradient) < 1e-8


@pytest.mark.parametrize(("activation", "likelihood"), mostly_slow(KINDS, ON_LINE, rows=True))
@pytest.mark.parametrize("d", mostly_slow([1, 2]))
def test_more_restarts_are_never_worse(activation, likelihood, d):
    fit, x = decoder(d, 6 - 2 * d, activation, likelihood, n=3 if d == 1 else 1)
    model = DecoderModel(fit, x)
    few, *more = (
        vi_lab.gaussian_q(model, rng=5, restarts=r).elbo_rows.value
        for r in ((1, 3, 12) if d == 1 else (1, 2))
    )
    for many in more:
        assert (many >= few - 1e-9).all()
        few = many


def test_the_derivatives_are_those_of_the_expectation():
    """Against a quadratic, whose expectations are known: E[g] = a + b.mu + (mu' C mu + tr A' C A)/2
    has the gradient b + C mu in mu and C A in A."""
    rng = np.random.default_rng(0)
    b, C = rng.standard_normal(2), rng.standard_normal((2, 2))
    C = C + C.T
    shape = polish._shape(2, True)
    points, weights = np.polynomial.hermite_e.hermegauss(12)
    u = np.stack(np.meshgrid(points, points, indexing="ij"), -1).reshape(-1, 2)
    w = np.outer(weights, weights).ravel() / (2 * np.pi)
    g = u @ b + 0.5 * ((u @ C) * u).sum(-1)
    moments = (w * g) @ (u[:, None] ** shape.powers).prod(-1)
    slopes = [b[i] if j < 0 else C[i, j] for i, j in shape.entries]
    assert_allclose(shape.gradient @ moments, slopes, atol=1e-10)
    expected = np.array([[C[i, k] * (j == m) for k, m in shape.entries] for i, j in shape.entries])
    assert_allclose(shape.hessian @ moments, expected, atol=1e-9)


@pytest.mark.slow
def test_a_step_with_a_wrong_derivative_falls_short(monkeypatch):
    """Half of the product rule left out: the end lies below the posterior of PPCA."""
    model, _, _ = linear(n=1)
    assert_allclose(vi_lab.exact(model).log_evidence, vi_lab.gaussian_q(model).elbo, atol=1e-8)
    monkeypatch.setattr(
        polish,
        "_by_parts",
        lambda p, i: {tuple(a + (k == i) for k, a in enumerate(q)): c for q, c in p.items()},
    )
    polish._shape.cache_clear()
    try:
        assert vi_lab.exact(model).log_evidence - vi_lab.gaussian_q(model).elbo > 1e-3
    finally:
        monkeypatch.undo()
        polish._shape.cache_clear()


def test_two_rough_ends_are_one_within_a_hundredth_of_an_sd_each():
    """Means in the other's sds, sds in parts of themselves; rows are (mean, log variance)."""
    one = np.array([[0.0, 5.0, np.log(100.0), np.log(0.01)]])
    for change, same in {
        (0.099, 0, 0, 0): True, (0.101, 0, 0, 0): False, (0, 9.9e-4, 0, 0): True,
        (0, 1.01e-3, 0, 0): False, (0, 0, 0.0199, 0): True, (0, 0, 0, -0.0201): False,
    }.items():  # fmt: skip
        assert best_gaussians._same(one + np.array(change), one, 2).tolist() == [same], change


def test_the_evaluations_of_a_rough_climb_are_those_of_its_parts(monkeypatch):
    fit, x = decoder(1, 0, "tanh", "bernoulli", n=3)
    data = Rows(fit.vae.network, fit.params, x)
    monkeypatch.setattr(best_gaussians, "find_doubtful_rows", lambda *_: np.array([1]))
    monkeypatch.setattr(best_gaussians, "climb", lambda part, q, *_: (q + 1.0, 10 ** len(q)))
    end, evaluations = best_gaussians.climb_roughly(data, np.zeros((3, 2)))
    assert evaluations == 100 + 10 and (end == 1.0).all()


@pytest.mark.parametrize("log_variance", [30.0, 1000.0, 1e308])
def test_a_climb_from_variances_that_are_infinite_ends_where_others_do(log_variance):
    """An encoder may give them: NumPy's own error of eigenvalues came of it."""
    fit, x = decoder(2, 0, "tanh", "bernoulli", n=2)
    data = Rows(fit.vae.network, fit.params, x)
    starts = np.zeros((2, 4)), np.array([[0.0, 0.0, log_variance, 0.0]] * 2)
    (plain, _), (found, _) = (best_gaussians.best_gaussians(data, [start]) for start in starts)
    assert_allclose(found, plain, atol=1e-5)
