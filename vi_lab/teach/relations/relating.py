"""How wrong numbers are related to the right ones, part by part."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from vi_lab.teach.answers.reading import alike, all_close, close
from vi_lab.teach.answers.trial import Trial
from vi_lab.teach.answers.wording import (
    argument_names,
    example,
    listed,
    part_name,
    sentence_case,
)
from vi_lab.teach.relations.arguments import idle_arguments, relate_arguments
from vi_lab.teach.relations.cases import Case
from vi_lab.teach.relations.quantities import relate_quantities
from vi_lab.teach.relations.shapes import relate_shapes
from vi_lab.teach.relations.terms import relate_terms
from vi_lab.teach.relations.values import relate_up_to_one_number, relate_values
from vi_lab.teach.slips.one_slip import explained, relate_slips, right_forms


def relate(trial: Trial) -> str | None:
    """A sentence on how the wrong numbers are related to the right ones, part by part."""
    exercise, inputs, wants = trial.key.exercise, trial.key.inputs, trial.key.wants
    gots, good, count = trial.gots, trial.good, len(wants[0])
    wrong_parts = {part: cases for part in range(count) if (cases := wrong_cases(trial, part))}
    if exchanged := parts_exchanged(trial):
        return exchanged
    said: dict[str, list[str]] = {}  # a sentence, and the parts that it is about
    for part, cases in wrong_parts.items():
        sentence = relate_part(trial, cases, part)
        if sentence is None and exercise.relations:
            terms = partial(relate_terms, inputs, gots, wants, part, exercise.rtol)
            forms = ((form, terms(form)) for form in right_forms(exercise))
            sentence = next((explained(said, form) for form, said in forms if said), None)
        said.setdefault((sentence or "").rstrip("."), []).append(part_name(exercise, part))
    told, found = wrong_in_words(said, count), any(said)
    if not found and (idle := without_effect(trial)):
        told, found = f"Your answer does not depend on {idle}", True
    if not found and (count == 1 or len(wrong_parts) == count):
        return beside_a_mistake(trial) if count == 1 and exercise.relations else None
    right = [part_name(exercise, part) for part in range(count) if part not in wrong_parts]
    intro = f"{listed(right)} right; " if right else ""
    some = f" (on {good.count(False)} of {len(good)} inputs)" if any(good) and found else ""
    if not found:
        some = "; " + example(exercise, inputs, gots, wants, good.index(False))
    text = intro + told
    if any(good):
        text = text.replace(" always ", " ")  # not on all inputs
    return f"{text[:1].upper()}{text[1:]}{some}."


def wrong_in_words(said: Mapping[str, Sequence[str]], count: int) -> str:
    """Each sentence, behind the parts that are wrong in its way where there are several parts."""
    if count == 1:
        return "; ".join(said)
    return "; ".join(
        f"{listed(parts)} wrong" + (f": {sentence}" if sentence else "")
        for sentence, parts in said.items()
    )


def parts_exchanged(trial: Trial) -> str | None:
    """The sentence for the right parts in another order, said once for all of them; or None."""
    exercise, wants, rtol = trial.key.exercise, trial.key.wants, trial.key.exercise.rtol
    names = [part_name(exercise, part) for part in range(len(wants[0]))]
    for order in list(itertools.permutations(range(len(names))))[1:]:
        pairs = zip(trial.gots, wants, strict=True)
        if not all(all_close(got, tuple(want[k] for k in order), rtol) for got, want in pairs):
            continue
        moved = [names[k] for place, k in enumerate(order) if place != k]
        if len(moved) == 2:
            return sentence_case(f"{moved[0]} and {moved[1]} changed places.")
        came, wanted = ", ".join(names[k] for k in order), ", ".join(names)
        return f"The parts are right, but their order is not: you put {came}; it is {wanted}."
    return None


def beside_a_mistake(trial: Trial) -> str | None:
    """How the numbers are related to those of a named mistake: two slips at once."""
    key = trial.key
    for sentence in key.exercise.mistakes:
        given = list(key.mistaken(sentence))
        cases = [
            Case(arguments, got[0], mistaken[0])
            for arguments, got, mistaken in zip(key.inputs, trial.gots, given, strict=True)
            if mistaken is not None
        ]
        if len(cases) == len(given) and (relation := relate_values(cases, key.exercise.rtol)):
            return (
                f"Two slips. {sentence} {relation.replace('the right ones', 'the numbers of that')}"
            )
    return None


def without_effect(trial: Trial) -> str:
    """The arguments that the answer leaves out, in words; "" where it uses all."""
    for got, want in zip(trial.gots, trial.key.wants, strict=True):
        for a, b in zip(got, want, strict=True):
            if not alike(a, b) or np.any(~np.isfinite(a)):
                return ""
    exercise = trial.key.exercise
    names = argument_names(exercise)
    idle = idle_arguments(trial.answer, exercise.right, trial.key.inputs, names)
    return "any of its arguments" if len(idle) == len(names) > 1 else " nor on ".join(idle)


def wrong_cases(trial: Trial, part: int) -> list[Case]:
    """The inputs on which a part is wrong."""
    cases = []
    for arguments, gots, wants in zip(trial.key.inputs, trial.gots, trial.key.wants, strict=True):
        got, want = gots[part], wants[part]
        if not close(got, want, trial.key.exercise.rtol):
            cases.append(
                Case(arguments, got.reshape(want.shape) if alike(got, want) else got, want)
            )
    return cases


def relate_part(trial: Trial, cases: list[Case], part: int) -> str | None:
    """A sentence for one part: of its shape, its values, its arguments, or its digits."""
    exercise, gots = trial.key.exercise, trial.gots
    names, rtol = argument_names(exercise), exercise.rtol
    if len(cases) < 2:
        return one_slip(trial, part) or nearly_right(cases)
    if sentence := relate_shapes(cases, rtol):
        return sentence
    if len(gots[0]) > 1 and (sentence := mistake_of_part(trial, part)):
        return sentence
    if exercise.relations:
        sentence = relate_values(cases, rtol) or relate_arguments(
            cases, exercise.right, part, names, rtol
        )
        if sentence:
            return sentence
    if sentence := one_slip(trial, part):
        return sentence
    if exercise.relations:
        sentence = relate_quantities(cases, names, rtol) or relate_up_to_one_number(cases, rtol)
        if sentence:
            return sentence
    return nearly_right(cases)


def nearly_right(cases: Sequence[Case]) -> str | None:
    """The sentence for numbers that are right to three digits or more, or None."""
    for digits, word in ((6, "six"), (5, "five"), (4, "four"), (3, "three")):
        if all(close(case.got, case.want, 10.0**-digits) for case in cases):
            return (
                f"Right to {word} digits, and more are asked for: rounding, half precision, "
                "a difference for a derivative, or something small added."
            )
    return None


def one_slip(trial: Trial, part: int) -> str | None:
    """The sentence for one slip in the solution, or in another form of it; or None."""
    key, rtol = trial.key, trial.key.exercise.rtol
    for form in right_forms(key.exercise):
        if slip := relate_slips(form, key.inputs, trial.gots, part, rtol, key.slipped):
            return explained(f"One slip: {slip[:1].lower()}{slip[1:]}", form)
    return None


def mistake_of_part(trial: Trial, part: int) -> str | None:
    """The one named mistake that gives this part on every input, whatever the other parts are."""
    key = trial.key
    named = [
        sentence
        for sentence in key.exercise.mistakes
        if all(
            given is not None
            and len(given) == len(got)
            and close(got[part], given[part], key.exercise.rtol)
            for given, got in zip(key.mistaken(sentence), trial.gots, strict=True)
        )
    ]
    return named[0] if len(named) == 1 else None
