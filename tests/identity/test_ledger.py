"""The ledger beyond the contract: routes, errors, the exact posterior itself, planted faults."""

import copy
from dataclasses import replace
from html import escape
from itertools import starmap
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.contract.approximation_checks import random_q
from tests.contract.models import KNOWN
from tests.planted.models import with_posterior
from tests.tables import table
from vi_lab import (
    BetaBernoulli,
    Categorical,
    CorrelatedGaussian,
    Factorised,
    Gamma,
    InputError,
    Normal,
    NormalGamma,
    cavi,
    derivation,
    exact,
    kl,
    ledger,
    problem,
)  # fmt: skip
from vi_lab.comparison import metrics
from vi_lab.identity import derivation as lines
from vi_lab.identity import ledger as identity_ledger
from vi_lab.identity import waterfall
from vi_lab.identity.bound import as_density, elbo_estimate, evidence_estimate
from vi_lab.identity.derivation import Derivation, Line
from vi_lab.numerics.agreement import judge_identity
from vi_lab.numerics.rounding import Estimate

MODEL = KNOWN["normal-gamma"].model


def test_the_exact_posterior_of_another_model_is_refused():
    other = NormalGamma([1.0, 2.0], mu0=0, kappa0=1, a0=1, b0=1)
    with pytest.raises(InputError, match="q: is the exact posterior of another model"):
        ledger(MODEL, exact(other))


def test_a_ledger_shows_values_errors_and_routes():
    book = ledger(MODEL, cavi(MODEL, rng=0))
    rows = book.table()
    assert [row["nats"] for row in rows] == ["log_evidence", "elbo", "kl"]
    assert [row["value"] for row in rows] == [book.log_evidence, book.elbo, book.kl]
    assert all(row["error"] < 1e-9 and row["route"] == "closed form" for row in rows)
    assert book.tolerance == pytest.approx(sum(book.errors.values()))
    assert "holds" in repr(book)
    assert f"<td>{book.kl:.12g}</td>" in book._repr_html_()
    steps = derivation(MODEL, cavi(MODEL, rng=0))
    assert f"<td>{steps.lines[0].value:.12f}</td>" in steps._repr_html_()
    with pytest.raises(TypeError, match=r"ask a ledger for .holds"):
        bool(book)
    with pytest.raises(AttributeError):
        book.elbo = 0.0


@pytest.mark.parametrize("line", [2, 3, 4, 5])
def test_a_mistake_in_the_log_joint_parts_the_lines_of_the_derivation(line, monkeypatch):
    """Line 1 reads the posterior; the others read the log joint, and leave with it."""
    q, honest = cavi(MODEL, rng=0), MODEL.log_joint
    assert derivation(MODEL, q).agrees
    monkeypatch.setattr(
        MODEL, "log_joint", lambda stats: honest(stats) + 1e-6 * stats["tau"].value, raising=False
    )
    steps = derivation(MODEL, q)
    assert not steps.agrees
    assert abs(steps[line - 1].value - steps[0].value) > 1e-7


def test_a_log_joint_that_is_not_affine_parts_line_five_alone(monkeypatch):
    """Right at every value of the latents and wrong at expectations: MH and Gibbs never notice."""
    q, honest = cavi(MODEL, rng=0), MODEL.log_joint

    def bent(stats):
        mu = stats["mu"]
        return honest({**stats, "mu": mu._replace(square=mu.value**2)})

    monkeypatch.setattr(MODEL, "log_joint", bent, raising=False)
    steps = derivation(MODEL, q)
    assert not steps.agrees
    assert_allclose([line.value for line in steps[:4]], steps[0].value, atol=1e-9)
    assert abs(steps[4].value - steps[0].value) > 1e-3
    assert ledger(MODEL, q).holds is False


def test_a_mistake_in_the_posterior_parts_the_lines():
    honest = exact(MODEL).posterior
    model = with_posterior(MODEL, log_density=lambda values: honest.log_density(values) + 1e-6)
    assert not derivation(model, cavi(model, rng=0)).agrees


def test_too_many_dimensions_are_averaged_over_draws():
    size = 6
    model = CorrelatedGaussian(np.zeros(size), 0.5 * np.eye(size) + 0.5)
    steps = derivation(model, cavi(model, rng=0))
    assert steps[0].route == "Monte Carlo"
    assert steps[4].route == "closed form"
    assert steps.agrees
    assert 0 < steps[0].error < 0.05


