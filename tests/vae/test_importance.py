"""log p(x) beyond two latents: against the closed form of a linear decoder, and told where it
cannot be relied on."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from tests.contract.tolerances import assert_averages
from tests.thinning import mostly_slow
from tests.vae.test_evidence import KINDS, NO_TRACE, make_up
from tests.vae.test_linear_vae import best_linear
from vi_lab import VAE, Amortised, ConvergenceWarning, NotApplicable, NumericalError
from vi_lab.results import diagnostics
from vi_lab.vae.evidence import importance, per_datum_ledger, reference_decoder, sampling
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.rows import Rows
from vi_lab.vae.runs.evaluation import evaluate


def linear(log_sd, best_encoder, n=4):
    """A linear Gaussian VAE with three latents, some data, and log p(x) by the marginal of x."""
    rng = np.random.default_rng(3)
    W, bias, noise = 0.6 * rng.standard_normal((4, 3)), 0.6 * rng.standard_normal(4), 2 * log_sd
    fit = best_linear(W, bias, np.exp(noise))
    if not best_encoder:
        encoder = {k: v for k, v in fit.params.items() if k.startswith("encoder")}
        wild = {k: 0.6 * rng.standard_normal(v.shape) for k, v in encoder.items()}
        fit = Amortised(fit.vae, {**fit.params, **wild}, NO_TRACE)
    x = fit.generate(n, rng=1)
    return fit, x, stats.multivariate_normal(bias, W @ W.T + np.exp(noise) * np.eye(4)).logpdf(x)


@pytest.mark.parametrize("best_encoder", [True, False])
@pytest.mark.parametrize("log_sd", [-0.5, -5.0, -8.0])
def test_the_error_covers_a_linear_decoder(log_sd, best_encoder):
    fit, x, truth = linear(log_sd, best_encoder)
    found = fit.log_evidence(x, rng=0)
    assert (np.abs(found.value - truth) <= 5 * found.error).all()
    assert (found.error < 0.02).all() and not found.only_a_bound.any()
    assert (found.khat < 0.5).all()


@pytest.mark.parametrize("kind", mostly_slow(KINDS, 2))
def test_bent_decoders_agree_with_quadrature(kind):
    """Of two latents, where quadrature knows."""
    fit, x = make_up(2, seed=4, scale=1.5, **kind)
    truth = fit.log_evidence(x).value
    rows = Rows(fit.vae.network, {k: np.float64(v) for k, v in fit.params.items()}, x)
    found = importance.sample_log_evidence(rows, 5000, np.random.default_rng(0))
    assert (np.abs(found.value - truth) <= 5 * found.error).all()
    assert found.only_a_bound.sum() <= 1 and (found.error[~found.only_a_bound] < 0.1).all()


def test_a_poor_proposal_is_told(monkeypatch):
    """Without the climb to the modes all that is left is an encoder that knows nothing."""
    fit, x, truth = linear(-5.0, best_encoder=False)
    monkeypatch.setattr(importance, "laplace", lambda decoder, x, start: importance.Proposal(
        start, np.broadcast_to(np.eye(3), (len(x), 3, 3)), np.inf))  # fmt: skip
    with pytest.warns(ConvergenceWarning, match="4 of 4 data is a lower bound"):
        found = fit.log_evidence(x, rng=0)
    assert found.only_a_bound.all() and np.isinf(found.error).all() and (found.khat > 0.7).all()
    assert (found.value < truth - 1.0).all() and "only a lower bound for 4 of 4" in found.route
    with pytest.warns(ConvergenceWarning):
        gaps = fit.gaps(x, draws=10, rng=0)
    assert np.isinf(gaps.error).all()
    with pytest.warns(ConvergenceWarning):
        mean = evaluate(fit, x, n=4, k=5, draws=2, rng=0).log_evidence
    assert mean.error is None and "only a lower bound" in mean.route


def test_few_draws_cannot_vouch_for_themselves():
    fit, x, _ = linear(-0.5, best_encoder=True)
    with pytest.warns(ConvergenceWarning):
        assert np.isnan(fit.log_evidence(x, k=10, rng=0).khat).all()


def test_gaps_beyond_two_latents_are_by_subtraction():
    fit, x, _ = linear(-0.5, best_encoder=True)
    gaps = fit.gaps(x, draws=20, rng=0)
    assert gaps.residual is None and "approximation gap by subtraction" in gaps.route
    assert gaps.khat.shape == (4,) and fit.log_evidence(x).khat.shape == (4,)
    assert_allclose(gaps.elbo + gaps.approximation + gaps.amortisation, gaps.log_evidence)
    assert (gaps.amortisation > -5 * gaps.error).all()
    assert (gaps.approximation > -5 * gaps.error).all()
    with pytest.raises(NotApplicable, match="3"):
        fit.ledger(x)
    small, y = make_up(2, **KINDS[0])
    assert small.log_evidence(y).khat is None and not small.log_evidence(y).only_a_bound.any()


def test_the_error_has_the_shortfall_in_it():
    """Log-normal weights, whose mean is known: on average short of log E[w] = s^2 / 2."""
    rng = np.random.default_rng(0)
    log_w = 1.2 * rng.standard_normal((4000, 200))
    value, error = importance.log_mean_weight(log_w)
    variance = (np.exp(1.44) - 1.0) / 200
    short = 0.72 - value.mean()
    assert short == pytest.approx(0.5 * variance, rel=0.25)
    assert error.mean() == pytest.approx(np.sqrt(variance) + 0.5 * variance, rel=0.15)


def test_the_error_of_three_weights():
    """1, 2 and 4: mean 7/3, variance 7/3 about it, so that s^2 = (7/3) / (3 (7/3)^2) = 1/7."""
    value, error = importance.log_mean_weight(np.log([[1.0, 2.0, 4.0], [400.0, 100.0, 200.0]]))
    assert_allclose(value, np.log([7 / 3, 700 / 3]), rtol=1e-12)
    assert_allclose(error, np.sqrt(1 / 7) + 0.5 / 7, rtol=1e-12)


@pytest.mark.parametrize("freedom", [4.0, 13.0, np.inf])
def test_proposals_draw_what_their_density_says(freedom):
    root = np.array([[[1.5, 0.0], [-0.4, 0.7]]])
    proposal = importance.Proposal(np.array([[0.5, -1.0]]), root, freedom)
    cov = root[0] @ root[0].T
    t = stats.multivariate_t([0.5, -1.0], cov, freedom)
    z = proposal.sample(np.random.default_rng(0), 50_000)
    assert_allclose(proposal.log_density(z[:, :50])[0], t.logpdf(z[0, :50]), rtol=1e-10)
    inside = ((np.linalg.solve(root[0], (z[0] - [0.5, -1.0]).T) ** 2).sum(0) < 2.0).astype(float)
    share = stats.f(2, freedom).cdf(1.0) if np.isfinite(freedom) else stats.chi2(2).cdf(2.0)
    assert_averages(inside, share, "share of draws within the ellipse")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ["tanh", "softplus"])
def test_the_jacobian_and_gradient_by_central_differences(kind, activation):
    fit, x = make_up(3, seed=2, **{**kind, "activation": activation})
    decoder = Decoder(fit.vae.network, {k: np.float64(v) for k, v in fit.params.items()})
    z, h = np.random.default_rng(0).standard_normal((len(x), 3)), 1e-5
    out, jacobian = decoder.linearise(z)
    assert_allclose(out, decoder.out(z), rtol=1e-12)
    gradient, precision = decoder.gauss_newton(x, z)
    for j, move in enumerate(h * np.eye(3)):
        slope = (decoder.out(z + move) - decoder.out(z - move)) / (2 * h)
        assert_allclose(jacobian[:, :, j], slope, rtol=1e-6, atol=1e-8)
        ends = [decoder.log_joint(x, (z + s * move)[:, None])[:, 0] for s in (1, -1)]
        assert_allclose(gradient[:, j], (ends[0] - ends[1]) / (2 * h), rtol=1e-5, atol=1e-6)
    assert (np.linalg.eigvalsh(precision) >= 1.0 - 1e-9).all()


def test_the_precision_of_a_linear_decoder_is_the_posteriors():
    fit, x, _ = linear(-0.5, best_encoder=True)
    decoder = Decoder(fit.vae.network, dict(fit.params))
    found = importance.laplace(decoder, x, np.full((4, 3), 5.0))
    mean, _ = fit.encode(x)  # the best q has the posterior's means
    assert_allclose(found.location, mean, atol=1e-7)
    W = fit.params["decoder.out.weight"]
    assert_allclose(
        np.linalg.inv(found.root[0] @ found.root[0].T), np.eye(3) + W.T @ W * np.e, rtol=1e-9
    )


@pytest.mark.parametrize("k", [0.3, 0.9, 1.5])
def test_khat_finds_the_tail_of_a_pareto(k):
    u = np.random.default_rng(0).random((20, 20_000))
    found = diagnostics.khat(-k * np.log(u))  # w = u^-k has tail index 1 / k
    assert_allclose(found, k, atol=0.4)
    assert abs(found.mean() - k) < 0.05


def test_khat_at_its_edges():
    assert diagnostics.khat(np.zeros(100)) == -np.inf
    assert diagnostics.khat(-200.0 * np.arange(100.0)) == np.inf  # one weight, and noughts
    assert np.isnan(diagnostics.khat(np.arange(24.0)))
    assert np.isnan(diagnostics.khat(np.full(100, -np.inf)))
    assert diagnostics.khat(np.random.default_rng(0).random((2, 3, 100))).shape == (2, 3)
    assert diagnostics.khat_limit(5000) == 0.7 and diagnostics.khat_limit(100) == 0.5


def test_a_bimodal_posterior_is_covered():
    """x = (z_1^2, ...) + noise has modes on both sides; each start finds but one of them. Here by
    a softplus of both signs, against scipy's integral over the one latent that matters."""
    vae = VAE(2, 3, (2,), likelihood="gaussian", activation="softplus", log_sd=-0.7,
              dtype="float64")  # fmt: skip
    params = {name: np.zeros(value.shape) for name, value in vae.init(rng=0).items()}
    params["decoder.0.weight"][:, 0] = [2.0, -2.0]
    params["decoder.out.weight"][:] = [[1.0, 1.0], [0.5, 0.5]]
    params["encoder.mean.bias"][:] = [0.8, 0.0, 0.0]
    fit, x = Amortised(vae, params, NO_TRACE), np.array([[4.0, 2.0]])

    def density(z):
        out = np.logaddexp(0, 2 * z) + np.logaddexp(0, -2 * z)
        return np.exp(
            stats.norm(out * np.array([1.0, 0.5]), np.exp(-0.7)).logpdf(x[0]).sum()
        ) * stats.norm.pdf(z)

    truth = np.log(integrate.quad(density, -8, 8, points=[-2, 0, 2], epsabs=1e-13)[0])
    found = fit.log_evidence(x, k=20_000, rng=0)
    assert abs(found.value[0] - truth) <= 5 * found.error[0] < 0.5


