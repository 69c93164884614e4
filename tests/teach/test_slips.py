"""One slip in a right function is described, whatever form it was written in."""

from math import lgamma, log, pi

import numpy as np
import pytest
from scipy.special import digamma, expit, gammaln
from scipy.stats import poisson

from tests.tables import table
from tests.teach.test_bank import PLAIN, by_lesson, quietly, random_inputs
from vi_lab.teach import check
from vi_lab.teach.bank import find
from vi_lab.teach.lessons.exercises.lesson_02_steps import log_p
from vi_lab.teach.lessons.forms.other_forms import FORMS
from vi_lab.teach.lessons.solutions.lesson_01 import five_lines
from vi_lab.teach.relations.terms import terms_of
from vi_lab.teach.slips.formulas import Unknown, compute, formulas_of
from vi_lab.teach.slips.one_slip import relate_slips, right_forms, slips_of


def clip(x, low, scale):
    """A function with most of what is computed."""
    total, kept = 0.0, []
    for value in x:
        if value < low:
            total += np.sqrt(value**2) / scale
        else:
            kept.append(-value)
    kept = [v * 2 for v in kept if v > -3]
    return (total if len(kept) > 1 else scale), sum(kept) + x[::2][0]


def forgets(x):
    """Holds what is not computed."""
    with np.errstate(all="ignore"):
        return np.log(x)


@pytest.mark.parametrize("seed", range(5))
def test_the_tree_of_a_function_computes_what_the_function_does(seed):
    x = np.random.default_rng(seed).normal(size=6)
    known = clip.__globals__
    assert compute(formulas_of(clip), known, (x, 0.3, 2.0)) == clip(x, 0.3, 2.0)


def test_what_is_not_known_is_refused():
    with pytest.raises(Unknown):
        compute(formulas_of(forgets), forgets.__globals__, (1.0,))


@by_lesson("exercise", PLAIN)
def test_every_solution_is_computed_from_its_tree(exercise):
    tree = formulas_of(exercise.right)
    for arguments in random_inputs(exercise, 5, 3):
        result = compute(tree, exercise.right.__globals__, arguments)
        parts = result if isinstance(result, tuple) else (result,)
        for got, want in zip(parts, quietly(exercise.right, arguments), strict=True):
            np.testing.assert_array_equal(np.asarray(got, float), want)


@table("identity", FORMS)
def test_other_forms_are_right_and_computed_from_their_trees(identity):
    exercise = find(identity)
    for form in FORMS[identity]:
        assert form in right_forms(exercise)
        assert check(identity, form).status == "right", form
        with np.errstate(all="ignore"):
            for arguments in random_inputs(exercise, 3, 2):
                got = compute(formulas_of(form), form.__globals__, arguments)
                np.testing.assert_array_equal(got, form(*arguments))


