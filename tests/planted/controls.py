"""Negative controls: mistakes patched into the real code, one at a time, for the battery to catch.

A patch is (owner, name of the attribute, what it is replaced with); the right attribute is kept in
`changed`, where the mistake needs it.
"""

import copy
from dataclasses import replace
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

import vi_lab.inference.engine.target
import vi_lab.model
import vi_lab.models.gaussian_mixture
import vi_lab.models.normal_gamma
import vi_lab.models.normal_mixture
from tests.planted import families, gradients, samplers
from vi_lab import (
    PPCA,
    ChangePoint,
    CorrelatedGaussian,
    GaussianMixture,
    Normal,
    NormalGamma,
    NormalMixture,
    elbo,
)
from vi_lab.families import CategoricalStats, Gamma, GammaStats, NormalStats
from vi_lab.inference.engine.ascent import Mode
from vi_lab.inference.engine.random_walk import RandomWalk
from vi_lab.inference.engine.target import RealTarget
from vi_lab.models.linear_gaussian import LinearGaussian
from vi_lab.models.posteriors.linear_gaussian import RowPosterior
from vi_lab.models.posteriors.mixture import MixturePosterior
from vi_lab.models.posteriors.normal_gamma import NormalGammaPosterior
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.normal_mixture import NormalMixture as NormalMixtureDensity
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Factorised
from vi_lab.testing import gradient
from vi_lab.vae import layers

# modules that share their name with the function they are for
NORMAL_GAMMA_MODULE = vi_lab.models.normal_gamma
GIBBS_MODULE = import_module("vi_lab.inference.gibbs")
HMC_MODULE = import_module("vi_lab.inference.hmc")
GAUSSIAN_VI_MODULE = import_module("vi_lab.inference.gaussian_vi")
BLOCK_TARGET_MODULE = import_module("vi_lab.inference.engine.block_target")
BATTERY_MODULE = import_module("vi_lab.testing.standard_battery")
STEPS_MODULE = import_module("vi_lab.testing.of_models")
FROZEN_STEPS_MODULE = import_module("vi_lab.testing.frozen_steps")

# some mistakes of HMC are small: more and coarser runs show them
MORE_RUNS = [(BATTERY_MODULE, "RUNS", 2**18), (FROZEN_STEPS_MODULE, "COARSE", 3.0)]

X = np.array([[1.2, 0.4, -0.3], [0.1, 1.5, 0.9], [-0.7, 0.2, 1.1]])
LOADINGS = np.array([[1.0, 0.9], [0.3, -0.2], [-0.5, -0.1]])  # two columns far from orthogonal


def normal_gamma():
    return NormalGamma([1.0, 2.0, 0.5], mu0=0.3, kappa0=0.5, a0=3.0, b0=2.0)


def change_point():
    return ChangePoint([1, 2, 2, 6, 7, 5], a=(2.0, 6.0), b=(1.0, 1.0))


def correlated():
    return CorrelatedGaussian([0.3, -0.5], [[1.0, 0.9], [0.9, 1.5]])


def normal_mixture():
    return NormalMixture([-1.4, 0.2, 1.1, 2.0], 0.7, (1.0, -1.0), 0.9, concentration=(2.5, 0.8))


def gaussian_mixture():
    return GaussianMixture([[-1.2], [0.3], [0.9], [2.1]], 2, (2.5, 1.5), [0.2], 0.7, 5.0, [[1.5]])


def rotated():
    return PPCA(X, LOADINGS, 0.2, 0.2)


def many_rows():
    return PPCA(np.tile(X, (8, 1)), LOADINGS, 0.2, 0.2)


def joint_rows():
    return PPCA(X, LOADINGS, 0.2, 0.2, blocks="joint")


def changed(owner, name, wrong):
    """A patch: in place of the attribute, what is wrong, which is handed what is right first."""
    right = getattr(owner, name)

    def mistaken(*arguments, **settings):
        return wrong(right, *arguments, **settings)

    return owner, name, mistaken


