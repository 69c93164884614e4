"""Errors that no data lead to in a test of a second: each `raise` is reached where it stands."""

import copy
import dataclasses
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import vi_lab
from vi_lab import (
    DensityModel,
    GaussianRows,
    InputError,
    NotApplicable,
    NumericalError,
    ViLabError,
    plots,
)
from vi_lab.automatic import integrated
from vi_lab.density_model import BaseModel, DensityRows
from vi_lab.inference.engine import gaussian_fit
from vi_lab.inference.engine.density_target import Expecting
from vi_lab.inference.engine.record import record_sweeps
from vi_lab.inference.engine.target import choose_target
from vi_lab.numerics import cells, plane_density
from vi_lab.replays import coordinates
from vi_lab.reports import kept_sections
from vi_lab.results import diagnostics
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.vae import VAE
from vi_lab.vae.amortised_result import Amortised
from vi_lab.vae.evidence import per_datum_ledger

NG = vi_lab.NormalGamma([1.0, 2.0], 0.0, 1.0, 1.0, 1.0)


class Rows(DensityRows):
    """Standard normals, a row each."""

    dimension = 1

    def __init__(self, n):
        self.independent_rows = n

    def log_density_rows(self, z):
        return -0.5 * (z**2).sum(-1)

    def elbo_rows(self, mean, root):
        return np.zeros(len(mean)), np.zeros(len(mean)), "by hand"

    def sample_latents(self, rng, batch=()):
        return {"z": rng.normal(size=(*batch, self.independent_rows, 1))}


class Plain(DensityModel):
    """A standard normal of so many numbers."""

    def __init__(self, dimension, density=None):
        self.dimension, self.density = dimension, density

    def log_density(self, z):
        return -0.5 * (z**2).sum(-1) if self.density is None else self.density(z)

    def gradient(self, z):
        return -z

    def sample_latents(self, rng, batch=()):
        return {"z": rng.normal(size=(*batch, self.dimension))}


def fail(*_):
    raise KeyError("mine")


def island(z):
    """Uniform between 0.29 and 0.31."""
    return np.where(np.abs(z[..., 0] - 0.3) < 0.01, 0.0, -np.inf)


def rows_of(n):
    return GaussianRows.of(Rows(n), np.zeros((n, 1)), np.eye(1))


