"""Curves of a q are its factors, also where a latent is cut into blocks or is a part of one."""

import numpy as np
import pytest
from scipy import integrate, stats

from vi_lab import HierarchicalNormal, LatentDirichletAllocation, cavi, exact, plots, problem
from vi_lab.models.priors import InverseGamma
from vi_lab.numerics.mixed_densities import mix_normal_pairs, widen_ridges
from vi_lab.plots.axes_points import spread
from vi_lab.results.coordinates import write_coordinates

CUT = problem("cars", blocks="coordinates").model
MODELS = {name: problem(name).model for name in ("iris", "nile", "ising", "sprinkler", "trees")}
MODELS |= {"cars": CUT, "old-faithful": problem("old-faithful").model}
MODELS |= {"coal": problem("coal").model, "bioassay": problem("bioassay").model}
SUMMARIES = ("edges", "magnetisation", "sprinkler and", "occupied", "sorted", "density", "co_as")
SIZE = 40_000


@pytest.fixture(scope="module")
def results():
    return {name: cavi(model, rng=0, restarts=1, tol=0.1) for name, model in MODELS.items()}


def written(view):
    """Every latent, of long ones the first and the last number."""
    for latent, values in view.values.items():
        if not latent.startswith(SUMMARIES):
            some = write_coordinates(latent, values.shape[1:])
            yield from some if len(some) <= 4 else (some[0], some[-1])


def test_every_number_of_a_latent_has_the_distribution_of_its_draws(results):
    seen = 0
    for name, q in results.items():
        view, drawn = plots.View(q), q.sample(SIZE, rng=5)
        for text in written(view):
            if text.startswith("precisions") and len(set(text[-4:-1].split(","))) == 2:
                assert view.is_smoothed(text)
                continue
            latent, index = view.locate(text)
            draws = np.asarray(drawn[latent])[:, *index]
            assert not view.is_smoothed(text), (name, text)
            if view.is_whole(text):
                values = np.arange(draws.min() - 1, draws.max() + 2)
                found, share = view.probabilities(text, values), (draws[:, None] == values).mean(0)
                assert 1 - 1e-4 < found.sum() < 1 + 1e-12  # years that no draw has are left out
            else:
                ends = np.quantile(draws, [0, 1])
                low, high = ends + 0.1 * np.ptp(ends) * np.array([-1, 1])
                x = np.linspace(max(low, 1e-12) if ends[0] > 0 else low, high, 4001)
                below = integrate.cumulative_simpson(view.density(text, x), x=x, initial=0)
                share = np.linspace(0.05, 0.95, 10)
                found = np.interp(np.quantile(draws, share), x, below)
            error = np.sqrt(share * (1 - share) / len(draws))
            assert (np.abs(found - share) < 4.5 * error + 2e-5).all(), (name, text)
            seen += 1
    assert seen > 25


def check_curve(view, text, known):
    x = spread([view], text)
    right = known.pdf(x)
    assert np.abs(view.density(text, x) - right).max() < 1e-9 * right.max()


def test_curves_are_the_closed_forms(results):
    """By scipy, from the parameters of the factors."""
    q, view = results["cars"], plots.View(results["cars"])
    for j in range(2):
        factor = q.q[f"beta.{j}"]
        check_curve(view, f"beta[{j}]", stats.norm(factor.mean, factor.sd))
    view, q = plots.View(results["iris"]), results["iris"]
    factor = q.q["z.1"]
    check_curve(view, "z[7,1]", stats.norm(factor.mean[7], factor.sd[7]))
    view, q = plots.View(results["old-faithful"]), results["old-faithful"]
    alpha, parts = q.q["weights"].parameters["concentration"], q.q["components"].parameters
    check_curve(view, "weights[0]", stats.beta(*alpha))
    for k, i in np.ndindex(2, 2):
        m, beta, w_inv, nu = (parts[n][k] for n in ("mean", "beta", "w_inv", "nu"))
        scale = np.sqrt(w_inv[i, i] / (beta * (nu - 1)))
        check_curve(view, f"means[{k},{i}]", stats.t(nu - 1, m[i], scale))
        w = np.linalg.inv(w_inv)
        check_curve(view, f"precisions[{k},{i},{i}]", stats.gamma(nu / 2, scale=2 * w[i, i]))


