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

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.gaussian_response import respond
from vi_lab.inference.engine.response_blocks import BlockAtOptimum, block_diagonal
from vi_lab.inference.engine.response_checks import refuse_negative_variance, refuse_no_response
from vi_lab.inference.engine.timing import add_seconds
from vi_lab.model_or_problem import M
from vi_lab.results import Factorised, LinearResponse
from vi_lab.results.centring import move_model


@public
@add_seconds
def linear_response(q: Factorised[M] | GaussianPosterior[M]) -> LinearResponse[M]:
    """The means of q with the covariances of its linear response.

    Parameters
    ----------
    q : Factorised or GaussianPosterior
        An optimum, as `cavi` or `gaussian_vi` returns it; of a Gaussian see `gaussian_response`.

    Returns
    -------
    LinearResponse
        `.mean(name)` as of q, `.sd(name)` and `.covariance(name, other)` corrected.

    Raises
    ------
    NotApplicable
        For mixtures of exchangeable components, whose q sits in one of many equal modes, for a q
        that is no optimum, and above 2,000 statistics or 200 parameters of a Gaussian.
    NumericalError
        Where q is no optimum that is a maximum: its response would not be a covariance.
    """
    if isinstance(q, GaussianPosterior):
        return respond(q)
    refuse_no_response(q)
    near = move_model(q)
    model, factors = near.model, near.q
    blocks = {name: BlockAtOptimum(block, factors[name]) for name, block in model.blocks.items()}
    own = block_diagonal(*(plate for b in blocks.values() for plate in b.own))
    V = block_diagonal(*(plate for b in blocks.values() for plate in b.V))
    G = block_diagonal(*(plate for b in blocks.values() for plate in b.G))
    H = hessian(blocks)
    cov = own + G @ (H @ np.linalg.inv(np.eye(len(V)) - V @ H)) @ G.T
    cov = 0.5 * (cov + cov.T)
    refuse_negative_variance(cov, own)
    return LinearResponse(q, cov, model.latents(locate_coordinates(blocks)))


def hessian(blocks: dict[str, BlockAtOptimum]) -> np.ndarray:
    """H of the log joint in the statistics' means, between different blocks.

    A column for each statistic: how all conditionals change when it alone is moved, divided by how
    far. They are affine in it, so that this is the derivative whatever the step.
    """
    t = {name: block.t for name, block in blocks.items()}
    at_rest = {name: block.conditional(t) for name, block in blocks.items()}
    columns = []
    for moved, block in blocks.items():
        t_moved, step = block.moved_statistics()
        change = [
            np.zeros((len(step), len(at_rest[name])))
            if name == moved
            else other.conditional({**t, moved: t_moved}, len(step)) - at_rest[name]
            for name, other in blocks.items()
        ]
        columns.append(np.concatenate(change, axis=-1) / step[:, None])
    return np.concatenate(columns).T.copy()  # rows lie in one piece, as in V


def locate_coordinates(blocks: dict[str, BlockAtOptimum]) -> dict[str, np.ndarray]:
    """Where each coordinate of each block's value stands in the covariance, in its shape."""
    ends = np.cumsum([block.coordinates for block in blocks.values()])
    places = np.split(np.arange(ends[-1]), ends[:-1])
    return {n: b.as_value(p) for (n, b), p in zip(blocks.items(), places, strict=True)}
