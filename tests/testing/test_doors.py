"""What is no function, no Joint and no report is refused by name; users' errors are causes."""

import numpy as np
import pytest

from tests.tables import table
from tests.testing.examples import SEMI, forward
from vi_lab import InputError, InputTypeError, NotApplicable, NumericalError
from vi_lab.testing import (
    Joint,
    chains_test,
    false_alarms,
    gradient,
    joint_test,
    rank_test,
    repeated,
    vsbc,
)

TESTS = [rank_test, joint_test, chains_test, vsbc]
RUN = repeated(forward)


@table(
    "call, name",
    [
        *((lambda test=test: test(3, 3), "joint") for test in TESTS),
        (lambda: rank_test(SEMI, 3), "run"),
        (lambda: joint_test(SEMI, None), "run"),
        (lambda: chains_test(SEMI, 3), "pair"),
        (lambda: vsbc(SEMI, None), "approximate"),
        (lambda: rank_test(SEMI, RUN, backward=4), "backward"),
        (lambda: false_alarms(3), "reports"),
        (lambda: false_alarms([1]), "reports"),
        (lambda: Joint(3, 4, 5), "prior"),
        (lambda: Joint(SEMI.prior), "Joint"),
        (lambda: repeated(3), "step"),
        (lambda: gradient(sum, sum, [1.0], complex_step="no"), "complex_step"),
    ],
)
def test_what_is_of_the_wrong_type(call, name):
    with pytest.raises(InputTypeError, match=rf"^{name}"):
        call()


@pytest.mark.parametrize("test, name", [
    (rank_test, "replicates"), (rank_test, "length"), (joint_test, "replicates"),
    (joint_test, "rounds"), (chains_test, "steps"), (vsbc, "draws"),
])  # fmt: skip
def test_of_a_number_there_is_at_least_one(test, name):
    with pytest.raises(InputError, match=rf"^{name}: needs a whole number of at least 1, got 0"):
        test(SEMI, RUN, **{name: 0})


def test_an_error_of_the_users_is_the_cause():
    def raises(*_):
        raise KeyError("mine")

    for joint, run, name in [
        (Joint(raises, SEMI.simulate, SEMI.quantities), RUN, "prior"),
        (Joint(SEMI.prior, raises, SEMI.quantities), RUN, "simulate"),
        (Joint(SEMI.prior, SEMI.simulate, raises), RUN, "quantities"),
        (SEMI, raises, "run"),
    ]:
        with pytest.raises(InputError, match=f"^{name}: raised KeyError") as caught:
            rank_test(joint, run, replicates=30, rng=0)
        assert isinstance(caught.value.__cause__, KeyError)
    for test, name in ((chains_test, "pair"), (vsbc, "approximate")):
        with pytest.raises(InputError, match=f"^{name}: raised KeyError"):
            test(SEMI, raises, replicates=30, rng=0)
    with pytest.raises(InputError, match=r"^f: raised KeyError"):
        gradient(raises, lambda x: x, [1.0])


@pytest.mark.parametrize(
    ("raised", "ours"),
    [
        (ZeroDivisionError("no"), NumericalError),
        (FloatingPointError("no"), NumericalError),
        (np.linalg.LinAlgError("no"), NumericalError),
        (ValueError("no"), InputError),
        (NotApplicable("no"), NotApplicable),
    ],
)
def test_arithmetic_that_fails_is_no_bad_argument(raised, ours):
    """What is vi_lab's own comes through as it is."""

    def prior(rng):
        raise raised

    with pytest.raises(ours, match=r"no$") as caught:
        Joint(prior, SEMI.simulate, SEMI.quantities).draw(np.random.default_rng(0))
    assert type(caught.value) is ours


@pytest.mark.parametrize("value", [None, 3, (1, 2, 3)])
def test_a_pair_is_two_states(value):
    with pytest.raises(InputError, match=r"^pair: needs two states"):
        chains_test(SEMI, lambda *_: value, replicates=30, rng=0)


def test_a_gradient_is_real_numbers():
    with pytest.raises(InputTypeError, match="gradient: needs real numbers"):
        gradient(lambda x: x.sum(), lambda x: ["1"], [1.0])


@pytest.mark.parametrize("value", ["1", 1j, None])
def test_quantities_are_real_numbers(value):
    joint = Joint(SEMI.prior, SEMI.simulate, lambda states, x: {"a": [value] * len(states)})
    with pytest.raises(InputTypeError, match="quantities: 'a': needs real numbers"):
        rank_test(joint, RUN, replicates=30, rng=0)


@pytest.mark.parametrize("test", TESTS)
def test_absurd_sizes_are_refused(test):
    with pytest.raises(InputError, match=r"replicates: .* would take"):
        test(SEMI, RUN, replicates=10**12)


def test_an_absurd_length_is_refused():
    with pytest.raises(InputError, match=r"length: .* would take"):
        rank_test(SEMI, RUN, length=10**12)
