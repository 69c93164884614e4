"""The atlas made anew is the atlas: the quick part here, all of it under the marker `slow`."""

import pytest

from tests.thinning import mostly_slow
from tools.atlas import compute
from tools.atlas.changes import changes
from tools.atlas.moments import RUNS
from vi_lab import atlas, list_problems

QUICK = [n for n in list_problems() if n not in (*RUNS, "digits")]  # those take their time


EVERY_RUN = ("newcomb", "coal", "correlated", "cars", "clutter", "tiny-mixture", "ising",
             "sprinkler", "iris", "nile")  # fmt: skip


@pytest.mark.parametrize("name", mostly_slow(QUICK, EVERY_RUN))
def test_a_problem_comes_out_as_it_stands_in_the_file(name):
    assert changes(atlas.read(), compute.compute([name]), [name]) == []


def test_a_planted_constant_in_a_log_joint_is_a_difference(monkeypatch):
    from vi_lab import NormalGamma

    honest = NormalGamma.log_joint
    monkeypatch.setattr(NormalGamma, "log_joint", lambda self, stats: honest(self, stats) + 1e-6)
    lines = changes(atlas.read(), compute.compute(["newcomb"]), ["newcomb"])
    assert [line.split(":")[0] for line in lines] == [
        "newcomb.bounds.0.elbo", "newcomb.bounds.0.gap"
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_all_of_it_comes_out_as_it_stands_in_the_file():
    assert changes(atlas.read(), compute.compute()) == []
