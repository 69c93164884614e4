"""What every factorised q promises: its ELBO is an integral, and no step of CAVI lowers it."""

from functools import cache

import numpy as np
from numpy.testing import assert_allclose

from tests.contract.case import assert_expectation, expectation
from tests.contract.family_checks import single
from tests.contract.oracles import log_q
from vi_lab import Distribution, Factorised, cavi, elbo
from vi_lab.model import statistics


def random_q(model, rng, batch=()):
    """A q unlike any that CAVI visits: conditionals at random values, each tempered at random.

    eta times a share below one is the density to that power: in every family still a density.
    """
    stats = statistics(model, model.sample_latents(rng, batch))
    factors = {}
    for name, block in model.blocks.items():
        share = rng.uniform(0.4, 0.9)
        eta = block.family.expand(block.complete_conditional(stats), batch + block.plates)
        factors[name] = Distribution(block.family, type(eta)(*(share * field for field in eta)))
    return Factorised(model, **factors)


@cache
def q_and_bound(case, seed):
    """A random q, and its bound with log joint and log q from scipy.stats: (value, error)."""
    q = random_q(case.model, np.random.default_rng(seed))
    return q, expectation(case, q.q, lambda values: case.log_joint(values) - log_q(q.q, values))


def member(batch, k):
    """One q of a batch."""
    factors = {name: Distribution(f.family, single(f.eta, k)) for name, f in batch.q.items()}
    return Factorised(batch.model, **factors)


def check_elbo_is_an_integral(case):
    """ELBO = sum under q of log joint less log q, with both from scipy.stats."""
    for seed in range(2):
        q, expected = q_and_bound(case, seed)
        assert isinstance(q.elbo, float)
        assert_expectation(q.elbo, expected, "ELBO")


def check_elbo_of_a_batch(case):
    """A batch of three q made by hand has the bounds, means and draws of three q."""
    model = case.model
    batch = random_q(model, np.random.default_rng(12), (3,))
    assert batch.batch == (3,)
    assert batch.elbo.shape == (3,)
    for k in range(3):
        alone = member(batch, k)
        assert_allclose(batch.elbo[k], alone.elbo, rtol=1e-11, atol=1e-11)
        for name in alone.names:
            assert_allclose(batch.mean(name)[k], alone.mean(name), rtol=1e-10, atol=1e-12)
    for name, drawn in batch.sample(5, rng=0).items():
        assert drawn.shape[:2] == (5, 3), name


def check_no_step_lowers_the_bound(case):
    """Block by block, sweep by sweep, from three random q: the bound never falls."""
    model = case.model
    ascended = cavi(model, rng=0, restarts=10 if case.labels else 3)
    for seed in range(3):
        q = random_q(model, np.random.default_rng(20 + seed))
        factors, bound = dict(q.q), q.elbo
        for sweep in range(6):
            for name, block in model.blocks.items():
                stats = {other: f.expected_stats for other, f in factors.items()}
                eta = block.family.expand(block.complete_conditional(stats), block.plates)
                factors[name] = Distribution(block.family, eta)
                raised = elbo(model, Factorised(model, **factors))
                slack = 1e-12 * (1 + abs(bound))
                assert raised >= bound - slack, f"sweep {sweep}, {name!r}: {raised} < {bound}"
                bound = raised
        assert bound <= ascended.optima[0] + 1e-9 * (1 + abs(bound))


def check_cavi_trace(case):
    """The bounds CAVI reports rise from sweep to sweep, and the last of the best is its ELBO."""
    q = cavi(case.model, rng=5, restarts=4)
    sweeps, restarts = q.elbo_trace.shape
    assert restarts == 4
    assert (np.diff(q.elbo_trace, axis=0) >= -1e-11 * (1 + np.abs(q.elbo_trace[:-1]))).all()
    assert_allclose(q.elbo, q.elbo_trace[-1].max(), rtol=1e-12, atol=1e-12)
    assert q.converged is True
    assert q.batch == ()
    assert_allclose(q.optima[0], q.elbo, rtol=1e-12, atol=1e-12)
    assert (np.diff(q.optima) < -1e-6).all()
    assert q.cost.complete_conditionals == sweeps * restarts * len(case.model.blocks)


FOR_ALL = (
    check_elbo_is_an_integral, check_elbo_of_a_batch, check_no_step_lowers_the_bound,
    check_cavi_trace,
)  # fmt: skip
