"""Every way in which an identity may be said to hold, tried with numbers that have no digits."""

import json
from dataclasses import replace

import numpy as np
import pytest

import vi_lab
from tests.planted.models import with_evidence, with_log_joint
from tests.tables import table
from vi_lab import (
    NormalGamma,
    NormalMixture,
    NumericalError,
    cavi,
    check,
    derivation,
    exact,
    kl,
    ledger,
    plots,
    testing,
)
from vi_lab.cli import check as check_command
from vi_lab.cli import main as cli
from vi_lab.identity import ledger as module
from vi_lab.identity.divergence import kl_estimate
from vi_lab.numerics.rounding import Estimate
from vi_lab.runtime import storage
from vi_lab.vae.evidence.per_datum_ledger import balance

MODEL = NormalGamma(np.arange(5.0), mu0=0.0, kappa0=1.0, a0=1.0, b0=1.0)
Q = cavi(MODEL, rng=0)
NAN, INF = np.nan, np.inf
CLOSED, QUAD, DRAWN = "closed form", "quadrature over z", "Monte Carlo"


def apart(gap):
    """FAULTS A1: five points, two of them `gap` away, under a prior as wide as they are apart."""
    x = [gap, 0, gap - 0.5, 0.25, -0.3]
    return NormalMixture(x, sigma=1, m0=0, s0=gap, concentration=[1, 1])


# log p(x) is -5: its error and route; ELBO and KL with theirs; holds, words of the reason
LEDGERS = [
    ((1e-10, CLOSED), (-6.0, 1e-10, CLOSED), (1.0, 1e-10, CLOSED), True, None),
    ((1e-10, CLOSED), (-6.0, 1e-10, CLOSED), (1.1, 1e-10, CLOSED), False, None),
    ((3e11, CLOSED), (-6.0, 1e-10, CLOSED), (1.1, 1e-10, CLOSED), None, "lost digits: log p(x) is"),
    ((1e-10, CLOSED), (-6.0, 3e11, CLOSED), (1.1, 1e-10, CLOSED), None, "lost digits: the ELBO is"),
    (
        (1e-10, CLOSED),
        (-6.0, 1e-10, CLOSED),
        (1.1, 3e11, CLOSED),
        None,
        "lost digits: the KL is 1.1",
    ),
    ((1e-10, CLOSED), (-6.0, 2e-6, CLOSED), (1.0, 1e-10, CLOSED), None, "lost digits: the ELBO is"),
    ((5e-6, QUAD), (-6.0, 1e-10, CLOSED), (1.0, 3e-6, QUAD), True, None),
    ((5e-6, QUAD), (-6.0, 1e-10, CLOSED), (1.0, 6e-6, QUAD), None, "lost digits: the KL is"),
    (
        (1e-10, CLOSED),
        (-6.0, INF, CLOSED),
        (1.0, 1e-10, CLOSED),
        None,
        "how far off it is is not kno",
    ),
    ((1e-10, CLOSED), (-6.0, 1e-10, CLOSED), (1.0, NAN, CLOSED), None, "lost digits: the KL is 1"),
    (
        (1e-10, CLOSED),
        (-6.0, INF, DRAWN),
        (1.0, 1e-10, CLOSED),
        None,
        "lost digits: the ELBO is -6",
    ),
    ((1e-10, CLOSED), (-6.2, 0.1, DRAWN), (1.0, 1e-10, CLOSED), True, None),
    ((1e-10, CLOSED), (-6.6, 0.1, DRAWN), (1.0, 1e-10, CLOSED), False, None),
    ((3.0, CLOSED), (-6.2, 0.1, DRAWN), (1.0, 1e-10, CLOSED), None, "lost digits: log p(x) is -5"),
    ((1e-10, CLOSED), (-INF, 0.0, CLOSED), (INF, 1e-10, CLOSED), True, None),
    # impossible signs, whose sum is right; within a wide error they are none
    (
        (1e-10, CLOSED),
        (-4.0, 1e-10, CLOSED),
        (-1.0, 1e-10, CLOSED),
        False,
        "a mistake: the KL is -1 ",
    ),
    ((1e-10, CLOSED), (-4.0, 1e3, CLOSED), (-1.0, 1e3, CLOSED), None, "lost digits"),
    (
        (1e-10, CLOSED),
        (-4.0, 1e-10, CLOSED),
        (0.0, 1e-10, CLOSED),
        False,
        "a mistake: log p(x) - EL",
    ),
]


