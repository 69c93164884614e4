"""Trajectories and steps uphill: what they say is what decided, and every nat is accounted for."""

import numpy as np
import pytest
from matplotlib.path import Path

import vi_lab
from vi_lab import gaussian_vi, replay
from vi_lab.replays.coordinates import GRID

ASKED = ["hmc", "gaussian-full-rank"]


@pytest.fixture(scope="module")
def coal():
    return replay("coal", methods=ASKED, rng=1)


@pytest.fixture(scope="module")
def runs(coal):
    return {run["id"]: run for run in coal.data["runs"]}


def test_a_trajectory_is_accepted_where_u_is_below_its_ratio(runs):
    """The ratio is read off positions and the first momentum; what decided was the chain's own."""
    frames = runs["hmc"]["frames"]
    assert len(frames) == 100 and {frame["kind"] for frame in frames} == {"trajectory"}
    for frame in frames:
        assert frame["accepted"] == (frame["log_u"] < frame["log_ratio"]), frame["say"]
        assert len(frame["path"]) == 2 * (frame["steps"] + 1)
        assert not frame["divergent"] and frame["say"].startswith(f"Trajectory {frame['n']}, ")


def test_a_path_begins_where_the_chain_was_and_ends_where_it_is(runs):
    before = None
    for frame in runs["hmc"]["frames"]:
        begin, end = frame["path"][:2], frame["path"][-2:]
        assert before is None or begin == before
        assert frame["at"] == (end if frame["accepted"] else begin)
        before = frame["at"]


def test_every_nat_of_a_step_is_accounted_for(runs):
    frames = runs["gaussian-full-rank"]["frames"]
    elbos = [frame["elbo"] for frame in frames]
    assert {frame["kind"] for frame in frames} == {"step"} and np.all(np.diff(elbos) > -1e-8)
    for frame in frames:
        assert frame["holds"] is True and frame["q"]["rings"][1]["share"] == 0.9
    assert elbos[-1] == pytest.approx(gaussian_vi("coal", covariance="full", rng=3).elbo, abs=1e-7)
    assert frames[-1]["gradient_norm"] < 1e-4 < frames[0]["gradient_norm"]


def test_the_rings_hold_their_share_of_q():
    """Draws of a q that is correlated, put on the axes by hand."""
    made = replay("correlated", methods=["gaussian-full-rank"], rng=1)
    last = made.data["runs"][0]["frames"][-1]
    draws = gaussian_vi("correlated", covariance="full", rng=3).sample(20000, rng=0)
    ends = [(axis["lo"], axis["hi"]) for axis in (made.data["plane"]["x"], made.data["plane"]["y"])]
    at = np.stack(
        [GRID * (draws[f"z{i}"].ravel() - a) / (b - a) for i, (a, b) in enumerate(ends)], axis=-1
    )
    for entry in last["q"]["rings"]:
        inside = Path(np.reshape(entry["rings"][0], (-1, 2))).contains_points(at).mean()
        assert inside == pytest.approx(entry["share"], abs=0.02)


def test_what_does_not_apply_says_why_and_the_usual_page_has_the_usual_methods():
    with pytest.raises(vi_lab.NotApplicable, match="every latent is discrete"):
        replay("sprinkler", methods=["gaussian-full-rank"])
    with pytest.raises(vi_lab.NotApplicable, match="no latent has a real coordinate"):
        replay("sprinkler", methods=["hmc"])
    assert [run["id"] for run in replay("coin").data["runs"]] == [
        "metropolis-hastings", "gibbs", "cavi",
    ]  # fmt: skip


def test_the_page_knows_both_kinds(coal):
    assert len(coal.html) < 300_000
    for words in ('f.kind === "trajectory"', 'f.kind === "step"', '"hmc"'):
        assert words in coal.html
