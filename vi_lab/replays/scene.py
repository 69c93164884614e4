"""What all frames of a replay share: the model, the truth, the numbers that are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.replays import sentences
from vi_lab.replays.coordinates import Axis, Located, whole
from vi_lab.replays.shapes import curve, outline
from vi_lab.replays.strips import Strip
from vi_lab.results import Exact

DIGITS = 9  # of a number that has no error of its own
MOST_PARAMETERS = 12  # numbers of a conditional that are listed
LABELS = {
    "PolyaGamma": "Pólya-Gamma",
    "MultivariateNormal": "normal",
    "InverseGamma": "inverse gamma",
}


@dataclass(frozen=True)
class Numbers:
    """Where a run was, frame by frame: every drawn number, (frames,) each."""

    by_name: Mapping[str, np.ndarray]

    def at(self, i: int) -> dict[str, float]:
        """The numbers of one frame, as the JSON has them."""
        return {name: rounded(values[i]) for name, values in self.by_name.items()}


@dataclass(frozen=True)
class Scene:
    """The drawn numbers of one problem, with axes once the runs are known.

    Attributes
    ----------
    model : Model
    truth : Exact
    plane : sequence of Located
        Two, or none.
    strips : sequence of Strip
    axes : pair of Axis, or None
    """

    model: Any
    truth: Exact
    plane: Sequence[Located]
    strips: Sequence[Strip]
    axes: tuple[Axis, Axis] | None = None

    @property
    def places(self) -> list[Located]:
        """All drawn numbers: the plane's, then those of the strips."""
        return [*self.plane, *(strip.of for strip in self.strips)]

    def read(self, latents: Mapping[str, Any]) -> Numbers:
        """The drawn numbers out of latents (frames, ...)."""
        return Numbers({place.at.name: place.read(latents) for place in self.places})

    def locate(self, numbers: Numbers, i: int) -> list[int] | None:
        """Where a frame lies in the plane."""
        if self.axes is None:
            return None
        return [whole(axis.place(numbers.by_name[axis.of.at.name][i]))[0] for axis in self.axes]

    def head(
        self, numbers: Numbers, n: int, kind: str, sweep: int | None = None, known: bool = True
    ) -> dict[str, Any]:
        """What every frame begins with: which update it is, and where the run was after it, where
        that is known."""
        at, values = (self.locate(numbers, n), numbers.at(n)) if known else (None, {})
        return {"n": n, "sweep": sweep, "kind": kind, "at": at, "values": values}

    def write(self, numbers: Numbers, i: int, places: Sequence[Located] | None = None) -> str:
        """Drawn numbers of a frame in a sentence: those of the plane, or the first strip's."""
        shown = places or self.plane or self.places[:1]
        return ", ".join(
            [sentences.value(float(numbers.by_name[p.at.name][i]), p.discrete) for p in shown]
        )

    def of_block(self, block: str) -> list[Located]:
        """The drawn numbers that a block moves."""
        return [place for place in self.places if block in self.model.sources[place.latent]]

    def conditional(
        self, block: str, factor: Distribution, q: Mapping[str, Distribution], shapes: bool
    ) -> dict[str, Any]:
        """A complete conditional as the JSON has it: its family, its parameters where they are few,
        and how it is drawn, by its own block in `q`."""
        sizes = sum(np.size(value) for value in factor.parameters.values())
        listed = factor.parameters if sizes <= MOST_PARAMETERS else {}
        name = type(factor.family).__name__
        found: dict[str, Any] = {
            "family": LABELS.get(name, name.lower()),
            "parameters": {
                key: [rounded(v, 6) for v in np.ravel(value)] for key, value in listed.items()
            },
        }
        planar = [a for a in self.axes or () if block in self.model.sources[a.of.latent]]
        if len(planar) == 2 and shapes and self.axes is not None:
            found["shape"] = outline(self.model, q, self.axes, (0.9,))
        elif len(planar) == 1:
            found["curve"] = curve(self.model, q, planar[0])
        for strip in self.strips:
            if shapes and block in self.model.sources[strip.of.latent]:
                heights = strip.of_q(self.model, q)
                if heights is not None:
                    found["strip"] = {"of": strip.of.at.name, "heights": heights}
        return found


def rounded(value: Any, digits: int = DIGITS) -> float:
    """A number by so many digits: a page holds thousands."""
    return float(f"{float(value):.{digits}g}")


def unbatched(block: Any, eta: Any) -> Distribution:
    """The density of a block from a natural parameter with a leading batch of one."""
    return Distribution(block.family, eta).take((0,), (1, *block.plates))


def join_blocks(model: Any, block: str) -> str:
    """What a block is conditioned on, in words."""
    others = [name for name in model.blocks if name != block]
    return sentences.join_names(others) if others else "the data"


def say_shown(chosen: Sequence[int], total: int, what: str) -> str:
    """How many of the updates are shown, in words."""
    some = "all" if len(chosen) == total else f"{len(chosen)} of"
    return f"{some} {total:,} {what}"


def choose_frames(total: int, most: int, early: int) -> list[int]:
    """Which of so many updates are shown: all; or the first `early`, then evenly in the logarithm
    of their number, and the last."""
    if total <= most:
        return list(range(total))
    later = np.geomspace(early + 1, total, most - early)
    return sorted({*range(early), *(round(float(n)) - 1 for n in later), total - 1})
