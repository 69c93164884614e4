"""The accounts against other integrators: log p(x), ELBO, KL and gaps, datum by datum."""

from contextlib import nullcontext
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from tests.thinning import mostly_slow
from tests.vae.data import blobs
from tests.vae.oracles import small_vae
from vi_lab import InputError
from vi_lab.vae import VAE, Amortised, Trace
from vi_lab.vae.evidence import normaliser, quadrature
from vi_lab.vae.evidence.expectations import refine
from vi_lab.vae.evidence.quadrature import Quadrature
from vi_lab.vae.evidence.rows import Rows

NO_TRACE = Trace(*np.empty((3, 0)))
KINDS = [
    dict(likelihood="bernoulli", activation="tanh"),
    dict(likelihood="bernoulli", activation="softplus", hidden=(5, 4)),
    dict(likelihood="gaussian", activation="tanh", hidden=(4,)),
    dict(likelihood="gaussian", activation="softplus", log_sd=-1.0),
]


def make_up(n_latent, seed=0, scale=2.0, **kind):
    """A VAE with wild parameters and data of its own: nothing here is near any optimum."""
    vae = small_vae(n_latent=n_latent, **kind)
    rng = np.random.default_rng(seed)
    params = {
        n: scale * v + 0.3 * rng.standard_normal(v.shape) for n, v in vae.init(rng=rng).items()
    }
    params["encoder.logvar.weight"] *= 0.3  # but no q a hundred times too wide
    fit = Amortised(vae, params, NO_TRACE)
    return fit, fit.generate(5, rng=rng)


def oracle_log_joint(fit, x, z):
    """log p(x, z) of one datum at z (..., n_latent), by scipy."""
    expected = fit.decode(z)
    if fit.vae.likelihood == "bernoulli":
        log_likelihood = stats.bernoulli.logpmf(x, expected).sum(-1)
    else:
        sd = np.exp(fit.params.get("decoder.log_sd", fit.vae.log_sd))
        log_likelihood = stats.norm.logpdf(x, expected, sd).sum(-1)
    return log_likelihood + stats.norm.logpdf(z).sum(-1)


def oracle_log_evidence(fit, x):
    """scipy's quadrature of one datum: adaptive over pieces, or Simpson's rule on a fine grid."""
    edges = np.linspace(-12, 12, 13)
    if fit.vae.n_latent == 1:

        def joint(z):
            return np.exp(oracle_log_joint(fit, x, np.array([z])))

        parts = [
            integrate.quad(joint, a, b, epsabs=1e-14, epsrel=1e-11, limit=1000)[0]
            for a, b in pairwise(edges)
        ]
        return np.log(sum(parts))
    grid = np.linspace(-9, 9, 601)
    z = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1)
    values = np.exp(oracle_log_joint(fit, x, z))
    return np.log(integrate.simpson(integrate.simpson(values, x=grid), x=grid))


TANH = [kind for kind in KINDS if kind["activation"] == "tanh"]
IN_PLANE = [dict(likelihood="gaussian", activation="tanh", hidden=(4,))]  # the others are slow


def name_of(kind):
    return f"{kind['likelihood']}-{kind['activation']}"


every_kind = pytest.mark.parametrize(
    ("n_latent", "kind"),
    [
        pytest.param(
            *(n_latent, kind), id=f"{name_of(kind)}-{n_latent}",
            marks=[pytest.mark.slow] * (n_latent == 2 and kind not in IN_PLANE),
        )
        for n_latent in (1, 2) for kind in KINDS
    ],
)  # fmt: skip


@every_kind
def test_the_log_evidence_is_the_integral(kind, n_latent):
    fit, x = make_up(n_latent, **kind)
    found = fit.log_evidence(x)
    assert found.route.startswith("quadrature")
    assert (found.error <= 1e-9).all()
    for value, row in zip(found.value, x[:2], strict=False):
        assert_allclose(value, oracle_log_evidence(fit, row), rtol=0, atol=3e-9)


@every_kind
def test_the_ledger_holds_for_every_datum(kind, n_latent):
    fit, x = make_up(n_latent, seed=1, **kind)
    book = fit.ledger(x)
    assert book.holds is True
    assert np.abs(book.residual).max() <= 1e-8
    assert (book.tolerance <= 1e-7).all()
    assert (book.kl > 0.01).all()  # an encoder that was never trained
    assert_allclose(book.residual, book.log_evidence - book.elbo - book.kl)
    assert_allclose(book.log_evidence, fit.log_evidence(x).value)
    draws = fit.elbo(x, 20_000, rng=2)
    assert_allclose(book.elbo, draws.elbo, atol=0.2, rtol=0.02)
    assert "holds" in repr(book)
    assert "<table>" in book._repr_html_()
    with pytest.raises(TypeError, match="holds"):
        bool(book)


