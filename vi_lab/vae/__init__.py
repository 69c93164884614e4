"""The variational auto-encoder, differentiated by hand: each gradient beside its forward pass.

>>> import numpy as np
>>> from vi_lab.vae import VAE
>>> x = np.random.default_rng(0).random((50, 6)) < 0.3
>>> fit = VAE(n_inputs=6, n_latent=2, hidden=(8,)).fit(x, epochs=5, rng=0)
>>> fit.ledger(x).holds  # log p(x) = ELBO + KL for every datum, each by its own route
True
"""

from vi_lab.vae.amortised_result import Trace
from vi_lab.vae.evidence.decoder_model import DecoderModel
from vi_lab.vae.evidence.fit_gaussians import amortised, gaussian_q
from vi_lab.vae.evidence.gaps import Gaps
from vi_lab.vae.evidence.importance import LogEvidence
from vi_lab.vae.evidence.per_datum_ledger import PerDatumLedger
from vi_lab.vae.inputs import ScoreWarning
from vi_lab.vae.objective import Elbo
from vi_lab.vae.runs.checkpoints import CheckpointWarning
from vi_lab.vae.vae import VAE, Amortised

__all__ = [
    "VAE",
    "Amortised",
    "DecoderModel",
    "amortised",
    "gaussian_q",
    "Elbo",
    "Trace",
    "LogEvidence",
    "PerDatumLedger",
    "Gaps",
    "ScoreWarning",
    "CheckpointWarning",
]
