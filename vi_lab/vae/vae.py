"""The variational auto-encoder: a model, a recognition network, and one bound for both.

    z ~ N(0, I)                              n_latent coordinates
    x ~ p(x | decoder(z))                    Bernoulli in each pixel, or Gaussian
    q(z|x) = N(mean(x), diag e^logvar(x))    the encoder, one network for all data: amortised

(Kingma & Welling 2014.) Training climbs the mean over data of

    ELBO = E_q[log p(x|z)] - KL[q(z|x) || p(z)]  =  log p(x) - KL[q(z|x) || p(z|x)].
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals, Rng
from vi_lab.errors import InputError
from vi_lab.vae import amortised_result, inputs, layers, objective
from vi_lab.vae.amortised_result import Trace
from vi_lab.vae.networks import LIKELIHOODS, Network
from vi_lab.vae.objective import Elbo, Gradients
from vi_lab.vae.optimiser import OPTIMISERS
from vi_lab.vae.runs.training_run import run_training
from vi_lab.vae.training_state import Plan


@dataclass(frozen=True, init=False)
class VAE:
    """A VAE's settings; its parameters are a dict that goes in and out.

    Parameters
    ----------
    n_inputs, n_latent : int
    hidden : sequence of int
        Sizes of the encoder's hidden layers, from the data inwards; the decoder mirrors them. With
        () the auto-encoder is linear, and with a Gaussian likelihood it is PPCA.
    likelihood : "bernoulli" or "gaussian"
    activation : "tanh", "relu" or "softplus"
    beta : float
        Weight of the KL in what is trained (Higgins et al. 2017); 1 is the ELBO. Every reported
        ELBO has weight 1, whatever beta is.
    n_importance : int
        1 trains the ELBO; k > 1 trains the importance-weighted bound of k draws (Burda et al.
        2016), and `.elbo` reports that bound.
    dtype : "float32" or "float64"
        Of parameters and training. Exact evaluations are in float64 always.
    log_sd : float, optional
        Gaussian only: the log standard deviation of the noise, held fixed. None learns it, as the
        parameter decoder.log_sd.
    """

    n_inputs: int
    n_latent: int
    hidden: tuple[int, ...]
    likelihood: str
    activation: str
    beta: float
    n_importance: int
    dtype: str
    log_sd: float | None

    @public
    def __init__(
        self,
        n_inputs: int,
        n_latent: int,
        hidden: Sequence[int] = (200,),
        likelihood: str = "bernoulli",
        activation: str = "tanh",
        beta: float = 1.0,
        n_importance: int = 1,
        dtype: str = "float32",
        log_sd: float | None = None,
    ) -> None:
        listed = isinstance(hidden, Sequence) and not isinstance(hidden, str)
        checks.require(listed, "hidden: needs a tuple of sizes such as (200,)", hidden)
        settings: dict[str, Any] = dict(
            n_inputs=checks.integer("n_inputs", n_inputs, 1),
            n_latent=checks.integer("n_latent", n_latent, 1),
            hidden=tuple(checks.integer(f"hidden[{i}]", h, 1) for i, h in enumerate(hidden)),
            likelihood=checks.one_of("likelihood", likelihood, LIKELIHOODS),
            activation=checks.one_of("activation", activation, layers.ACTIVATIONS),
            beta=checks.non_negative("beta", beta),
            n_importance=checks.integer("n_importance", n_importance, 1),
            dtype=checks.one_of("dtype", dtype, ("float32", "float64")),
            log_sd=None if log_sd is None else checks.real("log_sd", log_sd),
        )
        if log_sd is not None and likelihood != "gaussian":
            raise InputError(f"log_sd: only a Gaussian likelihood has noise, not {likelihood!r}")
        if settings["beta"] != 1 and settings["n_importance"] > 1:
            why = "the importance-weighted bound has no KL to weigh"
            raise InputError(f"beta: needs 1 with n_importance > 1 ({why}), got {beta:g}")
        for name, value in settings.items():
            object.__setattr__(self, name, value)

    @cached_property
    def network(self) -> Network:
        """Encoder and decoder, without parameters."""
        return Network(
            self.n_inputs, self.n_latent, self.hidden, self.likelihood, self.activation, self.log_sd
        )

    @public
    def init(self, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """Random parameters in their order: Glorot uniform weights, biases and log_sd 0."""
        params = self.network.init(checks.generator(rng))
        return {name: value.astype(self.dtype) for name, value in params.items()}

    @public
    def elbo(self, params: Any, x: Any, eps: Any) -> Elbo:
        """The bound for each datum at given noise; deterministic.

        Parameters
        ----------
        params : dict of arrays, as `init` gives
        x : array (batch, n_inputs)
        eps : array (n_draws, batch, n_latent)
            Standard normal noise; n_draws a multiple of n_importance.

        Returns
        -------
        Elbo
            (elbo, reconstruction, kl), each (batch,), in nats, averaged over draws. elbo is
            reconstruction - kl (with n_importance = k > 1: log of the mean of k weights, averaged
            over the groups of k draws).
        """
        given = self._check(params, x, eps)
        if self.n_importance > 1:
            return objective.importance_bound(*given, self.n_importance)
        return objective.elbo(*given)

    @public
    def elbo_and_gradients(self, params: Any, x: Any, eps: Any) -> tuple[Elbo, Gradients]:
        """What `elbo` returns, and the gradients of what is trained, a mean over the batch.

        With beta = 1 that is the mean of `.elbo`. With any other beta it is the mean of
        reconstruction - beta kl, whose gradients these are, while `.elbo` remains the bound itself,
        reconstruction - kl. The gradients are a dict like params and point uphill.
        """
        given = self._check(params, x, eps)
        if self.n_importance > 1:
            return objective.importance_bound_and_gradients(*given, self.n_importance)
        return objective.elbo_and_gradients(*given, self.beta)

    @public
    def score_function_gradients(
        self, params: Any, x: Any, eps: Any, baseline: Any = 0.0
    ) -> tuple[Elbo, Gradients]:
        """The ELBO, and the encoder's gradients of its mean without the reparameterisation trick.

        An unbiased estimate of the same gradients, so that the two variances can be compared; see
        `objective.score_function_gradients`. baseline: a number, or one for each row of x.
        """
        network, params, x, eps = self._check(params, x, eps)
        baseline = checks.vector("baseline", baseline, len(x)).astype(self.dtype)
        return objective.score_function_gradients(network, params, x, eps, baseline)

    def _check(self, params: Any, x: Any, eps: Any) -> tuple[Network, Any, Any, Any]:
        """What every objective takes: the network, and these, checked, in the VAE's dtype."""
        params = inputs.params(self.network, params, self.dtype, complex_step=True)
        x = inputs.data("x", x, self.network).astype(self.dtype, copy=False)
        eps = inputs.noise(eps, len(x), self.n_latent, self.dtype, self.n_importance)
        return self.network, params, x, eps

    @public
    def fit(
        self,
        x: Reals,
        *,
        epochs: int = 100,
        batch_size: int = 100,
        learning_rate: float = 1e-3,
        optimiser: str = "adam",
        rng: Rng = None,
        params: Any = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_seconds: float = 10.0,
    ) -> Amortised:
        """Train by stochastic gradient ascent; see `run_training` for every promise it keeps.

        Parameters
        ----------
        x : array (n, n_inputs)
            In [0, 1] for a Bernoulli likelihood; not copied.
        epochs : int
            Passes over the data.
        batch_size : int
            Rows a step; the last step of an epoch takes what is left.
        learning_rate : float
        optimiser : "adam" or "sgd"
        rng : int, SeedSequence or Generator, optional
            Start, order of the data and noise.
        params : dict of arrays, optional
            Where to start, instead of a random `init`.
        checkpoint : path of a folder, optional
            Where to keep the state of the training. If it holds one, training resumes from there,
            bit for bit as if it had never stopped.
        checkpoint_seconds : float
            At most one checkpoint in so many seconds, beside those at the start and the end.

        Returns
        -------
        Amortised
            With `interrupted` True where Ctrl-C ended it early.

        Raises
        ------
        NumericalError
            If the ELBO is no longer finite; the last good checkpoint is kept.
        ResultFileError
            If `checkpoint` cannot be written, or holds another training's state or none readable.
        """
        x = inputs.data("x", x, self.network)
        run = run_training(
            self,
            x,
            Plan(
                epochs=checks.integer("epochs", epochs, 1),
                batch_size=checks.integer("batch_size", batch_size, 1),
                learning_rate=checks.positive("learning_rate", learning_rate),
                optimiser=checks.one_of("optimiser", optimiser, OPTIMISERS),
            ),
            rng=rng,
            params=None if params is None else inputs.params(self.network, params, self.dtype),
            checkpoint=checkpoint,
            checkpoint_seconds=checks.non_negative("checkpoint_seconds", checkpoint_seconds),
        )
        trace, interrupted = Trace(*run.means().T), run.epoch < run.plan.epochs
        return Amortised(self, run.params(), trace, run.seconds, interrupted, data=x)