@pytest.mark.parametrize(("evidence", "elbo", "kl", "holds", "words"), LEDGERS)
def test_a_ledger_of_any_three_numbers(monkeypatch, evidence, elbo, kl, holds, words):
    error, route = evidence
    truth = exact(MODEL)
    model = with_evidence(MODEL, -5.0 - truth.log_evidence, error - truth.log_evidence_error, route)
    monkeypatch.setattr(module, "elbo_estimate", lambda q, model: Estimate(*elbo))
    monkeypatch.setattr(module, "kl_estimate", lambda q, truth: Estimate(*kl))
    book = ledger(model, Q)
    assert book.holds is holds
    assert (book.reason is None) is (words is None)
    assert words is None or words in book.reason
    said = {True: "<Ledger holds", False: "<Ledger DOES NOT HOLD", None: "<Ledger cannot be told"}
    assert repr(book).startswith(said[holds])
    assert book.reason is None or f"({book.reason})" in repr(book)
    assert ("agrees within ± " in repr(book)) is (holds is True and DRAWN in book.routes.values())
    document = json.loads(storage.to_json(book.__dict__))
    assert document["holds"] is holds and document["reason"] == book.reason
    # what asks a ledger says no more than it does
    if not holds:
        assert testing.ledger(model, Q).passed is holds
    if np.isfinite([book.elbo, book.kl]).all():
        title = plots.account({"it": book}).get_title(loc="left")
        assert title.startswith(
            {True: "Every q spends", False: "ELBO + KL is not", None: "Whether ELBO + KL"}[holds]
        )


@pytest.mark.parametrize("elbo", [NAN, INF])
def test_a_ledger_of_no_numbers_is_refused(monkeypatch, elbo):
    monkeypatch.setattr(module, "elbo_estimate", lambda q, model: Estimate(elbo, 0.0, CLOSED))
    with pytest.raises(NumericalError, match="the ledger cannot be kept"):
        ledger(MODEL, Q)


@pytest.mark.parametrize("gap", [1e4, 1e8, 1e12])
@pytest.mark.filterwarnings("ignore:rounding hides")  # of the trace, not of the bound of its q
def test_far_apart_clusters_hold_only_with_digits(gap):
    """Where the tolerance is a nat and more nothing was checked, whatever the residual is."""
    model = apart(gap)
    fitted = cavi(model, rng=0)
    assert ledger(model, fitted).tolerance < 1e-9
    for q in (fitted, exact(model)):
        book = ledger(model, q)
        narrow = book.tolerance <= 2e-6
        assert book.holds is (True if narrow else None)
        assert narrow or book.reason.startswith("lost digits: ")


def test_the_exact_posterior_s_own_bound_hides_no_lost_digits_in_its_draws():
    """It is a Monte Carlo average of a constant: what it varies by is rounding, not chance."""
    for large, holds in ((1e8, True), (1e12, None)):  # a double has 1e-8 there, 1e-4 here
        model = with_log_joint(MODEL, lambda honest, t, c=large: (honest(t) + c) - c)
        book = ledger(model, exact(model))
        assert book.routes["elbo"] == "Monte Carlo" and book.holds is holds
    assert book.reason.startswith("lost digits: the ELBO is -11.4187 ±")


@pytest.mark.parametrize(
    ("error", "agrees"), [(0.0, True), (1e-7, True), (1e-5, None), (3e11, None)]
)
def test_a_derivation_agrees_only_with_digits(error, agrees):
    steps = derivation(with_evidence(MODEL, error=error), Q)
    assert steps.agrees is agrees
    assert (steps.reason is None) is (agrees is True)
    words = "in each of five lines" if agrees else "it cannot be told (lost digits: line (5) is"
    assert words in repr(steps)


def test_a_derivation_with_a_mistake_does_not_say_that_all_lines_are_one_number():
    steps = derivation(with_log_joint(MODEL, lambda honest, t: honest(t) + 1e-4), Q)
    assert steps.agrees is False and "NOT in every other" in repr(steps)


def test_a_kl_below_zero_is_a_mistake_in_all_five_lines_at_once(monkeypatch):
    """Where log p(x) and the posterior share a mistake the lines agree, on what no KL can be."""
    honest = derivation(MODEL, Q)
    lines = tuple(line._replace(value=line.value - 1.0) for line in honest.lines)
    for error, agrees in ((0.0, False), (2.0, None)):
        wide = tuple(line._replace(error=line.error + error) for line in lines)
        steps = replace(honest, lines=wide)
        assert steps.agrees is agrees
    steps = replace(honest, lines=lines)
    assert steps.reason.startswith("a mistake: the KL is -0.") and "below 0" in repr(steps)


