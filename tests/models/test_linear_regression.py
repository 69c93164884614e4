"""LinearRegression on the real data, what cutting its block costs, and awkward designs."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab import (
    ConvergenceWarning,
    Factorised,
    LinearRegression,
    Normal,
    NormalGamma,
    cavi,
    elbo,
    exact,
    gibbs,
    ledger,
    problem,
    sweep,
)
from vi_lab.inference.engine.climb import run_quietly

NAMES = ("cars", "trees", "kidiq")
X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]])
Y = np.array([0.5, 1.5, 2.0])
PRIOR = dict(m0=0.0, V0=np.eye(2), a0=2.0, b0=1.0)


def student(model):
    """log p(y): all of y at once is a multivariate Student's t (Bishop 2006, 2.160)."""
    shape = np.eye(model.n) + model.X @ model.V0 @ model.X.T
    return stats.multivariate_t.logpdf(
        model.y, model.X @ model.m0, model.b0 / model.a0 * shape, 2 * model.a0
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_of_the_real_data_is_a_students_t(name):
    for item in sweep(name):
        assert_allclose(exact(item).log_evidence, student(item.model), rtol=1e-11)


def test_under_a_flat_prior_the_means_are_the_published_fits():
    trees, kids = problem("trees").model, problem("kidiq").model
    flat = dict(m0=0, V0=1e9 * np.eye(3), a0=1e-3, b0=1e-3)
    fit = exact(LinearRegression(trees.X, trees.y, **flat)).mean("beta")
    assert_allclose(fit, [-6.63162, 1.98265, 1.11712], atol=1e-5)  # R: lm on the logs
    fit = exact(LinearRegression(kids.X, kids.y, **flat)).mean("beta")
    assert_allclose(fit[1:], [5.950, 0.564 * 15], atol=6e-3)  # Gelman & Hill (2007)


def cut_costs(model):
    """What a block a coefficient costs beyond one block for all: (sum log P_jj - log|P|)/2.

    The means are right at both optima, and so is E[d'P d] = P/E[tau]; hence q(tau) is the same.
    """
    precision = np.linalg.inv(model.V0) + model.X.T @ model.X
    return 0.5 * (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1])


@pytest.mark.parametrize(("name", "least"), [("cars", 0.0), ("trees", 6.0), ("kidiq", 0.7)])
def test_what_collinearity_costs_a_q_of_one_block_a_coefficient(name, least):
    cut, joined = sweep(name)
    precision = np.linalg.inv(cut.model.V0) + cut.model.X.T @ cut.model.X
    best = cavi(joined, rng=0)
    tau = best.q["tau"]
    apart = {
        f"beta.{j}": Normal.of(mean=mean, sd=(tau.mean * precision[j, j]) ** -0.5)
        for j, mean in enumerate(best.mean("beta"))
    }
    q = Factorised(cut.model, **apart, tau=tau)
    cost = best.elbo - elbo(cut.model, q)
    assert_allclose(cost, cut_costs(cut.model), atol=1e-8)
    assert cost > least
    assert ledger(cut, q).holds
    found = run_quietly(cavi, cut, rng=0)
    assert found.elbo <= q.elbo + 1e-9
    if name != "trees":  # where coordinate ascent needs 10,000 sweeps and more
        assert_allclose(found.elbo, q.elbo, atol=1e-8)
        assert_allclose(found.sd("beta"), q.sd("beta"), rtol=1e-6)


def test_along_a_ridge_coordinates_do_not_arrive():
    """The columns of trees are nearly parallel: a thousand sweeps are not enough."""
    cut, joined = sweep("trees")
    with pytest.warns(ConvergenceWarning, match="raise max_sweeps"):
        assert cavi(cut, rng=0).converged is False
    assert gibbs(cut, rng=0).rhat()["beta"].max() > 1.5
    assert cavi(joined, rng=0).converged is True
    assert gibbs(joined, rng=0).rhat()["beta"].max() < 1.01


def test_an_intercept_alone_is_normal_gamma():
    x = np.array([28.0, 26, 33, 24, 34, -44])
    line = LinearRegression(np.ones((6, 1)), x, m0=20, V0=[[1 / 0.3]], a0=2, b0=50)
    normal = NormalGamma(x, mu0=20, kappa0=0.3, a0=2, b0=50)
    one, two = exact(line), exact(normal)
    assert_allclose(one.log_evidence, two.log_evidence, rtol=1e-13)
    assert_allclose(one.sd("beta"), [two.sd("mu")], rtol=1e-12)
    assert_allclose(cavi(line, rng=0).elbo, cavi(normal, rng=0).elbo, rtol=1e-12)


@pytest.mark.parametrize("blocks", ["joint", "coordinates"])
@pytest.mark.parametrize(
    ("design", "y"),
    [
        (X[:1], Y[:1]),  # fewer observations than coefficients
        (np.ones((3, 2)), Y),  # one column twice: the prior alone tells them apart
        (np.zeros((3, 2)), Y),
        (X * [1.0, 1e3], Y),
        (X, Y + 1e6),
        (np.vander(np.linspace(0, 1, 12), 5), np.cos(np.arange(12))),
    ],
)
def test_awkward_designs(design, y, blocks):
    prior = {**PRIOR, "V0": np.eye(design.shape[1])}
    model = LinearRegression(design, y, blocks=blocks, **prior)
    truth = exact(model)
    assert_allclose(truth.log_evidence, student(model), rtol=1e-8)
    assert ledger(model, cavi(model, rng=0)).holds


def test_a_weak_prior_has_heavy_tails():
    weak = exact(LinearRegression(X[:1], Y[:1], **{**PRIOR, "a0": 0.25}))
    assert np.isinf(weak.sd("beta")).all()
    assert np.isfinite(weak.mean("beta")).all()


def test_keep_knows_the_coefficients_by_their_latent():
    model = LinearRegression(X, Y, **PRIOR, blocks="coordinates")
    for keep, names in ((["tau"], ["tau"]), (["beta"], ["beta"])):
        assert list(gibbs(model, rng=0, draws=5, warmup=0, keep=keep).values) == names
