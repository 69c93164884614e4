"""A fixed decoder as a toy model: its truth, its chains and its q against scipy's integrals.

A linear decoder with Gaussian noise is PPCA, where everything is known in closed form; the bent
ones are summed on grids.
"""

import time

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import vi_lab
from tests.contract.tolerances import assert_averages, normal_limit
from tests.tables import table
from tests.thinning import mostly_slow
from tests.vae.oracles import small_vae
from tests.vae.test_evidence import IN_PLANE, KINDS, NO_TRACE, make_up, oracle_log_joint, two_modes
from vi_lab import Amortised, DecoderModel, GaussianRows, InputError, InputTypeError, NotApplicable
from vi_lab.identity.bound import elbo_estimate
from vi_lab.vae import layers
from vi_lab.vae.evidence import fit_gaussians, gaussian_rows
from vi_lab.vae.evidence import posterior as posteriors
from vi_lab.vae.evidence import reference_decoder as decoder
from vi_lab.vae.evidence.cell_draws import CellDraws
from vi_lab.vae.evidence.leaf_draws import LeafDraws

QS = {
    "mean-field": lambda m: vi_lab.gaussian_q(m, covariance="mean-field", rng=0),
    "full-rank": lambda m: vi_lab.gaussian_q(m, rng=0),
    "amortised": vi_lab.amortised,
    "by hand": lambda m: GaussianRows.of(
        m, np.linspace(-1, 1, m.dimension), 0.3 + 0.7 * np.eye(m.dimension)
    ),
}


def bent(d=2, seed=0, scale=1.5, **kind):
    """A DecoderModel of made-up weights and five data of its own."""
    kind = kind or KINDS[0]
    fit, x = make_up(d, seed=seed, scale=scale, **kind)
    return DecoderModel(fit, x)


def linear(log_sd=-0.5, n=6, seed=0):
    """PPCA: z|x is Gaussian with precision I + W'W e^(-2 log_sd), tilted; and W, bias."""
    vae = small_vae("gaussian", hidden=(), log_sd=log_sd)
    rng = np.random.default_rng(seed)
    params = {n: 0.6 * rng.standard_normal(v.shape) for n, v in vae.init(rng=rng).items()}
    params["decoder.out.weight"][:, 1] += params["decoder.out.weight"][:, 0]  # correlates them
    fit = Amortised(vae, params, NO_TRACE)
    model = DecoderModel(fit, fit.generate(n, rng=rng))
    return model, params["decoder.out.weight"], params["decoder.out.bias"]


def grid_posterior(model, row, half=8.0, points=401):
    """Nodes (points**d, d), their posterior weights under scipy's log joint."""
    axis = np.linspace(-half, half, points)
    z = np.stack(np.meshgrid(*(axis,) * model.dimension, indexing="ij"), -1)
    z = z.reshape(-1, model.dimension)
    log_joint = oracle_log_joint(model.fit, model.x[row], z)
    weights = np.exp(log_joint - log_joint.max())
    return z, weights / weights.sum(), (axis[1] - axis[0]) ** model.dimension


OTHER = bent(2, seed=7)
BEGAN = time.perf_counter()


# one of each likelihood on the line, one in the plane; the others in `make slow`
MADE = [(d, k) for d in (1, 2) for k in range(len(KINDS))]
PLAIN = [(1, 0), (1, 3), (2, KINDS.index(IN_PLANE[0]))]


@pytest.fixture(scope="module", params=mostly_slow(MADE, PLAIN), ids=str)
def model(request):
    d, k = request.param
    return bent(d, seed=2, **KINDS[k])


