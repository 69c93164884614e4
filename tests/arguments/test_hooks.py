"""Whatever a user's model gives in place of what a hook needs: one error that names the hook."""

import copy
import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import vi_lab
from tests.fuzz.material import MODEL
from tests.tables import table
from vi_lab import InputError, ViLabError
from vi_lab.arguments import block_values, descriptions
from vi_lab.arguments.user_models import evaluate_log_joint, read_reason, read_shares
from vi_lab.families import GammaStats
from vi_lab.model import statistics
from vi_lab.model_or_problem import as_model
from vi_lab.results.coordinates import locate_coordinate, write_coordinates
from vi_lab.results.posterior import Cost
from vi_lab.testing.finding import Finding

RNG = np.random.default_rng(0)


class Rude:
    """An object that raises whatever one asks of it."""

    def _raise(self, *_, **__):
        raise RuntimeError("no")

    __array__ = __repr__ = __float__ = __len__ = __iter__ = __bool__ = _raise


class RudeDict(dict):
    """A dict that raises when one looks into it."""

    def __getitem__(self, *key):
        raise RuntimeError("no item")

    items = get = __getitem__


class Own(type(MODEL)):
    """A user's model, whose class is none of vi_lab's."""


def own(**changed):
    """MODEL as somebody's own, with other answers: what is no function is an attribute."""
    model = object.__new__(type("Odd", (Own,), {**changed, "__module__": "mine"}))
    vars(model).update({k: v for k, v in vars(MODEL).items() if k != "_frozen"})
    return model


def gives(value):
    return lambda self, *asked: value


NO_NUMBERS = {
    "nothing": None,
    "text": "abc",
    "complex": np.ones(2) + 1j,
    "objects": np.array([None, "a"], dtype=object),
    "a decimal": Decimal("1.5"),
    "400 digits": 10**400,
    "masked": np.ma.masked_array([1.0, 2.0], [False, True]),
    "sparse": sparse.eye(2),
    "a set": {1.0},
    "a generator": (x for x in (1.0, 2.0)),
    "ragged": [[1.0], [1.0, 2.0]],
    "dates": np.array(["2020-01-01", "2020-01-02"], "M8[D]"),
    "rude": Rude(),
}
MISSHAPEN = {
    "one number": 0.5,
    "of no axis": np.array(0.5),
    "seven": np.ones(7),
    "a table": np.ones((3, 7)),
    "empty": np.zeros(0),
}
NO_DICTS = {**NO_NUMBERS, "numbers": np.ones(2), "pairs": [("mu", np.ones(2))]}
NO_NAMES = {"a number": {1: np.ones(2)}, "no name": {None: np.ones(2)}, "rude": RudeDict(mu=1.0)}
# what is none of each kind of description
KINDS = {
    "a tuple of names": {"one": 3, "half": 0.5, "text": "mu", "numbers": (1, 2), "none": None},
    "a sentence or None": {"one": 3, "bytes": b"a", "a list": ["a"], "array": np.ones(2)},
    "True or False": {"one": 1, "none": None, "text": "yes", "array": np.ones(2)},
    "a dict of a sentence by method": {"one": 3, "keys": {1: "a"}, "values": {"a": None}},
    "a dict of a tuple of blocks by latent": {"values": {"mu": 3}, "text": {"mu": "mu"}},
    "a dict of a number of classes by latent": {
        **{"none": {"mu": 0}, "half": {"mu": 1.5}, "true": {"mu": True}},
        **{"400 digits": {"mu": 10**400}, "keys": {3: 2}},
    },
    "a dict of a dict of axes by latent": {"values": {"mu": ("a",)}, "keys": {"mu": {1: None}}},
    "a dict of a Parameterisation by name": {"values": {"x": len}, "keys": {1: None}},
    "a whole number from 1, or None": {"half": 1.5, "nought": 0, "text": "3", "400": 10**400},
}


