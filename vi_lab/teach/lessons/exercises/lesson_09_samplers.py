"""Lesson 09: eight samplers that are wrong, three that are right, and the judge of a test of them.

    rate ~ Gamma(2, 1)        y ~ Poisson(rate)        so rate | y ~ Gamma(2 + y, 2)

A sampler is a function step(rate, y, eps, u) -> the next rate, of arrays (n,): eps is standard
normal and u uniform on (0, 1). Noise is an argument, so a step is a plain function.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv

from vi_lab.teach.exercise import Exercise

STEP = 0.8  # of the logarithm of the rate


def log_joint(rate, y):
    """log p(rate, y) but for what does not depend on the rate."""
    return np.log(rate) - rate + y * np.log(rate) - rate


def metropolis(log_target, forward=1.0, power=1.0, scale=STEP):
    """A log-normal walk; its Hastings factor is new / old, to the power `forward`."""

    def step(rate, y, eps, u):
        new = rate * np.exp(scale * eps)
        log_ratio = log_target(new, y) - log_target(rate, y)
        log_ratio = log_ratio + forward * np.log(new / rate)
        return np.where(np.log(u) < power * log_ratio, new, rate)

    return step


def u_for_log_u(rate, y, eps, u):
    new = rate * np.exp(STEP * eps)
    log_ratio = log_joint(new, y) - log_joint(rate, y) + np.log(new / rate)
    return np.where(u < log_ratio, new, rate)


def barker(rate, y, eps, u):
    """Accepts with r / (1 + r), less often than Metropolis and as rightly (Barker 1965)."""
    new = rate * np.exp(STEP * eps)
    log_ratio = log_joint(new, y) - log_joint(rate, y) + np.log(new / rate)
    return np.where(np.log(u) < -np.logaddexp(0, -log_ratio), new, rate)


def independent_draw(rate, y, eps, u):
    """An exact draw of the posterior, by its quantile; it looks neither at the old rate nor eps."""
    return gammaincinv(2.0 + y, u) / 2.0


RIGHT = {
    "Metropolis-Hastings": metropolis(log_joint),
    "Barker's acceptance": barker,
    "an independent exact draw": independent_draw,
}
MUTANTS = {
    "the prior is forgotten": metropolis(lambda rate, y: y * np.log(rate) - rate),
    "the data are forgotten": metropolis(lambda rate, y: np.log(rate) - rate),
    "a log-normal proposal taken for symmetric": metropolis(log_joint, forward=0.0),
    "the proposal ratio is upside down": metropolis(log_joint, forward=-1.0),
    "every proposal is accepted": lambda rate, y, eps, u: rate * np.exp(STEP * eps),
    "u is compared with a log ratio": u_for_log_u,
    "the ratio is squared": metropolis(log_joint, power=2.0),
    "it never moves": lambda rate, y, eps, u: rate,
}
TOO_SMALL = metropolis(log_joint, scale=0.01)  # right, and of no use
mystery = metropolis(log_joint, forward=0.0)  # the run of 09.7


def my_test(step):
    """True if the sampler step(rate, y, eps, u) is right, False if not.

    rate ~ Gamma(shape 2, rate 1) and y ~ Poisson(rate). All are arrays (n,), n is yours: eps is
    standard normal, u uniform on (0, 1); step returns the next rates.
    """
    rng, n = np.random.default_rng(0), 40_000
    old = rng.gamma(2.0, 1.0, n)
    y = rng.poisson(old)
    rate = old
    for _ in range(4):
        rate = step(rate, y, rng.standard_normal(n), rng.random(n))
    found = np.array([rate, rate**2, rate * y])
    far = np.abs(found.mean(1) - [2.0, 6.0, 6.0]) / (found.std(1) / np.sqrt(n))
    return bool(np.any(rate != old) and np.all(far < 4.5))


def passes(test, step):
    """What most of three runs of a test say: a test may draw noise of its own."""
    said = [bool(np.all(test(step)))]
    while len(said) < 3 and not (len(said) == 2 and said[0] == said[1]):
        said.append(bool(np.all(test(step))))
    return sum(said) > len(said) / 2


def judge(test):
    """Which mutants a test leaves alive, and which right samplers it accuses."""
    answer = test(RIGHT["Metropolis-Hastings"])
    if np.shape(answer) != () or not isinstance(answer, bool | np.bool_ | int | np.ndarray):
        return "shape", "One answer is wanted: True for a right sampler, False for a wrong one."
    accused = [name for name, step in RIGHT.items() if not passes(test, step)]
    alive = [name for name, step in MUTANTS.items() if passes(test, step)]
    if len(accused) == len(RIGHT):
        turned = "It is the wrong way round: True is for right samplers."
        nothing = "It passes nothing: a test must also spare what is right."
        return "named", nothing if not alive else turned
    if len(alive) == len(MUTANTS):
        return "named", "It passes everything: all eight mutants are alive."
    if accused:
        return "named", f"A false alarm: {' and '.join(accused)}. {ACCUSED}"
    if alive:
        hints = " ".join(ALIVE[name] for name in alive[:2])
        return "named", f"Still alive: {'; '.join(alive)}. {hints}"
    return "right", "Right: eight mutants killed, three right samplers spared."


ACCUSED = "They are right: test what every right sampler must do, not how one of them does it."
ALIVE = {
    "the prior is forgotten": "Draw rates from the prior and y from them: what law has a rate?",
    "the data are forgotten": "Rates alone look perfect there: look at rate and y together.",
    "a log-normal proposal taken for symmetric": "More draws, or more steps: it drifts slowly.",
    "the proposal ratio is upside down": "Look at the mean of the rates after a few steps.",
    "every proposal is accepted": "Look at the second moment after a few steps.",
    "u is compared with a log ratio": "Look at the second moment after a few steps.",
    "the ratio is squared": "The mean may do; the spread cannot: look at rate².",
    "it never moves": "What stays where it is leaves every law as it is: ask whether it moved.",
}


def _moments(look, n=40_000, steps=4, moved=True, limit=4.5, seed=0):
    """`my_test` with other quantities, sizes or limits."""

    def test(step):
        rng = np.random.default_rng(seed)
        old = rng.gamma(2.0, 1.0, n)
        y = rng.poisson(old)
        rate = old
        for _ in range(steps):
            rate = step(rate, y, rng.standard_normal(n), rng.random(n))
        found = np.array([f(rate, y) for f, _ in look])
        far = found.mean(1) - np.array([value for _, value in look])
        far = np.abs(far) / (found.std(1) / np.sqrt(n))
        return bool((not moved or np.any(rate != old)) and np.all(far < limit))

    return test


def _same_as_metropolis(step):
    """Compares number by number with one right sampler."""
    rng = np.random.default_rng(0)
    rate, eps, u = rng.gamma(2.0, 1.0, 1000), rng.standard_normal(1000), rng.random(1000)
    y = rng.poisson(rate)
    return bool(np.allclose(step(rate, y, eps, u), RIGHT["Metropolis-Hastings"](rate, y, eps, u)))


FIRST, SECOND = (lambda rate, y: rate, 2.0), (lambda rate, y: rate**2, 6.0)
TOGETHER = (lambda rate, y: rate * y, 6.0)

SAMPLER_TEST = Exercise(
    id="09.6",
    title="a test that kills eight mutants",
    minutes=20,
    star=False,
    inputs=lambda rng, i: (RIGHT["Metropolis-Hastings"],),
    right=my_test,
    judge=judge,
    mistakes={
        "It passes everything: all eight mutants are alive.": lambda step: True,
        "It passes nothing: a test must also spare what is right.": lambda step: False,
        "It is the wrong way round: True is for right samplers.": lambda step: not my_test(step),
        f"Still alive: it never moves. {ALIVE['it never moves']}": _moments(
            (FIRST, SECOND, TOGETHER), moved=False
        ),
        f"Still alive: the data are forgotten. {ALIVE['the data are forgotten']}": _moments(
            (FIRST, SECOND)
        ),
        "A false alarm: Barker's acceptance and an independent exact draw. "
        + ACCUSED: _same_as_metropolis,
    },
    hints=(
        "If a rate is drawn from the prior and y from it, the rate is an exact posterior draw.",
        "Then after any number of right steps it still is: E[rate] = 2, E[rate²] = E[rate y] = 6.",
        "Start with rate = rng.gamma(2.0, 1.0, n); y = rng.poisson(rate), and count errors in sds.",
    ),
)

EXERCISES = (SAMPLER_TEST,)
