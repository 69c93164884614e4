"""The models with one hidden variable an observation, each beside an independent log joint."""

import numpy as np
from scipy import special, stats

from tests.contract.case import Case, Known, even, positive
from tests.contract.mixture_oracles import dirichlet_log_density, normal_wishart_log_density
from tests.contract.oracles import product
from vi_lab import PPCA, Dirichlet, FactorAnalysis, GaussianMixture, NormalMixture, NormalWishart
from vi_lab.families import MeanPrecision


def labellings(n, classes):
    return np.stack(np.meshgrid(*[np.arange(classes)] * n, indexing="ij"), -1).reshape(-1, n)


def picked(values, z):
    """values (P, K, ...) of the component that each label (P, N) names."""
    return np.asarray(values)[np.arange(len(z))[:, None], z]


def log_prior_of_weights(weights, concentration):
    if len(concentration) == 1:
        return np.zeros(len(weights))
    return dirichlet_log_density(Dirichlet(len(concentration)), weights, concentration)


def two_weights(low=-70.0, high=70.0):
    """(p, 1 - p) on an even grid of the logit."""
    y, log_width = even(low, high, 401)
    points = np.stack([special.expit(y), special.expit(-y)], axis=-1)
    return points, log_width + special.log_expit(y) + special.log_expit(-y)


def gauss_jacobi(a, count=12):
    """(p, 1 - p) and log weights: exact for Beta(a) times polynomials, such as counts make."""
    x, weight = special.roots_jacobi(count, a[1] - 1, a[0] - 1)
    p = 0.5 * (1 + x)
    log_weight = np.log(weight) - (a.sum() - 1) * np.log(2.0)
    log_weight = log_weight - (a[0] - 1) * np.log(p) - (a[1] - 1) * np.log1p(-p)
    return np.stack([p, 1 - p], axis=-1), log_weight


def normal_mixture(x, sigma, m0, s0, weights=None, concentration=None):
    x = np.asarray(x)
    fixed = None if weights is None else np.asarray(weights)
    a = None if concentration is None else np.asarray(concentration)
    classes = len(a if fixed is None else fixed)
    m0, s0 = np.broadcast_to(m0, classes), np.broadcast_to(s0, classes)

    def log_joint(values):
        z, mu = np.asarray(values["z"]), values["mu"]
        w = values["weights"] if fixed is None else np.broadcast_to(fixed, mu.shape)
        prior = stats.norm.logpdf(mu, m0, s0).sum(-1)
        if fixed is None:
            prior = prior + log_prior_of_weights(w, a)
        with np.errstate(divide="ignore"):
            labels = np.log(picked(w, z)).sum(-1)
        return prior + labels + stats.norm.logpdf(x, picked(mu, z), sigma).sum(-1)

    def posterior_nodes():
        lists = {"z": (labels, np.ones(len(labels)))}
        for k in range(classes):
            # no point can be in a component of weight zero: its mean stays where the prior has it
            idle = fixed is not None and fixed[k] == 0
            narrowest = (s0[k] ** -2 + len(x) * sigma**-2.0) ** -0.5
            grid = even(-8.5, 8.5, 2 + int(17 / (0.85 * narrowest)))
            points, log_weights = hermite(m0[k], s0[k]) if idle else grid
            lists[k] = points, np.exp(log_weights)
        if fixed is None:
            points, log_weights = gauss_jacobi(a)
            lists["weights"] = points, np.exp(log_weights)
        values, weight = product(lists)
        found = {"z": values["z"], "mu": np.stack([values[k] for k in range(classes)], axis=-1)}
        if fixed is None:
            found["weights"] = values["weights"]
        return found, np.log(weight)

    allowed = np.ones(classes, bool) if fixed is None else fixed > 0
    labels = labellings(len(x), classes)
    labels = labels[allowed[labels].all(-1)]
    axes = {"z": (labels, np.zeros(len(labels)))}
    if fixed is None:
        axes["weights"] = two_weights()
    return Case(
        NormalMixture(x, sigma, m0, s0, concentration, weights), log_joint, axes, posterior_nodes,
        plate_axes={"mu": even(-15, 15, 301)}, labels="z", possible={"z": allowed},
    )  # fmt: skip


