"""Lesson 07, the VAE by hand: every gradient of the bound, written and checked.

The exercises are in files of their own. Here are what is asked without code, and the whole list in
the order of the chain.
"""

from __future__ import annotations

from vi_lab.teach.exercise import Choice, Prediction
from vi_lab.teach.lessons.exercises import (
    lesson_07_adam,
    lesson_07_kl,
    lesson_07_kl_back,
    lesson_07_layers,
    lesson_07_likelihood,
    lesson_07_likelihood_back,
    lesson_07_sampling,
    lesson_07_score,
)

EXERCISES = (
    *lesson_07_layers.EXERCISES,
    *lesson_07_likelihood.EXERCISES,
    *lesson_07_likelihood_back.EXERCISES,
    *lesson_07_kl.EXERCISES,
    *lesson_07_kl_back.EXERCISES,
    *lesson_07_sampling.EXERCISES,
    *lesson_07_score.EXERCISES,
    *lesson_07_adam.EXERCISES,
)

CHOICES = (
    Choice(
        id="07.11",
        title="the test loss that is too good",
        minutes=8,
        star=False,
        question="Which line makes the loss of the test pictures too good to be true?",
        answers=("B",),
        wrong=(
            {
                "A": "Line A is innocent: the encoder gives m and logvar of q(z|x), at test time "
                "as in training. Ask at which z the next lines look.",
                "C": "Line C is innocent: the layers of the decoder are the same as in training. "
                "Ask which z they were given.",
                "D": "Line D is innocent: log p(x|z) is a sum over the pixels, and of one z it is "
                "an estimate without bias, if z is a draw of q.",
                "E": "Line E is innocent: the KL in closed form is an average over q already; it "
                "needs no draw.",
            },
        ),
        why="At test time z = m stands where a draw of q belongs. The decoder does best about m, "
        "so E_q[log p(x|z)] is overrated while the KL is still charged in full: no bound any more. "
        "D. P. Kingma found this line in PyTorch's own example (pytorch/examples, PR 419).",
        hints=(
            "The ELBO is an average over z ~ q. Which line takes no average?",
            "ELBO = E_q[log p(x|z)] - KL(q || p(z)); compare it with each line.",
            "Follow z: where does its noise come from at test time?",
        ),
    ),
)

PREDICTIONS = (
    Prediction("07.a", "To how many digits is a complex step right, at best (of about 16)?"),
    Prediction(
        "07.c",
        "A KL without its half is checked at m = 0, logvar = 0. Is the mistake found?",
        ("found", "not found"),
    ),
    Prediction(
        "07.b",
        "Variance of the score function's gradient over that of the reparameterised one, one draw?",
        within=10.0,
    ),
)
