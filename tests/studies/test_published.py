"""The rows of docs/trial.md: some fits again to the digit, and the tables from the rows."""

import re

import numpy as np
import pytest

import vi_lab
from tests.places import ROOT
from tests.thinning import mostly_slow
from vi_lab.studies.measure import RowKey
from vi_lab.studies.store import DONE
from vi_lab.studies.trial.published import NAMES, read_published, read_rows, write_rows
from vi_lab.studies.trial.trial import DATA_SETS, MODELS
from vi_lab.studies.trial.trial_measure import RANKS, TRIAL, try_fit

ROWS = read_published()
DONE_ROWS = [row for row in ROWS if row["status"] == DONE]
PAGE = (ROOT / "docs/trial.md").read_text(encoding="utf-8")
EXACT = (RANKS, *(name for name in TRIAL.columns if name.startswith("guilty_")))


def differ(stored):
    """Columns of a stored row that are not what comes out today, to six digits."""
    key = RowKey(stored["problem"], stored["method"], stored["budget"], int(stored["seed"]))
    (again,) = try_fit(key)
    found = {}
    for name in TRIAL.columns:
        old, new = stored[name], again.get(name)
        new = None if isinstance(new, float) and np.isnan(new) else new
        same = (
            old == new
            if old is None or new is None or name in EXACT
            else float(new) == pytest.approx(old, rel=1e-5, abs=1e-7)
        )
        if not same:
            found[name] = old, new
    return found


def test_a_file_of_rows_is_read_as_it_was_written():
    rows = ROWS[:40]
    assert read_rows(write_rows(rows)) == rows and set(rows[0]) == set(NAMES)


def test_every_fit_that_was_planned_is_there():
    drawn = [row for row in ROWS if "@" in row["problem"]]
    assert len({row["problem"] for row in drawn}) == DATA_SETS * len(MODELS)
    assert len(ROWS) == (DATA_SETS + 1) * len(MODELS) * len(TRIAL.methods)
    assert sum(row["status"] == DONE for row in drawn) >= 3000


@pytest.mark.parametrize(
    ("problem", "method"),
    mostly_slow([("newcomb@7", "gibbs-50"), ("coal@3", "laplace")], rows=True),
)
def test_a_fit_is_the_same_again(problem, method):
    (stored,) = [r for r in DONE_ROWS if (r["problem"], r["method"]) == (problem, method)]
    assert differ(stored) == {}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_twentieth_of_all_fits_is_the_same_again():
    wrong = {}
    for stored in DONE_ROWS[7::20]:
        found = differ(stored)
        if found:
            wrong[stored["problem"], stored["method"]] = found
    assert wrong == {}


def test_the_table_says_what_the_rows_say():
    """The AUC of R-hat about a mean that is off, and the fits behind it, by scikit-learn."""
    from sklearn.metrics import roc_auc_score  # a second, in all that collect tests

    rows = [r for r in DONE_ROWS if "@" in r["problem"] and r["rhat"] and not r["guilty_mode"]]
    area = roc_auc_score([r["guilty_mean"] for r in rows], [r["rhat"] for r in rows])
    (line,) = re.findall(
        r"^\| rhat \|(.*)\|$", PAGE.split("<!-- areas -->")[1].split("<!--")[0], re.M
    )
    assert line.split("|")[1].split()[0] == f"{area:.2f}"


@pytest.mark.slow
def test_every_table_is_that_of_the_rows():
    from tools.pages import fill
    from tools.trial_page import make_tables

    assert fill(PAGE, make_tables(vi_lab.read_trial(), ROWS)) == PAGE
