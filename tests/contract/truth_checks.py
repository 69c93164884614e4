"""What every exact posterior promises, against sums over points of the scipy.stats density."""

from functools import lru_cache

import numpy as np
from numpy.testing import assert_allclose
from scipy import special

from tests.contract.approximation_checks import member, q_and_bound, random_q
from tests.contract.case import Known, assert_expectation, numbers
from tests.contract.small_models import Tabulated
from tests.contract.tolerances import assert_averages, normal_limit
from tests.contract.values import parts
from vi_lab import Factorised, cavi, derivation, exact, kl, ledger


@lru_cache(maxsize=2)  # the checks of one case follow one another
def posterior_points(case):
    """Block values, their latents, and normalised posterior weights; the log evidence."""
    values, log_weights = case.nodes()
    log_mass = case.log_joint(values) + log_weights
    log_evidence = special.logsumexp(log_mass)
    return values, case.model.latents(values), np.exp(log_mass - log_evidence), log_evidence


@lru_cache(maxsize=2)
def known(case):
    """The truth by the case's own route, or by sums over its points."""
    if case.known is not None:
        return case.known()
    _, latents, weights, log_evidence = posterior_points(case)
    mean, sd = {}, {}
    for name, value in latents.items():
        if name in case.model.nominal:
            value = value[..., None] == np.arange(case.model.nominal[name])
        mean[name] = np.tensordot(weights, value, 1)
        if name not in case.model.nominal:
            sd[name] = np.sqrt(np.tensordot(weights, (value - mean[name]) ** 2, 1))
    return Known(log_evidence, mean, sd)


@lru_cache(maxsize=2)
def truth_of(case):
    return exact(case.model)


def check_evidence(case):
    """The log evidence is the integral of the joint, to ten digits; its error bar is honest."""
    truth = truth_of(case)
    assert_allclose(truth.log_evidence, known(case).log_evidence, rtol=1e-10, atol=1e-10)
    assert 0 <= truth.log_evidence_error < 1e-9


def check_posterior_moments(case):
    """Means and sds are integrals over the posterior."""
    truth, expected = truth_of(case), known(case)
    assert set(truth.names) == {n for n in expected.mean if n not in auxiliaries(case.model)}
    for name in expected.mean:
        assert np.shape(truth.mean(name)) == np.shape(expected.mean[name])
        assert_allclose(truth.mean(name), expected.mean[name], rtol=1e-9, atol=1e-9, err_msg=name)
        if name not in case.model.nominal:
            assert_allclose(truth.sd(name), expected.sd[name], rtol=1e-8, atol=1e-12, err_msg=name)


def auxiliaries(model):
    """Latents present for conjugacy alone: of known moments, and in no table."""
    return {name for name, block in model.blocks.items() if block.auxiliary}


def check_posterior_density(case):
    """log p(z | x) is the log joint less the integrated log evidence; it integrates to one.

    Where there are too many dimensions for points, it is looked at where the prior and the
    posterior itself have their draws: what equals a density there is normalised as it is.
    """
    model, truth = case.model, truth_of(case)
    if case.known is None:
        values, latents, _, log_evidence = posterior_points(case)
        found = truth.log_density(latents)
        _, log_weights = case.nodes()
        assert_allclose(special.logsumexp(found + log_weights), 0.0, atol=1e-10)
    else:
        prior = model.sample_latents(np.random.default_rng(6), (200,))
        drawn = truth.posterior.sample(np.random.default_rng(7), 200)  # auxiliaries too
        values = {name: joined(prior[name], drawn[name]) for name in model.blocks}
        latents, log_evidence = model.latents(values), known(case).log_evidence
        found = truth.log_density(latents)
    with np.errstate(invalid="ignore"):
        expected = case.log_joint(values) - log_evidence
    likely = expected > -200
    assert likely.any()
    assert_allclose(found[likely], expected[likely], rtol=1e-10, atol=1e-9)
    alone = truth.log_density({name: value[0] for name, value in latents.items()})
    assert isinstance(alone, float)
    assert_allclose(alone, found[0], rtol=1e-12)


def joined(one, two):
    """Two lists of values as one."""
    both = [np.concatenate(arrays) for arrays in zip(parts(one), parts(two), strict=True)]
    return type(one)(*both) if isinstance(one, tuple) else both[0]


