"""Lesson 02: the hunt for a proposal that is not symmetric, and what to predict."""

from vi_lab.teach.exercise import Choice, Prediction

CHOICES = (
    Choice(
        id="02.8",
        title="Which of three samplers is wrong, and in which line?",
        minutes=15,
        star=False,
        question=(
            "Three samplers for a positive rate r. Which of them does not leave p(r) as it is, and "
            "which of its lines has to change, if it is to propose as it does?"
        ),
        items=("sampler", "line"),
        answers=("multiply", "line 2"),
        wrong=(
            {
                "reflect": "A fold at 0 is symmetric: from a to b and from b to a lead the same "
                "two jumps, b - a and b + a, so the proposal ratio is one.",
                "logarithm": "It has the same proposal, and line 2 pays for it: log new - log r "
                "is the log of q(r|new)/q(new|r).",
            },
            {
                "line 1": "The proposal stays: any is allowed, as long as the ratio knows of it.",
                "line 3": "The coin is tossed as it should be: log u against a log ratio, and who "
                "is rejected stays.",
            },
        ),
        why=(
            "q(new|r) is log-normal, with a density of 1/new in front; the ratio lacks new/r, so "
            "small rates are visited too often."
        ),
        hints=(
            "Start many chains at exact draws, let each run for a while, and compare the means.",
            "A proposal is symmetric when q(new|r) = q(r|new). Write down both densities.",
            "For r' = r exp(step eps) the density of r' is N(log r'; log r, step^2) / r'.",
        ),
    ),
)

PREDICTIONS = (
    Prediction("02.a", "Which share of its proposals does a walk with step 0.01 accept?"),
    Prediction(
        "02.b",
        "At which acceptance rate are draws worth most, in one dimension?",
        ("about 0.1", "about 0.4", "about 0.7", "about 1"),
    ),
    Prediction(
        "02.c",
        "Does a smaller step, which accepts more, give more effective draws?",
        ("fewer", "more", "the same"),
    ),
)
