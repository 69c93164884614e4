"""Linear response: the covariances that a mean-field q does not have, from the q that it is.

Mean field gives every block the density it would have if the others stood still at their means.
Push the log joint by a small <s, t(z)>: q's optimum moves, m(s) = E_q[t], and where q were the
posterior that motion would be its covariance, d m / d s = Cov(t) (Giordano, Broderick & Jordan
2018, theorem 1). At a fixed point of CAVI block b has the natural parameter

    eta_b = g_b(m) + s_b,          g_b(m) = d log_joint / d m_b, the complete conditional,

and d m_b = V_b d eta_b with V_b = Cov_q(t_b) = d E[t_b] / d eta_b. So d m = V (H d m + d s), with
H_bc = d g_b / d m_c between different blocks (and 0 within one), and

    Cov(t) = d m / d s = (I - V H)^-1 V = V + V H V + V H V H V + ...

the first term q's own, the rest what the other blocks send back. For a value z_b with gradient
G_b = d E_q[z_b] / d eta_b the same sum, V^-1 taken out on either side, reads

    Cov(z) = Cov_q(z) + G H (I - V H)^-1 G'.

For a Gaussian target this is the exact covariance. H comes without error from the conditionals, as
they are affine in each block's statistics; V and G from the families, differentiated numerically.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.errors import InputError, InputTypeError, NotApplicable, NumericalError
from vi_lab.families import Categorical, Distribution
from vi_lab.model import Block
from vi_lab.model_or_problem import why_not_conjugate
from vi_lab.results import Factorised, LinearResponse

LARGEST = 2_000  # statistics in all blocks together: the matrices have its square
STILL = 1e-3  # root of the Jeffreys divergence by which an optimum may still move
STEP = 3e-3  # of the numerical derivative, in standard deviations of the statistic
DRAWS = 64  # that say how far to step; a rough figure is enough
STENCIL = ((-2, 1.0), (-1, -8.0), (1, 8.0), (2, -1.0))  # f' = sum w f(k h) / (12 h) + O(h^4)


@public
def linear_response(q: Factorised) -> LinearResponse:
    """The means of q with the covariances of its linear response.

    Parameters
    ----------
    q : Factorised
        An optimum, as `cavi` returns it.

    Returns
    -------
    LinearResponse
        `.mean(name)` as of q, `.sd(name)` and `.covariance(name, other)` corrected.

    Raises
    ------
    NotApplicable
        For mixtures of exchangeable components, whose q sits in one of many equal modes, for a q
        that is no optimum, and above 2,000 statistics.
    NumericalError
        Where q is no optimum that is a maximum: its response would not be a covariance.
    """
    if not isinstance(q, Factorised):
        raise InputTypeError(f"q: needs a Factorised, as cavi returns, got {type(q).__name__}")
    if q.batch:
        raise InputError(f"q: needs a single q, got a batch of shape {q.batch}")
    reason = why_no_response(q.model)
    if reason:
        raise NotApplicable(f"linear response does not apply: {reason}")
    started = time.perf_counter()
    _refuse_no_optimum(q)
    parts = {name: _Part(block, q.q[name]) for name, block in q.model.blocks.items()}
    places = _places({name: part.moments.size for name, part in parts.items()})
    size = sum(part.moments.size for part in parts.values())
    V, H = np.zeros((size, size)), np.zeros((size, size))
    for name, part in parts.items():
        V[places[name], places[name]] = _block_diagonal(part.V)
    for (name, other), pull in _pulls(parts).items():
        H[places[name], places[other]] = pull
    sent = H @ np.linalg.inv(np.eye(size) - V @ H)
    values = _places({name: len(part.own) for name, part in parts.items()})
    G = np.zeros((sum(len(part.own) for part in parts.values()), size))
    own = np.zeros((len(G), len(G)))
    for name, part in parts.items():
        G[values[name], places[name]] = _block_diagonal(part.G)
        own[values[name], values[name]] = part.own
    cov = own + G @ sent @ G.T
    cov = 0.5 * (cov + cov.T)
    _refuse_negative(cov, np.sqrt(np.diag(own)))
    index = {
        name: part.as_values(np.arange(values[name].start, values[name].stop))
        for name, part in parts.items()
    }
    return LinearResponse(q, cov, q.model.latents(index), time.perf_counter() - started)


def why_no_response(model: Any) -> str | None:
    """Why there is no linear response, in a sentence; None where there is."""
    reason = why_not_conjugate(model, "linear response")
    if reason:
        return reason
    if not set(model.nominal) <= set(model.named_labels):
        return (
            "it corrects the spread about one mode, and the components of a mixture have as many "
            "equal modes as names"
        )
    start = model.latents(model.sample_initial_values(np.random.default_rng(0)))
    if not set(model.summaries(start)) & set(start):
        return "what can be compared here are functions of the latents, of which it says nothing"
    size = sum(block.size * _count(block.family.stat_shapes) for block in model.blocks.values())
    if size > LARGEST:
        return f"it inverts a matrix of {size:,} by {size:,}, above the limit of {LARGEST:,}"
    return None


class _Part:
    """One block at q: expected statistics, V and G plate by plate, its values' own covariance.

    With p plates, c statistics and v coordinates of a value in each: moments (p, c), sd (p, c),
    V (p, c, c), G (p, v, c), own (p v, p v). The value of a label is its indicator: a mean per
    class, which adds up to one, so that V is singular; and G is V.
    """

    def __init__(self, block: Block, q: Distribution) -> None:
        self.block, self.eta = block, q.eta
        family = block.family
        label = isinstance(family, Categorical) and family.first is None
        self.shape: Any = family.stat_shapes[0] if label else family.event_shape
        self.t = family.expected_stats(q.eta)
        self.moments = self._flat(self.t, family.stat_shapes, ())
        draws = family.stats(q.sample(DRAWS, rng=0))
        self.sd = self._flat(draws, family.stat_shapes, (DRAWS,)).std(0)
        step = STEP / np.where(self.sd > 0, self.sd, 1.0)
        V: Any = 0.0
        G: Any = 0.0
        for k, weight in STENCIL:
            eta = self._shifted(k * step)
            stats, mean = family.expected_stats(eta), family.mean(eta)
            lead = (step.shape[1],)
            V = V + weight * self._flat(stats, family.stat_shapes, lead)
            G = G + weight * self._flat(mean, self.shape, lead)
        # (c, p, .) by (c, p, 1), and the axis of the derivative last
        scale = 12.0 * step.T[..., None]
        self.V, self.G = np.moveaxis(V / scale, 0, -1), np.moveaxis(G / scale, 0, -1)
        if label:
            self.V = self.G = _of_indicators(self.moments)
            self.own = _block_diagonal(self.V)
        else:
            variance = self._flat(q.sd, self.shape, ()) ** 2
            self.own = _with_diagonal(self._linear(), variance)

    def _linear(self) -> np.ndarray:
        """G V^+ G', the covariance of the part of a value that is linear in t, all of it for most
        families; what the true variance has beyond it stays on the diagonal."""
        inverse = np.linalg.pinv(self.V, hermitian=True)
        linear: np.ndarray = self.G @ inverse @ np.swapaxes(self.G, -1, -2)
        return linear

    def _shifted(self, step: np.ndarray) -> Any:
        """eta with statistic i moved by step[:, i] in its i-th copy: fields (c, *plates, *event).

        A symmetric matrix is moved at (i, j) and (j, i) by half each.
        """
        family, plates = self.block.family, self.block.plates
        fields, begin = [], 0
        for field, shape in zip(self.eta, family.stat_shapes, strict=True):
            size = int(np.prod(shape))
            moved = np.zeros((step.shape[1], *plates, size))
            at = np.arange(size)
            moved[begin + at, ..., at] = step.T[begin + at].reshape(size, *plates)
            moved = moved.reshape(step.shape[1], *plates, *shape)
            if len(shape) == 2 and shape[0] == shape[1]:
                moved = 0.5 * (moved + np.swapaxes(moved, -1, -2))
            fields.append(field + moved)
            begin += size
        return family.Stats(*fields)

    def pushed(self) -> tuple[Any, np.ndarray]:
        """The expected statistics with each of them moved in turn, and by how much (p c,).

        Conditionals are affine in these, so a difference is the derivative whatever the step.
        """
        size = self.moments.size
        reach = np.maximum(np.abs(self.moments), self.sd)
        step = np.empty(reach.shape)
        place = np.arange(size).reshape(reach.shape)
        fields, begin = [], 0
        for field, shape in zip(self.t, self.block.family.stat_shapes, strict=True):
            here = slice(begin, begin + int(np.prod(shape)))
            step[:, here] = reach[:, here].max() or 1.0
            change = np.zeros((size, place[:, here].size))
            change[place[:, here].ravel(), np.arange(change.shape[1])] = step[0, here.start]
            fields.append(field + change.reshape(size, *self.block.plates, *shape))
            begin = here.stop
        return self.block.family.Stats(*fields), step.ravel()

    def conditional(self, t: dict[str, Any], lead: tuple[int, ...]) -> np.ndarray:
        """The complete conditional's natural parameters, (*lead, p, c)."""
        eta = self.block.complete_conditional(t)
        return self._flat(eta, self.block.family.stat_shapes, lead)

    def _flat(self, fields: Any, shapes: Any, lead: tuple[int, ...]) -> np.ndarray:
        """Statistics or values as one array (*lead, p, c)."""
        if not isinstance(fields, tuple):
            fields, shapes = (fields,), (shapes,)
        plates = self.block.plates
        return np.concatenate(
            [
                np.broadcast_to(f, lead + plates + s).reshape(*lead, self.block.size, -1)
                for f, s in zip(fields, shapes, strict=True)
            ],
            axis=-1,
        )

    def as_values(self, flat: np.ndarray) -> Any:
        """Numbers of the coordinates (p v,) in the shape of the block's value."""
        shapes, plates = self.shape, self.block.plates
        if not (shapes and isinstance(shapes[0], tuple)):
            return flat.reshape(plates + shapes)
        cuts = np.cumsum([_count((s,)) for s in shapes])[:-1]
        pieces = np.split(flat.reshape(self.block.size, -1), cuts, axis=-1)
        return type(shapes)(*(p.reshape(plates + s) for p, s in zip(pieces, shapes, strict=True)))


