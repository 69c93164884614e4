"""`check` on hostile answers, on right answers in odd clothes, and on wrong ones to describe."""

import fractions
import functools
import importlib
import sys

import numpy as np
import pytest
from scipy import stats

from tests import tables
from vi_lab.teach import (
    Choice,
    Exercise,
    Verdict,
    card,
    check,
    checking,
    choose,
    choosing,
    hint,
    memory,
    ready,
    reveal,
    solution,
)

teach_help = importlib.import_module("vi_lab.teach.help")
LOG_2PI = np.log(2 * np.pi)


def log_density(x, mean, sd):
    """log N(x; mean, sd²) of each x."""
    return -0.5 * LOG_2PI - np.log(sd) - 0.5 * ((x - mean) / sd) ** 2


def sum_density(x, mean, sd):
    """The sum of the log densities."""
    return np.sum(log_density(x, mean, sd))


def moments(x, weight):
    """The weighted mean and its sd."""
    return np.mean(x) * weight, np.std(x) / np.sqrt(weight)


def table(x, means):
    """(n, k): the squared distances."""
    return (x[:, None] - means) ** 2


def difference(a, b):
    """a - b², two numbers."""
    return a - b * b


def two_numbers(generator, i):
    return tuple(generator.normal(size=2))


def numbers(generator, i):
    n = (5, 3, 1, 8, 6, 4)[i % 6]
    return generator.normal(2, 3, n), generator.normal(), generator.uniform(0.3, 2)


def numbers_and_weight(generator, i):
    return generator.normal(2, 3, 4 + i), generator.uniform(0.3, 2)


def two_rows(generator, i):
    return generator.normal(size=3 + i % 4), generator.normal(size=(4, 2, 3)[i % 3])


def exercise_of(right, inputs, mistakes=(), **more):
    return Exercise("99.1", "a test", 1, False, inputs, right, dict(mistakes), **more)


VECTOR = exercise_of(
    log_density,
    numbers,
    {
        "The half is missing.": lambda x, m, s: -LOG_2PI / 2 - np.log(s) - ((x - m) / s) ** 2,
        "sd for variance": lambda x, m, s: -LOG_2PI / 2 - np.log(s) - 0.5 * (x - m) ** 2 / s,
    },
)
SUM = exercise_of(sum_density, numbers)
PAIR = exercise_of(moments, numbers_and_weight, parts=("mean", "sd"))
DIFFERENCE = exercise_of(difference, two_numbers)
TABLE = exercise_of(table, two_rows)


@pytest.fixture
def judged(monkeypatch):
    """A function that puts an answer to an exercise that is in no lesson."""

    def judge(exercise, answer, seed=0):
        monkeypatch.setattr(checking, "find", lambda identity: exercise)
        monkeypatch.setattr(memory, "VERDICTS", {})
        monkeypatch.setattr(memory, "FUNCTIONS", {})
        return check("99.1", answer, seed)

    return judge


# right answers in odd clothes

OUT = np.empty(8)


def reused_buffer(x, mean, sd):
    OUT[: len(x)] = log_density(x, mean, sd)
    return OUT[: len(x)]


class Density:
    def __call__(self, x, mean, sd):
        return stats.norm(mean, sd).logpdf(x)


ODD = {
    "list": lambda x, m, s: [float(log_density(a, m, s)) for a in x],
    "tuple": lambda x, m, s: tuple(log_density(x, m, s)),
    "objects": lambda x, m, s: np.array([fractions.Fraction(v) for v in log_density(x, m, s)]),
    "longdouble": lambda x, m, s: log_density(x, m, s).astype(np.longdouble),
    "float32": lambda x, m, s: log_density(x, m, s).astype(np.float32),
    "memoryview": lambda x, m, s: memoryview(log_density(x, m, s)),
    "matrix": lambda x, m, s: np.asmatrix(log_density(x, m, s)),
    "reversed view": lambda x, m, s: log_density(x[::-1], m, s)[::-1],
    "complex": lambda x, m, s: log_density(x, m, s) + 0j,
    "buffer": reused_buffer,
    "callable object": Density(),
    "partial": functools.partial(lambda two, x, m, s: log_density(x, m, s) * two / 2, 2),
    "prints": lambda x, m, s: print("here") or log_density(x, m, s),
    "masked": lambda x, m, s: np.ma.masked_array(log_density(x, m, s)),
}


