"""Coins, counts, topics, networks and lattices: direct sums over all that is hidden."""

from itertools import product

import numpy as np
from mpmath import mp

from tests.digits.sweep import VALUES, Case, Total, excuse, log
from tests.digits.terms import expected_log, minus_kl_dirichlet, minus_kl_gamma, surprise, urn
from vi_lab import (
    BayesNet,
    BetaBernoulli,
    ChangePoint,
    Ising,
    IsingDenoising,
    LatentDirichletAllocation,
)


def case(name, model, base, evidence, bound, values=None, **inputs):
    """A case of `base` with some inputs that depend on the value."""

    def at(value):
        return {**base, **{key: make(value) for key, make in inputs.items()}}

    found = Case(f"{model.__name__}, {name}", model, at, evidence, bound)
    return found if values is None else Case(**{**vars(found), "values": values})


# -- a coin ---------------------------------------------------------------------------------------


def coin_evidence(given):
    return Total(urn([0 if head else 1 for head in given["x"]], (given["a"], given["b"])))


def coin_bound(given, q):
    a = np.array([q["theta"]["a"], q["theta"]["b"]])
    heads = sum(given["x"])
    counts = np.array([heads, len(given["x"]) - heads])
    prior = np.array([given["a"], given["b"]])
    return Total(counts * expected_log(a), minus_kl_dirichlet(a, prior))


# -- a rate that changes --------------------------------------------------------------------------


def change_evidence(given):
    """Given s each count is negative binomial given those before it."""
    counts, totals = given["counts"], []
    for s in range(1, len(counts)):
        terms = [-mp.log(len(counts) - 1)]
        for i, regime in enumerate((counts[:s], counts[s:])):
            a, b = given["a"][i], given["b"][i]
            for y in regime:
                gammas = mp.loggamma(a + y) - mp.loggamma(a) - mp.loggamma(y + 1)
                terms += [gammas - y * mp.log(b + 1), -a * mp.log1p(1 / b)]
                a, b = a + y, b + 1
        totals.append(Total(terms))
    return Total.log_sum_exp(totals)


def change_bound(given, q):
    s, (shape, rate) = q["s"]["probabilities"], (q["rates"]["shape"], q["rates"]["rate"])
    counts, terms = given["counts"], []
    log_rate, mean = np.array([mp.digamma(c) for c in shape]) - log(rate), shape / rate
    for i, p in enumerate(s, start=1):
        terms.append(-p * mp.log(len(counts) - 1))
        for j, regime in enumerate((counts[:i], counts[i:])):
            for y in regime:
                terms += [p * (y * log_rate[j] - mp.loggamma(y + 1)), -p * mean[j]]
    return Total(terms, surprise(s), minus_kl_gamma(shape, rate, given["a"], given["b"]))


# -- topics ---------------------------------------------------------------------------------------


def topics_evidence(given):
    counts, totals = given["counts"], []
    tokens = [(d, w) for d, w in np.ndindex(counts.shape) for _ in range(int(counts[d, w]))]
    alpha = np.broadcast_to(given["alpha"], int(given["n_topics"]))
    eta = np.broadcast_to(given["eta"], counts.shape[1])
    for labels in product(range(len(alpha)), repeat=len(tokens)):
        pairs = list(zip(tokens, labels, strict=True))
        terms = []
        for document in range(len(counts)):
            terms += urn([k for (d, _), k in pairs if d == document], alpha)
        for topic in range(len(alpha)):
            terms += urn([w for (_, w), k in pairs if k == topic], eta)
        totals.append(Total(terms))
    return Total.log_sum_exp(totals)


def topics_bound(given, q):
    p, n = q["z"]["probabilities"], q["z"]["total"][:, None]
    theta, topics = q["theta"]["concentration"], q["topics"]["concentration"]
    documents, words = np.nonzero(given["counts"].astype(float))
    log_theta, log_topics = expected_log(theta)[documents], expected_log(topics).T[words]
    return Total(
        n * p * log_theta, n * p * log_topics, (n * np.reshape(surprise(p), p.shape)),
        minus_kl_dirichlet(theta, given["alpha"]), minus_kl_dirichlet(topics, given["eta"]),
    )  # fmt: skip