def test_the_truth_is_the_integral_row_by_row(model):
    truth = vi_lab.exact(model)
    assert truth.route.startswith("quadrature")
    assert 0 < truth.seconds <= time.perf_counter() - BEGAN  # of the first who asked
    assert truth.mean("z").shape == truth.sd("z").shape == (5, model.dimension)
    each = model.fit.log_evidence(model.x).value  # held to be integrals in test_evidence.py
    assert_allclose(truth.log_evidence, each.sum(), rtol=0, atol=1e-8)
    assert truth.log_evidence_error < 1e-7
    assert truth.log_evidence_error == pytest.approx(model.truth.error.sum(), rel=1e-12)
    for row in range(2):
        z, weights, cell = grid_posterior(model, row)
        mean = weights @ z
        assert_allclose(truth.mean("z")[row], mean, atol=1e-6)
        assert_allclose(truth.sd("z")[row], np.sqrt(weights @ (z - mean) ** 2), atol=1e-6)
        low, high = model.truth.low[row], model.truth.high[row]
        assert (weights[(z < low).any(-1) | (z > high).any(-1)] < 1e-15).all()
        alone = vi_lab.exact(DecoderModel(model.fit, model.x[row : row + 1]))
        likely = weights > 1e-20
        found = alone.log_density({"z": z[likely][:, None]})
        assert_allclose(found, np.log(weights[likely] / cell), atol=1e-7)


def test_the_density_is_a_product_over_rows():
    model = bent(2)
    truth = vi_lab.exact(model)
    at = truth.sample(3, rng=0)["z"]
    alone = [
        vi_lab.exact(DecoderModel(model.fit, x[None])).log_density({"z": at[:, [row]]})
        for row, x in enumerate(model.x)
    ]
    assert_allclose(truth.log_density({"z": at}), sum(alone), atol=1e-7)


def test_exact_draws_have_the_posterior_moments(model):
    truth = vi_lab.exact(model)
    z = truth.sample(40_000, rng=3)["z"]
    assert z.shape == (40_000, 5, model.dimension)
    assert_averages(z, truth.mean("z"), "means")
    assert_averages((z - truth.mean("z")) ** 2, truth.sd("z") ** 2, "variances")
    for row in range(2):
        at, weights, _ = grid_posterior(model, row)
        for power in (
            lambda v: v.prod(-1),
            lambda v: v[..., 0] ** 3,
            lambda v: np.cos(2 * v).sum(-1),
        ):
            assert_averages(power(z[:, row]), weights @ power(at), f"row {row}")


def test_the_density_of_a_coordinate_is_that_of_a_grid(model):
    """The other one, where there is one, integrated out: it sums to one and has the moments."""
    truth = vi_lab.exact(model)
    x = np.linspace(-8.0, 8.0, 801)
    for row, axis in [(0, 0), (1, model.dimension - 1)]:
        density = truth.posterior.marginal_density("z", (row, axis), x)
        mass = density * (x[1] - x[0])
        assert_allclose(mass.sum(), 1.0, rtol=1e-6)
        mean, sd = truth.mean("z")[row, axis], truth.sd("z")[row, axis]
        assert_allclose(mass @ x, mean, atol=1e-5)
        assert_allclose(np.sqrt(mass @ (x - mean) ** 2), sd, rtol=1e-5)


def test_the_boxes_of_draws_hold_all_but_e_to_the_minus_25(model):
    posterior = vi_lab.exact(model).posterior
    for row in range(2):
        z, weights, _ = grid_posterior(model, row)
        low, high = (corner[row] for corner in posterior._boxes)
        assert weights[(z < low).any(-1) | (z > high).any(-1)].sum() < 1e-9


@pytest.mark.parametrize(
    ("off", "kind"), [(0.019, CellDraws), (0.021, LeafDraws), (-0.021, LeafDraws)]
)
def test_cells_whose_mass_is_off_are_not_drawn_from(off, kind, monkeypatch):
    """By two in a hundred, of the posterior's own."""
    posterior = vi_lab.exact(bent(1)).posterior
    for draws, mass in zip(posterior._draws, posterior.normaliser.value, strict=True):
        monkeypatch.setattr(draws, "log_mass", mass + off)
    made = iter(list(posterior._draws))
    again = vi_lab.exact(bent(1)).posterior
    monkeypatch.setattr(posteriors, "CellDraws", lambda *given: next(made))
    assert {type(draws) for draws in again._draws} == {kind}


def test_draws_see_both_modes():
    """Half of the draws on either side."""
    model = DecoderModel(*two_modes())
    z = vi_lab.exact(model).sample(10_000, rng=0)["z"]
    assert abs((z > 0).mean() - 0.5) < 5 * 0.5 / 100
    q = vi_lab.gaussian_q(model, rng=0, restarts=4)
    assert_allclose(vi_lab.exact(model).log_evidence - q.elbo, np.log(2), atol=0.01)


