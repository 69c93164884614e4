"""Stochastic variational inference: CAVI on minibatches, and on all data only at last.

    local    the labels of a minibatch get their conditionals, as in CAVI
    global   eta_hat = eta_0 + N/n (eta_batch - eta_0): what CAVI would do if all data were like the
             minibatch's;   eta <- (1 - r) eta + r eta_hat

(Hoffman, Blei, Wang & Paisley 2013, figure 4.) eta_hat - eta is the natural gradient of the ELBO,
seen through n of N rows: unbiased, so that rates r_k = (1 + k/delay)**-forgetting find the top, as
sum r_k is infinite and sum r_k**2 is not (Robbins & Monro 1951). With all rows and r = 1 a step is
a sweep of CAVI.

At rate r the variance of eta stays at r/(2 - r) of that of eta_hat, which costs some r/(2 - r) p/2n
nats a datum, with p numbers in eta. Large rates are worth it: the noise shakes two components off
one cluster, where CAVI stands for hundreds of sweeps. A few steps of rate 1 with all rows take it
out at last, each leaving the square of the share of information that the labels hide (Dempster,
Laird & Rubin 1977, section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.inference.engine.minibatch_run import MinibatchRun
from vi_lab.model import Statistics
from vi_lab.model_or_problem import M, ModelOrProblem, as_conjugate_model
from vi_lab.results import Factorised


@public
def svi(
    model: ModelOrProblem[M],
    *,
    batch_size: int,
    rng: Rng = None,
    epochs: int = 5,
    delay: float = 100.0,
    forgetting: float = 0.75,
) -> Factorised[M]:
    """Mean-field q by steps on minibatches; at last a few on all rows, and the local factors.

    Parameters
    ----------
    model : Model, Problem or the name of one
        That says how its data scale: it has `rows`, `row_blocks` and `take_rows`.
    batch_size : int
        Rows of a minibatch, at most all.
    rng : int, SeedSequence or Generator, optional
    epochs : int
        How often each row is seen in a minibatch.
    delay, forgetting : float
        Of the rates (1 + k/delay)**-forgetting, k = 0, 1, ...: delay at least 1, forgetting above
        1/2 and at most 1.

    Returns
    -------
    Factorised
        With `.elbo` over all rows, which is a bound like any other; `.converged` is None.

    Raises
    ------
    NotApplicable
        If the model does not say how its data scale.
    """
    run = MinibatchRun(as_conjugate_model(model, "SVI"), batch_size=batch_size, rng=rng,
                       epochs=epochs, delay=delay, forgetting=forgetting)  # fmt: skip
    return run.finish(steps(run.model, run.start(), run.minibatches(), run.rates()))


def steps(
    model: Any, t: Statistics, minibatches: Iterable[np.ndarray], rates: Iterable[float]
) -> Iterator[tuple[dict[str, Any], Statistics]]:
    """SVI itself: eta and t = E_q[t(z)] of the global blocks after each step.

    `t` are the statistics to begin with, changed in place; a minibatch is an array of rows.
    """
    eta: dict[str, Any] = {}
    for rows, r in zip(minibatches, rates, strict=False):
        part, scale = model.take_rows(rows), model.rows / len(rows)
        for name, block in part.blocks.items():
            found = block.complete_conditional(t)
            if name not in model.row_blocks:
                prior = model.blocks[name].plate_prior.eta
                pairs = list(zip(prior, found, eta.get(name, found), strict=True))
                r_now = r if name in eta else 1.0  # before the first step there is nothing to keep
                found = type(found)(
                    *((1.0 - r_now) * old + r_now * (p + scale * (f - p)) for p, f, old in pairs)
                )
                eta[name] = found
            t[name] = block.family.expected_stats(found)
        yield dict(eta), {name: t[name] for name in eta}