# -- a network ------------------------------------------------------------------------------------

PARENTS = {"rain": (), "sprinkler": ("rain",), "wet": ("rain", "sprinkler"), "slip": ("wet",)}


def network_terms(given, values):
    """log p of each variable given its parents."""
    for name, of in PARENTS.items():
        up = np.asarray(given["tables"][name])[tuple(values[parent] for parent in of)]
        yield up if values[name] else 1 - up


def network_evidence(given):
    hidden, totals = ("rain", "sprinkler", "wet"), []
    for bits in product((0, 1), repeat=3):
        chances = list(network_terms(given, {**dict(zip(hidden, bits, strict=True)), "slip": 1}))
        if all(chances):
            totals.append(Total([mp.log(chance) for chance in chances]))
    return Total.log_sum_exp(totals)


def network_bound(given, q):
    hidden, terms = ("rain", "sprinkler", "wet"), []
    for bits in product((0, 1), repeat=3):
        weight = mp.mpf(1)
        for name, bit in zip(hidden, bits, strict=True):
            weight *= q[name]["probabilities"][bit]
        values = {**dict(zip(hidden, bits, strict=True)), "slip": 1}
        terms += [weight * mp.log(c) for c in network_terms(given, values) if weight]
    return Total(terms, *(surprise(q[name]["probabilities"]) for name in hidden))


def tables(rain):
    return {
        "rain": rain,
        "sprinkler": [0.4, 0.01],
        "wet": [[0.05, 0.9], [0.8, 0.99]],
        "slip": [0.2, 0.7],
    }


NETWORK = dict(parents=PARENTS, tables=tables(0.2), evidence={"slip": 1})

# -- a lattice ------------------------------------------------------------------------------------


def log_z(J, h):
    """log Z by a chain of rows, each a sum over all states of the row before it."""
    states = [np.array(bits) for bits in product((-1, 1), repeat=h.shape[1])]

    def within(state, row):
        return J * (state[:-1] * state[1:]).sum() + (state * row).sum()

    logs = [within(state, h[0]) for state in states]
    for row in h[1:]:
        logs = [
            Total.log_sum_exp(
                [Total(one + J * (b * s).sum()) for one, b in zip(logs, states, strict=True)]
            ).value
            + within(s, row)
            for s in states
        ]
    found = Total.log_sum_exp([Total(one) for one in logs])
    edges = h.size * 2 - sum(h.shape)
    found.largest = max(found.largest, abs(J) * edges, abs(h).sum())
    return found


def lattice_bound(J, h, q):
    """J sum_edges m_i m_j + sum_i h_i m_i + entropies, m = tanh of the field."""
    rows, columns = h.shape
    sites = [
        [(i, j) for a in (0, 1) for i in range(a, rows, 2) for j in range((a + c) % 2, columns, 2)]
        for c in (0, 1)
    ]
    m, entropies = np.empty(h.shape, dtype=object), []
    for name, own in zip(("x.even", "x.odd"), sites, strict=True):
        for site, field in zip(own, q[name]["field"], strict=True):
            m[site] = mp.tanh(field)
            e = mp.exp(-2 * abs(field))
            entropies.append(mp.log1p(e) + 2 * abs(field) * e / (1 + e))
    return [J * m[1:] * m[:-1], J * m[:, 1:] * m[:, :-1], h * m, entropies]


def ising_evidence(given):
    return log_z(given["J"], given["h"])


def ising_bound(given, q):
    return Total(*lattice_bound(given["J"], given["h"], q))


def denoising_parts(given):
    p, image = given["flip_prob"], given["image"]
    field = mp.log((1 - p) / p) / 2 * image
    prior = log_z(given["J"], np.full(image.shape, mp.mpf(0)))
    return field, -prior.value + image.size * mp.log(p * (1 - p)) / 2


def denoising_evidence(given):
    field, rest = denoising_parts(given)
    posterior = log_z(given["J"], field)
    found = Total(posterior.value, rest)
    found.largest = max(found.largest, posterior.largest)
    return found


def denoising_bound(given, q):
    field, rest = denoising_parts(given)
    return Total(*lattice_bound(given["J"], field, q), rest)


