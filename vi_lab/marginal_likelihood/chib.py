"""Chib's method: Bayes' rule read backwards at one point.

    log p(x) = log p(x, t*) - log p(t* | x)          for any t*                                  (1)

(Chib 1995, eq. 4.) The numerator is the log joint with labels and auxiliaries summed out. The
posterior ordinate comes from complete conditionals: of one block, and what is summed out, s,

    p(t* | x) = E[p(t* | x, s)] ~ the mean of p(t* | x, s_g) over draws of the posterior         (2)

and of two blocks a and b

    p(a*, b* | x) = E[p(a* | x, b, s)] E[p(b* | x, a*, s) | a = a*]                              (3)

(eq. 9-12): the second mean is over a Gibbs run in which a stands still at a*, and no run at all
where nothing is summed out. Errors are those of means over chains, in units of the mean.

Labels that are mere names have K! copies of every mode, and chains that never swap them see one:
(2) would then be K! times too large. The posterior is the same under every naming, so that its
draws may be renamed at will, and the mean taken over all K! (Berkhof, van Mechelen & Gelman 2003).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.marginal_likelihood.namings import Namings
from vi_lab.marginal_likelihood.posterior_draws import count, one_draw, repeat, stack, thin
from vi_lab.marginal_likelihood.weights import Weighed, log_mean_of_chains
from vi_lab.model import Values, log_joint_collapsed, statistics

WALKERS, SWEEPS, WARMUP = 250, 40, 10  # of the Gibbs run in which the first block stands still


def estimate_by_chib(
    model: Any, moved: tuple[str, ...], values: Values, star: Values, namings: Namings,
    rng: np.random.Generator,
) -> Weighed:  # fmt: skip
    """log p(x) from draws of every block, (chains, draws, ...), at the point `star` of the moved.

    moved : the one or two blocks that are not summed out
    """
    others = tuple(name for name in model.blocks if name not in moved)
    first, rest = moved[0], moved[1:]
    log_joint = log_joint_collapsed(model, statistics(model, star), others)
    log_h = average_over_namings(model, first, values, star, namings)
    ordinate, error = log_mean_of_chains(log_h)
    if others and error == 0.0:  # all draws alike: one in so many may have differed
        error = 1.0 / log_h.size
    evaluations = log_h.size * len(namings.orders)
    for name in rest:
        held = run_with_one_held(model, first, values, star, rng) if others else one_draw(star)
        log_h = average_over_namings(model, name, held, star, namings.alone)
        found, error_held = log_mean_of_chains(log_h)
        ordinate, error = ordinate + found, np.hypot(error, error_held)
        evaluations += log_h.size
    return Weighed(float(log_joint - ordinate), float(error), evaluations)


def average_over_namings(
    model: Any, name: str, values: Values, star: Values, namings: Namings
) -> np.ndarray:
    """log of the mean over namings of p(t* | the rest) at each draw, (chains, draws)."""
    block = model.blocks[name]
    found = []
    for renamed in namings.of(values):
        eta = block.complete_conditional(statistics(model, renamed))
        batch = count(renamed)
        log_h = block.family.log_density(star[name], eta)
        log_h = np.broadcast_to(log_h, batch + block.plates)
        found.append(block.sum_over_plates(log_h, batch))
    return np.logaddexp.reduce(found, axis=0) - np.log(len(found))


def run_with_one_held(
    model: Any, held: str, values: Values, star: Values, rng: np.random.Generator
) -> Values:
    """Draws of the other blocks given the one held at its star, (walkers, sweeps, ...)."""
    blocks = model.blocks
    state = thin(values, WALKERS)
    walkers = count(state)[0]
    state[held] = repeat(star[held], walkers)
    t = statistics(model, state)
    kept: dict[str, list[Any]] = {name: [] for name in blocks}
    for sweep in range(WARMUP + SWEEPS):
        for name in blocks:
            if name != held:
                eta = blocks[name].complete_conditional(t)
                shape = (walkers, *blocks[name].plates)
                state[name] = blocks[name].family.sample(rng, eta, shape)
                t[name] = blocks[name].family.stats(state[name])
            if sweep >= WARMUP:
                kept[name].append(state[name])
    return {name: stack(z) for name, z in kept.items()}
