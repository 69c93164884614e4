"""What warmup learns: the covariance of the proposal and the length of its steps.

(Roberts, Gelman & Gilks 1997; Andrieu & Thoms 2008, algorithm 4.)
"""

from __future__ import annotations

import numpy as np

from vi_lab.arguments.user_models import explain
from vi_lab.errors import NumericalError
from vi_lab.inference.engine.random_walk import WARMUP, RandomWalk, far_out

WINDOWS = (0.1, 0.25, 0.5, 1.0)  # ends of the adaptation windows, as shares of warmup
OTHER_UNIT = 1e3  # times wider or closer than 1, and a coordinate has another unit


@far_out
def adapt(walk: RandomWalk, warmup: int) -> None:
    """Windows of growing length: within each the step is steered, at its end L is re-estimated.

    The covariance is that of each chain about its own mean, averaged over chains, so that
    chains still far apart do not widen it. The last window steers the step alone. The first
    proposal is independent, with an sd of 1 or, in a coordinate whose starts lie more than
    `OTHER_UNIT` times further apart or closer than that, with theirs.
    """
    spread = np.where(np.ptp(walk.y, axis=0) > 0, walk.y.std(0), 1.0)
    known = np.abs(np.log(spread)) > np.log(OTHER_UNIT)
    walk.cholesky = np.diag(np.where(known, spread, 1.0))
    target_rate = 0.234 + 0.206 / walk.dimension  # 0.44 in one dimension, 0.234 in many
    walk.step[:] = 2.38 / np.sqrt(walk.dimension)
    ends = [round(share * warmup) for share in WINDOWS]
    for window, (begin, end) in enumerate(zip([0, *ends], ends, strict=False)):
        path = _steer(walk, end - begin, target_rate)
        if window < len(WINDOWS) - 1 and end - begin > 10 * walk.dimension:
            root = learn_root(path, most_shrunk=0.1)
            if root is not None:  # else the step will shrink until something moves
                walk.cholesky = root
                walk.step[:] = 2.38 / np.sqrt(walk.dimension)


def _steer(walk: RandomWalk, steps: int, target_rate: float) -> np.ndarray:
    """Robbins-Monro on the log step of each chain, towards the target acceptance rate."""
    path = np.empty((steps, walk.chains, walk.dimension))
    y, log_p, log_density, log_step = walk.y, walk.log_p, walk.log_density, np.log(walk.step)
    step, rate, proposal = walk.step.copy(), np.empty(walk.chains), np.empty_like(y)
    scale = step[:, None]
    accept = np.empty(walk.chains, dtype=bool)
    where = accept[:, None]
    gains = (np.arange(steps) + 1.0) ** -0.6
    for begin, jumps, exponentials in walk.noise(steps, WARMUP):
        ratios = np.empty(exponentials.shape)
        try:
            for jump, exponential, ratio, gain, place in zip(
                jumps, exponentials, ratios, gains[begin:], path[begin:], strict=False
            ):
                np.multiply(jump, scale, out=proposal)
                proposal += y
                log_q = log_density(proposal)
                np.subtract(log_q, log_p, out=ratio)  # of log densities; kept to look for nan
                exponential += ratio
                np.greater(exponential, 0.0, out=accept)
                np.copyto(y, proposal, where=where)
                np.copyto(log_p, log_q, where=accept)
                np.fmin(ratio, 0.0, out=rate)
                np.exp(rate, out=rate)
                rate -= target_rate
                rate *= gain
                log_step += rate
                np.exp(log_step, out=step)
                place[...] = y
        except Exception as error:
            raise explain("the log density at a proposal of the warmup", error) from error
        if not (ratios < np.inf).all():
            bad = ratios[~(ratios < np.inf)][0]
            raise NumericalError(f"warmup: the log density is {bad:g} at a proposal")
    walk.step = step
    return path


def learn_root(path: np.ndarray, most_shrunk: float) -> np.ndarray | None:
    """L of the covariance of chains (steps, chains, D) about their own means, without the first
    third; None where a coordinate has not moved.

    Up to a share `most_shrunk` of it is its diagonal: that keeps a covariance from few draws well
    conditioned.
    """
    late = path[len(path) // 3 :]
    deviation = (late - late.mean(0)).reshape(-1, path.shape[-1])
    if not (deviation.std(0) > 0).all():
        return None
    covariance = deviation.T @ deviation / len(deviation)
    share = min(most_shrunk, 2.0 * path.shape[-1] / len(deviation))
    return np.linalg.cholesky((1.0 - share) * covariance + share * np.diag(np.diag(covariance)))
