"""Wrong numbers that are off by, or multiplied by, a quantity of the arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from vi_lab.teach.relations.cases import Case, agree
from vi_lab.teach.relations.values import name_constant, same_shape

POWERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "{}": lambda f: f,
    "1/{}": lambda f: 1 / f,
    "√{}": np.sqrt,
    "1/√{}": lambda f: 1 / np.sqrt(f),
    "{}²": np.square,
    "1/{}²": lambda f: 1 / f**2,
    "log {}": np.log,
    "exp({})": np.exp,
    "exp(−{})": lambda f: np.exp(-f),
    "exp(½ {})": lambda f: np.exp(f / 2),
    "{0}/({0} − 1)": lambda f: f / (f - 1),
    "({0} − 1)/{0}": lambda f: (f - 1) / f,
    "({0} + 1)": lambda f: f + 1,
    "({0} − 1)": lambda f: f - 1,
}  # of a quantity of the arguments


def relate_quantities(cases: Sequence[Case], names: Sequence[str], rtol: float) -> str | None:
    """ "Off by log n", "times 1/√n": a shift or a factor made of one quantity of the arguments.

    The shift (got - want) or the factor (got / want) is c · power(quantity), with one c for all
    cases. At least three different quantities have to agree.
    """
    if not same_shape(cases) or sum(case.want.size for case in cases) < 3:
        return None
    tables = [dict(quantities(case, names)) for case in cases]
    for label in [label for label in tables[0] if all(label in table for table in tables)]:
        for form, power in POWERS.items():
            features = [
                np.broadcast_to(power(table[label]), case.want.shape)
                for table, case in zip(tables, cases, strict=True)
            ]
            flat = np.concatenate([feature.ravel() for feature in features])
            if np.all(np.isfinite(flat)) and np.all(flat != 0) and len(np.unique(flat)) >= 3:
                if said := shift_or_factor(cases, features, form.format(label), rtol):
                    return said
    return None


def shift_or_factor(
    cases: Sequence[Case], features: Sequence[np.ndarray], name: str, rtol: float
) -> str | None:
    """The sentence where got - want, or got / want, is one constant times the feature."""
    pairs = list(zip(cases, features, strict=True))
    shifts = [(case.got - case.want) / feature for case, feature in pairs]
    factors = [case.got / case.want / feature for case, feature in pairs]
    alone = [case.got / feature for case, feature in pairs]
    for words, ratios, make in (
        ("off by", shifts, np.add),
        ("multiplied by", factors, np.multiply),
        ("nothing but", alone, lambda want, value: value),
    ):
        flat = np.concatenate([ratio.ravel() for ratio in ratios])
        finite = flat[np.isfinite(flat)]
        if not finite.size or np.ptp(finite) > 1e-3 * abs(c := float(finite[0])):
            continue
        values = [make(case.want, c * feature) for case, feature in pairs]
        if c and agree(cases, values, rtol):
            times = "" if np.isclose(c, 1) else f"{name_constant(c)} · "
            return f"Your numbers are {words} {times}{name}."
    return None


def quantities(case: Case, names: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Quantities of the arguments that a slip may leave out, by name."""
    for name, argument in zip(names, case.arguments, strict=False):
        if not isinstance(argument, np.ndarray | int | float):
            continue
        array = np.asarray(argument, dtype=float)
        if array.ndim == 0 or array.shape == case.want.shape:
            yield name, array
        if array.ndim and array.size:
            yield f"n (the length of {name})", np.asarray(float(len(array)))
            yield f"(the number of columns of {name})", np.asarray(float(array.shape[-1]))
            yield f"(the sum of {name})", np.asarray(array.sum())
            yield f"(the mean of {name})", np.asarray(array.mean())
            yield f"(the largest of {name})", np.asarray(array.max())
            yield f"(the smallest of {name})", np.asarray(array.min())
            yield f"(the number of entries of {name})", np.asarray(float(array.size))
            yield f"(the sum of the exponentials of {name})", np.asarray(np.exp(array).sum())
            yield f"(the sum of squares of {name})", np.asarray(np.sum(array**2))
        if array.size and array.ndim and array.shape[:-1] == case.want.shape:
            yield f"(the sum along the last axis of {name})", array.sum(-1)
            yield f"(the largest along the last axis of {name})", array.max(-1)
            yield f"(the smallest along the last axis of {name})", array.min(-1)
    if case.want.ndim:
        yield "(the number of entries)", np.asarray(float(case.want.size))