@pytest.mark.parametrize("name", QS)
def test_every_ledger_holds_row_by_row(model, name):
    q = QS[name](model)
    book = model.ledger(q)
    assert book.holds and (np.abs(book.residual) <= 1e-6).all() and (book.tolerance < 1e-5).all()
    assert (book.kl >= -book.tolerance).all()
    total = vi_lab.ledger(model, q)
    assert total.holds and total.tolerance < 1e-5
    for field in ("log_evidence", "elbo", "kl"):
        assert_allclose(getattr(total, field), getattr(book, field).sum(), rtol=1e-12)
    assert len(set(total.routes.values())) == 3
    assert_allclose(vi_lab.kl(q, vi_lab.exact(model)), total.kl)


def test_kl_and_elbo_are_sums_over_a_grid():
    model = bent(2, seed=1)
    q = QS["by hand"](model)
    book, cov = model.ledger(q), q.root[0] @ q.root[0].T
    for row in range(2):
        z, weights, cell = grid_posterior(model, row)
        density = stats.multivariate_normal(q.location[row], cov).pdf(z)
        likely = (density * cell > 1e-30) & (weights > 0)
        log_ratio = np.log(density[likely]) - np.log(weights[likely] / cell)
        assert_allclose(book.kl[row], (density[likely] * log_ratio).sum() * cell, atol=1e-6)


def test_the_ledger_of_the_truth_itself():
    model = bent(2)
    book = vi_lab.ledger(model, vi_lab.exact(model))
    assert book.holds and book.kl == 0.0 and abs(book.residual) < 1e-6


def test_a_linear_decoder_is_ppca():
    """log p(x) by the marginal of x; the full-rank q is the posterior. The mean-field q has its
    means and sds 1 / sqrt(precision_jj), and pays (log prod precision_jj - log|precision|) / 2.
    """
    model, W, bias = linear()
    noise = np.exp(-1.0)
    marginal = stats.multivariate_normal(bias, W @ W.T + noise * np.eye(len(bias)))
    precision = np.eye(2) + W.T @ W / noise
    mean = (model.x - bias) @ W @ np.linalg.inv(precision) / noise
    truth, full = vi_lab.exact(model), vi_lab.gaussian_q(model)
    assert_allclose(truth.log_evidence, marginal.logpdf(model.x).sum(), atol=1e-8)
    assert_allclose(truth.mean("z"), mean, atol=1e-7)
    assert_allclose(full.elbo, truth.log_evidence, atol=1e-7)
    assert_allclose(full.mean("z"), mean, atol=1e-4)
    assert_allclose(full.root @ full.root.mT, [np.linalg.inv(precision)] * model.n, atol=1e-4)
    plain = QS["mean-field"](model)
    assert_allclose(plain.mean("z"), mean, atol=1e-4)
    assert_allclose(plain.sd("z"), [np.diag(precision) ** -0.5] * model.n, rtol=1e-4)
    pays = 0.5 * (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1])
    assert pays > 0.1
    assert_allclose(truth.log_evidence - plain.elbo, model.n * pays, atol=1e-6)


def test_no_gaussian_nearby_is_better_and_none_falls_below_its_like(model):
    plain, full, encoder = (
        QS[k](model).elbo_rows.value for k in ("mean-field", "full-rank", "amortised")
    )
    assert (full >= plain - 1e-6).all() and (plain >= encoder - 1e-6).all()
    q, rng = vi_lab.gaussian_q(model, rng=0), np.random.default_rng(0)
    for _ in range(5):
        move = 0.05 * rng.standard_normal(q.location.shape)
        stretch = np.exp(0.05 * rng.standard_normal((5, model.dimension, 1)))
        near = GaussianRows(model, q.location + move, np.tril(q.root * stretch))
        assert (near.elbo_rows.value <= full + 1e-6).all()


