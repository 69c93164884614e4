"""The Markov chain of T steps over K states.

    log p(z) = <u, 1[z_1]> + sum_t 1[z_t]' W_t 1[z_(t+1)] - A

so t(z) = (indicator of the first state, indicators of the pairs of neighbours), and eta = (u, W)
holds log weights of either; those of a later state are part of its pairs'. Summing the steps out
from the last to the first,

    m_T(i) = 0,   m_t(i) = log sum_j exp(W_t(i, j) + m_(t+1)(j)),   A = log sum_i exp(u(i) + m_1(i))

(the backward recursion of Baum et al. 1970), and what was summed, normalised, is the chain itself:

    log p(z_1 = i) = u(i) + m_1(i) - A
    log p(z_(t+1) = j | z_t = i) = W_t(i, j) + m_(t+1)(j) - m_t(i)

Density, moments, entropy and draws are those of these two. A weight may be 0, its log -inf.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import NumericalError, refuse_if
from vi_lab.families.distribution import Distribution, from_textbook
from vi_lab.families.family import Family
from vi_lab.numerics import arithmetic
from vi_lab.numerics.enumeration import labellings
from vi_lab.numerics.rounding import WHOLE

LISTED = 2**10  # values of a whole chain that are still listed as its support
SUMS_TO_ONE = 1e-8


class MarkovChainStats(NamedTuple):
    """first: indicator of the first state, (K,); pair: of each two neighbours, (T-1, K, K)."""

    first: Any
    pair: Any


class MarkovChain(Family):
    """`steps` states, each one of 0, ..., `states` - 1; values (*lead, steps)."""

    Stats = MarkovChainStats
    discrete = True

    @public
    def __init__(self, steps: int, states: int) -> None:
        self.steps = checks.integer("steps", steps, 2)
        self.states = K = checks.integer("states", states, 1)
        self.event_shape = (self.steps,)
        self.stat_shapes = MarkovChainStats((K,), (self.steps - 1, K, K))
        self.dtype = np.min_scalar_type(-self.states)
        self._numbers = np.arange(self.states)
        if self.steps * np.log(self.states) <= np.log(LISTED):
            self.support = labellings(self.steps, self.states).astype(self.dtype)

    @classmethod
    @public
    def of(cls, probabilities: Reals, pairs: Reals) -> Distribution:
        """The chain with these marginals.

        Parameters
        ----------
        probabilities : array (*lead, T, K)
            Of the states of each step.
        pairs : array (*lead, T-1, K, K)
            Of each step's state and the next's, whose sums are those of `probabilities`.
        """
        probabilities = checks.real_array("probabilities", probabilities)
        refuse_if(probabilities.ndim < 2, "probabilities: needs shape (..., steps, states)")
        family = cls(*probabilities.shape[-2:])
        return from_textbook(family, probabilities=probabilities, pairs=pairs)

    def natural(self, probabilities: Any, pairs: Any) -> MarkovChainStats:
        """log p(z_1), and the logs of the transitions, -inf out of what is never come to."""
        p = checks.real_array("probabilities", probabilities)
        pairs = checks.real_array("pairs", pairs)
        needed, came = ((self.steps, self.states), self.stat_shapes.pair), (p.shape, pairs.shape)
        fits = all(c[-len(n) :] == n for n, c in zip(needed, came, strict=True))
        refuse_if(not fits, f"probabilities, pairs: need shapes that end in {needed}, got {came}")
        checks.require_broadcast((2, 3), probabilities=p, pairs=pairs)
        refuse_if(min(p.min(), pairs.min()) < 0, "pairs: needs probabilities of at least 0")
        sums = p.sum(-1) - 1.0, pairs.sum(-1) - p[..., :-1, :], pairs.sum(-2) - p[..., 1:, :]
        off = max(float(np.max(np.abs(each))) for each in sums)
        refuse_if(off > SUMS_TO_ONE, f"pairs: need the probabilities as their sums, off by {off:g}")
        left = np.where(p > 0, p, 1.0)[..., :-1, :, None]
        return MarkovChainStats(arithmetic.log(p[..., 0, :]), arithmetic.log(pairs / left))

    def parameters(self, eta: MarkovChainStats) -> dict[str, np.ndarray]:
        first, pairs = self.expected_stats(eta)
        return {"probabilities": _marginals(first, pairs), "pairs": pairs}

    def stats(self, z: Any) -> MarkovChainStats:
        indicator = (np.asarray(z)[..., None] == self._numbers).astype(np.float64)
        pair = indicator[..., :-1, :, None] * indicator[..., 1:, None, :]
        return MarkovChainStats(indicator[..., 0, :], pair)

    def inner(self, eta: MarkovChainStats, stats: MarkovChainStats) -> Any:
        """<eta, t> with 0 * (-inf) = 0."""
        (first, pair), (of_first, of_pair) = eta, stats
        steps = arithmetic.times(pair, of_pair).sum((-3, -2, -1))
        return arithmetic.inner_product(first, of_first) + steps

    def log_partition(self, eta: MarkovChainStats) -> Any:
        return self._sum_out(eta)[0]

    def log_density(self, z: Any, eta: MarkovChainStats) -> Any:
        value = self.inner(self._sum_out(eta)[1], self.stats(z))
        return np.where(self.in_support(z), value, -np.inf)

    def entropy(self, eta: MarkovChainStats, expected: Any = None) -> Any:
        """Minus the mean of log p(z_1) and of each log p(z_(t+1) | z_t)."""
        return -self.inner(self._sum_out(eta)[1], self.expected_stats(eta))

    def kl(self, eta: MarkovChainStats, other: MarkovChainStats) -> Any:
        """As the entropy, of the differences of log probabilities."""
        apart = map(arithmetic.difference, self._sum_out(eta)[1], self._sum_out(other)[1])
        return self.inner(MarkovChainStats(*apart), self.expected_stats(eta))

    def expected_stats(self, eta: MarkovChainStats) -> MarkovChainStats:
        """Forward: p(z_(t+1) = j) = sum_i p(z_t = i) p(z_(t+1) = j | z_t = i)."""
        first, step = map(np.exp, self._sum_out(eta)[1])
        p, pairs = first, np.empty(step.shape)
        for t in range(self.steps - 1):
            pairs[..., t, :, :] = p[..., :, None] * step[..., t, :, :]
            p = pairs[..., t, :, :].sum(-2)
        return MarkovChainStats(first, pairs)

    def sample(
        self, rng: np.random.Generator, eta: MarkovChainStats, shape: tuple[int, ...]
    ) -> Any:
        """Forward too: a state's number is that of the partial sums which a uniform reaches."""
        first, step = (np.exp(f).cumsum(-1)[..., :-1] for f in self._sum_out(eta)[1])
        step = np.broadcast_to(step, (*shape, *step.shape[-3:]))
        uniform = np.asarray(rng.random((*shape, self.steps)))
        z = np.empty(uniform.shape, self.dtype)
        z[..., 0] = (uniform[..., :1] >= first).sum(-1)
        for t in range(1, self.steps):
            here = z[..., t - 1, None, None].astype(np.int64)
            sums = np.take_along_axis(step[..., t - 1, :, :], here, -2)
            z[..., t] = (uniform[..., t, None] >= sums[..., 0, :]).sum(-1)
        return z

    def mean(self, eta: MarkovChainStats) -> Any:
        return _marginals(*self.expected_stats(eta)) @ self._numbers

    def sd(self, eta: MarkovChainStats) -> Any:
        p = _marginals(*self.expected_stats(eta))
        deviation = self._numbers - (p @ self._numbers)[..., None]
        return np.sqrt((p * deviation**2).sum(-1))

    def covariance(self, eta: MarkovChainStats) -> np.ndarray:
        """(*lead, T, T): E[z_u | z_t] is the mean of E[z_u | z_(t+1)] over the step between."""
        p, step = _marginals(*self.expected_stats(eta)), np.exp(self._sum_out(eta)[1].pair)
        off = self._numbers - (p @ self._numbers)[..., None]  # z_t - E[z_t] by state
        found = np.zeros((*p.shape[:-1], self.steps))
        for u in range(self.steps):
            given = off[..., u, :]
            for t in range(u, -1, -1):
                here = (p[..., t, :] * off[..., t, :] * given).sum(-1)
                found[..., t, u] = found[..., u, t] = here
                if t:
                    given = (step[..., t - 1, :, :] @ given[..., None])[..., 0]
        return found

    def quantile(self, eta: MarkovChainStats, p: float) -> Any:
        """Of each step by itself: the first state at which the sum of probabilities reaches p."""
        below = _marginals(*self.expected_stats(eta)).cumsum(-1)[..., :-1]
        return (below < p * WHOLE).sum(-1)

    def in_support(self, z: Any) -> Any:
        return np.isin(z, self._numbers).all(-1)

    def _sum_out(self, eta: MarkovChainStats) -> tuple[Any, MarkovChainStats]:
        """A, and the log probabilities of the first state and of each one given the last."""
        lead = self.lead_shape(eta)
        message, steps = np.zeros((*lead, self.states)), np.empty((*lead, *self.stat_shapes.pair))
        scale: Any = 0.0  # taken out of the messages, which else grow with every step
        for t in range(self.steps - 2, -1, -1):
            weights = eta.pair[..., t, :, :] + message[..., None, :]
            # of a state from which no path goes on, which is never come to: all the same
            message, steps[..., t, :, :] = arithmetic.normalise_logs(weights)
            top = message.max(-1, keepdims=True)
            message, scale = arithmetic.difference(message, top), scale + top[..., 0]
        total, first = arithmetic.normalise_logs(eta.first + message)
        if not np.isfinite(total + scale).all():
            raise NumericalError("every path has probability zero (or a log probability is nan)")
        return total + scale, MarkovChainStats(first, steps)


def _marginals(first: Any, pairs: Any) -> np.ndarray:
    """The probabilities of the states of each step, (*lead, T, K)."""
    return np.concatenate([np.asarray(first)[..., None, :], pairs.sum(-2)], axis=-2)
