"""Questions with choices: each wrong choice has its own sentence."""

from __future__ import annotations

from typing import Any

from vi_lab.teach.bank import find, unknown
from vi_lab.teach.exercise import Choice, Verdict
from vi_lab.teach.memory import keep


def choose(identity: str, *answers: Any) -> Verdict:
    """Judge the choices made, one for each item of the question.

    Parameters
    ----------
    identity : str
        "05.6".
    *answers : str
        One choice for each item, in their order.
    """
    choice = find(identity)
    if not isinstance(choice, Choice):
        return Verdict("wrong", unknown(identity), str(identity))
    if not answers or all(answer is ... or answer is None for answer in answers):
        return keep(Verdict("not attempted", ask(choice), identity))
    if len(answers) != len(choice.answers):
        count = f"{len(choice.answers)} choices are wanted, {len(answers)} were made. "
        return keep(Verdict("wrong", count + ask(choice), identity))
    said = []
    for i, (given, right, wrong) in enumerate(
        zip(map(str, answers), choice.answers, choice.wrong, strict=True)
    ):
        item = f"{choice.items[i]}: " if choice.items else ""
        if given in wrong:
            said.append(item + wrong[given])
        elif given != right:
            return keep(Verdict("wrong", f"{item}{given!r} is no choice. {ask(choice)}", identity))
    if said:
        return keep(Verdict("named", " ".join(said), identity))
    return keep(Verdict("right", f"Right. {choice.why}", identity))


def ask(choice: Choice) -> str:
    """The question with its choices, as text."""
    lines = [choice.question]
    for i, choices in enumerate(choice.choices):
        item = f"{choice.items[i]}: " if choice.items else ""
        lines.append(f"  {item}{' | '.join(choices)}")
    return "\n".join(lines)
