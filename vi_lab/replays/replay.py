"""`replay(problem)`: every update of a method on the exact posterior, as numbers and as a page."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vi_lab._version import __version__
from vi_lab.arguments import checks
from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.automatic.find import why_no_truth
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.inference.exact import exact
from vi_lab.model_or_problem import ModelLike, as_model, is_model
from vi_lab.problems.named import as_problem
from vi_lab.problems.names import write_value
from vi_lab.problems.problem import Problem
from vi_lab.replays import draws, gradient_steps, proposals, trajectories, updates
from vi_lab.replays.coordinates import GRID, Axis, locate
from vi_lab.replays.page import to_json, write_page
from vi_lab.replays.scene import Scene
from vi_lab.replays.shapes import find_contours
from vi_lab.replays.strips import Strip
from vi_lab.runtime import storage

FORMAT, VERSION = "vi_lab replay", 1
MOST_BYTES = 225_000  # of all frames, so that a page stays below 300 kB
CHAINS, ROUND = (
    ("metropolis-hastings", "gibbs", "hmc"),
    10,
)  # runs that may be cut, to a multiple of this
LEVELS = {"q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95}


class Kind(NamedTuple):
    """A method that can be replayed: a later one is an entry more, and a drawing on the page."""

    method: str
    label: str
    why_not: Callable[[Any], str | None]
    record: Callable[[Scene, np.random.Generator], Any]


KINDS = (
    Kind("metropolis-hastings", "Metropolis-Hastings", proposals.why_not, proposals.Walk),
    Kind("gibbs", "Gibbs", draws.why_not, draws.Sweeps),
    Kind("cavi", "CAVI", updates.why_not, updates.Ascent),
    Kind("hmc", "Hamiltonian Monte Carlo", trajectories.why_not, trajectories.Orbits),
    Kind("gaussian-full-rank", "full-rank Gaussian", gradient_steps.why_not, gradient_steps.Climb),
)
USUAL = "metropolis-hastings", "gibbs", "cavi"  # where none is asked for


@dataclass(frozen=True, repr=False)
class Replay:
    """A replay: its numbers, and the page that plays them.

    Attributes
    ----------
    data : dict
        As docs/replay.md describes: plain numbers, texts, lists and dicts.
    """

    data: dict[str, Any]

    @cached_property
    def html(self) -> str:
        """One page with everything in it, which asks no network."""
        return write_page(self.data)

    @public
    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page; ResultFileError where it cannot be written, the old file left whole."""
        return storage.write_bytes(checks.path("path", path), self.html.encode())

    def __repr__(self) -> str:
        frames = [f"{run['label']} {len(run['frames'])}" for run in self.data["runs"]]
        return f"<Replay of {self.data['problem']}: {', '.join(frames)} frames>"


@public
def replay(
    problem: ModelLike,
    *,
    methods: Sequence[str] | None = None,
    rng: Rng = 0,
    out: str | os.PathLike[str] | None = None,
) -> Replay:
    """Every update of the methods, to be scrubbed on the exact posterior's contours.

    Parameters
    ----------
    problem : Model, Problem or the name of one
        Its exact posterior must be known.
    methods : sequence of str, optional
        Some of "metropolis-hastings", "gibbs", "cavi", which are there by default, "hmc" and
        "gaussian-full-rank".
    rng : int, SeedSequence or Generator
        A child of it runs each method, whichever are asked for.
    out : path, optional
        Where to write the page.

    Returns
    -------
    Replay

    Raises
    ------
    NotApplicable
        Where the exact posterior, or every density that could be drawn, is unknown, or none of the
        methods applies.
    InputError
        For a method that is not among these.
    ResultFileError
        Where `out` cannot be written.
    """
    names = [kind.method for kind in KINDS]
    if methods is not None:
        methods = [
            checks.one_of("methods", name, names) for name in checks.names("methods", methods)
        ]
    needed = "problem: needs a vi_lab model or problem, or a problem's name"
    checks.require(is_model(problem), needed, problem)
    item = as_problem(problem)
    model = as_model(item)
    reason = why_no_truth(model)
    told = f"replay does not apply to {item.name}: it is drawn on the exact posterior, and {reason}"
    refuse_if(reason, told, NotApplicable)
    asked = USUAL if methods is None else methods
    wanted = [kind for kind in KINDS if kind.method in asked]
    reasons = [kind.why_not(model) for kind in wanted]
    refuse_if(
        None not in reasons, f"replay does not apply to {item.name}: {reasons[0]}", NotApplicable
    )
    initial_values(model, np.random.default_rng(0), 1)  # what a user's model gives is looked at
    seed = checks.seed(rng)
    children = dict(zip(names, checks.generator(rng).spawn(len(names)), strict=True))
    found = Replay(_make(item, model, wanted, children, seed))
    if out is not None:
        found.save(out)
    return found