@tables.table("answer", ODD.values(), ids=ODD)
def test_right_answers_in_odd_clothes_are_right(judged, answer, capsys):
    assert judged(VECTOR, answer).status == "right"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_one_number_may_come_in_any_shape(judged, shape):
    answer = lambda *given: np.reshape(sum_density(*given), shape)  # noqa: E731
    assert judged(SUM, answer).status == "right"


def test_a_pair_may_come_as_a_list_or_an_array(judged):
    assert judged(PAIR, lambda *given: list(moments(*given))).status == "right"
    assert judged(PAIR, lambda *given: np.array(moments(*given))).status == "right"


# hostile answers


def recursive(x, mean, sd):
    return recursive(x, mean, sd)


def holds_itself(x, mean, sd):
    array = np.empty(1, dtype=object)
    array[0] = array
    return array


def list_holds_itself(x, mean, sd):
    rows = []
    rows.append(rows)
    return rows


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def raises(error):
    def answer(x, mean, sd):
        raise error

    return answer


def sets_numpy(x, mean, sd):
    np.seterr(all="raise")
    return np.log(x * 0)


def counts(x, mean, sd, calls=[0]):  # noqa: B006
    calls[0] += 1
    return log_density(x, mean, sd) + calls[0]


def writes(x, mean, sd):
    x -= mean
    return log_density(x, 0, sd)


def resizes(x, mean, sd):
    x.shape = (-1, 1)
    return log_density(x.ravel(), mean, sd)


async def sleeps(x, mean, sd):
    return log_density(x, mean, sd)


def closes_the_screen(x, mean, sd):
    sys.stdout.close()
    return log_density(x, mean, sd) * 3 + x


class Strange:
    def __array__(self, *_, **__):
        raise ValueError("not an array")

    def __repr__(self):
        raise ValueError("no repr")


