"""A trained VAE: what it says of data, and how far from the truth it is.

Training may be in float32; everything here is evaluated in float64 at the parameters it left.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from vi_lab import checks, storage, tables
from vi_lab.errors import ResultFileError
from vi_lab.results import archive
from vi_lab.vae import accounts, inputs, layers, sampling
from vi_lab.vae.accounts import LogEvidence, PerDatumLedger
from vi_lab.vae.gaps import Gaps
from vi_lab.vae.objective import Elbo


class Trace(NamedTuple):
    """Means over the data of each epoch as it went by, in nats per datum, each (epochs,)."""

    elbo: np.ndarray
    reconstruction: np.ndarray
    kl: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Amortised:
    """What `VAE.fit` returns: a posterior for every datum, from one network.

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
    """

    vae: Any
    params: Mapping[str, np.ndarray]
    trace: Trace
    seconds: float = 0.0
    interrupted: bool = False
    method: str = "VAE"

    def __post_init__(self) -> None:
        for array in (*self.params.values(), *self.trace):
            array.setflags(write=False)
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))

    @cached_property
    def _params(self) -> dict[str, np.ndarray]:
        return {name: value.astype(np.float64) for name, value in self.params.items()}

    def _data(self, x: Any) -> np.ndarray:
        return inputs.data("x", x, self.vae.network).astype(np.float64)

    def encode(self, x: Any) -> tuple[np.ndarray, np.ndarray]:
        """Mean and log variance of q(z|x), each (n, n_latent)."""
        return self.vae.network.encode(self._params, self._data(x))[0]

    def kl_by_latent(self, x: Any) -> np.ndarray:
        """KL[q(z_j|x) || N(0, 1)] of each latent, (n, n_latent), in nats; its sum over j is the KL.

        A latent whose average is near 0 is not used (it has collapsed onto the prior).
        """
        mean, logvar = self.encode(x)
        return layers.kl_standard_normal(mean[..., None], logvar[..., None])[0]

    def decode(self, z: Any) -> np.ndarray:
        """E[x|z], (..., n_inputs): probabilities of a Bernoulli, means of a Gaussian."""
        out, _ = self.vae.network.decode(self._params, inputs.points(z, self.vae.n_latent))
        return layers.sigmoid(out) if self.vae.likelihood == "bernoulli" else out

    def reconstruct(self, x: Any) -> np.ndarray:
        """E[x|z] at the mean of q(z|x), (n, n_inputs)."""
        return self.decode(self.encode(x)[0])

    @checks.clear_keywords
    def generate(self, n: int, *, rng: Any = None, means: bool = False) -> np.ndarray:
        """n new data drawn from the model, (n, n_inputs); with `means` their E[x|z] instead."""
        n, rng = checks.integer("n", n, 1), checks.generator(rng)
        expected = self.decode(rng.standard_normal((n, self.vae.n_latent)))
        if means:
            return expected
        if self.vae.likelihood == "bernoulli":
            return (rng.random(expected.shape) < expected).astype(np.float64)
        return expected + np.exp(self._log_sd) * rng.standard_normal(expected.shape)

    @property
    def _log_sd(self) -> float:
        learned = self.vae.network.learns_noise
        return float(self._params["decoder.log_sd"]) if learned else self.vae.log_sd

    @checks.clear_keywords
    def elbo(self, x: Any, n_draws: int = 1, *, rng: Any = None) -> Elbo:
        """The ELBO of each datum, averaged over draws: (elbo, reconstruction, kl), each (n,).

        Always that of q itself, with weight 1 on the KL, whatever was trained.
        """
        x = self._data(x)
        inputs.warn_of_grey("x", x, self.vae.network, stacklevel=4)
        return sampling.sampled_elbo(
            self.vae.network,
            self._params,
            x,
            checks.integer("n_draws", n_draws, 1),
            checks.generator(rng),
        )

    @checks.clear_keywords
    def importance_bound(self, x: Any, k: int = 100, *, rng: Any = None) -> np.ndarray:
        """The importance-weighted bound of k draws per datum, (n,); Burda et al. 2016, eq. 8."""
        x = self._data(x)
        inputs.warn_of_grey("x", x, self.vae.network, stacklevel=4)
        return sampling.importance(
            self.vae.network, self._params, x, checks.integer("k", k, 1), checks.generator(rng)
        ).value

    @checks.clear_keywords
    def log_evidence(self, x: Any, *, k: int = 5000, rng: Any = None) -> LogEvidence:
        """log p(x) of each datum: (value, error, route), value and error (n,), in nats.

        For n_latent <= 2 by quadrature, to 1e-9 where the decoder is smooth, with its numerical
        error. Else by importance sampling with k draws of q, whose error is a standard error and
        whose expectation is a little too low (Burda et al. 2016, theorem 1).

        Raises InputError on grey values under a Bernoulli likelihood: they have no probability.
        """
        x = self._probable(x, "a log evidence")
        return accounts.log_evidence(
            self.vae.network, self._params, x, checks.integer("k", k, 2), checks.generator(rng)
        )

    @checks.clear_keywords
    def gaps(self, x: Any, *, draws: int = 200, k: int = 5000, rng: Any = None) -> Gaps:
        """log p(x) = ELBO + approximation gap + amortisation gap, per datum; see `Gaps`.

        For n_latent > 2 the expectations are averages over `draws`, and log p(x) is as in
        `log_evidence` with `k`; their Monte Carlo error is reported.
        """
        x = self._probable(x, "a gap to the log evidence")
        return accounts.gaps(
            self.vae.network,
            self._params,
            x,
            checks.integer("draws", draws, 2),
            checks.integer("k", k, 2),
            checks.generator(rng),
        )

    def ledger(self, x: Any) -> PerDatumLedger:
        """log p(x) = ELBO + KL[q || p(z|x)] per datum, each by its own route (n_latent <= 2)."""
        return accounts.ledger(self.vae.network, self._params, self._probable(x, "a ledger"))

    def _probable(self, x: Any, what: str) -> np.ndarray:
        x = self._data(x)
        inputs.refuse_grey("x", x, self.vae.network, what)
        return x

    def save(self, path: str | os.PathLike[str], seed: Any = None) -> Path:
        """Write <path>.npz and <path>.json (settings, versions, seed, command)."""
        arrays: dict[str, Any] = {f"params/{name}": v for name, v in self.params.items()}
        arrays |= {f"trace/{name}": v for name, v in self.trace._asdict().items()}
        return storage.write_pair(
            path,
            arrays,
            {
                "format": archive.FORMAT,
                "kind": "Amortised",
                "method": self.method,
                "vae": asdict(self.vae),
                "seconds": self.seconds,
                "interrupted": self.interrupted,
                "seed": seed,
                "provenance": storage.provenance(),
            },
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Amortised:
        """Read back what `save` wrote; ResultFileError where it is damaged or something else."""
        from vi_lab.vae.vae import VAE

        arrays, record = storage.read_pair(path)
        if record.get("format") != archive.FORMAT or record.get("kind") != "Amortised":
            raise ResultFileError(f"{path} is not a trained VAE of vi_lab")
        try:
            vae = VAE(**record["vae"])
            named = {n.removeprefix("params/"): a for n, a in arrays.items() if "params/" in n}
            params = inputs.params(vae.network, named, vae.dtype)
            trace = Trace(*(arrays[f"trace/{name}"] for name in Trace._fields))
            return cls(vae, params, trace, record["seconds"], record["interrupted"])
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFileError(f"{path} does not fit together: {error}") from None

    def table(self) -> list[dict[str, Any]]:
        """Up to twelve epochs, the last among them: ELBO and its parts in nats per datum."""
        last = len(self.trace.elbo)
        shown = np.unique(np.linspace(min(1, last), last, min(last, 12)).astype(np.int64))
        return [
            {"epoch": int(e), **{n: float(v[e - 1]) for n, v in self.trace._asdict().items()}}
            for e in shown
        ]

    def _heading(self) -> str:
        vae = self.vae
        sizes = (vae.n_inputs, *vae.hidden, vae.n_latent, *vae.hidden[::-1], vae.n_inputs)
        epochs = len(self.trace.elbo)
        parts = [
            f"{self.method} {'-'.join(map(str, sizes))} {vae.likelihood}",
            f"{epochs} epoch{'s' * (epochs != 1)}",
        ]
        if epochs:
            parts.append(f"ELBO {self.trace.elbo[-1]:.4g} nats per datum")
        return ", ".join(parts + ["interrupted"] * self.interrupted)

    def __repr__(self) -> str:
        return f"<{self._heading()}>"

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption=self._heading())


archive.STANDALONE["Amortised"] = Amortised.load
