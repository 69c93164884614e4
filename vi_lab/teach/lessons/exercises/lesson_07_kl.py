"""Lesson 07: the KL of a Gaussian q to the standard normal prior."""

from __future__ import annotations

import numpy as np

from vi_lab.teach.exercise import Exercise

EXTREME = -30.0  # a log variance at which e^v vanishes beside any fudge


def kl_inputs(rng, i):
    """Ordinary, one row, one that is the prior, one latent, e^-30 as a variance, square."""
    rows, latents = [(4, 3), (1, 2), (3, 2), (4, 1), (2, 3), (3, 3)][i % 6]
    m, logvar = rng.normal(size=(2, rows, latents))
    if i % 6 == 2:
        m[0], logvar[0] = 0.0, 0.0
    if i % 6 == 4:
        logvar[0, 0] = EXTREME
    return m, logvar


def kl(m, logvar):
    """KL[N(m, e^logvar) || N(0, I)] of each row in nats, shape (rows,).

    m and logvar are (rows, latents).
    """
    return 0.5 * (m**2 + np.exp(logvar) - 1 - logvar).sum(axis=-1)


def _half(terms):
    """Half the sum of wrong terms over the latents."""
    return lambda m, v: 0.5 * terms(m, v).sum(-1)


def _fudged(eps):
    return _half(lambda m, v: m**2 + np.exp(v) - 1 - np.log(np.exp(v) + eps))


