"""The objectives: against loops in plain Python, complex steps, and one another."""

import itertools
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special

from tests.contract.tolerances import assert_averages
from tests.vae.derivatives import check_params_gradient
from tests.vae.oracles import every_term, random_inputs, small_vae
from vi_lab.vae import objective

KINDS = [
    dict(likelihood="bernoulli", activation="tanh"),
    dict(likelihood="bernoulli", activation="softplus", hidden=(5, 4)),
    dict(likelihood="bernoulli", activation="relu", hidden=(4,)),
    dict(likelihood="gaussian", activation="tanh", hidden=(4, 5)),
    dict(likelihood="gaussian", activation="softplus", log_sd=-0.7),
    dict(likelihood="gaussian", hidden=()),
    dict(likelihood="bernoulli", hidden=()),
]


@pytest.fixture(params=KINDS, ids=lambda kind: "-".join(map(str, kind.values())))
def kind(request):
    return request.param


def check_against_loops(vae):
    """ELBO, reconstruction and KL, and the two Monte Carlo bounds, to 1e-12."""
    params, x, eps = random_inputs(vae, np.random.default_rng(1))
    log_likelihood, log_ratio, kl = every_term(vae, params, x, eps)
    found = vae.elbo(params, x, eps)
    assert_allclose(found.reconstruction, log_likelihood.mean(0), rtol=1e-12)
    assert_allclose(found.kl, kl, rtol=1e-12)
    assert_allclose(found.elbo, log_likelihood.mean(0) - kl, rtol=1e-12, atol=1e-12)
    sampled = objective.sampled_elbo(vae.network, params, x, eps)
    assert_allclose(sampled.elbo, (log_likelihood + log_ratio).mean(0), rtol=1e-12, atol=1e-12)
    bound = objective.importance_bound(vae.network, params, x, eps, len(eps)).elbo
    expected = special.logsumexp(log_likelihood + log_ratio, axis=0) - np.log(len(eps))
    assert_allclose(bound, expected, rtol=1e-12, atol=1e-12)


def objectives(network):
    """Every objective with its gradients, both of (params, x, eps), and the weight of its KL."""
    plain = objective.elbo, objective.elbo_and_gradients
    sampled = objective.sampled_elbo, objective.sampled_elbo_and_gradients
    bound = objective.importance_bound, objective.importance_bound_and_gradients
    for (value, with_gradients), beta in itertools.product((plain, sampled), (1.0, 3.0)):

        def weighed(*args, value=value, beta=beta):
            found = value(network, *args)
            return found.elbo if beta == 1 else found.reconstruction - beta * found.kl

        yield weighed, partial(with_gradients, network, beta=beta), beta
    for k in (1, 2, 4):
        yield (
            lambda *args, k=k: bound[0](network, *args, k).elbo,
            partial(bound[1], network, k=k),
            1.0,
        )


def check_gradients_of_objectives(vae):
    """Every objective's gradients are those of its mean over the batch, and it is what is reported
    beside them; with beta that is the ELBO itself."""
    rng = np.random.default_rng(2)
    params, x, eps = random_inputs(vae, rng, draws=4)
    for value, with_gradients, beta in objectives(vae.network):
        reported, gradients = with_gradients(params, x, eps)
        if beta == 1:
            assert_allclose(reported.elbo, value(params, x, eps), rtol=1e-14)
        check_params_gradient(
            lambda p, value=value: value(p, x, eps).mean(),
            gradients,
            params,
            rng,
            analytic=vae.activation != "relu",
        )


def test_the_loops_agree(kind):
    check_against_loops(small_vae(**kind))


def test_the_gradients_are_those_of_the_objective(kind):
    check_gradients_of_objectives(small_vae(**kind))


def test_the_vae_has_the_gradients_of_its_settings():
    rng = np.random.default_rng(4)
    for settings in ({}, {"beta": 2.5}, {"n_importance": 2}):
        vae = small_vae("gaussian", **settings)
        params, x, eps = random_inputs(vae, rng, draws=4)
        reported, gradients = vae.elbo_and_gradients(params, x, eps)
        assert_allclose(reported, vae.elbo(params, x, eps), rtol=1e-14)

        def trained(p, vae=vae, x=x, eps=eps):
            value = vae.elbo(p, x, eps)
            if vae.beta != 1:
                return (value.reconstruction - vae.beta * value.kl).mean()
            return value.elbo.mean()

        check_params_gradient(trained, gradients, params, rng)


