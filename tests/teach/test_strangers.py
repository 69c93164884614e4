"""Wrong answers of readers who had not seen the answers, and right ones in forms of their own.

`strangers_NN.py` holds them: WRONG and RIGHT (id -> what the reader thought -> answer), and FAR
(id -> answers), slips that lie farther off. An answer is a function, or what one returns: the text
of an expression, or one for each part. None that is wrong is taken for right, none that is
right is refused, and nine in ten of the wrong ones are named or described.
"""

import inspect
from importlib import import_module

import pytest

from vi_lab.teach import check
from vi_lab.teach.bank import find

READ = ("00", "01", "02", "03", "04", "07")
STRANGERS = {number: import_module(f"tests.teach.strangers_{number}") for number in READ}
DESCRIBED = ("named", "related")
ALSO_CLEAR = ("shape", "wrote", "raised")  # the message says what the learner has to know

every_lesson = pytest.mark.parametrize("number", STRANGERS)


def function_of(identity, answer):
    """An answer as a function of the arguments that the exercise names."""
    if callable(answer):
        return answer
    returned = answer if isinstance(answer, str) else f"({', '.join(answer)})"
    arguments = ", ".join(inspect.signature(find(identity).right).parameters)
    return eval(f"lambda {arguments}: {returned}", vars(STRANGERS[identity.partition(".")[0]]))


def statuses(answers):
    return [check(i, function_of(i, answer)).status for i, answer in answers]


@every_lesson
def test_what_readers_got_wrong_is_named_or_described(number):
    wrong = STRANGERS[number].WRONG
    assert all(len(answers) >= 5 for answers in wrong.values())
    found = statuses((i, answer) for i, answers in wrong.items() for answer in answers.values())
    assert "right" not in found
    assert sum(status in DESCRIBED for status in found) >= 0.95 * len(found)
    assert all(status in DESCRIBED + ALSO_CLEAR for status in found)


@every_lesson
def test_no_reader_who_was_right_is_refused(number):
    for identity, answers in STRANGERS[number].RIGHT.items():
        for thought, answer in answers.items():
            verdict = check(identity, answer)
            assert verdict.status == "right", (thought, verdict)


@pytest.mark.slow
@every_lesson
def test_most_slips_that_lie_farther_off_are_named_or_described(number):
    far = STRANGERS[number].FAR
    found = statuses((i, answer) for i, answers in far.items() for answer in answers)
    assert "right" not in found
    assert sum(status in DESCRIBED for status in found) >= 0.6 * len(found)
