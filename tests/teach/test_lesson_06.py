"""What only lesson 06 has: one number copied is not two forms of a bound."""

import numpy as np
import pytest

from vi_lab.teach import check
from vi_lab.teach.lessons.lesson_06 import ONE_TWICE
from vi_lab.teach.lessons.solutions.lesson_06 import elbo_two_ways


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize("shape", [list, np.array, lambda pair: (pair[0], pair[1] + 0.0)])
def test_one_form_given_twice_is_named(form, shape):
    verdict = check("06.1", lambda *given: shape([elbo_two_ways(*given)[form]] * 2))
    assert (verdict.status, verdict.message) == ("named", ONE_TWICE)


def test_a_wrong_number_given_twice_is_not_called_a_copy():
    verdict = check("06.1", lambda x, m, v, s2: (m, m))
    assert not verdict.passed and verdict.message != ONE_TWICE