def _pulls(parts: dict[str, _Part]) -> dict[tuple[str, str], np.ndarray]:
    """H_bc of every two different blocks (b, c): (statistics of b, statistics of c)."""
    t = {name: part.t for name, part in parts.items()}
    at_rest = {name: part.conditional(t, ()) for name, part in parts.items()}
    pulls = {}
    for moved, part in parts.items():
        pushed, step = part.pushed()
        for name, other in parts.items():
            if name != moved:
                change = other.conditional({**t, moved: pushed}, step.shape) - at_rest[name]
                pulls[name, moved] = (change.reshape(len(step), -1) / step[:, None]).T
    return pulls


def _refuse_no_optimum(q: Factorised) -> None:
    """One more update of each block, all from q itself, must leave q where it is."""
    t = {name: factor.expected_stats for name, factor in q.q.items()}
    if not all(np.isfinite(field).all() for factor in q.q.values() for field in factor.eta):
        raise NotApplicable(
            "linear response does not apply, because q gives a value probability zero, and no push "
            "of the log joint moves that"
        )
    total = 0.0
    for name, block in q.model.blocks.items():
        eta = block.complete_conditional(t)
        change = block.family.expand(eta, block.plates)
        there, back = (
            block.family.kl(a, b) for a, b in ((q.q[name].eta, change), (change, q.q[name].eta))
        )
        total += float(block.sum_over_plates(there + back, ()))
    if not np.sqrt(max(total, 0.0)) <= STILL:
        raise NotApplicable(
            "linear response does not apply, because q is no optimum yet: one more update of CAVI "
            f"would move it by {total:.2g} nats (Jeffreys divergence)"
        )


