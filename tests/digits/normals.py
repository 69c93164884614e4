"""The normal models at 60 digits: log evidence, and the bound of any factorised q.

Nothing here is the algebra of vi_lab. A log evidence is the density of the data themselves: a
multivariate normal or Student t with its covariance written out and factorised at 60 digits, or an
integral of one over a single variance (adaptive Gauss-Legendre). A bound is E_q[log p(x, z)] + H[q]
term by term, from q's textbook parameters. Nothing is centred or completed: 60 digits bear it.
"""

from functools import partial

import numpy as np
from mpmath import mp

from tests.digits.sweep import THIN, VALUES, Case, Total
from vi_lab import (
    PPCA,
    CorrelatedGaussian,
    FactorAnalysis,
    HierarchicalNormal,
    HierarchicalNormalExpanded,
    LinearRegression,
    LinearRegressionKnownNoise,
    LocalLevel,
    NormalGamma,
    NormalSemiConjugate,
)
from vi_lab.models.priors import HalfCauchy, InverseGamma


def log_2pi():
    return mp.log(2 * mp.pi)


# -- small matrices, as lists of rows ----------------------------------------------------------


def cholesky(rows):
    """L, row by row, of a symmetric positive definite matrix."""
    L = []
    for i, row in enumerate(rows):
        new = []
        for j in range(i + 1):
            rest = row[j] - mp.fdot(new[:j], (L[j] if j < i else new)[:j])
            new.append(mp.sqrt(rest) if i == j else rest / L[j][j])
        L.append(new)
    return L


def forward(L, b):
    """L^-1 b"""
    found = []
    for row, value in zip(L, b, strict=True):
        found.append((value - mp.fdot(row[:-1], found)) / row[-1])
    return found


def log_det_of(L):
    return 2 * mp.fsum(mp.log(row[-1]) for row in L)


def log_det(rows):
    return log_det_of(cholesky(rows))


def inverse(rows):
    L = cholesky(rows)
    columns = [forward(L, unit) for unit in eye(len(rows))]
    return [[mp.fdot(a, b) for b in columns] for a in columns]


def eye(size):
    return [[mp.mpf(i == j) for j in range(size)] for i in range(size)]


# -- textbook entropies and expectations, each a list of terms ----------------------------------


def normal_entropy(*variances):
    return [part for v in variances for part in ((log_2pi() + 1) / 2, mp.log(v) / 2)]


def vector_entropy(cov):
    return [len(cov) * (log_2pi() + 1) / 2, log_det(cov) / 2]


def gamma_entropy(a, b):
    return [a, -mp.log(b), mp.loggamma(a), (1 - a) * mp.digamma(a)]


def inverse_gamma_entropy(a, b):
    return [a, mp.log(b), mp.loggamma(a), -(1 + a) * mp.digamma(a)]


def mean_log(a, b):
    """E[log t] of a gamma."""
    return mp.digamma(a) - mp.log(b)


def log_gamma_prior(a, b, mean_log_t, mean_t):
    """E[log Gamma(t; a, b)]"""
    return [a * mp.log(b), -mp.loggamma(a), (a - 1) * mean_log_t, -b * mean_t]


def log_normal(count, mean_log_precision, mean_precision_squares):
    """E of the log density of so many normals, by E log precision and E (precision * square)."""
    half = mp.mpf(count) / 2
    return [half * mean_log_precision, -half * log_2pi(), -mean_precision_squares / 2]


def squares(x, m, v):
    """E sum (x_i - mu)**2 under mean m and variance v of mu."""
    return mp.fsum((xi - m) ** 2 + v for xi in x)


def quadratic(precision, mean, cov, about):
    """E (z - about)' A (z - about) under mean and cov of z."""
    d = [m - a for m, a in zip(mean, about, strict=True)]
    within = mp.fsum(mp.fdot(a, c) for a, c in zip(precision, cov, strict=True))
    return within + mp.fdot(d, [mp.fdot(row, d) for row in precision])


def log_multivariate_normal(x, mean, cov):
    L = cholesky(cov)
    white = forward(L, [xi - m for xi, m in zip(x, mean, strict=True)])
    return [-len(x) * log_2pi() / 2, -log_det_of(L) / 2, -mp.fdot(white, white) / 2]


def log_student(x, mean, shape, degrees):
    """log t: of x with location, shape matrix and degrees of freedom."""
    size, L = len(x), cholesky(shape)
    white = forward(L, [xi - m for xi, m in zip(x, mean, strict=True)])
    return [
        mp.loggamma((degrees + size) / 2),
        -mp.loggamma(degrees / 2),
        -size * mp.log(degrees * mp.pi) / 2,
        -log_det_of(L) / 2,
        -(degrees + size) / 2 * mp.log1p(mp.fdot(white, white) / degrees),
    ]


