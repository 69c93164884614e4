"""The gradient in real coordinates: mistakes are seen, and densities alone are differentiated."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
from tests.contract import model_checks
from tests.contract.family_checks import assert_slopes, differentiated
from tests.contract.models import MODELS
from vi_lab.inference.engine import block_target
from vi_lab.inference.engine.block_target import RealTarget, RowTarget
from vi_lab.inference.engine.density_target import DensityTarget
from vi_lab.inference.engine.differentiation import CENTRAL_STEP, central_differences
from vi_lab.model import Parameterisation
from vi_lab.model_or_problem import as_model

NAMED = ("coal", "clutter", "challenger", "eight-schools", "galaxies", "trees")


@pytest.mark.parametrize("name", NAMED)
def test_the_gradient_of_a_named_problem(name):
    model = vi_lab.problem(name).model
    for change in (None, *model.parameterisations.values()):
        target = RealTarget(model, change)
        y = target.start(np.random.default_rng(1), 2)
        assert_slopes(target.gradient(y), differentiated(target.log_density, y), name)


def test_a_draw_does_not_stand_for_the_mean_of_what_is_summed_out(monkeypatch):
    def draws(self, stats):
        y = np.random.default_rng(0)
        blocks, emptied = self.model.blocks, dict(stats)
        for name in self.collapsed:
            emptied[name] = block_target.zero_statistics(blocks[name])
        lead = np.shape(next(iter(stats.values()))[0])[:1]
        found = {}
        for name in self.collapsed:
            eta, family = blocks[name].complete_conditional(emptied), blocks[name].family
            found[name] = family.stats(family.sample(y, eta, (*lead, *blocks[name].plates)))
        return found

    case = next(c for c in MODELS.values() if isinstance(c.model, vi_lab.Clutter))
    model_checks.check_real_gradient(case)
    monkeypatch.setattr(RealTarget, "_expected_stats", draws)
    with pytest.raises(AssertionError):
        model_checks.check_real_gradient(case)


def test_the_jacobian_of_a_parameterisation_is_not_forgotten(monkeypatch):
    model = vi_lab.problem("eight-schools").model
    change = model.parameterisations["noncentred"]
    target = RealTarget(model, change)
    y = target.start(np.random.default_rng(1), 2)
    slopes = differentiated(target.log_density, y)
    forgetful = Parameterisation(change.forward, lambda u: (change.inverse(u)[0], 0.0))
    wrong = RealTarget(model, forgetful).gradient(y)
    with pytest.raises(AssertionError):
        assert_slopes(wrong, slopes, "without the log determinant")


def test_a_point_where_the_arithmetic_breaks_down_leaves_the_others_alone():
    target = RealTarget(vi_lab.problem("galaxies").model)
    y = target.start(np.random.default_rng(2), 3)
    before, slopes = target.log_density(y), target.gradient(y)
    y[1] = 1e200
    assert target.log_density(y)[1] == -np.inf and np.isnan(target.gradient(y)[1]).all()
    assert_allclose(target.log_density(y)[[0, 2]], before[[0, 2]], rtol=1e-13)
    assert_allclose(target.gradient(y)[[0, 2]], slopes[[0, 2]], rtol=1e-13)


def test_the_gradient_of_each_of_many_rows():
    rng = np.random.default_rng(3)
    model = vi_lab.problem("iris").model
    target = RowTarget(model)
    y = target.start(rng, 1)
    assert_slopes(target.gradient(y), differentiated(target.log_density, y), "rows")


class Ring:
    """A ring about the origin, a density alone."""

    dimension = 2

    def log_density(self, z):
        r = np.sqrt((z * z).sum(-1))
        return -2.0 * (r - 2.0) ** 2

    def sample_latents(self, rng, batch=()):
        return {"z": rng.standard_normal((*batch, 2))}


def slope_of_ring(z):
    r = np.sqrt((z * z).sum(-1, keepdims=True))
    return -4.0 * (r - 2.0) * z / r


class RingOfModulus(Ring):
    """The same by an abs, which a complex number does not pass."""

    def log_density(self, z):
        return -2.0 * (np.abs(np.sqrt((z * z).sum(-1))) - 2.0) ** 2


class RingOfReals(Ring):
    def log_density(self, z):
        return super().log_density(np.asarray(z, dtype=float))


class RingWithGradient(Ring):
    def gradient(self, z):
        return slope_of_ring(z)


@pytest.mark.parametrize(
    ("ring", "route", "digits"),
    [
        (Ring, "complex step", 1e-14),
        (RingOfModulus, "central differences", CENTRAL_STEP**4 * 100),
        (RingOfReals, "central differences", CENTRAL_STEP**4 * 100),
        (RingWithGradient, "the model's own gradient", 0),
    ],
)
def test_a_density_alone_is_differentiated_and_says_how(ring, route, digits):
    target = DensityTarget(as_model(ring()))
    y = target.start(np.random.default_rng(4), 3)
    found = target.gradient(y)
    assert target.gradient_route == route
    assert_allclose(found, slope_of_ring(y), rtol=digits, atol=digits)


def test_a_central_difference_has_a_step_at_every_coordinate():
    """As wide on either side of 0, and nowhere none: at -1 as at 1."""
    y = np.array([-1.0, 1.0, -1.0 - 1e-9, 0.0, -250.0, 250.0])
    found = central_differences(lambda z: np.sin(0.01 * z).sum(-1), y)
    assert_allclose(found, 0.01 * np.cos(0.01 * y), rtol=1e-9)
