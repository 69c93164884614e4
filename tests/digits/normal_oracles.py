"""The normal models at 60 digits: log evidence, and the bound of any factorised q.

Nothing here is the algebra of vi_lab. A log evidence is the density of the data themselves: a
multivariate normal or Student t with its covariance written out and factorised at 60 digits, or an
integral of one over a single variance (adaptive Gauss-Legendre). A bound is E_q[log p(x, z)] + H[q]
term by term, from means, variances, shapes and rates; q's own come from its natural parameters as
they are stored, about the centre that is stored with them. Nothing is centred or completed: 60
digits bear it. The KL is the difference of the two.
"""

import mpmath
import numpy as np

mp = mpmath.MPContext()
mp.dps = 60
LOG_2PI = mp.log(2 * mp.pi)


def exact_numbers(value):
    """A float, or an array of them, as numbers of 60 digits: none is rounded."""
    array = np.asarray(value)
    if array.ndim == 0:
        return mp.mpf(float(array))
    return [exact_numbers(part) for part in array]


# -- q, from its natural parameters -------------------------------------------------------------


def inverse(rows):
    return mp.inverse(mp.matrix(rows)).tolist()


def log_det(rows):
    return mp.log(mp.det(mp.matrix(rows)))


def normal_moments(factor):
    """Means and variances, one each for a factor without plates."""
    value, square = (np.atleast_1d(field) for field in factor.eta)
    value, square = exact_numbers(value), exact_numbers(square)
    centre = mp.mpf(factor.family.centre)
    variances = [-1 / (2 * s) for s in square]
    return [centre + h * v for h, v in zip(value, variances, strict=True)], variances


def vector_moments(factor):
    """Mean and covariance of a multivariate normal."""
    cov = inverse([[-2 * e for e in row] for row in exact_numbers(factor.eta.outer)])
    return _means(factor, cov, factor.family.centre), cov


def chain_moments(factor):
    """Mean and the whole covariance of a Gaussian chain."""
    square, product = exact_numbers(factor.eta.square), exact_numbers(factor.eta.product)
    precision = mp.zeros(len(square))
    for t, s in enumerate(square):
        precision[t, t] = -2 * s
    for t, p in enumerate(product):
        precision[t, t + 1] = precision[t + 1, t] = -p
    cov = mp.inverse(precision).tolist()
    return _means(factor, cov, [factor.family.centre] * len(square)), cov


def _means(factor, cov, centre):
    value = exact_numbers(factor.eta.value)
    shifts = [mp.fdot(row, value) for row in cov]
    return [mp.mpf(float(c)) + s for c, s in zip(centre, shifts, strict=True)]


def gamma_parameters(factor):
    """Shape and rate."""
    return exact_numbers(factor.eta.log) + 1, -exact_numbers(factor.eta.value)


def inverse_gamma_parameters(factor):
    """Shape and scale."""
    return -exact_numbers(factor.eta.log) - 1, -exact_numbers(factor.eta.reciprocal)


# -- textbook entropies and expectations --------------------------------------------------------


def normal_entropy(variance):
    return (LOG_2PI + 1 + mp.log(variance)) / 2


def vector_entropy(cov):
    return (len(cov) * (LOG_2PI + 1) + log_det(cov)) / 2


def gamma_entropy(a, b):
    return a - mp.log(b) + mp.loggamma(a) + (1 - a) * mp.digamma(a)


def inverse_gamma_entropy(a, b):
    return a + mp.log(b) + mp.loggamma(a) - (1 + a) * mp.digamma(a)


def mean_log(a, b):
    """E[log t] of a gamma."""
    return mp.digamma(a) - mp.log(b)


def log_gamma_prior(a, b, mean_log_t, mean_t):
    """E[log Gamma(t; a, b)]"""
    return a * mp.log(b) - mp.loggamma(a) + (a - 1) * mean_log_t - b * mean_t


def log_normal(count, mean_log_precision, mean_precision_squares):
    """E of the log density of so many normals, by E log precision and E (precision * square)."""
    return (count * (mean_log_precision - LOG_2PI) - mean_precision_squares) / 2


def squares(x, m, v):
    """E sum (x_i - mu)**2 under mean m and variance v of mu."""
    return sum((xi - m) ** 2 + v for xi in x)


def quadratic(precision, mean, cov, about):
    """E (z - about)' A (z - about) under mean and cov of z."""
    d = [m - a for m, a in zip(mean, about, strict=True)]
    within = mp.fsum(mp.fdot(a, c) for a, c in zip(precision, cov, strict=True))
    return within + mp.fdot(d, [mp.fdot(row, d) for row in precision])