def test_metropolis_hastings_walks_each_row_by_itself():
    model = bent(2, seed=1, scale=1.0)
    truth = vi_lab.exact(model)
    draws = vi_lab.metropolis_hastings(model, rng=0, chains=4, draws=4000, warmup=1000)
    z = draws.values["z"]
    assert z.shape == (4, 4000, 5, 2)
    assert np.max(draws.rhat()["z"]) < 1.02
    assert (np.abs(draws.acceptance_rate - 0.35) < 0.15).all()
    for chain in z:  # errors of two chains cancel in their mean
        ess = np.array([[4000 / 30] * 2] * 5)
        score = (chain.mean(0) - truth.mean("z")) / truth.sd("z") * np.sqrt(ess)
        assert np.abs(score).max() < normal_limit(score.size)
    assert_allclose(z.std((0, 1)), truth.sd("z"), rtol=0.1)
    moved = np.diff(z, axis=1).any(-1)  # one row moves while another stays
    assert (moved.any(-1) & ~moved.all(-1)).mean() > 0.5


def test_the_log_density_is_scipys():
    for d in (1, 2):
        model = bent(d)
        z = model.sample_latents(np.random.default_rng(1), (3, 2))["z"]
        found = model.log_density(z)
        expected = sum(oracle_log_joint(model.fit, x, z[:, :, i]) for i, x in enumerate(model.x))
        assert found.shape == (3, 2)
        assert_allclose(found, expected, rtol=1e-12)
        assert_allclose(model.log_density(z[0, 0]), expected[0, 0], rtol=1e-12)


def test_the_amortised_q_is_the_encoders():
    model = bent(2, seed=1)
    q, book = vi_lab.amortised(model), model.fit.ledger(model.x)
    mean, logvar = model.fit.encode(model.x)
    assert_allclose(q.mean("z"), mean)
    assert_allclose(q.sd("z"), np.exp(0.5 * logvar))
    assert_allclose(q.elbo_rows.value, book.elbo, atol=1e-7)
    gaps = model.fit.gaps(model.x)
    best = QS["mean-field"](model).elbo_rows.value
    assert_allclose(best - q.elbo_rows.value, gaps.amortisation, atol=1e-3)


# Planted mistakes


# One of each module in every run.
MISTAKES = [
    (
        layers,
        "bernoulli_log_likelihood",
        lambda f: lambda x, o: (f(x, o)[0] + 1e-6, f(x, o)[1]),
    ),
    (gaussian_rows, "correlate", lambda f: lambda eps, lower: f(eps, -lower)),
    (decoder, "total_softplus", lambda f: lambda a: f(a) + 1e-5),
    (layers, "kl_standard_normal", lambda f: lambda m, v: (f(m, v)[0] - 1e-6, f(m, v)[1])),
    (gaussian_rows, "correlate", lambda f: lambda eps, lower: eps),
    (
        gaussian_rows,
        "kl_standard_normal",
        lambda f: lambda m, v, u: f(m, v, np.zeros_like(u)),  # forgets the correlation
    ),
]


@pytest.mark.parametrize(("module", "name", "wrong"), mostly_slow(MISTAKES, 3, rows=True))
def test_a_planted_mistake_breaks_the_ledger(monkeypatch, module, name, wrong):
    """The truth shares no line with the layers: a slip in either parts the routes."""
    monkeypatch.setattr(module, name, wrong(getattr(module, name)))
    model = bent(2)
    encoders = model.fit.ledger(model.x)  # whose q is not correlated
    assert encoders.holds is (module is gaussian_rows)
    assert model.ledger(QS["by hand"](model)).holds is False
    assert vi_lab.ledger(model, QS["by hand"](model)).holds is False


# Doors


def test_methods_that_do_not_apply_say_why():
    model = bent(2)
    for call, words in ((vi_lab.gibbs, "Gibbs does not apply, because it draws"),
                        (vi_lab.cavi, "CAVI does not apply, because it writes")):  # fmt: skip
        with pytest.raises(NotApplicable, match=words):
            call(model)
    for call, words in ((vi_lab.gaussian_q, "this model has none"),
                        (vi_lab.amortised, "no encoder was trained")):  # fmt: skip
        with pytest.raises(NotApplicable, match=words):
            call(vi_lab.problem("newcomb"))


