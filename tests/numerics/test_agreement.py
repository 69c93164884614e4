"""What a difference may be called, by a table written by hand: word, tolerance, reason."""

import numpy as np
import pytest

from tests.tables import table
from vi_lab import NumericalError
from vi_lab.numerics.agreement import (
    STATED,
    describe_impossible,
    judge,
    judge_identity,
    refuse_impossible,
    write_amount,
)
from vi_lab.numerics.rounding import Estimate

CLOSED, ENUMERATED = "closed form", "enumeration of 1,024 labellings"
QUAD, GLOBAL = "quadrature over tau", "quadrature (midpoint, global)"
DRAWN, SPREAD = "Monte Carlo, 100 draws of q", "randomised quasi-Monte Carlo, 16 shifts"
WEIGHED, PARTICLES = "importance sampling, 9 draws", "collapsed particle filters, 20 of 10"
NAN, INF = np.nan, np.inf

# difference, numbers as (value, error, route), data, word, tolerance
TABLE = [
    # closed forms: the errors of both sides added, and at most 1e-6 nats
    (0.0, [(-5.0, 1e-10, CLOSED), (-5.0, 2e-10, CLOSED)], 1, "agrees", 3e-10),
    (3e-10, [(-5.0, 1e-10, CLOSED), (-5.0, 2.1e-10, CLOSED)], 1, "agrees", 3.1e-10),
    (-3e-10, [(-5.0, 1e-10, CLOSED), (-5.0, 2.1e-10, CLOSED)], 1, "agrees", 3.1e-10),
    (3.2e-10, [(-5.0, 1e-10, CLOSED), (-5.0, 2.1e-10, CLOSED)], 1, "differs", 3.1e-10),
    (-3.2e-10, [(-5.0, 1e-10, CLOSED), (-5.0, 2.1e-10, CLOSED)], 1, "differs", 3.1e-10),
    (0.0, [(-5.0, 9e-7, CLOSED)], 1, "agrees", 9e-7),
    (0.0, [(-5.0, 1.1e-6, CLOSED)], 1, "cannot be told", 1.1e-6),
    (0.0, [(-5.0, 6e-7, CLOSED), (-5.0, 6e-7, ENUMERATED)], 1, "cannot be told", 1.2e-6),
    (0.0, [(-5.0, 1.1e-6, ENUMERATED)], 1, "cannot be told", 1.1e-6),
    (0.0, [(-5.0, 1.1e-6, "transfer matrix over rows of 8 spins")], 1, "cannot be told", 1.1e-6),
    (0.0, [(-5.0, 1.1e-6, "what a user calls it")], 1, "cannot be told", 1.1e-6),
    (0.0, [(0.0, 0.0, CLOSED)], 1, "agrees", 0.0),
    # or 1e-9 of the largest number
    (0.0, [(-2e6, 1.9e-3, CLOSED)], 1, "agrees", 1.9e-3),
    (0.0, [(-2e6, 2.1e-3, CLOSED)], 1, "cannot be told", 2.1e-3),
    (0.0, [(-2e6, 0.0, CLOSED), (3.0, 1.9e-3, CLOSED)], 1, "agrees", 1.9e-3),
    (0.0, [(-INF, 0.0, CLOSED), (3.0, 1.9e-3, CLOSED)], 1, "cannot be told", 1.9e-3),
    # quadrature: at most 1e-5 nats a datum
    (0.0, [(-5.0, 9e-6, QUAD)], 1, "agrees", 9e-6),
    (0.0, [(-5.0, 1.1e-5, QUAD)], 1, "cannot be told", 1.1e-5),
    (0.0, [(-5.0, 1.9e-4, GLOBAL)], 20, "agrees", 1.9e-4),
    (0.0, [(-5.0, 2.1e-4, GLOBAL)], 20, "cannot be told", 2.1e-4),
    (0.0, [(-5.0, 2e-6, CLOSED)], 20, "cannot be told", 2e-6),
    (1.2e-5, [(-5.0, 1.1e-5, QUAD)], 1, "differs", 1.1e-5),
    # each uses up its share: 0.4 and 0.7, 0.4 and 0.5
    (0.0, [(-5.0, 4e-6, QUAD), (-5.0, 7e-7, CLOSED)], 1, "cannot be told", 4.7e-6),
    (0.0, [(-5.0, 4e-6, QUAD), (-5.0, 5e-7, CLOSED)], 1, "agrees", 4.5e-6),
    # Monte Carlo: five standard errors, any width, if it is known
    (0.49, [(-5.0, 0.1, DRAWN)], 1, "agrees", 0.5),
    (0.51, [(-5.0, 0.1, DRAWN)], 1, "differs", 0.5),
    (1e5, [(-5.0, 1e6, SPREAD)], 1, "agrees", 5e6),
    (0.4, [(-5.0, 0.1, WEIGHED), (-5.0, 0.05, PARTICLES)], 1, "agrees", 0.75),
    (0.4, [(-5.0, 0.1, DRAWN), (-5.0, 1e-9, CLOSED)], 1, "agrees", 0.5 + 1e-9),
    (0.4, [(-5.0, 0.1, DRAWN), (-5.0, 2e-6, CLOSED)], 1, "cannot be told", 0.5 + 2e-6),
    (0.0, [(-5.0, INF, DRAWN)], 1, "cannot be told", INF),
    (0.0, [(-5.0, NAN, DRAWN)], 1, "cannot be told", INF),
    # what another tool printed
    (9e-4, [(-5.0, 1e-3, STATED), (-5.0, 1e-10, CLOSED)], 1, "agrees", 1e-3 + 1e-10),
    (0.0, [(-5.0, 1e-3, STATED), (-5.0, 1.0, CLOSED)], 1, "cannot be told", 1.001),
    (0.0, [(-5.0, INF, STATED)], 1, "cannot be told", INF),
    # unusable numbers
    (NAN, [(NAN, 1e-10, CLOSED), (-5.0, 1e-10, CLOSED)], 1, "cannot be told", 2e-10),
    (NAN, [(-INF, 1e-10, CLOSED), (-INF, 1e-10, CLOSED)], 1, "cannot be told", 2e-10),
    (INF, [(-5.0, 1e-10, CLOSED), (-INF, 0.0, CLOSED)], 1, "differs", 1e-10),
    (INF, [(-5.0, INF, CLOSED), (-INF, 0.0, CLOSED)], 1, "cannot be told", INF),
    (0.0, [(-5.0, NAN, CLOSED)], 1, "cannot be told", INF),
    (0.0, [(-5.0, -1.0, CLOSED)], 1, "cannot be told", INF),
    (1e9, [(-5.0, -1.0, CLOSED)], 1, "cannot be told", INF),
    (-6.7e7, [(-6.7e7, 1.3e11, ENUMERATED), (-64.3, 2.2e11, CLOSED)], 1, "cannot be told", 3.5e11),
    (-6.7e7, [(-6.7e7, 1.3e4, ENUMERATED), (-64.3, 2.2e4, CLOSED)], 1, "differs", 3.5e4),
]


