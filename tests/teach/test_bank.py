"""The bank of every lesson: right answers are right, each mistake has its own sentence.

A lesson NN brings `tests/teach/oracles_NN.py` (ORACLES: id -> the independent route to what `right`
returns) and `tests/teach/unusual_NN.py` (UNUSUAL: id -> right answers in unusual forms).
"""

import ast
import copy
import decimal
import itertools
import warnings
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest

from tests.tables import table
from tests.thinning import mostly_slow
from vi_lab import Factorised
from vi_lab.teach import Exercise, check, choose, hint, predict, reveal, solution
from vi_lab.teach.bank import LESSONS, find, of_lesson
from vi_lab.teach.exercise import Choice, Prediction
from vi_lab.teach.help import source_of


def of_helper(kind, name, identity):
    """What the helper module of a lesson (oracles_03, unusual_03) has for an exercise."""
    module = import_module(f"tests.teach.{kind}_{identity.partition('.')[0]}")
    return getattr(module, name).get(identity)


WRITTEN = [n for n in LESSONS if find_spec(f"vi_lab.teach.lessons.lesson_{n}")]
TASKS = [task for number in WRITTEN for task in of_lesson(number).values()]
EXERCISES = [task for task in TASKS if isinstance(task, Exercise)]
CHOICES = [task for task in TASKS if isinstance(task, Choice)]
PREDICTIONS = [task for task in TASKS if isinstance(task, Prediction)]


def by_lesson(name, tasks):
    """A test of every lesson."""
    return table(name, tasks, ids=lambda task: task.id, by=lambda task: task.id.partition(".")[0])


every_exercise = by_lesson("exercise", EXERCISES)
PLAIN = [e for e in EXERCISES if e.judge is None or of_helper("oracles", "ORACLES", e.id)]
plain_exercise = by_lesson("exercise", PLAIN)


def random_inputs(exercise, seed, count):
    generator = np.random.default_rng([77, seed])
    return [exercise.inputs(generator, i) for i in range(count)]