def log_multivariate_normal(x, mean, cov):
    d = mp.matrix([xi - m for xi, m in zip(x, mean, strict=True)])
    white = mp.lu_solve(mp.matrix(cov), d)
    return -(len(x) * LOG_2PI + log_det(cov) + (d.T * white)[0]) / 2


def log_student(x, mean, shape, degrees):
    """log t: of x with location, shape matrix and degrees of freedom."""
    size = len(x)
    d = mp.matrix([xi - m for xi, m in zip(x, mean, strict=True)])
    distance = (d.T * mp.lu_solve(mp.matrix(shape), d))[0]
    value = mp.loggamma((degrees + size) / 2) - mp.loggamma(degrees / 2)
    value -= (size * mp.log(degrees * mp.pi) + log_det(shape)) / 2
    return value - (degrees + size) / 2 * mp.log1p(distance / degrees)


def log_integral(log_density, low, high, narrow):
    """log of the integral over the line of a density whose top lies between `low` and `high`.

    Gauss-Legendre by pieces of at most three widths; `narrow` is the least width there may be.
    """
    log_density = mp.memoize(log_density)
    count = 1 + int((high - low) / narrow)
    assert count < 20_000, "the top is not to be found on so fine a grid"
    grid = [low + (high - low) * k / count for k in range(count + 1)]
    top = max(map(log_density, grid))
    step = 3 * narrow
    ends = []
    for end, direction in ((low, -1), (high, 1)):
        reach = step
        while log_density(end + direction * reach) > top - 90:
            reach *= mp.mpf("1.3")
        ends.append(end + direction * reach)
    pieces = min(400, 2 + int((ends[1] - ends[0]) / step))
    points = mp.linspace(*ends, pieces)
    with mp.workdps(40):
        total = mp.quad(lambda s: mp.exp(log_density(s) - top), points, method="gauss-legendre")
    return top + mp.log(total)


# -- the models ---------------------------------------------------------------------------------


def eye(size):
    return [[mp.mpf(i == j) for j in range(size)] for i in range(size)]


def normal_gamma_evidence(x, mu0, kappa0, a0, b0):
    """x is Student's t: its shape matrix is b0/a0 (I + 11'/kappa0)."""
    shape = [[b0 / a0 * (e + 1 / kappa0) for e in row] for row in eye(len(x))]
    return log_student(x, [mu0] * len(x), shape, 2 * a0)


def normal_gamma_elbo(q, x, mu0, kappa0, a0, b0):
    (m,), (v,) = normal_moments(q["mu"])
    a, b = gamma_parameters(q["tau"])
    tau, log_tau = a / b, mean_log(a, b)
    bound = log_gamma_prior(a0, b0, log_tau, tau)
    bound += log_normal(1, mp.log(kappa0) + log_tau, kappa0 * tau * squares([mu0], m, v))
    bound += log_normal(len(x), log_tau, tau * squares(x, m, v))
    return bound + normal_entropy(v) + gamma_entropy(a, b)


def semi_conjugate_evidence(x, m0, s0, a0, b0):
    """x given tau is N(m0 1, I/tau + s0**2 11'); tau is integrated out."""
    n, mean = len(x), mp.fsum(x) / len(x)
    within = squares(x, mean, 0)

    def log_density(s):
        tau = mp.exp(s)
        # the determinant of a diagonal and a rank one; the quadratic by the mean and the rest
        spread = 1 / tau + n * s0**2
        log_x = (n - 1) * s - mp.log(spread) - tau * within - n * (mean - m0) ** 2 / spread
        prior = a0 * (mp.log(b0) + s) - mp.loggamma(a0) - b0 * tau
        return prior + (log_x - n * LOG_2PI) / 2

    all_squares = squares(x, m0, 0)
    low = mp.log((a0 + mp.mpf(n) / 2) / (b0 + all_squares / 2)) - 1
    high = mp.log((a0 + mp.mpf(n) / 2) / (b0 + within / 2)) + 1
    return log_integral(log_density, low, high, 1 / mp.sqrt(a0 + n))


def semi_conjugate_elbo(q, x, m0, s0, a0, b0):
    (m,), (v,) = normal_moments(q["mu"])
    a, b = gamma_parameters(q["tau"])
    tau, log_tau = a / b, mean_log(a, b)
    bound = log_gamma_prior(a0, b0, log_tau, tau)
    bound += log_normal(1, -2 * mp.log(s0), squares([m0], m, v) / s0**2)
    bound += log_normal(len(x), log_tau, tau * squares(x, m, v))
    return bound + normal_entropy(v) + gamma_entropy(a, b)