FURTHER_OFF = [
    (
        "00.1",
        lambda theta, h, t, a, b: find("00.1").right(1 - theta, h, t, a, b),
        "Your numbers are those for theta → 1 − theta.",
    ),
    (
        "01.1",
        lambda q, p: sum(q[i] * np.log(q[i] / p[i]) for i in range(len(q) - 1)),
        "One slip: the last term of the sum over `q * np.log(q / p)` is missing "
        "(on 5 of 6 inputs).",
    ),
    (
        "00.3",
        lambda log_joint, grid: (
            np.log(np.sum(np.exp(log_joint - log_joint.max())) * (grid[1] - grid[0]))
            + 2 * log_joint.max()
        ),
        "One slip: at one place 2 * peak stands where peak belongs "
        "(`peak` is `np.max(log_joint)`).",
    ),
    (
        "00.4",
        lambda h, t, a, b: (a + h) / (a + b + h + t),
        "The share of the first in the sum of the two parts, where both are wanted, came back.",
    ),
    (
        "01.5",
        lambda m1, v1, m2, v2: np.log(v2 / v1) / 2 + v1 + (m1 - m2) ** 2 / (2 * v2) - 0.5,
        "One slip: brackets are missing: `(m1 - m2) ** 2` alone stands in "
        "`(s1 ** 2 + (m1 - m2) ** 2) / (2 * s…` (`s1` is `np.sqrt(v1)`).",
    ),
    (
        "01.2",  # parts that are wrong in one way share a sentence
        lambda q, joint: (
            *five_lines(q, joint)[:3],
            *(line + np.log(joint.sum()) * (len(q) - 1) for line in five_lines(q, joint)[3:]),
        ),
        "Line 1, line 2 and line 3 are right; line 4 and line 5 are wrong: The term "
        "`np.log(joint.sum())` is multiplied by n (the length of q).",
    ),
    (
        "01.3",  # a term that is subtracted is quoted without its sign, and so is what it became
        lambda q, joint: np.sum(q * np.log(joint)) - np.log(np.sum(q * q)),
        "The term `np.sum(q * np.log(q))` is nothing but log (the sum of squares of q) "
        "(on 5 of 6 inputs).",
    ),
    (
        "01.1",  # of two equal distributions log10 gives the 0 that log does
        lambda q, p: np.sum(q * np.log10(q / p)),
        "Your numbers are 1/log 10 (log10 for log) times the right ones (on 5 of 6 inputs).",
    ),
    (
        "02.2",
        lambda z, eps, u, step: step * eps if np.log(u) < log_p(z + step * eps) - log_p(z) else z,
        "One slip: `z` is missing (on 27 of 48 inputs).",
    ),
    (
        "04.1",
        lambda shape, rate: (
            (gammaln(shape + 1e-4) - gammaln(shape - 1e-4)) / 2e-4 - np.log(rate)
        ),
        "Right to six digits, and more are asked for: rounding, half precision, a difference for "
        "a derivative, or something small added (on 1 of 6 inputs).",
    ),
    (
        "04.5",
        lambda x, m, v, shape, *rest: find("04.5").right(x, m, v, shape, *rest) - digamma(shape),
        "One slip: `1` is missing in `1 - shape`.",
    ),
    (
        "07.1",
        lambda dy, x, W: (dy.T @ x, dy.sum(axis=0), dy @ W),
        "The parts are right, but their order is not: you put the dW, the db, the dx; "
        "it is the dx, the dW, the db.",
    ),
    (
        "07.3",
        lambda x, logits: (
            x * np.log(np.maximum((1 + np.tanh(logits)) / 2, 1e-300))
            + (1 - x) * np.log(np.maximum((1 - np.tanh(logits)) / 2, 1e-300))
        ).sum(axis=1),
        "You took tanh(l) for tanh(l/2): p = (1 + tanh(l/2)) / 2. So it is for 12 of 18 numbers; "
        "the others are of another kind: is there a clip or a guard besides?",
    ),
    (
        "07.4",
        lambda dy, x, logits: (
            dy[:, None] * (2 * x - 1) / np.clip(expit((2 * x - 1) * logits), 1e-9, 1)
        ),
        "You took the derivative by p: the logits are what went in. So it is for 55 of 62 "
        "numbers; the others are of another kind: is there a clip or a guard besides?",
    ),
    (
        "07.2",
        lambda dh, a: dh * (1 - 2 * np.tanh(a)),
        "One slip: `h` is multiplied by `2`; it should be raised to that power "
        "(`h` is `np.tanh(a)`).",
    ),
    (
        "05.3",
        lambda log_weights: log_weights.min(axis=-1),
        "Your numbers are nothing but (the smallest along the last axis of log_weights) "
        "(on 10 of 12 inputs).",
    ),
    (
        "07.1",
        lambda dy, x, W: (dy @ W, dy.T @ x),
        "All of the 3 parts but part 3 came back.",
    ),
    (
        "08.6",
        lambda x: np.exp(np.std(x, ddof=1)),
        "Two slips. This is the spread of the data: the root of n is missing. Your numbers are the "
        "exponential of the numbers of that.",
    ),
    (
        "10.3",
        lambda y, a, b: (
            a * np.log(b) - len(y) * gammaln(a) + gammaln(a + y.sum()) - gammaln(y + 1).sum()
            - (a + y.sum()) * np.log(b + len(y))
        ),
        "The term `gammaln(a)` is multiplied by n (the length of y) (on 4 of 6 inputs).",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("identity", "wrong", "sentence"), FURTHER_OFF, ids=[identity for identity, *_ in FURTHER_OFF]
)
def test_what_is_further_off_is_described_too(identity, wrong, sentence):
    verdict = check(identity, wrong)
    assert (verdict.status, verdict.message) == ("related", sentence)


def by_hand(x, mu, tau, mu0, kappa0, a0, b0):
    """Newcomb's log joint, written otherwise, with kappa0 forgotten beside the square."""
    total = a0 * log(b0) - lgamma(a0) + (a0 - 1) * log(tau) - b0 * tau
    total += (log(kappa0) + log(tau) - log(2 * pi) - tau * (mu - mu0) ** 2) / 2
    for value in x:
        total += (log(tau) - log(2 * pi) - tau * (value - mu) ** 2) / 2
    return total


def test_a_right_answer_that_fails_on_many_counts_is_right_and_told_so():
    def multiplied(y, rate1, rate2):
        splits = range(1, len(y))
        p = [poisson.pmf(y[:s], rate1).prod() * poisson.pmf(y[s:], rate2).prod() for s in splits]
        return np.array(p) / np.sum(p)

    assert check("03.4", find("03.4").right).message == "Right."
    verdict = check("03.4", multiplied)
    assert verdict.status == "right" and verdict.message.startswith("Right. But on 400 counts")


def test_a_slip_is_described_in_whatever_form_it_was_made():
    verdict = check("00.8", by_hand)
    assert verdict.status == "related"
    assert verdict.message == "One slip: `kappa0` is missing."


def summed(x, power):
    """The logarithm of a sum of squares, and the sum itself."""
    squares = np.sum((x - power) ** 2)
    return np.log(np.sum(x)) + squares


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("The sum over `x` is missing.", lambda x, p: np.log(x) + np.sum((x - p) ** 2)),
        (
            "The sum of `x - power` is raised to the power `2`: raise each, then sum.",
            lambda x, p: np.log(x.sum()) + np.sum(x - p) ** 2,
        ),
        (
            "np.log of each term was summed; sum first, then take np.log.",
            lambda x, p: np.log(x).sum() + np.sum((x - p) ** 2),
        ),
    ],
)
def test_slips_of_sums_are_found(sentence, wrong):
    inputs = [(np.array([1.0, 2.5, 4.0]), 0.3), (np.array([0.2, 3.0]), 1.7)]
    gots = [(np.asarray(wrong(*given)),) for given in inputs]
    assert relate_slips(summed, inputs, gots, 0, 1e-7) == sentence


