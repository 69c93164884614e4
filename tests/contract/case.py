"""A model of the contract beside what scipy.stats makes of its story, and ways to integrate it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from tests.contract.oracles import nodes_under, oracle_of, product
from tests.contract.tolerances import normal_limit
from tests.contract.values import at, mapped


class Known(NamedTuple):
    """The truth by another route: log evidence, means and sds (None for labels) by latent."""

    log_evidence: float
    mean: Mapping[str, Any]
    sd: Mapping[str, Any]

    @classmethod
    def averaged(cls, log_p, first, second):
        """From points of log mass log_p, with the mean and the mean square of each latent there."""
        log_evidence = special.logsumexp(log_p)
        p = np.exp(log_p - log_evidence)
        mean = {name: np.tensordot(p, value, 1) for name, value in first.items()}
        square = {name: np.tensordot(p, value, 1) for name, value in second.items()}
        sd = {name: np.sqrt(np.maximum(square[name] - mean[name] ** 2, 0)) for name in square}
        return cls(log_evidence, mean, sd)


@dataclass(frozen=True, eq=False)
class Case:
    """A model beside what scipy.stats makes of its story.

    Attributes
    ----------
    log_joint : block values (P, ...) -> log p(x, z), (P,), with data of its own
    axes : points (P, ...) and log weights (P,) that integrate each block, whatever the others are
    plate_axes : the same for one copy of a block whose copies are independent given the rest
    collapsed : blocks too wide for points: values of the rest -> the log joint without the block
    posterior_nodes : points of all blocks together, where the product of the axes will not do
    known : the truth by another route, where there are too many dimensions for points
    labels : the block of a mixture's labels, given which the log joint is a sum of terms of one
        component or one weight vector each
    possible : where labels have weight zero, whether each can occur, or by statistic
    quadratic : whether both log joint and log q are quadratics in the normal blocks, for which few
        nodes are exact
    """

    model: Any
    log_joint: Callable[[Mapping[str, Any]], Any]
    axes: Mapping[str, tuple[Any, Any]]
    posterior_nodes: Callable[[], tuple[Mapping[str, Any], Any]] | None = None
    plate_axes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    collapsed: Mapping[str, Callable[[Mapping[str, Any]], float]] = field(default_factory=dict)
    known: Callable[[], Known] | None = None
    labels: str | None = None
    possible: Mapping[str, Any] = field(default_factory=dict)
    quadratic: bool = False
    heavy: tuple[str, ...] = ()

    def nodes(self):
        """Points of all blocks and log weights, wide enough for the posterior."""
        if self.posterior_nodes is not None:
            return self.posterior_nodes()
        weights = {name: (z, np.exp(log_weight)) for name, (z, log_weight) in self.axes.items()}
        values, weight = product(weights)
        return values, np.log(weight)

    def without(self, name, values):
        """log of the sum or integral of exp(log joint) over one block, the others held fixed."""
        if name in self.collapsed:
            return self.collapsed[name](values)
        if name in self.axes:
            points, log_weights = self.axes[name]
            terms = self.log_joint({**repeated(values, len(log_weights)), name: points})
            return special.logsumexp(terms + log_weights)
        points, log_weights = self.plate_axes[name]
        here = self.log_joint(repeated(values, 1))[0]
        total = here
        for index in np.ndindex(self.model.blocks[name].plates):
            moved = repeated(values, len(log_weights))
            moved[name] = with_plate(moved[name], index, points)
            total += special.logsumexp(self.log_joint(moved) + log_weights) - here
        return total


def even(low, high, count):
    """Equispaced points with the trapezoidal rule's log weights."""
    points = np.linspace(low, high, count)
    return points, np.full(count, np.log(points[1] - points[0]))


def positive(low, high, count):
    """Points equispaced in the logarithm, from e**low to e**high."""
    y, log_weight = even(low, high, count)
    return np.exp(y), y + log_weight


def in_prior_sds(mean, cov, count, reach):
    """An even grid along the axes of a Gaussian prior, so many of its sds on either side."""
    size, each = len(cov), np.linspace(-reach, reach, count)
    grid = np.stack(np.meshgrid(*[each] * size, indexing="ij"), -1).reshape(-1, size)
    points = mean + grid @ np.linalg.cholesky(cov).T
    width = size * np.log(2 * reach / (count - 1)) + 0.5 * np.linalg.slogdet(cov)[1]
    return points, np.full(len(points), width)


def repeated(values, count):
    """One value of every block, `count` times over."""
    return {
        name: mapped(lambda a: np.broadcast_to(a, (count, *np.shape(a))), z)
        for name, z in values.items()
    }


def with_plate(z, index, points):
    """Values (P, *plates, ...) with one copy replaced by points (P, ...)."""
    if isinstance(z, tuple):
        pairs = zip(z, points, strict=True)
        return type(z)(*(with_plate(a, index, p) for a, p in pairs))
    z = np.array(z)
    z[(slice(None), *index)] = points
    return z


def expectation(case, q, integrand):
    """E_q of a function of block values, and the standard error (0 by quadrature).

    In a mixture the labels are summed over; given them the integrand is a sum of terms of one
    component each, whose expectations are taken one at a time about a point of reference.
    """
    if case.labels is None:
        values, weights = nodes_under(q, few=case.quadratic)
        return float(weights @ integrand(values)), 0.0
    labels, weights = nodes_under({case.labels: q[case.labels]})
    labels = labels[case.labels]
    count = len(weights)
    middle = {name: factor.mean for name, factor in q.items() if name != case.labels}
    still = {**repeated(middle, count), case.labels: labels}
    at_middle = integrand(still)
    total, variance = weights @ at_middle, 0.0
    for name in middle:
        family, plates = q[name].family, case.model.blocks[name].plates
        parameters, oracle = q[name].parameters, oracle_of(family)
        for index in np.ndindex(plates):
            nodes = oracle.few or oracle.nodes
            points, rule = nodes(family, **{k: v[index] for k, v in parameters.items()})
            difference = np.zeros(len(rule))
            for k in range(count):
                moved = repeated({n: at(z, k) for n, z in still.items()}, len(rule))
                moved[name] = with_plate(moved[name], index, points)
                difference += weights[k] * (integrand(moved) - at_middle[k])
            total += rule @ difference
            if oracle.drawn(family):
                variance += difference.var() / len(rule)
    return float(total), float(np.sqrt(variance))


def assert_expectation(found, estimate, what):
    """A number is an expectation: to nine digits, or within its standard errors."""
    value, error = estimate
    limit = normal_limit(1) * error + 1e-8 + 1e-9 * abs(value)
    assert abs(found - value) <= limit, f"{what}: {found} is not {value} +- {error}"


def numbers(latents, nominal):
    """Every coordinate of every latent as a column (P, n); indicators for nominal labels."""
    columns = []
    for name, value in latents.items():
        value = np.asarray(value)
        if name in nominal:
            value = value[..., None] == np.arange(nominal[name])
        columns.append(value.reshape(len(value), -1).astype(float))
    return np.concatenate(columns, axis=1)