# Conditionals


def tau_prior_forgotten(right, self, t):
    eta = right(self, t)
    return eta._replace(value=eta.value + self.b0)


def tau_from_the_prior(self, t):
    about_prior = t["mu"].square - 2.0 * self._m0 * t["mu"].value + self._m0**2
    return GammaStats(self.a0 - 0.5, -self.b0 - 0.5 * self.kappa0 * about_prior)


def mu_from_the_prior(self, t):
    precision = self.kappa0 * t["tau"].value
    return NormalStats(precision * self._m0, -0.5 * precision)


def half_power_lost(right, self, t):
    eta = right(self, t)
    return eta._replace(log=eta.log - 0.5)


def kappa_forgotten(right, self, t):
    eta = right(self, t)
    return eta._replace(square=eta.square + 0.5 * self.kappa0 * t["tau"].value)


def plus_for_minus(right, self, t):
    """sum (x - mu)**2 with the spread of the data taken away instead of added."""
    eta = right(self, t)
    return eta._replace(value=eta.value - 0.5 * self._squares)


def weight_forgotten(right, self, t):
    none = type(t["weights"])(np.zeros_like(t["weights"].log))
    return right(self, {**t, "weights": none})


def counts_for_sums(right, self, t):
    counts, sums, _ = self._totals(t)
    eta = right(self, t)
    return eta._replace(value=eta.value + (counts - sums) / self.sigma**2)


def sd_where_variance(self, t):
    counts, sums, _ = self._totals(t)
    prior, data = 1.0 / self.s0, 1.0 / self.sigma
    return NormalStats(
        prior * (self.m0 - self.centre) + data * sums, -0.5 * (prior + data * counts)
    )


def one_count_too_many(right, self, t):
    eta = right(self, t)
    return type(eta)(eta.log + 1.0)


def scatter_not_centred(right, self, t):
    eta = right(self, t)
    return eta._replace(precision=2.0 * eta.precision - self._eta0[1])


def other_coordinates_ignored(self, i, t):
    linear = np.broadcast_to(self._pull[:, i], t[f"z.{1 - i}"].value.shape)
    return NormalStats(linear, -0.5 * (1.0 + self._gram[i, i]))


def twice_as_sure(right, self, t):
    eta = right(self, t)
    return type(eta)(2.0 * np.asarray(eta[0]), 2.0 * np.asarray(eta[1]))


def off_by_one(name):
    """t < s where t <= s is right, in the log joint and in both conditionals alike."""

    def slipped(right, self, t):
        s = t["s"]
        found = right(self, {**t, "s": type(s)(np.roll(s.indicator, -1, axis=-1))})
        if name == "_s_given_rates":
            return CategoricalStats(np.roll(found.indicator, 1, axis=-1))
        return found

    return changed(ChangePoint, name, slipped)


# The generative side and the log joint


def scale_in_the_prior(right, self, rng, batch=()):
    values = right(self, rng, batch)
    tau = values["tau"] * self.b0**2
    mu = self.mu0 + (values["mu"] - self.mu0) / self.b0
    return {"mu": mu, "tau": tau}


def variance_for_sd_in_data(self, rng, values):
    x = values["mu"] + rng.standard_normal(self.n) / values["tau"]
    return NormalGamma(x, self.mu0, self.kappa0, self.a0, self.b0)


def two_pi_dropped(right, self, t):
    return right(self, t) + 0.5 * self.n * LOG_2PI


def half_power_dropped(right, self, t):
    return right(self, t) - 0.5 * t["tau"].log


def prior_dropped(right, self, t):
    return right(self, t) + self.b0 * t["tau"].value


def square_of_the_mean(right, self, t):
    mu = t["mu"]._replace(square=t["mu"].value ** 2)
    return right(self, {**t, "mu": mu})