@pytest.mark.parametrize("hidden", mostly_slow([(6,), (5, 4)]))
@pytest.mark.parametrize("likelihood", mostly_slow(["gaussian", "bernoulli"]))
@pytest.mark.parametrize(
    ("n_latent", "off"), mostly_slow([(1, 1e-8), (2, 1e-4)], rows=True), ids=["line", "plane"]
)
def test_relu_is_cut_along_its_kinks(likelihood, hidden, n_latent, off):
    """In the plane the oracle's Simpson rule creeps: it is right to 1e-4 alone."""
    fit, x = make_up(n_latent, 2, likelihood=likelihood, activation="relu", hidden=hidden)
    book = fit.ledger(x[:1])
    assert book.holds is True and np.abs(book.residual).max() < 1e-8
    assert (book.tolerance < 1e-7).all()
    assert_allclose(book.log_evidence, oracle_log_evidence(fit, x[0]), rtol=0, atol=off)


def test_a_narrow_posterior_far_out_is_found():
    """Peaks a hundredth wide, six prior sds from the origin, in one and two dimensions."""
    for d in (1, 2):
        vae = VAE(3, d, (), "gaussian", dtype="float64", log_sd=-4.0)
        rng = np.random.default_rng(3)
        params = {n: rng.standard_normal(v.shape) for n, v in vae.init(rng=rng).items()}
        fit = Amortised(vae, params, NO_TRACE)
        W, b = params["decoder.out.weight"], params["decoder.out.bias"]
        x = W @ np.array([6.0, -4.0][:d]) + b
        found = fit.log_evidence([x])
        cov = W @ W.T + np.exp(-8.0) * np.eye(3)
        expected = stats.multivariate_normal(b, cov).logpdf(x)
        assert_allclose(found.value, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("likelihood", mostly_slow(["gaussian", "bernoulli"]))
@pytest.mark.parametrize(
    "mean, logvar",
    # at e**700 every cell that is left is looked at, for half a minute
    [(1e3, 0.0), pytest.param(0.0, 700.0, marks=pytest.mark.slow), (0.0, -90.0)],
)
def test_an_encoder_that_knows_nothing_does_not_spoil_the_evidence(likelihood, mean, logvar):
    fit, x = make_up(2, likelihood=likelihood, activation="tanh")
    params = {**fit.params, "encoder.mean.bias": np.full(2, mean)}
    params["encoder.logvar.bias"] = np.full(2, logvar)
    lost = Amortised(fit.vae, params, NO_TRACE)
    book = lost.ledger(x[:1])
    assert_allclose(book.log_evidence, fit.log_evidence(x[:1]).value, rtol=0, atol=2e-9)
    assert book.holds and (book.elbo < book.log_evidence - 20).all()


def two_modes():
    """A decoder that sees |z| alone, an encoder that knows one side of it, and a datum."""
    vae = VAE(2, 1, (2,), "gaussian", "softplus", dtype="float64", log_sd=-2.0)
    params = {n: np.zeros(v.shape) for n, v in vae.init(rng=0).items()}
    params["decoder.0.weight"] = np.array([[20.0], [-20.0]])
    params["decoder.out.weight"] = np.full((2, 2), 0.05)  # softplus(20 z) + softplus(-20 z) ~ 20|z|
    params["encoder.mean.bias"] = np.array([2.0])
    params["encoder.logvar.bias"] = np.array([-5.0])
    return Amortised(vae, params, NO_TRACE), np.array([[2.0, 2.0]])


def test_two_modes_are_both_counted():
    fit, x = two_modes()
    assert_allclose(fit.log_evidence(x).value[0], oracle_log_evidence(fit, x[0]), atol=1e-9)
    book, gaps = fit.ledger(x), fit.gaps(x)
    assert book.holds
    assert_allclose(gaps.approximation, np.log(2), atol=0.01)  # the mode that no Gaussian sees
    assert book.kl > np.log(2)


@every_kind
def test_gaps_add_up(kind, n_latent):
    fit, x = make_up(n_latent, seed=3, **kind)
    gaps, book = fit.gaps(x), fit.ledger(x)
    assert_allclose(gaps.log_evidence, book.log_evidence, atol=1e-8)
    assert_allclose(gaps.elbo, book.elbo, atol=1e-8)
    assert (np.abs(gaps.residual) <= gaps.error).all() and (gaps.error <= 1e-8).all()
    assert_allclose(
        gaps.log_evidence,
        gaps.elbo + gaps.approximation + gaps.amortisation + gaps.residual,
        rtol=1e-12,
    )
    assert (gaps.amortisation > 0.01).all() and (gaps.approximation >= -1e-9).all()
    assert (gaps.approximation <= book.kl + 1e-9).all()


def test_the_importance_bound_climbs_to_the_quadrature():
    fit, x = make_up(2, likelihood="bernoulli", activation="tanh", scale=1.0)
    truth, book = fit.log_evidence(x).value, fit.ledger(x)
    bounds = np.array(
        [
            [fit.importance_bound(x, k, rng=np.random.default_rng([k, i])) for i in range(40)]
            for k in (1, 10, 100)
        ]
    )
    error = bounds.std(1, ddof=1) / np.sqrt(40)
    assert (np.abs(bounds[0].mean(0) - book.elbo) <= 5 * error[0]).all()
    assert (np.diff(bounds.mean(1), axis=0) > -5 * np.hypot(error[1:], error[:-1])).all()
    assert (bounds.mean(1) <= truth + 5 * error).all()
    large = fit.importance_bound(x, 50_000, rng=0)
    assert_allclose(large, truth, atol=0.05)


def test_grey_values_have_no_evidence():
    fit, x = make_up(2, likelihood="bernoulli")
    for method in (fit.log_evidence, fit.ledger, fit.gaps):
        with pytest.raises(InputError, match=r"0.3 \(at index \(1, 2\)\); binarise first"):
            grey = x.copy()
            grey[1, 2], grey[3, 0] = 0.3, 0.7  # the first is shown
            method(grey)


def test_a_trained_vae_has_a_small_gap_and_its_ledger_holds():
    x = blobs(100)
    for dtype in ("float32", "float64"):
        fit = VAE(6, 2, (8,), dtype=dtype).fit(x, epochs=100, learning_rate=0.01, rng=0)
        book = fit.ledger(x[:10])
        assert book.holds
        assert np.abs(book.residual).max() < 1e-8
        assert 0 < book.kl.mean() < 0.5
        bound = fit.elbo(x, 100, rng=1).elbo.mean()
        assert_allclose(bound, fit.trace.elbo[-20:].mean(), atol=0.1)


def test_where_there_are_kinks_no_even_nodes_are_tried():
    decoder = SimpleNamespace(smooth=False, n_latent=1, width=1)
    value, error, _ = refine(lambda rows, nodes: np.zeros(len(rows)), 3, decoder)
    assert np.isnan(value).all() and np.isinf(error).all()


@pytest.mark.parametrize("room", [0, 1])
def test_grids_of_all_data_share_what_they_may_cost(room, monkeypatch):
    """A first grid of 256 nodes for each datum is within 256 nodes for each, and beyond 255."""
    tried = []

    def grid(*given):
        tried.append(given)
        raise StopIteration

    monkeypatch.setattr(quadrature, "NODES", 255 + room)
    monkeypatch.setattr(quadrature, "Grid", grid)
    decoder = SimpleNamespace(n_latent=1)
    with pytest.raises(StopIteration) if room else nullcontext():
        quadrature._fill_by_grids(None, decoder, np.zeros((5, 6)), np.zeros(5), 8.0)
    assert len(tried) == room


def test_a_box_is_cut_down_to_where_the_posterior_is():
    """To one and a half nodes of the coarse look about what is within the depth, no further."""
    vae = VAE(12, 1, (4,), dtype="float64")
    params = {name: 3.0 * value for name, value in vae.init(rng=1).items()}
    x = (np.random.default_rng(2).random((3, 12)) < 0.5).astype(float)
    data = Rows(vae.network, params, x)
    ends, wide = np.full((3, 1), 40.0), np.zeros(3)
    truth = Quadrature(wide, wide, ends, ends, -ends, ends, np.ones(3, bool))
    low, high, best = normaliser.trim_boxes(data, truth, depth=20.0)
    z = np.linspace(-40.0, 40.0, 20_001)[:, None]
    step = 80.0 / normaliser.LOOK
    for row in range(3):
        height = data.decoder.log_joint(x[[row]], z[None])[0]
        within = z[height > height.max() - 20.0, 0]
        assert best[row] <= height.max()
        assert low[row, 0] <= within[0] and within[-1] <= high[row, 0]
        assert high[row, 0] - low[row, 0] < within[-1] - within[0] + 6 * step
