"""Data of one's own, the card, and how light the course is to import."""

import hashlib

import numpy as np
import pytest

import vi_lab as vl
from tests.forks import outcome
from tests.teach.notebooks import root
from vi_lab.teach import card, check, own, predict
from vi_lab.teach.bank import LESSONS, find, of_lesson

LIGHT = """
import sys
from vi_lab.teach.bank import LESSONS, of_lesson
for number in LESSONS:
    of_lesson(number)
print([name for name in ("matplotlib", "jupytext", "IPython") if name in sys.modules])
"""


@pytest.mark.parametrize("name", ["newcomb", "coin", "coal", "tiny-mixture"])
def test_each_text_has_data_of_its_own_that_look_like_the_real_ones(name):
    one, again, other = own(name, "s123"), own(name, "s123"), own(name, "s124")
    (key,) = one.model.data_names
    mine, real = one.arguments[key], np.asarray(vl.problem(name).arguments[key], dtype=float)
    np.testing.assert_array_equal(mine, again.arguments[key])
    assert not np.array_equal(mine, other.arguments[key])
    assert np.shape(mine) == real.shape
    assert abs(np.mean(mine) - real.mean()) < 5 * real.std() / np.sqrt(real.size)
    assert vl.ledger(one, vl.cavi(one, rng=0)).holds
    assert "s123" in one.data and one.hyperparameters == vl.problem(name).hyperparameters


@pytest.mark.parametrize("name", ["newcomb", "coal"])
def test_data_are_drawn_by_the_hash_of_name_and_text(name):
    """At the posterior mean, and of a latent that chooses (coal's year) at one draw, the same for
    every text: so they are the same on every machine."""
    real = vl.problem(name).model
    truth = vl.exact(real)
    values = {block: np.asarray(truth.mean(block)) for block in real.blocks}
    values |= {"s": truth.sample(1, rng=0)["s"][0]} if name == "coal" else {}
    (key,) = real.data_names
    for text in ("s1", "Ada Lovelace"):
        seed = int(hashlib.sha256(f"{name}/{text}".encode()).hexdigest()[:16], 16)
        drawn = getattr(real.sample_data(np.random.default_rng(seed), values), key)
        np.testing.assert_array_equal(own(name, text).arguments[key], drawn)


def test_the_real_data_do_not_change():
    before = vl.exact(vl.problem("newcomb")).log_evidence
    own("newcomb", "s1")
    assert vl.exact(vl.problem("newcomb")).log_evidence == before


@pytest.mark.parametrize("name", ["correlated", "galaxies"])
def test_a_problem_without_data_or_truth_says_so(name):
    with pytest.raises(vl.NotApplicable, match="does not apply"):
        own(name, "s1")


def test_the_card_has_a_line_for_each_exercise_and_prediction():
    check("01.3", find("01.3").right)
    predict("01.b", 0.5)
    lines = str(card("01")).splitlines()
    assert len(lines) == 1 + len(of_lesson("01"))
    assert "01.3   ✓ the ELBO: right" in lines and "01.b   predicted 0.5" in lines
    assert len(str(card("77")).splitlines()) == 1
    assert list(LESSONS) == sorted(LESSONS)


def test_what_was_tried_in_vain_has_no_tick():
    check("01.2", lambda *given: 0.0)
    (line,) = (line for line in str(card("01")).splitlines() if line.startswith("01.2"))
    assert " · " in line and "✓" not in line and not line.endswith("not attempted")


def test_the_course_is_light_to_import():
    assert outcome(LIGHT, cwd=root()) == (0, "[]\n", "")
