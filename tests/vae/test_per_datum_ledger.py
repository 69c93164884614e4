"""Gaps: of what ends worse than where it began, the beginning; and the errors of four numbers."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
from tests.vae.test_evidence import make_up
from vi_lab import NumericalError
from vi_lab.numerics.rounding import Estimate
from vi_lab.vae.evidence import (
    expectations,
    normaliser,
    per_datum_ledger,
    quadrature,
    sampling,
)
from vi_lab.vae.evidence.convergence import AGREE, AGREED
from vi_lab.vae.evidence.gaps import Climb

NUMBERS = ("log_evidence", "elbo", "kl")


def astray(climb, d):
    """The same climb, whose first datum ends three sds and more away from where it should."""

    def climbed(*given, **more):
        q, evaluations = climb(*given, **more)
        q = q.copy()
        q[0, :d] += 30.0
        return Climb(q, evaluations)

    return climbed


def test_no_q_is_worse_than_the_encoders_by_quadrature(monkeypatch):
    """Then the encoder's is the best known: it costs nothing, and all is the family's."""
    fit, x = make_up(1, likelihood="bernoulli", activation="tanh")
    right, book = fit.gaps(x), fit.ledger(x)
    wrong = astray(per_datum_ledger.best_gaussians, 1)
    monkeypatch.setattr(per_datum_ledger, "best_gaussians", wrong)
    found = fit.gaps(x)
    assert abs(found.amortisation[0]) < 1e-12 < 1e-3 < right.amortisation[0]
    assert_allclose(found.approximation[0], book.kl[0], rtol=1e-7)
    assert (np.abs(found.residual) <= found.error).all() and (found.error < 1e-6).all()
    assert_allclose(found.amortisation[1:], right.amortisation[1:], atol=1e-9)


def test_no_q_is_worse_than_the_encoders_by_draws(monkeypatch):
    fit, x = make_up(3, likelihood="bernoulli", activation="tanh")
    right = fit.gaps(x, draws=50, k=3000, rng=0)
    monkeypatch.setattr(sampling, "climb", astray(sampling.climb, 3))
    found = fit.gaps(x, draws=50, k=3000, rng=0)
    assert found.amortisation[0] == 0.0 < right.amortisation[0]
    assert_allclose(found.approximation[0], found.log_evidence[0] - found.elbo[0], rtol=1e-12)
    assert_allclose(found.amortisation[1:], right.amortisation[1:], rtol=1e-12)


def test_an_average_over_draws_has_their_standard_error():
    """Of one datum, from 100 draws sixty times over."""
    fit, x = make_up(3, likelihood="bernoulli", activation="tanh")
    rows, rng = fit._probable(x[:1], "an ELBO"), np.random.default_rng(0)
    found = [
        sampling._average_elbo(rows, rows.encoded, rng.standard_normal((100, 1, 3)))
        for _ in range(60)
    ]
    values, errors = np.array(found)[:, :, 0].T
    assert_allclose(errors.mean(), values.std(ddof=1), rtol=0.3)


@pytest.mark.parametrize("off", [0.0, 0.25])
def test_what_cells_may_be_off_is_stated_and_no_less_than_what_two_rules_agree_to(off, monkeypatch):
    """Of a decoder with kinks each number is integrated over cells of its own: log p(x) and the
    normaliser are off by a share of an integral, the ELBO and the other part of the KL by nats."""
    fit, x = make_up(1, likelihood="bernoulli", activation="relu")
    for module, rule in ((quadrature, "integrate_joint"), (normaliser, "integrate_joint"),
                         (expectations, "integrate_under")):  # fmt: skip

        def said(*given, honest, unit, **more):
            found = honest(*given, **more)
            return found._replace(error=off * (found.sums[0] if unit == "of it" else 1.0))

        unit = "of it" if rule == "integrate_joint" else "nats"
        monkeypatch.setattr(module, rule, partial(said, honest=getattr(module, rule), unit=unit))
    errors = fit.ledger(x).errors
    least = AGREED * AGREE
    share, nats = max(np.log1p(off), least), max(off, least)
    for name, expected in (("log_evidence", share), ("elbo", nats), ("kl", share + nats)):
        assert_allclose(errors[name], expected, rtol=1e-3)


@pytest.mark.parametrize("hides", [1.0, 0.0])
def test_where_something_hides_between_even_nodes_cells_take_over(hides, monkeypatch):
    """Of the normaliser, datum by datum: as many cells are laid as there are data, or none."""
    fit, x = make_up(1, likelihood="bernoulli", activation="tanh")
    laid, rows = [], fit._probable(x, "a normaliser")
    truth = vi_lab.DecoderModel(fit, x).truth
    honest = normaliser.integrate_joint

    def lay(*given, **more):
        laid.append(given)
        return honest(*given, **more)

    monkeypatch.setattr(normaliser, "integrate_joint", lay)
    plain = normaliser.normalise(rows, truth)
    assert not laid
    monkeypatch.setattr(
        normaliser, "smooth_everywhere", lambda decoder, steps: np.zeros(len(steps), bool)
    )
    hidden = lambda decoder, x, z, steps: np.full(len(z), hides)  # noqa: E731
    monkeypatch.setattr(normaliser, "bound_hidden", hidden)
    found = normaliser.normalise(rows, truth)
    assert len(laid) == (len(x) if hides else 0)
    assert_allclose(found.value, plain.value, atol=1e-8)


def test_a_table_has_the_means_and_the_largest_errors():
    errors = {name: np.array([1e-9, 3e-9]) * k for k, name in enumerate(NUMBERS, 1)}
    numbers = [np.array([-4.0, -2.0]) * k for k in (1, 2, 3)]
    book = per_datum_ledger.PerDatumLedger(
        *numbers, np.array([1e-10, -4e-10]), np.full(2, 1e-8), True,
        dict.fromkeys(NUMBERS, "a route"), errors,
    )  # fmt: skip
    for k, (row, name) in enumerate(zip(book.table(), NUMBERS, strict=True), 1):
        assert row == {"nats per datum": name, "mean": -3.0 * k, "largest error": 3e-9 * k,
                       "route": "a route"}  # fmt: skip
    assert repr(book) == (
        "<Ledger of 2 data holds: on average -3 = -6 + -9, largest residual 4e-10>"
    )


def four(evidence=-3.0, elbo=-5.0, best=-4.0, kl=1.0):
    """One datum: log p(x), the two bounds and the KL, each with an error of its own."""
    numbers = (evidence, 1e-7), (elbo, 2e-8), (best, 3e-9), (kl, 4e-10)
    return [Estimate(np.array([v]), np.array([e]), "quadrature") for v, e in numbers]


def test_a_gap_is_divided_and_every_error_counted():
    truth, *rest = four(kl=0.75)
    gaps = per_datum_ledger.divide_gap(SimpleNamespace(**truth._asdict()), *rest)
    assert (gaps.log_evidence, gaps.elbo) == (-3.0, -5.0)
    assert (gaps.amortisation, gaps.approximation, gaps.residual) == (1.0, 0.75, 0.25)
    assert_allclose(gaps.error, 1.234e-7, rtol=1e-12)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (dict(kl=-1e-5), "the approximation gap is -1e-05 nats"),
        (dict(best=-2.5), r"log p\(x\) - ELBO\(q\*\) is -0.5 nats"),
        (dict(best=-5.5), "the amortisation gap is -0.5 nats"),
    ],
)
def test_no_part_of_a_gap_is_below_zero(numbers, words):
    truth, *rest = four(**numbers)
    with pytest.raises(NumericalError, match=words):
        per_datum_ledger.divide_gap(SimpleNamespace(**truth._asdict()), *rest)