def top_and_width(log_density, low, high):
    """Where a density with one top between two places is highest, and how wide it is there."""
    golden = (mp.sqrt(5) - 1) / 2
    for _ in range(120):
        a, b = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, b) if log_density(a) > log_density(b) else (a, high)
    top, step = (low + high) / 2, mp.mpf("1e-15")
    bend = (2 * log_density(top) - log_density(top - step) - log_density(top + step)) / step**2
    return top, 1 / mp.sqrt(max(bend, mp.mpf("1e-2")))


def log_integral(log_density, low, high):
    """log of the integral over the line of a density whose tops lie between `low` and `high`.

    The highest of a scan is climbed, and Gauss-Legendre goes piece by piece, each at first two of
    its widths long, out to 90 nats below it on either side of it and of the two places.
    """
    scan = mp.linspace(low, high, 41)
    best = max(range(41), key=lambda k: log_density(scan[k]))
    gap = max(scan[1] - scan[0], mp.mpf("1e-30"))
    top, width = top_and_width(log_density, scan[best] - gap, scan[best] + gap)
    peak = log_density(top)
    points = [top]
    for direction in (-1, 1):
        end, step = top, 2 * width
        while (
            log_density(end) > peak - 90 or (low - end) * direction > 0 < (high - end) * direction
        ):
            end, step = end + direction * step, step * mp.mpf("1.15")
            points.append(end)
    with mp.workdps(45):
        parts = mp.quad(
            lambda s: mp.exp(log_density(s) - peak), sorted(points), method="gauss-legendre"
        )
    return [peak, mp.log(parts)]


# -- the models: log p(x), and E_q[log p(x, z)] + H[q] ------------------------------------------


def normal_gamma_evidence(i):
    """x is Student's t: its shape matrix is b0/a0 (I + 11'/kappa0)."""
    n, a0, b0 = len(i["x"]), i["a0"], i["b0"]
    shape = [[b0 / a0 * (e + 1 / i["kappa0"]) for e in row] for row in eye(n)]
    return Total(log_student(i["x"], [i["mu0"]] * n, shape, 2 * a0))


def _precise(i, q, log_mu_of):
    """What both models of a mean and a precision share."""
    m, v = q["mu"]["mean"], q["mu"]["sd"] ** 2
    a, b = q["tau"]["shape"], q["tau"]["rate"]
    tau, log_tau = a / b, mean_log(a, b)
    terms = log_gamma_prior(i["a0"], i["b0"], log_tau, tau) + log_mu_of(m, v, tau, log_tau)
    terms += log_normal(len(i["x"]), log_tau, tau * squares(i["x"], m, v))
    return Total(terms + normal_entropy(v) + gamma_entropy(a, b))


def normal_gamma_elbo(i, q):
    def log_mu(m, v, tau, log_tau):
        about = i["kappa0"] * tau * squares([i["mu0"]], m, v)
        return [mp.log(i["kappa0"]) / 2, *log_normal(1, log_tau, about)]

    return _precise(i, q, log_mu)


def semi_conjugate_evidence(i):
    """x given tau is N(m0 1, I/tau + s0**2 11'); tau is integrated out."""
    x, m0, s0, a0, b0 = (i[name] for name in ("x", "m0", "s0", "a0", "b0"))
    n, mean = len(x), mp.fsum(x) / len(x)
    within, total = squares(x, mean, 0), squares(x, m0, 0)

    def log_density(s):
        tau = mp.exp(s)
        # a diagonal and a rank one: the mean of x has one variance, what is about it another
        spread = 1 / tau + n * s0**2
        log_x = (n - 1) * s - mp.log(spread) - tau * within - n * (mean - m0) ** 2 / spread
        return a0 * (mp.log(b0) + s) - mp.loggamma(a0) - b0 * tau + (log_x - n * log_2pi()) / 2

    shape = a0 + mp.mpf(n) / 2
    low = mp.log(max(shape - 1, shape / 10) / (b0 + total / 2))
    high = mp.log(shape / (b0 + within / 2))
    terms = [a0 * mp.log(b0), mp.loggamma(a0)]
    return _with_sizes(Total(log_integral(log_density, low, high)), terms)


def _with_sizes(total, terms):
    """The same sum, of which it is known that terms as large as these went in."""
    total.largest = max(total.largest, *map(abs, terms))
    return total


def semi_conjugate_elbo(i, q):
    def log_mu(m, v, tau, log_tau):
        return log_normal(1, -2 * mp.log(i["s0"]), squares([i["m0"]], m, v) / i["s0"] ** 2)

    return _precise(i, q, log_mu)


PARTS = {"one": [[0], [1], [2]], "pair": [[0, 1], [2]], "all": [[0, 1, 2]]}


def correlated_evidence(i):
    """There are no data."""
    return Total(mp.mpf(0))


def correlated_normaliser(i):
    """The log of the determinant: what every number of this model is made of."""
    return Total(mp.log(mp.det(mp.matrix(i["cov"].tolist()))) / 2)