def test_data_that_k_hat_speaks_against_are_drawn_anew_and_counted(monkeypatch):
    """Of four data two: one is right then, the other is a lower bound and no more."""
    asked = []

    def sample(data, k, rng):
        asked.append((len(data), k))
        khat = [0.1, 0.9, 0.8, 0.2] if len(asked) == 1 else [0.3, 0.75]
        return np.full(len(data), -float(k)), np.full(len(data), 0.1), np.array(khat)

    monkeypatch.setattr(importance, "_sample", sample)
    found = importance.sample_log_evidence(np.zeros(4), 5000, np.random.default_rng(0))
    assert asked == [(4, 5000), (2, 100_000)]
    assert found.value.tolist() == [-5000.0, -100_000.0, -100_000.0, -5000.0]
    assert found.error.tolist() == [0.1, 0.1, np.inf, 0.1]
    assert found.only_a_bound.tolist() == [False, False, True, False]
    assert found.route == (
        "importance sampling, 5000 draws of the encoder's q and of two t's at modes; 100,000 for 2 "
        "of 4 data; only a lower bound for 1 of 4 data (k-hat)"
    )


def test_draws_enough_for_a_verdict(monkeypatch):
    """What few draws speak against is drawn anew: then right, and called so."""
    fit, x, truth = linear(-0.5, best_encoder=True)
    rows = Rows(fit.vae.network, {k: np.float64(v) for k, v in fit.params.items()}, x)
    honest, asked = diagnostics.khat, []

    def overstated(log_w):
        asked.append(log_w.shape)
        return honest(log_w) + (2.0 if log_w.shape[-1] < importance.VERDICT else 0.0)

    monkeypatch.setattr(diagnostics, "khat", overstated)
    found = importance.sample_log_evidence(rows, 3000, np.random.default_rng(0))
    assert asked[0] == (4, 3000) and sum(n for n, k in asked if k == 100_000) == 4
    assert not found.only_a_bound.any() and "; 100,000 for 4 of 4 data" in found.route
    assert (np.abs(found.value - truth) <= 5 * found.error).all() and (found.error < 0.005).all()
    few = importance.sample_log_evidence(rows, 1000, np.random.default_rng(0))
    assert few.only_a_bound.all()  # of few draws asked for no more are made


