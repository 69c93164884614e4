"""The same problem with data of one's own: each learner has others, drawn by their name."""

from __future__ import annotations

from vi_lab.problems.problem import Problem


def own(name: str, text: str) -> Problem:
    """The problem with data drawn anew at the posterior mean, seeded by the text."""
    raise NotImplementedError