@pytest.mark.parametrize(("error", "raises"), [(1e-9, True), (2.0, False)])
def test_a_kl_below_zero_raises_where_it_is_asked_for(monkeypatch, error, raises):
    truth, shift = exact(MODEL), 1.0
    honest = type(truth.posterior).kl_from

    def wrong(self, q):
        found = honest(self, q)
        return found._replace(value=found.value - shift, error=error)

    monkeypatch.setattr(type(truth.posterior), "kl_from", wrong)
    if raises:
        with pytest.raises(NumericalError, match=r"a mistake: the KL is -0.*below 0"):
            kl(Q, truth)
    else:
        assert kl(Q, truth) < 0


def test_the_check_says_that_it_cannot_be_told_and_does_not_call_it_a_failure(monkeypatch, capsys):
    models = [MODEL, with_evidence(MODEL, shift=5.0, error=1e3)]
    monkeypatch.setattr(check_command, "check", lambda named, **options: check(models, **options))
    assert cli.main(["check"]) == 0
    out = capsys.readouterr().out
    assert "the ledger holds for 4 of 8 q: cannot be told for NormalGamma" in out
    assert out.count("lost digits: log p(x) is") == 4 and "NOT for" not in out
    assert cli.main(["check", "--format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["holds"] for entry in entries] == [True] * 4 + [None] * 4
    assert all(entry["reason"].startswith("lost digits: ") for entry in entries[4:])
    models[1] = with_evidence(MODEL, shift=5.0)
    assert cli.main(["check"]) == 1
    assert "NOT for" in capsys.readouterr().out


# the errors of log p(x), ELBO and KL of the second of two data; the residual; holds
ROWS = [
    ((1e-9, 1e-9, 1e-9), 0.0, True),
    ((1e-9, 1e-9, 1e-9), 1e-4, False),
    ((1e-9, 9e-6, 1e-9), 0.0, True),
    ((1e-9, 2e-5, 1e-9), 0.0, None),
    ((2e-5, 1e-9, 1e-9), 0.0, None),
    ((1e-9, 1e-9, INF), 0.0, None),
    ((1e-9, NAN, 1e-9), 0.3, None),
    ((1e-9, 1e-9, 1e-9), NAN, None),
    ((1e-9, 1e-9, 1e3), 0.5, None),
]


@table(("errors", "residual", "holds"), ROWS)
def test_a_ledger_of_data_holds_only_if_each_has_digits(errors, residual, holds):
    class Truth:
        value, error = np.array([-5.0, -5.0]), np.array([1e-9, errors[0]])

    bound = Estimate(np.array([-6.0, -6.0 - residual]), np.array([1e-9, errors[1]]), QUAD)
    kl = Estimate(np.ones(2), np.array([1e-9, errors[2]]), QUAD)
    book = balance(Truth, bound, kl)
    assert book.holds is holds
    assert (book.reason is None) is (holds is not None)
    assert book.reason is None or " of row 1 is " in book.reason
    said = {True: "data holds", False: "DOES NOT HOLD", None: "data cannot be told (lost digits"}
    assert said[holds] in repr(book)


def test_a_ledger_of_data_knows_impossible_signs():
    class Truth:
        value, error = np.array([-5.0, -5.0]), np.array([1e-9, 1e-9])

    bound = Estimate(np.array([-6.0, -4.0]), np.full(2, 1e-9), QUAD)
    book = balance(Truth, bound, Estimate(np.array([1.0, -1.0]), np.full(2, 1e-9), QUAD))
    assert book.holds is False and "a mistake: the KL of row 1 is -1 nats" in repr(book)


def test_a_kl_may_be_infinite_and_is_no_error():
    """q gives weight to what p rules out."""
    some, none = vi_lab.Categorical.of([0.5, 0.5]), vi_lab.Categorical.of([1.0, 0.0])
    assert kl(some, none) == INF and kl(none, some) == pytest.approx(np.log(2.0))


@pytest.mark.parametrize(("rows", "holds"), [(None, None), (1, None), (100, True)])
def test_quadrature_may_be_off_by_1e_5_nats_for_each_datum_there_is(rows, holds, monkeypatch):
    """A KL with a stated error of 5e-5: of one row it cannot be told, of a hundred it is enough."""
    q = vi_lab.cavi("newcomb", rng=0)
    found = kl_estimate(q, vi_lab.exact("newcomb"))
    wide = Estimate(found.value, 5e-5, "quadrature")
    monkeypatch.setattr(module, "kl_estimate", lambda q, p: wide)
    monkeypatch.setattr(type(q.model), "independent_rows", rows)
    assert vi_lab.ledger(q.model, q).holds is holds
