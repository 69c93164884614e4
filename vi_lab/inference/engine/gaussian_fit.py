"""A fit of a Gaussian: where it begins, in what units, when it stops, and what it ends in.

Fits run in units of their own, u = (y - origin) / scale, with the scale of a mode where there is
one: coordinates may differ by orders of magnitude, and L-BFGS is at ease where they do not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import NoMode, NotApplicable, NumericalError, refuse_if
from vi_lab.inference.engine.ascent import MOST_STEPS, Mode, climb, find_modes, remember_last
from vi_lab.inference.engine.density_target import CountedTarget, ScaledTarget, evaluate_starts
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.inference.engine.fixed_point import find_fixed_point
from vi_lab.inference.engine.gaussian_limits import NO_REST, RUNS_AWAY, STALLS, refuse_no_gaussian
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.target import choose_target
from vi_lab.numerics.gaussian_nodes import MOST_HERMITE, Nodes, hermite_nodes, sobol_nodes
from vi_lab.numerics.normal_mixture import NormalMixture

PER_AXIS, POINTS = 24, 1024  # nodes of a fit, beside those the bound is computed on
FEW_POINTS, FEW_STEPS = 64, 30  # of the short fits that choose a start
FAR_BELOW = 100.0  # nats a coordinate, of a bound that a q at a mode cannot have
LONG = 500  # steps of a climb that may have stalled; a quick one has no reason to
LEFT = 1e-2  # nats a unit of any parameter, by which the ELBO still rises where there is no optimum
FIRST_SCALE = 0.3  # where no mode tells one
APART = 0.3  # sds between components at the start
MATCHES, RATE, SETTLED = 1000, 100.0, 1e-8  # steps of batch and match, their rate, when they stop
AT_REST = 1e-4  # sds by which the last of them may still move q; nats a unit, of a stalled climb

Objective = Callable[..., tuple[float, NormalMixture]]  # q, target, nodes, weights -> ELBO, slopes
Match = Callable[..., tuple[np.ndarray, np.ndarray]]


def choose_nodes(dimension: int, points: int, rng: np.random.Generator) -> Nodes:
    """Of a fit in so many dimensions."""
    few = dimension <= MOST_HERMITE
    return hermite_nodes(dimension, PER_AXIS) if few else sobol_nodes(dimension, points, 1, rng)


class GaussianFit:
    """A run of `laplace` or `gaussian_vi` on a model's target."""

    def __init__(
        self,
        model: Any,
        method: str,
        parameterisation: str,
        *,
        rng: Any,
        restarts: int,
        covariance: str = "full",
        objective: str = "kl",
        components: int = 1,
    ) -> None:
        self._started = time.perf_counter()
        self.model, self.method, self.parameterisation = model, method, parameterisation
        self.rng, self.restarts = checks.generator(rng), checks.integer("restarts", restarts, 1)
        self.covariance = checks.one_of("covariance", covariance, ("diagonal", "full"))
        self.objective = checks.one_of("objective", objective, ("kl", "score"))
        self.components = checks.integer("components", components, 1)
        refuse_if(
            self.objective == "score" and self.components > 1,
            "objective: 'score' fits one Gaussian; more components need 'kl'",
        )
        self.settings = {"seed": checks.seed(rng), "restarts": self.restarts}
        refuse_no_gaussian(model, method, parameterisation, self.covariance)
        self.target = CountedTarget(choose_target(model, parameterisation))
        self.dimension = self.target.dimension
        self.trace: list[float] = []

    # -- modes ----------------------------------------------------------------------------------

    @far_out
    def find_highest_mode(self) -> Mode:
        """The highest of the modes; NoMode where a climb ends higher, at no top."""
        modes, ends = self._find_modes()
        heights = np.asarray(self.target.log_density(ends))
        if not modes or heights.max() > modes[0].log_density + 1e-6 * (1.0 + np.abs(heights.max())):
            why = self._say_why_no_mode(ends[int(np.argmax(heights))])
            raise NoMode(f"{self.method} does not apply, because there is no mode: {why}")
        return modes[0]

    def _say_why_no_mode(self, end: np.ndarray) -> str:
        """What was met in place of a top, the highest climb having ended there."""
        for what, found in (
            ("log density", self.target.log_density(self.starts)),
            ("gradient", self.target.gradient(self.starts).sum(-1)),
        ):
            if not np.isfinite(found).any():
                return f"the {what} is not finite at any of {self.restarts} starts"
        place = np.array2string(end, precision=3, threshold=6, max_line_width=1000)
        return f"from {self.restarts} starts the log density still rises, or is flat, at {place}"

    def _find_modes(self) -> tuple[list[Mode], np.ndarray]:
        """The modes that the restarts reach, highest first, each once; and all ends."""
        self.starts = self.target.start(self.rng, self.restarts)
        evaluate_starts(self.target, self.starts)
        return find_modes(self.target, self.starts)

    # -- the two ways to fit --------------------------------------------------------------------
    @far_out
    def climb(self, objective: Objective) -> GaussianPosterior:
        """L-BFGS on the ELBO over (log w, m, log diag L, L below it), in the fit's own units."""
        with self._explain_flight():
            origin, scale, begin = self._begin(objective)
            scaled = ScaledTarget(self.target, origin, scale)
            nodes = self._nodes()
            q, height = self._climb(objective, scaled, begin, nodes)
        self._refuse_no_bound(height)
        slope = objective(q, scaled, nodes.points[0], nodes.weights)[1]
        why = f"{self.method}: the gradient is not finite under q"
        refuse_if(not np.isfinite(slope.means).all(), why, NumericalError)
        left = self._pack(slope, np.diagonal(slope.roots * q.roots, axis1=1, axis2=2))
        refuse_if(np.abs(left).max() > LEFT, f"{self.method}: {RUNS_AWAY}", NumericalError)
        stalled = len(self.trace) > LONG and np.abs(slope.means[:, None] @ q.roots).max() > AT_REST
        refuse_if(stalled, f"{self.method}: {STALLS}", NumericalError)
        return self._bounded(q.moved(origin, scale))

    def _bounded(self, mixture: NormalMixture) -> GaussianPosterior:
        """What a fit ends in, if it has a bound on other nodes too."""
        q = self.result(mixture, self.trace)
        self._refuse_no_bound(q.elbo)
        return q

    @contextmanager
    def _explain_flight(self) -> Iterator[None]:
        """NumericalError where q has run so far away that a covariance has no digits."""
        try:
            yield
        except np.linalg.LinAlgError as error:
            raise NumericalError(f"{self.method}: {RUNS_AWAY}") from error

    def _refuse_no_bound(self, height: float) -> None:
        """NotApplicable where q reaches beyond the support, NumericalError of no number."""
        if height == -np.inf:
            raise NotApplicable(
                f"{self.method} does not apply, because every Gaussian about the mode reaches to "
                "where the density is 0 or not a number, and has no bound"
            )
        if not np.isfinite(height):
            raise NumericalError(f"{self.method}: the ELBO is {height:g} at the nodes of q")

    def _climb(
        self, objective: Objective, scaled: ScaledTarget, begin: NormalMixture, nodes: Nodes,
        most_steps: int = MOST_STEPS,
    ) -> tuple[NormalMixture, float]:  # fmt: skip
        """The top of the ELBO that is reached from q, and how high it is; -inf where q has none."""

        @remember_last
        def function(packed: np.ndarray) -> tuple[float, np.ndarray]:
            q = self._unpack(packed, len(begin.means))
            value, slope = objective(q, scaled, nodes.points[0], nodes.weights)
            return value, self._pack(slope, np.diagonal(slope.roots * q.roots, axis1=1, axis2=2))

        def note(packed: np.ndarray) -> None:
            self.trace.append(function(packed)[0])

        start = self._pack_q(begin)
        if not np.isfinite(function(start)[0]):
            return begin, -np.inf
        self.trace = []
        end = climb(function, start, note, most_steps)
        return self._unpack(end, len(begin.means)), function(end)[0]

    @far_out
    def repeat(self, match: Match, objective: Objective) -> GaussianPosterior:
        """Batch and match until q stands still."""
        with self._explain_flight():
            nodes, (origin, scale, begin) = self._nodes(), self._begin(objective)
            scaled, self.trace = ScaledTarget(self.target, origin, scale), []

            def step(packed: np.ndarray) -> np.ndarray:
                q = self._unpack(packed, 1)
                try:
                    y = q.place(nodes.points[0])[0]
                    ratio, slope = scaled.log_density(y) - q.log_density(y), scaled.gradient(y)
                    self.trace.append(float(nodes.weights @ ratio))
                    if not np.isfinite(self.trace[-1]):
                        return np.full_like(packed, np.nan)
                    cov = q.roots[0] @ q.roots[0].T
                    mean, cov = match(q.means[0], cov, y, slope, nodes.weights, RATE)
                    if self.covariance == "diagonal":
                        cov = np.diag(np.diagonal(cov))
                    root = np.linalg.cholesky(cov)
                except np.linalg.LinAlgError:  # slopes that are not finite, too
                    return np.full_like(packed, np.nan)
                return self._pack_q(NormalMixture(np.zeros(1), mean[None], root[None]))

            packed, image = find_fixed_point(step, self._pack_q(begin), SETTLED, MATCHES)
        if scaled.expect(begin) is None:  # else nodes say nothing of a bound
            self._refuse_no_bound(self.trace[-1] if self.trace else 0.0)
        moving = not np.abs(image - packed).max() <= AT_REST
        refuse_if(moving, f"{self.method}: {NO_REST}", NumericalError)
        return self._bounded(self._unpack(packed, 1).moved(origin, scale))

    def _begin(self, objective: Objective) -> tuple[np.ndarray, np.ndarray, NormalMixture]:
        """Where a fit begins: origin, scale, and q in these units. At the highest modes, where no
        climb came higher than those; else at the best of short fits from all starts."""
        modes, ends = self._find_modes()
        heights = np.asarray(self.target.log_density(ends))
        if not modes or heights.max() > modes[0].log_density + 1e-6 * (1 + abs(heights.max())):
            found = self._begin_at_starts(objective)
            if found is None:
                why = "the log density is not finite around any start"
                raise NumericalError(f"{self.method}: {why}")
            return found
        origin, scale = modes[0].y, np.diagonal(modes[0].precision) ** -0.5
        places = np.stack([modes[k % len(modes)].y for k in range(self.components)])
        begin = self._spread((places - origin) / scale, np.eye(self.dimension))
        nodes = choose_nodes(self.dimension, FEW_POINTS, np.random.default_rng(0))
        scaled = ScaledTarget(self.target, origin, scale)
        height = objective(begin, scaled, nodes.points[0], nodes.weights)[0]
        if height - modes[0].log_density - np.log(scale).sum() > -FAR_BELOW * self.dimension:
            return origin, scale, begin
        return self._begin_at_starts(objective) or (origin, scale, begin)  # a sharp turn at the top

    def _begin_at_starts(
        self, objective: Objective
    ) -> tuple[np.ndarray, np.ndarray, NormalMixture] | None:
        """As `_begin`, at the best of short fits; None where the ELBO is not finite in any."""
        ones = np.ones(self.dimension)
        nodes, fits = self._nodes(FEW_POINTS), []
        about = np.zeros((1, self.dimension)), FIRST_SCALE * np.eye(self.dimension)[None]
        begin = NormalMixture(np.zeros(1), *about)
        for start in self.starts:
            scaled = ScaledTarget(self.target, start, ones)
            q, height = self._climb(objective, scaled, begin, nodes, FEW_STEPS)
            fits.append((height, q.moved(start, ones)))
        height, q = max(fits, key=lambda fit: fit[0])
        if height == -np.inf:
            return None
        scale = np.sqrt((q.roots[0] ** 2).sum(-1))
        places = np.zeros((self.components, self.dimension))
        return q.means[0], scale, self._spread(places, q.roots[0] / scale[:, None])

    def _spread(self, places: np.ndarray, root: np.ndarray) -> NormalMixture:
        """Components of this root at these places, set a bit apart by noise where they are more."""
        k = self.components
        if k > 1:
            places = places + APART * self.rng.standard_normal(places.shape)
        weights = np.full(k, -np.log(k))
        return NormalMixture(weights, places, np.broadcast_to(root, (k, *root.shape)).copy())

    def _nodes(self, points: int = POINTS) -> Nodes:
        return choose_nodes(self.dimension, points, self.rng)

    # -- q as one vector ------------------------------------------------------------------------

    @cached_property
    def _below(self) -> tuple[np.ndarray, np.ndarray]:
        return np.tril_indices(self.dimension if self.covariance == "full" else 0, -1)

    def _pack(self, q: NormalMixture, logs: np.ndarray) -> np.ndarray:
        """log weights, means, the logs of the diagonals of L, and what stands below them; of q, or
        of the derivatives over these."""
        parts = (q.log_weights, q.means, logs, q.roots[:, *self._below])
        return np.concatenate([part.ravel() for part in parts])

    def _pack_q(self, q: NormalMixture) -> np.ndarray:
        return self._pack(q, np.log(np.diagonal(q.roots, axis1=1, axis2=2)))

    def _unpack(self, packed: np.ndarray, k: int) -> NormalMixture:
        d = self.dimension
        logits, means, logs, below = np.split(packed, np.cumsum([k, k * d, k * d]))
        roots = np.zeros((k, d, d))
        roots[:, *self._below] = below.reshape(k, -1)
        roots[:, np.arange(d), np.arange(d)] = np.exp(logs).reshape(k, d)
        log_weights = logits - np.logaddexp.reduce(logits)
        return NormalMixture(log_weights, means.reshape(k, d), roots)

    def result(
        self, q: NormalMixture, trace: Any = (), log_evidence_estimate: float | None = None
    ) -> GaussianPosterior:
        """What a run ends in; NumericalError where its bound is nan."""
        found = GaussianPosterior(
            self.model,
            q,
            self.method,
            self.parameterisation,
            np.array(trace, dtype=np.float64),
            log_evidence_estimate,
            self.target.cost,
            time.perf_counter() - self._started,
            self.settings,
        ).take_averages()
        _ = found.elbo
        return found