def correlated_elbo(i, q):
    """The density itself under a normal whose covariance is block diagonal."""
    size = len(i["mean"])
    mean, cov, entropy = [None] * size, [[mp.mpf(0)] * size for _ in range(size)], []
    for name, part in enumerate(PARTS[i["blocks"]]):
        block = q[f"z{name}"]
        entropy += vector_entropy(block["cov"].tolist())
        for j, a in enumerate(part):
            mean[a] = block["mean"][j]
            for k, b in enumerate(part):
                cov[a][b] = block["cov"][j, k]
    precision = inverse(i["cov"])
    about = quadratic(precision, mean, cov, i["mean"])
    # E d'P d is summed entry by entry of P: they are its terms
    terms = [
        p * c / 2
        for row, line in zip(precision, cov, strict=True)
        for p, c in zip(row, line, strict=True)
    ]
    found = Total(entropy, -size * log_2pi() / 2, -log_det(i["cov"]) / 2, -about / 2)
    return _with_sizes(found, terms)


def _noise(i):
    return i["psi"] if "psi" in i else [i["sigma2"]] * len(i["W"])


def linear_gaussian_evidence(i):
    """Rows are N(mu, W W' + diag(psi))."""
    marginal = [[mp.fdot(a, b) for b in i["W"]] for a in i["W"]]
    for d, variance in enumerate(_noise(i)):
        marginal[d][d] += variance
    return Total([log_multivariate_normal(row, i["mu"], marginal) for row in i["x"]])


def linear_gaussian_elbo(i, q):
    W, size, terms = i["W"], len(i["W"][0]), []
    for n, row in enumerate(i["x"]):
        if "z" in q:
            mean, cov = q["z"]["mean"][n], q["z"]["cov"][n].tolist()
        else:
            mean = [q[f"z.{k}"]["mean"][n] for k in range(size)]
            cov = [[q[f"z.{k}"]["sd"][n] ** 2 * e for e in eye(size)[k]] for k in range(size)]
        spread = mp.fsum(cov[k][k] for k in range(size))
        terms += log_normal(size, mp.mpf(0), mp.fdot(mean, mean) + spread)
        for d, (w, psi) in enumerate(zip(W, _noise(i), strict=True)):
            miss = row[d] - i["mu"][d] - mp.fdot(w, mean)
            spread = mp.fdot(w, [mp.fdot(c, w) for c in cov])
            terms += log_normal(1, -mp.log(psi), (miss**2 + spread) / psi)
        terms += vector_entropy(cov)
    return Total(terms)


def regression_evidence(i):
    """y is Student's t: location X m0, shape b0/a0 (I + X V0 X')."""
    X, y = i["X"], i["y"]
    projected = [[mp.fdot(row, column) for column in i["V0"]] for row in X]
    scale = i["b0"] / i["a0"]
    shape = [
        [scale * (mp.fdot(p, row) + e) for row, e in zip(X, line, strict=True)]
        for p, line in zip(projected, eye(len(y)), strict=True)
    ]
    return Total(log_student(y, [mp.fdot(row, i["m0"]) for row in X], shape, 2 * i["a0"]))


def _misfit(X, y, mean, cov):
    """E |y - X beta|**2"""
    return mp.fsum(
        (yi - mp.fdot(row, mean)) ** 2 + mp.fdot(row, [mp.fdot(c, row) for c in cov])
        for row, yi in zip(X, y, strict=True)
    )


def regression_elbo(i, q):
    size = len(i["m0"])
    if "beta" in q:
        mean, cov = q["beta"]["mean"], q["beta"]["cov"].tolist()
    else:
        mean = [q[f"beta.{j}"]["mean"] for j in range(size)]
        cov = [[q[f"beta.{j}"]["sd"] ** 2 * e for e in eye(size)[j]] for j in range(size)]
    a, b = q["tau"]["shape"], q["tau"]["rate"]
    tau, log_tau = a / b, mean_log(a, b)
    terms = log_gamma_prior(i["a0"], i["b0"], log_tau, tau)
    about = quadratic(inverse(i["V0"]), mean, cov, i["m0"])
    terms += [*log_normal(size, log_tau, tau * about), -log_det(i["V0"]) / 2]
    terms += log_normal(len(i["y"]), log_tau, tau * _misfit(i["X"], i["y"], mean, cov))
    return Total(terms, vector_entropy(cov), gamma_entropy(a, b))


