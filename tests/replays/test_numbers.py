"""The numbers of a replay are those of the methods, and of mathematics that it does not use."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

import vi_lab
from tests.thinning import mostly_slow
from vi_lab.replays.replay import replay

CHILDREN = {"metropolis-hastings": 0, "gibbs": 1, "cavi": 2}
PROBLEMS = ("correlated", "newcomb", "coal")
EVERY = mostly_slow([*PROBLEMS, "eight-schools", "tiny-mixture", "challenger"], kept=PROBLEMS)
SEED = 3


def child(method, seed=SEED):
    """The generator that runs a method."""
    return np.random.default_rng(seed).spawn(len(CHILDREN))[CHILDREN[method]]


@pytest.fixture(scope="module")
def made():
    """Replays by problem, made when they are first asked for."""
    kept = {}

    def make(name):
        if name not in kept:
            kept[name] = replay(name, rng=SEED)
        return kept[name].data

    return make


def run_of(data, method):
    return next(run for run in data["runs"] if run["method"] == method)


def test_gibbs_goes_where_gibbs_goes(made):
    """The last state of each sweep is a draw of `gibbs` without warmup, the first chain's."""
    frames = run_of(made("coal"), "gibbs")["frames"]
    draws = vi_lab.gibbs("coal", rng=child("gibbs"), chains=4, draws=60, warmup=0)
    ends = frames[1::2][:60]
    assert [f["values"]["s"] - 1850 for f in ends] == draws.values["s"][0].tolist()
    for k in (0, 1):
        walked = [f["values"][f"rates[{k}]"] for f in ends]
        np.testing.assert_allclose(walked, draws.values["rates"][0, :, k], rtol=1e-8)


def test_a_half_step_of_gibbs_moves_its_block_alone(made):
    frames = run_of(made("coal"), "gibbs")["frames"]
    for before, after in pairwise(frames):
        still = "rates[0]" if after["block"] == "s" else "s"
        assert before["values"][still] == after["values"][still]
        assert (before["at"], after["at"]) == (after["from"], after["to"])


def test_the_conditional_is_that_of_the_value_before(made):
    """Gamma(a + events, b + length) of coal, from the counts themselves."""
    frames = run_of(made("coal"), "gibbs")["frames"]
    counts = vi_lab.problem("coal").model.counts
    model = vi_lab.problem("coal").model
    for frame in [f for f in frames if f["block"] == "rates"][:20]:
        s = int(frame["values"]["s"]) - 1850
        events = np.array([counts[:s].sum(), counts[s:].sum()])
        found = frame["conditional"]["parameters"]
        np.testing.assert_allclose(found["shape"], model.a + events, rtol=1e-5)
        np.testing.assert_allclose(
            found["rate"], model.b + np.array([s, len(counts) - s]), rtol=1e-5
        )


def test_a_ratio_is_that_of_the_exact_density(made):
    """Of newcomb: the density of mu and log tau, by the exact posterior in its own form."""
    frames = run_of(made("newcomb"), "metropolis-hastings")["frames"]
    truth = vi_lab.exact("newcomb")

    def log_p(values):
        return truth.log_density(values) + math.log(values["tau"])

    moves = [(a, b) for a, b in pairwise(frames) if b["accepted"]]
    assert len(moves) > 30
    for before, after in moves:
        expected = log_p(after["values"]) - log_p(before["values"])
        assert after["log_ratio"] == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_a_proposal_is_accepted_where_u_is_below_the_ratio(made):
    for name in PROBLEMS[:3]:
        frames = run_of(made(name), "metropolis-hastings")["frames"]
        times = 1
        for before, frame in zip([None, *frames], frames, strict=False):
            assert frame["accepted"] == (frame["log_u"] < frame["log_ratio"])
            assert frame["at"] == (frame["to"] if frame["accepted"] else frame["from"])
            assert before is None or frame["from"] == before["at"]
            times = 1 if frame["accepted"] else times + 1
            assert frame["times"] == times
        assert {f["accepted"] for f in frames} == {True, False}


def test_cavi_ends_where_cavi_ends(made):
    for name in ("coal", "newcomb"):
        run = run_of(made(name), "cavi")
        q = vi_lab.cavi(name, rng=child("cavi"))
        last = run["frames"][-1]
        assert run["updates"] == last["n"] == len(q.elbo_trace) * len(q.q)
        assert last["elbo"] == pytest.approx(q.elbo, rel=1e-14)
        trace = {f["sweep"]: f["elbo"] for f in run["frames"]}  # of each sweep its last update
        shown = [(trace[k + 1], bound) for k, bound in enumerate(q.elbo_trace[:, 0]) if k < 8]
        np.testing.assert_allclose(*zip(*shown, strict=True), rtol=1e-12)


@pytest.mark.parametrize("name", EVERY)
def test_every_nat_is_accounted_for(made, name):
    data = made(name)
    whole = [f for f in run_of(data, "cavi")["frames"] if f["elbo"] is not None]
    assert len(whole) > 10
    for frame in whole:
        assert frame["holds"] is True
        left = frame["elbo"] + frame["kl"] - data["evidence"]["value"]
        assert abs(left) <= frame["tolerance"] + 1e-12 * abs(frame["elbo"])


