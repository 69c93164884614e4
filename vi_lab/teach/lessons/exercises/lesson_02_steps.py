"""Lesson 02: one step of Metropolis on a density over the line, and the walk that it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise


def log_p(z):
    """The log density that lesson 02 walks on, without its constant."""
    return -(z**2) / 2 - z**4 / 10 + 0.7 * z


def gain(z: Any, new: Any) -> Any:
    """log p(new) - log p(z)"""
    return log_p(new) - log_p(z)


# 02.2 ------------------------------------------------------------------------------------------


def mh_step(z, eps, u, step):
    """One step of Metropolis on log_p: the next z, and nothing else. All are plain numbers.

    eps is standard normal noise, u uniform on (0, 1), step an sd: z' = z + step eps is proposed.
    Accept when log u < log p(z') - log p(z).
    """
    proposal = z + step * eps
    accepted = np.log(u) < log_p(proposal) - log_p(z)
    return proposal if accepted else z


def step_inputs(rng: Generator, i: int) -> tuple[Any, ...]:
    """Any u; or log u = c times the gain, down- or uphill, where a factor in the rule decides."""
    z, eps, step, u = rng.normal(0, 1.2), rng.normal(), rng.uniform(0.3, 2.5), rng.uniform()
    c = (0.0, 0.6, 0.85, 1.15, 2.15, 3.5, -0.7, -1.3)[i % 8]
    if c * (gain(z, z + step * eps) - gain(z, z - step * eps)) > 0:
        eps = -eps
    if c * gain(z, z + step * eps) < 0:
        u = np.exp(c * gain(z, z + step * eps))
    if i == 8:
        z, u = 0.7, 0.95  # at the top, where log p is above 0
    return float(z), float(eps), float(np.clip(u, 1e-9, 0.9999)), float(step)


def accepts(wrong: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """A step with a wrong rule (u, z, new)."""
    return lambda z, eps, u, step: z + step * eps if wrong(u, z, z + step * eps) else z


def proposes(wrong: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """A step with a wrong proposal (z, eps, step)."""
    return lambda z, eps, u, step: chosen(z, wrong(z, eps, step), u, z)


def chosen(z: Any, new: Any, u: Any, otherwise: Any) -> Any:
    """The new place if it is accepted from z."""
    return new if np.log(u) < gain(z, new) else otherwise


WRONG_RULES = {
    "Every proposal is accepted: where is the chance to stay?": accepts(lambda u, z, n: True),
    "u is compared with a log ratio: take log u.": accepts(lambda u, z, n: u < gain(z, n)),
    "You go uphill only: that is optimisation.": accepts(lambda u, z, n: gain(z, n) > 0),
    "The ratio is upside down.": accepts(lambda u, z, n: np.log(u) < gain(n, z)),
    "It accepts where it should reject.": accepts(lambda u, z, n: np.log(u) > gain(z, n)),
    "You took p(z') alone, without p(z): compare both ends.": accepts(
        lambda u, z, n: np.log(u) < log_p(n)
    ),
    "log p(z') is missing: compare both ends.": accepts(lambda u, z, n: np.log(u) < -log_p(z)),
    "You divided logs of densities: subtract them.": accepts(
        lambda u, z, n: u < np.divide(log_p(n), log_p(z))
    ),
    "You held log u against a ratio of logs: subtract them.": accepts(
        lambda u, z, n: np.log(u) < np.divide(log_p(n), log_p(z))
    ),
    "The sign of log u is wrong: it is negative already.": accepts(
        lambda u, z, n: -np.log(u) < gain(z, n)
    ),
    "You took 1 - u for u: the same law, but here log u decides.": accepts(
        lambda u, z, n: np.log(1 - u) < gain(z, n)
    ),
    "The ratio is squared: there is no 2 in the rule.": accepts(
        lambda u, z, n: np.log(u) < 2 * gain(z, n)
    ),
    "You took a root of the ratio: there is no half in the rule.": accepts(
        lambda u, z, n: np.log(u) < gain(z, n) / 2
    ),
    "Logs are added: subtract log p(z).": accepts(lambda u, z, n: np.log(u) < log_p(n) + log_p(z)),
    "The target is not N(0, 1): use log_p.": accepts(lambda u, z, n: np.log(u) < (z**2 - n**2) / 2),
    "-z^4/10 is missing in the target: use log_p.": accepts(
        lambda u, z, n: np.log(u) < (z**2 - n**2) / 2 + 0.7 * (n - z)
    ),
    "0.7 z is missing in the target: use log_p.": accepts(
        lambda u, z, n: np.log(u) < gain(z, n) - 0.7 * (n - z)
    ),
    "log10 is not the natural logarithm.": accepts(lambda u, z, n: np.log10(u) < gain(z, n)),
    "log2 is not the natural logarithm.": accepts(lambda u, z, n: np.log2(u) < gain(z, n)),
    "A fair coin decides, whatever the ratio is.": accepts(lambda u, z, n: u < 0.5),
    "Every proposal is rejected.": accepts(lambda u, z, n: False),
    "You took a rule of Barker's: right in the long run, but not the rule asked for.": accepts(
        lambda u, z, n: u < 1 / (1 + np.exp(-gain(z, n)))
    ),
    "The size of the density was taken, not its logarithm: log_p is a log already.": accepts(
        lambda u, z, n: u < np.divide(np.log(abs(log_p(n))), np.log(abs(log_p(z))))
    ),
}
WRONG_PROPOSALS: dict[str, Callable[..., Any]] = {
    "The step is used as a variance: it is an sd.": proposes(lambda z, e, s: z + s**0.5 * e),
    "The proposal does not start from z.": proposes(lambda z, e, s: s * e),
    "The step is missing: the noise has sd one.": proposes(lambda z, e, s: z + e),
    "The step was squared: it is an sd.": proposes(lambda z, e, s: z + s**2 * e),
    "The noise was divided by the step.": proposes(lambda z, e, s: z + e / s),
    "The noise was subtracted: the same law, but here z' = z + step eps.": proposes(
        lambda z, e, s: z - s * e
    ),
    "z was multiplied by the step too: only the noise is.": proposes(lambda z, e, s: s * (z + e)),
    "The noise is missing: every proposal is a step to the right.": proposes(lambda z, e, s: z + s),
    "The noise was turned into a move of its size: it may go left.": proposes(
        lambda z, e, s: z + s * abs(e)
    ),
    "You made a log-normal move: here the walk adds, z' = z + step eps.": proposes(
        lambda z, e, s: z * np.exp(s * e)
    ),
    "u moves and eps decides: they changed places.": lambda z, e, u, s: chosen(
        z, z + s * u, abs(e), z
    ),
    "u moves: the noise is eps.": lambda z, e, u, s: chosen(z, z + s * u, u, z),
    "This is the move: add it to z.": lambda z, e, u, s: chosen(z, z + s * e, u, z) - z,
    "A rejected walk stays at z: you went to 0.": lambda z, e, u, s: (
        chosen(z, z + s * e, u, 0.0) * (np.log(u) < gain(z, z + s * e))
    ),
    "A rejected walk stays at z: it does not go the other way.": lambda z, e, u, s: (
        z + s * e if np.log(u) < gain(z, z + s * e) else z - s * e
    ),
    "A rejected walk stays at z: you went to the noise.": lambda z, e, u, s: chosen(
        z, z + s * e, u, s * e
    ),
    "You took half a step: z' = z + step eps.": proposes(lambda z, e, s: z + s * e / 2),
    "You took twice the step: z' = z + step eps.": proposes(lambda z, e, s: z + 2 * s * e),
    "This says whether it moved: the next z is wanted.": lambda z, e, u, s: float(
        np.log(u) < gain(z, z + s * e)
    ),
}

STEP = Exercise(
    id="02.2",
    title="One step of Metropolis",
    minutes=10,
    star=False,
    inputs=step_inputs,
    right=mh_step,
    mistakes=WRONG_RULES | WRONG_PROPOSALS,
    samples=48,
    hints=(
        "Propose, then toss the coin: u is the coin. What comes back where the coin says no?",
        "z' = z + step eps, taken when log u < log p(z') - log p(z), otherwise z once more",
        "proposal = z + step * eps",
    ),
    relations=False,
)

# 02.5 ------------------------------------------------------------------------------------------


def run(z, eps, u, step):
    """The chain of len(eps) states that mh_step makes from z; the start z is not among them.

    eps (n,) and u (n,): the noise and the coin of each step. Returns n states. Your own mh_step
    is the one to call.
    """
    chain = []
    for noise, coin in zip(eps, u, strict=True):
        z = mh_step(z, noise, coin, step)
        chain.append(z)
    return np.array(chain)


def run_inputs(rng: Generator, i: int) -> tuple[Any, ...]:
    """Some steps, one, two; small steps, nearly all accepted; a start far out, or at the top."""
    n = (30, 40, 1, 2, 60, 25)[i % 6]
    z, step = (rng.normal(0, 1.0), 0.7, 0.5, -0.5, 0.1, 3.0)[i % 6], rng.uniform(0.8, 2.5)
    eps, u = rng.standard_normal(n), rng.uniform(0.01, 0.99, n)
    if i % 6 == 1:
        u[0] = 0.97
    return float(z), eps, u, 0.2 if i % 6 == 4 else float(step)


def chain_of(step_of: Callable[..., Any]) -> Callable[..., Any]:
    """The chain of a wrong step."""

    def wrong(z: Any, eps: Any, u: Any, step: Any) -> Any:
        chain = [z]
        for noise, coin in zip(eps, u, strict=True):
            chain.append(step_of(chain[-1], noise, coin, step))
        return np.array(chain[1:])

    return wrong


def moves_alone(z: Any, eps: Any, u: Any, step: Any) -> Any:
    """Only the states that were accepted."""
    path = np.concatenate([[z], run(z, eps, u, step)])
    return path[1:][np.diff(path) != 0]


def all_proposals(z: Any, eps: Any, u: Any, step: Any) -> Any:
    """What was proposed, not what was taken."""
    return np.concatenate([[z], run(z, eps, u, step)])[:-1] + step * np.asarray(eps)


def proposed_from_the_start(z: Any, eps: Any, u: Any, step: Any) -> Any:
    """Every proposal made from the first state, and compared with the one before."""
    chain = [z]
    for proposal, coin in zip(z + step * np.asarray(eps), u, strict=True):
        accepted = np.log(coin) < log_p(proposal) - log_p(chain[-1])
        chain.append(proposal if accepted else chain[-1])
    return np.array(chain[1:])


CHAIN_MISTAKES: dict[str, Callable[..., Any]] = {
    "You left out rejected states: who stays is counted once more.": moves_alone,
    "You counted the start: the first state is the one after the first step.": lambda z, e, u, s: (
        np.concatenate([[z], run(z, e, u, s)])
    ),
    "The start is counted, and the last state is lost.": lambda z, e, u, s: np.concatenate(
        [[z], run(z, e, u, s)]
    )[:-1],
    "You took one u for all steps: each step tosses its own coin.": lambda z, e, u, s: run(
        z, e, np.full(len(e), u[0]), s
    ),
    "You took the last u for all steps: each step tosses its own coin.": lambda z, e, u, s: run(
        z, e, np.full(len(e), u[-1]), s
    ),
    "Where a step was rejected stands 0: it is the old place.": lambda z, e, u, s: (
        run(z, e, u, s) * (np.diff(np.concatenate([[z], run(z, e, u, s)])) != 0)
    ),
    "eps and u changed places.": lambda z, e, u, s: run(z, u, e, s),
    "The coins were used from their end.": lambda z, e, u, s: run(z, e, u[::-1], s),
    "You took one eps for all steps: each step has its own noise.": lambda z, e, u, s: run(
        z, np.full(len(e), e[0]), u, s
    ),
    "Every step starts from the first z: z is not moved along.": lambda z, e, u, s: np.array(
        [mh_step(z, a, b, s) for a, b in zip(e, u, strict=True)]
    ),
    "Every proposal starts from the first z: it starts from where the walk is.": (
        proposed_from_the_start
    ),
    "You kept the proposals: keep the states.": all_proposals,
    "You cut the states to integers: the array they are put in has dtype int.": (
        lambda z, e, u, s: np.trunc(run(z, e, u, s))
    ),
    "The `return` stands in the loop: the first state alone comes back.": lambda z, e, u, s: run(
        z, e[:1], u[:1], s
    ),
    "You gave the last state alone: the whole chain is wanted.": lambda z, e, u, s: run(z, e, u, s)[
        -1
    ],
    "You took the first noise and coin for all steps: each step has its own.": lambda z, e, u, s: (
        run(z, np.full(len(e), e[0]), np.full(len(u), u[0]), s)
    ),
    "The start stands first, and the first noise and coin are lost.": lambda z, e, u, s: (
        np.concatenate([[z], run(z, e[1:], u[1:], s)])
    ),
    "The first step was left out.": lambda z, e, u, s: run(z, e[1:], u[1:], s),
    "The last step was left out.": lambda z, e, u, s: run(z, e, u, s)[:-1],
    "The first state was lost.": lambda z, e, u, s: run(z, e, u, s)[1:],
    "The noise was used from its end.": lambda z, e, u, s: run(z, e[::-1], u[::-1], s),
    "This is what the walk added up to: the states, not the moves.": lambda z, e, u, s: np.diff(
        np.concatenate([[z], run(z, e, u, s)])
    ),
    "You took a running mean: the states themselves are wanted.": lambda z, e, u, s: (
        np.cumsum(run(z, e, u, s)) / np.arange(1, len(e) + 1)
    ),
}
STEPS_SEEN = {name: chain_of(wrong) for name, wrong in (WRONG_RULES | WRONG_PROPOSALS).items()}

RUN = Exercise(
    id="02.5",
    title="The walk",
    minutes=6,
    star=False,
    inputs=run_inputs,
    right=run,
    mistakes=CHAIN_MISTAKES | STEPS_SEEN,
    samples=12,
    hints=(
        "A loop over pairs of noise and coin. What is put away when a step was rejected?",
        "z_t = mh_step(z_(t-1), eps_t, u_t, step); put z_t away, moved or not",
        "chain = []",
    ),
)