@pytest.mark.parametrize("name", descriptions.DESCRIPTIONS)
def test_what_a_model_says_of_itself(name):
    needed, _ = descriptions.DESCRIPTIONS[name]
    for wrong in (*KINDS[needed].values(), Decimal("1.5"), Rude()):
        with pytest.raises(InputError, match=f"model: (its )?{name} (needs|raised)") as caught:
            as_model(own(**{name: wrong}))
        assert len(str(caught.value)) < 300
    if "dict" in needed:
        with pytest.raises(InputError, match=f"its {name} raised RuntimeError: no item"):
            as_model(own(**{name: RudeDict(mu=("mu",))}))
    with pytest.raises(InputError, match=f"its {name} raised ZeroDivisionError"):
        as_model(own(**{name: property(lambda self: 1 / 0)}))
    as_model(own(**{name: getattr(MODEL, name, ())}))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("row_blocks", ("nu",), "row_blocks names 'nu'; blocks: mu, tau"),
        ("moving", ("nu",), "moving names 'nu'"),
        ("sources", {"mu": ("nu",)}, "sources of 'mu' names 'nu'"),
    ],
)
def test_what_it_says_of_blocks_that_there_are_not(name, value, words):
    with pytest.raises(InputError, match=words):
        as_model(own(**{name: value}))


def with_block(name):
    """MODEL as somebody's own, with a block more."""
    model = own()
    model.blocks = {**MODEL.blocks, name: MODEL.blocks["mu"]}
    return model


@pytest.mark.parametrize("name", [1, None, ("mu", 1)])
def test_the_name_of_a_block_is_text(name):
    with pytest.raises(InputError, match=r"^model: names of blocks need to be text, got "):
        as_model(with_block(name))


@pytest.mark.parametrize("plates", [(), (1,), (2,), (2, 3)])
def test_no_two_numbers_have_one_name_in_tables(plates):
    """rate[1] is a block, or the second number of the block rate, but never both."""
    normal = MODEL.blocks["mu"]
    names = {"rate": replace(normal, plates=plates), "rate[1]": normal, "rate[1,2]": normal}
    clash = {(2,): "rate[1]", (2, 3): "rate[1,2]"}.get(plates)
    model = own()
    model.blocks = names
    if clash is None:
        as_model(model)
        return
    words = f"{clash!r} is what tables call a number of 'rate'; rename one"
    with pytest.raises(InputError, match=re.escape(f"model: {words}")):
        as_model(model)
    draws = {name: np.zeros((4, 5, *block.plates)) for name, block in names.items()}
    with pytest.raises(InputError, match=re.escape(words)):
        vi_lab.Draws(MODEL, "mine", draws, np.ones(4), Cost(), 0.0)


@pytest.mark.parametrize("hook", ["latents", "summaries"])
def test_nor_has_what_a_model_shows_beside_its_latents(hook):
    def shown(values):
        return {**values, "of": np.stack([values["mu"]] * 2, -1), "of[0]": values["mu"]}

    model = own(**{hook: staticmethod(shown)})
    with pytest.raises(
        InputError, match=rf"{hook}: 'of\[0\]' is what tables call a number of 'of'"
    ):
        vi_lab.gibbs(model, rng=0)


def test_a_number_is_found_by_its_name_with_brackets_in_it():
    shapes = {"rate": (2,), "w[0]": (3,), "w[1]": (), "of": (2, 3), "one": (1, 1)}
    for name, shape in shapes.items():
        for text, index in zip(write_coordinates(name, shape), np.ndindex(shape), strict=True):
            assert locate_coordinate(text, shapes) == (name, index)
    for text in ("rate", "rate[2]", "rate[0,0]", "rate[]", "w[0]", "w[2]", "of[1]", "w", ""):
        with pytest.raises(InputError, match=r"name: (needs one coordinate of|unknown name) "):
            locate_coordinate(text, shapes)


def test_rows_that_the_blocks_have_not():
    with pytest.raises(InputError, match=r"of 3 independent_rows, block 'mu' has plates \(\)"):
        vi_lab.metropolis_hastings(own(independent_rows=3), rng=0)


