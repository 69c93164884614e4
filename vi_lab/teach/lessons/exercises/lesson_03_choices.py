"""Lesson 03: the hunt for a sweep that reads old values, and what to predict."""

from vi_lab.teach.exercise import Choice, Prediction

CHOICES = (
    Choice(
        id="03.8",
        title="The means are right, the covariance is not",
        minutes=15,
        star=False,
        question=(
            "A Gibbs sampler in two blocks has the right means and the right sds, but its "
            "correlation is too small. What is wrong with it?"
        ),
        answers=("old values",),
        wrong=(
            {
                "too few draws": "Its error does not shrink: ten times as many draws, started at "
                "exact ones, have the same wrong correlation, by many standard errors.",
                "wrong prior": "A wrong prior would move the means or the sds, and both are right.",
                "wrong conditional": "Each conditional is right: drawn one after the other, with "
                "the new value, the same two lines give the right correlation.",
            },
        ),
        why=(
            "Both blocks were drawn from the values of the sweep before, so the two new ones know "
            "nothing of each other. Drawing in parallel is allowed only for blocks that are "
            "independent given the rest."
        ),
        hints=(
            "Which z[0] does the draw of z[1] read: this sweep's or the last one's?",
            "For stale values z' = rho (z1, z0) + sd eps: what is the covariance of z0' and z1'?",
            "Follow Cov(z0', z1') = rho^2 Cov(z1, z0): where does that go, sweep after sweep?",
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        "03.a",
        "Each conditional is narrow. Will the draws be too narrow at correlation 0.9?",
        ("no", "yes"),
    ),
    Prediction(
        "03.b", "The correlation of one coordinate from sweep to sweep, at rho = 0.9", within=1.05
    ),
    Prediction(
        "03.c",
        "Two components with the same prior: what is the mean of a label, after very many sweeps?",
        ("0 or 1", "1/2", "near 0.1 or 0.9"),
    ),
)
