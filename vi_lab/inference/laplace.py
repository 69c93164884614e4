"""Laplace's approximation: a Gaussian at the mode, as curved as the posterior is there.

    q(y)      = N(y; m, P^-1),   m the mode of p(x, y) over y, P = -grad grad' log p(x, m)
    log p(x)  ~ log p(x, m) + D/2 log(2 pi) - 1/2 log|P|

(Bishop 2006, eq. 4.134-4.137.) It looks at one point: it is right where the posterior is Gaussian,
and knows nothing of what is far from the mode. What is summed out is summed out before the mode is
looked for; in other coordinates there is another mode. Where the density rises without end, as over
log tau**2 of a hierarchy, there is none, and no Gaussian is returned. Nor is there where the top is
a corner, which only a density's own gradient tells: differences round it off, and make a Gaussian
of sd 0.025 of exp(-|z|).
"""

from __future__ import annotations

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.inference.engine.gaussian_fit import GaussianFit
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.target import CENTRED
from vi_lab.model_or_problem import M, ModelOrProblem, as_model
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.normal_mixture import NormalMixture


@public
def laplace(
    model: ModelOrProblem[M],
    *,
    rng: Rng = None,
    restarts: int = 8,
    parameterisation: str = CENTRED,
) -> GaussianPosterior[M]:
    """The Gaussian at the highest mode that is found from `restarts` starts.

    Parameters
    ----------
    model : Model, DensityModel, Problem or the name of one
    rng : int, SeedSequence or Generator, optional
    restarts : int
    parameterisation : str
        The real coordinates: "centred", the model's own, or another that it offers.

    Returns
    -------
    GaussianPosterior
        With `.log_evidence_estimate`, and the `.elbo` of q, which is a bound where that is none.

    Raises
    ------
    NoMode
        If the density rises without end, or is flat at its top; a NumericalError too.
    NotApplicable
        If there are no real coordinates, or too many.
    """
    fit = GaussianFit(as_model(model), "Laplace", parameterisation, rng=rng, restarts=restarts)
    mode = fit.find_highest_mode()
    root = mode.root
    log_det = 2.0 * np.log(np.diagonal(root)).sum()
    log_evidence = mode.log_density + 0.5 * (len(mode.y) * LOG_2PI + log_det)
    q = NormalMixture(np.zeros(1), mode.y[None], root[None])
    return fit.result(q, log_evidence_estimate=float(log_evidence))