@pytest.mark.parametrize("hook", ["why_not_conjugate", "why_reducible", "why_no_data"])
def test_a_reason_is_a_sentence(hook):
    asked = ("Gibbs",) * (hook == "why_not_conjugate")
    for wrong in (0.5, b"a", ["a"], np.ones(2), 10**400, Rude(), False):
        with pytest.raises(InputError, match=f"{hook}: needs text or None"):
            read_reason(own(**{hook: gives(wrong)}), hook, *asked)
    assert read_reason(own(**{hook: gives("it is so")}), hook, *asked) == "it is so"
    with pytest.raises(InputError, match=r"why_no_data: needs text or None, got 0\.5"):
        own(why_no_data=gives(0.5)).prior_predictive(2, rng=0)
    with pytest.raises(InputError, match=r"why_not_conjugate: needs text or None, got 0\.5"):
        vi_lab.gibbs(own(why_not_conjugate=gives(0.5)))


SHARES = {
    **{"of nothing": {"mu": None}, "text": {"mu": "ab"}, "one number": {"mu": 0.5}},
    **{"three": {"mu": (1.0, 1.0, 1.0)}, "above 1": {"mu": (1.0, 1.5)}, "below": {"mu": (1, -0.1)}},
    **{"nan": {"tau": (np.nan, 1.0)}, "no block": {"nu": (1.0, 1.0)}, "a number": {1: (1.0, 1.0)}},
    **{"a generator": {"mu": (x for x in (1.0, 1.0))}, "shape": {"mu": (1.0, np.ones(5))}},
    **{"rude": {"mu": (Rude(), 1.0)}, "rude dict": RudeDict(mu=(1.0, 1.0))},
}


def test_shares_of_rounding():
    q = vi_lab.cavi(MODEL, rng=0, restarts=1).q
    for wrong in (*SHARES.values(), *NO_DICTS.values()):
        model = own(share_of_rounding=gives(wrong))
        with pytest.raises(InputError, match="share_of_rounding"):
            vi_lab.cavi(model, rng=0, restarts=2, max_sweeps=2)
        with pytest.raises(InputError, match="share_of_rounding"):
            vi_lab.ledger(model, vi_lab.Factorised(model, **q))


def test_shares_that_are_such_are_kept():
    stats = statistics(MODEL, MODEL.sample_latents(RNG, (2,)))
    given = {"mu": (0.0, np.array([0.5, 1.0]))}
    assert read_shares(own(share_of_rounding=gives(given)), stats) == given
    assert read_shares(MODEL, stats) == {}


DRAWS = ("sample_latents", "sample_initial_values")


@pytest.mark.parametrize("hook", DRAWS)
def test_block_values(hook):
    look = {
        "sample_latents": block_values.prior_values,
        "sample_initial_values": block_values.initial_values,
    }[hook]
    right = {"mu": np.zeros(2), "tau": np.ones(2)}
    parts = [{**right, "mu": wrong} for wrong in (*NO_NUMBERS.values(), *MISSHAPEN.values())]
    for wrong in (*NO_DICTS.values(), *NO_NAMES.values(), *parts, {"mu": np.zeros(2)}, {}):
        with pytest.raises(InputError, match=r"sample_latents|starts"):
            look(own(**{hook: gives(wrong)}), RNG, 2)
    with pytest.raises(InputError, match="drawing the starts raised ZeroDivisionError"):
        look(own(**{hook: lambda *asked: 1 / 0}), RNG, 2)
    assert look(own(**{hook: gives(right)}), RNG, 2) is right
    with pytest.raises(InputError, match="starts: needs a value for block 'mu'"):
        vi_lab.evidence(own(sample_latents=gives({})), method="prior", rng=0)


@pytest.mark.parametrize("hook", ["latents", "summaries"])
def test_what_becomes_of_block_values(hook):
    parts = [{"mu": wrong} for wrong in (*NO_NUMBERS.values(), *MISSHAPEN.values())]
    parts += [{"mu": np.array([np.nan, 1.0])}] * (hook == "latents")
    for wrong in (*NO_DICTS.values(), *NO_NAMES.values(), *parts):
        with pytest.raises(InputError, match=f"{hook}(: | raised)"):
            block_values.initial_values(own(**{hook: gives(wrong)}), RNG, 2)


