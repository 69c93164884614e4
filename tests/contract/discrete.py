"""Cases of the contract whose latents are discrete: every value is visited, one by one."""

import itertools

import numpy as np
from scipy import stats

from tests.contract.case import Case, Known
from tests.contract.hidden_variables import log_prior_of_weights, two_weights
from tests.contract.oracles import log_coefficient
from vi_lab import BayesNet, Ising, IsingDenoising, LatentDirichletAllocation


def states(count):
    """All rows of `count` spins, (2**count, count)."""
    return np.array(list(itertools.product((-1, 1), repeat=count))).reshape(-1, count)


def lattice_edges(shape, periodic):
    """Every edge as a pair of sites (row, column), with no thought of colours."""
    rows, columns = shape
    for i, j in itertools.product(range(rows), range(columns)):
        if periodic or j + 1 < columns:
            yield (i, j), (i, (j + 1) % columns)
        if periodic or i + 1 < rows:
            yield (i, j), ((i + 1) % rows, j)


def colours(shape):
    """The sites of either colour in the model's own order: even rows first, then odd rows."""
    sites = list(itertools.product(range(shape[0]), range(shape[1])))
    return {
        name: [s for row in (0, 1) for s in sites if s[0] % 2 == row and sum(s) % 2 == colour]
        for colour, name in enumerate(("x.even", "x.odd"))
    }


def lattice(model, shape, log_site, J, periodic=False, log_normaliser=0.0):
    """A lattice from a list of its edges and the log weight of each site (i, j) being x."""
    places = colours(shape)

    def log_joint(values):
        x = {}
        for name, sites in places.items():
            for k, site in enumerate(sites):
                x[site] = np.asarray(values[name])[..., k].astype(float)
        total = sum(J * x[a] * x[b] for a, b in lattice_edges(shape, periodic))
        return total + sum(log_site(site, x[site]) for site in x) - log_normaliser

    axes = {name: (states(len(s)), np.zeros(2 ** len(s))) for name, s in places.items()}
    return Case(model, log_joint, axes)


def ising(J, h, periodic=False):
    h = np.asarray(h)
    model = Ising(J, h, periodic=periodic)
    return lattice(model, h.shape, lambda site, x: h[site] * x, J, periodic)


def denoising(image, J, flip_prob):
    image = np.asarray(image)

    def log_site(site, x):
        return stats.bernoulli.logpmf(x == image[site], 1 - flip_prob)

    x = states(image.size).reshape(-1, *image.shape)
    prior = sum(J * x[:, *a] * x[:, *b] for a, b in lattice_edges(image.shape, False))
    log_normaliser = np.log(np.exp(prior).sum())
    model = IsingDenoising(image, J, flip_prob)
    return lattice(model, image.shape, log_site, J, log_normaliser=log_normaliser)


def bayes_net(parents, tables, evidence, blocks=None, possible=None):
    model = BayesNet(parents, tables, evidence, blocks)
    groups = {name: name.split("+") for name in model.blocks}

    def log_joint(values):
        x = dict(evidence)
        for block, names in groups.items():
            for i, name in enumerate(names):
                value = np.asarray(values[block])
                x[name] = value if len(names) == 1 else value[..., i]
        total = 0.0
        for name, of in parents.items():
            p = np.asarray(tables[name])[tuple(np.asarray(x[parent]) for parent in of)]
            total = total + stats.bernoulli.logpmf(x[name], p)
        return total

    axes = {}
    for block, names in groups.items():
        points = np.array(list(itertools.product((0, 1), repeat=len(names))))
        axes[block] = points[:, 0] if len(names) == 1 else points, np.zeros(len(points))
    return Case(model, log_joint, axes, possible=possible or {})


def urn(counts, alpha, eta):
    """Polya's urn of two topics over every labelling of the tokens: log p, the counts of each cell
    (cell, topic), and the Dirichlet parameters of documents and topics after the last token.
    """
    tokens = [(d, w) for (d, w), n in np.ndenumerate(counts) for _ in range(n)]
    cells = list(dict.fromkeys(tokens))
    for labels in itertools.product(range(2), repeat=len(tokens)):
        of, words, p = np.tile(alpha, (len(counts), 1)), np.tile(eta, (2, 1)), 0.0
        z = np.zeros((len(cells), 2))
        for (d, w), k in zip(tokens, labels, strict=True):
            p += np.log(of[d, k] / of[d].sum() * words[k, w] / words[k].sum())
            of[d, k] += 1
            words[k, w] += 1
            z[cells.index((d, w)), k] += 1
        yield p, z, of, words