def known_noise_evidence(i):
    """y given alpha is N(0, I/noise + X X'/alpha); alpha is integrated out."""
    X, y, noise, a0, b0 = (i[name] for name in ("X", "y", "noise_precision", "a0", "b0"))
    n, size = len(y), len(X[0])
    outer = [[mp.fdot(a, b) for b in X] for a in X]
    # in the frame of the eigenvectors of X X' all these covariances are diagonal
    values, vectors = mp.eigsy(mp.matrix(outer))
    turned = [mp.fdot([vectors[j, k] for j in range(n)], y) for k in range(n)]
    values = [mp.mpf(0) if k < n - size else values[k] for k in range(n)]  # in rising order

    def log_density(s):
        alpha = mp.exp(s)
        spreads = [1 / noise + value / alpha for value in values]
        log_y = mp.fsum(-mp.log(v) - t**2 / v for t, v in zip(turned, spreads, strict=True))
        return a0 * (mp.log(b0) + s) - mp.loggamma(a0) - b0 * alpha + (log_y - n * log_2pi()) / 2

    length = mp.fsum(t**2 / v for t, v in zip(turned, values, strict=True) if v)
    low = mp.log(a0 / (b0 + length / 2))
    high = mp.log((a0 + mp.mpf(size) / 2) / b0)
    rest = mp.fsum(t**2 for t, v in zip(turned, values, strict=True) if not v)
    terms = [a0 * mp.log(b0), mp.loggamma(a0), noise * rest / 2]
    return _with_sizes(Total(log_integral(log_density, low, high)), terms)


def known_noise_elbo(i, q):
    mean, cov = q["w"]["mean"], q["w"]["cov"].tolist()
    a, b = q["alpha"]["shape"], q["alpha"]["rate"]
    alpha, log_alpha = a / b, mean_log(a, b)
    length = mp.fdot(mean, mean) + mp.fsum(cov[j][j] for j in range(len(mean)))
    terms = log_gamma_prior(i["a0"], i["b0"], log_alpha, alpha)
    terms += log_normal(len(mean), log_alpha, alpha * length)
    miss = i["noise_precision"] * _misfit(i["X"], i["y"], mean, cov)
    terms += log_normal(len(i["y"]), mp.log(i["noise_precision"]), miss)
    return Total(terms, vector_entropy(cov), gamma_entropy(a, b))


def hierarchical_evidence(i):
    """y given tau is N(0, diag(sigma**2 + tau**2) + mu_sd**2 11'); tau is integrated out.

    `prior` is (scale,) of a half-Cauchy, or (a0, b0) of an inverse gamma.
    """
    y, sigma, mu_sd, prior = (i[name] for name in ("y", "sigma", "mu_sd", "prior"))

    def log_prior(s):
        """Of s = log tau**2."""
        if len(prior) == 2:
            a0, b0 = prior
            return a0 * mp.log(b0) - mp.loggamma(a0) - a0 * s - b0 * mp.exp(-s)
        tau = mp.exp(s / 2)
        return mp.log(tau / (mp.pi * prior[0] * (1 + (tau / prior[0]) ** 2)))

    def log_density(s):
        # a diagonal and a rank one: Sherman & Morrison, and the determinant lemma
        d = [sj**2 + mp.exp(s) for sj in sigma]
        ones, cross = mp.fsum(1 / v for v in d), mp.fsum(v / dv for v, dv in zip(y, d, strict=True))
        plain = mp.fsum(v**2 / dv for v, dv in zip(y, d, strict=True))
        lift = 1 + mu_sd**2 * ones
        found = mp.fsum(map(mp.log, d)) + mp.log(lift) + plain - mu_sd**2 * cross**2 / lift
        return log_prior(s) - (found + len(y) * log_2pi()) / 2

    middle = 2 * mp.log(prior[0]) if len(prior) == 1 else mp.log(prior[1] / prior[0])
    spread = max(y) - min(y)
    places = [middle, *(2 * mp.log(s) for s in sigma)]
    places += [2 * mp.log(p) for p in (spread, max(map(abs, y))) if p]
    if len(prior) == 2:
        places.append(mp.log(prior[1] / (prior[0] + len(y))))
        places.append(mp.log((prior[1] + mp.fsum(v**2 for v in y)) / prior[0]))
    terms = [] if len(prior) == 1 else [prior[0] * mp.log(prior[1]), mp.loggamma(prior[0])]
    found = Total(log_integral(log_density, min(places) - 2, max(places) + 2))
    return _with_sizes(found, terms) if terms else found


def _log_variance_prior(i, q, reciprocal, log_tau2):
    """E of log p(tau2), or of log p(tau2 | rate) + log p(rate) with the entropy of the rate."""
    prior, half = i["prior"], mp.mpf(1) / 2
    if len(prior) == 2:
        a0, b0 = prior
        return [a0 * mp.log(b0), -mp.loggamma(a0), -(a0 + 1) * log_tau2, -b0 * reciprocal]
    c, d = q["rate"]["shape"], q["rate"]["rate"]
    rate, log_rate = c / d, mean_log(c, d)
    terms = [half * log_rate, -mp.loggamma(half), -3 * half * log_tau2, -rate * reciprocal]
    return terms + log_gamma_prior(half, 1 / prior[0] ** 2, log_rate, rate) + gamma_entropy(c, d)


