"""What every family promises of its draws and its shapes, as plain functions of one family."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from tests.contract.family_checks import flat, is_nominal, random_eta, single
from tests.contract.oracles import oracle_of
from tests.contract.tolerances import assert_averages, assert_law, assert_uncorrelated
from tests.contract.values import at, columns, event_shapes, parts

DRAWS = 40_000


def check_sampling_moments(family):
    """Average statistics of draws equal E[t], for each member of a batch."""
    rng = np.random.default_rng(2)
    eta = random_eta(family, rng, (3,))
    draws = family.sample(rng, eta, (DRAWS, 3))
    for array, shape in zip(parts(draws), event_shapes(family), strict=True):
        assert array.shape == (DRAWS, 3, *shape)
        assert array.dtype == family.dtype
    expected = flat(family.expected_stats(eta), family.stat_shapes)
    assert_averages(flat(family.stats(draws), family.stat_shapes), expected, "E[t]")


def check_sampling_law(family):
    """The whole distribution of three members: Kolmogorov-Smirnov, or the frequency of labels.

    One member may by chance have a parameter at which a mistake does not show.
    """
    rng = np.random.default_rng(3)
    oracle = oracle_of(family)
    for _ in range(3):
        textbook = oracle.textbook(family, rng, ())
        draws = family.sample(rng, family.natural(**textbook), (DRAWS,))
        uniform = oracle.project(family, draws, **textbook)
        if uniform is None:
            labels, probabilities = oracle.nodes(family, **textbook)
            alike = (draws[:, None] == labels).reshape(DRAWS, len(labels), -1).all(-1)
            assert_averages(alike, probabilities, "frequencies")
            continue
        laws = uniform.reshape(DRAWS, -1).T
        for number, law in enumerate(laws):
            assert_law(law, "uniform", f"projection {number} of draws", 3 * len(laws))


def check_draws_are_independent(family):
    """(*shape, *event) separate draws, however little of that shape eta itself has."""
    rng = np.random.default_rng(4)
    eta = random_eta(family, rng)
    for shape in ((), (1,), (5,), (2, 3)):
        arrays = parts(family.sample(rng, eta, shape))
        assert [np.shape(a) for a in arrays] == [shape + s for s in event_shapes(family)]
    draws = columns(family.sample(rng, eta, (2000, 2, 2)), family).reshape(2000, 4, -1)
    if family.discrete and family.stat_shapes[0] == (1,):
        return  # a single label is the same by right
    for coordinate in range(draws.shape[-1]):
        each = draws[..., coordinate]
        pairs = [(i, j) for i in range(4) for j in range(i)]
        assert all((each[:, i] != each[:, j]).any() for i, j in pairs), "a draw is shared"
        assert_uncorrelated(each, "draws within one call")


def check_sampling_is_pure(family):
    """The same seed gives the same numbers, another gives others, and eta is left alone."""
    eta = random_eta(family, np.random.default_rng(5), (3,))
    before = [np.array(field) for field in eta]
    drawn = [family.sample(np.random.default_rng(seed), eta, (50, 3)) for seed in (1, 1, 2)]
    for field, kept in zip(eta, before, strict=True):
        assert_array_equal(field, kept, "sample wrote to eta")
        assert not any(np.shares_memory(field, array) for array in parts(drawn[0]))
    first, again, other = (columns(z, family) for z in drawn)
    assert_array_equal(first, again)
    assert not np.ptp(first) or not np.array_equal(first, other)
    writable = type(eta)(*before)  # a sampler that wrote to it would raise on read-only arrays only
    drawn = family.sample(np.random.default_rng(1), writable, (50, 3))
    assert_array_equal(columns(drawn, family), first)
    assert all(np.array_equal(a, b) for a, b in zip(writable, eta, strict=True))


def check_batch(family):
    """A batch of three is three single members, for every function; () gives scalars."""
    rng = np.random.default_rng(10)
    eta, other = random_eta(family, rng, (3,)), random_eta(family, rng, (3,))
    draws = family.sample(rng, eta, (3,))
    for name, function in _functions(family).items():
        batched = function(eta, other, draws)
        for k in range(3):
            alone = function(single(eta, k), single(other, k), at(draws, k))
            message = f"{name}, member {k}"
            assert batched.shape == (3, *alone.shape), message
            assert_allclose(batched[k], alone, rtol=1e-12, atol=1e-13, err_msg=message)


def check_constant_fields(family):
    """A field without the batch axis, even a plain float, stands for the same in every member."""
    if len(family.Stats._fields) == 1:
        return
    rng = np.random.default_rng(11)
    eta, other = random_eta(family, rng, (3,)), random_eta(family, rng, (3,))
    # natural parameters form a convex set: near member 0 those of one may be mixed with another's
    eta = type(eta)(*(0.97 * field[:1] + 0.03 * field for field in eta))
    draws = family.sample(rng, eta, (3,))
    for constant in family.Stats._fields:
        alone = np.asarray(getattr(eta, constant))[0]
        mixed = eta._replace(**{constant: alone if alone.ndim else float(alone)})
        full = family.expand(mixed, (3,))
        for name, function in _functions(family).items():
            message = f"{name} with a constant {constant}"
            found, expected = function(mixed, other, draws), function(full, other, draws)
            assert found.shape == expected.shape, message
            assert_allclose(found, expected, rtol=1e-12, atol=1e-13, err_msg=message)
        assert family.lead_shape(mixed) == (3,)
        found, expected = (
            columns(family.sample(np.random.default_rng(0), e, (4, 3)), family)
            for e in (mixed, full)
        )
        assert_allclose(found, expected, rtol=1e-12)


def _functions(family):
    """Every function of (eta, other, draws), as arrays."""

    def moment(z):
        return columns(z, family) if isinstance(z, tuple) else z

    functions = {
        "log_partition": lambda eta, other, z: family.log_partition(eta),
        "expected_stats": lambda eta, other, z: flat(
            family.expected_stats(eta), family.stat_shapes
        ),
        "entropy": lambda eta, other, z: family.entropy(eta),
        "entropy, given E[t]": lambda eta, other, z: family.entropy(
            eta, family.expected_stats(eta)
        ),
        "kl": lambda eta, other, z: family.kl(eta, other),
        "kl (reversed)": lambda eta, other, z: family.kl(other, eta),
        "log_density": lambda eta, other, z: family.log_density(z, eta),
        "mean": lambda eta, other, z: moment(family.mean(eta)),
        "in_support": lambda eta, other, z: family.in_support(z),
        "stats": lambda eta, other, z: flat(family.stats(z), family.stat_shapes),
    }
    for name in family.parameters(random_eta(family, np.random.default_rng(0))):
        functions[name] = lambda eta, other, z, name=name: family.parameters(eta)[name]
    if not is_nominal(family):
        functions["sd"] = lambda eta, other, z: moment(family.sd(eta))
        if family.quantile(random_eta(family, np.random.default_rng(0)), 0.3) is not None:
            functions["quantile"] = lambda eta, other, z: moment(family.quantile(eta, 0.3))
    if not family.discrete:
        functions["to_real"] = lambda eta, other, z: family.to_real(z)
    return {
        name: lambda *given, function=function: np.asarray(function(*given))
        for name, function in functions.items()
    }


class Edges:
    """A generator that returns the least and the greatest number below one in turn."""

    def random(self, shape):
        return np.resize([0.0, 1 - 2.0**-53], shape)


def check_impossible_labels(family):
    """0 * (-inf) = 0: labels of probability zero are never drawn, cost nothing, forbid others."""
    p = np.array([0.0, 0.25, 0.0, 0.75, 0.0])
    eta, even = family.natural(probabilities=p), family.natural(probabilities=np.full(5, 0.2))
    assert_allclose(family.expected_stats(eta).indicator, p, rtol=1e-14, atol=0)
    assert_allclose(family.entropy(eta), -(0.25 * np.log(0.25) + 0.75 * np.log(0.75)))
    assert_allclose(family.kl(eta, even), np.log(5) - family.entropy(eta))
    assert family.kl(eta, eta) == 0.0
    assert family.kl(even, eta) == np.inf
    first = family.first or 0
    labels = np.arange(5) + first
    with np.errstate(divide="ignore"):
        assert_allclose(family.log_density(labels, eta), np.log(p))
    possible = {1 + first, 3 + first}
    assert set(family.sample(np.random.default_rng(0), eta, (1000,)).tolist()) == possible
    assert set(family.sample(Edges(), eta, (2,)).tolist()) == possible


FOR_ALL = (
    check_sampling_moments, check_sampling_law, check_draws_are_independent,
    check_sampling_is_pure, check_batch, check_constant_fields,
)  # fmt: skip
