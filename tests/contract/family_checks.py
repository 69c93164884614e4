"""What every family promises of its densities: plain functions, for tests and planted mistakes.

Each check takes one family, draws random parameters from a fixed seed, and fails with an
AssertionError.
"""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from tests.contract.oracles import oracle_of
from tests.contract.tolerances import assert_averages
from tests.contract.values import at, columns
from vi_lab import Categorical


def random_eta(family, rng, lead=()):
    return family.natural(**oracle_of(family).textbook(family, rng, lead))


def is_nominal(family):
    """Whether values are labels without an order, which have no sd."""
    return isinstance(family, Categorical) and family.first is None


def single(fields, index):
    """One member of a batch of natural parameters, statistics or textbook parameters."""
    if isinstance(fields, dict):
        return {name: value[index] for name, value in fields.items()}
    return type(fields)(*(np.asarray(field)[index] for field in fields))


def flat(statistics, event_shapes):
    """Statistics (*lead, ...) as one array (*lead, all of them)."""
    parts = []
    for value, shape in zip(statistics, event_shapes, strict=True):
        value = np.asarray(value)
        lead = value.shape[: value.ndim - len(shape)]
        parts.append(np.broadcast_to(value, lead + shape).reshape(*lead, -1))
    lead = np.broadcast_shapes(*(p.shape[:-1] for p in parts))
    return np.concatenate([np.broadcast_to(p, (*lead, p.shape[-1])) for p in parts], axis=-1)


def check_gradient(family):
    """E[t] = grad A, by central differences of fourth order (matrices moved symmetrically)."""
    rng = np.random.default_rng(1)
    for _ in range(3):
        eta = random_eta(family, rng)
        expected = family.expected_stats(eta)
        for name, shape in zip(family.Stats._fields, family.stat_shapes, strict=True):
            value = np.asarray(getattr(eta, name), dtype=float)
            finite = np.isfinite(value)
            step = 3e-4 * np.min(np.abs(value[finite]), initial=1.0, where=value[finite] != 0)
            for index in np.ndindex(shape):
                unit = np.zeros(shape)
                unit[index] += 0.5
                square = len(shape) == 2 and shape[0] == shape[1]
                unit[index[::-1] if square else index] += 0.5
                a = [
                    float(family.log_partition(eta._replace(**{name: value + k * step * unit})))
                    for k in (-2, -1, 1, 2)
                ]
                slope = (a[0] - 8 * a[1] + 8 * a[2] - a[3]) / (12 * step)
                found = np.sum(unit * getattr(expected, name))
                scale = 1 + np.abs(found) + 1e-4 * np.max(np.abs(a)) / step
                assert abs(slope - found) < 1e-8 * scale, f"{name}{index}: {found} is not {slope}"


def check_log_density(family):
    """scipy.stats agrees at draws, and so does <eta, t> - A; outside the support it is -inf."""
    rng = np.random.default_rng(6)
    oracle = oracle_of(family)
    textbook = oracle.textbook(family, rng, (3,))
    eta = family.natural(**textbook)
    draws = family.sample(rng, eta, (20, 3))
    found = family.log_density(draws, eta)
    assert found.shape == (20, 3)
    for k in range(3):
        expected = oracle.log_density(family, at(draws, (slice(None), k)), **single(textbook, k))
        assert_allclose(found[:, k], expected, rtol=1e-10, atol=1e-10)
    exponent = family.inner(eta, family.stats(draws)) - family.log_partition(eta)
    assert_allclose(found, exponent, rtol=1e-9, atol=1e-9)
    for z in oracle.outside(family):
        assert_array_equal(family.log_density(z, eta), np.full(3, -np.inf), f"at {z}")


def check_entropy(family):
    """The entropy is the integral of -log p under p."""
    for textbook, eta, log_density, (z, weights) in _integrals(family, seed=7):
        surprise = -np.where(weights > 0, log_density(z, textbook), 0.0)
        assert_integral(family, family.entropy(eta), surprise, weights, "entropy")
        known = family.entropy(eta, family.expected_stats(eta))
        assert_integral(family, known, surprise, weights, "entropy from E[t]")


def check_kl(family):
    """KL is the integral of log p - log p' under p, and nought between equals."""
    members = list(_integrals(family, seed=8))
    for p, eta, log_density, (z, weights) in members:
        own = log_density(z, p)
        for other, eta_other, _, _ in members:
            ratio = own - log_density(z, other)
            assert_integral(family, family.kl(eta, eta_other), ratio, weights, "KL")


def check_moments(family):
    """Mean and sd are integrals of z; for nominal labels the mean is their probabilities."""
    for _, eta, _, (z, weights) in _integrals(family, seed=9):
        if is_nominal(family):
            assert_allclose(family.mean(eta), weights, rtol=1e-12, atol=1e-15)
            continue
        z = columns(z, family)
        mean, sd = columns(family.mean(eta), family), columns(family.sd(eta), family)
        assert_integral(family, mean, z, weights, "mean")
        assert_integral(family, sd**2, (z - mean) ** 2, weights, "variance")


