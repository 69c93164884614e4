"""R-hat, effective sample sizes and Monte Carlo errors of one quantity, draws (chains, draws).

Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), whose equations are cited. Each chain is cut
into halves first, so that one that drifts disagrees with itself. `diagnostics` is their door: here
the draws are finite, not all the same, and at least four of each chain.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from vi_lab.numerics import special

ONE_SD = np.array([0.1586553, 0.8413447])  # Phi(-1), Phi(1)


def split_chains(draws: np.ndarray) -> np.ndarray:
    """The halves of every chain, (2 * chains, draws // 2); a draw in the middle is left out."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def find_normal_scores(values: np.ndarray) -> np.ndarray:
    """z = Phi^-1((rank - 3/8) / (S + 1/4)) of S values among all of them (eq. 14).

    Equal values share the mean of their ranks, which is whole or half of an odd number: so all
    scores that there may be are computed once.
    """
    size = values.size
    scores = _score_half_ranks(size)
    order = values.ravel().argsort()
    ordered = values.ravel()[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    count = np.diff(first, append=size)
    z = np.empty(size)
    z[order] = np.repeat(scores[2 * first + count - 1], count)
    return z.reshape(values.shape)


@lru_cache(maxsize=8)
def _score_half_ranks(size: int) -> np.ndarray:
    """The score of rank 1 + i/2 at place i, (2 * size - 1,)."""
    ranks = np.arange(2, 2 * size + 1) / 2.0
    return special.ndtri((ranks - 0.375) / (size + 0.25))


def find_rank_rhat(split: np.ndarray, scores: np.ndarray) -> float:
    """The larger R-hat of halves: of their normal scores, and of those of the distances from the
    median, which tell chains of different widths apart (section 4.1).

    nan of one chain; inf where no half has moved, and they are at different places.
    """
    if len(split) < 4:
        return np.nan
    if not np.ptp(split, axis=1).any():
        return np.inf if np.ptp(split) > 0 else np.nan
    folded = find_normal_scores(np.abs(split - np.median(split)))
    return max(find_rhat(scores), find_rhat(folded))


def find_rhat(chains: np.ndarray) -> float:
    """sqrt((W (n - 1)/n + B/n) / W), of chains of n draws: between them B, within them W
    (eq. 1-4)."""
    n = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean()
    between = n * chains.mean(axis=1).var(ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.sqrt((between / within + n - 1) / n))


def find_ess(chains: np.ndarray) -> float:
    """S / tau draws that are worth these S (eq. 10-11), tau = -1 + 2 sum_t rho_t.

    Sums of neighbours, rho_2k + rho_2k+1, are positive and fall with k in any reversible chain
    (Geyer 1992): the sum ends before the first that is not positive, and none of them counts for
    more than the one before it. An antithetic chain is worth at most S log10 S.
    """
    size, n = chains.size, chains.shape[1]
    if np.ptp(chains) == 0:  # what differed was left out by the cut
        return float(size)
    rho = _find_autocorrelations(chains)
    if np.isnan(rho).any():
        return np.nan
    pairs = rho[: n - n % 2].reshape(-1, 2)
    sums = pairs.sum(axis=1)
    positive = sums[: max((n - 3) // 2, 0)] > 0  # no pair that reaches the last lag counts
    end = int(np.argmin(np.append(positive, False)))
    falling = np.minimum.accumulate(sums[:end])[:, None]
    kept = np.where(sums[:end, None] > falling, falling / 2.0, pairs[:end])
    # of the pair after these its first number, where it or the pair is not negative
    last = pairs[end, 0] if pairs[end, 0] > 0 or sums[end] >= 0 else 0.0
    tau = -1.0 + 2.0 * kept.sum() + last
    return float(size / max(tau, 1.0 / np.log10(size)))


def find_quantile_ess(chains: np.ndarray, p: float) -> float:
    """Draws that those of "at most the p-quantile", yes or no, are worth (section 4.3)."""
    below = chains <= np.quantile(chains, p)
    return find_ess(split_chains(below.astype(np.float64)))


def find_quantile_error(chains: np.ndarray, p: float) -> float:
    """Half of the way between the draws at the ranks one sd either way of p (section 4.4).

    Of S_eff draws the share below the quantile is Beta(S_eff p + 1, S_eff (1 - p) + 1).
    """
    worth, size = find_quantile_ess(chains, p), chains.size
    shares = special.betaincinv(worth * p + 1.0, worth * (1.0 - p) + 1.0, ONE_SD)
    low, high = shares * size - 1.0
    ordered = np.sort(chains, axis=None)
    return float(ordered[int(min(np.ceil(high), size - 1))] - ordered[int(max(low, 0.0))]) / 2.0


def _find_autocorrelations(chains: np.ndarray) -> np.ndarray:
    """rho_t = 1 - (W - mean over chains of s_t) / var+ of every lag t, (n,) (eq. 10).

    s_t is the autocovariance of a chain, W its mean within and var+ the variance of all draws.
    """
    n = chains.shape[1]
    covariances = autocovariance(chains)
    # lags first: a mean over neighbours in memory is a sum in pairs
    mean = np.ascontiguousarray(covariances.T).mean(axis=1)
    within = mean[0] * n / (n - 1.0)
    total = within * (n - 1.0) / n
    if len(chains) > 1:
        total += chains.mean(axis=1).var(ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1.0 - (within - mean) / total
    rho[0] = 1.0
    return rho


def autocovariance(chains: np.ndarray) -> np.ndarray:
    """(chains, n) -> (chains, n): each chain's autocovariance at every lag, by FFT.

    Noughts as long as the chain behind it keep its ends apart.
    """
    # scipy: only where wanted
    from scipy.fft import next_fast_len

    n = chains.shape[1]
    length = next_fast_len(2 * n, real=True)
    spectrum = np.fft.rfft(chains - chains.mean(axis=1, keepdims=True), n=length)
    return np.fft.irfft(spectrum * np.conjugate(spectrum), n=length)[:, :n] / n