def latent_dirichlet(counts, alpha, eta):
    """Two topics of two words: every simplex is a line, and each token's topic is visited."""
    counts, alpha, eta = np.asarray(counts), np.asarray(alpha), np.asarray(eta)
    cells = [(d, w) for (d, w), n in np.ndenumerate(counts) if n]
    model = LatentDirichletAllocation(counts, 2, alpha, eta)

    def log_joint(values):
        """Of one labelling of the tokens: theta and topics in turn for each token of a cell."""
        theta, topics = values["theta"], values["topics"]
        total = sum(log_prior_of_weights(theta[:, d], alpha) for d in range(len(counts)))
        total = total + sum(log_prior_of_weights(topics[:, k], eta) for k in range(2))
        for c, (d, w) in enumerate(cells):
            for k in range(2):
                z = np.asarray(values["z"])[:, c, k]
                total = total + z * (np.log(theta[:, d, k]) + np.log(topics[:, k, w]))
        return total

    def known():
        log_p, z, *after = (np.array(found) for found in zip(*urn(counts, alpha, eta), strict=True))
        first, second = {"z": z}, {"z": z**2}
        for name, a in zip(("theta", "topics"), after, strict=True):
            total = a.sum(-1, keepdims=True)
            first[name], second[name] = a / total, a * (a + 1) / (total * (total + 1))
        return Known.averaged(log_p, first, second)

    options = [[(k, counts[cell] - k) for k in range(counts[cell] + 1)] for cell in cells]
    z = np.array(list(itertools.product(*options)))
    axes = {"z": (z, log_coefficient(z).sum(-1))}
    plate_axes = {"theta": two_weights(), "topics": two_weights()}
    return Case(model, log_joint, axes, plate_axes=plate_axes, known=known, labels="z")


H = np.random.default_rng(3).normal(size=(3, 3)) * 0.5

ALARM = {"burglar": (), "quake": (), "alarm": ("burglar", "quake"), "call": ("alarm",),
         "radio": ("quake",)}  # fmt: skip
ALARM_TABLES = {
    "burglar": 0.2, "quake": 0.3, "alarm": [[0.1, 0.6], [0.8, 0.9]], "call": [0.2, 0.7],
    "radio": [0.1, 0.5],
}  # fmt: skip
EITHER = {"a": (), "b": (), "either": ("a", "b"), "c": (), "seen": ("either", "c")}
EITHER_TABLES = {
    "a": 0.3, "b": 0.2, "either": [[0, 1], [1, 1]], "c": 0.4, "seen": [[0.1, 0.6], [0.8, 0.7]],
}  # fmt: skip
OR = np.array([1, 0, 0, 1, 0, 1, 0, 1])  # which values of a, b, either are possible

DISCRETE = {
    "topics": latent_dirichlet([[2, 1], [0, 2]], alpha=(1.5, 0.8), eta=(1.2, 0.9)),
    "Bayes net": bayes_net(ALARM, ALARM_TABLES, {"call": 1}),
    "Bayes net, joined": bayes_net(
        ALARM, ALARM_TABLES, {"radio": 0}, blocks=[["quake", "burglar"]]
    ),
    "Bayes net, an or": bayes_net(
        EITHER, EITHER_TABLES, {"seen": 1}, [["a", "b", "either"]], {"a+b+either": OR}
    ),
    "Ising": ising(0.4, H),
    "Ising, a row": ising(-0.3, [[0.2, -0.1, 0.4, 0.3]]),
    "Ising, a torus": ising(0.2, [[0.3, -0.2, 0.1, 0.5], [0.1, -0.4, 0.2, 0.0]], periodic=True),
    "Ising, denoising": denoising([[1, -1, 1], [1, 1, -1]], J=0.35, flip_prob=0.2),
}