def test_block_values_of_latents():
    parts = [{"mu": wrong, "tau": np.ones(2)} for wrong in NO_NUMBERS.values()]
    for wrong in (*NO_DICTS.values(), RudeDict(mu=Rude()), *parts):
        with pytest.raises(ViLabError, match="block_values"):
            block_values.put_back(own(block_values=gives(wrong)), {})
    with pytest.raises(InputError, match="its block_values raised ZeroDivisionError"):
        block_values.put_back(own(block_values=lambda *asked: 1 / 0), {})
    pair = vi_lab.CorrelatedGaussian([0.0, 0.0], np.eye(2), blocks=((0, 1),))
    (name,) = pair.blocks
    odd = copy.copy(pair)
    odd.block_values = lambda latents: {name: np.ones((4, 3))}
    with pytest.raises(InputError, match=r"needs shape \(\.\.\., \*\(2,\)\), gave \(4, 3\)"):
        block_values.put_back(odd, {})


def test_block_values_of_a_density():
    fit = vi_lab.laplace(Density(), rng=0)
    point = {"z": np.zeros(2)}
    parts = [{"z": v} for v in (*NO_NUMBERS.values(), *MISSHAPEN.values())]
    for wrong in (*NO_DICTS.values(), {}, *parts):
        with pytest.raises(ViLabError, match="block_values"):
            block_values.put_back(odd(Density, block_values=gives(wrong)), point)
    assert block_values.put_back(Density(), point) == point
    with pytest.raises(InputError, match=r"block_values: z needs shape \(\.\.\., \*\(2,\)\)"):
        vi_lab.laplace(odd(Density, block_values=gives({"z": np.ones(7)})), rng=0).log_density(
            point
        )
    assert np.isfinite(fit.log_density(point))


def test_data_of_a_model():
    parts = [{"x": wrong} for wrong in NO_NUMBERS.values()]
    for wrong in (*NO_DICTS.values(), NO_NAMES["a number"], *parts):
        with pytest.raises(InputError, match=r"read_data|drawing data|no.data"):
            own(read_data=gives(wrong)).prior_predictive(2, rng=0)


def test_a_log_joint_that_is_no_array_of_numbers():
    for wrong in (*NO_NUMBERS.values(), [0.5, 0.5], np.ones(7)):
        with pytest.raises(InputError, match="log_joint: needs real numbers"):
            evaluate_log_joint(lambda stats, given=wrong: given, {}, (2,))


def test_a_class_whose_module_is_gone_has_a_story():
    """As one that a notebook's cell, or exec, has made."""
    assert vi_lab.problems.problem.Problem("mine", "", "", 3, own()).description["model"] == "Odd"


class Density(vi_lab.DensityModel):
    """A standard normal with derivatives of its own."""

    dimension = 2

    def log_density(self, z):
        return -0.5 * (z**2).sum(-1)

    def gradient(self, z):
        return -z

    def expected_log_density(self, mean, root):
        return -0.5 * (mean @ mean + (root**2).sum()), -mean, -root

    def sample_latents(self, rng, batch=()):
        return {"z": rng.normal(size=(*batch, 2))}


class Rows(vi_lab.DensityRows):
    """Standard normals, a row each."""

    dimension, independent_rows = 1, 3

    def log_density_rows(self, z):
        return -0.5 * (z**2).sum(-1)

    def elbo_rows(self, mean, root):
        return np.zeros(3), np.zeros(3), "by hand"

    def sample_latents(self, rng, batch=()):
        return {"z": rng.normal(size=(*batch, 3, 1))}


def odd(kind, **changed):
    return type("Odd", (kind,), changed)()


SHORT = dict(rng=0, draws=4, warmup=4)


@pytest.mark.parametrize(
    "run",
    [
        lambda model: vi_lab.metropolis_hastings(model, **SHORT),
        lambda model: vi_lab.hmc(model, chains=2, **SHORT),
        lambda model: vi_lab.gaussian_vi(model, rng=0),
        lambda model: vi_lab.laplace(model, rng=0),
        vi_lab.exact,
    ],
)
def test_a_log_density_is_looked_at_where_walkers_start(run):
    """A complex one too, of which NumPy would drop the imaginary part."""
    for wrong in (*NO_NUMBERS.values(), *MISSHAPEN.values()):
        with pytest.raises(InputError, match="log_density: needs"):
            run(odd(Density, log_density=gives(wrong)))
    for wrong in (Decimal("1.5"), 0, 10**400, None, "2", np.ones(2), Rude()):
        with pytest.raises(InputError, match="model: dimension needs to be a whole number from 1"):
            run(odd(Density, dimension=wrong))


