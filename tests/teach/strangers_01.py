"""What readers of lesson 01 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math

import numpy as np
from scipy.special import rel_entr
from scipy.stats import entropy, norm

import vi_lab as vl


def loop(q, p):
    total = 0
    for a, b in zip(q, p, strict=True):
        total += a * (math.log(a) - math.log(b))
    return total


def between_only(w, m, s):
    a = np.sum(w * m)
    return (a, np.sqrt(np.sum(w * (m - a) ** 2)))


def lists(w, m, s):
    a = sum(wi * mi for wi, mi in zip(w, m, strict=True))
    b = sum(wi * (si * si + mi * mi) for wi, mi, si in zip(w, m, s, strict=True))
    return [a, (b - a * a) ** 0.5]


def pairwise(w, m, s):
    between = 0.5 * np.sum(w[:, None] * w * (m[:, None] - m) ** 2)
    return np.array([w @ m, np.sqrt(w @ s**2 + between)])


def one_number_five_times(q, joint):
    post = joint / joint.sum()
    return [np.sum(q * np.log(q / post))] * 5


def five(q, joint, px=None, first=None, third=None, fourth=None):
    """The five lines with what a stranger put into them."""
    px = joint.sum() if px is None else px
    return [
        -np.sum(q * np.log(joint / joint.sum() / q)) if first is None else first,
        -np.sum(q * np.log(joint / (q * px))),
        -np.sum(q * np.log(joint / q)) + (np.sum(q * np.log(px)) if third is None else third),
        -np.sum(q * (np.log(joint) - np.log(q))) + (np.log(px) if fourth is None else fourth),
        -(np.sum(q * np.log(joint)) - np.sum(q * np.log(q))) + np.log(px),
    ]


def by_parts(q, joint):
    px, lj, lq = (sum(joint), np.log(joint), np.log(q))
    first = float(q @ (lq - lj + math.log(px)))
    bound = q @ lj - q @ lq
    return (first, first, math.log(px) * sum(q) - bound, math.log(px) - bound, math.log(px) - bound)


def evidence_less_kl(q, joint):
    px = math.fsum(joint)
    return math.log(px) - math.fsum(a * math.log(a * px / j) for a, j in zip(q, joint, strict=True))


def quadrature(m1, v1, m2, v2):
    x, w = np.polynomial.hermite_e.hermegauss(20)
    z = m1 + np.sqrt(v1) * x
    lq = -0.5 * np.log(v1) - (z - m1) ** 2 / (2 * v1)
    lp = -0.5 * np.log(v2) - (z - m2) ** 2 / (2 * v2)
    return float(w @ (lq - lp) / w.sum())


def scaled(m1, v1, m2, v2):
    r, d = (v1 / v2, (m1 - m2) / math.sqrt(v2))
    return (r - 1 - math.log(r) + d * d) / 2


M = vl.problem("darwin").model


def q(mean, sd, shape, rate):
    return vl.Factorised(
        M, mu=vl.Normal.of(mean=mean, sd=sd), tau=vl.Gamma.of(shape=shape, rate=rate)
    )


X = np.asarray(M.x)

N, K0, A0, B0 = len(X), 0.05, 2, 500

KN, AN = K0 + N, A0 + N / 2

MN = X.sum() / KN

BN = B0 + ((X - X.mean()) ** 2).sum() / 2 + K0 * N * X.mean() ** 2 / KN / 2


def newcomb_model():
    m = vl.problem("newcomb").model
    return vl.Factorised(m, mu=vl.Normal.of(mean=26, sd=1.3), tau=vl.Gamma.of(shape=35, rate=3800))


def median_mean(w, m, s):
    a = np.median(m)
    return (a, np.sqrt(np.sum(w * (s**2 + (m - a) ** 2))))


WRONG = {
    "01.7": {
        "between only": between_only,
    },
    "01.2": {
        "one number five times": one_number_five_times,
        "sign of line one": "five(q, joint, first=np.sum(q * np.log(joint / joint.sum() / q)))",
        "joint for posterior": "five(q, joint, first=-np.sum(q * np.log(joint / q)))",
        "line three pulls out": "five(q, joint, third=np.log(joint.sum()))",
        "line four keeps q": "five(q, joint, fourth=np.sum(q * np.log(joint.sum())))",
        "evidence is one": "five(q, joint, px=1.0)",
        "only four": "five(q, joint)[:4]",
        "forgot q in last": (
            "[*five(q, joint)[:4], np.log(joint.sum()) - np.sum(q * np.log(joint))]"
        ),
    },
    "01.3": {
        "a mean of weighted terms": "np.mean(q * np.log(joint / q))",
    },
    "01.4": {
        "squared twice": "0.5 * np.log(2 * np.pi * np.e * sd**4)",
    },
    "01.9": {
        "prior": "q(0, math.sqrt(B0 / (A0 * K0)), A0, B0)",
        "sd of the data": "q(MN, X.std(), AN, BN)",
        "variance for the sd": "q(MN, BN / (AN * KN), AN, BN)",
        "rate forgets the spread": "q(MN, 6.0, AN, B0)",
        "shape counts all": "q(MN, math.sqrt(BN / (AN * KN)), A0 + N, BN)",
        "far mean": "q(0, math.sqrt(BN / (AN * KN)), AN, BN)",
        "scale for rate": "q(MN, math.sqrt(BN / (AN * KN)), AN, 1 / BN)",
        "newcomb model": newcomb_model,
        "numbers": ("MN", "9.0", "AN", "BN"),
        "precision for the sd": "q(MN, AN * KN / BN, AN, BN)",
        "n for its root": "q(MN, X.std() / N, AN, BN)",
        "shape of the prior": "q(MN, math.sqrt(BN / (AN * KN)), A0, BN)",
        "exact itself": "vl.exact(M)",
        "too wide": "q(MN, 1.5 * math.sqrt(BN / (AN * KN)), AN, BN)",
    },
}
FAR = {
    "01.1": [
        "np.sum(np.sort(q) * np.log(np.sort(q) / np.sort(p)))",
    ],
    "01.3": [
        "np.sum(q * np.log(joint / joint.sum())) - np.sum(q * np.log(q / q.sum())) + joint.sum()",
        "np.sum(q * np.log(joint)) - 0.5 * np.sum(q * np.log(q))",
    ],
    "01.7": [
        median_mean,
    ],
}
RIGHT = {
    "01.1": {
        "loop": loop,
        "scipy rel": "rel_entr(q, p).sum()",
        "cross less entropy": "-(q @ np.log(p)) + q @ np.log(q)",
    },
    "01.7": {
        "lists": lists,
        "pairwise": pairwise,
    },
    "01.2": {
        "by parts": by_parts,
    },
    "01.3": {
        "evidence less kl": evidence_less_kl,
        "scipy entropy": "float(np.dot(q, np.log(joint))) + entropy(q)",
    },
    "01.4": {
        "scipy norm": "norm(scale=sd).entropy()",
        "split": "math.log(sd) + (1 + math.log(math.tau)) / 2",
        "sd inside root": "np.log(sd * np.sqrt(2 * np.pi * np.e))",
    },
    "01.5": {
        "quadrature": quadrature,
        "scaled": scaled,
    },
    "01.9": {
        "moments of the posterior, as they are printed": "q(20.86, 9.1, 9.7645, 10775)",
        "normal gamma": "q(MN, math.sqrt(BN / (AN * KN)), AN, BN)",
        "by cavi": "vl.cavi(M, rng=0)",
        "half more": "q(MN, math.sqrt(BN / (AN * KN)), AN + 0.5, BN * (AN + 0.5) / AN)",
    },
}