def correlated_evidence(mean, cov):
    return mp.mpf(0)


def correlated_elbo(q, mean, cov, parts):
    """-KL of a normal whose covariance is block diagonal."""
    size = len(mean)
    m, c = [None] * size, mp.zeros(size)
    entropy = mp.mpf(0)
    for name, part in parts.items():
        means, within = vector_moments(q[name])
        entropy += vector_entropy(within)
        for i, a in enumerate(part):
            m[a] = means[i]
            for j, b in enumerate(part):
                c[a, b] = within[i][j]
    about = quadratic(inverse(cov), m, c.tolist(), mean)
    return entropy - (size * LOG_2PI + log_det(cov) + about) / 2


def linear_gaussian_evidence(x, W, mu, psi):
    """Rows are N(mu, W W' + diag(psi))."""
    marginal = [[mp.fdot(a, b) for b in W] for a in W]
    for d, variance in enumerate(psi):
        marginal[d][d] += variance
    return mp.fsum(log_multivariate_normal(row, mu, marginal) for row in x)


def linear_gaussian_elbo(q, x, W, mu, psi):
    rows, size = len(x), len(W[0])
    bound = mp.mpf(0)
    for n, row in enumerate(x):
        mean, cov, entropy = _row_of(q, n, size)
        bound += entropy - (size * LOG_2PI + mp.fdot(mean, mean)) / 2
        bound -= mp.fsum(cov[i][i] for i in range(size)) / 2
        for d, w in enumerate(W):
            miss = row[d] - mu[d] - mp.fdot(w, mean)
            spread = mp.fdot(w, [mp.fdot(c, w) for c in cov])
            bound += log_normal(1, -mp.log(psi[d]), (miss**2 + spread) / psi[d])
    assert rows == len(x)
    return bound


def _row_of(q, n, size):
    """Mean and covariance of z_n under q, and its entropy."""
    if "z" in q:
        value, outer = (exact_numbers(np.asarray(field)[n]) for field in q["z"].eta)
        cov = inverse([[-2 * e for e in line] for line in outer])
        return [mp.fdot(line, value) for line in cov], cov, vector_entropy(cov)
    moments = [normal_moments(q[f"z.{i}"]) for i in range(size)]
    cov = [[moments[i][1][n] if i == j else mp.mpf(0) for j in range(size)] for i in range(size)]
    return [m[n] for m, _ in moments], cov, mp.fsum(normal_entropy(v[n]) for _, v in moments)


def regression_evidence(X, y, m0, V0, a0, b0):
    """y is Student's t: location X m0, shape b0/a0 (I + X V0 X')."""
    projected = [[mp.fdot(row, column) for column in V0] for row in X]
    shape = [
        [b0 / a0 * (mp.fdot(p, row) + e) for row, e in zip(X, line, strict=True)]
        for p, line in zip(projected, eye(len(y)), strict=True)
    ]
    return log_student(y, [mp.fdot(row, m0) for row in X], shape, 2 * a0)


def regression_elbo(q, X, y, m0, V0, a0, b0):
    size = len(m0)
    if "beta" in q:
        mean, cov = vector_moments(q["beta"])
        entropy = vector_entropy(cov)
    else:
        each = [normal_moments(q[f"beta.{j}"]) for j in range(size)]
        mean = [m for (m,), _ in each]
        cov = [[each[i][1][0] if i == j else mp.mpf(0) for j in range(size)] for i in range(size)]
        entropy = mp.fsum(normal_entropy(v) for _, (v,) in each)
    a, b = gamma_parameters(q["tau"])
    tau, log_tau = a / b, mean_log(a, b)
    bound = log_gamma_prior(a0, b0, log_tau, tau)
    about = quadratic(inverse(V0), mean, cov, m0)
    bound += log_normal(size, log_tau, tau * about) - log_det(V0) / 2
    miss = mp.fsum(
        (yi - mp.fdot(row, mean)) ** 2 + mp.fdot(row, [mp.fdot(c, row) for c in cov])
        for row, yi in zip(X, y, strict=True)
    )
    bound += log_normal(len(y), log_tau, tau * miss)
    return bound + entropy + gamma_entropy(a, b)


