"""The truth is drawn as truth: every curve by an independent route, within 1e-3 of its peak."""

from functools import cache
from itertools import product

import numpy as np
import pytest
from scipy import integrate, special, stats
from scipy.special import gammaln

from tests.thinning import mostly_slow
from vi_lab import (
    Clutter,
    GaussianMixture,
    HierarchicalNormal,
    Ising,
    LatentDirichletAllocation,
    NormalGamma,
    NormalMixture,
    cavi,
    exact,
    list_problems,
    plots,
    problem,
)
from vi_lab.models.posteriors.enumerated_lattice import EnumeratedLattice
from vi_lab.models.posteriors.lattice import Checkerboard
from vi_lab.models.posteriors.lattice_rows import LatticePosterior
from vi_lab.models.priors import InverseGamma
from vi_lab.plots.axes_points import spread
from vi_lab.plots.smoothing import smooth
from vi_lab.results import Exact
from vi_lab.results.coordinates import write_coordinates

DRAWS, NUMBERS = 40_000, 1_000_000  # of a fresh sample: draws, and numbers in all
PEAK = 1e-3  # of which a curve may be off
FEW = np.array([[1.2, 0.3], [0.4, -0.8], [-1.5, 0.2], [-0.9, 1.1], [0.2, 0.1]])
MODELS = {name: problem(name).model for name in list_problems()}
MODELS |= {
    "three components": NormalMixture(
        [-2, -1.5, 0.1, 0.3, 2, 2.4], sigma=0.7, m0=0, s0=2, concentration=(1, 2, 1.5)
    ),
    "two in the plane": GaussianMixture(
        FEW, 2, concentration=1.0, m0=(0, 0), beta0=0.5, nu0=6, w0_inv=np.eye(2)
    ),
    "clutter in the plane": Clutter(FEW, w=0.5, prior_var=4),
    "topics": LatentDirichletAllocation([[2, 1, 0], [0, 1, 2]], 2, alpha=1.5, eta=1.2),
    "groups": HierarchicalNormal(
        [1.0, 3.0, -2.0], [1.0, 1.5, 0.8], mu_sd=3.0, tau_prior=InverseGamma(2.0, 3.0)
    ),
    "torus": Ising(0.3, np.linspace(-0.2, 0.3, 16).reshape(4, 4), periodic=True),
    "long torus": Ising(-0.25, np.full((6, 4), 0.1), periodic=True),
    "joint": problem("cars", blocks="joint").model,
}
NAMES = [name for name, model in MODELS.items() if model.no_exact_because is None]
# another truth of a kind that is here too
VARIANTS = ("three components", "denoise", "challenger", "beetles", "darwin", "trees", "kidiq",
            "joint", "penguins", "long torus", "clutter in the plane", "asia",
            "digits", "probit", "poisson")  # fmt: skip
every_truth = pytest.mark.parametrize(
    "name", mostly_slow(NAMES, [name for name in NAMES if name not in VARIANTS])
)


class Computed(dict):
    """By name, made when first asked for: every process that collects tests reads this file."""

    def __init__(self, make):
        self.make = make

    def __missing__(self, name):
        self[name] = self.make(name)
        return self[name]


TRUTHS = Computed(lambda name: exact(MODELS[name]))
VIEWS = Computed(lambda name: plots.View(TRUTHS[name]))
# what only draws tell, and is called draws: functions of all parameters of a mixture, words of all
# topics, off-diagonal precisions, the mean of more spins than are counted
OFF_DIAGONAL = tuple(f"precisions[{k},{i},{1 - i}]" for k in range(2) for i in range(2))
DRAWS_ALONE = ("density", "expected_words", *OFF_DIAGONAL)


def pictured(name):
    """Coordinates of every kind; of long vectors the first and the last."""
    view = VIEWS[name]
    found = list(view.coordinates)
    for latent, values in view.values.items():
        some = write_coordinates(latent, values.shape[1:])
        found += some if len(some) <= 8 else [some[0], some[-1]]
    return list(dict.fromkeys(found))


