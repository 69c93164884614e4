"""log p(x) for any number of latents by importance sampling, with a verdict on its weights.

    p(x) = E_r[w],   w = p(x, z) / r(z),   r = (t_1 + t_2 + q) / 3

r is a mixture, in shares that are dealt and not drawn (Owen & Zhou 2000): the encoder's q, which an
encoder of any quality may have made, and two multivariate t's about modes of p(z|x), as wide as the
posterior is there. A weight is at most three times what any one of them would have given it.

log of a mean of weights falls short of log p(x) on average (Burda et al. 2016, theorem 1), to
leading order by half the squared relative error of the mean. That holds while the weights have a
variance: the Pareto k-hat of their largest says whether they do (Vehtari et al. 2024).
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from vi_lab.errors import ConvergenceWarning
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.results import diagnostics
from vi_lab.runtime.progress import progress
from vi_lab.vae.evidence.reference_decoder import ELEMENTS, Decoder
from vi_lab.vae.evidence.rows import Rows

WEIGHTS = 2**19  # of all data looked at together, times n_latent
MOST_STEPS, MOST_HALVINGS = 50, 30  # of a climb to a mode
ENOUGH = 2200  # draws from which on k-hat may reach 0.7
VERDICT = 100_000  # draws before a mean of weights is said to be a lower bound and no more
FLAT_GAIN = 1e-9  # nats that the next step promises: where a climb ends
FREEDOM = 10  # degrees of freedom of the t's, beyond n_latent: tails heavier than a Gaussian's


class LogEvidence(NamedTuple):
    """log p(x) of each datum in nats.

    Attributes
    ----------
    value, error : array (n,)
        The error is a numerical one; of importance sampling the standard error and the expected
        shortfall together, and infinite where the value is a lower bound alone.
    route : str
    khat : array (n,) or None
        Pareto k-hat of the importance weights; None by quadrature.
    only_a_bound : array (n,) of bool
        Where k-hat is beyond its limit (0.7 from 2200 draws on, lower below), or cannot be told of
        so few draws: a lower bound in expectation, and no error can be stated.
    """

    value: np.ndarray
    error: np.ndarray
    route: str
    khat: np.ndarray | None
    only_a_bound: np.ndarray


def warn_of_bounds(only_a_bound: np.ndarray) -> None:
    """A ConvergenceWarning where log p(x) could not be sampled."""
    if only_a_bound.any():
        warnings.warn(
            f"log p(x) of {only_a_bound.sum()} of {len(only_a_bound)} data is a lower bound and no "
            "more: a few of the importance weights outweigh the others (k-hat is too large), so "
            "its error cannot be told; a larger k may help",
            ConvergenceWarning,
            stacklevel=4,
        )


class Proposal(NamedTuple):
    """One part of r for each datum: location (n, d), lower triangular root (n, d, d) of its scale
    matrix, degrees of freedom (infinite: a Gaussian)."""

    location: np.ndarray
    root: np.ndarray
    freedom: float

    def sample(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """(n, count, d)."""
        n, d = self.location.shape
        eps = rng.standard_normal((n, count, d))
        if np.isfinite(self.freedom):
            chi2 = 2.0 * rng.standard_gamma(0.5 * self.freedom, (n, count, 1))
            eps /= np.sqrt(chi2 / self.freedom)
        return self.location[:, None] + eps @ self.root.mT

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """(n, count) at z (n, count, d)."""
        d, v = z.shape[-1], self.freedom
        white = np.linalg.solve(self.root, (z - self.location[:, None]).mT)
        square = (white**2).sum(1)
        log_root = np.log(np.diagonal(self.root, axis1=1, axis2=2)).sum(1)[:, None]
        if not np.isfinite(v):
            return -0.5 * (square + d * LOG_2PI) - log_root
        constant = special.gammaln(0.5 * (v + d)) - special.gammaln(0.5 * v)
        constant -= 0.5 * d * np.log(v * np.pi)
        return constant - log_root - 0.5 * (v + d) * np.log1p(square / v)


def sample_log_evidence(data: Rows, k: int, rng: np.random.Generator) -> LogEvidence:
    """log p(x) of each datum by k draws.

    k-hat is too large by far of a few thousand draws (`diagnostics.khat`): data that it speaks
    against are drawn anew, as often as it takes for a verdict, unless few draws were asked for.
    """
    value, error, khat = _sample(data, k, rng)
    limit = diagnostics.khat_limit(k)  # from ENOUGH draws on the same for any number
    route = f"importance sampling, {k} draws of the encoder's q and of two t's at modes"
    again = np.flatnonzero(khat > limit)
    if len(again) and ENOUGH <= k < VERDICT:
        value[again], error[again], khat[again] = _sample(data[again], VERDICT, rng)
        route += f"; {VERDICT:,} for {len(again)} of {len(data)} data"
    reliable = khat <= limit  # nan is not
    if not reliable.all():
        route += f"; only a lower bound for {(~reliable).sum()} of {len(data)} data (k-hat)"
    return LogEvidence(value, np.where(reliable, error, np.inf), route, khat, ~reliable)


def _sample(data: Rows, k: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Value, error and k-hat, each (n,), some data at a time."""
    size = max(WEIGHTS // (k * data.dimension), 1)
    parts = [data[i : i + size] for i in range(0, len(data), size)]
    found = [_sample_part(part, k, rng) for part in progress(parts, "importance sampling")]
    return tuple(np.concatenate(field) for field in zip(*found, strict=True))


def _sample_part(data: Rows, k: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Value, error and k-hat, each (n,)."""
    decoder, x = data.decoder, data.x
    mean, logvar = np.split(data.encoded, 2, axis=1)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        proposals = [laplace(decoder, x, start) for start in (mean, np.zeros_like(mean))]
        roots = np.exp(0.5 * np.clip(logvar, -600.0, 600.0))[:, :, None] * np.eye(mean.shape[1])
        proposals.append(Proposal(mean, roots, np.inf))
        counts = [len(share) for share in np.array_split(np.arange(k), len(proposals))]
        dealt = list(zip(proposals, counts, strict=True))
        z = np.concatenate([p.sample(rng, count) for p, count in dealt], axis=1)
        log_p = [np.nan_to_num(p.log_density(z), nan=-np.inf) for p in proposals]
        shares = [np.log(count / k) + one for count, one in zip(counts, log_p, strict=True)]
        log_r = special.logsumexp(shares, axis=0)
        log_w = np.nan_to_num(_log_joint(decoder, x, z) - log_r, nan=-np.inf, posinf=-np.inf)
    return *log_mean_weight(log_w), diagnostics.khat(log_w)


def log_mean_weight(log_w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log of the mean of k weights (n, k), and how far off it may be.

    With m the mean and s^2 = var(w) / (k m^2) its squared relative error, log m has standard error
    s and expectation log E[w] - s^2 / 2, both to leading order (the delta method): s + s^2 / 2.
    """
    k = log_w.shape[1]
    w = np.exp(log_w - log_w.max(1, keepdims=True))
    relative = w.std(1, ddof=1) / w.mean(1) / np.sqrt(k)
    return special.logsumexp(log_w, axis=1) - np.log(k), relative + 0.5 * relative**2


def _log_joint(decoder: Decoder, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """log p(x, z), (n, k), some draws at a time."""
    size = max(decoder.points // len(x), 1)
    parts = [decoder.log_joint(x, z[:, i : i + size]) for i in range(0, z.shape[1], size)]
    return np.concatenate(parts, axis=1)


def laplace(decoder: Decoder, x: np.ndarray, start: np.ndarray) -> Proposal:
    """A t about the mode that a climb from `start` (n, d) ends at, with the inverse of the
    Gauss-Newton precision there for its scale matrix."""
    rows = max(ELEMENTS // (decoder.width * decoder.n_latent), 1)
    parts = [slice(i, i + rows) for i in range(0, len(x), rows)]
    modes = np.concatenate([_mode(decoder, x[part], start[part]) for part in parts])
    precision = np.concatenate([decoder.gauss_newton(x[p], modes[p])[1] for p in parts])
    root = np.linalg.cholesky(np.linalg.inv(precision))
    return Proposal(modes, root, FREEDOM + decoder.n_latent)


def _mode(decoder: Decoder, x: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Gauss-Newton uphill, all data side by side, each halving its own step until it gains."""
    z = start.copy()
    value = np.nan_to_num(decoder.log_joint(x, z[:, None])[:, 0], nan=-np.inf)
    rows = np.arange(len(x))
    for _ in range(MOST_STEPS):
        gradient, precision = decoder.gauss_newton(x[rows], z[rows])
        step = np.linalg.solve(precision, gradient[:, :, None])[:, :, 0]
        going = (gradient * step).sum(1) > FLAT_GAIN
        rows, step = rows[going], step[going]
        gained = np.zeros(len(rows), bool)
        for halving in range(MOST_HALVINGS):
            open_ = np.flatnonzero(~gained)
            if not len(open_):
                break
            trial = z[rows[open_]] + 0.5**halving * step[open_]
            new = decoder.log_joint(x[rows[open_]], trial[:, None])[:, 0]
            better = new > value[rows[open_]]
            kept = open_[better]
            z[rows[kept]], value[rows[kept]], gained[kept] = trial[better], new[better], True
        rows = rows[gained]
        if not len(rows):
            break
    return z