@table(
    ("call", "error", "message"),
    [
        (lambda m: DecoderModel(m.fit, m.x[:, :5]), InputError, "x: needs 6 columns"),
        (lambda m: DecoderModel(m.fit, 0.5 * m.x + 0.2), InputError, "binarise first"),
        (lambda m: DecoderModel(m.fit, np.empty((0, 6))), InputError, "x: "),
        (lambda m: DecoderModel(make_up(3, **KINDS[0])[0], m.x), InputError, "one or two latents"),
        (lambda m: GaussianRows.of(m, [0.0], np.eye(2)), InputError,
         r"mean, cov: need shapes \(5, 2\) and \(5, 2, 2\), got \(1,\) and \(2, 2\)"),
        (lambda m: GaussianRows.of(m, [0, 0], [[1, 2], [2, 1]]), InputError, "positive definite"),
        (lambda m: m.ledger(vi_lab.amortised(OTHER)), InputTypeError, "of this model"),
        (lambda m: vi_lab.ledger(m, vi_lab.amortised(OTHER)), InputError, "another model"),
        (lambda m: vi_lab.kl(vi_lab.amortised(OTHER), vi_lab.exact(m)), InputError, "own model"),
        (lambda m: vi_lab.exact(m).posterior.kl_from({}), InputTypeError, "needs GaussianRows"),
        (lambda m: vi_lab.gaussian_q(m, restarts=0), InputError, "of at least 1, got 0"),
    ],
)  # fmt: skip
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(bent(2))


def test_results_come_back_from_disk(tmp_path):
    model = bent(2)
    for name, make in QS.items():
        q = make(model)
        q.save(tmp_path / name, seed=0)
        again = vi_lab.load(tmp_path / name, model)
        assert (again.location == q.location).all() and (again.root == q.root).all()
        assert repr(again) == repr(q) and again.cost == q.cost
    with pytest.raises(vi_lab.ResultFileError, match="other data"):
        vi_lab.load(tmp_path / "full-rank", DecoderModel(model.fit, model.x[::-1]))
    with pytest.raises(vi_lab.ResultFileError, match="hand in model="):
        vi_lab.load(tmp_path / "full-rank")
    model.fit.save(tmp_path / "vae")
    for path in ("vae", "vae.json", "vae.npz"):
        fit = vi_lab.load(tmp_path / path)
        assert isinstance(fit, Amortised) and fit.vae == model.fit.vae
    truth = vi_lab.exact(model)
    truth.save(tmp_path / "truth")
    assert vi_lab.load(tmp_path / "truth", model).log_evidence == truth.log_evidence


def test_the_cost_of_the_best_gaussians_is_that_of_a_datum(monkeypatch):
    model = bent(2)
    honest = fit_gaussians.best_gaussians
    monkeypatch.setattr(
        fit_gaussians, "best_gaussians", lambda *a: honest(*a)._replace(evaluations=14 * model.n)
    )
    assert vi_lab.gaussian_q(model).cost.density_evaluations == 14


def test_the_seconds_of_an_encoder_are_counted():
    before = time.perf_counter()
    q = vi_lab.amortised(bent(2))
    assert 0 < q.seconds <= time.perf_counter() - before


def test_looks():
    before = time.perf_counter()
    q = vi_lab.gaussian_q(bent(2))
    waited = time.perf_counter() - before
    assert repr(q).startswith(f"<Gaussian full-rank, ELBO {q.elbo:.10g}: z[0,0] ")
    assert q.cost.density_evaluations > 100 and 0 < q.seconds <= waited
    with pytest.raises(ValueError, match="read-only"):
        q.location[0] = 0
    draws = q.sample(50_000, rng=0)["z"]
    assert_averages(draws, q.mean("z"), "means of draws")
    assert_averages((draws - q.mean("z")) ** 2, q.sd("z") ** 2, "variances of draws")
    cross = (draws - q.mean("z")).prod(-1)
    assert_averages(cross, (q.root @ q.root.mT)[:, 0, 1], "covariances of draws")


def test_what_rows_may_be_off_adds_up():
    """The bound of independent rows is the sum of theirs, and so is its numerical error."""
    model = bent()
    q = {"mean": np.linspace(-1, 1, model.dimension), "cov": 0.3 + 0.7 * np.eye(model.dimension)}
    whole = elbo_estimate(GaussianRows.of(model, **q), model)
    apart = [DecoderModel(model.fit, row[None]) for row in model.x]
    rows = [elbo_estimate(GaussianRows.of(one, **q), one) for one in apart]
    assert_allclose(whole.value, sum(row.value for row in rows))
    assert whole.error == pytest.approx(sum(row.error for row in rows), rel=0.1)
