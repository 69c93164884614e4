"""A test at a tempting point says little: each lesson states how many mistakes are right there."""

import re

import numpy as np

from tests.tables import table
from tests.teach.notebooks import STARRED, worked
from vi_lab.teach.blindness import invisible

ZEROS, ONES = np.zeros((3, 2)), np.array([1, 1])
TEMPTING = {
    "02.1": (1.0, 0.0, 0.5, 0.5),
    "03.3": (np.zeros(2), 0.0, 0.0, 1.0, 1.0, 1.0),
    "04.6": (np.eye(2),),
    "05.3": (np.zeros((1, 1)),),
    "06.1": (np.array([0.4, 1.2, -0.5]), 0.0, 1.0, 1.0),
    "07.5": (ZEROS, ZEROS),
    "09.5": (-1.0, 0.0, 0.0),
    "10.1": (ONES, ONES, 1.0, 1.0, 1.0, 1.0),
}


@table("identity", TEMPTING)
def test_a_tempting_point_hides_as_many_mistakes_as_the_lesson_says(identity):
    hidden, known = invisible(identity, *TEMPTING[identity])
    (lesson,) = [name for name in STARRED if name[:2] == identity[:2]]
    prose = " ".join(c.source for c in worked(lesson).cells if c.cell_type == "markdown")
    sentences = re.split(r"(?<=[.?:])\s", prose)
    assert any({str(hidden), str(known)} <= set(re.findall(r"\d+", s)) for s in sentences)
    assert hidden > known / (3 if identity == "06.1" else 2)
