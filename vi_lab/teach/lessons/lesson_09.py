"""Lesson 09, did it work?: ranks, weights, errors, bounds, and a test of samplers."""

from __future__ import annotations

from vi_lab.teach.exercise import Choice, Prediction
from vi_lab.teach.lessons.exercises import lesson_09_bounds, lesson_09_numbers, lesson_09_samplers

EXERCISES = (
    *lesson_09_numbers.EXERCISES,
    *lesson_09_bounds.EXERCISES,
    *lesson_09_samplers.EXERCISES,
)

ESTIMATES = {
    "1: one Gaussian, two clusters": "it may have seen one mode of two",
    "2: the harmonic mean": "its error cannot be known",
    "3: draws of the prior": "it rests on a few weights",
    "4: a cloud of particles": "nothing speaks against it",
}

DOUBTS = {
    "it may have seen one mode of two": "There is no second mode here that its draws could miss.",
    "its error cannot be known": "It states an error. Whether that can be trusted is another "
    "question: look at the k-hat, and at where its draws come from.",
    "it rests on a few weights": "A k-hat above 0.7 would say so, of weights whose mean it is: "
    "look at its own, and at its error.",
    "nothing speaks against it": "Something does: look at the error, the k-hat, and at where the "
    "draws come from.",
}

CHOICES = (
    Choice(
        id="09.8",
        title="which estimate to believe",
        minutes=5,
        star=True,
        question="Four estimates of log p(x). What is to be said of each?",
        items=tuple(ESTIMATES),
        answers=tuple(ESTIMATES.values()),
        wrong=tuple(
            {doubt: said for doubt, said in DOUBTS.items() if doubt != answer}
            for answer in ESTIMATES.values()
        ),
        why="An error bar, or k-hat, is about what was drawn. What was never drawn is in neither: "
        "there only knowledge of the model helps.",
        hints=(
            "One has no error, one a k-hat far above 0.7, one a q with a single hump.",
            "Names of clusters may be exchanged: the posterior of their means has two modes.",
            "Three of the four give you a reason for doubt.",
        ),
    ),
    Choice(
        id="09.4",
        title="four rank histograms",
        minutes=6,
        star=False,
        question="What made each histogram of the ranks of the truth among draws of q?",
        items=("∪", "∩", "rising to the right", "flat"),
        answers=("q is too narrow", "q is too wide", "q lies too low", "nothing was found"),
        wrong=(
            {
                "nothing was found": "∪ is not flat: the truth is outside the draws too often.",
                "q is too wide": "If q were too wide, the truth would be in the middle too often.",
                "q lies too low": "A shift heaps ranks at one end; ∪ has both ends.",
            },
            {
                "nothing was found": "∩ is not flat: the truth is in the middle too often.",
                "q is too narrow": "If q were too narrow, the truth would be outside too often.",
                "q lies too low": "A shift heaps ranks at one end; ∩ is high in the middle.",
            },
            {
                "nothing was found": "A slope is not flat: high ranks are too frequent.",
                "q is too narrow": "Too narrow heaps ranks at both ends, not at one.",
                "q is too wide": "Too wide heaps ranks in the middle, not at one end.",
            },
            {
                "q is too narrow": "Too narrow would show as a ∪; these ranks are uniform.",
                "q is too wide": "Too wide would show as a ∩; these ranks are uniform.",
                "q lies too low": "A shift would show as a slope; these ranks are uniform.",
            },
        ),
        why="High ranks: the truth lies above most draws, so these lie too low. Flat ranks are "
        "what a right q gives, and some wrong ones too: they say nothing of what was not ranked.",
        hints=(
            "Where is the truth when its rank is 0, and where when it is the highest?",
            "Ends: outside the draws. Middle: among them. One end: to one side.",
            "Draw q and the posterior beside each other for one of them.",
        ),
    ),
    Choice(
        id="09.7",
        title="the mystery run",
        minutes=8,
        star=False,
        question="Trace, R-hat, ESS, ranks and ledger of one run: which of six faults has it?",
        answers=("a proposal not corrected",),
        wrong=(
            {
                "a constant lost in the log joint": "The ledger holds, so the log joint has its "
                "constants; and a constant would not move a single draw.",
                "a step too small": "Then the trace would wander slowly and the ESS be small; here "
                "it is in the thousands.",
                "chains stuck in one mode": "This posterior, a gamma, has one mode; and the chains "
                "mix.",
                "the data forgotten": "Then the draws would follow the prior and the ranks of the "
                "rate be perfectly flat; here they slope.",
                "too short a warm-up": "Then the beginning of the trace would drift and R-hat be "
                "above 1; both are flat.",
            },
        ),
        why="It mixes, and mixes well: to the wrong law. The walk is in log rate and its Hastings "
        "factor is missing, so every rate is too small by one in the shape. Only the ranks saw it.",
        hints=(
            "What does each of the four say about convergence, and what about the target?",
            "R-hat and ESS compare the chain with itself; the ledger looks at the model alone.",
            "The ranks rise: the draws lie too low.",
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        "09.a", "Four chains start in one mode of two. Will R-hat see it?", ("it will", "it won't")
    ),
    Prediction(
        "09.b", "The shape of the ranks of an overconfident q?", ("flat", "slope", "∩", "∪")
    ),
    Prediction(
        "09.c", "Which of three claimed lower bounds is none?", ("the 1st", "the 2nd", "the 3rd")
    ),
    Prediction(
        "09.d",
        "How well does k-hat at 4,000 draws find the Gaussians of least KL that are wrong?",
        ("better than a coin", "like a coin", "worse than a coin"),
    ),
)