def estimates(numbers):
    return {f"number {i}": Estimate(*number) for i, number in enumerate(numbers)}


@table(("difference", "numbers", "data", "word", "tolerance"), TABLE)
def test_the_word_for_a_difference(difference, numbers, data, word, tolerance):
    judged = judge(difference, estimates(numbers), data)
    assert judged.word == word
    assert judged.holds is {"agrees": True, "differs": False, "cannot be told": None}[word]
    assert judged.tolerance == pytest.approx(tolerance, rel=1e-9)
    assert (judged.reason is not None) is (word == "cannot be told")
    assert judged.reason is None or judged.reason.startswith("lost digits: number ")
    assert judged.impossible is (word == "differs" and difference < 0)
    sampled = any("Carlo" in r or "sampling" in r or "particle" in r for *_, r in numbers)
    within = " within ± " if word == "agrees" and sampled else ""
    assert judged.brief.startswith(word + within) and (within in judged.brief)


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        (
            [(-67108928.15, 1.33e11, CLOSED), (-64.3, 2.2e9, CLOSED)],
            "lost digits: number 0 is -6.71089e+07 ± 1.3e+11",
        ),
        (
            [(-5.0, 1e-9, CLOSED), (-4151.136, 2.2e7, CLOSED)],
            "lost digits: number 1 is -4151.14 ± 2.2e+07",
        ),
        # not the widest, but the one that uses up most of what its route allows
        (
            [(-5.0, 1e-5, QUAD), (-4.0, 2e-6, CLOSED), (-5.0, 9.0, DRAWN)],
            "lost digits: number 1 is -4 ± 2.0e-06",
        ),
        ([(-5.0, INF, CLOSED)], "lost digits: number 0 is -5, and how far off it is is not known"),
        (
            [(-5.0, 1e-9, CLOSED), (-4.0, NAN, DRAWN)],
            "lost digits: number 1 is -4, and how far off it is is not known",
        ),
        (
            [(-5.0, 1e-9, CLOSED), (NAN, 1e-9, DRAWN)],
            "lost digits: number 1 is nan, and how far off it is is not known",
        ),
    ],
)
def test_the_reason_names_the_number_and_how_wide_it_is(numbers, reason):
    difference = numbers[0][0] - numbers[1][0] if np.isnan(numbers[-1][0]) else 0.0
    assert judge(difference, estimates(numbers)).reason == reason


