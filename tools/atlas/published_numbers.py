"""Numbers to hold against what is published, by vi_lab; and published formulas, evaluated."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.datasets import load_iris, load_ising_glyphs, load_newcomb
from vi_lab.inference.cavi import cavi
from vi_lab.inference.exact import exact
from vi_lab.models import BayesNet, LinearRegression, LocalLevel, NormalSemiConjugate
from vi_lab.numerics.special import expit, gammaln
from vi_lab.problems.named import problem, sweep


def coupled_normal() -> float:
    return cavi(problem("newcomb"), rng=0).mean("mu")


def flat_normal() -> float:
    """1/E[tau] of q under a prior that says next to nothing."""
    x = problem("newcomb-independent").model.x
    q = cavi(NormalSemiConjugate(x, m0=0, s0=1e5, a0=0.01, b0=0.01), rng=0)
    return 1.0 / q.mean("tau")


def pooled_mean() -> float:
    """Bishop's eq. 10.26, from the data alone."""
    x, prior = load_newcomb().data["deviation_ns"], problem("newcomb").model
    return float((prior.kappa0 * prior.mu0 + x.sum()) / (prior.kappa0 + len(x)))


def sample_variance() -> float:
    return float(load_newcomb().data["deviation_ns"].var(ddof=1))


def cut_gaussian() -> list[float]:
    """Means of q, and its sds as a share of the true ones."""
    model = problem("correlated").model
    q, truth = cavi(model, rng=0, restarts=5), exact(model)
    names = ("z0", "z1")
    return [*(q.mean(n)[0] for n in names), *((q.sd(n) / truth.sd(n))[0] for n in names)]


def change_year() -> list[float]:
    """The year of the last count under the first rate, at the mode of s, and the mean rates."""
    truth: Any = exact(problem("coal"))
    return [1850.0 + 1 + int(np.argmax(truth.posterior.log_weights)), *truth.mean("rates")]


def modes_found() -> float:
    """How many ways of naming the components CAVI's best solution was found under."""
    restarts = cavi(problem("tiny-mixture"), rng=0, restarts=20).restarts
    assert restarts.order is not None
    return float(len(np.unique(restarts.order, axis=0)))


def components_left() -> float:
    q = cavi(problem("old-faithful", n_components=6, concentration=1e-3), rng=0, restarts=20)
    return float((q.mean("weights") > 1e-4).sum())


def components_preferred() -> float:
    score = []
    for item in sweep("old-faithful"):
        bound = cavi(item, rng=0, restarts=20).elbo
        score.append(bound + gammaln(item.model.n_components + 1.0))
    return 1.0 + int(np.argmax(score))


def degrees_preferred() -> list[float]:
    items = sweep("polynomial")
    bounds = [cavi(item, rng=0).elbo for item in items]
    evidences = [exact(item).log_evidence for item in items]
    return [float(np.argmax(bounds)), float(np.argmax(evidences))]


def principal_components() -> float:
    return exact(problem("iris")).log_evidence


def eigenvalue_formula() -> float:
    """Tipping & Bishop's maximum, from the eigenvalues of the sample covariance alone."""
    columns = ("sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm")
    x = np.stack([load_iris().data[name] for name in columns], axis=-1)
    n, size, q = *x.shape, 2
    values = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    noise = values[q:].mean()
    logs = np.log(values[:q]).sum() + (size - q) * np.log(noise)
    return float(-0.5 * n * (size * np.log(2.0 * np.pi) + logs + size))


def least_squares() -> list[float]:
    """Intercept and slopes by raw mom_hs and mom_iq, under a prior that says next to nothing."""
    kids = problem("kidiq").model
    flat = LinearRegression(kids.X, kids.y, m0=0, V0=1e9 * np.eye(3), a0=1e-3, b0=1e-3)
    intercept, school, iq = exact(flat).mean("beta")
    return [intercept - iq * 100.0 / 15.0, school, iq / 15.0]


def schools() -> list[float]:
    truth = exact(problem("eight-schools"))
    return [*truth.mean("theta"), truth.mean("mu"), truth.mean("tau")]


def beetles_fit() -> list[float]:
    """Maximum likelihood by Newton's steps, in the unit of log10 dose."""
    model = problem("beetles").model
    beta = np.zeros(2)
    for _ in range(50):
        chance = expit(model.X @ beta)
        slope = model.X.T @ (model.successes - model.trials * chance)
        weights = model.trials * chance * (1.0 - chance)
        beta = beta + np.linalg.solve((model.X.T * weights) @ model.X, slope)
    return [beta[0] - beta[1] * 1.8 / 0.05, beta[1] / 0.05]


def variances() -> list[float]:
    """r and q at the maximum of the Kalman filter's log likelihood, from a nearly flat start."""
    from scipy.optimize import minimize

    y = problem("nile").model.y

    def loss(at: np.ndarray) -> float:
        r, q = np.exp(at)
        return -exact(LocalLevel(y, q=q, r=r, m0=1000, v0=1e10)).log_evidence

    found = minimize(loss, np.log([10_000.0, 2000.0]), method="Nelder-Mead",
                     options={"xatol": 1e-9, "fatol": 1e-11})  # fmt: skip
    return np.exp(found.x).tolist()


def cleaned() -> float:
    clean = load_ising_glyphs().data["vi16"]
    model = problem("denoise").model
    wrong = (np.sign(cavi(model, rng=0, restarts=20).mean("x")) != clean).sum()
    return float(wrong < (model.image != clean).sum())


def wet_grass() -> list[float]:
    truth = exact(problem("sprinkler"))
    net = truth.model.network
    rained = exact(BayesNet(net.parents, net.tables, {"wet_grass": 1, "rain": 1}))
    wet = [np.exp(truth.log_evidence), truth.mean("sprinkler"), truth.mean("rain")]
    return [*map(float, wet), rained.mean("sprinkler")]


def chest_clinic() -> list[float]:
    net = problem("asia").model.network
    prior = exact(BayesNet(net.parents, net.tables, {}))
    names = ("tuberculosis", "lung_cancer", "bronchitis", "either", "xray", "dyspnoea")
    return [float(prior.mean(name)) for name in names]
