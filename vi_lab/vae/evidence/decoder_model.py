"""A trained VAE as a toy model: its decoder held fixed, its encoder one more q.

What the model is stands in decoder_rows.py. Here it comes from a trained VAE, whose encoder's q can
be held against the truth as any other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments.public import public, require
from vi_lab.errors import InputError
from vi_lab.model_or_problem import same_model
from vi_lab.results import GaussianRows
from vi_lab.vae import inputs
from vi_lab.vae.amortised_result import Amortised
from vi_lab.vae.evidence import per_datum_ledger
from vi_lab.vae.evidence.decoder_rows import DecoderRows
from vi_lab.vae.evidence.per_datum_ledger import PerDatumLedger


class DecoderModel(DecoderRows):
    """z_n ~ N(0, I) and x_n ~ the decoder of a trained VAE, whose parameters are held fixed.

    Parameters
    ----------
    decoder : Amortised
        What `VAE.fit` returns, with one or two latents: its decoder is the model, its encoder the q
        of `amortised`.
    x : array (n, n_inputs)
        0 and 1 for a Bernoulli likelihood; grey values have no probability.
    """

    @public
    def __init__(self, decoder: Amortised, x: Any) -> None:
        needed = "decoder: needs a trained VAE (what VAE.fit or Amortised.load returns)"
        require(isinstance(decoder, Amortised), needed, decoder)
        latents, needed = decoder.vae.n_latent, "decoder: needs one or two latents"
        require(latents <= 2, f"{needed}, which quadrature can integrate out", latents, InputError)
        x = np.array(inputs.data("x", x, decoder.vae.network), np.float64)
        inputs.refuse_grey("x", x, decoder.vae.network, "a posterior")
        super().__init__(decoder.vae.network, decoder.params, x)
        self.fit = decoder

    def _with_data(self, x: np.ndarray) -> DecoderModel:
        return DecoderModel(self.fit, x)

    @public
    def ledger(self, q: GaussianRows | Amortised) -> PerDatumLedger:
        """log p(x_n) = ELBO + KL[q || p(z_n|x_n)] of each datum, each by its own route."""
        if isinstance(q, Amortised):
            q = q.for_model(self)
        ours = isinstance(q, GaussianRows) and same_model(q.model, self)
        require(ours, "q: needs GaussianRows of this model", q)
        return per_datum_ledger.balance(self.truth, q.elbo_rows, self.posterior.kl_rows(q))
