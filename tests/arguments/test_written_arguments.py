"""What a user's own function writes into what it is handed is found by every method, at its first
call: the states of chains, the statistics that other blocks need, the values that are shown."""

import numpy as np
import pytest

import vi_lab
from tests.tables import table
from tests.users import DensityAlone
from vi_lab import (
    Block,
    DensityModel,
    DensityRows,
    Gamma,
    InputError,
    Model,
    Normal,
    NormalGamma,
    NumericalError,
)
from vi_lab.families import GammaStats, NormalStats

SHORT = dict(rng=0, chains=2, draws=4, warmup=4)
METHODS = {
    "metropolis_hastings": lambda m: vi_lab.metropolis_hastings(m, **SHORT),
    "hmc": lambda m: vi_lab.hmc(m, **SHORT),
    "laplace": lambda m: vi_lab.laplace(m, rng=0),
    "gaussian_vi": lambda m: vi_lab.gaussian_vi(m, rng=0),
    "exact": vi_lab.exact,
    "evidence": lambda m: vi_lab.evidence(m, rng=0, draws=8),
}
OF_BLOCKS = {
    **METHODS,
    "gibbs": lambda m: vi_lab.gibbs(m, **SHORT),
    "cavi": lambda m: vi_lab.cavi(m, rng=0),
    "audit": lambda m: vi_lab.audit(m, -3.0),
}


class Plane(DensityAlone):
    no_exact_because = DensityModel.no_exact_because

    def gradient(self, z):
        return -z


class Halves(Plane):
    def log_density(self, z):
        z *= 0.5
        return super().log_density(z)


class Descends(Plane):
    def gradient(self, z):
        return np.multiply(z, -1.0, out=z)


class Lists(Plane):
    def log_density(self, z):
        return super().log_density(z).tolist()


class Inside(Plane):
    def log_density(self, z):
        return super().log_density(z) > -1.0


@table(
    ("kind", "said"),
    [
        (Halves, "log_density: writes into its argument, the states of chains"),
        (Descends, "gradient: writes into its argument, the states of chains"),
        (Lists, r"log_density: needs real numbers, got \["),
        (Inside, r"log_density: needs real numbers, got array\(\["),
    ],
)
def test_a_density_that_writes_or_gives_no_numbers_is_found_by_every_method(kind, said):
    METHODS["hmc"](Plane())
    asked = ("hmc", "laplace", "gaussian_vi", "evidence") if kind is Descends else METHODS
    for run in map(METHODS.get, asked):
        with pytest.raises(InputError, match=said):
            run(kind())


def test_validate_says_what_a_density_gives_in_place_of_numbers():
    for kind in (Lists, Inside):
        assert "of 32 starts it is " in vi_lab.validate(kind()).sentence


class Rows(DensityRows):
    independent_rows, dimension = 3, 1

    def sample_latents(self, rng, batch=()):
        return {"z": rng.normal(size=(*batch, 3, 1))}

    def log_density_rows(self, z):
        z[..., 0] += 1.0
        return -0.5 * np.sum(z**2, axis=-1)

    def elbo_rows(self, mean, root):
        raise NotImplementedError


def test_so_is_a_density_of_rows():
    with pytest.raises(InputError, match="log_density_rows: writes into its argument"):
        vi_lab.metropolis_hastings(Rows(), **SHORT)


class Pair(Model):
    """a ~ N(0, 1), b | a ~ N(a, 1), each a block; what is changed comes from the test."""

    def __init__(self, **changed):
        vars(self).update(changed)
        self.blocks = {"a": Block(Normal(), self.a_given_b), "b": Block(Normal(), self.b_given_a)}

    def log_joint(self, stats):
        a, b = stats["a"], stats["b"]
        squares = a.square + b.square - 2 * a.value * b.value + a.square
        return -0.5 * squares - np.log(2 * np.pi)

    def a_given_b(self, stats):
        return NormalStats(value=stats["b"].value, square=-1.0)

    def b_given_a(self, stats):
        return NormalStats(value=stats["a"].value, square=-0.5)

    def sample_latents(self, rng, batch=()):
        a = rng.normal(size=batch)
        return {"a": a, "b": a + rng.normal(size=batch)}


class Centres(Pair):
    def b_given_a(self, stats):
        found = super().b_given_a(stats)
        stats["a"].value[...] = 0.0
        return found


class Notes(Pair):
    def a_given_b(self, stats):
        stats["seen"] = True
        return super().a_given_b(stats)


class TrueOrFalse(Pair):
    def log_joint(self, stats):
        return super().log_joint(stats) > -3.0


class Pops(Pair):
    def summaries(self, latents):
        return {"a": latents.pop("a")}


class Shifts(Pair):
    def latents(self, values):
        values["a"] += 1.0
        return {"a": values["a"].copy(), "b": values["b"]}


@table(
    ("kind", "said"),
    [
        (Centres, "conditional of block 'b': writes into the statistics of 'a'"),
        (Notes, r"conditional of block 'a': adds to the statistics .* removes: \['seen'\]"),
        (TrueOrFalse, "log_joint: needs real numbers of shape"),
        (Pops, r"summaries: adds to the values .* removes: \['a'\]"),
        (Shifts, "latents: writes into the values of 'a'"),
    ],
)
def test_so_is_whatever_a_model_with_blocks_does_to_what_it_is_handed(kind, said):
    METHODS["hmc"](Pair())
    for name, run in OF_BLOCKS.items():
        with pytest.raises(InputError, match=said):
            run(kind())
            pytest.fail(name)


@pytest.mark.parametrize("restarts", [1, 2])
def test_values_of_what_is_no_block_are_nobodys(restarts):
    class More(NormalGamma):
        def sample_latents(self, rng, batch=()):
            return {**super().sample_latents(rng, batch), "a note": 3}

    model = More([1.0, 2.0], mu0=0.0, kappa0=0.5, a0=3.0, b0=2.0)
    plain = NormalGamma([1.0, 2.0], mu0=0.0, kappa0=0.5, a0=3.0, b0=2.0)
    found, wanted = (vi_lab.cavi(m, rng=0, restarts=restarts) for m in (model, plain))
    assert found.elbo == wanted.elbo


class Rate(Model):
    """rate has the density rate exp(-3 rate), up to its normaliser; `sign` is that of its rate."""

    def __init__(self, shape, sign):
        self.blocks = {"rate": Block(Gamma(), lambda t: GammaStats(shape - 1.0, sign * 3.0))}

    def log_joint(self, stats):
        return stats["rate"].log - 3.0 * stats["rate"].value

    def sample_latents(self, rng, batch=()):
        return {"rate": rng.gamma(2.0, size=batch)}


@pytest.mark.parametrize("method", ["gibbs", "cavi"])
def test_a_conditional_that_is_no_density_is_named(method):
    assert vi_lab.gibbs(Rate(2.0, -1.0), **SHORT).mean("rate") > 0.1
    for wrong in (Rate(2.0, 1.0), Rate(-1.0, -1.0)):
        with pytest.raises(NumericalError, match="block 'rate': a gamma density needs shape > 0"):
            OF_BLOCKS[method](wrong)
