"""What is computed some rows at a time: the same whatever the size of a part, however small."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.automatic import own_models
from vi_lab import cavi, exact, gibbs, laplace, metropolis_hastings
from vi_lab.automatic import posterior as automatic_posterior
from vi_lab.families import Multinomial, PolyaGamma, multinomial
from vi_lab.inference.engine import block_target, gaussian_posterior, noise, random_walk
from vi_lab.models import Ising, IsingDenoising
from vi_lab.models.posteriors import lattice_rows, regression_grid, transfer_matrix
from vi_lab.numerics import mixed_densities, quadratic_features, tilted_jacobi
from vi_lab.numerics.mixed_densities import mix_normals
from vi_lab.results import diagnostics
from vi_lab.vae import VAE, DecoderModel, inputs
from vi_lab.vae.evidence import posterior, quadrature, reference_decoder

RUN = dict(rng=3, chains=2, draws=7, warmup=4)


def moments(truth):
    return [truth.log_evidence, *(np.ravel(truth.mean(n)) for n in truth.names)]


def own_model():
    truth = exact(own_models.TwoGroups())
    return [*moments(truth), *truth.sample(4, rng=0).values()]


def drawn_back():
    return metropolis_hastings("tiny-mixture", **RUN).values.values()


def decoder():
    vae = VAE(4, 1, (3,), dtype="float64")
    x = (np.random.default_rng(0).random((5, 4)) < 0.5).astype(float)
    fit = vae.fit(x, epochs=1, batch_size=5, rng=0)
    truth = exact(DecoderModel(fit, x))
    z = np.random.default_rng(1).standard_normal((4, 5, 1))
    return [*moments(truth), truth.log_density({"z": z})]


def encoded():
    vae = VAE(4, 2, (3,), dtype="float64")
    x = (np.random.default_rng(0).random((5, 4)) < 0.5).astype(float)
    fit = vae.fit(x, epochs=1, batch_size=5, rng=0)
    truth = exact(DecoderModel(fit, x[:1])).posterior
    density = truth.marginal_density("z", (0, 1), np.linspace(-2, 2, 7))
    return [fit.mean("z"), fit.sd("z"), density]


def mixed():
    rng = np.random.default_rng(0)
    mean, variance = rng.standard_normal(11), rng.uniform(0.5, 2.0, 11)
    return [mix_normals(np.full(11, 1 / 11), np.linspace(-3, 3, 17), mean, variance)]


def counts():
    """Of six cells that share p with all draws."""
    p = np.random.default_rng(0).dirichlet(np.ones(3), 6)
    return [Multinomial.of(np.arange(6), p).sample(5, rng=0)]


def torus():
    truth = Ising(0.4, np.linspace(-0.3, 0.3, 24).reshape(4, 6), periodic=True).exact_posterior()
    assert isinstance(truth.posterior, lattice_rows.LatticePosterior)
    return truth


def on_a_torus():
    """Where states of the first row are held fixed in turn."""
    truth, rng = torus(), np.random.default_rng(0)
    return [*moments(truth), truth.log_density({"x": rng.choice([-1, 1], (40, 4, 6))})]


def smoothed():
    return moments(IsingDenoising(np.where(np.eye(5) > 0, 1, -1), 0.4, 0.2).exact_posterior())


CASES = {  # of regressions a grid is large: parts of many, and a last one that is not full
    "a truth that a model does not bring": (automatic_posterior, "AT_ONCE", 999, own_model),
    "averages over a Gaussian": (
        gaussian_posterior, "AT_ONCE", 100 * gaussian_posterior.RULES,
        lambda: [laplace("cars").elbo_estimate.value]),
    "counts": (multinomial, "AT_ONCE", 11, counts),
    "labels drawn back": (block_target, "DRAWN_BACK_AT_ONCE", 3, drawn_back),
    "regressions": (regression_grid, "PREDICTORS_AT_ONCE", 9999,
                    lambda: moments(exact("bioassay"))),
    "columns of a lattice": (transfer_matrix, "COLUMNS_AT_ONCE", 3, smoothed),
    "starts of a torus": (transfer_matrix, "MESSAGE_SIZE", 3 * 2**4, on_a_torus),
    "points of a mixture": (quadratic_features, "AT_ONCE", 7,
                            lambda: [cavi("old-faithful", rng=0, restarts=2, max_sweeps=3,
                                          tol=0).elbo]),
    "data that are encoded": (inputs, "ROWS_CHECKED", 2, encoded),
    "points of a marginal": (posterior, "MARGINAL_ROWS", 3, encoded),
    "mixtures": (mixed_densities, "ENTRIES", 3, mixed),
    "rows of a decoder": (reference_decoder, "ELEMENTS", 3, decoder),
    "rows that are integrated": (quadrature, "ROWS_INTEGRATED", 3, decoder),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_small_parts_give_the_same(case, monkeypatch):
    module, constant, size, run = CASES[case]
    whole = list(run())
    monkeypatch.setattr(module, constant, None)
    with pytest.raises(Exception):  # noqa: B017 - whoever wraps it: this run asks for the size
        list(run())
    monkeypatch.setattr(module, constant, size)
    for one, other in zip(whole, run(), strict=True):
        assert_allclose(other, one, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("module", "constant"), [(noise, "ROWS_AT_ONCE"), (random_walk, "DRAWN_AT_ONCE")]
)
def test_chains_whose_noise_comes_in_small_parts_have_the_law(module, constant, monkeypatch):
    """The numbers are others, and none of them twice."""
    monkeypatch.setattr(module, constant, 3)
    truth = exact("coin")
    method = gibbs if module is noise else metropolis_hastings
    z = method("coin", rng=0, chains=2, draws=1000, warmup=200).values["theta"]
    assert abs(z.mean() - truth.mean("theta")) < 5 * diagnostics.mcse(z)
    assert z.std() == pytest.approx(truth.sd("theta"), rel=0.15)
    assert np.unique(z).size > 0.2 * z.size


def test_draws_of_a_torus_whose_starts_come_in_parts_have_the_law(monkeypatch):
    monkeypatch.setattr(transfer_matrix, "MESSAGE_SIZE", 3 * 2**4)
    truth = torus()
    assert truth.posterior.rows.at_once == 3
    x, mean = truth.sample(2000, rng=0)["x"], truth.mean("x")
    assert np.abs((x.mean(0) - mean) / np.sqrt((1 - mean**2) / 2000)).max() < 5
    assert len(np.unique(x[:, :, 0], axis=0)) > 12  # of the 16 starts
    assert np.isfinite(truth.log_density({"x": x})).all()


@pytest.mark.parametrize("trials", [2.0, 8.0])
def test_draws_in_parts_have_the_law(monkeypatch, trials):
    """Of PolyaGamma(b, 1): mean b tanh(1/2) / 2 and the variance of Polson, Scott & Windle."""
    monkeypatch.setattr(tilted_jacobi, "CHUNK", 3)
    d = PolyaGamma.of(trials, 1.0)
    z = d.sample(2000, rng=0)
    assert abs(z.mean() - 0.5 * trials * np.tanh(0.5)) < 5 * z.std() / 2000**0.5
    assert np.unique(z).size == 2000  # none was drawn twice, none left out
