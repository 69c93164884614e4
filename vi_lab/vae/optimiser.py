"""Gradient ascent on one flat vector, in place: SGD and Adam."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

BLOCK = 2**16  # elements worked on at a time: four blocks of float32 and a scratch fit a 2 MB cache


class Optimiser(ABC):
    """Moves a flat vector of parameters uphill, writing into it.

    Attributes
    ----------
    steps : int
        Steps taken so far.
    """

    steps = 0

    def __init__(self, theta: np.ndarray, learning_rate: float) -> None:
        self.theta = theta
        self.learning_rate = learning_rate

    @abstractmethod
    def step(self, gradient: np.ndarray) -> None:
        """One step along a gradient of theta's shape and type; the gradient is used up."""

    @property
    def moments(self) -> Mapping[str, np.ndarray]:
        """The arrays that, beside theta and `steps`, are the optimiser's state; none by default."""
        return {}


class SGD(Optimiser):
    """Stochastic gradient ascent: theta <- theta + learning_rate gradient."""

    def step(self, gradient: np.ndarray) -> None:
        self.steps += 1
        gradient *= self.learning_rate
        self.theta += gradient


class Adam(Optimiser):
    """Adam with bias correction (Kingma & Ba 2015, algorithm 1), uphill:

        m <- b1 m + (1 - b1) g        v <- b2 v + (1 - b2) g^2
        theta <- theta + a (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)

    What is kept are the sums M = m / (1 - b1) and V = v / (1 - b2), which need no factor at g, and
    all scalar factors go into one step size and one eps (the rewriting at the end of their
    section 2): with c = sqrt((1 - b2) / (1 - b2^t)),

        M <- b1 M + g       V <- b2 V + g^2       theta <- theta + A M / (sqrt(V) + eps / c)

    where A = a (1 - b1) / ((1 - b1^t) c). Reals are the same but for rounding. Each block goes
    through all of it while it is in the cache.
    """

    def __init__(
        self,
        theta: np.ndarray,
        learning_rate: float,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(theta, learning_rate)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.first = np.zeros_like(theta)
        self.second = np.zeros_like(theta)
        self._scratch = np.empty(min(theta.size, BLOCK), theta.dtype)

    @property
    def moments(self) -> Mapping[str, np.ndarray]:
        return {"first": self.first, "second": self.second}

    def step(self, gradient: np.ndarray) -> None:
        self.steps += 1
        b1, b2, t = self.beta1, self.beta2, self.steps
        c = ((1.0 - b2) / (1.0 - b2**t)) ** 0.5
        size = self.learning_rate * (1.0 - b1) / ((1.0 - b1**t) * c)
        eps = self.eps / c
        for start in range(0, gradient.size, BLOCK):
            block = slice(start, start + BLOCK)
            g, m, v = gradient[block], self.first[block], self.second[block]
            change = self._scratch[: g.size]
            m *= b1
            m += g
            g *= g
            v *= b2
            v += g
            np.sqrt(v, out=change)
            change += eps
            np.divide(m, change, out=change)
            change *= size
            self.theta[block] += change


OPTIMISERS: dict[str, type[Optimiser]] = {"adam": Adam, "sgd": SGD}