def known_noise_evidence(X, y, noise_precision, a0, b0):
    """y given alpha is N(0, I/noise + X X'/alpha); alpha is integrated out.

    In the frame of the eigenvectors of X X', where all these covariances are diagonal.
    """
    n, size = len(y), len(X[0])
    outer = mp.matrix([[mp.fdot(a, b) for b in X] for a in X])
    values, vectors = mp.eigsy(outer)
    turned = [mp.fdot([vectors[i, k] for i in range(n)], y) for k in range(n)]
    values = [max(values[k], mp.mpf(0)) for k in range(n)]
    if n > size:
        values[: n - size] = [mp.mpf(0)] * (n - size)  # below 1e-55, in rising order

    def log_density(s):
        alpha = mp.exp(s)
        spreads = [1 / noise_precision + value / alpha for value in values]
        log_y = mp.fsum(-mp.log(v) - t**2 / v for t, v in zip(turned, spreads, strict=True))
        prior = a0 * (mp.log(b0) + s) - mp.loggamma(a0) - b0 * alpha
        return prior + (log_y - n * LOG_2PI) / 2

    least = min(v for v in values if v > values[-1] * mp.mpf("1e-40"))
    longest = mp.fsum(t**2 for t in turned) / least
    low = mp.log(a0 / (b0 + longest)) - 1
    high = mp.log((a0 + mp.mpf(size) / 2) / b0) + 1
    return log_integral(log_density, low, high, 1 / mp.sqrt(a0 + size))


def known_noise_elbo(q, X, y, noise_precision, a0, b0):
    mean, cov = vector_moments(q["w"])
    a, b = gamma_parameters(q["alpha"])
    alpha, log_alpha = a / b, mean_log(a, b)
    length = mp.fdot(mean, mean) + mp.fsum(cov[i][i] for i in range(len(mean)))
    miss = mp.fsum(
        (yi - mp.fdot(row, mean)) ** 2 + mp.fdot(row, [mp.fdot(c, row) for c in cov])
        for row, yi in zip(X, y, strict=True)
    )
    bound = log_gamma_prior(a0, b0, log_alpha, alpha)
    bound += log_normal(len(mean), log_alpha, alpha * length)
    bound += log_normal(len(y), mp.log(noise_precision), noise_precision * miss)
    return bound + vector_entropy(cov) + gamma_entropy(a, b)


def log_half_cauchy_of_log_variance(s, scale):
    """Of s = log tau**2: the density of tau times dtau/ds = tau/2."""
    tau = mp.exp(s / 2)
    return mp.log(tau / (mp.pi * scale * (1 + (tau / scale) ** 2)))


def log_inverse_gamma_of_log_variance(s, a0, b0):
    return a0 * mp.log(b0) - mp.loggamma(a0) - a0 * s - b0 * mp.exp(-s)


def hierarchical_evidence(y, sigma, mu_sd, prior):
    """y given tau is N(0, diag(sigma**2 + tau**2) + mu_sd**2 11'); tau is integrated out.

    `prior` is (scale,) of a half-Cauchy, or (a0, b0) of an inverse gamma.
    """
    n = len(y)
    log_prior = (
        log_half_cauchy_of_log_variance if len(prior) == 1 else log_inverse_gamma_of_log_variance
    )

    def log_density(s):
        tau2 = mp.exp(s)
        cov = mp.matrix(n, n)
        for i in range(n):
            for j in range(n):
                cov[i, j] = mu_sd**2 + (sigma[i] ** 2 + tau2 if i == j else 0)
        return log_prior(s, *prior) + log_multivariate_normal(y, [mp.mpf(0)] * n, cov.tolist())

    middle = 2 * mp.log(prior[0]) if len(prior) == 1 else mp.log(prior[1] / prior[0])
    spread = mp.fsum((yi - y[0]) ** 2 for yi in y)
    largest = mp.log(spread + max(s**2 for s in sigma) + mp.fsum(yi**2 for yi in y))
    least = mp.log(min(s**2 for s in sigma))
    narrow = mp.mpf("0.5") if len(prior) == 1 else 1 / mp.sqrt(prior[0] + n)
    return log_integral(log_density, min(middle, least) - 2, max(middle, largest) + 2, narrow)


def _log_variance_prior(prior, q, reciprocal, mean_log_tau2):
    """E of log p(tau2), or of log p(tau2 | rate) + log p(rate), with the entropy of the rate."""
    if len(prior) == 2:
        a0, b0 = prior
        return a0 * mp.log(b0) - mp.loggamma(a0) - (a0 + 1) * mean_log_tau2 - b0 * reciprocal
    half = mp.mpf(1) / 2
    c, d = gamma_parameters(q["rate"])
    rate, log_rate = c / d, mean_log(c, d)
    found = half * log_rate - mp.loggamma(half) - 3 * half * mean_log_tau2 - rate * reciprocal
    found += log_gamma_prior(half, 1 / prior[0] ** 2, log_rate, rate)
    return found + gamma_entropy(c, d)