def assert_integral(family, found, integrand, weights, what):
    """A number is an integral over nodes: to nine digits, or in standard errors of draws."""
    if oracle_of(family).drawn(family):
        assert_averages(integrand, found, what)
        return
    expected, size = (np.tensordot(weights, f, 1) for f in (integrand, np.abs(integrand)))
    assert np.shape(found) == np.shape(expected)
    off = np.abs(found - expected)
    assert (off <= 1e-9 * (1 + size)).all(), f"{what}: {found} is not {expected}"


def _integrals(family, seed):
    """Three random members: textbook parameters, eta, scipy's log density, nodes under it."""
    rng, oracle = np.random.default_rng(seed), oracle_of(family)
    for _ in range(3):
        textbook = oracle.textbook(family, rng, ())

        def log_density(z, parameters):
            return oracle.log_density(family, z, **parameters)

        yield textbook, family.natural(**textbook), log_density, oracle.nodes(family, **textbook)


def check_round_trips(family):
    """natural and parameters are inverse; a density adopted by its own family is unchanged."""
    rng = np.random.default_rng(12)
    for lead in ((), (3,)):
        textbook = oracle_of(family).textbook(family, rng, lead)
        eta = family.natural(**textbook)
        for name, value in family.parameters(eta).items():
            assert_allclose(value, textbook[name], rtol=1e-10, atol=1e-12, err_msg=name)
        again = family.natural(**family.parameters(eta))
        for one, two in zip(eta, again, strict=True):
            assert_allclose(one, two, rtol=1e-10, atol=1e-12)


def check_real_coordinates(family):
    """from_real inverts to_real, t is that of z, and the Jacobian is the numerical one."""
    rng = np.random.default_rng(13)
    eta = random_eta(family, rng, (3,))
    z = family.sample(rng, eta, (4, 3))
    y = family.to_real(z)
    assert y.shape == (4, 3, *family.real_shape)
    back, statistics, log_jacobian = family.from_real(y)
    assert type(back) is type(z)
    assert_allclose(columns(back, family), columns(z, family), rtol=1e-12, atol=1e-14)
    expected = flat(family.stats(z), family.stat_shapes)
    assert_allclose(flat(statistics, family.stat_shapes), expected, rtol=1e-11, atol=1e-12)
    log_jacobian = np.broadcast_to(log_jacobian, (4, 3))
    for index in np.ndindex(4, 3):
        numerical = _log_abs_det(family, y[index])
        assert_allclose(log_jacobian[index], numerical, atol=1e-7, err_msg="log |det dz/dy|")


def check_pullback(family):
    """The gradient of <eta, t> + log|det dz/dy| over y, by differences that share none of it."""
    rng = np.random.default_rng(14)
    eta = random_eta(family, rng, (3,))
    y = family.to_real(family.sample(rng, eta, (3,)))

    def exponent(moved):
        _, statistics, log_jacobian = family.from_real(moved)
        return np.broadcast_to(family.inner(eta, statistics) + log_jacobian, (3,))

    found = family.stats_pullback(y, family.from_real(y)[1], eta)
    assert found.shape == y.shape
    flat_shape = (3, int(np.prod(family.real_shape, dtype=int)))
    slopes = differentiated(lambda flat_y: exponent(flat_y.reshape(y.shape)), y.reshape(flat_shape))
    assert_slopes(found.reshape(flat_shape), slopes, "d(<eta, t> + log|det|)/dy")
    alone = single(eta, 1)
    one = family.stats_pullback(y[1], family.from_real(y[1])[1], alone)
    assert_allclose(one, found[1], rtol=1e-12, atol=1e-12 * (1 + np.abs(found[1]).max(initial=0)))


def differentiated(function, y):
    """Derivatives over y (..., D) by differences extrapolated twice, error of order h**6: at the
    step, of several, where two orders agree best."""
    slopes, gaps = [], []
    for h in 0.3 * 0.4 ** np.arange(7):
        far, middle, near = (
            np.stack(
                [(function(y + k * h * u) - function(y - k * h * u)) / (2 * k * h)
                 for u in np.eye(y.shape[-1])] or [np.zeros(y.shape[:-1])],
                axis=-1,
            )[..., : y.shape[-1]]
            for k in (1, 0.5, 0.25)
        )  # fmt: skip
        slopes.append((64 * near - 20 * middle + far) / 45)
        gaps.append(np.abs(slopes[-1] - (4 * near - middle) / 3))
    best = np.argmin(gaps, axis=0)
    return np.take_along_axis(np.array(slopes), best[None], 0)[0]


def assert_slopes(found, slopes, what):
    scale = np.abs(slopes).max(-1, keepdims=True, initial=1.0)
    assert_allclose(found / scale, slopes / scale, rtol=0, atol=1e-8, err_msg=what)


def _log_abs_det(family, y, step=1e-3):
    y = np.atleast_1d(y)

    def free(moved):
        z = family.from_real(moved.reshape(family.real_shape))[0]
        return np.atleast_1d(oracle_of(family).free(family, z))

    moves = step * np.eye(y.size)
    slopes = [
        (8 * (free(y + m) - free(y - m)) - (free(y + 2 * m) - free(y - 2 * m))) / (12 * step)
        for m in moves
    ]
    return np.log(np.abs(np.linalg.det(np.stack(slopes, axis=-1))))


FOR_ALL = (
    check_gradient, check_log_density, check_entropy, check_kl, check_moments, check_round_trips,
)  # fmt: skip
FOR_CONTINUOUS = (check_real_coordinates, check_pullback)