# Families


def variance_for_sd(self, rng, eta, shape):
    variance = -0.5 / np.asarray(eta.square)
    d = variance * (rng.standard_normal(shape) + np.asarray(eta.value))
    return d, NormalStats(d, d * d)


# Samplers


def with_noise(noise_of):
    def sweeps(right, model, t, noise, *rest):
        return right(model, t, noise_of(noise), *rest)

    return [changed(module, "sweeps", sweeps) for module in (GIBBS_MODULE, STEPS_MODULE)]


class Shared:
    """Noise of the first chain for all of them; `sign` turns every second chain's normals."""

    def __init__(self, noise, sign=1.0):
        self.noise, self.sign = noise, sign

    def standard_normal(self, shape):
        first = np.repeat(self.noise.standard_normal((1, *shape[1:])), shape[0], axis=0)
        first[1::2] *= self.sign
        return first

    def random(self, shape):
        return np.repeat(self.noise.random((1, *shape[1:])), shape[0], axis=0)

    def standard_gamma(self, a, shape):
        if self.sign < 0:
            return self.noise.standard_gamma(a, shape)
        return np.repeat(self.noise.standard_gamma(a, (1, *shape[1:])), shape[0], axis=0)


def stale_sweeps(right, model, *rest):
    return right(samplers.stale(model), *rest)


STALE = [changed(module, "sweeps", stale_sweeps) for module in (GIBBS_MODULE, STEPS_MODULE)]


def noise_with(change):
    def noise(right, walk, steps, label):
        for begin, jumps, exponentials in right(walk, steps, label):
            yield begin, *change(walk, jumps, exponentials)

    return [changed(RandomWalk, "noise", noise)]


def only_moves_are_kept(right, walk, steps, label):
    """Rejected proposals are not counted: the chain is listed where it moved."""
    start = walk.y.copy()
    path, accepted = right(walk, 8 * steps + 8, label)
    before = np.concatenate([start[None], path[:-1]])
    moved = np.flatnonzero((path[:, 0] != before[:, 0]).any(-1))
    moved = np.concatenate([moved, np.full(steps, len(path) - 1)])[:steps]
    return path[moved], accepted


def step_by_the_state(right, walk, steps, label):
    """Long steps far out, short ones near 0, with no correction for the way back."""
    parts, accepted = [np.empty((0, *walk.y.shape))], np.zeros(walk.chains)
    for _ in range(steps):
        walk.step = 0.05 + 1.5 * walk.y[:, 0] ** 2
        path, moved = right(walk, 1, label)
        parts.append(path)
        accepted += moved
    return np.concatenate(parts), accepted


def drawn_back_from_the_prior(self, name, rows, rng):
    block = self.model.blocks[name]
    eta = CategoricalStats(np.zeros(block.family.size))
    return block.family.sample(rng, eta, (len(rows), *block.plates))


# The truth


def drawn_apart(right, self, rng, n):
    values = right(self, rng, n)
    return {**values, "z": rng.permutation(values["z"])}


def rows_without_correlation(self, rng, n):
    noise = rng.standard_normal((n, *self.location.shape))
    return self.blocks_of(self.location + noise * np.sqrt(np.diag(self.cov)))


def by_subtraction(right, self):
    """KL as log evidence less ELBO."""
    truth = right(self)
    posterior = copy.copy(truth.posterior)

    def kl_from(q):
        bound = elbo(self, Factorised(self, **q))
        return Estimate(truth.log_evidence - bound, 1e-9, "subtraction")

    object.__setattr__(posterior, "kl_from", kl_from)
    return replace(truth, posterior=posterior)


SD_WITHOUT_KAPPA = property(
    lambda self: {
        "mu": np.sqrt(self.rate / (self.shape - 1.0)),
        "tau": np.sqrt(self.shape) / self.rate,
    }
)


# Gradients


POINT = np.array([0.3, -1.2, 0.7, 0.4, -0.6, 1.1])