def hierarchical_elbo(i, q):
    y, sigma, mu_sd = i["y"], i["sigma"], i["mu_sd"]
    theta, v_theta = q["theta"]["mean"], q["theta"]["sd"] ** 2
    mu, v_mu = q["mu"]["mean"], q["mu"]["sd"] ** 2
    a, b = q["tau2"]["shape"], q["tau2"]["scale"]
    reciprocal, log_tau2 = a / b, mp.log(b) - mp.digamma(a)
    terms = _log_variance_prior(i, q, reciprocal, log_tau2)
    terms += log_normal(1, -2 * mp.log(mu_sd), (mu**2 + v_mu) / mu_sd**2)
    apart = mp.fsum((t - mu) ** 2 + v + v_mu for t, v in zip(theta, v_theta, strict=True))
    terms += log_normal(len(y), -log_tau2, reciprocal * apart)
    for yj, t, v, s in zip(y, theta, v_theta, sigma, strict=True):
        terms += log_normal(1, -2 * mp.log(s), ((yj - t) ** 2 + v) / s**2)
    return Total(terms, normal_entropy(v_mu, *v_theta), inverse_gamma_entropy(a, b))


def expanded_elbo(i, q):
    """theta_j = mu + alpha eta_j; E (y - mu - alpha eta)**2 expanded, effects being (mu, eta)."""
    y, sigma, mu_sd, (scale,) = (i[name] for name in ("y", "sigma", "mu_sd", "prior"))
    mean, cov = q["effects"]["mean"], q["effects"]["cov"].tolist()
    alpha, v_alpha = q["alpha"]["mean"], q["alpha"]["sd"] ** 2
    a, b = q["s2"]["shape"], q["s2"]["scale"]
    reciprocal, log_s2 = a / b, mp.log(b) - mp.digamma(a)
    terms = _log_variance_prior({"prior": (mp.mpf(1) / 2, scale**2 / 2)}, q, reciprocal, log_s2)
    terms += log_normal(1, mp.mpf(0), alpha**2 + v_alpha)
    terms += log_normal(1, -2 * mp.log(mu_sd), (mean[0] ** 2 + cov[0][0]) / mu_sd**2)
    for j, (yj, s) in enumerate(zip(y, sigma, strict=True), 1):
        square = mean[j] ** 2 + cov[j][j]
        terms += log_normal(1, -log_s2, reciprocal * square)
        miss = (yj - mean[0]) ** 2 + cov[0][0] + (alpha**2 + v_alpha) * square
        miss -= 2 * alpha * ((yj - mean[0]) * mean[j] - cov[0][j])
        terms += log_normal(1, -2 * mp.log(s), miss / s**2)
    return Total(terms, vector_entropy(cov), normal_entropy(v_alpha), inverse_gamma_entropy(a, b))


def expanded_best(i, sweeps=40):
    """q after so many sweeps of coordinate ascent, each factor from the moments of the others."""
    y, sigma, mu_sd, (scale,) = (i[name] for name in ("y", "sigma", "mu_sd", "prior"))
    size = len(y)
    alpha = alpha2 = reciprocal = mp.mpf(1)
    for _ in range(sweeps):
        precision = eye(1 + size)
        precision[0][0] = 1 / mu_sd**2 + mp.fsum(1 / s**2 for s in sigma)
        pull = [mp.fsum(yj / s**2 for yj, s in zip(y, sigma, strict=True))]
        for j, (yj, s) in enumerate(zip(y, sigma, strict=True), 1):
            precision[j][j] = alpha2 / s**2 + reciprocal
            precision[0][j] = precision[j][0] = alpha / s**2
            pull.append(alpha * yj / s**2)
        cov = inverse(precision)
        mean = [mp.fdot(row, pull) for row in cov]
        squares = [mean[j] ** 2 + cov[j][j] for j in range(1, 1 + size)]
        across = [mean[j] * (y[j - 1] - mean[0]) - cov[0][j] for j in range(1, 1 + size)]
        v_alpha = 1 / (1 + mp.fsum(e / s**2 for e, s in zip(squares, sigma, strict=True)))
        alpha = v_alpha * mp.fsum(c / s**2 for c, s in zip(across, sigma, strict=True))
        alpha2 = alpha**2 + v_alpha
        b = (scale**2 + mp.fsum(squares)) / 2
        reciprocal = (1 + size) / (2 * b)
    shape = mp.mpf(1 + size) / 2
    return {
        "effects": {"mean": np.array(mean), "cov": np.array(cov)},
        "alpha": {"mean": alpha, "sd": mp.sqrt(v_alpha)},
        "s2": {"shape": shape, "scale": b},
    }


def local_level_evidence(i):
    """y is N(m0 1, v0 11' + q min(s, t) + r I), times counted from 0."""
    y, size = i["y"], len(i["y"])
    cov = [
        [i["v0"] + i["q"] * min(s, t) + (i["r"] if s == t else 0) for t in range(size)]
        for s in range(size)
    ]
    return Total(log_multivariate_normal(y, [i["m0"]] * size, cov))