def test_the_derivatives_of_a_density():
    for wrong in (*NO_NUMBERS.values(), *MISSHAPEN.values()):
        with pytest.raises(InputError, match="gradient"):
            vi_lab.hmc(odd(Density, gradient=gives(wrong)), chains=2, **SHORT)
        with pytest.raises(InputError, match=r"expected.log.density"):
            vi_lab.laplace(odd(Density, expected_log_density=gives(wrong)), rng=0)
        if wrong is not MISSHAPEN["one number"] and wrong is not MISSHAPEN["of no axis"]:
            parts = (wrong, np.zeros(2), np.eye(2))
            with pytest.raises(InputError, match=r"expected.log.density"):
                vi_lab.laplace(odd(Density, expected_log_density=gives(parts)), rng=0)


def test_the_elbo_of_rows():
    def ask(given):
        model = odd(Rows, elbo_rows=gives(given))
        return vi_lab.elbo(model, vi_lab.GaussianRows.of(model, np.zeros((3, 1)), np.eye(1)))

    right = np.zeros(3)
    assert ask((right, right, "by hand")) == 0.0
    for wrong in (*NO_NUMBERS.values(), *MISSHAPEN.values()):
        for given in (wrong, (wrong, right, "by hand"), (right, wrong, "by hand")):
            with pytest.raises(InputError, match="elbo_rows"):
                ask(given)
    with pytest.raises(ViLabError, match="elbo_rows: needs its route in words"):
        ask((right, right, None))


def with_family(**changed):
    """MODEL with a family of somebody's own for tau."""
    kind = type("Own", (vi_lab.Gamma,), {**changed, "__module__": "mine"})
    blocks = {**MODEL.blocks}
    blocks["tau"] = vi_lab.Block(kind(), blocks["tau"].complete_conditional)
    model = own()
    model.blocks = blocks
    return model


@pytest.mark.parametrize("hook", ["in_support", "to_real"])
def test_where_the_values_of_a_users_family_lie(hook):
    wrong = {**NO_NUMBERS, **MISSHAPEN}
    if hook == "in_support":  # one answer stands for all
        wrong = {name: wrong[name] for name in wrong.keys() - {"one number", "of no axis"}}
    for value in wrong.values():
        with pytest.raises(InputError, match=f"{hook} of the family of block 'tau'"):
            vi_lab.gibbs(with_family(**{hook: gives(value)}), **SHORT)
    with pytest.raises(InputError, match=f"{hook} of the family of block 'tau' raised ZeroDiv"):
        vi_lab.gibbs(with_family(**{hook: lambda *asked: 1 / [0][0]}), **SHORT)
    assert vi_lab.gibbs(with_family(), **SHORT).mean("tau") > 0


@pytest.mark.parametrize("hook", ["mean", "sd"])
def test_moments_of_a_users_family_are_numbers(hook):
    for value in NO_NUMBERS.values():
        q = vi_lab.cavi(with_family(**{hook: gives(value)}), rng=0, restarts=1)
        with pytest.raises(InputError, match=f"{hook} of Own needs real numbers"):
            q.table()


SIZES = (None, 3, "abc", [2], (1.5,), (-1,), (True,), np.ones(2), Rude())
OF_A_FAMILY = {
    **dict.fromkeys(("event_shape", "real_shape"), SIZES),
    "stat_shapes": (*SIZES, (2,), ((), (2.5,)), ((),), ((), (), ())),
    "Stats": (*SIZES, dict, tuple, len),
    **dict.fromkeys(("discrete", "own_measure"), (None, 3, "abc", [2], np.ones(2), Rude())),
    "dtype": (3, "abc", [2], (1.5,), object, complex, len, Rude()),
}


@pytest.mark.parametrize("name", descriptions.OF_A_FAMILY)
def test_what_a_family_says_of_itself(name):
    for wrong in OF_A_FAMILY[name]:
        with pytest.raises(InputError, match=f"{name} of the family of block 'tau' (needs|raised)"):
            as_model(with_family(**{name: wrong}))
    with pytest.raises(InputError, match=f"{name} of the family of block 'tau' raised ZeroDiv"):
        as_model(with_family(**{name: property(lambda self: 1 / 0)}))