def test_a_gain_is_what_kl_falls_by(made):
    """KL[q_old || q_new] of the block, against the difference of two divergences of q."""
    frames = run_of(made("coal"), "cavi")["frames"]
    pairs = [(a, b) for a, b in pairwise(frames) if a["kl"] is not None and b["n"] == a["n"] + 1]
    assert len(pairs) > 10
    for a, b in pairs:
        fallen = a["kl"] - b["kl"]
        assert b["gain"] == pytest.approx(fallen, rel=1e-6, abs=a["tolerance"] + b["tolerance"])


def test_an_ellipse_is_the_normal_it_stands_for(made):
    """Correlated: q has the conditional sd, sqrt(1 - rho**2), along both axes."""
    data = made("correlated")
    q = run_of(data, "cavi")["frames"][-1]["q"]["ellipses"]
    for axis in ("x", "y"):
        per_unit = 1000 / (data["plane"][axis]["hi"] - data["plane"][axis]["lo"])
        for one in q:
            reach = math.sqrt(stats.chi2(2).ppf(one["share"]) * (1 - 0.9**2)) * per_unit
            turned = abs(math.cos(one["turn"])) > 0.5
            radius = one["radii"][0 if turned == (axis == "x") else 1]
            assert radius == pytest.approx(reach, rel=2e-3)


def inside(rings, x, y):
    """Whether points lie inside an odd number of rings, by the crossings of a ray."""
    odd = np.zeros(len(x), dtype=bool)
    for ring in rings:
        u, v = np.array(ring[::2]), np.array(ring[1::2])
        for a, b, c, d in zip(u, v, np.roll(u, -1), np.roll(v, -1), strict=True):
            if b != d:
                crosses = ((b > y) != (d > y)) & (x < a + (y - b) * (c - a) / (d - b))
                odd ^= crosses
    return odd


def places_of(data, sample):
    """Draws of both axes, in places of the plane, without the code under test."""
    found = []
    for axis in ("x", "y"):
        one = data["plane"][axis]
        name, index = re.fullmatch(r"(\w+?)(?:\[(\d)\])?", one["name"]).groups()
        values = np.asarray(sample[name])
        values = values.reshape(len(values), -1)[:, int(index or 0)]
        of = np.log if one["scale"] == "log" else np.asarray
        found.append(1000 * (of(values) - of(one["lo"])) / (of(one["hi"]) - of(one["lo"])))
    return found


@pytest.mark.parametrize("name", EVERY)
def test_rings_hold_their_share_of_exact_draws(made, name):
    data = made(name)
    x, y = places_of(data, vi_lab.exact(name).sample(100_000, rng=11))
    for contour in data["plane"]["contours"]:
        share = inside(contour["rings"], x, y).mean()
        assert share == pytest.approx(contour["share"], abs=0.01)


@pytest.mark.parametrize("name", mostly_slow(["newcomb", "eight-schools"]))
def test_rings_of_q_hold_their_share_of_its_draws(name, made):
    data, q = made(name), vi_lab.cavi(name, rng=child("cavi"))
    x, y = places_of(data, q.sample(20_000, rng=5))
    for one in run_of(data, "cavi")["frames"][-1]["q"]["rings"]:
        share = inside(one["rings"], x, y).mean()
        assert share == pytest.approx(one["share"], abs=0.02)


def test_strips_are_the_exact_probabilities_and_those_of_q(made):
    data, q = made("coal"), vi_lab.cavi("coal", rng=child("cavi"))
    (strip,) = data["strips"]
    drawn = vi_lab.exact("coal").sample(200_000, rng=2)["s"] + 1850
    assert strip["values"] == sorted(strip["values"])
    assert np.isin(drawn, strip["values"]).mean() > 0.998
    shares = [(drawn == value).mean() for value in strip["values"]]
    np.testing.assert_allclose(strip["exact"], shares, atol=0.005)
    last = run_of(data, "cavi")["frames"][-1]["strips"]["s"]
    table = q.q["s"].parameters["probabilities"]
    np.testing.assert_allclose(last, table[np.array(strip["values"], int) - 1851], atol=1e-3)


def test_the_summary_of_a_number_is_the_truth(made):
    data = made("newcomb")
    draws = vi_lab.exact("newcomb").sample(100_000, rng=4)["tau"]
    told = data["exact"]["tau"]
    found = [draws.mean(), draws.std(), *np.quantile(draws, [0.05, 0.25, 0.75, 0.95])]
    assert list(told.values()) == pytest.approx(found, rel=0.02)


def test_the_conditional_of_the_year_is_the_likelihood_of_its_rates(made):
    """p(s | rates, counts) is proportional to a product of Poisson probabilities."""
    data, counts = made("coal"), vi_lab.problem("coal").model.counts
    values = np.array(data["strips"][0]["values"], dtype=int) - 1850
    frames = run_of(data, "gibbs")["frames"]
    for frame in [f for f in frames if f["block"] == "s"][3:8]:
        one, two = (stats.poisson(frame["values"][f"rates[{k}]"]).logpmf(counts) for k in (0, 1))
        log_p = np.array([one[:s].sum() + two[s:].sum() for s in range(1, len(counts))])
        p = np.exp(log_p - np.logaddexp.reduce(log_p))
        strip = frame["conditional"]["strip"]
        assert strip["of"] == "s"
        np.testing.assert_allclose(strip["heights"], p[values - 1], atol=1e-4)