CALLS = {
    "a prior that no block has": (
        lambda: BaseModel.log_prior_given(NG, {}),
        NotApplicable,
        "log_prior does not apply, because it does not say",
    ),
    "rows of another number": (
        lambda: vi_lab.kl(rows_of(2), rows_of(3)),
        InputError,
        r"p: needs rows \(2, 1\), got \(3, 1\)",
    ),
    "no gradient": (lambda: Expecting().gradient(np.zeros(1)), NotImplementedError, "^$"),
    "a bound of nan": (
        lambda: gaussian_fit.GaussianFit._refuse_no_bound(SimpleNamespace(method="VI"), np.nan),
        NumericalError,
        "VI: the ELBO is nan at the nodes",
    ),
    "a start that raises": (
        lambda: vi_lab.hmc(Plain(2, fail), rng=0, draws=2, warmup=2),
        InputError,
        "the log density at the start raised KeyError: 'mine'",
    ),
    "nothing at any start": (
        lambda: cells.integrate(lambda z: np.full(z.shape[:-1], -np.inf), np.ones((4, 1))),
        NumericalError,
        "nil at every start",
    ),
    "nothing at the middle and about it": (
        lambda: cells.Cells(island, np.zeros(1), np.eye(1), np.full((2, 1), 0.3)),
        NumericalError,
        "the density to integrate is -inf at its highest",
    ),
    "a picture of another section": (
        lambda: kept_sections._read_picture(["coin-1", "", "", "", ""], "coal"),
        ValueError,
        "'coin-1' does not begin with 'coal'",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_each_has_its_sentence(name):
    call, kind, words = CALLS[name]
    with pytest.raises(kind, match=words):
        call()


def test_a_block_that_cannot_be_drawn_back_is_named():
    def broken(stats):
        raise FloatingPointError("overflow")

    model = copy.copy(vi_lab.problem("tiny-mixture").model)
    target = choose_target(model)
    (name,) = target.collapsed
    block = dataclasses.replace(model.blocks[name], complete_conditional=broken)
    model.blocks = {**model.blocks, name: block}
    with pytest.raises(NumericalError, match=f"block '{name}': overflow"):
        target._draw(name, target.start(np.random.default_rng(0), 2), np.random.default_rng(0))


def test_steps_that_end_without_a_bound_are_no_result():
    model = copy.copy(vi_lab.problem("old-faithful").model)
    model.log_joint = lambda stats: np.array([np.nan])
    with pytest.raises(NumericalError, match="SVI: the ELBO is nan after 4 steps"):
        vi_lab.svi(model, batch_size=200, epochs=1, rng=0)


@pytest.mark.parametrize("warmup", [0, 2])
def test_a_draw_that_does_not_fit_is_of_its_block_and_keeps_those_before(warmup):
    """Those of the warmup are not among them, whatever breaks the sweep after."""
    right = {"mu": np.zeros(2), "tau": np.ones(2)}

    def sweeps(last):
        yield from [right] * (warmup + 1)
        if isinstance(last, Exception):
            raise last
        yield last
        yield right

    for last, words in (
        ({**right, "tau": np.ones(5)}, "block 'tau', or a draw from it, raised ValueError"),
        ({**right, "tau": np.full(2, np.nan)}, "block 'tau' is nan or infinite in sweep 2 of 3"),
        (InputError("a density is none"), "a density is none"),
    ):
        with pytest.raises(ViLabError, match=words) as caught:
            record_sweeps(NG, sweeps(last), 2, 3, warmup=warmup)
        record, count = caught.value.draws
        assert count == 1 and record["tau"][0].tolist() == [1.0, 1.0]


def test_ctrl_c_during_warmup_leaves_nothing():
    pressed = CtrlC()
    pressed.pressed = True
    right = {"mu": np.zeros(2), "tau": np.ones(2)}
    with pytest.raises(KeyboardInterrupt):
        record_sweeps(NG, [right] * 9, 2, 3, warmup=4, ctrl_c=pressed)


def test_a_saved_gaussian_of_other_coordinates_is_none(tmp_path):
    vi_lab.laplace(Plain(2)).save(tmp_path / "q")
    assert vi_lab.load(tmp_path / "q", Plain(2)).mixture.means.shape == (1, 2)
    with pytest.raises(vi_lab.ResultFileError, match="together: the model has 3 real coordinates"):
        vi_lab.load(tmp_path / "q", Plain(3))


def test_another_kind_of_result_is_no_trained_vae(tmp_path):
    vi_lab.gibbs(NG, rng=0, draws=4).save(tmp_path / "draws")
    with pytest.raises(vi_lab.ResultFileError, match="is not a trained VAE"):
        Amortised.load(tmp_path / "draws")


def test_a_training_without_an_epoch_has_no_trace():
    vae = VAE(2, 1, (2,), dtype="float64")
    fit = vae.fit(np.eye(2), epochs=1, batch_size=2, rng=0)
    empty = fit.trace._make(part[:0] for part in fit.trace)
    with pytest.raises(InputError, match="fit: has no trace"):
        plots.vae_trace(dataclasses.replace(fit, trace=empty))


def test_a_grid_whose_envelope_is_too_low_draws_nothing(monkeypatch):
    grid = plane_density.Grid(lambda x: -0.5 * (x**2).sum(-1), np.zeros(1), np.eye(1))
    envelope = grid._envelope()
    monkeypatch.setattr(grid, "_envelope", lambda: envelope - 5.0)
    with pytest.raises(NumericalError, match="too coarse to draw from"):
        grid.draw(np.random.default_rng(0), 9)


def test_a_replay_without_a_known_density_does_not_apply(monkeypatch):
    monkeypatch.setattr(coordinates, "_choose", lambda *_: coordinates.Choice(None))
    with pytest.raises(NotApplicable, match="replay does not apply to mine: it draws numbers"):
        coordinates.locate("mine", NG, vi_lab.exact(NG))


def test_an_integral_without_digits_is_no_truth(monkeypatch):
    monkeypatch.setattr(integrated.IntegratedPosterior, "_round", lambda *_: np.array([2.0]))
    monkeypatch.setattr(NG.__class__, "exact_posterior", BaseModel.exact_posterior)
    monkeypatch.setattr(NG.__class__, "no_exact_because", BaseModel.no_exact_because)
    with pytest.raises(NumericalError, match="exact: the log joint has lost its digits"):
        vi_lab.exact(NG)


def test_a_row_beyond_floating_point_is_numbered(monkeypatch):
    data = SimpleNamespace(
        decoder=SimpleNamespace(ceiling=np.zeros(3)), encoded=np.zeros((3, 1)), x=np.zeros((3, 2))
    )
    bound = per_datum_ledger.Estimate(np.array([-1.0, -2.0, -3.0]), np.zeros(3), "")
    found = SimpleNamespace(value=np.array([-1.0, np.nan, -3.0]))
    monkeypatch.setattr(per_datum_ledger, "quadrature", lambda *_: found)
    with pytest.raises(NumericalError, match="row 1 is beyond floating point"):
        per_datum_ledger.integrate_above(data, bound)


def test_without_docstrings_diagnostics_say_what_they_need(monkeypatch):
    """As under `python -OO`."""
    python = SimpleNamespace(flags=SimpleNamespace(optimize=2), modules=sys.modules)
    monkeypatch.setattr(diagnostics, "sys", python)
    with pytest.raises(NotApplicable, match="breaks without docstrings: run Python without -OO"):
        diagnostics._import_array_stats.__wrapped__()


def test_a_draw_that_does_not_fit_leaves_those_before_it():
    """After a warmup of 4 the third draw has another shape: two are kept."""
    right = {"mu": np.zeros(2), "tau": np.ones(2)}
    sweeps = [right] * 6 + [{"mu": np.zeros(5), "tau": np.ones(2)}]
    with pytest.raises(InputError) as caught:
        record_sweeps(NG, sweeps, 2, 9, warmup=4)
    assert caught.value.draws[1] == 2