KL = Exercise(
    id="07.5",
    title="KL to the prior",
    minutes=10,
    star=False,
    inputs=kl_inputs,
    right=kl,
    mistakes={
        "The half is missing.": lambda m, v: 2 * kl(m, v),
        "The half is there twice.": lambda m, v: kl(m, v) / 2,
        "The half is missing before the squares, m² + e^v.": lambda m, v: (
            m**2 + np.exp(v) - 0.5 * (1 + v)
        ).sum(-1),
        "The half is missing before 1 + v.": lambda m, v: (0.5 * (m**2 + np.exp(v)) - 1 - v).sum(
            -1
        ),
        "The half is at m² alone.": lambda m, v: (0.5 * m**2 + np.exp(v) - 1 - v).sum(-1),
        "The half is missing before m².": lambda m, v: kl(m, v) + 0.5 * (m**2).sum(-1),
        "The half is missing before e^v.": lambda m, v: kl(m, v) + 0.5 * np.exp(v).sum(-1),
        "The half is missing before v.": lambda m, v: kl(m, v) - 0.5 * v.sum(-1),
        "The half is at v alone, and missing before the rest.": lambda m, v: (
            m**2 + np.exp(v) - 1 - 0.5 * v
        ).sum(-1),
        "The half is missing before the 1.": _half(lambda m, v: m**2 + np.exp(v) - 2 - v),
        "You took a half of the log sd: v/2 was halved again.": _half(
            lambda m, v: m**2 + np.exp(v) - 1 - 0.5 * v
        ),
        "The log variance was taken for a log sd.": lambda m, v: kl(m, 2 * v),
        "exp(v/2) is the sd; the variance e^v belongs here.": _half(
            lambda m, v: m**2 + np.exp(v / 2) - 1 - v
        ),
        "You took the norm of m, not squared.": lambda m, v: (
            kl(0 * m, v) + np.linalg.norm(m, axis=1) / 2
        ),
        "logvar was taken for the variance: it is its logarithm.": _half(
            lambda m, v: m**2 + v - 1 - np.log(np.abs(v))
        ),
        "You took e^(2v): the variance was squared.": _half(
            lambda m, v: m**2 + np.exp(2 * v) - 1 - v
        ),
        "You took the -1 once, not once for every latent.": lambda m, v: (
            0.5 * ((m**2 + np.exp(v) - v).sum(-1) - 1)
        ),
        "You took the -½ once, outside the sum and the half.": lambda m, v: (
            0.5 * (m**2 + np.exp(v) - v).sum(-1) - 1
        ),
        "The -1 is missing.": _half(lambda m, v: m**2 + np.exp(v) - v),
        "+1 where -1 belongs.": _half(lambda m, v: m**2 + np.exp(v) + 1 - v),
        "The sign is wrong: a KL is not negative.": lambda m, v: -kl(m, v),
        "The sign is wrong, and the half is missing.": lambda m, v: -2 * kl(m, v),
        "You took a mean over the latents: a KL adds up.": lambda m, v: kl(m, v) / m.shape[1],
        "You took a mean over the latents, and no half.": lambda m, v: 2 * kl(m, v) / m.shape[1],
        "Summed over the rows too: one number for each row.": lambda m, v: kl(m, v).sum(),
        "You took a mean over the rows: one number for each row.": lambda m, v: kl(m, v).mean(),
        "You took a mean over everything: one number for each row.": lambda m, v: (
            kl(m, v).mean() / m.shape[1]
        ),
        "Summed over the rows, not over the latents.": lambda m, v: (
            0.5 * (m**2 + np.exp(v) - 1 - v).sum(0)
        ),
        "Not summed over the latents.": lambda m, v: 0.5 * (m**2 + np.exp(v) - 1 - v),
        "You added 1 + v; it is subtracted: -1 - v.": _half(lambda m, v: m**2 + np.exp(v) + 1 + v),
        "You took E[z²] for E[(z - m)²] in log q: that is e^v, so -1 comes of it.": _half(
            lambda m, v: m**2 + np.exp(v) - v - (m**2 + np.exp(v)) * np.exp(-v)
        ),
        "This is KL(prior||q): the other way round.": _half(
            lambda m, v: (1 + m**2) * np.exp(-v) - 1 + v
        ),
        "m is not squared.": _half(lambda m, v: m + np.exp(v) - 1 - v),
        "m² is missing.": _half(lambda m, v: np.exp(v) - 1 - v),
        "You took |m| for m².": _half(lambda m, v: np.abs(m) + np.exp(v) - 1 - v),
        "You divided m² by the variance: the prior's variance is 1.": _half(
            lambda m, v: m**2 * np.exp(-v) + np.exp(v) - 1 - v
        ),
        "You subtracted m²: its sign is wrong.": _half(lambda m, v: -(m**2) + np.exp(v) - 1 - v),
        "e^v is missing.": _half(lambda m, v: m**2 - 1 - v),
        "The sign of e^v is wrong.": _half(lambda m, v: m**2 - np.exp(v) - 1 - v),
        "You took e^-v: a precision where the variance belongs.": _half(
            lambda m, v: m**2 + np.exp(-v) - 1 - v
        ),
        "v stands for e^v in one place: the exp is missing.": _half(lambda m, v: m**2 + v - 1 - v),
        "-v is missing: the entropy of q.": _half(lambda m, v: m**2 + np.exp(v) - 1),
        "The sign of v is wrong: minus v.": _half(lambda m, v: m**2 + np.exp(v) - 1 + v),
        "logvar was used as a variance.": _half(lambda m, v: m**2 + v - 1 - np.log(v)),
        "You took log of |logvar|: logvar is the logarithm already.": _half(
            lambda m, v: m**2 + np.exp(v) - 1 - np.log(np.abs(v))
        ),
        "logvar was used as an sd.": _half(lambda m, v: m**2 + v**2 - 1 - np.log(v**2)),
        "You took e^v twice: m² is not multiplied by it.": _half(
            lambda m, v: m**2 * np.exp(v) + np.exp(v) - 1 - v
        ),
        "You took (m + sd)²: the mean of z² is m² + e^v.": _half(
            lambda m, v: (m + np.exp(v / 2)) ** 2 - 1 - v
        ),
        "(e^v - 1 - v) was squared with m.": _half(lambda m, v: (m + np.exp(v) - 1 - v) ** 2),
        "The entropy of the prior stayed: log 2π cancels.": _half(
            lambda m, v: m**2 + np.exp(v) - 1 - v + np.log(2 * np.pi)
        ),
        "You took the cross-entropy E[-log p(z)]: the entropy of q is missing.": _half(
            lambda m, v: m**2 + np.exp(v) + np.log(2 * np.pi)
        ),
        "You took minus the entropy of q alone.": _half(lambda m, v: -1 - v - np.log(2 * np.pi)),
        "Symmetrised: the sum of both directions.": _half(
            lambda m, v: (1 + m**2) * np.exp(-v) - 2 + m**2 + np.exp(v)
        ),
        "You took 2 in front, not ½.": lambda m, v: 4 * kl(m, v),
        "½ was added, not multiplied.": lambda m, v: 2 * kl(m, v) + 0.5,
        "½ was subtracted, not multiplied.": lambda m, v: 2 * kl(m, v) - 0.5,
        "The sign of m² + e^v is wrong.": _half(lambda m, v: 1 - m**2 - np.exp(v) - v),
        "m stands where v belongs: minus m.": _half(lambda m, v: m**2 + np.exp(v) - 1 - m),
        "e^m stands where e^v belongs.": _half(lambda m, v: m**2 + np.exp(m) - 1 - v),
        "v² stands where m² belongs.": _half(lambda m, v: v**2 + np.exp(v) - 1 - v),
        "m and v changed places.": lambda m, v: kl(v, m),
        "You took m³: the mean squared.": _half(lambda m, v: m**3 + np.exp(v) - 1 - v),
        "You took 2 m: the square is m times m.": _half(lambda m, v: 2 * m + np.exp(v) - 1 - v),
        "m² was multiplied by e^v: a sum.": _half(lambda m, v: m**2 * np.exp(v) - 1 - v),
        "You took the largest latent alone: a KL adds up.": lambda m, v: (
            0.5 * (m**2 + np.exp(v) - 1 - v).max(-1)
        ),
        "The means were summed before they were squared.": lambda m, v: (
            0.5 * (m.sum(-1) ** 2 + (np.exp(v) - 1 - v).sum(-1))
        ),
        "You took e to the summed v: each latent has its own variance.": lambda m, v: (
            0.5 * ((m**2 - 1 - v).sum(-1) + np.exp(v.sum(-1)))
        ),
        "You took bits, not nats.": lambda m, v: kl(m, v) / np.log(2),
        "You took the root: a KL is no distance.": lambda m, v: np.sqrt(kl(m, v)),
        **{
            f"{eps} inside the logarithm changes the KL.": _fudged(float(eps))
            for eps in ("1e-4", "1e-5", "1e-6", "1e-7", "1e-8", "1e-9", "1e-10", "1e-12")
        },
        "logvar was clipped at -20: v is v.": lambda m, v: kl(m, np.maximum(v, -20)),
        "logvar was clipped at -10: v is v.": lambda m, v: kl(m, np.maximum(v, -10)),
        "softplus(v) is no variance: logvar is a log variance.": _half(
            lambda m, v: m**2 + np.logaddexp(0, v) - 1 - np.log(np.logaddexp(0, v))
        ),
    },
    hints=(
        "KL = E_q[log q(z) - log p(z)], latent by latent. What is E_q[z²]?",
        "For each latent ½ (m² + e^v - 1 - v), and latents add up.",
        "Start with each = m**2 + np.exp(logvar) - 1 - logvar.",
    ),
)

EXERCISES = (KL,)
