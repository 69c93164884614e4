"""Data and prior shifted together: the same posterior elsewhere, in which a ledger must hold.

Differences are taken before squares, so that a shift takes no digit from a verdict: it stands
within a millionth of a nat, which is seen.
"""

import numpy as np
import pytest

import vi_lab
from tests.thinning import mostly_slow

X = np.random.default_rng(5).normal(size=20)
PAIRS = np.random.default_rng(0).normal(size=(6, 2))
LINE = np.stack([np.ones(20), X], axis=1)
AT = {
    "normal-gamma": lambda s: vi_lab.NormalGamma(X + s, s, 1, 1, 1),
    "normal-gamma, vague": lambda s: vi_lab.NormalGamma(X + s, 0, 1e-12, 1, 1),
    "semi-conjugate": lambda s: vi_lab.NormalSemiConjugate(X + s, s, 1, 1, 1),
    "semi-conjugate, vague": lambda s: vi_lab.NormalSemiConjugate(X + s, 0, max(s, 1), 1, 1),
    "mixture": lambda s: vi_lab.NormalMixture(X[:6] + s, 1, s, 1, concentration=[1, 1]),
    "gaussian mixture": lambda s: vi_lab.GaussianMixture(
        PAIRS + s, 2, 1, m0=[s, s], beta0=1, nu0=3, w0_inv=np.eye(2)
    ),
    "regression": lambda s: vi_lab.LinearRegression(LINE, X + s, (s, 0), np.eye(2), 1, 1),
    "clutter": lambda s: vi_lab.Clutter(X[:6] + s, 0.5, max(1, s) ** 2),
}


@pytest.mark.parametrize("shift", mostly_slow([1e3, 1e6, 1e8, 1e10], (1e3, 1e8)))
@pytest.mark.parametrize("name", AT)
def test_a_ledger_holds_wherever_the_data_lie(name, shift):
    model = AT[name](shift)
    for q in (vi_lab.cavi(model, rng=0), vi_lab.exact(model)):
        book = vi_lab.ledger(model, q)
        assert book.holds, book
        assert book.tolerance < 1e-6, book


@pytest.mark.parametrize("shift", [1e3, 1e6])
@pytest.mark.parametrize("name", [n for n in AT if "vague" not in n and n != "clutter"])
def test_a_shift_of_data_and_prior_changes_nothing(name, shift):
    """X + shift is rounded, and by so much the evidence may differ."""
    here, there = vi_lab.exact(AT[name](0.0)), vi_lab.exact(AT[name](shift))
    assert abs(here.log_evidence - there.log_evidence) < 1e-14 * shift + 1e-12


@pytest.mark.parametrize("name", AT)
def test_a_millionth_of_a_nat_is_seen(name, monkeypatch):
    model = AT[name](0.0)
    q = vi_lab.cavi(model, rng=0)
    assert vi_lab.ledger(model, q).tolerance < 1e-9
    log_joint = model.log_joint
    monkeypatch.setattr(model, "log_joint", lambda stats: log_joint(stats) + 1e-6)
    assert not vi_lab.ledger(model, q).holds
