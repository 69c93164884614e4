"""The posterior of a model of up to three real coordinates, once the rest is collapsed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.automatic.posterior import AveragedPosterior, far_out, log_visited_q, weigh
from vi_lab.automatic.separation import Separation
from vi_lab.errors import NumericalError
from vi_lab.families import Distribution
from vi_lab.model import Model, Values
from vi_lab.numerics.cells import integrate
from vi_lab.numerics.rounding import Estimate, disturb_log_joint

STARTS = 256
LARGE, NOISE = 1e6, 0.01  # a statistic beside which others lose digits; nats that may be lost
STEPS = 1e-12, -1.7e-12, 3.1e-11, -4.3e-11, 6e-10, -1e-9  # relative, to points as high
WIDTH = 4.0  # of what lies beyond the last point that has digits, in units of y
BROKEN = (ArithmeticError, np.linalg.LinAlgError, NumericalError)


class IntegratedPosterior(AveragedPosterior):
    """The visited blocks in real coordinates y, over cells; the others given y."""

    @far_out
    def __init__(self, model: Model, separation: Separation) -> None:
        super().__init__(model, separation)
        self._edge = -np.inf
        starts = initial_values(model, np.random.default_rng(0), STARTS)
        self.cells = integrate(halve_where_broken(self._log_joint), self._to_real(starts))
        y, log_weights = self.cells.other_rule()
        best = y[[int(np.argmax(self._log_joint(y)))]]
        self.conditionals.refer_to(self._from_real(best)[0], np.random.default_rng(0))
        log_p = self._log_density_of_real(y) + log_weights
        top = log_p.max()
        self._constant = float(np.log(np.exp(log_p - top).sum()) + top)
        self._y, self._weights = y, np.exp(log_p - self._constant)
        lost = self._round(self._from_real(best)[1], 1)
        coordinates = "coordinate" if self.dimension == 1 else f"{self.dimension} coordinates"
        route = f"adaptive quadrature over {'one ' * (self.dimension == 1)}{coordinates}"
        error = self.cells.error + float(lost[0])
        error += WIDTH * float(np.exp(self._edge - self.cells.log_integral))
        if not error < 1.0:
            raise NumericalError(
                "exact: the log joint has lost its digits where the posterior still has mass, as "
                "where a variance goes to 0; an exact_posterior of the model's own is needed"
            )
        self.log_evidence = Estimate(self.cells.log_integral, error, route)

    # -- real coordinates -------------------------------------------------------------------------

    @property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        blocks = self.model.blocks
        return {n: blocks[n].plates + blocks[n].family.real_shape for n in self.visited}

    @property
    def dimension(self) -> int:
        return sum(map(math.prod, self._shapes.values()))

    def _to_real(self, values: Values) -> np.ndarray:
        parts = [self.model.blocks[n].family.to_real(values[n]) for n in self.visited]
        return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=-1)

    def _from_real(self, y: np.ndarray) -> tuple[dict[str, Any], dict[str, Any], Any]:
        """Values and statistics of the visited blocks at y (N, D), and log|det dz/dy| (N,)."""
        values, stats, log_det, begin = {}, {}, np.zeros(len(y)), 0
        for name, shape in self._shapes.items():
            block, end = self.model.blocks[name], begin + math.prod(shape)
            real = y[:, begin:end].reshape(len(y), *shape)
            values[name], stats[name], each = block.family.from_real(real)
            log_det, begin = log_det + block.sum_over_plates(each, (len(y),)), end
        return values, stats, log_det

    def _log_joint(self, y: np.ndarray) -> Any:
        """log p(x, y), from the log joint, (N, D) -> (N,).

        Far out, where terms of it are large and cancel, it has no digits, and is taken for nothing.
        How high it is just before that is in the error.
        """
        found, size = self._evaluate(y)
        large = np.flatnonzero(~(size < LARGE))
        if len(large):  # noise is another at a point that is next to it
            moved = (self._evaluate(y[large] * (1.0 + step))[0] for step in STEPS)
            noise = sum(np.abs(each - found[large]) for each in moved)
            noise = noise + self._round(self._from_real(y[large])[1], len(large))
            near = (noise > NOISE / 1e3) & (noise <= NOISE)
            self._edge = max(self._edge, found[large][near].max(initial=-np.inf))
            found[large] = np.where(noise <= NOISE, found[large], -np.inf)
        return found

    def _round(self, stats: dict[str, Any], n: int) -> Any:
        """Nats that rounding takes of the log joint at statistics of n points, (n,). What is gone
        without a trace makes no noise, as the data's precision beside 1/tau**2 of 1e16."""
        return disturb_log_joint(lambda s: self.conditionals.log_joint(s, n), stats, {})

    def _evaluate(self, y: np.ndarray) -> tuple[Any, Any]:
        """log p(x, y) as it comes, and the largest statistic, (N,)."""
        _, stats, log_det = self._from_real(y)
        size: Any = 0.0
        for name, t in stats.items():
            block = self.model.blocks[name]
            for field, event in zip(t, block.family.stat_shapes, strict=True):
                whole = np.broadcast_to(field, (len(y), *block.plates, *event))
                size = np.maximum(size, np.abs(whole).reshape(len(y), -1).max(1))
        return self.conditionals.log_joint(stats, len(y)) + log_det, size

    def _log_density_of_real(self, y: np.ndarray) -> Any:
        """log p(y|x), from the conditionals, up to the constant, (N, D) -> (N,)."""
        _, stats, log_det = self._from_real(y)
        found = self.conditionals.log_density(stats, len(y)) + log_det
        return np.where(np.isnan(found), -np.inf, found)

    # -- averages ---------------------------------------------------------------------------------

    def _points(self) -> tuple[Values, np.ndarray]:
        return self._from_real(self._y)[0], self._weights / self._weights.sum()

    @far_out
    def _draw(self, rng: np.random.Generator, n: int) -> Values:
        return self._from_real(self.cells.draw(rng, n))[0]

    @far_out
    def _expect(self, q: Mapping[str, Distribution], function: Any) -> Estimate:
        """On cells of q's own, by two rules that tell how far each is off."""

        def log_q(y: np.ndarray) -> Any:
            _, stats, log_det = self._from_real(y)
            return log_visited_q(self.model, q, stats, len(y)) + log_det

        starts = {n: q[n].sample(STARTS, rng=0) for n in self.visited}
        cells = integrate(log_q, self._to_real(starts))
        found = []
        for y, log_weights in (cells.other_rule(), cells.own_rule()):
            values, stats, _ = self._from_real(y)
            against = log_visited_q(self.model, q, stats, len(y))
            weights = np.exp(log_q(y) + log_weights)
            found.append(weigh(weights, function(values, against)) / weights.sum())
        error = abs(found[0] - found[1]) + self.cells.error + cells.error * (1.0 + abs(found[0]))
        return Estimate(found[0], error, "adaptive quadrature")

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """Of the one number that is left, where it is a latent as it stands."""
        if self.dimension > 1 or name not in self.visited or index != () or self._shapes[name]:
            return None
        block = self.model.blocks[name]
        inside = np.broadcast_to(block.family.in_support(x), x.shape)
        found = np.zeros(len(x))
        if inside.any():
            found[inside] = np.exp(self._log_visited({name: x[inside]}, int(inside.sum())))
        return found


def halve_where_broken(log_density: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
    """The density, -inf at points (N, D) that are so far out that its arithmetic breaks down."""

    def evaluate(y: np.ndarray) -> Any:
        try:
            return log_density(y)
        except BROKEN:
            if len(y) == 1:
                return np.full(1, -np.inf)
            half = len(y) // 2
            return np.concatenate([evaluate(y[:half]), evaluate(y[half:])])

    return evaluate