def test_of_an_array_each_must_agree():
    def number(errors):
        return {"log p(x)": Estimate(np.full(3, -5.0), np.array(errors), QUAD)}

    zero = np.zeros(3)
    assert judge(zero, number([1e-9, 1e-9, 9e-6])).word == "agrees"
    lost = judge(zero, number([1e-9, 1e-9, 2e-5]))
    assert lost.word == "cannot be told"
    assert lost.reason == "lost digits: log p(x) of row 2 is -5 ± 2.0e-05"
    # one that differs is enough, whatever the others are
    assert judge(np.array([0.0, 1e-6, 0.0]), number([1e-9, 1e-9, 2e-5])).word == "differs"
    assert judge(np.array([NAN, 0.0, 0.0]), number([1e-9, 1e-9, 1e-9])).word == "cannot be told"
    # one that differs upwards makes no mistake of another that is below zero within its error
    above = judge(np.array([1.0, -5e-10, 0.0]), number([1e-9, 1e-9, 1e-9]))
    assert above.word == "differs" and not above.impossible
    below = judge(np.array([1.0, -2e-5, -0.1]), number([1e-9, 1e-9, 1e-3]))
    assert below.impossible
    said = describe_impossible("the KL", below)
    assert (
        said == "a mistake: the KL of row 2 is -0.1 nats, below 0 by more than its error of 0.001"
    )


def test_below_zero_is_refused_beyond_the_error_alone():
    refuse_impossible("the KL", judge(-1e-3, {"it": Estimate(-1e-3, 2e-3, CLOSED)}))
    refuse_impossible("the KL", judge(-1e7, {"it": Estimate(-1e7, 1e11, CLOSED)}))
    refuse_impossible("the KL", judge(1.0, {"it": Estimate(1.0, 1e-9, CLOSED)}))
    with pytest.raises(NumericalError) as caught:
        refuse_impossible("the KL", judge(-0.1, {"it": Estimate(-0.1, 2e-10, CLOSED)}))
    assert str(caught.value) == (
        "a mistake: the KL is -0.1 nats, below 0 by more than its error of 2e-10"
    )


@pytest.mark.parametrize(
    ("difference", "error", "written"),
    [
        (0.5, 1e-12, "0.5 nats"),
        (0.5, 0.049, "0.5 nats"),
        (0.5, 0.051, "less than 0.55 nats"),
        (-0.5, 0.051, "less than 0.55 nats"),
        (-0.5, 0.001, "0.5 nats"),
        (3e-10, 2e-10, "less than 5e-10 nats"),
    ],
)
def test_an_amount_has_a_number_from_ten_times_its_error_on(difference, error, written):
    judged = judge(difference, {"it": Estimate(0.0, error, CLOSED)})
    assert judged.word == "differs"
    assert write_amount(judged, lambda amount: f"{amount:.2g} nats") == written


# log p(x), ELBO, KL as (value, error); holds, whether a sign is impossible
IDENTITIES = [
    ((-5.0, 1e-10), (-6.0, 1e-10), (1.0, 1e-10), True, None),
    ((-5.0, 1e-10), (-6.0, 1e-10), (1.1, 1e-10), False, None),
    ((-5.0, 1e-10), (-5.0, 1e-10), (0.0, 1e-10), True, None),
    ((-5.0, 1e-10), (-5.0 + 1e-10, 1e-10), (-1e-11, 1e-10), True, None),
    # the sum is right and the signs are not
    ((-5.0, 1e-10), (-4.9, 1e-10), (-0.1, 1e-10), True, "the KL"),
    ((-5.0, 1e-10), (-4.9, 1e-10), (0.0, 1e-10), False, "log p(x) - ELBO"),
    ((-5.0, 1e-10), (-4.9, 1e3), (-0.1, 1e3), None, None),
    ((-5.0, 1e3), (-4.9, 1e-10), (0.3, 1e-10), None, None),
    ((-5.0, INF), (-4.9, 1e-10), (0.3, 1e-10), None, None),
    ((-5.0, 1e-10), (-INF, 0.0), (INF, 1e-10), True, None),
    ((-5.0, 1e-10), (-INF, 0.0), (INF, INF), True, None),
    ((-5.0, 1e3), (-INF, 0.0), (INF, INF), None, None),
    ((-5.0, 1e-10), (-INF, 0.0), (1.0, 1e-10), False, None),
    ((-5.0, 1e-10), (NAN, 1e-10), (1.0, 1e-10), None, None),
]


@table(("evidence", "elbo", "kl", "holds", "mistake"), IDENTITIES)
def test_an_identity_has_a_residual_and_signs(evidence, elbo, kl, holds, mistake):
    judged, found = judge_identity(*(Estimate(*n, CLOSED) for n in (evidence, elbo, kl)))
    assert judged.holds is holds
    assert (found is None) is (mistake is None)
    assert mistake is None or found.startswith(f"a mistake: {mistake} is -0.1 nats")
    rows = judge_identity(
        *(Estimate(np.full(2, n[0]), np.full(2, n[1]), CLOSED) for n in (evidence, elbo, kl))
    )
    assert rows[0].holds is holds and (rows[1] is None) is (mistake is None)
