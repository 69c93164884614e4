"""Entropies and divergences of families at extreme parameters, against mpmath at 60 digits."""

import numpy as np
import pytest
from mpmath import mp

from tests.digits import logistic
from tests.digits.sweep import DIGITS, VALUES, exactly, parameters_of
from tests.digits.terms import expected_log, minus_kl_dirichlet, minus_kl_gamma, surprise
from tests.tables import table
from vi_lab import LogisticRegression, cavi, kl
from vi_lab.families import (
    Beta,
    Bits,
    Categorical,
    CategoricalStats,
    Dirichlet,
    Distribution,
    Gamma,
    Multinomial,
    MultinomialStats,
    MultivariateNormal,
    PolyaGamma,
    Spin,
)
from vi_lab.numerics import densities, log_gamma

DIGITS_KEPT = 2e-13  # of a number, or of 1 where it is smaller


def dirichlet_entropy(a):
    log_beta = mp.fsum(mp.loggamma(one) for one in a) - mp.loggamma(mp.fsum(a))
    return log_beta - mp.fsum((a - 1) * expected_log(a))


def gamma_entropy(shape, rate):
    return shape - mp.log(rate) + mp.loggamma(shape) + (1 - shape) * mp.digamma(shape)


def close(found, right):
    return abs(found - right) <= DIGITS_KEPT * max(1, abs(right))


@table("value", VALUES)
def test_dirichlet_beta_and_gamma(value):
    one, two = np.array([value, 2.5 * value, 1.5]), np.array([value + 3.0, 2.5 * value, 4.0])
    with mp.workdps(DIGITS):
        a, b = exactly(one), exactly(two)
        assert close(Dirichlet.of(one).entropy, dirichlet_entropy(a))
        right = -minus_kl_dirichlet(b, a)
        assert close(kl(Dirichlet.of(two), Dirichlet.of(one)), right)
        assert close(densities.kl_dirichlet(two, one), right)
        assert close(Beta.of(*one[:2]).entropy, dirichlet_entropy(a[:2]))
        right = -minus_kl_dirichlet(b[:2], a[:2])
        assert close(kl(Beta.of(*two[:2]), Beta.of(*one[:2])), right)
        assert close(Gamma.of(one[0], one[1]).entropy, gamma_entropy(a[0], a[1]))
        for rate in (two[1] + 2.0, 3.0 * two[1]):
            right = -minus_kl_gamma(b[0], mp.mpf(rate), a[0], a[1])
            assert close(kl(Gamma.of(two[0], rate), Gamma.of(one[0], one[1])), right)
            assert close(sum(densities.kl_gamma_terms(two[0], rate, one[0], one[1])), right)


@table("value", VALUES)
def test_a_dirichlet_some_sds_from_a_sharp_one(value):
    """There a - a0 is as large as the root of a0, and logs of the shares would hide the rest."""
    before = value * np.array([0.5, 1.0, 2.0])
    after = before + np.array([1.5, -0.4, 0.7]) * np.sqrt(before)
    with mp.workdps(DIGITS):
        right = -minus_kl_dirichlet(exactly(after), exactly(before))
        for found in (kl(Dirichlet.of(after), Dirichlet.of(before)),
                      densities.kl_dirichlet(after, before)):  # fmt: skip
            assert abs(found - right) < 1e-13
        right = -minus_kl_dirichlet(exactly(after)[:2], exactly(before)[:2])
        assert abs(kl(Beta.of(*after[:2]), Beta.of(*before[:2])) - right) < 1e-13


@table("value", VALUES)
def test_labels_whose_log_weights_share_a_large_number(value):
    eta = value + np.array([0.0, 0.5, -1.0, 0.25])
    with mp.workdps(DIGITS):
        weights = [mp.exp(e - exactly(eta)[0]) for e in exactly(eta)]
        right = mp.fsum(surprise(np.array(weights) / mp.fsum(weights)))
        for family in (Categorical(4), Bits(2)):
            assert close(Distribution(family, CategoricalStats(eta)).entropy, right)
        many = Distribution(Multinomial(4, 10**6), MultinomialStats(eta))
        assert close(many.entropy, 10**6 * right)


