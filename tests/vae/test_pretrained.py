"""The problem of the digits: its data, the bundled weights, and what a comparison says of it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
from vi_lab.datasets import load_digits
from vi_lab.vae.runs import pretrained

HERE = ["exact", "exact-draws", "metropolis-hastings", "gibbs", "cavi"]
OWN = ["gaussian-mean-field", "gaussian-full-rank", "amortised"]


@pytest.fixture(scope="module")
def comparison():
    return vi_lab.compare("digits", methods=[*HERE, *OWN], rng=0)


def test_what_is_shown_was_held_out():
    train, shown = pretrained.load_training_digits(), pretrained.load_held_out_digits()
    assert train.x.shape == (1697, 64) and shown.x.shape == (20, 64)
    assert list(np.bincount(shown.labels)) == [2] * 10
    assert set(np.unique(train.x)) == {0.0, 1.0}
    images = load_digits().data["images"]
    places = [i for i in range(0, 1797, 18) if (images[i] >= 8).tolist() in shown.x.tolist()]
    assert len(places) >= 20
    assert_allclose(train.x[:17], images[1:18] >= 8)


def test_the_bundled_vae_is_the_trained_one():
    """Training again ends where the bundle did, but for rounding that differs between machines."""
    bundled, again = pretrained.load_pretrained(), pretrained.train()
    assert bundled.vae == again.vae
    assert list(bundled.params) == list(again.params) == list(bundled.vae.network.shapes)
    assert_allclose(again.trace.elbo[:3], bundled.trace.elbo[:3], rtol=1e-3)
    assert_allclose(again.trace.elbo[-1], bundled.trace.elbo[-1], atol=0.5)
    assert all(v.dtype == np.float32 for v in bundled.params.values())
    written = pretrained.arrays(bundled)
    assert set(written) == {*bundled.params, "trace.elbo", "trace.reconstruction", "trace.kl"}


def test_rows_come_in_the_order_of_the_methods(comparison):
    assert [row.method for row in comparison.rows] == HERE + OWN
    rows = {row.method: row for row in comparison.rows}
    assert [m for m in rows if not rows[m].applies] == ["gibbs", "cavi"]
    assert rows["gibbs"].reason.startswith("Gibbs does not apply, because it draws z")
    assert rows["cavi"].reason.startswith("CAVI does not apply, because it writes the best q")
    for method in OWN:
        row = rows[method]
        assert row.applies and row.gap_error < 1e-5
        assert_allclose(row.gap, rows["exact"].log_evidence - row.elbo)
        assert 0.5 < row.sd_ratio_min < 1
    assert 0.3 < rows["gaussian-full-rank"].gap < rows["gaussian-mean-field"].gap
    assert rows["gaussian-mean-field"].gap < rows["amortised"].gap < 40
    assert (
        rows["metropolis-hastings"].rhat < 1.02 and rows["metropolis-hastings"].mean_error_z < 4.5
    )
    assert rows["gaussian-full-rank"].density_evaluations > 100
    said = comparison.verdicts["digits"]
    for words in ("The best mean-field Gaussian falls", "the encoder's q falls 7.7 nats short"):
        assert words in said


def test_the_text_fits_a_screen_as_nearly_as_its_names_allow(comparison):
    assert max(map(len, comparison.text().splitlines())) <= 125


@pytest.mark.slow
def test_the_amortised_gap_is_approximation_plus_amortisation(comparison):
    model = vi_lab.problem("digits").model
    rows = {row.method: row for row in comparison.rows}
    gaps = model.fit.gaps(model.x)
    assert_allclose(gaps.approximation.sum(), rows["gaussian-mean-field"].gap, atol=0.01)
    total = gaps.approximation.sum() + gaps.amortisation.sum()
    assert_allclose(total, rows["amortised"].gap, atol=1e-4)


def test_rows_of_decoders_are_listed_where_there_is_one():
    few = vi_lab.compare("newcomb", methods=["exact", "amortised", "gaussian_full_rank"], rng=0)
    assert [row.applies for row in few.rows] == [True, False, True]
    assert "no encoder was trained for this model" in " ".join(few.text().split())
    assert [r.method for r in vi_lab.compare("coin", methods=None, rng=0).rows] == [
        *HERE,
        "linear-response",
        "gaussian-full-rank",
    ]


@pytest.mark.slow
def test_check_keeps_five_ledgers():
    entries = vi_lab.check("digits")
    assert [e.method for e in entries] == [
        "gaussian mean-field",
        "gaussian full-rank",
        "amortised",
        "random 1",
        "random 2",
    ]
    for entry in entries:
        assert entry.ledger.holds and entry.ledger.tolerance < 1e-5
        assert abs(entry.ledger.residual) <= 40e-6
    assert entries[1].ledger.kl < entries[0].ledger.kl < entries[2].ledger.kl
    assert entries[2].ledger.kl < min(entry.ledger.kl for entry in entries[3:])
    assert entries[3].ledger.kl != entries[4].ledger.kl
