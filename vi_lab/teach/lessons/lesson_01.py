"""Lesson 01, the identity: KL, the five lines, the ELBO and what a lost constant does."""

import vi_lab as vl
from vi_lab.teach.exercise import Choice, Exercise, Prediction
from vi_lab.teach.lessons.exercises.darwin import NO_PRODUCT, judge_darwin, q_of
from vi_lab.teach.lessons.exercises.distributions import (
    distribution_and_joint,
    mixtures,
    two_distributions,
    two_normals,
)
from vi_lab.teach.lessons.mistakes.lesson_01_normals import ENTROPY, KL_NORMALS, MOMENT_MATCH
from vi_lab.teach.lessons.mistakes.lesson_01_states import ELBO, FIVE_LINES, KL
from vi_lab.teach.lessons.solutions.lesson_01 import (
    darwin_by_hand,
    elbo,
    entropy_normal,
    five_lines,
    kl,
    kl_normals,
    moment_match,
)

EXERCISES = (
    Exercise(
        id="01.1",
        title="the KL divergence",
        minutes=8,
        star=False,
        inputs=two_distributions,
        right=kl,
        mistakes=KL,
        hints=(
            "It is an average under q of how much larger q is than p, on a log scale.",
            "KL[q || p] = Σ_z q(z) log(q(z) / p(z)).",
            "Start with ratio = np.log(q / p), one number a state.",
        ),
    ),
    Exercise(
        id="01.2",
        title="the five lines on four states",
        minutes=15,
        star=False,
        inputs=distribution_and_joint,
        right=five_lines,
        parts=("line 1", "line 2", "line 3", "line 4", "line 5"),
        mistakes=FIVE_LINES,
        hints=(
            "First p(x), the sum of the joint, and the posterior. Then one line at a time.",
            "Lines 1 to 3 sum over q everywhere; in lines 4 and 5, Σ q = 1 has been used.",
            "Start with log_evidence = np.log(joint.sum()) and posterior = joint / joint.sum().",
        ),
    ),
    Exercise(
        id="01.3",
        title="the ELBO",
        minutes=8,
        star=False,
        inputs=lambda generator, i: distribution_and_joint(generator, i if i % 3 else i + 8),
        right=elbo,
        mistakes=ELBO,
        hints=(
            "Two averages under q: one of the log joint, one of log q.",
            "ELBO(q) = Σ_z q(z) log p(z, x) - Σ_z q(z) log q(z).",
            "Start with energy = np.sum(q * np.log(joint)).",
        ),
    ),
    Exercise(
        id="01.4",
        title="the entropy of a normal",
        minutes=5,
        star=True,
        inputs=lambda generator, i: ((1.0, 2, 1e-6)[i] if i < 3 else generator.uniform(0.1, 9),),
        right=entropy_normal,
        mistakes=ENTROPY,
        hints=(
            "Minus the average of log q under q; the square averages to the variance.",
            "H = ½ log(2π v) + ½, where v is the variance.",
            "Start with v = sd**2.",
        ),
    ),
    Exercise(
        id="01.5",
        title="KL of two normals",
        minutes=12,
        star=False,
        inputs=two_normals,
        right=kl_normals,
        mistakes=KL_NORMALS,
        hints=(
            "E_q[log q - log p]: under q, (z - m2)² averages to v1 + (m1 - m2)².",
            "½ (log(v2 / v1) + (v1 + (m1 - m2)²) / v2 - 1).",
            "Start with square = v1 + (m1 - m2)**2, the average of (z - m2)².",
        ),
    ),
    Exercise(
        id="01.7",
        title="the other KL matches moments",
        minutes=8,
        star=True,
        inputs=mixtures,
        right=moment_match,
        parts=("mean", "sd"),
        mistakes=MOMENT_MATCH,
        hints=(
            "KL[p || q] over normals is smallest where q has the mean and the variance of p.",
            "mean = Σ w m, and E[z²] = Σ w (s² + m²).",
            "Start with mean = np.sum(w * m).",
        ),
    ),
    Exercise(
        id="01.9",
        title="Darwin by hand, under 0.035 nats",
        minutes=10,
        star=False,
        inputs=lambda generator, i: (),
        right=darwin_by_hand,
        judge=judge_darwin,
        mistakes={
            "tau's rate: this is a scale, one over the rate.": q_of(20.9, 8.6, 10, 1 / 11_035),
            "mu's sd: this is a variance.": q_of(20.9, 8.6**2, 10, 11_035),
            "mu's sd: this is a precision.": q_of(20.9, 8.6**-2, 10, 11_035),
            NO_PRODUCT: lambda: vl.exact(vl.problem("darwin")),
            "mu's sd: this is the spread of the data, not of what they say about mu.": q_of(
                20.9, 36.5, 10, 11_035
            ),
        },
        hints=(
            "Read mean and sd of the exact posterior, and give q the same mean of mu and of tau.",
            "A gamma: shape = mean² / sd², rate = mean / sd². For q(mu), a little narrower.",
            "tau has mean 0.000906: with shape 10, the rate is 10 / 0.000906.",
        ),
    ),
)

