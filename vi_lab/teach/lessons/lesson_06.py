"""Lesson 06, from mean field to the VAE: amortised inference, where everything is known."""

import numpy as np
from scipy.optimize import brentq

from vi_lab.teach.answers.calling import call
from vi_lab.teach.exercise import Choice, Exercise, Prediction
from vi_lab.teach.lessons.mistakes import lesson_06_bound as bound
from vi_lab.teach.lessons.mistakes import lesson_06_encoder as encoder
from vi_lab.teach.lessons.mistakes import lesson_06_evidence as evidence
from vi_lab.teach.lessons.solutions import lesson_06 as right

ONE_TWICE = "One number came back twice: work out the second form by itself, from E[log p(z, x)]."


def data_and_q(generator, i):
    """x, m, v, s2: four, one, three equal, two, eight or five data; m is 0 once, v small once."""
    n = (4, 1, 3, 2, 8, 5)[i % 6]
    x, m = generator.normal(0.5, 1.5, n), generator.normal()
    v, s2 = generator.uniform(0.1, 0.8), generator.choice([0.3, 2.5]) * generator.uniform(0.8, 1.2)
    if i % 6 == 2:
        x = np.full(n, 2.0)
    if i % 6 == 3:
        m, v = 0.0, 3.0
    if i % 6 == 4:
        v = 0.004
    return x, m, v, s2


def vanishing_bound(generator):
    """x, m, v and the s2 at which the ELBO is 0 up to rounding, where two routes part."""
    m, v = generator.normal(0.0, 0.2), generator.uniform(0.01, 0.02)
    x = m + generator.normal(0.0, 0.05, 6)
    best = np.mean((x - m) ** 2 + v)
    return x, m, v, brentq(lambda s2: right.elbo_two_ways(x, m, v, s2)[0], best, 5.0, xtol=1e-16)


def judge_two_ways(answer):
    """Named if two right numbers agree in every bit on all of 24 bounds that are mere rounding."""
    generator = np.random.default_rng(6)
    given = data_and_q(generator, 0)
    pair = both_forms(answer, given)
    if (
        pair is None
        or len(pair) != 2
        or not np.allclose(pair, right.elbo_two_ways(*given), rtol=1e-6)
    ):
        return None
    pairs = [both_forms(answer, vanishing_bound(generator)) for _ in range(24)]
    return ("named", ONE_TWICE) if all(pair and pair[0] == pair[1] for pair in pairs) else None


def both_forms(answer, given):
    """The two numbers of an answer, in whatever form they come; None where there are not two."""
    parts = call(answer, given, right.elbo_two_ways(*given)).reading.parts
    return None if parts is None else [part.item() for part in parts if part.size == 1]


def linear_model(generator, i):
    """W (D, K), s2 and x (D,) with D >= K, so that least squares has an answer too."""
    size, latents = ((4, 2), (1, 1), (3, 3), (5, 1), (6, 3), (2, 2))[i % 6]
    W = generator.standard_normal((size, latents)) + 0.2
    s2 = generator.choice([0.25, 3.0]) * generator.uniform(0.8, 1.2)
    x = generator.normal(0.0, 2.0, size)
    if i % 6 == 2:
        W, x = np.round(2 * W) + 2 * np.eye(size), np.round(x) + 1.0
    return W, s2, x


def any_linear_model(generator, i):
    """W (D, K), s2 and x (D,): as many latents, more, and fewer, where W W' has no inverse."""
    size, latents = ((3, 3), (1, 1), (2, 4), (3, 5), (4, 4), (3, 2))[i % 6]
    W = generator.standard_normal((size, latents)) + 0.2
    s2 = generator.choice([0.25, 3.0]) * generator.uniform(0.8, 1.2)
    if latents < size:
        W[1] = 0.0
    return W, s2, generator.normal(0.0, 1.5, size)


def precision_matrix(generator, i):
    """The precision of 3 to 5 latents, built as in 06.2; the third is diagonal."""
    size = (3, 4, 3, 5, 3, 4)[i % 6]
    W = generator.standard_normal((size + 1, size))
    L = np.eye(size) + W.T @ W / generator.uniform(0.3, 2.0)
    if i % 6 == 2:
        L = np.diag(np.diag(L))
    if i % 6 == 4:
        L = np.round(L) + np.diag([1.0, 2.0, 3.0])
    return (L,)


def directions(generator, i):
    """Eigenvalues, falling, and the noise: below all of them, above all, equal to one, between."""
    size = (4, 1, 3, 5, 4, 6)[i % 6]
    eigenvalues = np.sort(generator.gamma(0.7, 2.0, size) + 0.01)[::-1]
    s2 = float(generator.choice([0.2, 0.6, 2.0]) * generator.uniform(0.8, 1.2))
    if i % 6 == 1:
        eigenvalues = np.array([s2 * (3.0 if i % 12 == 1 else 0.4)])
    if i % 6 == 2:
        eigenvalues[1] = s2
    if i % 6 == 3:
        s2 = float(1.5 * eigenvalues[0])
    if i % 6 == 4:
        eigenvalues, s2 = np.array([4.2, 0.24, 0.08, 0.024]), float(eigenvalues[0])
    return eigenvalues, s2