HOSTILE = {
    "nothing": (lambda x, m, s: None, "not attempted", "Nothing comes back"),
    "dots": (lambda x, m, s: ..., "not attempted", "Not attempted"),
    "not implemented": (raises(NotImplementedError()), "not attempted", "Not attempted"),
    "dots themselves": (..., "not attempted", "Not attempted"),
    "None itself": (None, "not attempted", "Not attempted"),
    "prints alone": (lambda x, m, s: print(log_density(x, m, s)), "wrong", "printed, not"),
    "value": (np.zeros(5), "wrong", "the function itself"),
    "nothing at times": (lambda x, m, s: None if len(x) == 1 else x, "partial", "Nothing comes"),
    "truth values": (lambda x, m, s: bool(m > 0), "shape", "True or False"),
    "raises": (raises(ZeroDivisionError("by zero")), "raised", "ZeroDivisionError: by zero"),
    "key": (raises(KeyError("{0}")), "raised", "KeyError"),
    "exit": (raises(SystemExit(3)), "raised", "SystemExit"),
    "generator exit": (raises(GeneratorExit()), "raised", "GeneratorExit"),
    "ctrl-c": (raises(KeyboardInterrupt()), "raised", "did not return for input 1"),
    "unspeakable": (raises(Unspeakable()), "raised", "Unspeakable"),
    "recursion": (recursive, "raised", "RecursionError"),
    "one argument": (lambda x: x, "raised", "cannot be called like this"),
    "holds itself": (holds_itself, "shape", "among the numbers"),
    "list in itself": (list_holds_itself, "shape", "came back"),
    "text": (lambda x, m, s: "0.3", "shape", "Text"),
    "texts": (lambda x, m, s: ["0.3"] * len(x), "shape", "Text"),
    "dict": (lambda x, m, s: {"a": 1}, "shape", "A dict"),
    "set": (lambda x, m, s: {1.0}, "shape", "A set"),
    "generator": (lambda x, m, s: (a for a in x), "shape", "A generator"),
    "function": (lambda x, m, s: log_density, "shape", "brackets"),
    "distribution": (lambda x, m, s: stats.norm(m, s), "shape", "rv_continuous_frozen"),
    "None inside": (lambda x, m, s: [None] * len(x), "shape", "(None) among the numbers"),
    "ragged": (lambda x, m, s: [[1.0], [1.0, 2.0]], "shape", "different lengths"),
    "complex": (lambda x, m, s: log_density(x, m, s) + 1j, "shape", "Complex"),
    "coroutine": (sleeps, "shape", "coroutine"),
    "strange": (lambda x, m, s: Strange(), "shape", ""),
    "not a number": (lambda x, m, s: np.full(len(x), np.nan), "not finite", "nan comes back"),
    "infinite": (lambda x, m, s: np.full(len(x), -np.inf), "not finite", "log 0"),
    "numpy set": (sets_numpy, "raised", "FloatingPointError"),
    "memory": (counts, "wrote", "two results"),
    "noise": (lambda x, m, s: np.random.default_rng().normal(size=len(x)), "wrote", "two results"),
    "writes": (writes, "wrote", "changes its argument x"),
    "resizes": (resizes, "wrote", "changes its argument x"),
    "closes": (closes_the_screen, "wrong", "comes back where"),
    "empty": (lambda x, m, s: [], "shape", "shape"),
}


# not walked as a table: tools/wasm leaves one of them out
@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_an_answer_does_there_is_a_verdict(judged, name, capsys):
    answer, status, words = HOSTILE[name]
    before = np.geterr(), sys.stdout
    verdict = judged(VECTOR, answer)
    assert (np.geterr(), sys.stdout) == before
    assert isinstance(verdict, Verdict)
    assert verdict.status == status, verdict
    assert words in verdict.message
    assert str(verdict) and verdict._repr_html_().startswith("<div")
    printed = capsys.readouterr()
    assert printed.out == printed.err == ""


def test_the_line_that_raises_is_shown(judged):
    def answer(x, mean, sd):
        scale = sd**2
        return x / scale[0]

    message = judged(VECTOR, answer).message
    assert "return x / scale[0]" in message and "x = [" in message and "input 1" in message


def test_a_judge_that_raises_or_exits_is_no_harm(judged):
    def judge(answer):
        raise SystemExit

    exercise = exercise_of(log_density, numbers, judge=judge)
    assert judged(exercise, 3).status == "raised"


# wrong answers


def part(change):
    return lambda x, mean, sd: change(log_density(x, mean, sd), x, mean, sd)


