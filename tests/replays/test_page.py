"""The page: its parts, its size, what it says, what cannot get into it."""

import base64
import hashlib
import html
import json
import re

import numpy as np
import pytest

import vi_lab
from tests import console
from vi_lab.errors import InputError, NotApplicable, ResultFileError
from vi_lab.replays import replay as module
from vi_lab.replays import sentences
from vi_lab.replays.coordinates import find_ticks
from vi_lab.replays.replay import fit, replay
from vi_lab.replays.scene import choose_frames

FIELDS = {
    "propose": {"from", "to", "log_ratio", "log_u", "accepted", "times"},
    "draw": {"block", "from", "to", "given", "conditional", "log_joint"},
    "update": {
        "block", "given", "conditional", "q", "strips", "elbo", "elbo_error", "kl", "kl_error",
        "gain", "residual", "tolerance", "holds", "why",
    },
}  # fmt: skip
ALWAYS = {"n", "sweep", "kind", "say", "at", "values"}
TOP = ["format", "version", "problem", "title", "story", "made", "evidence", "why_no_evidence",
       "plane", "strips", "exact", "runs"]  # fmt: skip
AXIS = {"name", "label", "unit", "lo", "hi", "scale", "ticks"}


@pytest.fixture(scope="module")
def coal():
    return replay("coal")


def data_in(page):
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(text)


def test_the_json_is_as_written(coal):
    data = coal.data
    assert list(data) == TOP
    assert (data["format"], data["version"], data["problem"]) == ("vi_lab replay", 1, "coal")
    assert set(data["plane"]["x"]) == set(data["plane"]["y"]) == AXIS
    assert [c["share"] for c in data["plane"]["contours"]] == [0.5, 0.9, 0.99]
    assert all(len(ring) <= 128 for c in data["plane"]["contours"] for ring in c["rings"])
    assert [run["id"] for run in data["runs"]] == ["metropolis-hastings", "gibbs", "cavi"]
    for run in data["runs"]:
        assert run["applies"] is True and run["reason"] is None
        assert run["updates"] == run["frames"][-1]["n"]
        for frame in run["frames"]:
            assert set(frame) == ALWAYS | FIELDS[frame["kind"]]
            assert frame["at"] is None or all(type(place) is int for place in frame["at"])