CHOICES = (
    Choice(
        id="01.10",
        title="why EP is wider",
        minutes=3,
        star=True,
        question="EP has the sd of the truth where Gaussian VI has 0.96 of it. Why?",
        answers=("EP covers the mass",),
        wrong=(
            {
                "EP has more parameters": "Both are one Gaussian of theta: a mean and an sd.",
                "EP has a larger ELBO": "It is lower: 0.0039 nats short, Gaussian VI 0.0024. "
                "No Gaussian has a higher ELBO than that of Gaussian VI.",
                "EP draws samples": "It draws none: its averages are integrals over one number.",
            },
        ),
        why="KL[p || q] matches moments, KL[q || p] avoids what p lacks: wider by the first, "
        "a higher bound by the second.",
        hints=(
            "Which way round is the KL of each?",
            "The normal of the least KL[p || q] has the mean and the variance of p.",
            "One seeks a mode, the other covers.",
        ),
    ),
    Choice(
        id="01.6",
        title="one ledger does not hold",
        minutes=4,
        star=False,
        question=(
            "Three people hand in log p(x), ELBO and KL of one model, each with a q of their own. "
            "A: -271.25, -272.30, 1.05. B: -271.25, -271.26, 0.01. C: -271.25, -268.10, 3.15. "
            "Which number is wrong?"
        ),
        answers=("the ELBO of C",),
        wrong=(
            {
                "the KL of C": (
                    "The largest KL is no wrong one. Were the ELBO right, the KL would have to be "
                    "-3.15, and no KL is negative."
                ),
                "none, C's q is bad": (
                    "A bad q has a large KL and an ELBO as far below: C's does not add up."
                ),
                "none, it is rounding": "The residual is 6.30 nats; rounding is 1e-9 here.",
                "log p(x)": "A and B agree on it, and their ledgers hold.",
            },
        ),
        why="No ELBO lies above log p(x), because no KL is negative: this one lost a constant.",
        hints=("Add ELBO and KL. Which of the three can never lie above another?",),
    ),
    Choice(
        id="01.8",
        title="a bound 60.643 nats too high",
        minutes=5,
        star=False,
        question=(
            "Newcomb has n = 66 data. Which constant was lost, if the bound of the best q lies "
            "60.643 nats above log p(x)?"
        ),
        answers=("(n/2) log 2π",),
        wrong=(
            {
                "log 2π": "One log 2π is 1.838 nats: the likelihood has a normal for each datum.",
                "n log 2π": "That is 121.3 nats: each normal density has the root of 2π.",
                "n log n": "That is 276.5 nats, and belongs to counting orders: data are given.",
            },
        ),
        why="66 normal densities, each with (2π)^(-1/2): 33 log 2π = 60.650, less 0.007, the KL of "
        "the best q.",
        hints=("Divide 60.643 by 66, and take exp of twice that.",),
    ),
)

PREDICTIONS = (
    Prediction("01.a", "To how many digits will the five lines agree?", ("3", "8", "15")),
    Prediction(
        "01.b",
        "Each coordinate of the target has sd 1, their correlation is 0.9. Which sd of two "
        "independent factors has the highest ELBO?",
        within=1.1,
    ),
    Prediction(
        "01.c",
        "The log joint loses a constant. What becomes of the best q?",
        ("it moves", "it stays", "it widens"),
    ),
    Prediction(
        "01.d",
        "Which KL makes a normal cover both humps of p?",
        ("KL[p || q]", "KL[q || p]", "both"),
    ),
)
