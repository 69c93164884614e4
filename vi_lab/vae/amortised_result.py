"""A trained VAE: what it says of data, and how far from the truth it is.

Training may be in float32; everything here is evaluated in float64 at the parameters it left.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public, short_repr
from vi_lab.arguments.read_only import ReadOnlyDict, freeze_arrays
from vi_lab.arguments.types import Reals, Rng
from vi_lab.errors import InputError, ResultFileError
from vi_lab.model_or_problem import as_model
from vi_lab.results import GaussianRows, Posterior, tables
from vi_lab.results.marginals import unwrap
from vi_lab.results.posterior import FORMAT
from vi_lab.results.quantiles import find_normal_quantiles
from vi_lab.runtime import reading, storage
from vi_lab.vae import inputs, layers
from vi_lab.vae.evidence import gaussian_rows, per_datum_ledger, sampling
from vi_lab.vae.evidence.decoder_rows import DecoderRows
from vi_lab.vae.evidence.gaps import Gaps
from vi_lab.vae.evidence.importance import LogEvidence, warn_of_bounds
from vi_lab.vae.evidence.per_datum_ledger import PerDatumLedger
from vi_lab.vae.evidence.rows import Rows
from vi_lab.vae.objective import Elbo


class Trace(NamedTuple):
    """Means over the data of each epoch as it went by, in nats per datum, each (epochs,)."""

    elbo: np.ndarray
    reconstruction: np.ndarray
    kl: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Amortised(Posterior):
    """All of `vi_lab.vae.Amortised` but the way back from a file, for which one must know how to
    make a VAE: that is added in vae.py, where the two classes that make each other stand together.
    """

    vae: Any
    params: Mapping[str, np.ndarray]
    trace: Trace
    seconds: float = 0.0
    interrupted: bool = False
    method: str = "VAE"
    data: np.ndarray | None = None
    model = None  # it is of any data

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", ReadOnlyDict(self.params))
        if self.data is not None:  # the user's own stay the user's
            object.__setattr__(self, "data", np.array(self.data))
        freeze_arrays(self)

    @cached_property
    def _params(self) -> dict[str, np.ndarray]:
        return {name: value.astype(np.float64) for name, value in self.params.items()}

    def _data(self, x: Any) -> np.ndarray:
        return inputs.data("x", x, self.vae.network).astype(np.float64)

    @public
    def encode(self, x: Reals) -> tuple[np.ndarray, np.ndarray]:
        """Mean and log variance of q(z|x), each (n, n_latent)."""
        return self.vae.network.encode(self._params, self._data(x))[0]

    @public
    def given(self, x: Reals) -> Self:
        """The same, holding these data: `.mean`, `.sd`, `.sample` and `.to_datatree` are theirs."""
        return replace(self, data=inputs.data("x", x, self.vae.network))

    @public
    def for_model(self, model: Any) -> GaussianRows:
        """The encoder's q for each datum of a DecoderModel, judged like any q of that model."""
        model = as_model(model)
        if not isinstance(model, DecoderRows) or model.dimension != self.vae.n_latent:
            raise InputError(
                f"q: a trained VAE is a q for the data of a DecoderModel with {self.vae.n_latent} "
                f"latents, got {short_repr(model)}; .given(x).mean and .sd need no model"
            )
        started = time.perf_counter()
        d, q = model.dimension, np.concatenate(self.encode(model.x), axis=1)
        root, seconds = gaussian_rows.root(q, d), time.perf_counter() - started
        return GaussianRows(model, q[:, :d].copy(), root, method="amortised", seconds=seconds)

    @property
    def names(self) -> tuple[str, ...]:
        return ("z",)

    @cached_property
    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and sd of q(z|x) for each datum it holds, some rows at a time."""
        if self.data is None:
            raise InputError(
                "data: a trained VAE read from a file holds none; hand them in, as in "
                'fit.given(x).mean("z")'
            )
        parts = map(self.encode, inputs.parts(self.data))
        mean, logvar = (np.concatenate(m) for m in zip(*parts, strict=True))
        return mean, np.exp(0.5 * logvar)

    @public
    def mean(self, name: str) -> np.ndarray:
        """The mean of q(z|x) of each datum it holds, (n, n_latent)."""
        checks.one_of("name", name, self.names)
        return unwrap(self._moments[0])

    @public
    def sd(self, name: str) -> np.ndarray:
        """The standard deviation of q(z|x) of each datum it holds, (n, n_latent)."""
        checks.one_of("name", name, self.names)
        return unwrap(self._moments[1])

    def _find_quantiles(self, name: str, levels: np.ndarray) -> Any:
        return find_normal_quantiles(*self._moments, levels)

    @public
    def sample(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """n draws of q(z|x) of each datum it holds: {"z": (n, data, n_latent)}."""
        n, (mean, sd) = checks.integer("n", n, 1), self._moments
        require_memory("n", f"{n} draws", n * mean.size)
        return {"z": mean + sd * checks.generator(rng).standard_normal((n, *mean.shape))}

    @public
    def kl_by_latent(self, x: Reals) -> np.ndarray:
        """KL[q(z_j|x) || N(0, 1)] of each latent, (n, n_latent), in nats; its sum over j is the KL.

        A latent whose average is near 0 is not used (it has collapsed onto the prior).
        """
        mean, logvar = self.encode(x)
        return layers.kl_standard_normal(mean[..., None], logvar[..., None])[0]

    @public
    def decode(self, z: Any) -> np.ndarray:
        """E[x|z], (..., n_inputs): probabilities of a Bernoulli, means of a Gaussian."""
        out, _ = self.vae.network.decode(self._params, inputs.points(z, self.vae.n_latent))
        return layers.sigmoid(out) if self.vae.likelihood == "bernoulli" else out

    @public
    def reconstruct(self, x: Reals) -> np.ndarray:
        """E[x|z] at the mean of q(z|x), (n, n_inputs)."""
        return self.decode(self.encode(x)[0])

    @public
    def generate(self, n: int, *, rng: Rng = None, means: bool = False) -> np.ndarray:
        """n new data drawn from the model, (n, n_inputs); with `means` their E[x|z] instead."""
        n, rng = checks.integer("n", n, 1), checks.generator(rng)
        z = rng.standard_normal((n, self.vae.n_latent))
        if checks.boolean("means", means):
            return self.decode(z)
        return self.vae.network.draw_data(rng, self._params, z)

    @public
    def posterior_predictive(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """n new data for each datum it holds, each given a draw of its q: {"x": (n, data,
        n_inputs)}."""
        rng = checks.generator(rng)
        z = self.sample(n, rng=rng)["z"]
        require_memory("n", f"{n} data sets", n * z.shape[1] * self.vae.n_inputs)
        return {"x": self.vae.network.draw_data(rng, self._params, z)}

    @public
    def elbo(self, x: Reals, n_draws: int = 1, *, rng: Rng = None) -> Elbo:
        """The ELBO of each datum, averaged over draws: (elbo, reconstruction, kl), each (n,).

        Always that of q itself, with weight 1 on the KL, whatever was trained.
        """
        rows = self._scored(x)
        n_draws = checks.integer("n_draws", n_draws, 1)
        return sampling.sampled_elbo(rows, n_draws, checks.generator(rng))

    @public
    def importance_bound(self, x: Reals, k: int = 100, *, rng: Rng = None) -> np.ndarray:
        """The importance-weighted bound of k draws per datum, (n,); Burda et al. 2016, eq. 8."""
        rows = self._scored(x)
        return sampling.importance(rows, checks.integer("k", k, 1), checks.generator(rng))

    @public
    def log_evidence(self, x: Reals, *, k: int = 5000, rng: Rng = None) -> LogEvidence:
        """log p(x) of each datum in nats, with its error and route; see `LogEvidence`.

        For n_latent <= 2 by quadrature, to 1e-9 where its nodes can resolve the decoder, with its
        numerical error. Else by importance sampling with k draws, a third of them from q and the
        others from t distributions at the posterior's modes. That is a little too low in
        expectation (Burda et al. 2016, theorem 1), which the error allows for. Where the k-hat of
        the weights is too large (from k = 2200 on, of 100,000 draws, for fewer overstate it) the
        value is a lower bound and no more: `only_a_bound` says so, the error is infinite, and a
        ConvergenceWarning is given.

        Raises InputError on grey values under a Bernoulli likelihood: they have no probability.
        """
        rows, k = self._probable(x, "a log evidence"), checks.integer("k", k, 2)
        found = per_datum_ledger.log_evidence(rows, k, checks.generator(rng))
        warn_of_bounds(found.only_a_bound)
        return found

    @public
    def gaps(self, x: Reals, *, draws: int = 200, k: int = 5000, rng: Rng = None) -> Gaps:
        """log p(x) = ELBO + approximation gap + amortisation gap, per datum; see `Gaps`.

        For n_latent > 2 the expectations are averages over `draws`, log p(x) is as in
        `log_evidence` with `k`, and the approximation gap is what remains; their Monte Carlo error
        is reported.
        """
        rows = self._probable(x, "a gap to the log evidence")
        draws, k = checks.integer("draws", draws, 2), checks.integer("k", k, 2)
        found = per_datum_ledger.gaps(rows, draws, k, checks.generator(rng))
        warn_of_bounds(np.isinf(found.error))
        return found

    @public
    def ledger(self, x: Reals) -> PerDatumLedger:
        """log p(x) = ELBO + KL[q || p(z|x)] per datum, each by its own route (n_latent <= 2)."""
        return per_datum_ledger.ledger(self._probable(x, "a ledger"))

    def _scored(self, x: Any) -> Rows:
        """These data, of which a score is asked; its caller is called by the user."""
        x = self._data(x)
        inputs.warn_of_grey("x", x, self.vae.network, stacklevel=5)
        return Rows(self.vae.network, self._params, x)

    def _probable(self, x: Any, what: str) -> Rows:
        """These data, of which a probability is asked: grey ones have none."""
        x = self._data(x)
        inputs.refuse_grey("x", x, self.vae.network, what)
        return Rows(self.vae.network, self._params, x)

    def pack(self) -> tuple[dict[str, Any], dict[str, Any]]:
        arrays: dict[str, Any] = {f"params/{name}": v for name, v in self.params.items()}
        arrays |= {f"trace/{name}": v for name, v in self.trace._asdict().items()}
        return arrays, {"vae": asdict(self.vae), "interrupted": self.interrupted}

    @classmethod
    @public
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read back what `save` wrote; ResultFileError where it is damaged or something else."""
        arrays, record = storage.read_pair(checks.path("path", path))
        reading.refuse_other_format(path, record.get("format"), FORMAT)
        if record.get("kind") != "Amortised":
            raise ResultFileError(f"{path} is not a trained VAE of vi_lab")
        try:
            return cls.unpack(record, arrays, None)
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
        name = f"{self.method} {'-'.join(map(str, sizes))} {vae.likelihood}"
        parts = [name, tables.format_count(epochs, "epoch", "epochs")]
        if epochs:
            parts.append(f"ELBO {self.trace.elbo[-1]:.4g} nats per datum")
        return ", ".join(parts + ["interrupted"] * self.interrupted)

    def __repr__(self) -> str:
        return f"<{self._heading()}>"

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption=self._heading())