def test_each_line_states_the_errors_of_what_it_is_made_of(monkeypatch):
    """By how much its own grows where one of those is larger by a known amount."""
    q = cavi(MODEL, rng=0)

    def errors():
        return np.array([line.error for line in derivation(MODEL, q)])

    def grown():
        found = errors() - before
        monkeypatch.undo()
        return found

    before, average, truth = errors(), lines.Nodes.average, exact(MODEL)
    monkeypatch.setattr(lines, "disturb_log_joint", lambda *_: np.array([0.25, 0.0]))
    assert_allclose(grown(), [0, 0.25, 0.25, 0.25, 0.25], atol=1e-9)
    less_sure = replace(truth, log_evidence_error=truth.log_evidence_error + 0.5)
    monkeypatch.setattr(lines, "exact", lambda _: less_sure)
    assert_allclose(grown(), [0, 0, 0, 0, 0.5], atol=1e-9)
    monkeypatch.setattr(
        lines.Nodes, "average", lambda self, f: (a := average(self, f))._replace(error=a.error + 1)
    )
    assert_allclose(grown(), [1, 1, 2, 1, 0], atol=1e-9)  # line 3 averages log p(x) too
    # of line 5: the expected log joint and the entropy, and log p(x)
    monkeypatch.setattr(lines, "rounding", lambda *terms: 2.0 ** len(terms))
    assert_allclose(grown(), [0, 0, 0, 0, 4 + 2], atol=1e-9)


def test_an_average_over_draws_has_its_standard_error():
    values = np.random.default_rng(0).normal(3.0, 2.0, 400)
    mean, error, route = lines._average(values)
    assert mean == pytest.approx(values.mean()) and route == "Monte Carlo"
    assert error == pytest.approx(stats.sem(values, ddof=0))


@pytest.mark.parametrize("sure", [0, 1])
def test_a_line_may_be_off_the_last_by_the_errors_of_both_and_no_more(sure):
    for off, agrees in ((1.9e-8, True), (2.1e-8, False)):
        error = [1e-12, 1e-12, 1e-12, 1e-12, 1e-12]
        error[-sure] = 2e-8
        values = [1.0 + off, 1.0, 1.0, 1.0, 1.0] if not sure else [1.0] * 4 + [1.0 + off]
        rows = zip(range(1, 6), "abcde", values, error, [CLOSED] * 5, strict=True)
        assert Derivation(tuple(starmap(Line, rows)), -3.0, -4.0).agrees is agrees


@table("case", KNOWN.values(), ids=KNOWN)
def test_kl_between_two_factorised_is_the_sum_over_blocks(case):
    p, q = (random_q(case.model, np.random.default_rng(seed)) for seed in (0, 1))
    parts = [np.sum(kl(q.q[name], p.q[name])) for name in q.q]
    assert_allclose(kl(q, p), np.sum(parts))
    assert kl(q, q) == pytest.approx(0.0, abs=1e-12)
    batch = random_q(case.model, np.random.default_rng(2), (3,))
    assert np.shape(kl(batch, p)) == (3,)
    assert_allclose(
        kl(Factorised(case.model, **{n: f for n, f in batch.q.items()}), batch), 0, atol=1e-12
    )


def test_kl_between_distributions():
    assert kl(Normal.of(mean=1, sd=2), Normal.of(mean=0, sd=1)) == pytest.approx(2 - np.log(2))
    assert kl(Gamma.of(shape=1, rate=2), Gamma.of(shape=1, rate=1)) == pytest.approx(
        np.log(2) - 0.5
    )
    assert kl(Categorical.of([1, 0]), Categorical.of([0.5, 0.5])) == pytest.approx(np.log(2))
    assert kl(Normal.of(mean=[0, 1], sd=1), Normal.of(mean=0, sd=1)).tolist() == [0.0, 0.5]