@table("value", VALUES)
def test_normals_nearly_as_sharp_as_their_prior(value):
    square, more = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, -0.3], [-0.3, 0.4]])
    prior = MultivariateNormal.of([1.0, -3.0], square / value)
    q = MultivariateNormal.of(
        [1.0 + 0.5 / value, -3.0], square / (value + 0.75) + 1e-3 * more / value
    )
    far = MultivariateNormal(2, [0.0, 0.0]).adopt(q)
    with mp.workdps(DIGITS):
        m, V, m0, V0 = (
            mp.matrix(exactly(p.parameters[name]).tolist())
            for p in (q, prior)
            for name in ("mean", "cov")
        )
        between = V * V0**-1
        right = ((m - m0).T * V0**-1 * (m - m0))[0] + between[0, 0] + between[1, 1] - 2
        right = (right - mp.log(mp.det(V)) + mp.log(mp.det(V0))) / 2
        assert close(kl(q, prior), right)
        assert abs(far.family.kl_from_prior(far.eta, None, prior) - right) <= 1e-12 * max(1, right)


@table("value", VALUES)
def test_spins_and_polya_gamma(value):
    with mp.workdps(DIGITS):
        field = mp.mpf(value)
        e = mp.exp(-2 * field)
        assert close(Spin.of(value).entropy, mp.log1p(e) + 2 * field * e / (1 + e))
        q, c = PolyaGamma.of(3, value), exactly(PolyaGamma.of(3, value).parameters["tilt"])
        right = -3 * mp.log(mp.cosh(c / 2)) + c**2 / 2 * 3 * mp.tanh(c / 2) / (2 * c)
        assert close(q.entropy, right)


@pytest.mark.parametrize("n", [-3.0, 1e-3, 1.0, 1e4])
@table("a", [1e-3, 0.5, 19.0, 20.0, 5e3, *VALUES[5:]])
def test_log_gamma_of_large_arguments(a, n):
    if a + n <= 0:
        return
    with mp.workdps(DIGITS):
        z, more = mp.mpf(a), mp.mpf(n)
        growth = mp.loggamma(z + more) - mp.loggamma(z) - more * mp.log(z + more)
        size = max(1, abs(growth), abs(n) * DIGITS_KEPT)
        assert abs(log_gamma.log_gamma_growth(a, n) - growth) <= DIGITS_KEPT * size
        assert close(log_gamma.digamma_less_log(a), mp.digamma(z) - mp.log(z))
        rest = mp.loggamma(z) - (z * mp.log(z) - z)
        assert close(log_gamma.log_gamma_less_stirling(a), rest)
        assert close(log_gamma.log1p_less(1.0 / a), mp.log1p(mp.mpf(1.0 / a)) - mp.mpf(1.0 / a))


@table("n", [1, 2, 7, 39, 41, 10**4, 10**9, 10**15])
def test_heads_of_fair_coins(n):
    for y in {0, 1, n // 3, n // 2, n // 2 + int(n**0.5) // 3, n - 1, n}:
        with mp.workdps(DIGITS):
            ways = mp.loggamma(n + 1) - mp.loggamma(y + 1) - mp.loggamma(n - y + 1)
            assert close(log_gamma.log_fair_binomial(n, y), ways - n * mp.log(2))


def test_a_bound_that_is_small_beside_its_trials_keeps_its_digits():
    """Half of 1e10 trials are successes: log C and n log 2 are 1e10 times what is left of them."""
    n = 10**10
    model = LogisticRegression([[1.0], [-0.7]], [n // 2, n // 2 + 10**5], n, 0.0, [[4e-12]])
    q = cavi(model, rng=0, restarts=2)
    with mp.workdps(DIGITS):
        given = dict(X=[[1.0], [-0.7]], successes=[n // 2, n // 2 + 10**5], trials=[n, n],
                     prior_mean=0.0, prior_cov=[[4e-12]])  # fmt: skip
        right = logistic.bound(exactly(given), exactly(parameters_of(q))).value
    assert abs(q.elbo - right) < 1e-9