EXERCISES = (
    Exercise(
        id="06.1",
        title="one ELBO, two forms",
        minutes=10,
        star=False,
        inputs=data_and_q,
        right=right.elbo_two_ways,
        mistakes=bound.TWO_WAYS,
        judge=judge_two_ways,
        parts=("first form", "second form"),
        hints=(
            "Four averages under q: of log p(x|z), of log p(z), of log q, and a KL of two normals.",
            "KL[N(m, v) || N(0, 1)] = ½ (m² + v - 1 - log v), and E[(x - z)²] = (x - m)² + v.",
            "square = np.sum((x - m) ** 2 + v), and with it E[log p(x|z)], which both forms share.",
        ),
    ),
    Exercise(
        id="06.2",
        title="the best encoder of a linear decoder",
        minutes=10,
        star=False,
        inputs=linear_model,
        right=right.best_encoder,
        mistakes=encoder.BEST_ENCODER,
        parts=("mean", "variance"),
        hints=(
            "Complete the square in z in log p(z) + log p(x|z); then think of 04.6.",
            "L = I + W'W / s2, the mean is L⁻¹ W'x / s2, and q_j has the variance 1 / L_jj.",
            "precision = np.eye(W.shape[1]) + W.T @ W / s2",
        ),
    ),
    Exercise(
        id="06.3",
        title="log p(x) of the linear model",
        minutes=8,
        star=False,
        inputs=any_linear_model,
        right=right.log_evidence,
        mistakes=evidence.LOG_EVIDENCE,
        hints=(
            "x = W z + noise is a sum of normals: which mean and covariance has it?",
            "log N(x; 0, C) = -½ (D log 2π + log det C + x' C⁻¹ x) with C = W W' + s2 I.",
            "cov = W @ W.T + s2 * np.eye(len(x)); np.linalg.slogdet gives a log-determinant.",
        ),
    ),
    Exercise(
        id="06.4",
        title="what a q without correlations misses",
        minutes=8,
        star=False,
        inputs=precision_matrix,
        right=right.rotation_gap,
        mistakes=encoder.ROTATION_GAP,
        hints=(
            "Write KL(q || p) of two normals with one mean; one term is the trace of L cov(q).",
            "With variances 1 / L_jj the trace is K and cancels: ½ (Σ log L_jj - log det L) stays.",
            "np.diag(L) has the entries of the sum, np.linalg.slogdet(L)[1] the log-determinant.",
        ),
    ),
    Exercise(
        id="06.6",
        title="which latents are used, and for how many nats",
        minutes=6,
        star=False,
        inputs=directions,
        right=right.used,
        mistakes=encoder.USED,
        samples=24,
        hints=(
            "A latent that is used has a posterior precision of eigenvalue / s2.",
            "On average its KL to the prior is ½ log(λ / s2); where λ ≤ s2 the best W has a zero.",
            "Floor the ratio first: np.maximum(eigenvalues / s2, 1).",
        ),
    ),
)

CHOICES = (
    Choice(
        id="06.5",
        title="how many numbers must be found for q?",
        minutes=4,
        star=False,
        question="1,797 pictures of 64 pixels, two latents. How many numbers describe all the q, "
        "with a Gaussian of its own for each picture, and with an encoder 64-64-2, that is, one "
        "hidden layer of 64 and means and log variances of two latents?",
        items=("a q for each picture", "an encoder"),
        answers=("7,188", "4,420"),
        wrong=(
            {
                "3,594": "Two means for each picture, and the two variances are forgotten.",
                "14,376": "A mean and a variance are two numbers, not four, for each latent.",
                "115,008": "That is the number of pixels. q describes the latents.",
            },
            {
                "8,772": "The decoder is counted too. It belongs to the model, not to q.",
                "4,290": "The head for the log variances is forgotten: 64 x 2 + 2 more.",
                "4,352": "The biases are forgotten: 64 + 2 + 2 more.",
                "7,942,740": "It does not grow with the pictures: one encoder serves all.",
            },
        ),
        why="1,797 x 4 against 64 x 64 + 64 + 2 (64 x 2 + 2), and the second stays when pictures "
        "are added.",
        hints=(
            "Count means and variances; then the weights and the biases of three linear maps.",
            "A linear map from a to b has a x b weights and b biases.",
            "The hidden layer alone has 64 x 64 + 64 = 4,160.",
        ),
    ),
    Choice(
        id="06.7",
        title="a collapsed latent: whose fault?",
        minutes=8,
        star=True,
        question="Three runs in which a latent carries 0 nats. Whose fault is it in each?",
        items=("run A", "run B", "run C"),
        answers=("the model", "the objective", "the encoder"),
        wrong=(
            {
                "the objective": "Run A has beta = 1: its objective is the ELBO, and no other.",
                "the encoder": "The best encoder there is has the same KL of 0: in run A the "
                "likelihood itself wants no second latent, as the noise exceeds its variance.",
            },
            {
                "the model": "The same model with beta = 1 uses both latents: the noise is small.",
                "the encoder": "The encoder does what it was paid for: with beta = 4 a nat of KL "
                "costs four nats of reconstruction.",
            },
            {
                "the model": "The same decoder with the best encoder uses both latents.",
                "the objective": "Run C has beta = 1, and its ELBO is below that of the best "
                "encoder: the objective asks for more than this encoder gives.",
            },
        ),
        why="The noise is too large for the second direction; beta = 4 punishes the KL; the second "
        "row of the encoder was cut off.",
        hints=(
            "Three things differ: the noise, beta, and what the best encoder would do.",
            "The variance along the second direction is 0.24: which run has noise above it?",
            "A beta other than 1 is another objective than the ELBO.",
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        "06.a",
        "The two latents of a perfect linear VAE are turned by 45 degrees, then by 90. Where does "
        "its ELBO fall?",
        ("at both", "at 45 alone", "at 90 alone", "at neither"),
    ),
    Prediction(
        "06.c",
        "A Gaussian q for each of 1,797 pictures with two latents: how many numbers is that?",
    ),
    Prediction(
        "06.b",
        "Variances of the data along four directions: 4.2, 0.24, 0.08, 0.02. How many of two "
        "latents are used at a noise variance of 0.1, 1 and 10?",
        ("2, 2, 2", "2, 1, 0", "2, 1, 1", "1, 1, 0"),
    ),
)
