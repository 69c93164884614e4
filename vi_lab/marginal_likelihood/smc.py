"""Sequential Monte Carlo: a cloud of particles goes from a wide q to the posterior by small steps.

    pi_b(y) = q(y)**(1 - b) p(x, y)**b,     0 = b_0 < b_1 < ... < b_T = 1                        (1)
    weigh      w_i = (p(x, y_i) / q(y_i))**(b_t - b_(t-1))
    resample   in proportion to the weights
    move       Metropolis steps that leave pi_(b_t) as it is
    p(x)       ~ product over t of the mean of w                                                 (2)

since each mean estimates the ratio of two neighbouring normalising constants (Del Moral, Doucet &
Jasra 2006, eq. 14 and 31). Where a step is not followed by resampling its weights come in on top of
the next ones, and the mean is a weighted one. Steps are as long as `conditional_ess` allows, which
says what is left of the incoming weights (Zhou, Johansen & Aston 2016, eq. 3.15). The error follows
from the genealogy of the very run: E_i is the particle at the start that particle i descends from,
and with its weights W that sum to one

    var / p(x)**2 ~ 1 - (N / (N - 1))**(resamplings + 1) (1 - sum_e (sum_(E_i = e) W_i)**2)      (3)

(Lee & Whiteley 2018, eq. 5-8): few ancestors, a large error.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.marginal_likelihood.importance import LogDensity
from vi_lab.marginal_likelihood.tempering import TemperedCloud
from vi_lab.marginal_likelihood.weights import Weighed, scale_to_mean

LEFT = 0.9  # of the particles' weight after a step
RESAMPLE = 0.6  # of the effective number, below which they are drawn afresh


def estimate_by_smc(
    log_density: LogDensity, q: Any, particles: int, moves: int, rng: np.random.Generator
) -> Weighed:
    """log p(x) by particles that begin at q, each moved so many times a step."""
    cloud = TemperedCloud(log_density, q, particles, rng)
    start = cloud.log_ratio
    log_W = np.full(particles, -np.log(particles))  # that sum to one
    ancestors, resamplings, b, value = np.arange(particles), 0, 0.0, 0.0
    while b < 1.0:
        step = find_step(log_W, cloud.log_ratio, 1.0 - b)
        b += step
        grown = log_W + step * cloud.log_ratio
        total = scale_to_mean(grown)[0] + np.log(particles)
        value, log_W = value + total, grown - total
        if b == 1.0:
            break
        if 1.0 / np.exp(2.0 * log_W).sum() < RESAMPLE * particles:
            chosen = rng.choice(particles, particles, p=np.exp(log_W))
            cloud.take(chosen)
            ancestors, resamplings = ancestors[chosen], resamplings + 1
            log_W = np.full(particles, -np.log(particles))
        cloud.move(b, moves, np.exp(log_W))
    families = np.bincount(ancestors, np.exp(log_W), particles)
    apart = (particles / (particles - 1.0)) ** (resamplings + 1) * (1.0 - (families**2).sum())
    error = float(np.sqrt(max(1.0 - apart, 0.0)))
    points = cloud.y, log_W
    return Weighed(float(value), error, cloud.evaluations, points=points, start=start)


def find_step(log_W: np.ndarray, log_ratio: np.ndarray, longest: float) -> float:
    """The longest step that leaves the share `LEFT` of the weight, by bisection."""
    if conditional_ess(log_W, longest * log_ratio) >= LEFT:
        return longest
    low, high = 0.0, longest
    for _ in range(40):
        middle = 0.5 * (low + high)
        left = conditional_ess(log_W, middle * log_ratio)
        low, high = (middle, high) if left >= LEFT else (low, middle)
    return 0.5 * (low + high)


def conditional_ess(log_W: np.ndarray, log_w: np.ndarray) -> float:
    """(sum W w)**2 / sum W w**2, with W that sum to one: 1 where all w are equal."""
    w = np.exp(log_w - log_w.max())
    W = np.exp(log_W)
    return float((W @ w) ** 2 / (W @ w**2))