COIN = dict(x=[1, 0, 1, 1, 1], a=2.0, b=3.0)
CHANGE = dict(counts=[4, 5, 3, 1, 0, 2], a=[2.0, 1.0], b=[1.0, 0.5])
TOPICS = dict(counts=[[2, 1, 0], [0, 1, 2]], n_topics=2, alpha=0.5, eta=0.7)
FIELD = np.array([[0.3, -0.2, 0.1], [0.5, 0.4, -0.6]])
LONG = np.resize(FIELD.ravel(), (9, 2))
IMAGE = np.array([[1, -1, 1], [1, 1, -1]])
SIZES = tuple(float(f"{v:.3g}") for v in np.geomspace(1e-3, 15, 7))
COINS = (BetaBernoulli, COIN, coin_evidence, coin_bound)
CHANGES = (ChangePoint, CHANGE, change_evidence, change_bound)
TEXTS = (LatentDirichletAllocation, TOPICS, topics_evidence, topics_bound)
NETWORKS = (BayesNet, NETWORK, network_evidence, network_bound)
LATTICES = (Ising, dict(J=0.4, h=FIELD), ising_evidence, ising_bound)
IMAGES = (IsingDenoising, dict(J=0.4, image=IMAGE, flip_prob=0.1),
          denoising_evidence, denoising_bound)  # fmt: skip
CASES = [
    case("shapes", *COINS, a=lambda v: 2.0 * v, b=lambda v: 3.0 * v),
    case("one shape", *COINS, a=lambda v: 2.0 * v),
    case("small shapes", *COINS, a=lambda v: 2.0 / v, b=lambda v: 3.0 / v),
    case("shapes and rates", *CHANGES, a=lambda v: [2.0 * v, v], b=lambda v: [v, 0.5 * v]),
    case("shapes", *CHANGES, a=lambda v: [2.0 * v, v]),
    case("rates", *CHANGES, b=lambda v: [v, 0.5 * v]),
    case("small shapes and rates", *CHANGES, a=lambda v: [2.0 / v, 1 / v], b=lambda v: [1 / v] * 2),
    case("counts", *CHANGES, counts=lambda v: [round(v * c) for c in (4, 5, 3, 1, 0, 2)],
         values=tuple(float(f"{v:.3g}") for v in np.geomspace(1, 1e15, 13))),
    case("alpha", *TEXTS, alpha=lambda v: 0.5 * v),
    case("eta", *TEXTS, eta=lambda v: 0.7 * v),
    case("small alpha", *TEXTS, alpha=lambda v: 0.5 / v),
    case("small eta", *TEXTS, eta=lambda v: 0.7 / v),
    case("rare cause", *NETWORKS, tables=lambda v: tables(0.2 / v)),
    case("sure cause", *NETWORKS, tables=lambda v: tables(1.0 - 0.2 / v)),
    case("coupling", *LATTICES, J=lambda v: 0.4 * v),
    case("field", *LATTICES, h=lambda v: FIELD * v),
    case("coupling against field", *LATTICES, J=lambda v: -0.4 * v, h=lambda v: FIELD * v),
    case("coupling of rows", *LATTICES, SIZES, J=lambda v: v, h=lambda v: LONG),
    case("field of rows", *LATTICES, SIZES, J=lambda v: 0.3, h=lambda v: LONG * v),
    case("flips", *IMAGES, flip_prob=lambda v: 0.1 / v),
    case("coupling", *IMAGES, J=lambda v: 0.4 * v),
]  # fmt: skip

LARGE = "the bound itself is so large that its rounding is above 1e-6 nats"
SMALL = "the natural parameter a - 1 of a concentration 1e-16 is that of 0"
CASES = excuse(
    CASES,
    {
        "ChangePoint, shapes": (LARGE, VALUES[7:8]),
        "ChangePoint, counts": (LARGE, CASES[7].values[6:8]),
        "LatentDirichletAllocation, small alpha": (SMALL, VALUES[-1:]),
        "LatentDirichletAllocation, small eta": (SMALL, VALUES[-1:]),
        "Ising, field": (LARGE, VALUES[7:8]),
        "Ising, coupling against field": (LARGE, VALUES[7:8]),
    },
)
