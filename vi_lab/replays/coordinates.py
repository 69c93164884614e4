"""What a replay draws: two numbers that make a plane, a few that make strips, and their axes.

A place in the plane is two whole numbers, GRID to an axis, so that a page needs no density and no
logarithm; the numbers that it prints stand beside them with all their digits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from vi_lab.errors import NotApplicable
from vi_lab.results import Exact
from vi_lab.results.coordinates import locate_coordinate, write_coordinates

GRID = 1000  # whole numbers along an axis
FAR = 9999  # a place further out is this far out
TAILS = (0.001, 0.999)  # quantiles between which an axis lies
WIDEST = 3.0  # times that, at most, where the frames reach further
FEWEST_TICKS = 4


class Coordinate(NamedTuple):
    """One number that is drawn.

    Attributes
    ----------
    name : str
        As tables write it: "rates[0]".
    label : str
        In words, for an axis.
    unit : str
    scale : str
        "linear" or "log".
    offset : float
        What is added to the latent: a year, where that counts from 1.
    """

    name: str
    label: str = ""
    unit: str = ""
    scale: str = "linear"
    offset: float = 0.0


class Choice(NamedTuple):
    """The numbers that a problem's replay draws."""

    plane: tuple[Coordinate, Coordinate] | None
    strips: tuple[Coordinate, ...] = ()


CHOICES = {
    "correlated": Choice((Coordinate("z0"), Coordinate("z1"))),
    "newcomb": Choice((Coordinate("mu", "mu, less 24,800", "ns"), Coordinate("tau", "", "1/ns²"))),
    "coal": Choice(
        (
            Coordinate("rates[0]", "rates[0], before the change", "disasters a year"),
            Coordinate("rates[1]", "rates[1], after it", "disasters a year"),
        ),
        (Coordinate("s", "s, the last year of the first rate", "year", offset=1850.0),),
    ),
    "eight-schools": Choice(
        (
            Coordinate("theta[0]", "theta[0], the effect in school A", "points"),
            Coordinate("tau2", "tau2, the variance between schools", "points²", "log"),
        ),
        (Coordinate("mu", "mu, the mean effect", "points"),),
    ),
    "tiny-mixture": Choice(
        (Coordinate("mu[0]"), Coordinate("mu[1]")),
        (Coordinate("weights[0]", "weights[0], the share of the first component"),),
    ),
    "challenger": Choice(
        (
            Coordinate("beta[0]", "beta[0], the intercept"),
            Coordinate("beta[1]", "beta[1], the slope in temperature"),
        )
    ),
}


@dataclass(frozen=True)
class Located:
    """A coordinate with where it lies in the model's latents.

    Attributes
    ----------
    at : Coordinate
    latent : str
    index : tuple of int
    discrete : bool
        Whether its values are counted: it makes a strip of bars, never an axis.
    """

    at: Coordinate
    latent: str
    index: tuple[int, ...]
    discrete: bool

    def read(self, latents: Mapping[str, Any]) -> np.ndarray:
        """This number out of latents by name, (*batch,), as it is shown."""
        value = np.asarray(latents[self.latent])
        where: Any = (..., *self.index)
        return value[where] + self.at.offset

    def describe(self) -> dict[str, Any]:
        """Its name, its label and its unit."""
        return {
            "name": self.at.name,
            "label": self.at.label or self.at.name,
            "unit": self.at.unit,
        }


def locate(problem: str, model: Any, truth: Exact) -> tuple[list[Located], list[Located]]:
    """The plane, two or none, and the strips of a problem by its first word.

    NotApplicable where no density is known of any number.
    """
    drawn = truth.sample(1, rng=0)
    shapes = {name: np.shape(value)[1:] for name, value in drawn.items()}
    word = problem.split(" ")[0]
    choice = CHOICES.get(word)
    if choice is None or not _fits(choice, shapes):
        choice = _choose(model, truth, shapes)
    found = [_locate(model, one, shapes) for one in (*(choice.plane or ()), *choice.strips)]
    if not found:
        raise NotApplicable(
            f"replay does not apply to {problem}: it draws numbers whose exact density is known in "
            "closed form or by quadrature, one or two at a time, and of this problem none is; "
            f"`vi-lab compare {word}` measures every method on it"
        )
    planar = 2 if choice.plane else 0
    return found[:planar], found[planar:]


