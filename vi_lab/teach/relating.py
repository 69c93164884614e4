"""How wrong numbers are related to the right ones, part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vi_lab.teach.calling import value_of
from vi_lab.teach.cases import Case
from vi_lab.teach.exercise import Exercise
from vi_lab.teach.reading import Arrays, alike, all_close, close, parts_of
from vi_lab.teach.relations_of_arguments import idle_arguments, relate_arguments
from vi_lab.teach.relations_of_quantities import relate_quantities
from vi_lab.teach.relations_of_shapes import relate_shapes
from vi_lab.teach.relations_of_values import relate_up_to_one_number, relate_values
from vi_lab.teach.slips import relate_slips
from vi_lab.teach.terms import relate_terms
from vi_lab.teach.wording import Inputs, argument_names, example, part_name, sentence_case


def relate(
    exercise: Exercise,
    answer: Callable[..., Any],
    inputs: Inputs,
    gots: list[Arrays],
    wants: list[Arrays],
    good: list[bool],
) -> str | None:
    """A sentence on how the wrong numbers are related to the right ones, part by part."""
    names = argument_names(exercise)
    count = len(wants[0])
    wrong_parts = {
        part: cases
        for part in range(count)
        if (cases := wrong_cases(exercise, inputs, gots, wants, part))
    }
    if count == 2 and len(wrong_parts) == 2:
        if all(
            all_close(got, want[::-1], exercise.rtol) for got, want in zip(gots, wants, strict=True)
        ):
            places = f"{part_name(exercise, 0)} and {part_name(exercise, 1)} changed places."
            return sentence_case(places)
    said, found = [], False
    for part, cases in wrong_parts.items():
        sentence = relate_part(exercise, cases, part, names, inputs, gots)
        if sentence is None and exercise.relations:
            sentence = relate_terms(exercise.right, inputs, gots, wants, part, exercise.rtol)
        found |= sentence is not None
        label = f"{part_name(exercise, part)} is wrong" if count > 1 else ""
        said.append(": ".join(filter(None, [label, sentence])).rstrip("."))
    if not found and (idle := without_effect(exercise, answer, inputs, gots, wants)):
        said = [f"Your answer does not depend on {idle}"]
        found = True
    if not found and (count == 1 or len(wrong_parts) == count):
        return None
    right = [part_name(exercise, part) for part in range(count) if part not in wrong_parts]
    intro = f"{' and '.join(right)} {'is' if len(right) == 1 else 'are'} right; " if right else ""
    some = f" (on {good.count(False)} of {len(good)} inputs)" if any(good) and found else ""
    if not found:
        some = "; " + example(exercise, inputs, gots, wants, good.index(False))
    text = intro + "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}{some}."


def without_effect(
    exercise: Exercise,
    answer: Callable[..., Any],
    inputs: Inputs,
    gots: list[Arrays],
    wants: list[Arrays],
) -> str:
    """The arguments that the answer leaves out, in words; "" where it uses all."""
    for got, want in zip(gots, wants, strict=True):
        for a, b in zip(got, want, strict=True):
            if not alike(a, b) or np.any(~np.isfinite(a)):
                return ""
    names = argument_names(exercise)
    idle = idle_arguments(answer, exercise.right, inputs, names)
    return "any of its arguments" if len(idle) == len(names) > 1 else " nor on ".join(idle)


def wrong_cases(
    exercise: Exercise, inputs: Inputs, gots: list[Arrays], wants: list[Arrays], part: int
) -> list[Case]:
    """The inputs on which a part is wrong."""
    return [
        Case(
            arguments,
            got[part].reshape(want[part].shape) if alike(got[part], want[part]) else got[part],
            want[part],
        )
        for arguments, got, want in zip(inputs, gots, wants, strict=True)
        if not close(got[part], want[part], exercise.rtol)
    ]


def relate_part(
    exercise: Exercise,
    cases: list[Case],
    part: int,
    names: Sequence[str],
    inputs: Inputs,
    gots: list[Arrays],
) -> str | None:
    """A sentence for one part: of its shape, its values, its arguments, or its digits."""
    rtol = exercise.rtol
    if len(cases) < 2:
        slip = relate_slips(exercise.right, inputs, gots, part, rtol)
        return f"One slip: {slip[:1].lower()}{slip[1:]}" if slip else None
    if sentence := relate_shapes(cases, rtol):
        return sentence
    if len(gots[0]) > 1 and (sentence := mistake_of_part(exercise, part, inputs, gots)):
        return sentence
    if exercise.relations:
        sentence = relate_values(cases, rtol) or relate_arguments(
            cases, exercise.right, part, names, rtol
        )
        if sentence:
            return sentence
    if sentence := relate_slips(exercise.right, inputs, gots, part, rtol):
        return f"One slip: {sentence[:1].lower()}{sentence[1:]}"
    if exercise.relations:
        sentence = relate_quantities(cases, names, rtol) or relate_up_to_one_number(cases, rtol)
        if sentence:
            return sentence
    if all(close(case.got, case.want, 1e-3) for case in cases):
        return "Right to three digits: rounding, half precision, or something small added."
    return None


def mistake_of_part(
    exercise: Exercise, part: int, inputs: Inputs, gots: list[Arrays]
) -> str | None:
    """The one named mistake that gives this part, whatever the other parts are."""
    named = [
        sentence
        for sentence, wrong in exercise.mistakes.items()
        if all(
            gives_part(wrong, arguments, part, got[part], exercise.rtol)
            for arguments, got in zip(inputs, gots, strict=True)
        )
    ]
    return named[0] if len(named) == 1 else None


def gives_part(
    wrong: Callable[..., Any], arguments: tuple[Any, ...], part: int, got: Any, rtol: float
) -> bool:
    """Whether this part of what a mistake gives is what came; not where it is not defined."""
    try:
        want = parts_of(value_of(wrong, arguments))[part]
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return False
    return close(got, want, rtol)