def test_plates_and_families_of_blocks():
    def with_block(**changed):
        model = with_family()
        model.blocks = {**model.blocks, "tau": replace(model.blocks["tau"], **changed)}
        return as_model(model)

    for wrong in SIZES:
        with pytest.raises(InputError, match="plates of block 'tau' need to be a tuple"):
            with_block(plates=wrong)
    for wrong in (None, 3, "Gamma", vi_lab.Gamma, Rude(), vi_lab.Gamma.of(shape=1.0, rate=1.0)):
        with pytest.raises(InputError, match="family of block 'tau' needs to be a family"):
            with_block(family=wrong)
    assert with_block(plates=(np.int64(2),)).blocks["tau"].size == 2


CONTAINERS = {  # of numbers, with which one cannot calculate as with an array
    "memoryview": memoryview,
    "Series": lambda values: pd.Series(values, index=np.arange(len(values))[::-1]),
    "list": list,
    "tuple": tuple,
    "float128": lambda values: values.astype(np.longdouble),
}
RUNS = [
    lambda model: vi_lab.metropolis_hastings(model, rng=0, chains=2, draws=9, warmup=9),
    lambda model: vi_lab.hmc(model, rng=0, chains=2, draws=9, warmup=9),
    lambda model: vi_lab.laplace(model, rng=0),
]


@pytest.mark.parametrize("run", RUNS)
@table("name", CONTAINERS)
def test_a_container_of_numbers_is_no_array(name, run):
    """Some of them were taken, and ended in Python's own words further on."""
    if np.dtype(np.longdouble).itemsize == 8 and name == "float128":
        return
    contain = CONTAINERS[name]

    class Bell:
        dimension = 2

        def log_density(self, z):
            return contain(-0.5 * (z**2).sum(-1))

        def sample_latents(self, rng, batch=()):
            return {"z": rng.standard_normal((*batch, 2))}

    with pytest.raises(InputError, match="log_density: needs real numbers, got"):
        run(Bell())
    with pytest.raises(InputError, match=r"log_joint: needs real numbers of shape \S*\), gave"):
        run(own(log_joint=lambda self, stats: contain(MODEL.log_joint(stats))))
    starts = {"mu": contain(np.zeros(2)), "tau": contain(np.ones(2))}
    with pytest.raises(InputError, match="starts: block 'mu' needs an array of real numbers, got"):
        run(own(sample_initial_values=lambda self, rng, batch=(): starts))


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("kind", [complex, np.longdouble])
def test_a_conditional_of_no_real_numbers_is_named_by_every_method(kind, run):
    if np.dtype(kind).itemsize == 8:
        return
    model = own()
    tau = MODEL.blocks["tau"]

    def of_kind(stats):
        eta = tau.complete_conditional(stats)
        return GammaStats(*(np.asarray(part).astype(kind) for part in eta))

    model.blocks = {**MODEL.blocks, "tau": replace(tau, complete_conditional=of_kind)}
    with pytest.raises(InputError, match="conditional of block 'tau' needs real numbers, got"):
        run(model)


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("contain", [memoryview, lambda z: z.astype(object), lambda z: z.tolist()])
def test_the_starts_of_a_density_alone_are_read(run, contain):
    class Bell:
        dimension = 2

        def log_density(self, z):
            return -0.5 * (z**2).sum(-1)

        def sample_latents(self, rng, batch=()):
            return {"z": contain(rng.standard_normal((*batch, 2)))}

    run(Bell())


def test_numbers_without_digits_are_found_wrong_and_not_divided_by():
    """Of a log joint of 16 bits what rounding may do is 0; what is the same is within it."""
    model = own(log_joint=lambda self, stats: MODEL.log_joint(stats).astype(np.float16))
    assert not vi_lab.validate(model).passed
    assert Finding(0.0, 0.0).limits == 0.0
    assert Finding(1e-300, 0.0).limits == Finding(np.nan, 1.0).limits == np.inf