def test_the_page_holds_the_data_and_its_sentences(coal):
    assert data_in(coal.html) == coal.data
    script = coal.html.rsplit("<script>", 1)[1]
    assert '$("say").textContent = f.say' in script
    assert 'slider.setAttribute("aria-valuetext", f.say)' in script
    stills = coal.html.split("<noscript>")[1].split("</noscript>")[0]
    for run in coal.data["runs"]:
        frames = run["frames"]
        for frame in (frames[0], frames[len(frames) // 2], frames[-1]):
            assert html.escape(frame["say"]) in stills


def test_the_policy_allows_this_script_alone(coal):
    policy = html.unescape(re.search(r'Content-Security-Policy" content="(.*?)"', coal.html)[1])
    script = re.search(r"<script>(.*?)</script>", coal.html, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    addresses = set(re.findall(r"https?://[^\"'\s<)]+", coal.html))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of a namespace


def test_sizes(coal):
    assert len(coal.html.encode()) <= 300_000
    assert (
        len(coal.html.encode()) - len(re.search(r'id="data">(.*?)<', coal.html)[1].encode())
        < 65_000
    )
    assert len(json.dumps(coal.data["plane"]["contours"])) <= 12_000
    for run in coal.data["runs"]:
        most = {"propose": 450, "draw": 1100, "update": 1700}[run["frames"][0]["kind"]]
        assert max(len(json.dumps(frame)) for frame in run["frames"]) <= most


def test_same_seed_same_bytes(coal):
    alone, again, other = (replay("coal", methods=["cavi"], rng=seed) for seed in (0, 0, 1))
    assert alone.html == again.html
    runs = (coal.data["runs"][2], alone.data["runs"][0], other.data["runs"][0])
    kls = [[f["kl"] for f in run["frames"]] for run in runs]
    assert kls[0] == kls[1] != kls[2]


def test_names_are_escaped():
    item = vi_lab.problem("newcomb")
    odd = '<script>alert("1")</script>\u202e' + "n" * 10_000
    page = replay(vi_lab.Problem(odd, odd, odd, 66, item.model), methods=["cavi"]).html
    assert "<script>alert" not in page and "\u202e" not in page.split('id="data"')[0]
    assert page.count("<script") == 2
    assert len(re.search(r"<bdi>(.*?)</bdi>", page)[1]) < 120
    assert data_in(page)["problem"] == odd


def test_a_method_that_does_not_apply_keeps_its_place():
    runs = {run["id"]: run for run in replay("sprinkler").data["runs"]}
    walk = runs["metropolis-hastings"]
    assert walk["applies"] is False and "does not apply, because" in walk["reason"]
    assert walk["frames"] == [] and runs["gibbs"]["frames"]


@pytest.mark.parametrize("name", ["ising", "asia"])
def test_counted_numbers_alone_are_strips(name):
    data = replay(name, methods=["gibbs"]).data
    assert data["plane"] is None
    for strip in data["strips"]:
        assert strip["discrete"] and sum(strip["exact"]) == pytest.approx(1.0, abs=2e-3)
    assert len(replay(name, methods=["gibbs"]).html) > 50_000


def test_one_real_number_is_a_strip():
    data = replay("coin", methods=["cavi"]).data
    assert data["plane"] is None and data["strips"][0]["discrete"] is False


def test_bad_input(tmp_path):
    with pytest.raises(InputError, match="did you mean 'coal'"):
        replay("coall")
    with pytest.raises(InputError, match="did you mean 'gibbs'"):
        replay("coal", methods=["gibs"])
    with pytest.raises(NotApplicable, match="galaxies: it is drawn on the exact posterior, and"):
        replay("galaxies")
    with pytest.raises(NotApplicable, match="digits: the replay of Metropolis-Hastings does not"):
        replay("digits")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ResultFileError, match="cannot write"):
        replay("newcomb", methods=["cavi"], out=tmp_path / "folder")


def test_the_command(tmp_path):
    words = ("replay", "newcomb", "--methods", "cavi", "--seed", "3", "--out", "here.html")
    out, _ = console.call(*words, cwd=tmp_path)
    assert out.endswith("Replay   here.html\n")
    page = (tmp_path / "here.html").read_text(encoding="utf-8")
    assert data_in(page)["made"]["command"] == "vi-lab replay newcomb --seed 3"
    assert page == replay("newcomb", methods=["cavi"], rng=3).html


# what is said


def test_sentences():
    propose, update = sentences.of_proposal, sentences.of_update
    assert propose(64, np.log(0.26), np.log(0.88), False, "3.10 and 1.10", 2) == (
        "Proposal 64: refused. 0.26 is below the draw 0.88; the chain stays at 3.10 and 1.10 and "
        "counts it again, now 2 times."
    )
    assert propose(2, np.log(0.2604), np.log(0.2601), True, "1", 1) == (
        "Proposal 2: accepted. 0.2604 is above the draw 0.2601; the chain moves to 1."
    )
    assert propose(3, 0.4, -0.1, True, "1", 1) == (
        "Proposal 3: accepted. The density is no lower there; the chain moves to 1."
    )
    assert sentences.of_draw(12, "s", "rates", "1891", "1889") == (
        "Sweep 12, draw of s given rates: 1891, was 1889."
    )
    assert update(2, "rates", 24.53, 3.298, 21.2) == (
        "Sweep 2, update of rates: KL falls from 24.5 to 3.30 nats."
    )
    assert update(9, "s", 0.07042, 0.07040, 2e-5) == (
        "Sweep 9, update of s: KL falls by 2.0·10⁻⁵ nats and stays at 0.0704."
    )
    assert update(9, "s", 0.0704, 0.0704, 0.0) == (
        "Sweep 9, update of s: q stays where it is, and KL at 0.0704 nats."
    )
    assert "KL is ∞" in update(1, "z", None, np.inf, 0.0)
    assert sentences.of_unfinished(1, "s", ["rates"]) == (
        "Sweep 1, update of s: rates has no q before its first update, so there is no ELBO yet."
    )


def test_amounts():
    amount = sentences.amount
    assert [amount(v) for v in (98.94, -0.0704, 0.0, 1234567.0, 3e-10, -np.inf)] == [
        "98.9", "−0.0704", "0", "1.2·10⁶", "3.0·10⁻¹⁰", "−∞"
    ]  # fmt: skip


def test_which_updates_are_shown():
    assert choose_frames(120, 120, 40) == list(range(120))
    some = choose_frames(2920, 120, 40)
    assert some[:40] == list(range(40)) and some[-1] == 2919
    assert len(some) <= 120 and len(some) > 100


def test_frames_are_cut_to_fit():
    def frames(count):
        return [{"n": n, "say": "x" * 100} for n in range(1, count + 1)]

    def a_run(name, count):
        shown = "{count}" if name in module.CHAINS else "all"
        return {"id": name, "frames": frames(count), "updates": count, "shown": shown}

    runs = [a_run("metropolis-hastings", 300), a_run("gibbs", 300), a_run("cavi", 50)]
    cut = fit(runs, 40_000)
    counts = [len(run["frames"]) for run in cut]
    assert counts[0] == counts[1] < 300 and counts[2] == 50
    assert len(json.dumps(cut, separators=(",", ":"))) < 40_500
    assert [run["shown"] for run in cut] == [str(counts[0]), str(counts[1]), "all"]


def test_ticks():
    assert find_ticks(1.7, 4.1, "linear") == [2.0, 2.5, 3.0, 3.5, 4.0]
    assert find_ticks(0.004, 530.0, "log") == [0.01, 0.1, 1.0, 10.0, 100.0]
