"""What a replay says of each update, in one sentence; the page prints it as it stands.

Numbers have so many digits that two which are compared differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

DIGITS = 3
MOST_DIGITS = 8
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def amount(value: float, digits: int = DIGITS) -> str:
    """A number of nats or of a latent in a sentence, with a true minus and powers of ten."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 10.0**6:
        places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
        return f"{value:,.{places}f}".replace("-", "−")
    mantissa, power = f"{value:.1e}".split("e")
    return f"{mantissa}·10{str(int(power)).translate(SUPERSCRIPT)}".replace("-", "−")


def apart(one: float, two: float) -> tuple[str, str]:
    """Two numbers by as few digits as tell them apart."""
    for digits in range(2, MOST_DIGITS + 1):
        texts = amount(one, digits), amount(two, digits)
        if texts[0] != texts[1]:
            return texts
    return texts


def value(number: float, whole: bool) -> str:
    """A latent's value."""
    return f"{number:.0f}" if whole else amount(number)


def join_names(names: Sequence[str]) -> str:
    """Names as in a sentence: "mu, tau2 and rate"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1] if names else ""]))


def of_proposal(
    n: int, log_ratio: float, log_u: float, accepted: bool, place: str, times: int
) -> str:
    """A step of Metropolis-Hastings: min(1, ratio) against the uniform draw u."""
    ratio, u = apart(math.exp(min(log_ratio, 0.0)), math.exp(log_u))
    if not accepted:
        again = f"counts it again, now {times} times"
        return (
            f"Proposal {n}: refused. {ratio} is below the draw {u}; the chain stays at {place} "
            f"and {again}."
        )
    if log_ratio >= 0:
        return f"Proposal {n}: accepted. The density is no lower there; the chain moves to {place}."
    return f"Proposal {n}: accepted. {ratio} is above the draw {u}; the chain moves to {place}."


def of_trajectory(n: int, steps: int, log_ratio: float, log_u: float, accepted: bool) -> str:
    """A trajectory of Hamiltonian Monte Carlo: its energy error, and what became of it."""
    many = f"{steps} step{'s' * (steps != 1)}"
    if math.isnan(log_ratio) or math.isinf(log_ratio):
        return f"Trajectory {n}, {many}: refused, it ended where there is no density."
    word = "accepted" if accepted else "refused"
    return f"Trajectory {n}, {many}: {word}, energy error {amount(-log_ratio, 2)}."


def of_step(n: int, gain: float, elbo: float) -> str:
    """A step uphill of a Gaussian q."""
    if abs(gain) < 1e-9:
        return f"Step {n}: the ELBO stays at {amount(elbo, 6)} nats."
    moves = "rises" if gain > 0 else "falls"
    return f"Step {n}: the ELBO {moves} by {amount(abs(gain))} to {amount(elbo, 6)} nats."


def of_draw(sweep: int, block: str, given: str, now: str, before: str) -> str:
    """A half-step of Gibbs sampling."""
    was = "; before" if ", " in now else ", was"
    return f"Sweep {sweep}, draw of {block} given {given}: {now}{was} {before}."


def of_hidden_draw(sweep: int, block: str, given: str, what: str) -> str:
    """A half-step of Gibbs sampling whose block is not drawn on the page."""
    return f"Sweep {sweep}, draw of {block} given {given}: {what}."


def of_update(sweep: int, block: str, before: float | None, after: float, gain: float) -> str:
    """A half-step of CAVI where log p(x) is known: what KL was and what it is."""
    head = f"Sweep {sweep}, update of {block}:"
    if math.isinf(after):
        return f"{head} KL is ∞, because q gives probability to what the posterior excludes."
    if before is None:
        return f"{head} q is whole now, and KL is {amount(after)} nats."
    if math.isinf(before):
        return f"{head} KL falls from ∞ to {amount(after)} nats."
    if amount(before) != amount(after) and before > after:
        return f"{head} KL falls from {amount(before)} to {amount(after)} nats."
    if gain <= 1e-12:
        return f"{head} q stays where it is, and KL at {amount(after)} nats."
    return f"{head} KL falls by {amount(gain)} nats and stays at {amount(after)}."


def why_no_bound(missing: Sequence[str]) -> str:
    """Why there is no ELBO before every block has a factor."""
    if len(missing) == 1:
        return f"{missing[0]} has no q before its first update, so there is no ELBO yet"
    return f"{join_names(missing)} have no q before their first updates, so there is no ELBO yet"


def of_unfinished(sweep: int, block: str, missing: Sequence[str]) -> str:
    """A half-step of CAVI before every block has a factor."""
    return f"Sweep {sweep}, update of {block}: {why_no_bound(missing)}."
