"""Integrals under a factorised q, by a route that knows no entropy and no affine log joint.

Each continuous coordinate is integrated in its family's real coordinates by the trapezoidal rule,
which converges geometrically for the smooth, fast-falling densities met here (Trefethen & Weideman
2014); each discrete one is summed. The rules with every second and with every fourth node give the
error. Where the product of the grids would be too large, draws are averaged instead, with their
standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments.family_hooks import ask_family
from vi_lab.arguments.public import public, short_repr
from vi_lab.arguments.types import Rng
from vi_lab.errors import InputTypeError
from vi_lab.families import Distribution, MultivariateNormal, Normal
from vi_lab.numerics.rounding import EPS, Estimate

GRID_POINTS = 2**20  # points of a product grid
NODES_PER_AXIS = (33, 513)  # fewest and most nodes of a continuous axis
MOST_AXES = 16  # of a grid: along more of them a loop over nodes is all overhead
MONTE_CARLO = 2**14  # draws where the grid would be larger
AXIS_DEPTH = 50.0  # nats below the middle at which an axis ends: e**-50 is 2e-22


class Axis(NamedTuple):
    """One coordinate: its nodes, their weights under q (summing to 1), whether it is discrete, and
    what share of an integral is lost as nodes far from the origin are rounded.

    The nodes of a discrete one are the numbers of its values.
    """

    nodes: np.ndarray
    weights: np.ndarray
    discrete: bool
    lost: float = 0.0


class Nodes:
    """Points at which to evaluate integrands, and the rule that averages them under q.

    Attributes
    ----------
    values : dict of str to array
        Block values (*nodes, *plates, *event); the blocks' node axes broadcast together.
    route : str
        "quadrature", "enumeration" or "Monte Carlo".
    """

    @public
    def __init__(self, q: Mapping[str, Distribution], rng: Rng = 0) -> None:
        if not isinstance(q, Mapping) or not all(isinstance(f, Distribution) for f in q.values()):
            raise InputTypeError(f"q: needs a dict of distributions by block, got {short_repr(q)}")
        self._axes: list[Axis] = []
        count = _count_nodes(q)
        if count is None:
            generator = np.random.default_rng(rng)
            self.route = "Monte Carlo"
            self.values = {name: f.sample(MONTE_CARLO, rng=generator) for name, f in q.items()}
            return
        per_block = {name: _place_axes(factor, count) for name, factor in q.items()}
        self._axes = [axis for axes in per_block.values() for axis in axes]
        grids = iter(np.ix_(*(axis.nodes for axis in self._axes)))
        self.values = {
            name: _assemble_block(q[name], list(islice(grids, len(axes))))
            for name, axes in per_block.items()
        }
        self.route = "enumeration" if all(a.discrete for a in self._axes) else "quadrature"

    def average(self, integrand: Any) -> Estimate:
        """The mean under q of an integrand given at every node, with its error."""
        integrand = np.asarray(integrand, dtype=np.float64)
        if not self._axes:
            error = integrand.std() / np.sqrt(MONTE_CARLO)
            return Estimate(float(integrand.mean()), float(error), self.route)
        value, halved, quartered = (self._sum(integrand, stride) for stride in (1, 2, 4))
        error = _extrapolate(abs(value - halved), abs(halved - quartered))
        lost = 1e-13 + sum(axis.lost for axis in self._axes)
        error += lost * self._sum(np.abs(integrand), stride=1)
        return Estimate(value, error, self.route)

    def _sum(self, integrand: np.ndarray, stride: int) -> float:
        """The weighted sum, taking every `stride`-th node of the continuous axes."""
        for axis in self._axes:
            step = 1 if axis.discrete else stride
            weights = step * axis.weights[::step]
            if integrand.shape[0] > 1:
                # a point q rules out counts for nothing, even where log q is -inf (0 * inf = 0)
                possible = (weights > 0).reshape((-1,) + (1,) * (integrand.ndim - 1))
                terms = np.where(possible, integrand[::step], 0.0)
                integrand = np.tensordot(weights, terms, axes=1)
            else:
                integrand = weights.sum() * integrand[0]
        return float(integrand)


def _extrapolate(last: float, before: float) -> float:
    """The error of a rule, from how far the last two doublings of its nodes moved it.

    Where rules converge geometrically, with errors A q**(1/2), A q, A q**2 as nodes are doubled,
    that is last (last / before)**2; at a kink they go with the square of the spacing, and it is
    last / 3, with last / before = 1/4. Stated is 20 last (last / before)**2, more than either, and
    `last` at most.
    """
    if not before:
        return last
    return last * min(1.0, 20.0 * (last / before) ** 2)


def _count_nodes(q: Mapping[str, Distribution]) -> int | None:
    """How many nodes a continuous axis can have within GRID_POINTS; None where too few."""
    points, axes, continuous = 1.0, 0, 0
    for factor in q.values():
        family, plates = factor.family, int(np.prod(factor.family.lead_shape(factor.eta)))
        if family.own_measure or (family.discrete and family.support is None):
            return None
        if family.discrete:
            points, axes = points * float(len(family.support)) ** plates, axes + plates
        elif family.event_shape == () or isinstance(family, MultivariateNormal):
            continuous += plates * int(np.prod(family.real_shape))
        else:
            return None
    if points > GRID_POINTS or axes > MOST_AXES:
        return None
    if not continuous:
        return 1
    count = min(int((GRID_POINTS / points) ** (1.0 / continuous)), NODES_PER_AXIS[1])
    return count if count >= NODES_PER_AXIS[0] else None


def _place_axes(factor: Distribution, count: int) -> list[Axis]:
    """The axes of one factor: a coordinate of a plate each."""
    family = factor.family
    plates = family.lead_shape(factor.eta)
    if isinstance(family, MultivariateNormal):  # coordinates whitened: independent normals
        standard = _trapezoid(Normal.of(mean=0.0, sd=1.0), count)
        return [standard] * (int(np.prod(plates)) * family.size)
    eta = family.expand(factor.eta, plates)
    single = [
        Distribution(family, family.Stats(*(field[index] for field in eta)))
        for index in np.ndindex(plates)
    ]
    if not family.discrete:
        return [_trapezoid(one, count) for one in single]
    numbers = np.arange(len(family.support))
    return [Axis(numbers, np.exp(one.log_density(family.support)), True) for one in single]


def _trapezoid(factor: Distribution, count: int) -> Axis:
    """Equispaced real nodes, out to e**-AXIS_DEPTH of the density in the middle."""
    family = factor.family

    def log_density(y: Any) -> Any:
        _, stats, log_jacobian = family.from_real(np.asarray(y))
        return family.inner(factor.eta, stats) - family.log_partition(factor.eta) + log_jacobian

    middle, scale = ask_family(family, "typical", factor.eta, eta=factor.eta)
    _, stats, _ = ask_family(family, "from_real", np.asarray(middle), eta=factor.eta)
    low = _reach(lambda distance: log_density(middle - distance), scale)
    high = _reach(lambda distance: log_density(middle + distance), scale)
    y = np.linspace(middle - low, middle + high, count)
    with np.errstate(over="ignore"):
        # not y[1] - y[0], which has lost digits where the middle is far from the origin
        weights = np.exp(log_density(y)) * (low + high) / (count - 1)
    # a node that is off by a rounding r has a density off by the share r / scale, more or less;
    # and a log density is off by roundings of the terms that it is the sum of
    sizes = family.inner(*(family.Stats(*map(np.abs, each)) for each in (factor.eta, stats)))
    sizes = sizes + np.abs(family.log_partition(factor.eta))
    lost = EPS * float(np.abs(y).max() / scale + sizes)
    return Axis(family.from_real(y)[0], weights, False, lost)


def _reach(log_density: Callable[[float], Any], scale: float) -> float:
    """The distance, to a tenth, at which the log density has fallen by AXIS_DEPTH."""
    floor = log_density(0.0) - AXIS_DEPTH
    distance = scale
    while log_density(distance) > floor:
        distance *= 1.1
    return distance


def _assemble_block(factor: Distribution, grids: list[np.ndarray]) -> Any:
    """The block's value at the nodes, (*nodes, *plates, *event)."""
    family, plates = factor.family, factor.family.lead_shape(factor.eta)
    stacked = np.stack(np.broadcast_arrays(*grids), axis=-1)
    if family.discrete:  # the nodes number the values of the support
        return family.support[stacked.reshape(stacked.shape[:-1] + plates)]
    value = stacked.reshape(stacked.shape[:-1] + plates + family.event_shape)
    if isinstance(family, MultivariateNormal):
        parameters = factor.parameters
        root = np.linalg.cholesky(parameters["cov"])
        value = parameters["mean"] + (root @ value[..., None])[..., 0]
    return value
