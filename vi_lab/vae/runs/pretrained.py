"""The VAE of the digits: how they were binarised and divided, how it was trained, and its weights.

Training takes a few seconds, but its last digits hang on the machine's rounding; so that everybody
holds the same decoder, its weights lie beside the data (digits_vae.npz).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.datasets import load_digits, load_digits_vae
from vi_lab.vae.amortised_result import Trace
from vi_lab.vae.vae import VAE, Amortised

INK = 8  # grey levels from which a pixel counts as ink
EVERY = 18  # one image in so many is held out
EACH = 2  # held-out images shown of each digit
SETTINGS: dict[str, Any] = {"n_inputs": 64, "n_latent": 2, "hidden": (32,), "activation": "tanh"}
TRAINING: dict[str, Any] = {"epochs": 100, "batch_size": 100, "learning_rate": 3e-3, "rng": 0}


class Digits(NamedTuple):
    """Images of 0 and 1, a row each, and the digits they show."""

    x: np.ndarray
    labels: np.ndarray


def load_training_digits() -> Digits:
    """The 1,697 images that the VAE was trained on."""
    return _digits(held_out=False)


def load_held_out_digits() -> Digits:
    """20 of the 100 images that it never saw: the first two of each digit, sorted by digit."""
    x, labels = _digits(held_out=True)
    rows = np.concatenate([np.flatnonzero(labels == digit)[:EACH] for digit in range(10)])
    return Digits(x[rows], labels[rows])


def _digits(held_out: bool) -> Digits:
    data = load_digits().data
    rows = (np.arange(len(data["images"])) % EVERY == 0) == held_out
    return Digits((data["images"][rows] >= INK).astype(np.float64), data["labels"][rows])


def train() -> Amortised:
    """Train it anew, as the bundled one was."""
    return VAE(**SETTINGS).fit(load_training_digits().x, **TRAINING)


def load_pretrained() -> Amortised:
    """The bundled one."""
    data = load_digits_vae().data
    trace = Trace(*(data[f"trace.{name}"] for name in Trace._fields))
    params = {name: array for name, array in data.items() if not name.startswith("trace.")}
    return Amortised(VAE(**SETTINGS), params, trace)


def arrays(fit: Amortised) -> dict[str, np.ndarray]:
    """What digits_vae.npz holds of a training."""
    return {**fit.params, **{f"trace.{name}": v for name, v in fit.trace._asdict().items()}}