def hermite(mean, sd, count=6):
    """Nodes for a density that is N(mean, sd**2) times a polynomial."""
    z, weight = np.polynomial.hermite_e.hermegauss(count)
    points = mean + sd * z
    log_weight = np.log(weight) - 0.5 * np.log(2 * np.pi) - stats.norm.logpdf(points, mean, sd)
    return points, log_weight


def predicted(points, m, beta, nu, w_inv):
    """Log evidence of one component's points, each Student's t given those before it, and the
    parameters m, beta, w_inv and nu after them."""
    log_p, size = 0.0, len(m)
    for point in points:
        degrees = nu - size + 1
        shape = w_inv * (beta + 1) / (beta * degrees)
        log_p += stats.multivariate_t.logpdf(point, m, shape, degrees)
        w_inv = w_inv + beta / (beta + 1) * np.outer(point - m, point - m)
        m, beta, nu = m + (point - m) / (beta + 1), beta + 1, nu + 1
    return log_p, m, beta, w_inv, nu


def gaussian_mixture(x, classes, concentration, m0, beta0, nu0, w0_inv):
    x, m0, w0_inv = np.asarray(x), np.asarray(m0), np.asarray(w0_inv)
    n, size = x.shape
    a = np.broadcast_to(np.asarray(concentration, float), classes)
    family = NormalWishart(size)

    def log_joint(values):
        z, w, (mean, precision) = np.asarray(values["z"]), values["weights"], values["components"]
        pair = MeanPrecision(mean, precision)
        prior = normal_wishart_log_density(family, pair, m0, beta0, w0_inv, nu0).sum(-1)
        prior = prior + log_prior_of_weights(w, a) + np.log(picked(w, z)).sum(-1)
        root = picked(np.linalg.cholesky(precision), z)
        white = np.einsum("pnij,pni->pnj", root, x - picked(mean, z))
        log_det = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum((-2, -1))
        return prior + stats.norm.logpdf(white).sum((-2, -1)) + log_det

    def without_components(values):
        """Given its points, a component's evidence is a product of Student's t predictives."""
        z, w = np.asarray(values["z"]), np.asarray(values["weights"])
        marginals = sum(predicted(x[z == k], m0, beta0, nu0, w0_inv)[0] for k in range(classes))
        return log_prior_of_weights(w[None], a)[0] + np.log(w[z]).sum() + marginals

    def known():
        """Every labelling with Polya's urn and the predictives of each component."""
        log_p = []
        first, second = ({"weights": [], "means": [], "precisions": []} for _ in range(2))
        for z in labels:
            counts, urn = np.zeros(classes), 0.0
            for i, label in enumerate(z):
                urn += np.log((a[label] + counts[label]) / (a.sum() + i))
                counts[label] += 1
            each = [predicted(x[z == k], m0, beta0, nu0, w0_inv) for k in range(classes)]
            evidence, m, beta, w_inv, nu = (np.array(v) for v in zip(*each, strict=True))
            log_p.append(urn + evidence.sum())
            share = (a + counts) / (a.sum() + n)
            first["weights"].append(share)
            second["weights"].append(share * (a + counts + 1) / (a.sum() + n + 1))
            spread = np.diagonal(w_inv, 0, 1, 2) / (beta * (nu - size - 1))[:, None]
            first["means"].append(m)
            second["means"].append(m**2 + spread)
            scale, nu = np.linalg.inv(w_inv), nu[:, None, None]
            d = np.diagonal(scale, 0, 1, 2)
            first["precisions"].append(nu * scale)
            spread = nu * (scale**2 + d[:, :, None] * d[:, None, :])
            second["precisions"].append((nu * scale) ** 2 + spread)
        first["z"] = labels[..., None] == np.arange(classes)
        return Known.averaged(np.array(log_p), first, second)

    labels = labellings(n, classes)
    one = np.ones((1, 1)), np.zeros(1)
    axes = {"z": (labels, np.zeros(len(labels))), "weights": one if classes == 1 else two_weights()}
    plate_axes, collapsed = {}, {"components": without_components}
    if size == 1:
        (u, log_u), (tau, log_tau) = even(-22, 22, 177), positive(-24, 4.8, 193)
        mean = x.mean() + u * tau[:, None] ** -0.5
        precision = np.broadcast_to(tau[:, None], mean.shape)
        points = MeanPrecision(mean.reshape(-1, 1), precision.reshape(-1, 1, 1))
        log_weights = log_u + (log_tau - 0.5 * np.log(tau))[:, None]
        plate_axes, collapsed = {"components": (points, log_weights.ravel())}, {}
    model = GaussianMixture(x, classes, concentration, m0, beta0, nu0, w0_inv)
    return Case(
        model, log_joint, axes, plate_axes=plate_axes, collapsed=collapsed, known=known, labels="z"
    )


