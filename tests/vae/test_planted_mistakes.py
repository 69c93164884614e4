"""The mistakes everyone makes once, planted: the same checks that pass elsewhere catch each."""

import numpy as np
import pytest

from tests.thinning import mostly_slow
from tests.vae import test_layers, test_objective
from tests.vae.oracles import small_vae
from vi_lab.vae import layers, objective

HONEST = {name: getattr(layers, name) for name in dir(layers)}


def mean_over_pixels(x, logits):
    value, cache = HONEST["bernoulli_log_likelihood"](x, logits)
    return value / x.shape[-1], (cache, x.shape[-1])


def wrong_sign(mean, logvar):
    value, cache = HONEST["kl_standard_normal"](mean, logvar)
    return -value, cache


def transposed(dy, cache):
    dx, weight, bias = HONEST["linear_backward"](dy, cache)
    return dx, weight.T if weight.shape[0] == weight.shape[1] else weight, bias


def no_half_backward(dz, noise):
    return dz.sum(0), (dz * noise).sum(0)


MISTAKES = {
    # the encoder's second head is taken for a standard deviation
    "standard deviation for log variance": {
        "reparameterise": lambda mean, logvar, eps: (mean + logvar * eps, eps),
        "reparameterise_backward": no_half_backward,
    },
    # the square root is forgotten, in the sample and in its gradient alike
    "no half in the sample": {
        "reparameterise": lambda mean, v, eps: (mean + np.exp(v) * eps, np.exp(v) * eps),
        "reparameterise_backward": no_half_backward,
    },
    "no half in its gradient": {"reparameterise_backward": no_half_backward},
    "mean over pixels": {
        "bernoulli_log_likelihood": mean_over_pixels,
        "bernoulli_log_likelihood_backward": lambda dy, cache: HONEST[
            "bernoulli_log_likelihood_backward"
        ](dy / cache[1], cache[0]),
    },
    "wrong sign of the KL": {
        "kl_standard_normal": wrong_sign,
        "kl_standard_normal_backward": lambda dy, cache: HONEST["kl_standard_normal_backward"](
            -dy, cache
        ),
    },
    "transposed weight gradient": {"linear_backward": transposed},
}

CHECKS = {
    "loops": test_objective.check_against_loops,
    "gradients": test_objective.check_gradients_of_objectives,
    "sampled KL": test_objective.check_sampled_kl,
    "KL by quadrature": lambda vae: test_layers.check_kl_against_integrals(),
    "KL by draws": lambda vae: test_layers.check_kl_against_draws(),
    "moments of z": lambda vae: test_layers.check_sample_moments(),
}
# the first of each in every run; that it passes where nothing is wrong is what its own test shows
CAUGHT_BY = {
    "standard deviation for log variance": ("moments of z", "loops", "sampled KL", "KL by draws"),
    "no half in the sample": ("loops", "sampled KL", "KL by draws", "moments of z"),
    "no half in its gradient": ("gradients",),
    "mean over pixels": ("loops",),
    "wrong sign of the KL": ("KL by quadrature", "loops", "sampled KL", "KL by draws"),
    "transposed weight gradient": ("gradients",),
}


def caught(checks=CHECKS):
    """Those of the checks that fail, on a VAE whose hidden layers are square."""
    vae = small_vae(hidden=(6, 6))
    names = set()
    for name in checks:
        try:
            CHECKS[name](vae)
        except AssertionError:
            names.add(name)
    return names


@pytest.mark.slow
def test_nothing_is_caught_where_nothing_is_wrong():
    assert caught() == set()


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("every", mostly_slow([False, True]))
def test_a_planted_mistake_is_caught(mistake, every, monkeypatch):
    for name, wrong in MISTAKES[mistake].items():
        monkeypatch.setattr(layers, name, wrong)
    by = CAUGHT_BY[mistake]
    assert caught(CHECKS if every else by[:1]) == {*(by if every else by[:1])}


def test_importance_weights_that_are_not_shares_are_caught(monkeypatch):
    """Burda et al. 2016, eq. 14 with all weights equal: right for k = 1 alone."""
    honest = objective._log_mean_weights

    def equal(terms, k):
        bound, shares = honest(terms, k)
        return bound, np.full_like(shares, 1 / k)

    monkeypatch.setattr(objective, "_log_mean_weights", equal)
    with pytest.raises(AssertionError):
        test_objective.check_gradients_of_objectives(small_vae())