def hierarchical_elbo(q, y, sigma, mu_sd, prior):
    theta, v_theta = normal_moments(q["theta"])
    (mu,), (v_mu,) = normal_moments(q["mu"])
    a, b = inverse_gamma_parameters(q["tau2"])
    reciprocal, mean_log_tau2 = a / b, mp.log(b) - mp.digamma(a)
    bound = _log_variance_prior(prior, q, reciprocal, mean_log_tau2)
    bound += log_normal(1, -2 * mp.log(mu_sd), (mu**2 + v_mu) / mu_sd**2)
    apart = mp.fsum((t - mu) ** 2 + v + v_mu for t, v in zip(theta, v_theta, strict=True))
    bound += log_normal(len(y), -mean_log_tau2, reciprocal * apart)
    for yj, t, v, s in zip(y, theta, v_theta, sigma, strict=True):
        bound += log_normal(1, -2 * mp.log(s), ((yj - t) ** 2 + v) / s**2) + normal_entropy(v)
    return bound + normal_entropy(v_mu) + inverse_gamma_entropy(a, b)


def expanded_elbo(q, y, sigma, mu_sd, prior):
    (scale,) = prior
    mean, cov = vector_moments(q["effects"])
    (alpha,), (v_alpha,) = normal_moments(q["alpha"])
    a, b = inverse_gamma_parameters(q["s2"])
    reciprocal, mean_log_s2 = a / b, mp.log(b) - mp.digamma(a)
    half = mp.mpf(1) / 2
    bound = half * mp.log(scale**2 / 2) - mp.loggamma(half) - 3 * half * mean_log_s2
    bound -= scale**2 / 2 * reciprocal
    bound += log_normal(1, mp.mpf(0), alpha**2 + v_alpha)
    bound += log_normal(1, -2 * mp.log(mu_sd), (mean[0] ** 2 + cov[0][0]) / mu_sd**2)
    squared = mp.fsum(mean[j] ** 2 + cov[j][j] for j in range(1, len(mean)))
    bound += log_normal(len(y), -mean_log_s2, reciprocal * squared)
    for j, (yj, s) in enumerate(zip(y, sigma, strict=True), 1):
        # y - mu - alpha eta at the means, and the variance of mu + alpha eta, alpha apart from both
        miss = yj - mean[0] - alpha * mean[j]
        spread = cov[0][0] + 2 * alpha * cov[0][j] + alpha**2 * cov[j][j]
        spread += v_alpha * (mean[j] ** 2 + cov[j][j])
        bound += log_normal(1, -2 * mp.log(s), (miss**2 + spread) / s**2)
    bound += vector_entropy(cov) + normal_entropy(v_alpha)
    return bound + inverse_gamma_entropy(a, b)


def local_level_evidence(y, q, r, m0, v0):
    """y is N(m0 1, v0 11' + q min(s, t) + r I), times counted from 0."""
    cov = [
        [v0 + q * min(s, t) + (r if s == t else 0) for t in range(len(y))] for s in range(len(y))
    ]
    return log_multivariate_normal(y, [m0] * len(y), cov)


def local_level_elbo(factors, y, q, r, m0, v0):
    size = len(y)
    if "x" in factors:
        mean, cov = chain_moments(factors["x"])
        entropy = vector_entropy(cov)
    else:
        halves = [normal_moments(factors[name]) for name in ("x.even", "x.odd")]
        mean = [halves[t % 2][0][t // 2] for t in range(size)]
        v = [halves[t % 2][1][t // 2] for t in range(size)]
        cov = [[v[s] if s == t else mp.mpf(0) for t in range(size)] for s in range(size)]
        entropy = mp.fsum(map(normal_entropy, v))
    bound = log_normal(1, -mp.log(v0), ((mean[0] - m0) ** 2 + cov[0][0]) / v0)
    for t in range(1, size):
        step = (mean[t] - mean[t - 1]) ** 2 + cov[t][t] - 2 * cov[t][t - 1] + cov[t - 1][t - 1]
        bound += log_normal(1, -mp.log(q), step / q)
    for t in range(size):
        bound += log_normal(1, -mp.log(r), ((y[t] - mean[t]) ** 2 + cov[t][t]) / r)
    return bound + entropy
