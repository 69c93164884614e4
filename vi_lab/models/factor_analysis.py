"""Factor analysis: PPCA with a noise variance for each column.

    z_n ~ N(0, I)                           n = 1..N
    x_n ~ N(W z_n + mu, diag(psi))

(Bishop 2006, 12.2.4.) Here too the likelihood does not change when W is rotated, and mean field
does; its exact frame is the one in which W' Psi^-1 W is diagonal.
"""

from __future__ import annotations

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError, refuse_if
from vi_lab.model import Values
from vi_lab.models.linear_gaussian import CUTS, LinearGaussian


class FactorAnalysis(LinearGaussian):
    """x_n ~ N(W z_n + mu, diag(psi)) with z_n ~ N(0, I).

    Parameters
    ----------
    x : array (N, D)
    W : array (D, q)
    mu : array (D,)
    psi : array (D,)
        Noise variances, in the squared units of the columns of x.
    blocks : "coordinates" or "joint"
        One block for each latent coordinate, or all in one (which is exact).
    """

    @public
    def __init__(
        self, x: Reals, W: Reals, mu: Reals, psi: Reals, blocks: str = "coordinates"
    ) -> None:
        size = checks.observations("x", x, ndim=2).shape[1]
        super().__init__(x, W, mu, checks.positive_array("psi", psi, (size,)), blocks)

    @classmethod
    @public
    def maximum_likelihood(
        cls,
        x: Reals,
        q: int,
        max_iterations: int = 100_000,
        tol: float = 1e-13,
        blocks: str = "coordinates",
    ) -> FactorAnalysis:
        """The model at its maximum likelihood, by EM (Rubin & Thayer 1982; Bishop 12.64-12.66).

        E step:  G = (I + W'Psi^-1 W)^-1,  B = G W'Psi^-1,  E[z] = B (x - mu)
        M step:  W = S B' (G + B S B')^-1,  psi = diag(S - W B S),  S the sample covariance.

        W is returned in the frame in which W' Psi^-1 W is diagonal.
        """
        x = checks.observations("x", x, ndim=2)
        q = checks.integer("q", q, 1)
        refuse_if(q >= x.shape[1], f"q: needs at most D - 1 = {x.shape[1] - 1} factors, got {q}")
        rounds = checks.integer("max_iterations", max_iterations, 1)
        tol = checks.non_negative("tol", tol)
        blocks = checks.one_of("blocks", blocks, CUTS)
        mu = x.mean(0)
        S = (x - mu).T @ (x - mu) / len(x)
        least = np.finfo(np.float64).eps * np.diag(S)  # of a noise variance, above which it is none
        values, vectors = np.linalg.eigh(S)
        W = vectors[:, ::-1][:, :q] * np.sqrt(values[::-1][:q])
        psi = 0.5 * np.diag(S)
        for _ in range(rounds):
            if not (psi > least).all():
                column = int(np.argmin(psi > least))
                raise InputError(
                    f"x: column {column} is constant or wholly explained by {q} factors, so its "
                    "noise variance has no maximum; leave it out or take fewer factors"
                )
            G = np.linalg.inv(np.eye(q) + W.T @ (W / psi[:, None]))
            B = G @ (W / psi[:, None]).T
            W = np.linalg.solve(G + B @ S @ B.T, B @ S).T
            before, psi = psi, np.diag(S - W @ B @ S)
            if np.abs(psi - before).max() <= tol * np.diag(S).max():
                break
        _, turn = np.linalg.eigh(W.T @ (W / psi[:, None]))
        return cls(x, W @ turn[:, ::-1], mu, psi, blocks)

    def sample_data(self, rng: np.random.Generator, values: Values) -> FactorAnalysis:
        return FactorAnalysis(self._draw_rows(rng, values), self.W, self.mu, self.psi, self.cut)