def is_known(name, text):
    return not text.startswith(DRAWS_ALONE) and (name, text) != ("denoise", "magnetisation")


KNOWN = Computed(lambda name: [text for text in pictured(name) if is_known(name, text)])
REAL = Computed(lambda name: [text for text in KNOWN[name] if not VIEWS[name].is_whole(text)])


COSTLY = ("digits", "challenger", "bioassay", "beetles", "tiny-mixture")


def points_of(name):
    """Of an integral; fewer where each costs an integral of its own."""
    return 601 if name in COSTLY else 6001


KEPT = {}  # fresh draws of one truth at a time


def fresh_draws(name, text):
    """Draws that the view has not seen, of one coordinate."""
    truth, (latent, index) = TRUTHS[name], VIEWS[name].locate(text)
    if name not in KEPT:
        size = sum(np.size(v) for v in truth.sample(1, rng=0).values())
        drawn = truth.sample(min(DRAWS, NUMBERS // size), rng=7)
        KEPT.clear()
        KEPT[name] = {**drawn, **MODELS[name].summaries(drawn)}
    return np.asarray(KEPT[name][latent])[:, *index]


@every_truth
def test_only_what_has_no_closed_form_is_smoothed_draws(name):
    assert KNOWN[name]
    for text in pictured(name):
        assert VIEWS[name].is_smoothed(text) is not is_known(name, text), text


@every_truth
def test_every_curve_has_the_probabilities_of_exact_draws(name):
    """Integral, and the distribution at ten points or values: within 4.5 standard errors."""
    truth, view = TRUTHS[name], VIEWS[name]
    for text in KNOWN[name]:
        if text == "tau2":
            continue
        draws = fresh_draws(name, text)
        if view.is_whole(text) or text == "magnetisation":
            values = np.unique(draws)
            step = np.diff(values).min() if text == "magnetisation" else 1.0
            found = truth.marginal_density(text, values) * step
            share = (draws[:, None] == values).mean(0)
            assert found.sum() == pytest.approx(1, abs=1e-3), text
        else:
            ends = np.array([draws.min(), draws.max()])
            x = np.linspace(*ends + np.ptp(ends) * np.array([-0.05, 0.05]), points_of(name))
            x = x[x >= 0] if ends[0] >= 0 else x
            density = truth.marginal_density(text, x)
            assert np.trapezoid(density, x) == pytest.approx(1, abs=1e-3), text
            below = integrate.cumulative_trapezoid(density, x, initial=0)
            share = np.linspace(0.05, 0.95, 10)
            found = np.interp(np.quantile(draws, share), x, below)
        error = np.sqrt(share * (1 - share) / len(draws))
        assert (np.abs(found - share) < 4.5 * error + 2e-5).all(), text


@every_truth
def test_every_curve_has_the_exact_moments(name):
    """Where mean and sd are known by another route: both to 1e-3 sd."""
    truth, view = TRUTHS[name], VIEWS[name]
    for text in REAL[name]:
        latent, index = view.locate(text)
        if latent not in truth.posterior.mean:
            assert latent in ("magnetisation", "sorted_mu", "sorted_means")
            continue
        mean, sd = np.asarray(truth.mean(latent))[index], np.asarray(truth.sd(latent))[index]
        assert view.moments(text) == pytest.approx((mean, sd), rel=1e-12)
        if not np.isfinite(sd) or latent == "tau2":
            continue  # too long a tail for an integral over a grid
        low, high = mean - 30 * sd, mean + 30 * sd
        positive = (view.draws(text) >= 0).all()
        x = np.linspace(max(low, 0.0) if positive else low, high, points_of(name))
        density = truth.marginal_density(text, x)
        density[~np.isfinite(density)] = 0.0
        assert np.trapezoid(x * density, x) == pytest.approx(mean, abs=1e-3 * sd), text
        spread_found = np.sqrt(np.trapezoid((x - mean) ** 2 * density, x))
        assert spread_found == pytest.approx(sd, rel=2e-3), text


def test_a_square_has_the_density_of_its_root():
    """tau2 has no bound at 0 and a long tail: p(tau2) = p(tau) / (2 tau)."""
    for name in ("eight-schools", "groups"):
        tau = np.array([0.1, 1.0, 3.0, 20.0])
        found = TRUTHS[name].marginal_density("tau2", tau**2)
        assert found == pytest.approx(TRUTHS[name].marginal_density("tau", tau) / (2 * tau))


# -- closed forms and integrals written out here ---------------------------------------------------


def coin(x):
    return {"theta": stats.beta(15, 7).pdf(x)}


def conjugate_normal(name):
    """(Murphy 2007, section 3): a t and a gamma, from the data and the prior."""

    def curves(x):
        model = MODELS[name]
        n, mean = len(model.x), model.x.mean()
        kappa, a = model.kappa0 + n, model.a0 + n / 2
        m = (model.kappa0 * model.mu0 + n * mean) / kappa
        b = model.b0 + 0.5 * ((model.x - mean) ** 2).sum()
        b += 0.5 * model.kappa0 * n * (mean - model.mu0) ** 2 / kappa
        return {
            "mu": stats.t(2 * a, m, np.sqrt(b / (a * kappa))).pdf(x),
            "tau": stats.gamma(a, scale=1 / b).pdf(x),
        }

    return curves


def regression(name):
    """By the normal equations; the truth uses a QR decomposition."""

    def curves(x):
        model = MODELS[name]
        prior = np.linalg.inv(model.V0)
        precision = prior + model.X.T @ model.X
        m = np.linalg.solve(precision, prior @ model.m0 + model.X.T @ model.y)
        a = model.a0 + len(model.y) / 2
        b = model.b0 + 0.5 * (model.y @ model.y + model.m0 @ prior @ model.m0 - m @ precision @ m)
        scale = np.sqrt(b / a * np.diag(np.linalg.inv(precision)))
        found = {f"beta[{i}]": stats.t(2 * a, m[i], s).pdf(x) for i, s in enumerate(scale)}
        return found | {"tau": stats.gamma(a, scale=1 / b).pdf(x)}

    return curves


def coal(x):
    """The mixture of gammas over the year of change, its weights by betas of scipy's."""
    counts = MODELS["coal"].counts
    n, total, early = len(counts), counts.sum(), np.cumsum(counts)[:-1]
    s = np.arange(1, n)
    shapes, rates = (2 + early, 2 + total - early), (1 + s, 1 + n - s)
    log_w = sum(gammaln(a) - a * np.log(b) for a, b in zip(shapes, rates, strict=True))
    w = np.exp(log_w - log_w.max())
    w /= w.sum()
    return {
        f"rates[{i}]": stats.gamma(shapes[i], scale=1 / rates[i]).pdf(x[:, None]) @ w
        for i in range(2)
    }


def normalised_over(log_p, nodes):
    """Weights of the nodes of a grid, from an unnormalised log density."""
    w = np.exp(log_p - log_p.max())
    return w / (w.sum() * (nodes[1] - nodes[0]))


def semi_conjugate(x):
    """On a grid of both, mu and tau, from the log joint as scipy has it."""
    model = MODELS["newcomb-independent"]
    mu, tau = np.linspace(18, 34, 1601), np.linspace(0.002, 0.025, 1601)
    squares = ((model.x[:, None] - mu) ** 2).sum(0)
    log_p = stats.norm(model.m0, model.s0).logpdf(mu)[:, None]
    log_p = log_p + stats.gamma(model.a0, scale=1 / model.b0).logpdf(tau)
    log_p = log_p + 0.5 * len(model.x) * np.log(tau) - 0.5 * tau * squares[:, None]
    p = np.exp(log_p - log_p.max())
    p /= p.sum() * (mu[1] - mu[0]) * (tau[1] - tau[0])
    return {
        "mu": np.interp(x, mu, p.sum(1) * (tau[1] - tau[0])),
        "tau": np.interp(x, tau, p.sum(0) * (mu[1] - mu[0])),
    }


@cache
def polynomial_given_alpha():
    """Nodes of log alpha with their density; means and sds of w given each."""
    model = MODELS["polynomial"]
    X, y, noise = model.X, model.y, model.noise_precision
    u = np.linspace(-11, 6, 801)
    log_p, given = stats.gamma.logpdf(np.exp(u), model.a0, scale=1 / model.b0) + u, []
    for k, alpha in enumerate(np.exp(u)):
        cov = X @ X.T / alpha + np.eye(len(y)) / noise
        log_p[k] += stats.multivariate_normal.logpdf(y, np.zeros(len(y)), cov)
        precision = alpha * np.eye(X.shape[1]) + noise * X.T @ X
        inverse = np.linalg.inv(precision)
        given.append((noise * inverse @ X.T @ y, np.sqrt(np.diag(inverse))))
    return u, normalised_over(log_p, u), np.array(given)


def polynomial(x):
    """The evidence of each alpha by the n x n covariance of y; w given it by normal equations."""
    u, w, given = polynomial_given_alpha()
    found = {"alpha": np.interp(np.log(np.maximum(x, 1e-9)), u, w, left=0) / x}
    for i in range(given.shape[-1]):
        mean, sd = given[..., i].T
        found[f"w[{i}]"] = stats.norm(mean, sd).pdf(x[:, None]) @ w * (u[1] - u[0])
    return found


def clutter(x):
    """Bishop 2006, eq. 10.209, written out."""
    data = MODELS["clutter"].x

    def log_p(theta):
        signal, noise = stats.norm(theta[:, None], 1).pdf(data), stats.norm(0, 10**0.5).pdf(data)
        each = 0.5 * signal + 0.5 * noise
        return stats.norm(0, 10).logpdf(theta) + np.log(each).sum(1)

    nodes = np.linspace(-60, 60, 40_001)
    top = log_p(nodes).max()
    return {"theta": np.exp(log_p(x) - top) / np.trapezoid(np.exp(log_p(nodes) - top), nodes)}


def tiny_mixture(x):
    """Every point's labels summed out at once: weights by Gauss-Legendre, exact for polynomials of
    degree ten, the means on a grid."""
    data = MODELS["tiny-mixture"].x
    nodes, w = np.polynomial.legendre.leggauss(12)
    share = 0.5 + 0.5 * nodes

    def joint(one, two):
        first = stats.norm.pdf(one[..., None], data)
        then = stats.norm.pdf(two[..., None], data)
        likelihood = sum(
            0.5 * v * np.prod(s * first + (1 - s) * then, -1) for s, v in zip(share, w, strict=True)
        )
        return stats.norm.pdf(one, 0, 3) * stats.norm.pdf(two, 0, 3) * likelihood

    other = np.linspace(-14, 14, 241)
    total = joint(other[:, None], other).sum() * (other[1] - other[0]) ** 2
    found = {"mu[0]": np.trapezoid(joint(x[:, None], other), other, axis=1) / total}
    beyond = np.linspace(0, 18, 401)
    for text, side in (("sorted_mu[0]", 1), ("sorted_mu[1]", -1)):
        # x is the lower one and the other is above it, or it is the upper one; in either order
        there = joint(x[:, None], x[:, None] + side * beyond)
        found[text] = 2 * np.trapezoid(there, beyond, axis=1) / total
    return found


@cache
def eight_schools_given_tau():
    """Nodes of tau with their weights and density; means and sds of theta[j] and mu given each."""
    model = MODELS["eight-schools"]
    y, sigma = model.y, model.sigma
    tau = np.concatenate([np.linspace(1e-4, 60, 601), np.linspace(60, 1500, 301)[1:]])
    weight = np.gradient(tau)
    weight[[0, -1]] /= 2
    log_p, given = stats.halfcauchy.logpdf(tau, scale=5), []
    for k, t in enumerate(tau):
        prior = 25.0 + t**2 * np.eye(8)  # of theta, mu integrated out
        marginal = prior + np.diag(sigma**2)
        log_p[k] += stats.multivariate_normal.logpdf(y, np.zeros(8), marginal)
        gain = np.linalg.solve(marginal, prior).T
        cov = prior - gain @ prior
        of_mu = np.linalg.solve(marginal, np.full(8, 25.0))
        mean = [*(gain @ y), of_mu @ y]
        given.append((mean, np.sqrt([*np.diag(cov), 25.0 - of_mu.sum() * 25.0])))
    w = np.exp(log_p - log_p.max())
    w /= (w * weight).sum()
    return tau, weight, w, np.array(given)


def eight_schools(x):
    """theta[j] and mu by the marginal covariance of y, tau on a grid of its own scale."""
    tau, weight, w, given = eight_schools_given_tau()
    found = {"tau": np.interp(x, tau, w)}
    for i, text in enumerate([*(f"theta[{j}]" for j in range(8)), "mu"]):
        mean, sd = given[..., i].T
        found[text] = stats.norm(mean, sd).pdf(x[:, None]) @ (w * weight)
    return found


def coefficients(name, latent, log_likelihood):
    """The other coefficient integrated out by Simpson's rule over twelve of its sds."""

    def curves(x):
        model, truth = MODELS[name], TRUTHS[name]
        prior, found = stats.multivariate_normal(model.prior_mean, model.prior_cov), {}
        for k in range(2):
            mean, sd = truth.mean(latent)[1 - k], truth.sd(latent)[1 - k]
            other = np.linspace(mean - 12 * sd, mean + 12 * sd, 2001)
            beta = np.empty((len(x), len(other), 2))
            beta[..., k], beta[..., 1 - k] = x[:, None], other
            log_p = prior.logpdf(beta) - truth.log_evidence
            for n, row in enumerate(model.X):
                log_p += log_likelihood(model, n, beta @ row)
            found[f"{latent}[{k}]"] = integrate.simpson(np.exp(log_p), x=other, axis=1)
        return found

    return curves


LOGISTIC = ("challenger", "bioassay", "beetles")


def logistic(model, n, psi):
    return stats.binom.logpmf(model.successes[n], model.trials[n], special.expit(psi))


def probit(model, n, psi):
    return stats.norm.logcdf((2 * model.y[n] - 1) * psi)


def poisson(model, n, psi):
    return stats.poisson.logpmf(model.counts[n], np.exp(psi))


def gaussian(name):
    """Bishop 2006, eq. 12.41-12.42 (general noise): the other form of the row's posterior."""

    def curves(x):
        model = MODELS[name]
        precision = np.eye(model.q) + model.W.T @ (model.W / model.psi[:, None])
        inverse = np.linalg.inv(precision)
        mean = (model.x - model.mu) / model.psi @ model.W @ inverse
        return {
            f"z[{n},{k}]": stats.norm(mean[n, k], inverse[k, k] ** 0.5).pdf(x)
            for n in (0, model.x.shape[0] - 1)
            for k in range(model.q)
        }

    return curves


def nile(x):
    """The whole precision matrix of the path, inverted."""
    model = MODELS["nile"]
    n = len(model.y)
    steps = np.eye(n, k=1)[:-1] - np.eye(n)[:-1]
    precision = steps.T @ steps / model.q + np.eye(n) / model.r
    precision[0, 0] += 1 / model.v0
    target = model.y / model.r
    target[0] += model.m0 / model.v0
    cov = np.linalg.inv(precision)
    mean = cov @ target
    return {f"x[{t}]": stats.norm(mean[t], cov[t, t] ** 0.5).pdf(x) for t in (0, n - 1)}


def correlated(x):
    return {"z0": stats.norm.pdf(x), "z1": stats.norm.pdf(x)}


ROUTES = {
    "coin": coin,
    "newcomb": conjugate_normal("newcomb"),
    "darwin": conjugate_normal("darwin"),
    "correlated": correlated,
    "coal": coal,
    "newcomb-independent": semi_conjugate,
    **{name: regression(name) for name in ("cars", "trees", "kidiq", "joint")},
    "polynomial": polynomial,
    "clutter": clutter,
    "tiny-mixture": tiny_mixture,
    "eight-schools": eight_schools,
    **{
        name: coefficients(name, "beta", logistic) for name in ("challenger", "bioassay", "beetles")
    },
    "probit": coefficients("probit", "beta", probit),
    "poisson": coefficients("poisson", "z", poisson),
    "iris": gaussian("iris"),
    "penguins": gaussian("penguins"),
    "nile": nile,
}
SLOW = (*LOGISTIC, "probit", "poisson")
# whose route here is an integral, good to PEAK; the others are closed
INTEGRALS = ("newcomb-independent", "polynomial", "clutter", "tiny-mixture", "eight-schools", *SLOW)


@pytest.mark.parametrize("name", mostly_slow(ROUTES, ROUTES.keys() - {*VARIANTS}))
def test_curves_are_the_truth_within_a_thousandth_of_the_peak(name):
    """As a picture asks for them."""
    seen, points = 0, 16 if name in SLOW else 40 if name in INTEGRALS else 120
    for text in REAL[name]:
        view = VIEWS[name]
        x = spread([view], text, points)
        known = ROUTES[name](x).get(text)
        if known is not None:
            seen += 1
            drawn = view.density(text, x)
            limit = PEAK if name in INTEGRALS else 1e-8
            assert np.abs(drawn - known).max() < limit * known.max(), text
    assert seen


def test_every_problem_has_a_route_of_its_own_or_is_discrete():
    named = set(list_problems()) & set(NAMES)
    assert named - set(ROUTES) == {"ising", "denoise", "sprinkler", "asia", "digits", "hmm"}


@pytest.mark.parametrize("periodic", [False, True])
def test_spins_that_are_up_are_counted(periodic):
    """By rows as by visiting all states; of a torus too, and of one that is wider than high."""
    for shape, J in [*product([(4, 2), (2, 6)], [0.4, -1.1]), ((4, 4), 0.4)]:
        h = np.random.default_rng(3).normal(0, 0.5, shape)
        board = Checkerboard(shape, periodic)
        by_rows, by_state = (kind(board, J, h) for kind in (LatticePosterior, EnumeratedLattice))
        states = np.array(list(product([-1, 1], repeat=h.size)))
        x = states.reshape(-1, *shape)
        right, down = x * np.roll(x, -1, 2), x * np.roll(x, -1, 1)
        if not periodic:
            right, down = right[:, :, :-1], down[:, :-1]
        p = np.exp(J * (right.sum((1, 2)) + down.sum((1, 2))) + states @ h.ravel())
        known = np.bincount((states > 0).sum(1), p) / p.sum()
        assert by_rows.count_up() == pytest.approx(known, abs=1e-11)
        assert by_state.count_up() == pytest.approx(known, abs=1e-11)


# -- two at once -----------------------------------------------------------------------------------

PAIRS = [
    ("cars", "beta[0]", "beta[1]"),
    ("trees", "tau", "beta[2]"),
    ("newcomb", "mu", "tau"),
    ("newcomb-independent", "tau", "mu"),
    ("polynomial", "w[0]", "alpha"),
    ("eight-schools", "theta[0]", "tau"),
    ("groups", "theta[0]", "mu"),
    ("coal", "rates[1]", "rates[0]"),
    ("nile", "x[3]", "x[1]"),
    ("iris", "z[2,0]", "z[2,1]"),
    ("iris", "z[2,0]", "z[3,1]"),
    ("bioassay", "beta[1]", "beta[0]"),
    ("correlated", "z1", "z0"),
]
VARIED_PAIRS = [
    ("polynomial", "w[1]", "w[3]"),
    ("eight-schools", "theta[0]", "theta[2]"),
    ("cars", "beta[1]", "tau"),
    ("trees", "beta[0]", "beta[2]"),
    ("eight-schools", "tau", "mu"),
    ("eight-schools", "mu", "theta[1]"),
]


@pytest.mark.parametrize(("name", "x", "y"), mostly_slow(PAIRS + VARIED_PAIRS, PAIRS, rows=True))
def test_joint_densities_are_the_truth(name, x, y):
    """Summed over one axis the marginal of the other, over both the correlation of exact draws."""
    view = VIEWS[name]
    assert not view.is_smoothed(x, y)
    grids = []
    for text in (x, y):
        draws = view.draws(text)
        low, high = np.quantile(draws, [1e-4, 1 - 1e-4])
        room = 0.4 * (high - low)
        positive = text.split("[")[0] in ("tau", "alpha", "rates")
        first = max(low - room, 1e-9) if positive else low - room
        grids.append(np.linspace(first, high + room, 301))
    density = view.joint(x, y, *grids)
    turned = view.joint(y, x, *grids[::-1])
    np.testing.assert_allclose(turned, density.T, rtol=1e-6, atol=1e-12)
    for axis, text in ((1, x), (0, y)):
        along = np.trapezoid(density, grids[axis], axis=axis)
        known = view.density(text, grids[1 - axis])
        assert np.abs(along - known).max() < PEAK * known.max()
    # the correlation, of the middle alone, where no tail is left out
    inside = [np.quantile(view.draws(text), [0.05, 0.95]) for text in (x, y)]
    here = [(g > low) & (g < high) for g, (low, high) in zip(grids, inside, strict=True)]
    middle = [g[h] for g, h in zip(grids, here, strict=True)]
    p = density[np.ix_(*here)]
    away = [g - np.average(g, weights=p.sum(1 - k)) for k, g in enumerate(middle)]
    cov = (p * np.multiply.outer(*away)).sum()
    sds = [np.sqrt((p.sum(1 - k) * a**2).sum()) for k, a in enumerate(away)]
    drawn = np.array([view.draws(text) for text in (x, y)])
    kept = np.all([(d > low) & (d < high) for d, (low, high) in zip(drawn, inside, strict=True)], 0)
    known = np.corrcoef(drawn[:, kept])[0, 1]
    assert cov / (sds[0] * sds[1]) == pytest.approx(known, abs=0.02)


def test_two_summaries_of_a_mixture_at_once_are_called_draws():
    ax = plots.joint(VIEWS["tiny-mixture"], "sorted_mu[0]", "density[2]")
    (entry,) = ax.get_legend().get_texts()
    assert entry.get_text() == "exact draws, smoothed, 50 % and 90 %"
    assert "exact draws, smoothed:" in plots.alt_text(ax)


# -- what a curve is called ------------------------------------------------------------------------


def test_smoothed_draws_are_not_called_the_truth():
    results = {"exact": VIEWS["tiny-mixture"], "cavi": cavi(MODELS["tiny-mixture"], rng=0)}
    for text, words, filled in (
        ("density[0]", "exact draws, smoothed", 0),
        ("sorted_mu[0]", "exact", 1),
    ):
        ax = plots.marginal(results, text)
        assert [entry.get_text() for entry in ax.get_legend().get_texts()] == [words, "CAVI"]
        assert f"{words}: mean" in plots.alt_text(ax)
        assert len(ax.collections) == filled


class Renamed(NormalMixture):
    """What goes by the name of the sorted means is something else."""

    def summaries(self, latents):
        return {"sorted_mu": 2.0 * np.sort(latents["mu"], axis=-1)}


def test_a_summary_of_a_users_own_is_not_taken_for_ours():
    ours = MODELS["tiny-mixture"]
    model = Renamed(ours.x, sigma=1, m0=0, s0=3, concentration=(1, 1))
    view = plots.View(exact(model))
    assert view.is_smoothed("sorted_mu[0]")
    wide = view.moments("sorted_mu[0]")[1] / VIEWS["tiny-mixture"].moments("sorted_mu[0]")[1]
    assert wide == pytest.approx(2, rel=0.01)


class Silent:
    """The truth of a model, which says nothing on its marginals."""

    def __init__(self, posterior):
        self.mean, self.sd, self.log_density = posterior.mean, posterior.sd, posterior.log_density
        self.sample, self.kl_from = posterior.sample, posterior.kl_from


@pytest.mark.parametrize(("name", "known"), [("coin", True), ("darwin", True), ("cars", False)])
def test_a_posterior_of_ones_own_need_not_know_its_marginals(name, known):
    """Over one real number or two its log density tells; over more, draws do."""
    truth = TRUTHS[name]
    view = plots.View(Exact(truth.model, truth.log_evidence, 0.0, "", Silent(truth.posterior)))
    for text in view.coordinates:
        assert view.result.marginal_density(text, [0.1, 0.2]) is None
        assert view.is_smoothed(text) is not known
        x = spread([view], text)
        right = VIEWS[name].density(text, x)
        limit = PEAK if known else 0.05
        assert np.abs(view.density(text, x) - right).max() < limit * right.max()


def test_ends_of_a_density_have_its_limit():
    """No heads in four tosses: Beta(1, 5) begins at 5; Gamma(1, 2) at 2."""
    heads = exact(type(MODELS["coin"])([0, 0, 0, 0], a=1, b=1))
    found = heads.marginal_density("theta", [-0.1, 0.0, 0.5, 1.0, 1.1])
    assert found == pytest.approx([0, *stats.beta(1, 5).pdf([0, 0.5]), 0, 0])
    ax = plots.marginal(heads, "theta")
    assert ax.lines[0].get_ydata()[0] == pytest.approx(5, rel=1e-3)
    few = exact(NormalGamma([1.0], mu0=1, kappa0=1, a0=0.5, b0=2))
    assert few.marginal_density("tau", [0.0, 1.0]) == pytest.approx([2, 2 * np.exp(-2)])


def test_a_density_without_a_bound_leaves_room_for_the_rest():
    flat = exact(type(MODELS["coin"])([0, 0, 0], a=0.3, b=1))
    ax = plots.marginal(flat, "theta")
    assert ax.get_ylim()[1] < 50 < ax.lines[0].get_ydata()[0]


def test_draws_that_begin_with_a_step_keep_it():
    """Exponential(1) is 1 at 0: half of it is lost to a kernel that does not turn back there."""
    draws = np.random.default_rng(0).exponential(size=100_000)
    grid = np.linspace(0, 7, 300)
    found = smooth(draws, grid)
    assert found[0] > 0.93
    assert np.abs(found - np.exp(-grid)).max() < 0.06
    assert np.trapezoid(found, grid) == pytest.approx(1, abs=5e-3)
    # a long tail does not take the resolution away
    heavy = np.random.default_rng(1).standard_t(1.2, 100_000)
    grid = np.linspace(-8, 8, 300)
    assert np.abs(smooth(heavy, grid) - stats.t(1.2).pdf(grid)).max() < 0.02


def test_no_and_yes_have_no_sides():
    ax = plots.marginal(VIEWS["asia"], "smoking")
    assert [round(bar.get_x() + bar.get_width() / 2) for bar in ax.patches] == [0, 1]
    heights = [bar.get_height() for bar in ax.patches]
    up = float(TRUTHS["asia"].mean("smoking"))
    assert heights == pytest.approx([1 - up, up], abs=1e-12)
