"""KL[q || p] in nats between any two: distributions, and results over the same latents."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.posterior_hooks import read_divergence
from vi_lab.arguments.public import public
from vi_lab.errors import InputError, InputTypeError
from vi_lab.families import Distribution
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.exact import exact
from vi_lab.model_or_problem import ModelLike, is_model, model_behind, same_model
from vi_lab.numerics.agreement import judge, refuse_impossible
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Draws, Exact, Factorised, GaussianRows, Posterior


@public
def kl(q: Distribution | Posterior, p: Distribution | Posterior | ModelLike) -> float | Any:
    """KL[q || p] in nats.

    Parameters
    ----------
    q : Distribution, Factorised, GaussianPosterior, GaussianRows, Exact, or a trained VAE
        The last, an Amortised, for a p of a DecoderModel: the encoder's q of its data.
    p : Distribution (for a Distribution q), Exact, Factorised over the same blocks, GaussianRows of
        the same model, or a Model, Problem or the name of one, which stands for its posterior

    Returns
    -------
    float or array
        One number for every (*batch, *plates) of distributions, for every batch of a Factorised.
    """
    if isinstance(q, Distribution) and isinstance(p, Distribution):
        value = q.family.kl(q.eta, q.family.adopt(p).eta)
    else:
        value = _kl_of_posteriors(q, p)
    checks.require_finite("the KL", value, infinite=True)
    return float(value) if np.ndim(value) == 0 else value


def _kl_of_posteriors(q: Any, p: Any) -> Any:
    if isinstance(q, Posterior) and not isinstance(q, Draws) and is_model(p):
        p = exact(p)
    if isinstance(q, Posterior) and isinstance(p, Exact | Factorised | GaussianRows):
        q = q.for_model(p.model)
    match q, p:
        case Factorised(), Factorised():
            if q.q.keys() != p.q.keys():
                raise InputError(f"p: needs factors for {', '.join(q.q)}, got {', '.join(p.q)}")
            batch = np.broadcast_shapes(q.batch, p.batch)
            return sum(
                block.sum_over_plates(kl(q.q[name], p.q[name]), batch)
                for name, block in q.model.blocks.items()
            )
        case Factorised(), Exact():
            blocks = model_behind(p).blocks
            if q.q.keys() != blocks.keys():
                raise InputError(
                    f"p: needs the exact posterior of a model with blocks {', '.join(q.q)}, "
                    f"got {', '.join(blocks) or 'none'}"
                )
            return _read_estimate(q, p)
        case ((Exact() | GaussianRows() | GaussianPosterior()), Exact()):
            if not same_model(q.model, p.model):
                raise InputError("p: needs the exact posterior of q's own model")
            return _read_estimate(q, p)
        case GaussianRows(), GaussianRows():
            if q.location.shape != p.location.shape:
                raise InputError(f"p: needs rows {q.location.shape}, got {p.location.shape}")
            return np.sum(kl(q.q["z"], p.q["z"]))
    raise InputTypeError(
        "kl(q, p) needs two distributions, or a q with a density and an Exact, Factorised or "
        f"GaussianRows p of the same kind of model; got {type(q).__name__} and {type(p).__name__}"
    )


def _read_estimate(q: Any, truth: Exact) -> Any:
    """The KL alone; NumericalError where it is below 0 by more than its error."""
    found = kl_estimate(q, truth)
    refuse_impossible("the KL", judge(found.value, {"the KL": found}))
    return found.value


def kl_estimate(q: Any, truth: Exact) -> Estimate:
    """KL[q || p(z|x)] with its error and route, from the normalised posterior in its own form."""
    if isinstance(q, Exact):
        return Estimate(0.0, 0.0, "closed form")
    if isinstance(q, GaussianPosterior):
        return q.kl_from(truth)
    factors = q if isinstance(q, GaussianRows) else q.q
    found: Estimate = read_divergence(truth.posterior, factors)
    return found
