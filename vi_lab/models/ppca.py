"""Probabilistic principal component analysis.

    z_n ~ N(0, I)                           n = 1..N
    x_n ~ N(W z_n + mu, sigma2 I)

(Tipping & Bishop 1999; Bishop 2006, 12.2.) The likelihood does not change when W is rotated, W R;
mean field does: it is exact where the columns of W are orthogonal and pays where they are not.
"""

from __future__ import annotations

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError, refuse_if
from vi_lab.model import Values
from vi_lab.models.linear_gaussian import LinearGaussian


class PPCA(LinearGaussian):
    """x_n ~ N(W z_n + mu, sigma2 I) with z_n ~ N(0, I).

    Parameters
    ----------
    x : array (N, D)
    W : array (D, q)
    mu : array (D,)
    sigma2 : float
        Noise variance, in the squared unit of x.
    blocks : "coordinates" or "joint"
        One block for each latent coordinate, or all in one (which is exact).
    """

    @public
    def __init__(
        self, x: Reals, W: Reals, mu: Reals, sigma2: float, blocks: str = "coordinates"
    ) -> None:
        self.sigma2 = checks.positive("sigma2", sigma2)
        size = checks.observations("x", x, ndim=2).shape[1]
        super().__init__(x, W, mu, np.full(size, self.sigma2), blocks)

    @classmethod
    @public
    def maximum_likelihood(
        cls, x: Reals, q: int, rotation: float = 0.0, blocks: str = "coordinates"
    ) -> PPCA:
        """The model at Tipping & Bishop's closed-form maximum (1999, eq. 7-8; Bishop 12.45-12.46).

        With l_1 >= ... >= l_D and U the eigenvalues and eigenvectors of the sample covariance
        (divisor N): sigma2 = mean(l_(q+1), ..., l_D) and W = U_q (L_q - sigma2 I)^(1/2) R.

        Parameters
        ----------
        q : int
            From 1 to D - 1: at least one direction is left to the noise.
        rotation : float
            Angle in radians by which R turns the first two latent coordinates; the likelihood is
            the same at every angle.
        """
        x = checks.observations("x", x, ndim=2)
        q = checks.integer("q", q, 1)
        n, size = x.shape
        refuse_if(q >= size, f"q: needs at most D - 1 = {size - 1} latent coordinates, got {q}")
        rotation = checks.real("rotation", rotation)
        if rotation and q < 2:
            raise InputError("rotation: needs at least two latent coordinates to turn, got q = 1")
        mu = x.mean(0)
        _, singular, directions = np.linalg.svd(x - mu, full_matrices=False)
        values = np.zeros(size)
        values[: len(singular)] = singular**2 / n
        sigma2 = values[q:].mean()
        if sigma2 <= values[0] * np.finfo(np.float64).eps * size:
            raise InputError(
                f"x: lies in {q} dimensions but for rounding, so the noise variance has no maximum"
            )
        directions = directions[:q] * np.where(directions[:q].sum(1) < 0, -1.0, 1.0)[:, None]
        W = directions.T * np.sqrt(values[:q] - sigma2)
        if rotation:
            turn = np.eye(q)
            c, s = np.cos(rotation), np.sin(rotation)
            turn[:2, :2] = [[c, -s], [s, c]]
            W = W @ turn
        return cls(x, W, mu, sigma2, blocks)

    def sample_data(self, rng: np.random.Generator, values: Values) -> PPCA:
        return PPCA(self._draw_rows(rng, values), self.W, self.mu, self.sigma2, self.cut)