def test_two_numbers_of_a_q_at_once(results):
    """Of two blocks a product; of one that is normal with its covariance."""
    view = plots.View(results["cars"])
    assert not view.is_smoothed("beta[0]", "beta[1]")
    x, y = (spread([view], f"beta[{j}]", 41) for j in range(2))
    right = np.multiply.outer(view.density("beta[0]", x), view.density("beta[1]", y))
    assert view.joint("beta[0]", "beta[1]", x, y) == pytest.approx(right, rel=1e-12)
    for name, texts in (("bioassay", ("beta[1]", "beta[0]")), ("old-faithful", None)):
        view, q = plots.View(results[name]), results[name]
        if texts is None:
            assert view.is_smoothed("means[0,0]", "means[0,1]")  # dependent, and not normal
            continue
        x, y = (spread([view], text, 41) for text in texts)
        factor = q.q["beta"]
        cov = np.asarray(factor.family.covariance(factor.eta))[::-1, ::-1]
        points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
        right = stats.multivariate_normal(factor.mean[::-1], cov).pdf(points)
        assert view.joint(*texts, x, y) == pytest.approx(right, rel=1e-8, abs=1e-12 * right.max())


class Stretched(type(CUT)):
    """A latent that is more than its blocks in another order."""

    def latents(self, values):
        found = super().latents(values)
        return {**found, "beta": 2.0 * found["beta"]}


class Sorted(type(CUT)):
    def latents(self, values):
        found = super().latents(values)
        return {**found, "beta": np.sort(found["beta"], axis=-1)}


@pytest.mark.parametrize("kind", [Stretched, Sorted])
def test_a_latent_that_is_made_of_blocks_by_a_formula_is_called_draws(kind):
    model = kind(CUT.X, CUT.y, CUT.m0, CUT.V0, CUT.a0, CUT.b0, "coordinates")
    view = plots.View(cavi(model, rng=0))
    assert view.is_smoothed("beta[0]")
    assert view.is_smoothed("beta[1]")
    assert not view.is_smoothed("tau")


def test_counts_of_several_topics_at_once_are_called_draws():
    model = LatentDirichletAllocation([[2, 1, 0], [0, 1, 2]], 2, alpha=1.5, eta=1.2)
    q = cavi(model, rng=0, restarts=1)
    assert plots.View(q).is_smoothed("z[0,0]")
    check_curve(
        plots.View(q), "theta[0,1]", stats.beta(*q.q["theta"].parameters["concentration"][0, ::-1])
    )


def test_a_ridge_is_drawn_as_wide_as_a_grid_holds():
    """Two numbers that are nearly one: sums over either axis are the other's density."""
    x = np.linspace(-6, 6, 61)
    variances = np.array([[1.0], [1.2]])
    for sd in (1e-6, 1e-2, 0.05):
        cov = np.array([np.sqrt(1.2) * np.sqrt(1 - sd**2)])
        cov = widen_ridges(x, x, variances, cov)
        p = mix_normal_pairs(np.ones(1), x, x, np.zeros((2, 1)), variances, cov)
        for axis, variance in ((1, 1.0), (0, 1.2)):
            right = stats.norm(0, variance**0.5).pdf(x)
            assert np.abs(np.trapezoid(p, x, axis=axis) - right).max() < 1e-3 * right.max()
    wide = np.array([0.3])
    assert widen_ridges(x, x, variances, wide) is not wide
    assert widen_ridges(x, x, variances, wide) == wide
    assert widen_ridges(np.zeros(1), np.zeros(1), variances, cov) == cov  # a point has no steps


def test_a_joint_of_two_groups_far_from_the_ridge_is_the_integral():
    """theta_0 and theta_1 at tau on a fine grid of scipy's, several steps off their diagonal."""
    model = HierarchicalNormal(
        [1.0, 3.0, -2.0], [1.0, 1.5, 0.8], mu_sd=3.0, tau_prior=InverseGamma(2.0, 3.0)
    )
    x, y = np.linspace(-2, 4, 13), np.linspace(-1, 6, 15)
    found = plots.View(exact(model)).joint("theta[0]", "theta[1]", x, y)
    tau2 = np.exp(np.linspace(-8, 12, 1201))
    w = stats.invgamma.pdf(tau2, 2.0, scale=3.0) * tau2
    points, tables = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1), []
    for k, t in enumerate(tau2):
        prior = 9.0 + t * np.eye(3)
        marginal = prior + np.diag(model.sigma**2)
        w[k] *= stats.multivariate_normal.pdf(model.y, np.zeros(3), marginal)
        gain = np.linalg.solve(marginal, prior).T
        cov = (prior - gain @ prior)[:2, :2]
        tables.append(stats.multivariate_normal.pdf(points, (gain @ model.y)[:2], cov))
    right = np.tensordot(w / w.sum(), tables, axes=1)
    assert np.abs(found - right).max() < 1e-6 * right.max()