def _fits(choice: Choice, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether all numbers of a choice are there: a model of one's own may bear the name."""
    written = {text for name, shape in shapes.items() for text in write_coordinates(name, shape)}
    return {one.name for one in (*(choice.plane or ()), *choice.strips)} <= written


def _locate(model: Any, one: Coordinate, shapes: Mapping[str, tuple[int, ...]]) -> Located:
    name, index = locate_coordinate(one.name, shapes)
    return Located(one, name, index, _is_discrete(model, name))


def _is_discrete(model: Any, latent: str) -> bool:
    return any(model.blocks[b].family.discrete for b in model.sources[latent] if model.blocks)


def _choose(model: Any, truth: Exact, shapes: Mapping[str, tuple[int, ...]]) -> Choice:
    """The first two real numbers whose joint density is known; else the first two, real or counted,
    whose own is."""
    named = [
        Coordinate(text)
        for name, shape in shapes.items()
        if name not in model.nominal
        for text in write_coordinates(name, shape)[:2]
    ]
    known = []
    for one in named:
        place = _locate(model, one, shapes)
        probe = np.atleast_1d(np.mean(truth.mean(place.latent)))
        if truth.find_marginal(place.latent, place.index, probe) is not None:
            known.append(place)
    real = [place for place in known if not place.discrete]
    for i, first in enumerate(real):
        for then in real[i + 1 :]:
            both = (first.latent, first.index), (then.latent, then.index)
            at = [np.atleast_1d(np.asarray(truth.mean(name))[index]) for name, index in both]
            if truth.find_joint(*both, *at) is not None:
                return Choice((first.at, then.at))
    return Choice(None, tuple(place.at for place in known[:2]))


@dataclass(frozen=True)
class Axis:
    """An axis of the plane: from `lo` to `hi`, in the unit of its coordinate."""

    of: Located
    lo: float
    hi: float

    @classmethod
    def spanning(cls, of: Located, truth: Exact, visited: np.ndarray) -> Axis:
        """Between the tails of the exact marginal, wider where the frames reach further, at most
        `WIDEST` times."""
        levels = np.asarray(truth.quantile(of.latent, TAILS))
        where: Any = (slice(None), *of.index)
        lo, hi = to_scale(of.at.scale, levels[where] + of.at.offset)
        inside = to_scale(of.at.scale, visited[np.isfinite(visited)])
        spare = (WIDEST - 1.0) * (hi - lo)
        below = min(max(lo - inside.min(initial=lo), 0.0), spare)
        above = min(max(inside.max(initial=hi) - hi, 0.0), spare - below)
        ends = from_scale(of.at.scale, np.array([lo - below, hi + above]))
        return cls(of, float(ends[0]), float(ends[1]))

    @property
    def ends(self) -> np.ndarray:
        """`lo` and `hi` in the axis' own scale."""
        return to_scale(self.of.at.scale, np.array([self.lo, self.hi]))

    def points(self, count: int) -> np.ndarray:
        """Values at even steps of the axis, both ends among them."""
        return from_scale(self.of.at.scale, np.linspace(self.ends[0], self.ends[1], count))

    def place(self, value: Any) -> np.ndarray:
        """Where values lie, as numbers of GRID to the axis, not rounded."""
        lo, hi = self.ends
        return GRID * (to_scale(self.of.at.scale, value) - lo) / (hi - lo)

    def per_step(self, value: Any) -> Any:
        """What a density of the value is multiplied with to be one along the axis."""
        return np.asarray(value) if self.of.at.scale == "log" else 1.0

    def describe(self) -> dict[str, Any]:
        """The axis as the JSON has it."""
        return {
            **self.of.describe(),
            "lo": self.lo,
            "hi": self.hi,
            "scale": self.of.at.scale,
            "ticks": find_ticks(self.lo, self.hi, self.of.at.scale),
        }


def to_scale(scale: str, value: Any) -> Any:
    """A value as its axis measures it."""
    return np.log(value) if scale == "log" else np.asarray(value, dtype=np.float64)


def from_scale(scale: str, value: Any) -> Any:
    """The inverse of `to_scale`."""
    return np.exp(value) if scale == "log" else np.asarray(value)


def whole(places: Any) -> list[int]:
    """Places as whole numbers, those far out at FAR."""
    return [int(v) for v in np.clip(np.rint(np.asarray(places)), -FAR, FAR).ravel()]


def find_ticks(lo: float, hi: float, scale: str) -> list[float]:
    """Round numbers between two ends: 1, 2 or 5 times a power of ten, or powers of ten alone."""
    if scale == "log":
        powers = range(math.ceil(math.log10(lo)), math.floor(math.log10(hi)) + 1)
        return [float(f"1e{power}") for power in powers][:: max(1, len(powers) // 6)]
    unit = 10.0 ** math.floor(math.log10((hi - lo) / FEWEST_TICKS))
    step = next(m for m in (5.0, 2.0, 1.0) if (hi - lo) / (m * unit) >= FEWEST_TICKS - 1)
    first, last = math.ceil(lo / (step * unit)), math.floor(hi / (step * unit))
    return [float(f"{k * step * unit:.12g}") for k in range(first, last + 1)]
