"""Where two inputs are extreme at once, or one is at a value that no sweep goes through.

The cases were found at random; each once stated less than it erred by, much more, or a warning.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.digits import mixtures, normals
from tests.digits.sweep import faults
from tests.thinning import mostly_slow

CASES = {case.name: case for module in (mixtures, normals) for case in module.CASES}


def powers(t, add=0.0, times=1.0):
    """The columns 1, t, t**2, the second moved or scaled."""
    return np.stack([np.ones(len(t)), times * np.array(t) + add, np.square(t)], axis=1)


# a kind of input of the sweep -> what else is given
GIVEN = {
    "columns alike, sharp prior": (
        "known noise: far",
        dict(X=powers([-0.563, -0.445, -0.348, -0.287, 1.327], add=785281.3725),
             y=[0.548, -1.466, 9.004, -8.163, -3.565], noise_precision=5.45, a0=3.66, b0=198690.4),
    ),
    "a short column, y far": (
        "known noise: far",
        dict(X=powers([-0.902, -0.836, -0.496, 0.026, 0.323], times=5.078e-13),
             y=np.array([-0.332, -0.419, -0.448, 0.231, -0.308]) + 3.393e9,
             noise_precision=28.3, a0=0.648, b0=3.53),
    ),
    "columns alike, little noise": (
        "known noise: far",
        dict(X=powers([-1.053, 0.247, 0.624, 1.113, 1.295], add=241500.0),
             y=[-0.267, -0.141, -0.416, 0.117, -0.358], noise_precision=3.848e7, a0=6.13, b0=1.58),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", mostly_slow(GIVEN))
def test_a_case_found_at_random_keeps_its_word(name):
    kind, given = GIVEN[name]
    base = CASES[kind].inputs(1.0)
    case = replace(CASES[kind], name=name, inputs=lambda _: {**base, **given})
    assert faults(case, 1.0) == []