@pytest.mark.parametrize("above", [False, True])
def test_a_sampled_bound_above_the_evidence_raises(monkeypatch, above):
    """Beyond five standard errors; where the evidence is a lower bound alone it cannot be told."""
    honest = per_datum_ledger.log_evidence

    def lower(*arguments):
        found = honest(*arguments)
        error = found.error if above else np.full(len(found.error), np.inf)
        return found._replace(value=found.value - 50.0, error=error)

    monkeypatch.setattr(per_datum_ledger, "log_evidence", lower)
    fit, x, _ = linear(-0.5, best_encoder=True)
    if above:
        with pytest.raises(NumericalError, match=r"a mistake: the approximation gap.*below 0"):
            fit.gaps(x, draws=20, rng=0)
    else:
        with pytest.warns(ConvergenceWarning):
            gaps = fit.gaps(x, draws=20, rng=0)
        assert (gaps.approximation < 0).all()


def test_no_sampled_q_is_better_than_the_best(monkeypatch):
    """A climb that ends below where it began is not kept."""
    honest = sampling.climb

    def lost(rows, q, *arguments):
        found = honest(rows, q, *arguments)
        return found._replace(q=found.q + 3.0)

    monkeypatch.setattr(sampling, "climb", lost)
    fit, x, _ = linear(-0.5, best_encoder=True)
    assert (fit.gaps(x, draws=20, rng=0).amortisation == 0.0).all()