def kl_gradient():
    return gradient(
        lambda v: layers.kl_standard_normal(v[:3], v[3:])[0],
        lambda v: np.concatenate(_backward("kl_standard_normal", v[:3], v[3:])),
        POINT,
        name="the KL of a layer",
    )


def likelihood_gradient():
    x = np.array([0.5, -0.2, 1.4, 0.9, -0.8])
    return gradient(
        lambda v: layers.gaussian_log_likelihood(x, v[:5], v[5])[0],
        lambda v: np.hstack(_backward("gaussian_log_likelihood", x, v[:5], v[5])),
        POINT,
        name="the log likelihood of a layer",
    )


def _backward(name, *inputs):
    """The gradients of a layer's one number."""
    _, cache = getattr(layers, name)(*inputs)
    return getattr(layers, f"{name}_backward")(np.ones(()), cache)


def half_forgotten(right, dy, cache):
    mean, logvar = right(dy, cache)
    return mean, 2.0 * logvar


def sign_of_the_log_sd(right, dy, cache):
    mean, log_sd = right(dy, cache)
    return mean, -log_sd


class Control(NamedTuple):
    where: str
    subject: Any  # makes the model, or is the check itself
    patches: list[tuple[Any, str, Any]]
    replicates: int = 400


GIBBS, WALK, MODEL, FAMILY, TRUTH = "Gibbs", "Metropolis-Hastings", "model", "family", "truth"


def in_normal_gamma(name, wrong):
    return Control(MODEL, normal_gamma, [changed(NormalGamma, name, wrong)])


def in_normal_mixture(name, wrong):
    return Control(MODEL, normal_mixture, [changed(NormalMixture, name, wrong)])


def in_trajectories(right, wrong):
    transitions = samplers.mistaken_trajectories(right, wrong)
    patches = [(module, "transitions", transitions) for module in (HMC_MODULE, FROZEN_STEPS_MODULE)]
    return Control("HMC", normal_gamma, [*patches, *MORE_RUNS])


def in_gaussians(*patches):
    """Of Laplace and VI, on a posterior whose real coordinates are correlated."""
    return Control("Gaussians", correlated, list(patches))


def in_gradient(check, owner, name, change):
    return Control("gradient", check, [changed(owner, name, change)])


def in_the_bound(change):
    return in_gradient(gradients.bound_gradient, GAUSSIAN_VI_MODULE, "elbo_and_gradient", change)


def in_the_measure(change):
    patches = [changed(RealTarget, "log_measure", change)]
    return Control("Gaussian q", gradients.gaussian_ledger, patches)


def in_the_noise(change):
    return Control(WALK, normal_gamma, noise_with(change))