def local_level_elbo(i, q):
    y, size = i["y"], len(i["y"])
    if "x" in q:
        mean, v, c = (q["x"][name] for name in ("mean", "variance", "covariance"))
        given = [v[t] - c[t] ** 2 / v[t + 1] for t in range(size - 1)]  # of a step, the next known
        entropy = normal_entropy(*given, v[-1])
    else:
        halves = q["x.even"], q["x.odd"]
        mean = [halves[t % 2]["mean"][t // 2] for t in range(size)]
        v = [halves[t % 2]["sd"][t // 2] ** 2 for t in range(size)]
        c, entropy = [mp.mpf(0)] * (size - 1), normal_entropy(*v)
    terms = log_normal(1, -mp.log(i["v0"]), ((mean[0] - i["m0"]) ** 2 + v[0]) / i["v0"])
    for t in range(1, size):
        step = (mean[t] - mean[t - 1]) ** 2 + v[t] - 2 * c[t - 1] + v[t - 1]
        terms += log_normal(1, -mp.log(i["q"]), step / i["q"])
    for t in range(size):
        terms += log_normal(1, -mp.log(i["r"]), ((y[t] - mean[t]) ** 2 + v[t]) / i["r"])
    return Total(terms, entropy)


# -- the models' inputs, each driven from 1 to 1e16 ---------------------------------------------

X = np.array([0.5, -1.0, 0.25, 1.5, -0.75])
SD = np.array([0.5, 1.0, 2.0, 1.5, 0.75])
LINE = np.stack([np.ones(5), np.array([0.0, 1.0, 3.0, -2.0, 0.5])], axis=1)
PARABOLA = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])[:, None] ** np.arange(3)
ROWS = np.array([[0.5, -1.0, 0.3], [0.25, 1.5, -0.7], [-0.75, 0.1, 1.1]])
SLOPES = np.array([[1.0, 0.2], [0.5, -1.0], [-0.3, 0.8]])
HALF = np.eye(3) + 0.5


def correlated(v):
    """Three coordinates, 1/(v + 1) short of a correlation of one."""
    return (np.ones((3, 3)) * v + np.eye(3)) / (v + 1)


# beyond these an input is refused: by PPCA and factor analysis, too much signal for the noise
REFUSED = {"W large": 1e5, "a column of W large": 1e5, "sigma2 small": 1e10}
REFUSED |= {"psi small": 1e10, "one psi small": 1e10}
REFUSED |= {"a column far": 3e13}  # where only the last digits tells X from a matrix of rank one
REFUSED |= {"nearly one": 5e14, "far, nearly one": 5e14}  # as a covariance is, at a last digit


STIFF = "steps of a stiff level are held by two blocks, or beside 1/q: their squares cancel"
PINNED = "theta is pinned to mu, and mean field moves neither: squares of their distance cancel"
LOST = "beside the 1 of an exponent -(1 + a0) nothing is left of an a0 of 1e-16"
ARROW = "data so sharp know mu + alpha eta, and of a precision of both few digits are left"
EXCUSED = {  # from the second value on, to the third
    "level, even-odd: q small": (STIFF, 1e10, 1e16),
    "level, joint: q small": (STIFF, 1e9, 1e16),
    "groups, half-Cauchy: scale small": (PINNED, 1e6, 1e16),
    "groups, inverse gamma: b0 small": (PINNED, 1e9, 1e16),
    "groups, inverse gamma: a0 = b0 small": (LOST, 1e16, 1e16),
    "groups, inverse gamma: a0 large": (PINNED, 1e10, 1e16),
    "groups, expanded: sigma small": (ARROW, 2e5, 1e6),
    "groups, expanded: one sigma small": (ARROW, 4e6, 1e7),
}


# evidences that take half a second at 60 digits: one kind of input, far data, is in every run
BY_QUADRATURE = (semi_conjugate_evidence, known_noise_evidence, hierarchical_evidence)


def excuses(name, value):
    why, low, high = EXCUSED.get(name, ("", 1.0, 0.0))
    return [why] * (low <= value <= high)


def drive(model, oracles, base, kinds, conditioning=None, best=None):
    """A case for each kind of input: its name, and a value -> the arguments that differ."""
    cases = []
    for name, f in kinds.items():
        most = REFUSED.get(name, REFUSED.get(name.partition(": ")[2], np.inf))
        values = tuple(v for v in VALUES if v <= most)
        inputs = partial(_given, base, f)
        excused = {v: why for v in values for why in excuses(name, v)}
        thin = THIN if oracles[0] not in BY_QUADRATURE else THIN[:1] * name.endswith(": far")
        case = Case(name, model, inputs, *oracles, values, conditioning, best, True, thin, excused)
        cases.append(case)
    return cases


def _given(base, moved, value):
    return {**base, **moved(value)}


def shapes(a0="a0", b0="b0"):
    """Gamma priors: sharp about 1, sharp elsewhere, vague, and with either number alone."""
    return {
        f"{a0} = {b0} large": lambda v: {a0: v, b0: v},
        f"{a0} large": lambda v: {a0: v},
        f"{a0} = {b0} small": lambda v: {a0: 1 / v, b0: 1 / v},
        f"{b0} large": lambda v: {b0: v},
        f"{b0} small": lambda v: {b0: 1 / v},
    }


def named(prefix, kinds):
    return {f"{prefix}: {name}": f for name, f in kinds.items()}


def parted(mean, cov, blocks):
    return CorrelatedGaussian(mean, cov, PARTS[blocks])


def hierarchical(y, sigma, mu_sd, prior):
    kind = HalfCauchy if len(prior) == 1 else InverseGamma
    return HierarchicalNormal(y, sigma, mu_sd, kind(*map(float, prior)))


def expanded(y, sigma, mu_sd, prior):
    return HierarchicalNormalExpanded(y, sigma, mu_sd, HalfCauchy(float(*prior)))


NORMAL_GAMMA = {
    "far": lambda v: {"x": X + v},
    "far, prior too": lambda v: {"x": X + v, "mu0": v},
    "far, vague prior": lambda v: {"x": X + v, "kappa0": v**-2.0},
    "wide": lambda v: {"x": X * v},
    "narrow": lambda v: {"x": X / v},
    "one apart": lambda v: {"x": np.array([0.0, v, 0.25, v - 0.5])},
    "prior far": lambda v: {"mu0": v},
    "kappa0 large": lambda v: {"kappa0": v},
    "kappa0 small": lambda v: {"kappa0": 1 / v},
    **shapes(),
}
SEMI_CONJUGATE = {
    "far": lambda v: {"x": X + v},
    "far, prior too": lambda v: {"x": X + v, "m0": v},
    "far, vague prior": lambda v: {"x": X + v, "s0": v},
    "wide": lambda v: {"x": X * v, "s0": v, "b0": 3 * v * v},
    "prior far": lambda v: {"m0": v},
    "s0 large": lambda v: {"s0": v},
    "s0 small": lambda v: {"s0": 1 / v},
    **shapes(),
}
REGRESSION = {
    "far": lambda v: {"y": X + v},
    "far, prior too": lambda v: {"y": X + v, "m0": np.array([v, 0.0])},
    "wide": lambda v: {"y": X * v},
    "columns far": lambda v: {"X": LINE + np.array([0.0, v])},
    "a column large": lambda v: {"X": LINE * np.array([1.0, v])},
    "columns alike": lambda v: {"X": 1.0 + LINE * np.array([0.0, 1 / v])},
    "V0 large": lambda v: {"V0": np.eye(2) * v},
    "V0 small": lambda v: {"V0": np.eye(2) / v},
    "V0 uneven": lambda v: {"V0": np.diag([1.0, v])},
    "prior far": lambda v: {"m0": np.array([0.0, v])},
    **shapes(),
}
KNOWN_NOISE = {
    "far": lambda v: {"y": X + v},
    "wide": lambda v: {"y": X * v},
    "noise small": lambda v: {"noise_precision": v},
    "noise large": lambda v: {"noise_precision": 1 / v},
    "a column large": lambda v: {"X": PARABOLA * np.array([1.0, v, 1.0])},
    "a column small": lambda v: {"X": PARABOLA * np.array([1.0, 1 / v, 1.0])},
    "a column far": lambda v: {"X": PARABOLA + np.array([0.0, v, 0.0])},
    **shapes(),
}
GROUPS = {
    "far": lambda v: {"y": X + v},
    "far, vague prior": lambda v: {"y": X + v, "mu_sd": v},
    "far, sharp data": lambda v: {"y": v + X * 1e-3, "sigma": SD * 1e-3, "mu_sd": v},
    "wide": lambda v: {"y": X * v},
    "sigma large": lambda v: {"sigma": SD * v},
    "sigma small": lambda v: {"sigma": SD / v},
    "one sigma small": lambda v: {"sigma": SD / np.array([v, 1.0, 1.0, 1.0, 1.0])},
    "mu_sd large": lambda v: {"mu_sd": v},
    "mu_sd small": lambda v: {"mu_sd": 1 / v},
}
HALF_CAUCHY = {
    **GROUPS,
    "scale large": lambda v: {"prior": (v,)},
    "scale small": lambda v: {"prior": (1 / v,)},
}
INVERSE_GAMMA = {
    **GROUPS,
    "a0 = b0 large": lambda v: {"prior": (v, v)},
    "a0 large": lambda v: {"prior": (v, 3.0)},
    "a0 = b0 small": lambda v: {"prior": (1 / v, 1 / v)},
    "b0 large": lambda v: {"prior": (2.0, v)},
    "b0 small": lambda v: {"prior": (2.0, 1 / v)},
}
LEVEL = {
    "far": lambda v: {"y": X + v},
    "far, prior too": lambda v: {"y": X + v, "m0": v},
    "far, vague prior": lambda v: {"y": X + v, "v0": v * v},
    "far, sharp data": lambda v: {"y": v + X * 1e-3, "q": 1e-7, "r": 1e-6, "v0": v * v},
    "wide": lambda v: {"y": X * v},
    "prior far": lambda v: {"m0": v},
    **{f"{n} large": lambda v, n=n: {n: v} for n in ("q", "r", "v0")},
    **{f"{n} small": lambda v, n=n: {n: 1 / v} for n in ("q", "r", "v0")},
}
CORRELATED = {
    "far": lambda v: {"mean": np.array([v, -v, v / 3])},
    "wide": lambda v: {"cov": HALF * v},
    "one wide": lambda v: {"cov": HALF * np.outer([v, 1.0, 1.0], [v, 1.0, 1.0])},
    "nearly one": lambda v: {"cov": correlated(v)},
    "far, nearly one": lambda v: {"mean": np.array([v, -v, v / 3]), "cov": correlated(v)},
}
ROWS_FAR = {
    "far": lambda v: {"x": ROWS + v},
    "far, mu too": lambda v: {"x": ROWS + v, "mu": np.full(3, v)},
    "wide": lambda v: {"x": ROWS * v},
    "W large": lambda v: {"W": SLOPES * v},
    "a column of W large": lambda v: {"W": SLOPES * np.array([v, 1.0])},
    "W small": lambda v: {"W": SLOPES / v},
}
COMPONENTS = {
    **ROWS_FAR,
    "sigma2 large": lambda v: {"sigma2": v},
    "sigma2 small": lambda v: {"sigma2": 1 / v},
}
FACTORS = {
    **ROWS_FAR,
    "psi large": lambda v: {"psi": np.array([0.5, 1.0, 2.0]) * v},
    "psi small": lambda v: {"psi": np.array([0.5, 1.0, 2.0]) / v},
    "one psi large": lambda v: {"psi": np.array([0.5, v, 2.0])},
    "one psi small": lambda v: {"psi": np.array([0.5, 1 / v, 2.0])},
}
SCALED = dict(a0=2.0, b0=3.0)
LINEAR = dict(x=ROWS, W=SLOPES, mu=np.zeros(3))

CASES = [
    *drive(
        NormalGamma,
        (normal_gamma_evidence, normal_gamma_elbo),
        dict(x=X, mu0=0.0, kappa0=1.0, **SCALED),
        named("normal-gamma", NORMAL_GAMMA),
    ),
    *drive(
        NormalSemiConjugate,
        (semi_conjugate_evidence, semi_conjugate_elbo),
        dict(x=X, m0=0.0, s0=1.0, **SCALED),
        named("semi-conjugate", SEMI_CONJUGATE),
    ),
    *drive(
        LinearRegressionKnownNoise,
        (known_noise_evidence, known_noise_elbo),
        dict(X=PARABOLA, y=X, noise_precision=4.0, **SCALED),
        named("known noise", KNOWN_NOISE),
    ),
    *drive(
        hierarchical,
        (hierarchical_evidence, hierarchical_elbo),
        dict(y=X, sigma=SD, mu_sd=5.0, prior=(2.0,)),
        named("groups, half-Cauchy", HALF_CAUCHY),
    ),
    *drive(
        hierarchical,
        (hierarchical_evidence, hierarchical_elbo),
        dict(y=X, sigma=SD, mu_sd=5.0, prior=(2.0, 3.0)),
        named("groups, inverse gamma", INVERSE_GAMMA),
    ),
    *drive(
        expanded,
        (None, expanded_elbo),
        dict(y=X, sigma=SD, mu_sd=5.0, prior=(2.0,)),
        named("groups, expanded", HALF_CAUCHY),
        hierarchical_evidence,
        expanded_best,
    ),
]
for blocks in ("joint", "coordinates"):
    CASES += drive(
        LinearRegression,
        (regression_evidence, regression_elbo),
        dict(X=LINE, y=X, m0=np.zeros(2), V0=np.eye(2), blocks=blocks, **SCALED),
        named(f"regression, {blocks}", REGRESSION),
    )
    CASES += drive(
        PPCA,
        (linear_gaussian_evidence, linear_gaussian_elbo),
        dict(LINEAR, sigma2=0.5, blocks=blocks),
        named(f"ppca, {blocks}", COMPONENTS),
    )
    CASES += drive(
        FactorAnalysis,
        (linear_gaussian_evidence, linear_gaussian_elbo),
        dict(LINEAR, psi=np.array([0.5, 1.0, 2.0]), blocks=blocks),
        named(f"factors, {blocks}", FACTORS),
    )
for blocks in ("even-odd", "joint"):
    CASES += drive(
        LocalLevel,
        (local_level_evidence, local_level_elbo),
        dict(y=X, q=0.5, r=1.5, m0=0.0, v0=4.0, blocks=blocks),
        named(f"level, {blocks}", LEVEL),
    )
for blocks in PARTS:
    CASES += drive(
        parted,
        (correlated_evidence, correlated_elbo),
        dict(mean=np.zeros(3), cov=HALF, blocks=blocks),
        named(f"correlated, {blocks}", CORRELATED),
        correlated_normaliser,
    )
