"""Whatever a user's own family gives in place of what a function of it needs to give: one error."""

import numpy as np
import pytest

import vi_lab
from tests.arguments.test_hooks import (
    MISSHAPEN,
    NO_DICTS,
    NO_NAMES,
    NO_NUMBERS,
    SHORT,
    gives,
    with_family,
)
from vi_lab import InputError
from vi_lab.arguments import block_values
from vi_lab.arguments.family_hooks import ask_family
from vi_lab.families import GammaStats

STARTS = ("stats", "log_partition", "expected_stats", "entropy", "sample", "from_real",
          "stats_pullback")  # fmt: skip
SHOWN = ("mean", "sd", "entropy", "expected_stats")
TRIPLE = ("stats", "expected_stats", "from_real")
IN_FULL = ("sample", "covariance", "log_density")
MAKES = {**NO_NUMBERS, **MISSHAPEN}
ONE = ("one number", "of no axis")  # which broadcast


def wrong(hook, shapes=True):
    """What a function must not give; a number stands for as many as there are, unless drawn."""
    kinds = MAKES if shapes else NO_NUMBERS
    found = [v for name, v in kinds.items() if hook in (*IN_FULL, *TRIPLE) or name not in ONE]
    if hook in ("stats", "expected_stats"):
        found += [GammaStats(value, 1.0) for name, value in kinds.items() if name not in ONE]
    if hook == "from_real":
        good, stats = np.ones(2), GammaStats(np.ones(2), np.ones(2))
        found += [(good, stats), (good, (1.0,), good), (good, stats, None), (None, stats, good)]
    return found


def start(**changed):
    return block_values.initial_values(with_family(**changed), np.random.default_rng(0), 2)


@pytest.mark.parametrize("hook", STARTS)
def test_what_a_family_gives_is_looked_at_where_a_run_begins(hook):
    for value in wrong(hook):
        with pytest.raises(InputError, match=f"model: {hook} of the family of block 'tau' needs"):
            start(**{hook: gives(value)})
    right = getattr(vi_lab.Gamma, hook)
    start(**{hook: right})


@pytest.mark.parametrize("run", [vi_lab.gibbs, vi_lab.metropolis_hastings, vi_lab.hmc])
def test_methods_look(run):
    more = dict(SHORT, chains=2)
    for hook in ("stats", "sample", "log_partition", "stats_pullback"):
        with pytest.raises(InputError, match=f"{hook} of the family of block 'tau' needs"):
            run(with_family(**{hook: gives("abc")}), **more)
    assert run(with_family(), **more).mean("tau") > 0


def test_what_raises_is_left_to_the_method_that_needs_it():
    """But statistics, which every method needs."""
    fails = {hook: lambda *asked: 1 / [0][0] for hook in STARTS}
    fails.pop("stats")
    start(**fails)
    with pytest.raises(InputError, match="stats of the family of block 'tau' raised ZeroDiv"):
        start(stats=lambda *asked: 1 / [0][0])


def test_what_raises_in_a_method_is_named():
    def fails(*asked):
        raise ValueError("mine")

    with pytest.raises(InputError, match="gradient of a conditional raised ValueError: mine"):
        vi_lab.hmc(with_family(stats_pullback=fails), **dict(SHORT, chains=2))
    for hook, what in (("mean", "typical"), ("sd", "typical"), ("from_real", "from_real")):
        model = with_family(**{hook: fails})
        q = vi_lab.cavi(model, rng=0, restarts=1)
        with pytest.raises(InputError, match=f"{what} of Own raised ValueError: mine"):
            vi_lab.derivation(model, q)
    q = vi_lab.cavi(with_family(quantile=gives("abc")), rng=0, restarts=1)
    with pytest.raises(InputError, match="quantile of Own needs real numbers"):
        q.quantile("tau", 0.5)
    q = vi_lab.cavi(with_family(covariance=gives(0.5)), rng=0, restarts=1)
    with pytest.raises(InputError, match="covariance of Own needs real numbers"):
        vi_lab.linear_response(q).covariance("mu")


def factor(**changed):
    return with_family(**changed).blocks["tau"].family.of(shape=[2.0, 3.0], rate=4.0)


@pytest.mark.parametrize("hook", SHOWN)
def test_what_a_family_says_of_one_of_its_densities(hook):
    for value in wrong(hook):
        with pytest.raises(InputError, match=f"model: {hook} of Own needs"):
            getattr(factor(**{hook: gives(value)}), hook)
    with pytest.raises(InputError, match=f"{hook} of Own raised ZeroDivisionError"):
        getattr(factor(**{hook: lambda *asked: 1 / [0][0]}), hook)
    ours = vi_lab.Gamma.of(shape=[2.0, 3.0], rate=4.0)
    np.testing.assert_array_equal(getattr(factor(), hook), getattr(ours, hook))


def test_parameters_draws_and_densities():
    for value in (*NO_DICTS.values(), *NO_NAMES.values(), {"shape": None}, {"shape": "abc"}):
        with pytest.raises(InputError, match="parameters of Own"):
            repr(factor(parameters=gives(value)))
    for value in wrong("sample"):
        with pytest.raises(InputError, match="sample of Own needs real numbers of shape"):
            factor(sample=gives(value)).sample(3, rng=0)
    for value in wrong("log_density"):
        with pytest.raises(InputError, match="log_density of Own needs real numbers of shape"):
            factor(log_density=gives(value)).log_density([[1.0], [2.0], [3.0]])
    found = factor().log_density([[1.0], [2.0], [3.0]])
    assert found.shape == (3, 2) and factor().sample(3, rng=0).shape == (3, 2)


def test_quantiles_and_covariances_may_be_none():
    eta = factor().eta
    for hook, asked in (("quantile", (eta, 0.5)), ("covariance", (eta,))):
        for value in wrong(hook):
            if value is not None:
                with pytest.raises(InputError, match=f"{hook} of Own needs"):
                    ask_family(factor(**{hook: gives(value)}).family, hook, *asked, eta=eta)
        assert ask_family(factor(**{hook: gives(None)}).family, hook, *asked, eta=eta) is None


def as_own(family):
    """The same family, as one of a class that somebody else has written."""
    twin = object.__new__(type("Own", (type(family),), {"__module__": "mine"}))
    vars(twin).update(vars(family))
    return twin


@pytest.mark.parametrize(
    "name", ["coin", "coal", "tiny-mixture", "polynomial", "old-faithful", "eight-schools"]
)
def test_what_our_families_give_is_as_the_table_says(name):
    model = vi_lab.problem(name).model
    values = model.sample_initial_values(np.random.default_rng(0), (3,))
    stats = vi_lab.model.statistics(model, values)
    for block_name, block in model.blocks.items():
        own = vi_lab.Block(as_own(block.family), block.complete_conditional, block.plates)
        look = vi_lab.arguments.family_hooks
        look.look_at_statistics(block_name, own, values[block_name], 3)
        look.look_at_family(block_name, own, values[block_name], stats, 3)
        eta = block.complete_conditional(stats)
        nominal = block_name in model.nominal
        for hook in ("mean", "parameters", *(() if nominal else ("sd", "covariance"))):
            ask_family(own.family, hook, eta, eta=eta)
