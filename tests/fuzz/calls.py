"""Calls of the callables of `tests.fuzz.doors`, with arguments that are right but for some."""

import functools
import itertools

from hypothesis import strategies as st

from tests.fuzz.doors import DOORS, LOCAL, call, owner_of
from tests.fuzz.kinds import LEAST, MOST, places
from tests.fuzz.looks import PARTS, Chance, look
from tests.fuzz.values import wrong

SIZES = st.sampled_from(
    [
        dict(zip(MOST, sizes, strict=True))
        for sizes in itertools.product(*(range(LEAST[letter], MOST[letter] + 1) for letter in MOST))
    ]
)
# None there is every problem and every method: minutes, and no hang
# nor without a number of rounds, where no change is small enough: a hundred thousand of EM
NEVER_NONE = ("compare", "check", "FactorAnalysis.maximum_likelihood")
DIAGNOSTICS = "results.diagnostics."  # nan where there is none: the one nan that is an answer
MISHAPS = ["wrong", "wrong", "listed", "resized", "resized", "left out", "seed", "rmg"]
LUCK = st.sampled_from([None] * 20 + MISHAPS)


def attempt(name, keywords, owner, chance):
    """One call, and what is done with its answer."""
    found = call(name, keywords, owner)
    if not name.startswith(DIAGNOSTICS):
        look(found, chance)


def bearable(name, value):
    """Draws by the milliard are made if they are asked for: that is work, and no hang."""
    if name in NEVER_NONE:
        return value is not None
    return not (isinstance(value, int) and 10**5 < value <= 2**53 and "." in name)


@st.composite
def arguments(draw, name):
    """Right ones; now and then one is wrong, of another size, left out, misspelt or too many."""
    kinds, sizes, mishap = DOORS[name], draw(SIZES), draw(LUCK)
    if name in LOCAL or (name in NEVER_NONE and mishap == "left out"):
        mishap = None
    if mishap and not kinds:
        mishap = "seed"
    victim = draw(st.sampled_from(list(kinds))) if mishap and kinds else None
    found = {}
    for argument, kind in kinds.items():
        if argument != victim or mishap in ("seed", "rmg"):
            found[argument] = draw(kind.drawn(sizes))
        elif mishap == "resized":
            found[argument] = draw(kind.drawn(draw(SIZES)))
        elif mishap == "listed" and kind.wrong:
            found[argument] = draw(st.sampled_from([bad.value for bad in kind.wrong.values()]))
        elif mishap != "left out":
            found[argument] = draw(wrong.filter(lambda value: bearable(name, value)))
    return {**found, mishap: 1} if mishap in ("seed", "rmg") else found


@st.composite
def calls(draw, names):
    """A call of one of those callables."""
    name, chance = draw(st.sampled_from(names)), draw(st.integers(0, 299))
    owner = owner_of(name) and draw(owner_of(name).drawn({}))
    place = draw(places) if name.endswith(".of") and chance % len(PARTS) == 3 else None
    keywords, chance = draw(arguments(name)), Chance(chance, chance % 10, place)
    return functools.partial(attempt, name, keywords, owner, chance)
