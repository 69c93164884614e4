"""The digits: a VAE with two latents, and a ledger that holds for every picture of a handful."""

from pathlib import Path

import numpy as np
import pytest

from tests.vae.data import digits
from vi_lab.vae import VAE

FILE = Path(__file__).resolve().parents[2] / "data" / "digits8x8.npz"


@pytest.mark.skipif(not FILE.exists(), reason="the digits are not bundled yet")
@pytest.mark.parametrize("activation", ["tanh", "softplus"])
def test_the_ledger_of_digits(activation):
    x = digits(FILE)
    fit = VAE(64, 2, (128,), activation=activation).fit(x, epochs=20, rng=0)
    assert -28 < fit.trace.elbo[-1] < -20
    some = x[:: len(x) // 12]
    book = fit.ledger(some)
    assert book.holds
    assert np.abs(book.residual).max() <= 1e-6
    gaps = fit.gaps(some[:4])
    assert (gaps.approximation > -1e-8).all() and (gaps.amortisation > -1e-8).all()
    assert (np.abs(gaps.residual) <= gaps.error).all()
