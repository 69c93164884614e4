"""What the battery asks of gradients, and of the Gaussians that are fitted along them.

gradient      the log density in real coordinates against differences of it
draws         of each q against its means and sds
log density   of each q at its draws against its law
ledger        of each q
bound         of Gaussian VI: no lower than that of Laplace's q
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import put_back
from vi_lab.errors import NotApplicable
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.target import choose_target
from vi_lab.inference.gaussian_vi import gaussian_vi
from vi_lab.inference.laplace import laplace
from vi_lab.model import Model
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.testing.bounds import ledger
from vi_lab.testing.derivative import gradient
from vi_lab.testing.moment_agreement import agreement
from vi_lab.testing.report import PointReport, Report

CHAINS, DRAWS = 4, 1000  # independent draws of a q, in as many parts as a sampler has chains
STEP, SHARE = 1e-2, 1e-2  # sds of a difference; of a slope and a curvature that may be left
SETTLED, ERRORS = 1e-3, 7.0  # nats to which a fit settles; standard errors of two bounds
LAPLACE, VI = "Laplace's q", "Gaussian VI's q"
METHODS: Mapping[str, Callable[..., GaussianPosterior[Model]]] = {
    LAPLACE: laplace,
    VI: partial(gaussian_vi, covariance="full"),
}
Test = Callable[[np.random.Generator], Report]
Fit = Callable[[str], GaussianPosterior[Model]]


def list_gaussian_tests(model: Model, known: bool) -> dict[str, Test]:
    """The tests of the two Gaussians on the model's data, each fitted once; `known` has the truth.

    NotApplicable is raised by them where a Gaussian does not apply, as where there is no mode.
    """

    @cache
    def fit(name: str) -> GaussianPosterior[Model]:
        return METHODS[name](model, rng=0)

    tests: dict[str, Test] = {}
    for name in METHODS:
        tests[f"draws of {name}"] = partial(_check_draws, fit, name)
        tests[f"log density of {name}"] = partial(_check_log_density, fit, name)
        if known:
            tests[f"ledger of {name}"] = partial(_check_ledger, fit, name)
    tests["mode of Laplace"] = partial(_check_mode, fit)
    tests["bound of Gaussian VI"] = partial(_check_bound, fit)
    return tests


def check_gradient(model: Model, rng: np.random.Generator) -> Report:
    """The gradient that trajectories and fits follow, at one start."""
    target = choose_target(model)
    return gradient(
        lambda y: np.sum(target.log_density(y)),
        target.gradient,
        target.start(rng, 1),
        complex_step=False,
        name="the log density",
    )


def _check_draws(fit: Fit, name: str, rng: np.random.Generator) -> Report:
    q = fit(name)
    drawn = q.sample(CHAINS * DRAWS, rng=rng)
    return agreement(
        {latent: a.reshape(CHAINS, DRAWS, *a.shape[1:]) for latent, a in drawn.items()},
        q,
        name=f"the draws of {name}",
    )


def _check_log_density(fit: Fit, name: str, rng: np.random.Generator) -> Report:
    """Of y ~ N(m, L L') in R^D, log q(y) = -D/2 log(2 pi) - log|L| - |e|**2/2 with e standard
    normal: it has mean -D/2 log(2 pi e) - log|L| and sd (D/2)**(1/2), which neither the draws nor
    the density are computed by."""
    q = fit(name)
    y = q.target.to_real(put_back(q.model, q.sample(CHAINS * DRAWS, rng=rng)))
    dimension, log_det = y.shape[-1], np.linalg.slogdet(q.mixture.roots[0])[1]
    mean = -0.5 * dimension * (LOG_2PI + 1.0) - log_det
    return agreement(
        {"log q": q.mixture.log_density(y).reshape(CHAINS, DRAWS)},
        {"log q": (mean, np.sqrt(0.5 * dimension))},
        name=f"the log density of {name}",
    )


def _check_ledger(fit: Fit, name: str, rng: np.random.Generator) -> Report:
    q = fit(name)
    return ledger(q.model, q, name=name)


def _check_mode(fit: Fit, rng: np.random.Generator) -> Report:
    """log p - log q has neither slope nor curvature at the mean of Laplace's q.

    By central differences along y = m +- h L u, with u each axis and as many random directions: in
    these units -log q bends by 1, so that both are shares of an sd and of a precision. Slopes and
    curvatures of the fit come of the gradient; these are of the density alone.
    """
    q = fit(LAPLACE)
    (m,), (root,) = q.mixture.means, q.mixture.roots
    along = np.concatenate([np.eye(len(m)), rng.standard_normal((len(m), len(m)))])
    along /= np.linalg.norm(along, axis=1)[:, None]

    def difference(h: float) -> Any:
        y = m + h * along @ root.T
        return q.target.log_density(y) - q.mixture.log_density(y)

    up, middle, down = difference(STEP), difference(0.0), difference(-STEP)
    found = {
        "slope, in an sd": (up - down) / (2.0 * STEP),
        "curvature, in a precision": (up - 2.0 * middle + down) / STEP**2,
    }
    found = {name: np.abs(values) for name, values in found.items()}
    return _report("mode of Laplace", found, SHARE, "in sds and precisions")


def _check_bound(fit: Fit, rng: np.random.Generator) -> Report:
    """Laplace's q, and VI's a tenth wider, narrower or moved by as much, are among those that VI
    chooses from: its own bound is no lower."""
    best = fit(VI)
    (m,), roots = best.mixture.means, best.mixture.roots
    direction = rng.standard_normal(len(m))
    shift = 0.1 * roots[0] @ direction / np.linalg.norm(direction)
    others = {
        "a tenth wider": best.mixture._replace(roots=1.1 * roots),
        "a tenth narrower": best.mixture._replace(roots=roots / 1.1),
        "a tenth of an sd away": best.mixture._replace(means=(m + shift)[None]),
    }
    bounds = {
        name: GaussianPosterior(best.model, q, "moved").elbo_estimate for name, q in others.items()
    }
    try:
        bounds[LAPLACE] = fit(LAPLACE).elbo_estimate
    except NotApplicable:  # no mode: nothing to compare with
        pass
    mine = best.elbo_estimate
    above = {
        name: (bound.value - mine.value) / (SETTLED + ERRORS * (bound.error + mine.error))
        for name, bound in bounds.items()
    }
    return _report("bound of Gaussian VI", above, 1.0, "in what is allowed")


def _report(test: str, found: Mapping[str, Any], limit: float, unit: str) -> Report:
    """The largest number against the limit."""
    points = {name: np.atleast_1d(np.asarray(value)) for name, value in found.items()}
    sizes = {name: float(np.max(value)) for name, value in points.items()}
    worst = max(sizes, key=lambda name: sizes[name])
    passed = bool(all(size <= limit for size in sizes.values()))
    rows = tuple({"quantity": name, unit: size, "limit": limit} for name, size in sizes.items())
    sentence = f"The largest of {len(sizes)}, {worst}, is {sizes[worst]:.2g} (limit {limit:g})."
    return PointReport(test, passed, sizes[worst], limit, sentence, 0.0, rows, points, unit)