WRONG = {
    "named": (VECTOR, VECTOR.mistakes["The half is missing."], "named", "The half is missing."),
    "twice": (VECTOR, part(lambda d, *_: 2 * d), "related", "2 times"),
    "sign": (VECTOR, part(lambda d, *_: -d), "related", "The sign"),
    "constant": (VECTOR, part(lambda d, *_: d + LOG_2PI / 2), "related", "large by ½ log 2π"),
    "bits": (VECTOR, part(lambda d, *_: d / np.log(2)), "related", "bits for nats"),
    "exponential": (VECTOR, part(lambda d, *_: np.exp(d)), "related", "exponential"),
    "reversed": (VECTOR, part(lambda d, *_: d[::-1]), "related", "reversed"),
    "log sd": (
        VECTOR,
        part(lambda d, x, m, s: d + np.log(s)),
        "related",
        "`np.log(sd)` is missing",
    ),
    "log n": (VECTOR, part(lambda d, x, *_: d + np.log(len(x))), "related", "off by log n"),
    "root": (VECTOR, lambda x, m, s: log_density(x, m, np.sqrt(s)), "related", "sd → √sd"),
    "precision": (VECTOR, lambda x, m, s: log_density(x, m, 1 / s), "related", "sd → 1/sd"),
    "exchanged": (DIFFERENCE, lambda a, b: difference(b, a), "related", "a and b exchanged"),
    "no mean": (VECTOR, lambda x, m, s: log_density(x, 0 * m, s), "related", "0 for mean"),
    "one sd": (VECTOR, lambda x, m, s: log_density(x, m, 1.0), "related", "1 for sd"),
    "idle": (
        SUM,
        lambda x, m, s: np.sum(x**2) * s,
        "related",
        "does not depend on mean",
    ),
    "column": (VECTOR, part(lambda d, *_: d[:, None]), "related", "one column"),
    "summed": (VECTOR, part(lambda d, *_: d.sum()), "related", "sum"),
    "not summed": (SUM, log_density, "related", "summed over it, your numbers are right"),
    "averaged": (
        SUM,
        part(lambda d, *_: d.mean()),
        "related",
        "np.mean stands where np.sum belongs",
    ),
    "transposed": (TABLE, lambda x, means: table(x, means).T, "related", "transposed"),
    "rows": (TABLE, lambda x, means: table(x, means).sum(axis=1), "related", "axis 1"),
    "digits": (VECTOR, part(lambda d, *_: np.round(d, 4)), "related", "Right to four digits"),
    "half precision": (VECTOR, part(lambda d, *_: d.astype(np.float16)), "related", "half"),
    "fudge": (VECTOR, part(lambda d, x, *_: d + 1e-5 * np.sin(x)), "related", "small added"),
    "one input": (
        VECTOR,
        part(lambda d, *_: d * np.nan if len(d) == 1 else d),
        "partial",
        "Right on 5 of 6 inputs, but not on input 3: where ",
    ),
    "one shape": (
        VECTOR,
        part(lambda d, *_: np.append(d, 0) if len(d) == 8 else d),
        "partial",
        "the shape is (9,) instead of (8,)",
    ),
    "nonsense": (VECTOR, lambda x, m, s: np.sin(99 * x) * m + s, "wrong", "comes back where"),
    "sd squared": (
        PAIR,
        lambda x, w: (np.mean(x) * w, np.var(x) / w),
        "related",
        "The mean is right; the sd is wrong: Your numbers are the right ones squared",
    ),
    "changed places": (PAIR, lambda x, w: moments(x, w)[::-1], "related", "changed places"),
    "rows rescaled": (
        TABLE,
        lambda x, means: table(x, means) * (2 + x[:, None] ** 2),
        "related",
        "but for a factor, and each row has one of its own",
    ),
    "rows shifted": (
        TABLE,
        lambda x, means: table(x, means) - x[:, None] ** 3,
        "related",
        "but for a shift, and each row has one of its own",
    ),
    "rows of logs": (
        TABLE,
        lambda x, means: np.log(table(x, means)) - x[:, None],
        "related",
        "logarithms of the right ones but for a shift, and each row",
    ),
    "three": (PAIR, lambda x, w: (1, 2, 3), "shape", "3 parts instead of 2"),
    "no softmax": (SUM, lambda x, m, s: 1.0, "related", "does not depend on"),
    "one alone": (PAIR, lambda x, w: 1.0, "shape", ""),
    "another beside": (
        PAIR,
        lambda x, w: (*moments(x, w), w),
        "related",
        "The 2 parts that are wanted, and another as number 3",
    ),
    "both added": (PAIR, lambda x, w: [sum(moments(x, w))], "related", "The sum of the two parts"),
    "a part alone": (PAIR, lambda x, w: moments(x, w)[1], "related", "Part 2 alone, where 2 are"),
    "more than asked": (
        VECTOR,
        lambda x, m, s: (log_density(x, m, s), m),
        "related",
        "A tuple of 2, of which part 1 alone is wanted",
    ),
    "a condition": (
        SUM,
        lambda x, m, s: 7.0 + (m > 0),
        "related",
        "Your answer does not depend on x nor on sd.",
    ),
    "unknown sd": (
        PAIR,
        lambda x, w: (np.mean(x) * w, np.sin(99 * x).sum() * w),
        "related",
        "The mean is right; the sd is wrong",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_are_described(judged, name):
    exercise, answer, status, words = WRONG[name]
    for seed in range(3):
        verdict = judged(exercise, answer, seed)
        assert verdict.status == status, verdict
        assert words in verdict.message


def test_of_inputs_that_differ_the_first_is_named(judged):
    """The numbers have 5, 3, 1, 8, 6 and 4 elements; the answer is wrong where they are many."""
    verdict = judged(VECTOR, lambda x, m, s: log_density(x, m, s) + np.sin(9 * x) * (len(x) > 5))
    assert verdict.status == "partial"
    assert verdict.message.startswith("Right on 4 of 6 inputs, but not on input 4: ")
    assert "for input 4: x = " in verdict.message


def test_of_arguments_that_are_changed_the_first_is_named(judged):
    def both(a, b):
        a[0], b[0] = 7.0, 7.0
        return np.zeros(2)

    pairs = lambda generator, i: (generator.normal(size=3), generator.normal(size=3))  # noqa: E731
    right = lambda one, two: np.array([one.sum(), two.sum()])  # noqa: E731
    verdict = judged(exercise_of(right, pairs), both)
    assert (verdict.status, "its argument one:" in verdict.message) == ("wrote", True)


def test_the_input_on_which_two_calls_differ_is_shown(judged):
    """The one with a single number is the third."""
    state = []

    def forgetful(x, mean, sd):
        state.append(len(x))
        return log_density(x, mean, sd) + (len(x) == 1) * state.count(1)

    verdict = judged(VECTOR, forgetful)
    assert verdict.status == "wrote" and "two results (input 3: x = " in verdict.message


def test_hints_lead_on_from_the_last_that_was_shown(monkeypatch):
    monkeypatch.setattr(teach_help, "GIVEN", {})
    shown = [hint("01.1", *step).message[:6] for step in ((), (), (), (), (1,), ())]
    assert shown == ["Hint 1", "Hint 2", "Hint 3", "Hint 3", "Hint 1", "Hint 2"]
    assert hint("01.2").message.startswith("Hint 1")


def test_hints_begin_with_the_first_and_end_with_the_last():
    for step, number in ((0, 1), (-5, 1), (1, 1), (2, 2), (3, 3), (99, 3)):
        found = hint("01.1", step).message
        assert found.startswith(f"Hint {number} of 3: ")
        assert found.endswith(" (That was the last hint.)") == (number == 3)


def test_a_mistake_beside_an_overflow_keeps_its_name(judged):
    """What is not finite is left out, unless the rest is right: then the overflow is all."""
    mistakes = {"The sign.": lambda x, m, s: -log_density(x, m, s), "Twice.": lambda x, m, s: 2 * x}
    exercise = exercise_of(log_density, numbers, mistakes)
    bursting = lambda d: np.where(np.arange(len(d)) == 7, np.nan, d)  # noqa: E731
    verdict = judged(exercise, lambda *given: -bursting(log_density(*given)))
    assert verdict.status == "named" and verdict.message.startswith("The sign. Besides, on input ")
    assert " on input 4 nan comes back: " in verdict.message  # the one of eight elements
    assert judged(exercise, lambda *given: bursting(log_density(*given))).status == "partial"
    alone = lambda x, m, s: -log_density(x, m, s) * (1.0 if len(x) == 1 else np.nan)  # noqa: E731
    assert judged(exercise, alone).status == "not finite"


def test_of_several_parts_those_are_shown_that_differ(judged):
    verdict = judged(PAIR, lambda x, w: (moments(x, w)[0], 0.25))
    assert "; 0.25 comes back where" in verdict.message


def test_large_tables_are_shown_by_their_shape(judged):
    tables = lambda generator, i: (generator.normal(size=(9, 7)), generator.normal(size=(7, 9)))  # noqa: E731
    exercise = exercise_of(lambda a, b: a @ b, tables)
    verdict = judged(exercise, lambda a, b: np.sin(99 * a) @ b)
    assert "a of shape (9, 7), b of shape (7, 9)" in verdict.message


def test_relations_are_left_out_where_they_would_be_chance(judged):
    twice = lambda *given: 2 * log_density(*given)  # noqa: E731
    silent = exercise_of(log_density, numbers, relations=False)
    assert judged(VECTOR, twice).status == "related"
    assert judged(silent, twice).status == "wrong"


def test_a_mistake_of_the_bank_that_raises_spoils_no_verdict(judged):
    """Such as one that fits square inputs only, beside a part that a mistake gives."""
    mistakes = {"raises": lambda x, weight: 1 / 0, "not weighted": lambda x, weight: (x.mean(), 1)}
    exercise = exercise_of(moments, numbers_and_weight, mistakes, parts=("mean", "sd"))
    verdict = judged(exercise, lambda x, weight: (x.mean(), moments(x, weight)[1]))
    assert verdict.status == "related" and "not weighted" in verdict.message


def test_two_names_that_fit_are_none(judged):
    wrong = lambda x, m, s: np.sin(99 * x) * m + s  # noqa: E731
    exercise = exercise_of(log_density, numbers, {"one": wrong, "other": wrong})
    assert judged(exercise, wrong).status == "wrong"


def test_the_truth_is_tried_before_the_names(judged):
    exercise = exercise_of(log_density, numbers, {"a mistake that is none": log_density})
    assert judged(exercise, log_density).status == "right"


# what is kept


def test_ready_is_the_learners_function_once_it_passed(judged):
    mine = lambda *given: log_density(*given)  # noqa: E731
    check("01.1", lambda q, p: 0.0)
    assert ready("01.1", mine) is ready("01.1") is solution_of("01.1")
    own = lambda q, p: np.sum(q * np.log(q / p))  # noqa: E731
    assert check("01.1", own).passed
    assert ready("01.1", own) is own
    assert ready("01.1", mine) is ready("01.1") is solution_of("01.1")  # it is not what passed
    assert check("01.1", lambda q, p: 0.0).status != "right"
    assert "01.1" in card("01") and "right" in card("01")


def solution_of(identity):
    return checking.find(identity).right


def test_choices_that_are_right_are_kept(monkeypatch):
    """A later slip takes nothing away; of several items each that is wrong is told."""
    kept = {}
    monkeypatch.setattr(memory, "VERDICTS", kept)
    task = Choice("99.2", "two", 1, False, "Which?", ("a", "b"), ({"x": "no x"}, {"y": "no y"}),
                  "So it is.", ("first", "second"))  # fmt: skip
    monkeypatch.setattr(choosing, "find", lambda identity: task)
    asked = "Which?\n  first: a | x\n  second: b | y"
    for made, status, message in [
        ((), "not attempted", asked),
        (("a",), "wrong", f"2 choices are wanted, 1 were made. {asked}"),
        (("x", "y"), "named", "first: no x second: no y"),
        (("a", "y"), "named", "second: no y"),
        (("a", "z"), "wrong", f"second: 'z' is no choice. {asked}"),
        (("a", "b"), "right", "Right. So it is."),
    ]:
        verdict = choose("99.2", *made)
        assert (verdict.status, verdict.message) == (status, message)
        assert kept["99.2"] is verdict
    choose("99.2", "x", "b")
    assert kept["99.2"].passed


def test_unknown_ids_are_answered():
    for verdict in (check("99.9", 1), choose("x", 1), hint("01.77"), solution(3), reveal("q", 1)):
        assert "There is no" in verdict.message
