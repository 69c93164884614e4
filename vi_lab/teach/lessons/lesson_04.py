"""Lesson 04, mean-field CAVI: where the update comes from, why it climbs, why it is too narrow."""

import numpy as np

from vi_lab.teach.exercise import Choice, Exercise, Prediction
from vi_lab.teach.lessons.mistakes import lesson_04_factor as factor
from vi_lab.teach.lessons.mistakes import lesson_04_updates as step
from vi_lab.teach.lessons.mistakes.lesson_04_elbo import ELBO
from vi_lab.teach.lessons.mistakes.lesson_04_mixture import UPDATE_Z
from vi_lab.teach.lessons.solutions import lesson_04 as right


def table_and_factor(generator, i):
    """A table of log joints (rows, columns), and a q over the columns; the fourth is even."""
    rows, columns = ((3, 4), (2, 2), (4, 3), (3, 3), (5, 2), (2, 6))[i % 6]
    table = generator.normal(-4.0, 1.5, (rows, columns))
    if i % 6 == 1:
        table = table.round() - 200.0
    if i % 6 == 4:
        table += 9.0  # a density may be above one
    q = generator.dirichlet(np.full(columns, 0.8)) + 0.02
    if i % 6 == 3:
        q = np.ones(columns)
    return table, q / q.sum()


def shape_and_rate(generator, i):
    """A gamma's shape and rate: below one, whole, very large, and whatever falls."""
    shape, rate = generator.gamma(2.0, 1.5) + 0.2, generator.gamma(2.0, 1.0) + 0.1
    if i % 6 == 1:
        shape = 0.15
    if i % 6 == 2:
        shape = float(generator.integers(2, 9))
    if i % 6 == 3:
        shape, rate = 300.0 * shape, 40.0 * rate
    return shape, rate


def data(generator, i):
    """Five, one, three, eight equal, 30 or two data about a centre; the third are whole numbers."""
    n = (5, 1, 3, 8, 30, 2)[i % 6]
    x = generator.normal(generator.normal(0.0, 3.0), 1.0 + i % 3, n)
    if i % 6 == 2:
        x = np.array([2.0, 2.0, 4.0])
    return np.full(n, x[0]) if i % 6 == 3 else x


def data_and_q(generator, i):
    """Data, and the mean and the variance of q(mu)."""
    x = data(generator, i)
    spread = (0.3, 2.0, 0.05, 1.7, 0.6, 12.0)[i % 6] * generator.uniform(0.8, 1.2)
    return x, x.mean() + generator.normal(), spread


def priors(generator):
    """kappa0, a0, b0 of the prior, none of them one."""
    kappa0 = generator.choice([0.1, 0.4, 3.0]) * generator.uniform(0.8, 1.2)
    return (
        kappa0,
        generator.uniform(1.3, 5.0),
        generator.choice([0.4, 2.5]) * generator.uniform(1, 2),
    )


def for_update_mu(generator, i):
    """Data, E[tau], mu0 and kappa0."""
    tau = generator.choice([0.2, 0.6, 4.0]) * generator.uniform(0.8, 1.2)
    return data(generator, i), tau, generator.normal(0.0, 2.0), priors(generator)[0]


def for_update_tau(generator, i):
    """Data, q(mu), mu0 and the prior; mu0 is exactly m once."""
    x, m, v = data_and_q(generator, i)
    return x, m, v, m if i % 6 == 4 else m + generator.normal(0.0, 2.0), *priors(generator)


def for_elbo(generator, i):
    """Data, q(mu), q(tau) and the prior."""
    x, m, v, mu0, *prior = for_update_tau(generator, i)
    shape, rate = generator.uniform(0.4, 6.0), generator.uniform(0.3, 5.0)
    return x, m, v, shape, rate, mu0, *prior


def covariance(generator, i):
    """A covariance of 2, 3, 1, 4, 2 or 5 coordinates; the fourth is diagonal, the fifth narrow."""
    size = (2, 3, 1, 4, 2, 5)[i % 6]
    root = generator.standard_normal((size, size + 2))
    cov = root @ root.T / 3 + 0.05 * np.eye(size)
    if i % 6 == 3:
        cov = np.diag(np.diag(cov))
    if i % 6 == 4:
        cov = np.array([[4.0, 0.99 * 4.0 * 1.5], [0.99 * 4.0 * 1.5, 9.0]])
    return (cov,)


def for_update_z(generator, i):
    """Data, means and variances of the components' q, alpha of the weights' q."""
    n, k = ((4, 3), (1, 2), (3, 3), (6, 1), (5, 2), (2, 4))[i % 6]
    m = generator.normal(0.0, 1.5, k)
    x = m[generator.integers(0, k, n)] + generator.standard_normal(n)
    v, alpha = generator.uniform(0.1, 2.5, k), generator.gamma(2.0, 1.0, k) + 0.2
    if i % 6 == 2:
        x, m = np.round(x), np.round(m)
    if i % 6 == 4:
        x[-1] = m[0] + 8.0
    return x, m, v, alpha


