"""What `make atlas` would notice: each kind of number in the file, moved a little too far."""

import copy

import pytest

from tests.tables import table
from tools.atlas.changes import changes
from vi_lab import atlas

ATLAS = atlas.read()


def moved(place, change):
    """The atlas with the number at a place changed."""
    new = copy.deepcopy(ATLAS)
    inner = new["problems"]
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = change(inner[place[-1]])
    return new


def plus(by):
    return lambda value: value + by


NUMBERS = [
    (("newcomb", "log_evidence", "value"), 1e-6, 1e-9),
    (("newcomb", "log_evidence", "routes", 1, "value"), 1e-6, 1e-9),
    (("newcomb", "moments", "latents", "mu", "mean", 0), 1e-6, 1e-9),
    (("newcomb", "bounds", 0, "elbo"), 1e-6, 1e-9),
    (("newcomb", "bounds", 0, "q", "tau", "natural", "log"), 1e-2, 1e-6),
    (("galaxies", "reference", "summaries", "density", "mean", 2), 1e-2, 1e-7),
    (("galaxies", "log_evidence", "lower_bound"), 1e-6, 1e-9),
    (("galaxies", "log_evidence", "estimates", 0, "value"), 0.1, 0.01),
    (("old-faithful", "log_evidence", "estimates", 1, "value"), 0.15, 0.01),
    (("eight-schools", "published", 0, "ours", 3), 1e-4, 1e-7),
    (("eight-schools", "published", 0, "tolerance", 3), 1e-12, 0.0),
    (("iris", "prior", "hyperparameters", "sigma2"), 1e-6, 1e-11),
    (("coal", "data", "inputs", "counts", "sum"), 1.0, 0.0),
]


@pytest.mark.parametrize(("place", "too_far", "near"), NUMBERS, ids=lambda p: str(p)[:40])
def test_a_number_that_moved_too_far_is_named(place, too_far, near):
    assert changes(ATLAS, moved(place, plus(near))) == []
    (line,) = changes(ATLAS, moved(place, plus(too_far)))
    assert line.startswith(place[0] + ".")


@table(
    ("place", "other"),
    [
        (("newcomb", "story"), "another"),
        (("newcomb", "data", "files", 0, "sha256"), "0" * 64),
        (("galaxies", "log_evidence", "reason"), "another reason"),
        (("galaxies", "log_evidence", "value"), -225.0),
        (("galaxies", "log_evidence", "estimates", 1, "route"), "another route"),
        (("galaxies", "log_evidence", "estimates"), []),
        (("newcomb", "log_evidence", "value"), None),
        (("newcomb", "bounds", 0, "converged"), False),
        (("galaxies", "bounds", 0, "one_update_away"), []),
        (("sprinkler", "bounds", 0, "q", "sprinkler+rain", "natural", "indicator"), [0, 0, 0, 0]),
        (("newcomb", "moments", "latents", "mu", "mean"), [1.0, 2.0]),
        (("newcomb", "published"), []),
        (("newcomb", "bounds"), []),
    ],
)
def test_what_is_no_number_must_be_equal(place, other):
    assert changes(ATLAS, moved(place, lambda value: other)) != []


def test_a_key_that_came_or_went_is_named():
    new = moved(("newcomb", "prior"), lambda value: {**value, "more": 1})
    assert changes(ATLAS, new) == ["newcomb.prior.more: 'nothing' is now 1"]
    less = copy.deepcopy(ATLAS)
    del less["problems"]["darwin"]
    assert len(changes(ATLAS, less)) == 1


def test_a_part_is_compared_with_the_same_part():
    part = {**ATLAS, "problems": {"coal": ATLAS["problems"]["coal"]}}
    assert changes(ATLAS, part, ["coal"]) == []
    assert changes(ATLAS, part) != []
