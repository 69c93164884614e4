"""A fixed decoder as a toy model.

    z_n ~ N(0, I)                           n = 1..N, one or two coordinates each
    x_n ~ p(x | decoder(z_n))               Bernoulli in each pixel, or Gaussian

The decoder's weights are known, the latents are not: a posterior for each datum, independent of the
others, of any shape the decoder bends it into. The truth comes from quadrature.
"""

from __future__ import annotations

import time
from functools import cached_property
from types import MappingProxyType

import numpy as np

from vi_lab.arguments.read_only import ReadOnlyDict, close_all, read_only
from vi_lab.density_model import DensityRows
from vi_lab.model import Batch, Values
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Exact
from vi_lab.vae.evidence import gaussian_rows, per_datum_ledger
from vi_lab.vae.evidence.expectations import expected_elbo
from vi_lab.vae.evidence.posterior import DecoderPosterior
from vi_lab.vae.evidence.quadrature import Quadrature
from vi_lab.vae.evidence.rows import Rows
from vi_lab.vae.networks import Network, Params

ELBO_AGREEMENT = 1e-8  # nats per datum between two rules for an ELBO


class DecoderRows(DensityRows):
    """z_n ~ N(0, I) and x_n ~ the decoder of a network whose parameters are held fixed.

    Parameters
    ----------
    network : Network
        With one or two latents.
    params : mapping of str to array
        Of the whole network: the encoder's say where a search for the best q may begin.
    x : array (n, n_inputs)
        0 and 1 for a Bernoulli likelihood; grey values have no probability.
    """

    no_exact_because = None
    data_names = ("x",)
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

    def __init__(self, network: Network, params: Params, x: np.ndarray) -> None:
        x = read_only(np.array(x, np.float64))
        params = {name: np.array(v, np.float64) for name, v in params.items()}
        self.rows = Rows(network, params, x)
        self.x, self.params = x, ReadOnlyDict(params)
        self.n, self.dimension = len(x), network.n_latent
        self.independent_rows = self.n

    def log_density_rows(self, z: np.ndarray) -> np.ndarray:
        lead = z.shape[:-2]
        by_datum = np.moveaxis(z.reshape(-1, *z.shape[-2:]), 1, 0)
        return self.rows.decoder.log_joint(self.x, by_datum).T.reshape(*lead, self.n)

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        return {"z": rng.standard_normal((*batch, self.n, self.dimension))}

    def sample_data(self, rng: np.random.Generator, values: Values) -> DecoderRows:
        return self._with_data(self.rows.network.draw_data(rng, self.params, values["z"]))

    def _with_data(self, x: np.ndarray) -> DecoderRows:
        """The same decoder with other data."""
        return DecoderRows(self.rows.network, self.params, x)

    def elbo_rows(self, mean: np.ndarray, root: np.ndarray) -> Estimate:
        """E_q[log p(x|z)] - KL[q || p(z)] of each datum, through the layers that training uses."""
        with np.errstate(over="ignore", invalid="ignore"):
            return expected_elbo(self.rows, gaussian_rows.pack(mean, root), ELBO_AGREEMENT)

    @property
    def truth(self) -> Quadrature:
        """log p(x_n), posterior moments and boxes, by quadrature; once for all who ask."""
        return self._timed_truth[0]

    @cached_property
    def _timed_truth(self) -> tuple[Quadrature, float]:
        started = time.perf_counter()
        with np.errstate(over="ignore", invalid="ignore"):
            rough = expected_elbo(self.rows, self.rows.encoded, per_datum_ledger.ROUGH)
            found = per_datum_ledger.integrate_above(self.rows, rough)
        return close_all(found), time.perf_counter() - started

    @cached_property
    def posterior(self) -> DecoderPosterior:
        """p(z_n | x_n) of every datum."""
        return DecoderPosterior(self.rows, self.truth)

    def exact_posterior(self) -> Exact:
        """Datum by datum by quadrature, the log evidence their sum."""
        truth, seconds = self._timed_truth
        value, error = float(truth.value.sum()), float(truth.error.sum())
        return Exact(self, value, error, per_datum_ledger.GLOBAL, self.posterior, seconds)