CONTROLS = {
    "the prior of the precision forgotten": in_normal_gamma("_tau_given_mu", tau_prior_forgotten),
    "the data ignored in every conditional": Control(
        MODEL, normal_gamma,
        [(NormalGamma, "_tau_given_mu", tau_from_the_prior),
         (NormalGamma, "_mu_given_tau", mu_from_the_prior)],
    ),
    "half a power of tau lost in a conditional": in_normal_gamma("_tau_given_mu", half_power_lost),
    "the prior's strength left out of a precision": in_normal_gamma(
        "_mu_given_tau", kappa_forgotten
    ),
    "the sum of squares counted twice": in_normal_gamma("_tau_given_mu", plus_for_minus),
    "the log weight of a label forgotten": in_normal_mixture("_z_given_rest", weight_forgotten),
    "counts where sums belong": in_normal_mixture("_mu_given_z", counts_for_sums),
    "sd for variance in a conditional": Control(
        MODEL, normal_mixture, [(NormalMixture, "_mu_given_z", sd_where_variance)]
    ),
    "one count too many for every component": in_normal_mixture(
        "_weights_given_z", one_count_too_many
    ),
    "the scatter of a component counted twice": Control(
        MODEL, gaussian_mixture,
        [changed(GaussianMixture, "_components_given_z", scatter_not_centred)],
    ),
    "the other coordinate of a row ignored": Control(
        MODEL, rotated, [(LinearGaussian, "_one_given_rest", other_coordinates_ignored)]
    ),
    "every observation counted twice": Control(
        MODEL, joint_rows, [changed(LinearGaussian, "_all_given_x", twice_as_sure)]
    ),
    "a change point off by one, everywhere alike": Control(
        MODEL, change_point,
        [off_by_one(n) for n in ("log_joint", "_s_given_rates", "_rates_given_s")],
    ),
    "scale for rate in the prior's draws": in_normal_gamma("sample_latents", scale_in_the_prior),
    "variance for sd in the simulated data": Control(
        MODEL, normal_gamma, [(NormalGamma, "sample_data", variance_for_sd_in_data)]
    ),
    "log(2 pi) dropped from the log joint": in_normal_gamma("log_joint", two_pi_dropped),
    "half a power of tau dropped from the log joint": in_normal_gamma(
        "log_joint", half_power_dropped
    ),
    "the prior of the precision dropped from the log joint": in_normal_gamma(
        "log_joint", prior_dropped
    ),
    "the square of a mean for the mean of a square": in_normal_gamma(
        "log_joint", square_of_the_mean
    ),
    "rate for scale in a gamma draw": Control(
        FAMILY, normal_gamma, [(NORMAL_GAMMA_MODULE, "Gamma", families.RateForScale)]
    ),
    "variance for sd in a normal draw": Control(
        FAMILY, normal_gamma, [(Normal, "draw", variance_for_sd)]
    ),
    "sd for variance in expected statistics": Control(
        FAMILY, normal_gamma, [(Normal, "expected_stats", families.SdForVariance.expected_stats)]
    ),
    "a term of the entropy with the wrong sign": Control(
        FAMILY, normal_gamma, [(NORMAL_GAMMA_MODULE, "Normal", families.EntropySign)]
    ),
    "degrees of freedom off by one in a Wishart draw": Control(
        FAMILY, gaussian_mixture,
        [(vi_lab.models.gaussian_mixture, "NormalWishart", families.BartlettOffByOne)],
    ),
    "the Jacobian of log dropped": Control(
        FAMILY, normal_gamma, [(NORMAL_GAMMA_MODULE, "Gamma", families.NoJacobian)]
    ),
    "the Jacobian of the simplex dropped": Control(
        FAMILY, normal_mixture,
        [(vi_lab.models.normal_mixture, "Dirichlet", families.DirichletWithoutJacobian)],
    ),
    "blocks updated from the sweep's first statistics": Control(GIBBS, rotated, STALE),
    "one draw shared by all chains": Control(GIBBS, normal_gamma, with_noise(Shared)),
    "every second chain the mirror of another": Control(
        GIBBS, normal_gamma, with_noise(lambda noise: Shared(noise, -1.0)), 1500
    ),
    "two chains shifted in opposite directions": Control(
        GIBBS, normal_gamma, [(BATTERY_MODULE, "gibbs", samplers.opposite_chains)]
    ),
    "the square of the acceptance ratio": in_the_noise(lambda walk, jumps, e: (jumps, 0.5 * e)),
    "u for log u in the acceptance": in_the_noise(lambda walk, jumps, e: (jumps, -np.exp(-e))),
    "every proposal accepted": in_the_noise(lambda walk, jumps, e: (jumps, e + 1e6)),
    "a proposal that leans to one side": in_the_noise(lambda walk, jumps, e: (jumps + 0.4, e)),
    "a skewed proposal taken for symmetric": Control(
        WALK, normal_gamma,
        noise_with(lambda walk, jumps, e: (
            walk.rng.standard_exponential(jumps.shape) - 1.0, e)),
    ),
    "rejected proposals not counted": Control(
        WALK, normal_gamma, [changed(RandomWalk, "run", only_moves_are_kept)]
    ),
    "a step that depends on the state, uncorrected": Control(
        WALK, normal_gamma, [changed(RandomWalk, "run", step_by_the_state)]
    ),
    "the Jacobian dropped from the target": Control(
        WALK, change_point,
        [(vi_lab.inference.engine.target, "RealTarget", samplers.NoJacobianInTarget)],
    ),
    "a block collapsed at t = 1 instead of 0": Control(
        WALK, change_point, [(vi_lab.model, "zero_statistics", samplers.ones)]
    ),
    "a collapsed block drawn back from its prior": Control(
        WALK, change_point, [(RealTarget, "_draw", drawn_back_from_the_prior)]
    ),
    "one decision for all walkers": Control(
        WALK, many_rows, [(RandomWalk, "noise", samplers.one_decision_for_all)], 1000
    ),
    "rows handed to the wrong chain": Control(
        WALK, rotated,
        [(vi_lab.inference.engine.target, "RowTarget", samplers.RowsOfTheWrongChain)],
    ),
    **{what: in_trajectories(*lines) for what, lines in samplers.TRAJECTORIES.items()},
    "the precision for the covariance at a mode": in_gaussians(
        (Mode, "root", property(gradients.roots_of_the_precision))
    ),
    "columns for rows in the draws of a Gaussian": in_gaussians(
        (NormalMixtureDensity, "sample", gradients.columns_for_rows)
    ),
    "the log determinant twice in a Gaussian's density": in_gaussians(
        changed(NormalMixtureDensity, "log_parts", gradients.log_det_twice)
    ),
    "a Gaussian fitted without the slope of the entropy": in_gaussians(
        changed(GAUSSIAN_VI_MODULE, "elbo_and_gradient", gradients.without_the_entropy)
    ),
    "exact draws of each latent by itself": Control(
        TRUTH, normal_mixture, [changed(MixturePosterior, "sample", drawn_apart)], 1500
    ),
    "exact draws without a correlation": Control(
        TRUTH, rotated, [(RowPosterior, "sample", rows_without_correlation)]
    ),
    "an exact sd without the number of observations": Control(
        TRUTH, normal_gamma, [(NormalGammaPosterior, "sd", SD_WITHOUT_KAPPA)]
    ),
    "a KL got by subtraction": Control(
        TRUTH, normal_gamma, [changed(NormalGamma, "exact_posterior", by_subtraction)]
    ),
    "a half forgotten in a backward pass": in_gradient(
        kl_gradient, layers, "kl_standard_normal_backward", half_forgotten
    ),
    "a sign in a backward pass": in_gradient(
        likelihood_gradient, layers, "gaussian_log_likelihood_backward", sign_of_the_log_sd
    ),
    "a Jacobian's gradient missing": in_gradient(
        gradients.real_gradient, Gamma, "stats_pullback", gradients.without_the_jacobian
    ),
    "a draw of a collapsed block for its E[t]": in_gradient(
        gradients.real_gradient, RealTarget, "_expected_stats", gradients.a_draw_for_its_mean
    ),
    "the gradient of other coordinates": in_gradient(
        gradients.noncentred_gradient, BLOCK_TARGET_MODULE, "pull_back", gradients.not_pulled_back
    ),
    "the slope of the entropy left out": in_the_bound(gradients.without_the_entropy),
    "rows for columns in the slope of L": in_the_bound(gradients.rows_for_columns),
    "slopes at the mean for those at the nodes": in_the_bound(gradients.nodes_not_moved),
    "the Jacobian dropped from a Gaussian's density": in_the_measure(
        gradients.measure_without_jacobian
    ),
    "the conditional of what is summed out dropped from q": in_the_measure(
        gradients.measure_without_the_collapsed
    ),
}  # fmt: skip
