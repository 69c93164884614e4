"""Hidden Markov models: sums over all paths, of which each is weighed by itself."""

from itertools import pairwise, product

import numpy as np
from mpmath import mp

from tests.digits.sweep import Case, Total, excuse
from vi_lab import HiddenMarkov


def paths(given):
    """Each path, and the terms of its log joint with the counts."""
    rates, counts, steps = given["rates"], given["counts"], given["transition"]
    for path in product(range(len(rates)), repeat=len(counts)):
        chances = [given["initial"][path[0]], *(steps[pair] for pair in pairwise(path))]
        if all(chances):
            seen = [
                term
                for y, k in zip(counts, path, strict=True)
                for term in (y * mp.log(rates[k]), -rates[k], -mp.loggamma(y + 1))
            ]
            yield path, [*seen, *map(mp.log, chances)]


def evidence(given):
    return Total.log_sum_exp([Total(terms) for _, terms in paths(given)])


def weight(q, path):
    """q of a path: a product over steps, or of the first state and each next one given the last."""
    if "z" in q:
        p, pairs = q["z"]["probabilities"], q["z"]["pairs"]
        found = p[0, path[0]]
        for t, pair in enumerate(pairwise(path)):
            found = found * pairs[t][pair] / p[t, pair[0]] if found else found
        return found
    halves = q["z.even"]["probabilities"], q["z.odd"]["probabilities"]
    return mp.fprod(halves[t % 2][t // 2, k] for t, k in enumerate(path))


def bound(given, q):
    """The sum over paths of q (log p - log q)."""
    terms = []
    for path, joint in paths(given):
        if chance := weight(q, path):
            terms += [chance * term for term in [*joint, -mp.log(chance)]]
    return Total(terms)


STAY = [[0.7, 0.3], [0.2, 0.8]]
BASE = dict(counts=[3, 1, 6, 4], rates=[2.0, 5.0], transition=STAY, initial=[0.6, 0.4])
COUNTS = tuple(float(f"{v:.3g}") for v in np.geomspace(1, 1e15, 13))
LAYOUTS = ("even-odd", "joint")


def case(name, values=None, **inputs):
    """The same for either layout of the blocks."""
    for layout in LAYOUTS:

        def at(value, layout=layout):
            made = {key: make(value) for key, make in inputs.items()}
            return {**BASE, **made, "blocks": layout}

        found = Case(f"HiddenMarkov, {name}, {layout}", HiddenMarkov, at, evidence, bound)
        yield (
            found
            if values is None
            else Case(**{**vars(found), "values": values, "thin": values[-1:]})
        )


def near(v):
    """Counts a few standard deviations from rates that are nearly the same."""
    spread = np.sqrt(v)
    return [round(v), round(v + spread), round(v + 2 * spread), round(v - spread)]


CASES = [
    *case("rates and counts", COUNTS, rates=lambda v: [2.0 * v, 5.0 * v],
          counts=lambda v: [round(v * y) for y in (3, 1, 7, 4)]),
    *case("large rates near one another", COUNTS, counts=near,
          rates=lambda v: [v, v + 2.0 * np.sqrt(v)]),
    *case("rates", rates=lambda v: [2.0 * v, 5.0 * v]),
    *case("one rate", rates=lambda v: [2.0, 5.0 * v]),
    *case("small rates", rates=lambda v: [2.0 / v, 5.0 / v]),
    *case("counts", COUNTS, counts=lambda v: [round(v * y) for y in BASE["counts"]]),
    *case("rare changes", transition=lambda v: [[1 - 0.3 / v, 0.3 / v], [0.2 / v, 1 - 0.2 / v]]),
    *case("rare stays", transition=lambda v: [[0.3 / v, 1 - 0.3 / v], [1 - 0.2 / v, 0.2 / v]]),
    *case("sure start", initial=lambda v: [1 - 0.4 / v, 0.4 / v]),
]  # fmt: skip

LARGE = "the bound itself is so large that its rounding is above 1e-6 nats"
CASES = excuse(CASES, {f"HiddenMarkov, counts, {each}": (LARGE, COUNTS[6:8]) for each in LAYOUTS})
