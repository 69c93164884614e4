"""GaussianMixture: what its own file promises beyond the contract."""

import numpy as np
import pytest
from scipy import stats

from vi_lab import (
    GaussianMixture,
    InputError,
    NumericalError,
    cavi,
    exact,
    gibbs,
    ledger,
    problem,
)

RNG = np.random.default_rng(8)
X = RNG.normal(size=(6, 2)) + np.where(np.arange(6) < 3, -1.5, 1.5)[:, None]
PRIOR = dict(concentration=1.0, m0=(0.3, -0.2), beta0=0.7, nu0=3.5, w0_inv=[[1.0, 0.3], [0.3, 2.0]])


def log_predictive_product(x, m0, beta0, nu0, w0_inv):
    """The evidence of one component as a product of Student-t predictives, one point at a time."""
    m, beta, nu, w_inv = np.asarray(m0, float), beta0, nu0, np.asarray(w0_inv, float)
    total, size = 0.0, x.shape[1]
    for point in x:
        degrees = nu - size + 1
        shape = w_inv * (beta + 1) / (beta * degrees)
        total += stats.multivariate_t.logpdf(point, m, shape, degrees)
        d = point - m
        w_inv = w_inv + beta / (beta + 1) * np.outer(d, d)
        m, beta, nu = m + d / (beta + 1), beta + 1, nu + 1
    return total


def log_evidence_by_partitions(x, classes, concentration, **prior):
    """A sum over labellings written with Polya's urn and the predictives above."""
    total = []
    for code in range(classes ** len(x)):
        labels = [(code // classes**i) % classes for i in range(len(x))]
        counts, log_p = np.zeros(classes), 0.0
        for i, label in enumerate(labels):
            log_p += np.log((concentration + counts[label]) / (concentration * classes + i))
            counts[label] += 1
        for k in range(classes):
            members = x[np.array(labels) == k]
            log_p += log_predictive_product(members, **prior)
        total.append(log_p)
    return np.logaddexp.reduce(total)


def test_evidence_by_the_urn():
    prior = {k: v for k, v in PRIOR.items() if k != "concentration"}
    expected = log_evidence_by_partitions(X, 2, 1.0, **prior)
    assert exact(GaussianMixture(X, 2, **PRIOR)).log_evidence == pytest.approx(expected, abs=1e-10)


def test_one_component_is_exact_and_closed_form():
    item = problem("old-faithful", n_components=1)
    truth, q = exact(item), cavi(item, rng=0)
    expected = log_predictive_product(item.model.x, (0, 0), 1.0, 3.0, np.eye(2))
    assert truth.log_evidence == pytest.approx(expected, abs=1e-8)
    assert q.elbo == pytest.approx(expected, abs=1e-8)
    np.testing.assert_allclose(q.mean("means"), truth.mean("means"), atol=1e-10)
    np.testing.assert_allclose(q.sd("precisions"), truth.sd("precisions"), rtol=1e-10)


@pytest.mark.parametrize("restarts", [1, 6])
def test_the_ledger_holds_for_the_small_mixture(restarts):
    model = GaussianMixture(X, 2, **PRIOR)
    book = ledger(model, cavi(model, rng=1, restarts=restarts))
    assert book.holds and abs(book.residual) < 1e-8


def test_small_concentration_prunes_to_two_components():
    """Bishop (2006), figures 10.6-10.7: six components on Old Faithful, two survive."""
    q = cavi(problem("old-faithful", n_components=6, concentration=1e-3), rng=0, restarts=10)
    weights = np.sort(q.mean("weights"))
    assert (weights[-2:] > 0.3).all() and weights[:-2].max() < 1e-4


def test_the_elbo_prefers_two_components_of_six():
    bounds = [
        cavi(problem("old-faithful", n_components=k), rng=0, restarts=10).elbo for k in range(1, 7)
    ]
    assert int(np.argmax(bounds)) == 1
    assert bounds[0] == pytest.approx(exact(problem("old-faithful", n_components=1)).log_evidence)


@pytest.mark.parametrize("shift", [1e2, 1e4, 1e6])
def test_data_far_from_the_origin_keep_their_digits(shift):
    """Centred inside: a shift of the data and the prior costs nothing up to a million sds."""
    here = GaussianMixture(X, 2, **PRIOR)
    moved = {**PRIOR, "m0": np.add(PRIOR["m0"], shift)}
    there = GaussianMixture(X + shift, 2, **moved)
    assert exact(there).log_evidence == pytest.approx(exact(here).log_evidence, abs=1e-6)
    elbos = [cavi(model, rng=3, restarts=8).elbo for model in (here, there)]
    assert elbos[1] == pytest.approx(elbos[0], abs=1e-6)


def test_a_prior_too_far_from_the_data_is_an_error_not_a_fudge():
    """W^-1 is a difference: with the prior mean 1e10 sds away none of its digits is left."""
    model = GaussianMixture(X, 2, **{**PRIOR, "m0": (1e10, 0.0), "beta0": 1e-3})
    with pytest.raises(NumericalError, match=r"positive definite|fell"):
        cavi(model, rng=0)


def test_gibbs_agrees_with_enumeration_on_what_has_no_name():
    model = GaussianMixture(X, 2, **PRIOR)
    truth = exact(model)
    z = gibbs(model, rng=5, draws=8000, chains=8).values["z"]
    together = (z[..., 0] == z[..., 5]).mean(1)
    expected = truth.mean("co_assignment")[0, 5]
    assert np.abs(together.mean() - expected) < 5 * together.std(ddof=1) / np.sqrt(8) + 1e-3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(n_components=0), "n_components: needs a whole number of at least 1"),
        (dict(n_components=7), "at most one for each of the 6 points"),
        (dict(concentration=0.0), "concentration: needs numbers above 0"),
        (dict(nu0=1.0), r"nu0: needs a number above D - 1 = 1"),
        (dict(beta0=0.0), "beta0: needs a number above 0"),
        (dict(w0_inv=[[1.0, 0.5], [0.2, 1.0]]), "w0_inv: needs a symmetric matrix"),
        (dict(w0_inv=[[1.0, 2.0], [2.0, 1.0]]), "w0_inv: needs a positive definite matrix"),
        (dict(m0=(1, 2, 3)), "m0: needs a number or shape"),
        (dict(x=X[:, 0]), "x: needs an array with 2 axes"),
    ],
)
def test_bad_input(change, words):
    with pytest.raises(InputError, match=words):
        GaussianMixture(**{"x": X, "n_components": 2, **PRIOR, **change})


@pytest.mark.parametrize(
    ("nu0", "mean", "sd"),
    [(1.9, False, False), (2.0, False, False), (2.5, True, False), (3.5, True, True)],
)
def test_a_mean_that_does_not_exist_is_not_stated(nu0, mean, sd):
    """An empty component's mean is a t with nu0 - 1 degrees of freedom, a Cauchy at nu0 = 2."""
    truth = exact(GaussianMixture(X, 2, **{**PRIOR, "nu0": nu0}))
    assert np.isfinite(truth.mean("means")).all() == mean
    assert np.isnan(truth.mean("means")).all() != mean
    assert np.isfinite(truth.sd("means")).all() == sd
    assert np.isposinf(truth.sd("means")).all() != sd
    assert np.isfinite(truth.mean("precisions")).all() and "exact" in repr(truth)
    alone = exact(GaussianMixture(X, 1, **{**PRIOR, "nu0": nu0}))
    assert np.isfinite([*alone.mean("means").ravel(), *alone.sd("means").ravel()]).all()
