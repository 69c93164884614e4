"""Twenty targets with their truth, for tests of samplers and optimisers that are not vi_lab's."""

from __future__ import annotations

from functools import partial

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.problems.named import problem
from vi_lab.testing.fixture import Fixture, OfProblem
from vi_lab.testing.shapes import Banana, Funnel, TwoHills

PROBLEMS = (
    "coin", "coal", "newcomb", "newcomb-independent", "darwin", "correlated", "clutter", "cars",
    "trees", "kidiq", "polynomial", "challenger", "bioassay", "beetles", "tiny-mixture",
    "eight-schools", "nile",
)  # fmt: skip
NONCENTRED = "eight-schools-noncentred"
SHAPES = {"funnel": Funnel, "banana": Banana, "two-hills": TwoHills}


@public
def fixtures(name: str | None = None) -> list[Fixture]:
    """All fixtures, or a list of the one of this name.

    Each is made when it is first asked for something: the list costs nothing.
    """
    found = [Fixture(item, partial(_make, item)) for item in (*PROBLEMS, NONCENTRED, *SHAPES)]
    if name is None:
        return found
    checks.one_of("name", name, [each.name for each in found])
    return [each for each in found if each.name == name]


def _make(name: str) -> object:
    if name in SHAPES:
        return SHAPES[name]()
    if name == NONCENTRED:
        return OfProblem(problem("eight-schools"), "noncentred")
    return OfProblem(problem(name))
