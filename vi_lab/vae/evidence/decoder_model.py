"""A fixed decoder as a toy model.

    z_n ~ N(0, I)                           n = 1..N, one or two coordinates each
    x_n ~ p(x | decoder(z_n))               Bernoulli in each pixel, or Gaussian

The decoder's weights are known, the latents are not: a posterior for each datum, independent of the
others, of any shape the decoder bends it into. The truth comes from quadrature; the encoder that
was trained with the decoder is one more q to hold against it.
"""

from __future__ import annotations

import time
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from vi_lab.arguments.public import brief, public
from vi_lab.density_model import DensityRows
from vi_lab.errors import InputError, InputTypeError
from vi_lab.model import Values
from vi_lab.model_or_problem import same_model
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Exact, GaussianRows
from vi_lab.vae import inputs
from vi_lab.vae.amortised_result import Amortised
from vi_lab.vae.evidence import gaussian_rows as gaussians
from vi_lab.vae.evidence import per_datum_ledger as accounts
from vi_lab.vae.evidence.expectations import expected_elbo
from vi_lab.vae.evidence.per_datum_ledger import PerDatumLedger
from vi_lab.vae.evidence.posterior import DecoderPosterior
from vi_lab.vae.evidence.quadrature import Quadrature
from vi_lab.vae.evidence.reference_decoder import Decoder

AGREE = 1e-8  # nats per datum between two rules for an ELBO


class DecoderModel(DensityRows):
    """z_n ~ N(0, I) and x_n ~ the decoder of a trained VAE, whose parameters are held fixed.

    Parameters
    ----------
    decoder : Amortised
        What `VAE.fit` returns, with one or two latents: its decoder is the model, its encoder the q
        of `amortised`.
    x : array (n, n_inputs)
        0 and 1 for a Bernoulli likelihood; grey values have no probability.
    """

    no_exact_because = None
    no_conditional_because = MappingProxyType(
        {
            "Gibbs": "it draws z from its complete conditional, and under a neural network "
            "p(z|x) is of no family that can be drawn from: only its shape is known, which is all "
            "that Metropolis-Hastings asks for",
            "CAVI": "it writes the best q down from expected statistics, and under a neural "
            "network log p(x, z) is linear in no statistics of z; a q of chosen shape can still be "
            "climbed to along the gradient (gaussian-mean-field, gaussian-full-rank)",
        }
    )

    @public
    def __init__(self, decoder: Amortised, x: Any) -> None:
        if not isinstance(decoder, Amortised):
            raise InputTypeError(
                f"decoder: needs a trained VAE (what VAE.fit or Amortised.load returns), "
                f"got {brief(decoder)}"
            )
        if decoder.vae.n_latent > 2:
            raise InputError(
                f"decoder: needs one or two latents, which quadrature can integrate out, "
                f"got {decoder.vae.n_latent}"
            )
        self.fit, self.network = decoder, decoder.vae.network
        self.params = {name: np.asarray(v, np.float64) for name, v in decoder.params.items()}
        self.x = np.array(inputs.data("x", x, self.network), np.float64)
        inputs.refuse_grey("x", self.x, self.network, "a posterior")
        self.x.setflags(write=False)
        self.n, self.dimension = len(self.x), decoder.vae.n_latent
        self.independent_rows = self.n
        self._decoder = Decoder(self.network, self.params)

    def log_density_rows(self, z: np.ndarray) -> np.ndarray:
        lead = z.shape[:-2]
        by_datum = np.moveaxis(z.reshape(-1, *z.shape[-2:]), 1, 0)
        return self._decoder.log_joint(self.x, by_datum).T.reshape(*lead, self.n)

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        return {"z": rng.standard_normal((*batch, self.n, self.dimension))}

    def elbo_rows(self, mean: np.ndarray, root: np.ndarray) -> Estimate:
        """E_q[log p(x|z)] - KL[q || p(z)] of each datum, through the layers that training uses."""
        with np.errstate(over="ignore", invalid="ignore"):
            rows = gaussians.packed(mean, root)
            return expected_elbo(self.network, self.params, self.x, rows, AGREE)

    @cached_property
    def encoded(self) -> np.ndarray:
        """The encoder's means and log variances, side by side (n, 2 d)."""
        return np.concatenate(self.network.encode(self.params, self.x)[0], axis=1)

    @property
    def truth(self) -> Quadrature:
        """log p(x_n), posterior moments and boxes, by quadrature; once for all who ask."""
        return self._timed_truth[0]

    @cached_property
    def _timed_truth(self) -> tuple[Quadrature, float]:
        started = time.perf_counter()
        with np.errstate(over="ignore", invalid="ignore"):
            rough = accounts.encoded(self.network, self.params, self.x, accounts.ROUGH)
            found = accounts.truth_above(self.network, self.params, self.x, *rough)
        return found, time.perf_counter() - started

    @cached_property
    def _posterior(self) -> DecoderPosterior:
        return DecoderPosterior(self._decoder, self.x, self.truth)

    def exact_posterior(self) -> Exact:
        """Datum by datum by quadrature, the log evidence their sum."""
        truth, seconds = self._timed_truth
        return Exact(
            self,
            float(truth.value.sum()),
            float(truth.error.sum()),
            accounts.GLOBAL,
            self._posterior,
            seconds,
        )

    @public
    def ledger(self, q: GaussianRows | Amortised) -> PerDatumLedger:
        """log p(x_n) = ELBO + KL[q || p(z_n|x_n)] of each datum, each by its own route."""
        if isinstance(q, Amortised):
            q = q.for_model(self)
        if not isinstance(q, GaussianRows) or not same_model(q.model, self):
            raise InputTypeError(f"q: needs GaussianRows of this model, got {brief(q)}")
        return accounts.kept(self.truth, q.elbo_rows, self._posterior.kl_rows(q))
