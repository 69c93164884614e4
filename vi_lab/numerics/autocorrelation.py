"""How much the chains of a sampler say: R-hat and the effective sample size, of many quantities.

Everything here takes rows (quantities, chains, draws) and gives one number a quantity. Equations
are those of Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021).
"""

from __future__ import annotations

import functools

import numpy as np

from vi_lab.numerics import special


def split(rows: np.ndarray) -> np.ndarray:
    """The halves of each chain as chains of their own, (quantities, 2 chains, draws // 2): a chain
    that drifts then differs from itself. Of an odd number of draws the middle one is left out."""
    half = rows.shape[-1] // 2
    return np.concatenate([rows[..., :half], rows[..., -half:]], axis=1)


def fold(rows: np.ndarray) -> np.ndarray:
    """How far each draw is from the median of all: chains of one place and two widths differ."""
    return np.abs(rows - np.median(rows, axis=(1, 2), keepdims=True))


def score_ranks(rows: np.ndarray) -> np.ndarray:
    """Normal scores of each draw's rank among all of its quantity (eq. 14): finite moments for
    R-hat and ESS, whatever the tails. Equal draws share the mean of their ranks."""
    flat = rows.reshape(len(rows), -1)
    order = flat.argsort(axis=-1)
    ordered = np.take_along_axis(flat, order, -1)
    scores = np.empty_like(flat)
    twice = _double_ranks(ordered[..., 1:] != ordered[..., :-1])
    np.put_along_axis(scores, order, _list_scores(flat.shape[-1])[twice], -1)
    return scores.reshape(rows.shape)


def _double_ranks(edge: np.ndarray) -> np.ndarray:
    """Of sorted draws twice the mean rank, counted from 0, of those equal to each: the places of
    the first and of the last of them added up. `edge` (quantities, draws - 1) is where the next one
    is another."""
    place = np.arange(edge.shape[-1] + 1)
    if edge.all():
        return np.broadcast_to(2 * place, (len(edge), len(place)))
    first, last = (np.full((len(edge), len(place)), end) for end in (0, place[-1]))
    first[:, 1:] = np.maximum.accumulate(edge * place[1:], -1)
    ends = np.where(edge, place[:-1], place[-1])[:, ::-1]
    last[:, :-1] = np.minimum.accumulate(ends, -1)[:, ::-1]
    return np.asarray(first + last)


@functools.lru_cache(maxsize=4)
def _list_scores(count: int) -> np.ndarray:
    """The scores of the ranks 1, 1.5, 2, ..., count among so many draws."""
    ranks = np.arange(2, 2 * count + 1) / 2.0
    return np.asarray(special.ndtri((ranks - 0.375) / (count + 0.25)))


def compare_variances(rows: np.ndarray) -> np.ndarray:
    """R-hat, sqrt(var+ / W) (eqs. 1-4): W is the variance within chains, and var+ = W (n - 1) / n
    + B / n counts that of their means in too. It falls to 1 as chains forget where they began."""
    draws = rows.shape[-1]
    within = rows.var(axis=-1, ddof=1).mean(-1)
    between = draws * rows.mean(-1).var(axis=-1, ddof=1)
    return np.asarray(np.sqrt((between / within + draws - 1) / draws))


def effective_size(rows: np.ndarray) -> np.ndarray:
    """S / tau (eqs. 10-13): independent draws whose mean would have the variance that the mean of
    these S has, tau = 1 + 2 sum_t rho_t. All S where all are the same.

    rho_t is added up in pairs rho_2k + rho_2k+1, which of a reversible chain are positive, fall,
    and end in noise: up to the first that is not positive, none counted as more than the one before
    it (Geyer 1992, section 3.3). Of the pair after them rho_2k once, where it is no less than 0 or
    the chains are too short to show any noise.
    """
    chains, draws = rows.shape[1:]
    rho = _correlate(rows)
    pairs = rho[:, :-1:2] + rho[:, 1::2]
    ended = pairs <= 0.0
    ended[:, -1] = True
    count = ended.argmax(-1)[:, None]
    counted = np.arange(pairs.shape[-1]) < count
    falling = np.where(counted, np.minimum.accumulate(pairs, -1), 0.0)
    after = np.take_along_axis(rho, 2 * count, -1)[:, 0]
    noise = np.take_along_axis(pairs, count, -1)[:, 0] < 0.0
    tau = -1.0 + 2.0 * falling.sum(-1) + np.where(noise, np.maximum(after, 0.0), after)
    size = chains * draws
    # draws that alternate may say more than as many independent ones, but nobody knows how much
    found = size / np.maximum(tau, 1.0 / np.log10(size))
    return np.where(np.ptp(rows, axis=(1, 2)) == 0.0, float(size), found)


def _correlate(rows: np.ndarray) -> np.ndarray:
    """rho_t of all chains together at an even number of lags t = 0, 1, ... (eq. 10), (quantities,
    lags): rho_t = 1 - (W - the chains' mean autocovariance at t) / var+.

    Autocovariances are sums of z_i z_i+t: the inverse transform of |z's transform|^2, z followed by
    as many noughts, lest its end meets its beginning.
    """
    draws = rows.shape[-1]
    transform = np.fft.rfft(rows - rows.mean(-1, keepdims=True), n=2 * draws)
    power = transform.real**2 + transform.imag**2
    lags = max(2 * ((draws - 3) // 2), 0) + 2  # the last few are of a draw or two
    covariance = np.fft.irfft(power.mean(1), n=2 * draws)[:, :lags] / draws
    within = covariance[:, :1] * draws / (draws - 1.0)
    total = within * (draws - 1.0) / draws
    if rows.shape[1] > 1:
        total = total + rows.mean(-1).var(axis=-1, ddof=1)[:, None]
    rho = 1.0 - (within - covariance) / total
    rho[:, 0] = 1.0
    return rho