def test_beta_changes_the_gradients_and_not_the_elbo():
    rng = np.random.default_rng(5)
    params, x, eps = random_inputs(small_vae(), rng)
    one, gradients_of_one = small_vae().elbo_and_gradients(params, x, eps)
    four, gradients_of_four = small_vae(beta=4.0).elbo_and_gradients(params, x, eps)
    assert_allclose(one, four, rtol=0)
    assert_allclose(one.elbo, one.reconstruction - one.kl)
    name = "encoder.mean.weight"
    assert not np.allclose(gradients_of_one[name], gradients_of_four[name])
    for name in ("decoder.out.weight", "decoder.0.bias"):
        assert_allclose(gradients_of_one[name], gradients_of_four[name], rtol=0)


def check_sampled_kl(vae):
    """Averaged over many draws, the KL by Monte Carlo is the KL in closed form."""
    rng = np.random.default_rng(6)
    params, x, _ = random_inputs(vae, rng, batch=3)
    rows = np.tile(x, (5_000, 1))  # every draw a row of its own
    eps = rng.standard_normal((1, len(rows), vae.n_latent))
    closed = objective.elbo(vae.network, params, rows, eps)
    sampled = objective.sampled_elbo(vae.network, params, rows, eps)
    assert_allclose(sampled.reconstruction, closed.reconstruction)
    assert_averages((sampled.kl - closed.kl).reshape(-1, 3), 0.0, "sampled KL less closed form")


def test_the_sampled_elbo_is_unbiased():
    check_sampled_kl(small_vae("gaussian"))
    check_sampled_kl(small_vae("bernoulli"))


def test_the_importance_bound_of_one_draw_is_the_sampled_elbo(kind):
    vae = small_vae(**kind)
    params, x, eps = random_inputs(vae, np.random.default_rng(7), draws=1)
    one, of_one = objective.importance_bound_and_gradients(vae.network, params, x, eps, 1)
    sampled, of_sampled = objective.sampled_elbo_and_gradients(vae.network, params, x, eps)
    assert_allclose(one.elbo, sampled.elbo, rtol=1e-13)
    for name in params:
        assert_allclose(of_one[name], of_sampled[name], rtol=1e-11, atol=1e-14, err_msg=name)


def test_groups_of_draws_are_bounds_of_their_own():
    vae = small_vae(n_importance=3)
    params, x, eps = random_inputs(vae, np.random.default_rng(9), draws=6)
    both = vae.elbo(params, x, eps).elbo
    halves = [vae.elbo(params, x, half).elbo for half in (eps[:3], eps[3:])]
    assert_allclose(both, np.mean(halves, axis=0), rtol=1e-13)


def test_the_score_function_estimates_the_same_gradients_with_more_noise():
    vae = small_vae()
    rng = np.random.default_rng(10)
    params, x, _ = random_inputs(vae, rng, batch=2)
    names = [n for n in params if n.startswith("encoder")]
    baseline = vae.elbo(params, x, rng.standard_normal((100, 2, 2))).reconstruction

    def draws(estimator, count=600, **settings):
        rng = np.random.default_rng(11)
        rows = []
        for _ in range(count):
            _, gradients = estimator(params, x, rng.standard_normal((1, 2, 2)), **settings)
            rows.append(np.concatenate([gradients[n].ravel() for n in names]))
        return np.array(rows)

    pathwise = draws(vae.elbo_and_gradients)
    score = draws(vae.score_function_gradients)
    with_baseline = draws(vae.score_function_gradients, baseline=baseline)
    assert list(vae.score_function_gradients(params, x, np.zeros((1, 2, 2)))[1]) == names
    assert_averages(score - pathwise, 0.0, "score function less reparameterised")
    assert_averages(with_baseline - pathwise, 0.0, "with a baseline")
    noise = [d.var(0).sum() for d in (pathwise, with_baseline, score)]
    assert noise[0] < 0.5 * noise[1] < 0.25 * noise[2]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_stay_in_the_vaes_type(dtype):
    for likelihood in ("bernoulli", "gaussian"):
        for settings in ({}, {"n_importance": 3}, {"beta": 2.0}):
            vae = small_vae(likelihood, dtype=dtype, **settings)
            params, x, eps = random_inputs(vae, np.random.default_rng(12))
            value, gradients = vae.elbo_and_gradients(params, x, eps)
            assert {v.dtype for v in value} | {g.dtype for g in gradients.values()} == {
                np.dtype(dtype)
            }
            exact = small_vae(likelihood, **settings).elbo(params, x, eps)
            assert_allclose(value, exact, rtol=1e-4 if dtype == "float32" else 1e-13)


def test_draws_that_come_twice_change_no_gradient():
    """Every estimate is a mean over draws."""
    vae = small_vae()
    params, x, eps = random_inputs(vae, np.random.default_rng(12), batch=2)
    for estimator in (vae.elbo_and_gradients, vae.score_function_gradients):
        once, twice = (estimator(params, x, np.tile(eps, (n, 1, 1)))[1] for n in (1, 2))
        for name, gradient in once.items():
            assert_allclose(twice[name], gradient, rtol=1e-10, atol=1e-12)
