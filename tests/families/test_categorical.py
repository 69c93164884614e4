"""Categorical beyond the contract: zeros, the edges of the unit interval, names or numbers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.contract.family_draw_checks import check_impossible_labels
from vi_lab import Categorical, InputError, InputTypeError, kl
from vi_lab.families import CategoricalStats

HOLED = np.array([0.0, 0.25, 0.0, 0.75, 0.0])


@pytest.mark.parametrize("first", [None, 1])
def test_impossible_labels(first):
    check_impossible_labels(Categorical(5, first=first))


def test_adding_a_constant_changes_nothing():
    eta = CategoricalStats(np.log([0.2, 0.3, 0.5]))
    family, shifted = Categorical(3), CategoricalStats(eta.indicator - 900.0)
    assert_allclose(family.expected_stats(shifted).indicator, [0.2, 0.3, 0.5])
    assert_allclose(family.entropy(shifted), family.entropy(eta), atol=1e-12)
    assert_allclose(family.kl(shifted, eta), 0.0, atol=1e-12)
    assert_allclose(family.log_partition(shifted), -900.0)


def test_sampling_where_no_label_is_possible_is_an_invalid_operation():
    eta = CategoricalStats(np.full(3, -np.inf))
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError):
        Categorical(3).sample(np.random.default_rng(0), eta, (2,))


def test_names_have_no_sd_and_numbers_have_one():
    with pytest.raises(InputError, match="labels are names"):
        Categorical.of([0.5, 0.5]).sd  # noqa: B018
    die = Categorical.of(np.full(6, 1 / 6), first=1)
    assert_allclose([die.mean, die.sd], [3.5, np.sqrt(35 / 12)])
    assert set(die.sample(500, rng=0).tolist()) == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(
    ("size", "first", "kind"),
    [(2, None, np.int8), (128, None, np.int8), (129, None, np.int16), (127, 1, np.int8),
     (128, 1, np.int16), (3, -127, np.int8), (40_000, None, np.int32)],
)  # fmt: skip
def test_labels_take_the_smallest_integer_type(size, first, kind):
    family = Categorical(size, first=first)
    assert family.dtype == kind
    last = np.full(size, -np.inf)
    last[-1] = 0.0
    drawn = family.sample(np.random.default_rng(0), CategoricalStats(last), (3,))
    assert drawn.dtype == kind
    assert_array_equal(drawn, family.support[-1])


def test_adoption_takes_the_support_of_the_block():
    named = Categorical.of(HOLED)
    numbered = Categorical(5, first=1).adopt(named)
    assert numbered.family.first == 1
    assert_allclose(numbered.mean, 0.25 * 2 + 0.75 * 4)
    assert kl(numbered, named) == 0.0
    with pytest.raises(InputError, match="labels start at 1, got first=2"):
        Categorical(5, first=1).adopt(Categorical.of(HOLED, first=2))
    with pytest.raises(InputError, match=r"event shape \(4,\)"):
        Categorical(4).adopt(named)


@pytest.mark.parametrize("first", [0.5, "1", True])
def test_the_first_label_is_a_whole_number(first):
    with pytest.raises(InputTypeError, match="first: needs a whole number"):
        Categorical(3, first=first)


def test_probabilities_sum_to_one_but_for_rounding():
    Categorical.of([0.5, 0.5 + 5e-9])
    with pytest.raises(InputError, match=r"sum to one, got sum 1\.00000002"):
        Categorical.of([0.5, 0.5 + 2e-8])