def quietly(function, arguments):
    """The parts of what a function returns; None where it is not defined."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = function(*copy.deepcopy(arguments))
        except (ArithmeticError, IndexError, TypeError, ValueError):
            return None
    parts = result if isinstance(result, tuple) else (result,)
    return [np.asarray(part, float) for part in parts]


@plain_exercise
@pytest.mark.parametrize("count", mostly_slow([20, 100]))
def test_right_agrees_with_its_oracle(exercise, count):
    oracle = of_helper("oracles", "ORACLES", exercise.id)
    assert oracle is not None, "no oracle"
    for arguments in random_inputs(exercise, 1, count):
        pairs = zip(quietly(exercise.right, arguments), quietly(oracle, arguments), strict=True)
        for got, want in pairs:
            np.testing.assert_allclose(got, want, rtol=max(exercise.rtol, 1e-6), atol=1e-8)


@every_exercise
def test_right_is_right(exercise):
    for seed in range(3 if exercise.judge is None else 1):
        verdict = check(exercise.id, exercise.right, seed)
        assert verdict.status == "right", verdict


def assert_each_mistake_is_named(exercise, seeds):
    for seed in seeds:
        for sentence, wrong in exercise.mistakes.items():
            verdict = check(exercise.id, wrong, seed)
            assert (verdict.status, verdict.message) == ("named", sentence), f"seed {seed}"


# some take a second
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda task: task.id)
def test_each_mistake_is_named_by_its_own_sentence(exercise):
    assert exercise.mistakes
    assert_each_mistake_is_named(exercise, [0])


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda task: task.id)
def test_each_mistake_is_named_on_twenty_seeds(exercise):
    assert_each_mistake_is_named(exercise, range(20))


@plain_exercise
def test_no_two_functions_of_an_exercise_are_close(exercise):
    """Every two differ by 1e-4, or in where nan and inf fall, on at least one input."""
    inputs = random_inputs(exercise, 2, exercise.samples)
    functions = {"right": exercise.right, **exercise.mistakes}
    results = {
        name: [quietly(function, arguments) for arguments in inputs]
        for name, function in functions.items()
    }
    for one, other in itertools.combinations(results, 2):
        pairs = zip(results[one], results[other], strict=True)
        assert any(differ(a, b) for a, b in pairs), f"{one!r} and {other!r} are too close"


def differ(one, other):
    """Whether two results differ: undefined, in shape, in what is not finite, or by 1e-4."""
    if one is None or other is None:
        return one is not other
    return len(one) != len(other) or any(map(arrays_differ, one, other))


def arrays_differ(a, b):
    if a.shape != b.shape or not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return True
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return True
    a, b = a[finite], b[finite]
    return bool(np.any(np.abs(a - b) > 1e-4 * np.maximum(np.abs(a), np.abs(b))))


def in_parts(change):
    """A change of a result, made to each of its parts."""
    return lambda r: tuple(map(change, r)) if isinstance(r, tuple) else change(r)


def only(right_shape, change):
    """A change of numbers alone, or of vectors alone."""
    return in_parts(lambda part: change(part) if np.ndim(part) == right_shape else part)


CLOTHES = {
    "lists": in_parts(lambda part: np.asarray(part).tolist()),
    "0-d arrays": in_parts(np.array),
    "one in an array": only(0, lambda part: np.array([part])),
    "a tuple for a vector": only(1, tuple),
    "a list of the parts": lambda r: list(r) if isinstance(r, tuple) else r,
    "Decimal": only(0, lambda part: decimal.Decimal(float(part))),
    "single precision": in_parts(lambda part: np.asarray(part, np.float32)),
    "objects": in_parts(lambda part: np.array(np.asarray(part).tolist(), dtype=object)),
    "long": in_parts(lambda part: np.asarray(part, np.longdouble)),
    "columns first": in_parts(np.asfortranarray),
    "complex": in_parts(lambda part: np.asarray(part) + 0j),
    "masked": in_parts(np.ma.array),
}


@plain_exercise
@pytest.mark.parametrize(
    "forms", mostly_slow([tuple(CLOTHES)[:4], tuple(CLOTHES)[4:]]), ids=["usual", "rare"]
)
def test_a_right_answer_is_right_in_whatever_form_it_comes(exercise, forms):
    for form in forms:
        verdict = check(exercise.id, lambda *given, f=form: CLOTHES[f](exercise.right(*given)))
        assert verdict.status == "right", (form, verdict)


@plain_exercise
def test_unusual_answers_are_right(exercise):
    answers = of_helper("unusual", "UNUSUAL", exercise.id) or []
    assert len(answers) >= 2
    for answer in answers:
        verdict = check(exercise.id, answer)
        assert verdict.status == "right", verdict


@every_exercise
def test_hints_lead_on_and_do_not_tell(exercise):
    source = source_of(exercise)
    last = ast.get_source_segment(source, ast.parse(source).body[0].body[-1])
    assert len(exercise.hints) == 3 and all(exercise.hints)
    for step in (1, 2, 3):
        message = hint(exercise.id, step).message
        assert exercise.hints[step - 1] in message
        assert ("(That was the last hint.)" in message) == (step == 3)
        assert last not in exercise.hints[step - 1]
    assert source_of(exercise) in solution(exercise.id).message


@table("choice", CHOICES, ids=lambda task: task.id)
def test_every_wrong_choice_has_its_own_sentence(choice):
    assert all(list(offered) == sorted(offered) for offered in choice.choices)  # tells no answer
    assert choose(choice.id, *choice.answers).status == "right"
    assert choose(choice.id).status == "not attempted"
    for i, (answer, wrong) in enumerate(zip(choice.answers, choice.wrong, strict=True)):
        assert answer not in wrong and len(set(wrong.values())) == len(wrong) >= 1
        for given, sentence in wrong.items():
            made = [*choice.answers[:i], given, *choice.answers[i + 1 :]]
            verdict = choose(choice.id, *made)
            assert verdict.status == "named" and sentence in verdict.message
    assert choose(choice.id, *["no such choice"] * len(choice.answers)).status == "wrong"


@table("prediction", PREDICTIONS, ids=lambda task: task.id)
def test_predictions_are_kept_until_the_truth_is_shown(prediction):
    assert predict(prediction.id).status == "not attempted"
    assert predict(prediction.id, "no such thing").status == "wrong"
    truth = prediction.choices[0] if prediction.choices else 2.0
    assert predict(prediction.id, truth).status == "right"
    assert reveal(prediction.id, truth).status == "right"


def test_ids_are_of_their_lesson_and_found():
    for number in WRITTEN:
        for identity, task in of_lesson(number).items():
            assert identity.startswith(f"{number}.") and find(identity) is task
    assert find("99.1") is find("01.99") is find(None) is None


def test_each_wrong_q_of_darwin_s_plants_has_one_wrong_number():
    """The others are those of a q that is right."""
    right, seen = (20.9, 8.6, 10.0, 11_035.0), 0
    for sentence, wrong in find("01.9").mistakes.items():
        q = wrong()
        if isinstance(q, Factorised):
            mu, tau = (q.q[name].parameters for name in ("mu", "tau"))
            numbers = (mu["mean"], mu["sd"], tau["shape"], tau["rate"])
            assert np.sum(~np.isclose(numbers, right, rtol=1e-12)) == 1, sentence
            seen += 1
    assert seen == 4
