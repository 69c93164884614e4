"""A named mistake with something else beside it in a few places: a clip, a guard, a fudge.

Who takes the derivative by p and clips p gives the numbers of that mistake wherever the clip does
not bite. On every input, as a name asks for, they are nobody's.
"""

from __future__ import annotations

import numpy as np

from vi_lab.teach.answers.reading import Arrays, alike
from vi_lab.teach.answers.trial import Trial

MOST = 0.5  # of all numbers, and of the wrong ones, have to be the mistake's
FEWEST = 4  # wrong numbers that are the mistake's: fewer may be chance
GUARDED = 1e-5  # what a fudge as 1e-8 in a divisor changes


def mistake_elsewhere_guarded(trial: Trial) -> str | None:
    """The mistake whose numbers came back most often, if on most places; in a sentence, or None."""
    key = trial.key
    wrong = ~agreeing(trial.gots, key.wants)
    found = {}
    for sentence in key.exercise.mistakes:
        same = agreeing(trial.gots, [given or () for given in key.mistaken(sentence)])
        if same.mean() >= MOST and same[wrong].mean() >= MOST and same[wrong].sum() >= FEWEST:
            found[sentence] = int(same.sum())
    count = max(found.values(), default=0)
    if list(found.values()).count(count) != 1:
        return None
    sentence = next(sentence for sentence in found if found[sentence] == count)
    return (
        f"{sentence} So it is for {count} of {wrong.size} numbers; the others are of another "
        "kind: is there a clip or a guard besides?"
    )


def agreeing(gots: list[Arrays], others: list[Arrays]) -> np.ndarray:
    """Which of all numbers that came are these, one input after another."""
    flags = []
    for got, other in zip(gots, others, strict=True):
        if len(got) == len(other) and all(map(alike, got, other)):
            pairs = zip(got, other, strict=True)
            same = [np.isclose(a, b, rtol=GUARDED, atol=1e-9, equal_nan=True) for a, b in pairs]
        else:
            same = [np.zeros(np.shape(part), dtype=bool) for part in got]
        flags += [np.ravel(part) for part in same]
    return np.concatenate(flags)