def test_the_error_of_sampled_gaps_is_that_of_their_three_parts(monkeypatch):
    """Independent errors of 12, 4 and 3: together 13."""
    parts = iter([(np.array([-9.0]), np.array([4.0])), (np.array([-7.0]), np.array([3.0]))])
    monkeypatch.setattr(sampling, "_average_elbo", lambda *arguments: next(parts))
    fit, x, _ = linear(-0.5, best_encoder=True)
    evidence = importance.LogEvidence(np.array([-4.0]), np.array([12.0]), "drawn", None, None)
    rows = Rows(fit.vae.network, fit.params, x[:1])
    gaps = sampling.sample_gaps(rows, 5, np.random.default_rng(0), evidence)
    assert (gaps.error, gaps.approximation, gaps.amortisation) == (13.0, 3.0, 2.0)


def test_what_is_computed_in_small_parts_is_the_same(monkeypatch):
    fit, x, _ = linear(-0.5, best_encoder=True)

    def numbers():
        found = fit.log_evidence(x, k=40, rng=0)
        bound = fit.importance_bound(x, k=1, rng=0)
        return np.concatenate([found.value, found.error, found.khat, bound])

    whole = numbers()
    monkeypatch.setattr(reference_decoder, "ELEMENTS", 3)
    assert_allclose(numbers(), whole, rtol=1e-9)