def linear_gaussian(model, psi):
    """Rows are independent: each is integrated by itself on a grid of its two coordinates."""
    x, W, mu, psi = model.x, model.W, model.mu, np.broadcast_to(psi, model.x.shape[1])
    n, q = len(x), W.shape[1]

    def log_rows(z):
        data = stats.norm.logpdf(x, z @ W.T + mu, np.sqrt(psi)).sum(-1)
        return stats.norm.logpdf(z).sum(-1) + data

    def log_joint(values):
        z = values["z"] if "z" in values else np.stack([values[f"z.{i}"] for i in range(q)], -1)
        return log_rows(z).sum(-1)

    def known():
        points, log_weights = plane
        log_p = log_rows(np.broadcast_to(points[:, None], (len(points), n, q)))
        log_p = log_p + log_weights[:, None]
        log_evidence = special.logsumexp(log_p, axis=0)
        weights = np.exp(log_p - log_evidence).T
        mean = weights @ points
        sd = np.sqrt(weights @ points**2 - mean**2)
        return Known(log_evidence.sum(), {"z": mean}, {"z": sd})

    axis = even(-9.0, 9.0, 121)
    values, weights = product({i: (axis[0], np.exp(axis[1])) for i in range(q)})
    plane = np.stack([values[i] for i in range(q)], axis=-1), np.log(weights)
    wide = even(-20, 20, 1601)
    plate_axes = {"z": plane} if "z" in model.blocks else {f"z.{i}": wide for i in range(q)}
    return Case(model, log_joint, {}, plate_axes=plate_axes, known=known, quadratic=True)


RNG = np.random.default_rng(5)
X = RNG.normal(size=(4, 3)) * (2.0, 1.2, 0.9) + 1.0
LOADINGS = np.array([[1.2, 0.4], [-0.5, 0.9], [0.3, -0.7]])
ROTATED = PPCA.maximum_likelihood(X, 2, rotation=0.5)
PLANE = [[-1.0, 0.4], [0.2, 1.5], [1.9, -0.3], [0.8, 0.1]]
FULL = [[1.0, 0.3], [0.3, 2.0]]

HIDDEN = {
    "normal mixture": normal_mixture(
        [-1.4, 0.2, 1.1, 0.5], 0.8, (0.5, -0.4), (1.0, 0.8), weights=(0.3, 0.7)
    ),
    "normal mixture, a weight of zero": normal_mixture(
        [-1.4, 0.9, 0.2], 0.9, (0.3, 0.0, -0.5), 0.9, weights=(0.4, 0.0, 0.6)
    ),
    "normal mixture, Dirichlet": normal_mixture(
        [-1.4, 0.2, 1.1], 0.9, (0.3, -0.3), 0.9, concentration=(1.5, 0.8)
    ),
    "Gaussian mixture, 1-D": gaussian_mixture(
        [[-1.2], [0.3], [0.9], [0.1]], 2, (1.5, 0.8), [0.2], 0.7, 5.0, [[1.5]]
    ),
    "Gaussian mixture, 2-D": gaussian_mixture(PLANE, 2, 1.3, [0.3, -0.2], 0.7, 6.0, FULL),
    "Gaussian mixture, one component": gaussian_mixture(PLANE, 1, 1.0, [0.3, -0.2], 0.7, 6.0, FULL),
    "PPCA, rotated": linear_gaussian(ROTATED, ROTATED.sigma2),
    "PPCA, joint": linear_gaussian(PPCA(X, LOADINGS, 0.8, 0.5, blocks="joint"), 0.5),
    "factor analysis": linear_gaussian(
        FactorAnalysis(X, LOADINGS, (1.0, 0.5, 0.8), (0.4, 0.9, 0.6)), (0.4, 0.9, 0.6)
    ),
}