EXERCISES = (
    Exercise(
        id="04.0",
        title="the best factor, on a table",
        minutes=10,
        star=False,
        inputs=table_and_factor,
        right=right.best_factor,
        mistakes=factor.BEST_FACTOR,
        hints=(
            "Write the ELBO of q(row) q(column) as minus a KL in q(row): where is that KL zero?",
            "q(row) ∝ exp Σ_column q_other(column) log p(row, column, x).",
            "The averages come first, one a row: log_q = log_joint_table @ q_other.",
        ),
    ),
    Exercise(
        id="04.1",
        title="E[log τ] of a gamma",
        minutes=5,
        star=False,
        inputs=shape_and_rate,
        right=right.expected_log,
        mistakes=factor.EXPECTED_LOG,
        hints=(
            "Differentiate ∫ τ^(shape-1) e^(-rate τ) dτ = Γ(shape) / rate^shape by the shape.",
            "The derivative of log Γ is the digamma function; the one of -shape log rate is easy.",
            "scipy has it: digamma(shape) is the first of two terms.",
        ),
    ),
    Exercise(
        id="04.2",
        title="E[(x - μ)²]",
        minutes=5,
        star=False,
        inputs=data_and_q,
        right=right.expected_square,
        mistakes=factor.EXPECTED_SQUARE,
        hints=(
            "Expand the square, or write x - μ = (x - m) - (μ - m) and look at the cross term.",
            "E[μ] = m and E[μ²] = m² + v.",
            "The square of the distance to the mean is one term: (x - m) ** 2.",
        ),
    ),
    Exercise(
        id="04.3",
        title="the step in q(μ)",
        minutes=8,
        star=False,
        inputs=for_update_mu,
        right=right.update_mu,
        mistakes=step.UPDATE_MU,
        parts=("mean", "variance"),
        hints=(
            "It is the conditional of 03.2, with E[τ] where τ stands: log p is linear in τ.",
            "The precision is (kappa0 + n) E[τ]; in the mean E[τ] cancels.",
            "strength = kappa0 + len(x): the prior counts as kappa0 data.",
        ),
    ),
    Exercise(
        id="04.4",
        title="the step in q(τ)",
        minutes=10,
        star=False,
        inputs=for_update_tau,
        right=right.update_tau,
        mistakes=step.UPDATE_TAU,
        parts=("shape", "rate"),
        hints=(
            "It is the conditional of 03.3, with its average where each square of μ stands.",
            "E[Σ (x - μ)²] = Σ ((x - m)² + v), and the pull of the prior is averaged the same way.",
            "data = np.sum((x - m) ** 2 + v) is the first of the two sums in the rate.",
        ),
    ),
    Exercise(
        id="04.5",
        title="the ELBO of both factors",
        minutes=15,
        star=True,
        inputs=for_elbo,
        right=right.elbo,
        mistakes=ELBO,
        hints=(
            "Five terms: three averages of the log joint's factors, and two entropies.",
            "H[N(m, v)] = ½ log(2πe v); H[Gamma] = shape - log rate + log Γ(shape) + "
            "(1 - shape) ψ(shape).",
            "Name the two averages of τ first: E_tau = shape / rate, and E_log by 04.1.",
        ),
    ),
    Exercise(
        id="04.6",
        title="what mean field keeps of a Gaussian",
        minutes=6,
        star=False,
        inputs=covariance,
        right=right.mean_field_variances,
        mistakes=factor.MEAN_FIELD_VARIANCES,
        hints=(
            "The log density is quadratic in z_j: which number stands before -z_j²/2?",
            "With the precision Λ = Σ⁻¹ it is Λ_jj: no correlation, and no other row of Λ, enters.",
            "precision = np.linalg.inv(cov) is the first step.",
        ),
    ),
    Exercise(
        id="04.7",
        title="the step in q(z) of a mixture",
        minutes=12,
        star=True,
        inputs=for_update_z,
        right=right.update_z,
        mistakes=UPDATE_Z,
        hints=(
            "It is the conditional of 03.7 with E[log weight] and E[(x - μ)²] put in.",
            "log r[i, k] = ψ(alpha_k) - ψ(Σ alpha) - ½ ((x_i - m_k)² + v_k) + a constant.",
            "E_log_weight = digamma(alpha) - digamma(np.sum(alpha)): one number a component.",
        ),
    ),
)

CHOICES = (
    Choice(
        id="04.8",
        title="an ELBO that falls",
        minutes=8,
        star=False,
        question="The bound of this CAVI falls. Whose fault is it?",
        answers=("a stale statistic",),
        wrong=(
            {
                "the learning rate": "CAVI has none: each step is the exact maximum over one "
                "factor, the others held fixed.",
                "a local optimum": "At a local optimum the bound stands still. No climb falls on "
                "its way to one.",
                "rounding": "Rounding costs 1e-13 of the bound here; it fell by whole nats.",
                "too few data": "The bound of any data climbs. With few data the prior weighs "
                "more, and that is all.",
                "a bad start": "From any start each step is a maximum over its factor: a bad start "
                "means that there is much to climb.",
            },
        ),
        why="The second and the third update take statistics of the sweep before. Each step is a "
        "maximum given what the other factors were, and no longer given what they are.",
        hints=(
            "Which promise does each step of coordinate ascent make, and under which condition?",
            "It maximises over one factor with the others held at their values of now.",
            "Follow the name `old` through the loop.",
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        "04.a",
        "Each sweep of CAVI has two half-sweeps. How many of the first 20 lower the ELBO?",
        ("none", "a few", "about half"),
    ),
    Prediction(
        "04.b",
        "A Gaussian posterior has standard deviations 1 and a correlation of 0.99. What standard "
        "deviation has the best q(z1) q(z2)?",
    ),
    Prediction(
        "04.c",
        "The two correlated coordinates form one block with a two-dimensional normal q. How many "
        "nats does mean field then lose?",
        ("all of them", "about half", "none"),
    ),
)