@dataclass(frozen=True, eq=False, repr=False)
class Amortised(amortised_result.Amortised):
    """What `VAE.fit` returns: a posterior for every datum, from one network.

    The latent is `z`, a row for each datum. `.mean("z")`, `.sd("z")`, `.sample` and
    `.to_datatree()` are of the data it holds, those it was trained on: `fit.given(x).mean("z")` is
    of others. Everything else takes x.

    Attributes
    ----------
    vae : VAE
    params : mapping of str to array
        In their order, read-only, in the VAE's dtype.
    trace : Trace
    seconds : float
        Of training, summed over its interruptions.
    interrupted : bool
        Whether Ctrl-C ended the training before its last epoch.
    data : array (n, n_inputs) or None
        What it was trained on, not copied and not saved: None once loaded from a file.
    """

    @classmethod
    def unpack(cls, record: Any, arrays: Any, model: Any) -> Self:
        """It stands alone: the model counts for nothing."""
        vae = VAE(**record["vae"])
        named = {n.removeprefix("params/"): a for n, a in arrays.items() if "params/" in n}
        params = inputs.params(vae.network, named, vae.dtype)
        trace = Trace(*(arrays[f"trace/{name}"] for name in Trace._fields))
        if any(part.ndim != 1 or part.shape != trace.elbo.shape for part in trace):
            raise ValueError("its trace needs a number an epoch")
        return cls(vae, params, trace, record["seconds"], record["interrupted"])
