"""What a posterior says of one latent: moments, quantiles, intervals, its density, a table.

A kind of posterior gives `mean`, `sd` and `sample`, and `_find_quantiles` and `_find_density` where
it knows them without draws; here is the rest, once for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public, require
from vi_lab.arguments.read_only import read_only
from vi_lab.arguments.types import Reals, Rng
from vi_lab.arguments.user_models import is_real
from vi_lab.errors import InputError, NotApplicable, refuse_if
from vi_lab.model_or_problem import M_co, model_behind
from vi_lab.results.quantiles import (
    DRAWS,
    MASS,
    MOST_NUMBERS,
    Interval,
    find_errors,
    find_quantiles,
)
from vi_lab.results.summary import Summary, freeze, list_moments, list_probabilities


class WithMarginals(ABC, Generic[M_co]):
    """A joint distribution of latents, looked at one latent at a time."""

    model: M_co
    method: str

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The latents a table shows, in the model's order."""

    @abstractmethod
    def mean(self, name: str) -> Any:
        """Posterior mean of a latent or summary; for nominal labels the probabilities (..., K)."""

    @abstractmethod
    def sd(self, name: str) -> Any:
        """Posterior standard deviation; InputError for nominal labels, which have none."""

    @abstractmethod
    def sample(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """n joint draws of the latents by name, each (n, ...)."""

    def __getitem__(self, name: str) -> Marginal:
        """One latent by itself, as a `Marginal`; of `Draws` its draws (chains, draws, ...)."""
        self.mean(name)  # an unknown name is told
        return Marginal(self, name)

    __iter__ = None  # it is no list; `names` are the latents

    @public
    def quantile(self, name: str, p: Reals) -> Any:
        """Where each coordinate of a latent has the probability p at or below.

        In closed form, or by integrating its density, wherever there is one (`quantile_route` says
        so); else from draws.

        Parameters
        ----------
        name : str
        p : number or array, above 0 and below 1

        Returns
        -------
        float or array (*shape of p, *shape of the latent)
        """
        self._refuse_no_quantile(name)
        levels = checks.shares("p", p)
        found = self._find_quantiles(name, levels.ravel())
        if found is None:
            found = find_quantiles(self._quantile_draws(name), levels.ravel())
        return unwrap(np.reshape(found, levels.shape + np.shape(found)[1:]))

    @public
    def quantile_error(self, name: str, p: Reals) -> Any:
        """The Monte Carlo standard error of `quantile`, in its shape; 0 where no draws tell."""
        self._refuse_no_quantile(name)
        levels = checks.shares("p", p)
        found = self._find_quantiles(name, levels.ravel())
        if found is None:
            draws = self._quantile_draws(name)
            found = find_errors(draws, levels.ravel(), independent=self._independent)
        else:
            found = np.zeros(np.shape(found))
        return unwrap(np.reshape(found, levels.shape + np.shape(found)[1:]))

    @public
    def quantile_route(self, name: str) -> str:
        """How `quantile` computes this latent's: "closed form", "quadrature" or from how many
        draws."""
        self._refuse_no_quantile(name)
        if self._find_quantiles(name, np.array([0.5])) is not None:
            return self._known_route
        chains, draws = self._quantile_draws(name).shape[:2]
        return f"{chains * draws:,} draws"

    @public
    def interval(self, name: str, mass: float = MASS) -> Interval:
        """The equal-tailed interval of each coordinate that holds this probability.

        Returns
        -------
        Interval
            (low, high), each a float or an array in the latent's shape: as much probability lies
            below the one as above the other.
        """
        low, high = self.quantile(name, _find_tails(mass))
        return Interval(unwrap(low), unwrap(high))

    @public
    def density(self, name: str, points: Reals) -> Any:
        """The density of each coordinate of a latent at points, (*shape of points, *latent).

        Of a discrete one the probabilities. NotApplicable where only draws tell.
        """
        self._refuse_no_quantile(name)
        points = checks.real_array("points", points)
        shape = np.shape(self.mean(name))
        found = np.empty((points.size, *shape))
        for index in np.ndindex(shape):
            values = self._find_density(name, index, points.ravel())
            refuse_if(values is None, f"density: only draws tell of {name!r} here", NotApplicable)
            found[:, *index] = values
        return unwrap(found.reshape(points.shape + shape))

    @public
    def summary(self, mass: float = MASS) -> Summary:
        """Mean, sd and equal-tailed interval of every coordinate; of Markov chains also R-hat, ESS
        and the Monte Carlo standard error of the mean. Labels have probabilities instead."""
        levels, rows, notes = _find_tails(mass), [], []
        for name in self.names:
            mean = np.asarray(self.mean(name))
            if name in self._nominal():
                rows += list(list_probabilities(name, mean))
                continue
            quantiles = self.quantile(name, levels)
            made = list_moments(name, levels, mean, self.sd(name), *quantiles)
            for row, index in zip(made, np.ndindex(mean.shape), strict=True):
                rows.append(row | self._judge(name, index))
            if self._independent and self._find_quantiles(name, levels) is None:
                error = np.max(self.quantile_error(name, levels))
                route = self.quantile_route(name)
                notes.append(f"Quantiles of {name}: from {route}, standard error ≤ {error:.2g}.")
        return Summary(tuple(map(freeze, rows)), self._heading(), tuple(notes))

    def _nominal(self) -> Mapping[str, int]:
        nominal: Mapping[str, int] = model_behind(self).nominal
        return nominal

    def _judge(self, name: str, index: tuple[int, ...]) -> dict[str, float]:
        """What a summary says of how far to believe a coordinate."""
        return {}

    _independent = True  # draws made of it are
    _known_route = "closed form"  # of the quantiles that are known without draws

    def _find_quantiles(self, name: str, levels: np.ndarray) -> Any:
        """The quantiles (levels, ...) of a latent; None where only draws tell."""
        return None

    def _find_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """The density of one coordinate at points x (n,); None where only draws tell."""
        return None

    def _quantile_draws(self, name: str) -> np.ndarray:
        """Draws (chains, draws, ...) to take quantiles of: always the same ones."""
        if not self._drawn:
            size = sum(np.size(self.mean(latent)) for latent in self.names)
            n = min(DRAWS, max(MOST_NUMBERS // size, 100))
            drawn = self.sample(n, rng=0)
            self._drawn.update({**model_behind(self).summaries(drawn), **drawn})
        hidden = f"name: {name!r} is auxiliary, and of it the moments alone are known"
        refuse_if(name not in self._drawn, hidden)
        return np.asarray(self._drawn[name])[None]

    @cached_property
    def _drawn(self) -> dict[str, Any]:
        return {}

    def _refuse_no_quantile(self, name: str) -> None:
        self.mean(name)  # an unknown name is told
        refuse_nominal(self._nominal(), name, "quantile")

    def _heading(self) -> str:
        return self.method


@dataclass(frozen=True, eq=False, repr=False)
class Marginal:
    """One latent of a posterior, coordinate by coordinate: moments, quantiles, draws, density.

    Attributes
    ----------
    posterior : Exact, Factorised, GaussianRows, Amortised or LinearResponse
    name : str
    """

    posterior: WithMarginals
    name: str

    @property
    def mean(self) -> Any:
        """In the latent's shape; of nominal labels the probabilities (..., K)."""
        return self.posterior.mean(self.name)

    @property
    def sd(self) -> Any:
        """In the latent's shape; labels have none."""
        return self.posterior.sd(self.name)

    @property
    def route(self) -> str:
        """How its quantiles are computed: in closed form, by quadrature, or from draws."""
        return self.posterior.quantile_route(self.name)

    @public
    def quantile(self, p: Reals) -> Any:
        """Where each coordinate has the probability p at or below, (*shape of p, *latent)."""
        return self.posterior.quantile(self.name, p)

    @public
    def quantile_error(self, p: Reals) -> Any:
        """The Monte Carlo standard error of `quantile`; 0 where no draws were needed."""
        return self.posterior.quantile_error(self.name, p)

    @public
    def interval(self, mass: float = MASS) -> Interval:
        """The equal-tailed interval of each coordinate that holds this probability."""
        return self.posterior.interval(self.name, mass)

    @public
    def density(self, points: Reals) -> Any:
        """The density of each coordinate at points, (*shape of points, *latent); of a discrete one
        the probabilities. NotApplicable where only draws tell."""
        return self.posterior.density(self.name, points)

    @public
    def sample(self, n: int, *, rng: Rng = None) -> np.ndarray:
        """n draws, (n, *latent)."""
        return self.posterior.sample(n, rng=rng)[self.name]

    def __repr__(self) -> str:
        return f"<marginal of {self.name}, {self.posterior.method}>"


def unwrap(value: Any) -> Any:
    """A 0-d array as the float it is; any other read-only, as the result it belongs to.

    InputError where a user's family or posterior gives no real numbers.
    """
    require(is_real(value), "a moment or density: needs real numbers", value, InputError)
    if np.ndim(value) == 0:
        return float(value)
    return read_only(value)


def refuse_nominal(nominal: Mapping[str, int], name: str, what: str = "sd") -> None:
    """Labels have no standard deviation and no order: an InputError says so."""
    words = f"name: {name!r} holds labels, which have no {what}; look at .mean({name!r})"
    refuse_if(name in nominal, words)


def _find_tails(mass: Any) -> np.ndarray:
    """The two levels between which an equal-tailed interval of this probability lies."""
    tail = 0.5 * (1.0 - float(checks.shares("mass", mass)))
    return np.array([tail, 1.0 - tail])
