"""The panels of no one problem: the VAE's gaps are the same, whoever had computed them."""

import numpy as np
import pytest

from vi_lab.figures.overall_panels import _find_gaps
from vi_lab.inference.exact import exact
from vi_lab.vae.evidence.decoder_model import DecoderModel
from vi_lab.vae.evidence.fit_gaussians import amortised, gaussian_q
from vi_lab.vae.runs.pretrained import load_held_out_digits, load_pretrained


@pytest.fixture(scope="module")
def found():
    """The bundled VAE, a digit, and what a comparison finds of it."""
    fit, x = load_pretrained(), load_held_out_digits().x[[3]]
    model = DecoderModel(fit, x)
    return fit, x, {
        "exact": exact(model),
        "amortised": amortised(model),
        "gaussian-mean-field": gaussian_q(model, covariance="mean-field"),
    }  # fmt: skip


def test_gaps_out_of_results_are_those_computed_anew(found, monkeypatch):
    fit, x, results = found
    anew = fit.gaps(x)
    with monkeypatch.context() as patch:
        patch.setattr(type(fit), "gaps", None)  # nobody computes them again
        ours = _find_gaps(fit, x, results)
    for name in ("log_evidence", "elbo", "approximation", "amortisation"):
        here, there = getattr(ours, name), getattr(anew, name)
        assert (np.abs(here - there) <= ours.error + anew.error).all(), name
    assert (ours.error < 1e-5).all() and ours.route == anew.route


@pytest.mark.parametrize("change", ["other data", "no encoder", "q* is worse"])
def test_results_that_do_not_know_them_are_left_alone(found, change, monkeypatch):
    fit, x, results = found
    monkeypatch.setattr(type(fit), "gaps", lambda self, x, rng: "anew")
    if change == "other data":
        x = 1 - x
    elif change == "no encoder":
        results = {m: r for m, r in results.items() if m != "amortised"}
    else:
        results = {**results, "gaussian-mean-field": results["amortised"]}
        results["amortised"] = found[2]["gaussian-mean-field"]
    assert _find_gaps(fit, x, results) == "anew"