def _make(
    item: Problem,
    model: Any,
    kinds: Sequence[Kind],
    children: dict[str, np.random.Generator],
    seed: int | None,
) -> dict[str, Any]:
    """The data of a replay: the runs first, since the axes reach as far as they do."""
    truth = exact(model)
    plane, stripped = locate(item.name, model, truth)
    strips = [Strip.of_truth(place, truth, model) for place in stripped]
    scene = Scene(model, truth, plane, strips)
    reasons = {kind.method: kind.why_not(model) for kind in kinds}
    recorded = {
        kind.method: kind.record(scene, children[kind.method])
        for kind in kinds
        if reasons[kind.method] is None
    }
    scene = _lay_axes(scene, [run.visited for run in recorded.values()])
    runs = [
        _describe_run(kind, reasons[kind.method], recorded.get(kind.method), scene)
        for kind in kinds
    ]
    return {
        "format": FORMAT,
        "version": VERSION,
        "problem": item.name,
        "title": f"{item.name}: how each method finds the posterior",
        "story": [
            text for text in (item.story, item.data, item.look_at) if text and not _is_none(text)
        ],
        "made": {
            "vi_lab": __version__,
            "command": _write_command(item, seed),
            "seed": seed,
        },
        "evidence": {
            "value": truth.log_evidence,
            "error": truth.log_evidence_error,
            "route": truth.route,
        },
        "why_no_evidence": None,
        "plane": _describe_plane(scene),
        "strips": [strip.describe() for strip in scene.strips],
        "exact": _summarise(scene),
        "runs": fit(runs, MOST_BYTES),
    }


def _is_none(text: str) -> bool:
    """Whether a problem says that it has no data."""
    return text.startswith("none: ")


def _write_command(item: Problem, seed: int | None) -> str:
    """The command that makes this replay of a named problem again."""
    words = ["vi-lab", "replay", item.name.split(" ")[0]]
    for name, value in item.variant.items():
        words += ["--set", f"{name}={write_value(value)}"]
    return shlex.join(words + (["--seed", str(seed)] if seed else []))


def _lay_axes(scene: Scene, visited: Sequence[Any]) -> Scene:
    """The scene with its axes, as wide as the runs need."""
    if not scene.plane:
        return scene
    axes = []
    for place in scene.plane:
        all_of = [numbers.by_name[place.at.name] for numbers in visited]
        axes.append(Axis.spanning(place, scene.truth, np.concatenate([np.empty(0), *all_of])))
    return replace(scene, axes=(axes[0], axes[1]))


def _describe_plane(scene: Scene) -> dict[str, Any] | None:
    if scene.axes is None:
        return None
    x, y = scene.axes
    contours = find_contours(scene.truth, scene.axes)
    return {"x": x.describe(), "y": y.describe(), "grid": GRID, "contours": contours}


def _summarise(scene: Scene) -> dict[str, dict[str, float]]:
    """Mean, sd and quantiles of every drawn number under the exact posterior."""
    found = {}
    for place in scene.places:
        truth, name, offset = scene.truth, place.latent, place.at.offset
        quantiles = np.asarray(truth.quantile(name, list(LEVELS.values())))
        where: Any = (slice(None), *place.index)
        found[place.at.name] = {
            "mean": float(np.asarray(truth.mean(name))[place.index] + offset),
            "sd": float(np.asarray(truth.sd(name))[place.index]),
            **dict(zip(LEVELS, (quantiles[where] + offset).tolist(), strict=True)),
        }
    return found


def _describe_run(kind: Kind, reason: str | None, run: Any, scene: Scene) -> dict[str, Any]:
    described = {
        "id": kind.method,
        "method": kind.method,
        "label": kind.label,
        "applies": reason is None,
        "reason": reason,
    }
    if run is None:
        return {**described, "updates": 0, "shown": "", "settings": {}, "frames": []}
    frames = run.frames(scene)
    return {
        **described,
        "updates": run.updates,
        "shown": run.shown,
        "settings": run.settings,
        "frames": frames,
    }


def fit(runs: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The runs with so many frames of each sampler, equally many, that all take `most` bytes.

    A chain may be cut anywhere; a climb is shown to its end.
    """
    sizes = [[len(to_json(frame).encode()) + 1 for frame in run["frames"]] for run in runs]
    cut = [bool(run["frames"]) and run["id"] in CHAINS for run in runs]
    kept = max(
        (len(run["frames"]) for run, short in zip(runs, cut, strict=True) if short), default=0
    )

    def total(count: int) -> int:
        return sum(
            sum(size[:count] if short else size) for size, short in zip(sizes, cut, strict=True)
        )

    while kept > ROUND and total(kept) > most:
        kept -= ROUND
    found = []
    for run, short in zip(runs, cut, strict=True):
        if short:
            frames = run["frames"][:kept]
            run = {**run, "frames": frames, "updates": len(frames)}
            run["shown"] = run["shown"].format(count=len(frames))
        found.append(run)
    return found