@by_lesson("exercise", PLAIN)
def test_the_terms_of_a_solution_sum_to_it(exercise):
    for arguments in random_inputs(exercise, 6, 3):
        right = exercise.right(*arguments)
        for part, want in enumerate(right if isinstance(right, tuple) else (right,)):
            try:
                terms = [value for _, value, _ in terms_of(exercise.right, arguments, part)]
            except Unknown:
                return
            with np.errstate(all="ignore"):
                np.testing.assert_allclose(sum(terms), want, rtol=1e-9, atol=1e-9)


def test_forgotten_terms_are_listed():
    def core(x, mu, tau, mu0, kappa0, a0, b0):
        squares = np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2
        return (
            (len(x) + 1) / 2 * np.log(tau) - tau / 2 * squares + (a0 - 1) * np.log(tau) - b0 * tau
        )

    message = check("00.8", core).message
    assert message == (
        "`a0 * np.log(b0)`, `gammaln(a0)`, `0.5 * np.log(kappa0)`, `0.5 * np.log(2 * np.pi)` and "
        "`np.sum(0.5 * np.log(2 * np.pi))` are missing."
    )


def test_terms_of_the_wrong_sign_and_forgotten_ones_are_told_apart():
    def wrong(x, m, v, mu0, kappa0, a0, b0):
        squares = np.sum((x - m) ** 2) - len(x) * v + kappa0 * (m - mu0) ** 2
        return a0 + (len(x) + 1) / 2, b0 + squares / 2

    message = check("04.4", wrong).message
    assert message == (
        "The shape is right; the rate is wrong: `kappa0 * v / 2` is missing; `np.sum(v) / 2` has "
        "the wrong sign."
    )


@pytest.mark.slow
def test_slips_are_many_and_their_sentences_short():
    for exercise in PLAIN:
        slips = slips_of(exercise.right)
        assert len(slips) >= 10, exercise.id
        for sentence, _ in slips:
            assert len(sentence) < 160 and sentence.endswith("."), sentence


def shifted(x):
    return 3 * x + 7


@pytest.mark.parametrize("number", [6, 1.5, -3, 4, 2, 0, 9, 30, 0.3, 300, 0.03, -2, 7])
def test_a_number_may_stand_for_three(number):
    """Twice and half of it, one more or less, its square, a place moved, nought, another number."""
    inputs = [(np.array([1.0, 2.5, 4.0]),), (np.array([0.2, 3.0]),)]
    gots = [(number * x + 7,) for (x,) in inputs]
    said = relate_slips(shifted, inputs, gots, 0, 1e-7)
    assert said == f"{number:g} stands where 3 belongs."


def inverted(x):
    return np.linalg.inv(x)


def test_what_is_missing_is_said_before_what_is_there_twice():
    """The inverse of an inverse is the matrix again."""
    inputs = [(np.diag([2.0, 5.0]),), (np.array([[3.0, 1.0], [0.5, 4.0]]),)]
    said = relate_slips(inverted, inputs, inputs, 0, 1e-7)
    assert said == "`np.linalg.inv` of `x` is missing."