def check_exact_draws(case):
    """Independent draws have the posterior's moments, cross products and average log density."""
    truth, nominal = truth_of(case), case.model.nominal
    draws = truth.sample(40_000, rng=8)
    flat = numbers(draws, nominal)
    if case.known is not None:  # how the latents hang together is left to the joint distribution
        expected = known(case)
        for name, value in draws.items():
            if name in case.heavy:
                continue
            if name in nominal:
                value = value[..., None] == np.arange(nominal[name])
            assert_averages(value, expected.mean[name], f"posterior mean of {name}")
            if name not in nominal:
                squares = (value - expected.mean[name]) ** 2
                assert_averages(squares, expected.sd[name] ** 2, f"posterior variance of {name}")
        return
    _, latents, weights, _ = posterior_points(case)
    points = numbers(latents, nominal)
    mean = weights @ points
    assert_averages(flat, mean, "posterior means")
    pairs = np.triu_indices(flat.shape[1])
    products = [((f - mean)[:, pairs[0]] * (f - mean)[:, pairs[1]]) for f in (flat, points)]
    assert_averages(products[0], weights @ products[1], "posterior covariances")
    log_density = truth.log_density(latents)
    log_density = np.where(weights > 0, log_density, 0.0)
    assert_averages(truth.log_density(draws), weights @ log_density, "average log density")


def check_kl(case):
    """KL[q || p(z|x)] is the integrated evidence less the sum under q of log joint less log q."""
    truth, log_evidence = truth_of(case), known(case).log_evidence
    for seed in range(3):
        q, (bound, error) = q_and_bound(case, seed)
        estimate = truth.posterior.kl_from(q.q)
        assert_expectation(estimate.value, (log_evidence - bound, error), "KL")
        assert estimate.value > 0
        assert 0 <= estimate.error < 1e-6
        assert kl(q, truth) == estimate.value


def check_kl_of_a_batch(case):
    """The KL of a batch of three q is the KL of each."""
    if isinstance(truth_of(case).posterior, Tabulated):
        return  # the small models' KL is a quadrature of one q
    truth = truth_of(case)
    batch = random_q(case.model, np.random.default_rng(3), (3,))
    for k, expected in enumerate(kl(batch, truth)):
        assert_allclose(kl(member(batch, k), truth), expected, rtol=1e-10)


@lru_cache(maxsize=2)
def judged(case):
    """The q that a ledger is kept for: CAVI's optimum, its first sweep, three random ones; and the
    posterior itself."""
    model = case.model
    return {
        "optimum": cavi(model, rng=0, restarts=2),
        "one sweep": cavi(model, rng=1, max_sweeps=1, tol=0),
        **{f"random {seed}": random_q(model, np.random.default_rng(seed)) for seed in range(3)},
        "posterior": truth_of(case),
    }


def check_ledger(case):
    """log p(x) = ELBO + KL to 1e-8 nats for every q, and within the stated errors."""
    for name, q in judged(case).items():
        book = ledger(case.model, q)
        assert abs(book.residual) <= 1e-8, f"{name}: {book!r}"
        assert book.holds is True, f"{name}: {book!r}"
        assert book.tolerance < 1e-6
        assert_allclose(book.log_evidence - book.elbo - book.kl, book.residual)
        assert book.kl >= -book.tolerance
    assert book.kl == 0.0
    assert_allclose(book.elbo, truth_of(case).log_evidence, atol=1e-9)
    assert book.routes["elbo"] == "Monte Carlo"


def check_a_planted_constant_breaks_the_ledger(case):
    """With 1e-6 nats planted in the log joint no ledger holds: its routes share no mistake."""
    model = case.model
    qs = judged(case)
    honest = model.log_joint
    model.log_joint = lambda stats: honest(stats) + 1e-6
    try:
        for name, q in qs.items():
            q = Factorised(model, **q.q) if name != "posterior" else q
            assert ledger(model, q).holds is False, f"{name}: the ledger noticed nothing"
    finally:
        del model.log_joint


def check_derivation(case):
    """The five lines are one number, and it is the KL."""
    for name, q in list(judged(case).items())[::4]:
        steps = derivation(case.model, q)
        assert len(steps) == 5
        assert steps.agrees, f"{name}: {[line.value for line in steps]}"
        expected = kl(q, truth_of(case))
        for line in steps:
            drawn = line.route == "Monte Carlo"
            assert not drawn or case.labels or case.quadratic, "few enough dimensions for a rule"
            slack = 1e-7 + (normal_limit(1) * line.error if drawn else 0.0)
            assert_allclose(line.value, expected, rtol=1e-7, atol=slack, err_msg=f"{name}: {line}")


def check_a_single_block_is_exact(case):
    """With one latent block mean field loses nothing: the bound is the evidence."""
    if len(case.model.blocks) > 1:
        return
    truth = truth_of(case)
    q = cavi(case.model, rng=0, restarts=3)
    assert_allclose(q.elbo, truth.log_evidence, rtol=1e-12, atol=1e-12)
    for name in truth.names:
        assert_allclose(q.mean(name), truth.mean(name), rtol=1e-10)
        if name not in case.model.nominal:
            assert_allclose(q.sd(name), truth.sd(name), rtol=1e-10)


FOR_KNOWN = (
    check_evidence, check_posterior_moments, check_posterior_density, check_exact_draws, check_kl,
    check_kl_of_a_batch, check_ledger, check_a_planted_constant_breaks_the_ledger, check_derivation,
    check_a_single_block_is_exact,
)  # fmt: skip
