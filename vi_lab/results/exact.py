"""The truth: a normalised posterior in its own form, with its log evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.arrays import numbers
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.posterior_hooks import read_curve
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import close_all
from vi_lab.arguments.types import Rng
from vi_lab.automatic.find import brings_posterior, find_posterior
from vi_lab.errors import NumericalError
from vi_lab.families import Distribution
from vi_lab.model_or_problem import M_co, ModelLike, as_model, model_behind
from vi_lab.numerics.inverted_density import invert
from vi_lab.results.coordinates import locate_coordinate
from vi_lab.results.factorised import Factorised
from vi_lab.results.marginals import refuse_nominal, unwrap
from vi_lab.results.posterior import Posterior, refuse_other_number
from vi_lab.results.posterior_density import PosteriorDensity
from vi_lab.results.product import ProductPosterior

Coordinate = tuple[str, tuple[int, ...]]  # the name and the index of one number
SCOUTS = 500  # draws that say where a density is, before it is integrated
Inverse = Callable[[np.ndarray], np.ndarray]  # levels (n,) -> quantiles (n,)


@dataclass(frozen=True, eq=False, repr=False)
class Exact(Posterior[M_co]):
    """The truth: log evidence, the normalised posterior, its moments and independent draws.

    Attributes
    ----------
    log_evidence : float
        log p(x) in nats.
    log_evidence_error : float
        Its numerical error.
    route : str
        How it was computed: closed form, enumeration or quadrature.
    posterior : PosteriorDensity
        A Factorised stands for the product of its factors.
    draw_shown : callable or None
        As `posterior.sample`, of what is shown alone: where an auxiliary latent is dear to draw.
    asked : bool
        Whether it is what `exact(model)` gave. Pickled, such a one is the model, which is asked
        again elsewhere: a posterior may hold functions, which cannot be sent.
    """

    model: M_co
    log_evidence: float
    log_evidence_error: float
    route: str
    posterior: PosteriorDensity
    seconds: float = 0.0
    method: str = "exact"
    draw_shown: Callable[[np.random.Generator, int], Mapping[str, Any]] | None = None
    asked: bool = False

    @classmethod
    def of(cls, model: Any, posterior: Any, **more: Any) -> Self:
        """The answer of a posterior that has its `log_evidence`, an Estimate."""
        if isinstance(posterior, Factorised):
            posterior = ProductPosterior(posterior)
        value, error, route = posterior.log_evidence
        return cls(model, value, error, route, posterior, **more)

    @classmethod
    @public
    def product(cls, model: ModelLike, **factors: Distribution) -> Exact:
        """The truth where no block depends on another: Exact.product(self, rate=Gamma.of(3, 2)).
        log p(x) does not come from the factors: every block is integrated out of the log joint."""
        q = Factorised(model, **factors)
        return cls.of(q.model, ProductPosterior(q))

    def __post_init__(self) -> None:
        posterior: Any = self.posterior
        if isinstance(posterior, Factorised):
            object.__setattr__(self, "posterior", ProductPosterior(posterior))
        close_all(self.posterior)
        for name in ("log_evidence", "log_evidence_error"):  # a model need not make them floats
            value = numbers(name, getattr(self, name))
            checks.require(value.ndim == 0, f"{name}: needs one number", value)
            object.__setattr__(self, name, float(value))
        if not np.isfinite([self.log_evidence, self.log_evidence_error]).all():
            raise NumericalError(
                f"exact: the log evidence is {self.log_evidence:g} with an error of "
                f"{self.log_evidence_error:g}; rescale the data and hyperparameters"
            )

    def __reduce__(self) -> Any:
        if self.asked:
            return _ask_again, (self.model, self.seconds)
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    @property
    @public
    def names(self) -> tuple[str, ...]:
        auxiliary = model_behind(self).auxiliary
        return tuple(name for name in self._latents if name not in auxiliary)

    @property
    def _latents(self) -> tuple[str, ...]:
        latents = self.model.sources
        return tuple(name for name in self.posterior.mean if name in latents)

    @public
    def mean(self, name: str) -> Any:
        checks.one_of("name", name, self.posterior.mean)
        return unwrap(self.posterior.mean[name])

    @public
    def sd(self, name: str) -> Any:
        checks.one_of("name", name, self.posterior.mean)
        refuse_nominal(self._nominal(), name)
        return unwrap(self.posterior.sd[name])

    @public
    def log_density(self, values: Mapping[str, Any]) -> Any:
        """log p(z | x) in nats at latents by name, shape (*batch,); -inf outside the support.

        Auxiliary latents may be left out: it is the density of the others then.
        """
        point = self._read_point(values, self._latents, self.posterior.mean)
        found = self.posterior.log_density(point)
        return unwrap(checks.require_finite("the log density", found, infinite=True))

    @public
    def marginal_density(self, coordinate: str, points: Any) -> np.ndarray | None:
        """The density of one number at points (n,), in closed form or by quadrature.

        Of one that is discrete the probabilities of the points; None where only draws tell.

        Parameters
        ----------
        coordinate : str
            A latent or summary as tables write it: "mu", "rates[0]".
        points : array (n,)
        """
        one = self.sample(1, rng=0)
        shapes = {name: np.shape(mean) for name, mean in self.posterior.mean.items()}
        drawn = {**model_behind(self).summaries(one), **one}
        shapes |= {name: np.shape(value)[1:] for name, value in drawn.items()}
        name, index = locate_coordinate(coordinate, shapes)
        return self.find_marginal(name, index, checks.observations("points", points))

    def find_marginal(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """As `marginal_density`, of a name and an index that are known to be there."""
        return read_curve(self.posterior, "marginal_density", (name, index, x), np.shape(x))

    _find_density = find_marginal

    def find_joint(self, one: Coordinate, two: Coordinate, x: np.ndarray, y: np.ndarray) -> Any:
        """The density of two numbers, (x points, y points); None where only draws tell."""
        asked, shape = (one, two, x, y), (len(x), len(y))
        return None if one == two else read_curve(self.posterior, "joint_density", asked, shape)

    _known_route = "its density, integrated"

    def _find_quantiles(self, name: str, levels: np.ndarray) -> Any:
        """By inverting the integral of each coordinate's density, where there is one."""
        if getattr(self.posterior, "marginals_are_slow", False):
            return None
        shape, found = np.shape(self.posterior.mean[name]), []
        for index in np.ndindex(shape):
            inverse = self._invert(name, index)
            if inverse is None:
                return None
            found.append(inverse(levels))
        return np.stack(found, axis=-1).reshape(len(levels), *shape)

    def _invert(self, name: str, index: tuple[int, ...]) -> Inverse | None:
        """The quantiles of one coordinate as a function of levels; made once."""
        if (name, index) not in self._inverses:
            where: Any = (slice(None), *index)
            draws = np.asarray(self._scouts[name])[where]
            found = invert(lambda x: self._find_density(name, index, x), draws)
            self._inverses[name, index] = found
        return self._inverses[name, index]

    def __getstate__(self) -> dict[str, Any]:
        """Without what was made on the way to a quantile, which is made again where it is asked."""
        return {name: value for name, value in vars(self).items() if name != "_inverses"}

    @cached_property
    def _inverses(self) -> dict[Any, Inverse | None]:
        return {}

    @cached_property
    def _scouts(self) -> dict[str, Any]:
        """A few draws of the latents and summaries, that say where their densities are."""
        drawn = self.sample(SCOUTS, rng=0)
        return {**model_behind(self).summaries(drawn), **drawn}

    @public
    def sample(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        n = checks.integer("n", n, 1)
        require_memory(
            "n", f"{n} draws", n * sum(np.size(self.posterior.mean[name]) for name in self.names)
        )
        drawn = (self.draw_shown or self.posterior.sample)(checks.generator(rng), n)
        auxiliary = model_behind(self).auxiliary
        return self.model.latents({k: v for k, v in drawn.items() if k not in auxiliary})

    def pack(self) -> tuple[dict[str, Any], dict[str, Any]]:
        arrays = {f"mean/{name}": value for name, value in self.posterior.mean.items()}
        arrays |= {f"sd/{name}": value for name, value in self.posterior.sd.items()}
        return arrays, {
            "log_evidence": self.log_evidence,
            "route": self.route,
            "log_evidence_error": self.log_evidence_error,
        }

    @classmethod
    def unpack(cls, record: Any, arrays: Any, model: Any) -> Self:
        """The posterior is a function of the model: it is made again, and must be the one saved."""
        again = find_truth(model)
        refuse_other_number("log evidence", record["log_evidence"], again.log_evidence)
        return replace(again, seconds=record["seconds"])

    def _rows(self) -> Iterator[dict[str, Any]]:
        """None where to find the moments takes seconds and nobody has asked for them yet."""
        slow = getattr(self.posterior, "moments_are_slow", False)
        if slow and "mean" not in vars(self.posterior):
            return iter(())
        return super()._rows()

    def table(self) -> list[dict[str, Any]]:
        return list(super()._rows())

    def _heading(self) -> str:
        return f"exact, {self.route}: log evidence {self.log_evidence:.10g}"


def find_truth(model: Any) -> Any:
    """The exact posterior that a model brings, or else the one that is found for it."""
    if brings_posterior(model):
        return model.exact_posterior()
    return Exact.of(model, find_posterior(model))


def _ask_again(model: Any, seconds: float) -> Exact:
    """The same posterior of the same model, in another process."""
    found: Exact = replace(find_truth(as_model(model)), seconds=seconds, asked=True)
    return found