CLOSED = "closed form"
ROUTES = {  # of log p(x) and of the KL: those of an ELBO are all in closed form
    "change point": ("enumeration of s",) * 2,
    "poisson rate": (CLOSED, "quadrature"),
    "known mixture": ("enumeration", "quadrature"),
    "normal mixture": ("enumeration of 16 labellings", "enumeration"),
    "normal mixture, a weight of zero": ("enumeration of 27 labellings", "enumeration"),
    "normal mixture, Dirichlet": ("enumeration of 8 labellings", "enumeration"),
    "Gaussian mixture, 1-D": ("enumeration of 16 labellings", "enumeration"),
    "Gaussian mixture, 2-D": ("enumeration of 16 labellings", "enumeration"),
    "Gaussian mixture, one component": (CLOSED, "enumeration"),
    "normal, semi-conjugate": ("quadrature over tau", "quadrature"),
    "linear regression, known noise": ("quadrature over alpha", "quadrature"),
    "clutter": ("quadrature over theta", "quadrature"),
    "clutter, 2-D": ("enumeration of 8 labellings", "enumeration"),
    "logistic regression": ("quadrature over beta",) * 2,
    "logistic regression, one coefficient": ("quadrature over beta",) * 2,
    "probit regression": ("quadrature over beta",) * 2,
    "hierarchy, inverse gamma": ("quadrature over tau",) * 2,
    "hierarchy, half-Cauchy": ("quadrature over tau",) * 2,
    "local level": ("Kalman filter", CLOSED),
    "local level, joint": ("Kalman filter", CLOSED),
    "topics": ("enumeration of 32 labellings", "enumeration"),
    "Bayes net": ("enumeration of 16 labellings", "enumeration"),
    "Bayes net, joined": ("enumeration of 16 labellings", "enumeration"),
    "Bayes net, an or": ("enumeration of 16 labellings", "enumeration"),
    "Ising": ("enumeration of 512 labellings", "enumeration"),
    "Ising, a row": ("enumeration of 16 labellings", "enumeration"),
    "Ising, a torus": ("enumeration of 256 labellings", "enumeration"),
    "Ising, denoising": ("enumeration of 64 labellings", "enumeration"),
    "hidden Markov": ("forward algorithm", "enumeration"),
    "hidden Markov, joint": ("forward algorithm", "enumeration"),
}


@table("name", KNOWN)
def test_each_number_says_by_which_route_it_came(name):
    model = KNOWN[name].model
    routes = ledger(model, random_q(model, np.random.default_rng(1))).routes
    assert tuple(routes) == ("log_evidence", "elbo", "kl") and routes["elbo"] == CLOSED
    assert (routes["log_evidence"], routes["kl"]) == ROUTES.get(name, (CLOSED, CLOSED))


class OfFive(BetaBernoulli):
    independent_rows = 5


@pytest.mark.parametrize(("kind", "rows"), [(BetaBernoulli, 1), (OfFive, 5)])
def test_the_three_numbers_are_judged_as_those_of_so_many_data(kind, rows, monkeypatch):
    """By a ledger, by a waterfall and by the row of a comparison."""
    seen = []

    def note(evidence, elbo, kl, data=1):
        seen.append(data)
        return judge_identity(evidence, elbo, kl, data)

    for module in (identity_ledger, waterfall, metrics):
        monkeypatch.setattr(module, "judge_identity", note)
    model = kind([1, 0, 1, 1], 1.0, 1.0)
    q, truth = cavi(model, rng=0), exact(model)
    ledger(model, q)
    waterfall.stack(model, {"cavi": q})
    reference = SimpleNamespace(evidence=evidence_estimate(truth), exact=truth)
    metrics._keep_ledger(q, reference, elbo_estimate(q, model))
    assert seen == [rows] * 3


def test_a_table_in_a_notebook_is_headed_by_what_the_object_is():
    q = cavi(BetaBernoulli([1, 0, 1, 1], 1.0, 1.0), rng=0)
    for shown in (ledger(q.model, q), waterfall.stack(q.model, {"cavi": q})):
        heading = escape(repr(shown).removeprefix("<").removesuffix(">"))
        assert shown._repr_html_().startswith(f"<table><caption>{heading}</caption>")


def test_a_q_of_the_same_model_becomes_one_of_this_very_one():
    model = problem("newcomb").model
    other = copy.deepcopy(model)
    assert as_density(other, exact(model)).model is other
    truth = exact(model)
    assert as_density(model, truth) is truth


@pytest.mark.parametrize("off", [1.0, -1.0, 0.0])
def test_a_sum_that_holds_of_impossible_numbers_does_not(off, monkeypatch):
    """An ELBO above log p(x) by a nat and a KL of -1 add up, and so does a nat the other way: in a
    ledger, in a waterfall and in the row of a comparison."""
    model = BetaBernoulli([1, 0, 1, 1], 1.0, 1.0)
    truth, q, error = exact(model), cavi(model, rng=0), 1e-9
    reference = SimpleNamespace(evidence=evidence_estimate(truth), exact=truth)
    bound = Estimate(truth.log_evidence + off, error, CLOSED)
    for module in (identity_ledger, waterfall, metrics):
        monkeypatch.setattr(module, "kl_estimate", lambda q, p: Estimate(-off, error, CLOSED))
    kept = metrics._keep_ledger(q, reference, bound)
    assert kept == {"kl": -off, "kl_error": error, "holds": off <= 0}
    monkeypatch.setattr(waterfall, "elbo_estimate", lambda q, model: bound)
    for book in (identity_ledger.close(truth, q, bound), waterfall.stack(model, {"cavi": q})):
        assert book.holds is (off <= 0) and abs(book.residual) < 1e-12
        assert (book.reason is None) is (off <= 0)
        assert book.reason is None or "the KL is -1" in book.reason