def _refuse_negative(cov: np.ndarray, sd: np.ndarray) -> None:
    unit = np.where(sd > 0, sd, 1.0)
    smallest = np.linalg.eigvalsh(cov / np.outer(unit, unit))[0]
    if not smallest > -1e-6:
        raise NumericalError(
            f"the linear response has a negative variance ({smallest:.3g} of q's own): q is not "
            "where its bound is highest; run cavi further, or with more restarts"
        )


def _places(sizes: dict[str, int]) -> dict[str, slice]:
    ends = np.cumsum(list(sizes.values())).tolist()
    return {
        name: slice(end - size, end) for (name, size), end in zip(sizes.items(), ends, strict=True)
    }


def _of_indicators(p: np.ndarray) -> np.ndarray:
    """diag(p) - p p', (plates, K, K): the digits of a class nearly certain are in the others."""
    others = p @ (1.0 - np.eye(p.shape[-1]))
    covariance = -p[..., :, None] * p[..., None, :]
    diagonal = np.arange(p.shape[-1])
    covariance[..., diagonal, diagonal] = p * others
    return covariance


def _with_diagonal(blocks: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """(p, v, v) with these diagonals, as (p v, p v)"""
    blocks = blocks.copy()
    diagonal = np.arange(blocks.shape[-1])
    blocks[..., diagonal, diagonal] = variance
    return _block_diagonal(blocks)


def _block_diagonal(blocks: np.ndarray) -> np.ndarray:
    """(p, r, c) -> (p r, p c)"""
    p, r, c = blocks.shape
    full = np.zeros((p, r, p, c))
    full[np.arange(p), :, np.arange(p), :] = blocks
    return full.reshape(p * r, p * c)


def _count(shapes: Any) -> int:
    return sum(int(np.prod(shape)) for shape in shapes)
