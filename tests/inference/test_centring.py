"""Centres that follow q: the q, its bound and its file keep their digits however far it goes."""

import numpy as np
import pytest
from mpmath import mp

import vi_lab
from tests.digits.mixtures import gaussian_mixture_bound, normal_mixture_bound
from tests.digits.sweep import DIGITS, exactly, parameters_of
from vi_lab import (
    Clutter,
    Factorised,
    GaussianMixture,
    HalfCauchy,
    HierarchicalNormalExpanded,
    NormalMixture,
    cavi,
    derivation,
    elbo,
    ledger,
    linear_response,
)
from vi_lab.arguments.block_values import initial_values
from vi_lab.inference.engine.centring import MOST_MOVES, follow_centres
from vi_lab.model import statistics
from vi_lab.numerics.quadratic_features import FAR_SDS

GAP = 1e10
PRIOR = {"concentration": 1.0, "m0": [0.0], "beta0": 0.01, "nu0": 2.0, "w0_inv": [[0.1]]}


@pytest.fixture(scope="module")
def far():
    model = GaussianMixture([[GAP], [0.0], [GAP - 0.5], [0.25]], 2, **PRIOR)
    return model, cavi(model, rng=0, restarts=3)


def test_the_bound_of_a_far_q_is_right_and_its_scales_are_too(far):
    model, q = far
    given = {"x": model.x, "n_components": 2, **PRIOR}
    with mp.workdps(DIGITS):
        right = gaussian_mixture_bound(exactly(given), exactly(parameters_of(q))).value
    assert q.elbo == pytest.approx(float(right), abs=1e-11)
    near = np.argmin(np.abs(q.mean("means")[:, 0]))
    # n / W^-1 of two points 0.25 apart and a prior worth 0.01 points at 0, by hand
    w_inv = 0.1 + 0.25**2 / 2 + 0.01 * 2 / 2.01 * 0.125**2
    assert q.mean("precisions")[near, 0, 0] == pytest.approx(4 / w_inv, rel=1e-9)


def test_a_far_q_is_the_same_when_made_by_hand_and_when_loaded(far, tmp_path):
    model, q = far
    assert elbo(model, Factorised(model, **q.q)) == pytest.approx(q.elbo, abs=1e-11)
    again = GaussianMixture(model.x, 2, **PRIOR)
    assert ledger(again, q).holds
    q.save(tmp_path / "far")
    loaded = vi_lab.load(tmp_path / "far", model=model)
    assert loaded.elbo == q.elbo
    assert np.array_equal(loaded.sd("means"), q.sd("means"))


def test_a_batch_of_far_q_is_its_members():
    model = NormalMixture([GAP, 0.0, GAP - 0.5, 0.25], 1.0, 0.0, GAP, concentration=[1.0, 1.0])
    q = cavi(model, rng=0, restarts=4).q
    moved = vi_lab.Normal.of(mean=q["mu"].mean + np.array([[0.0], [0.5], [3.0]]), sd=q["mu"].sd)
    together = elbo(model, Factorised(model, z=q["z"], weights=q["weights"], mu=moved))
    for i, one in enumerate(together):
        factor = vi_lab.Normal.of(mean=moved.mean[i], sd=moved.sd[i])
        single = Factorised(model, z=q["z"], weights=q["weights"], mu=factor)
        given = {
            "x": model.x, "sigma": 1.0, "m0": model.m0, "s0": model.s0,
            "concentration": model.concentration,
        }  # fmt: skip
        with mp.workdps(DIGITS):
            right = float(
                normal_mixture_bound(exactly(given), exactly(parameters_of(single))).value
            )
        assert elbo(model, single) == pytest.approx(right, abs=1e-9)
        assert one == pytest.approx(right, abs=1e-9)


def test_near_its_centre_a_model_stays_as_it_is():
    model = NormalMixture([1.0, 0.0, 0.5], 1.0, 0.0, 2.0, concentration=[1.0, 1.0])
    values = model.sample_initial_values(np.random.default_rng(0), (2,))
    assert not model.strays(statistics(model, values))
    sweeps = follow_centres(vi_lab.inference.cavi.sweeps, model, values, (2,))
    assert all(next(sweeps)[0] is model for _ in range(5))


@pytest.mark.parametrize(
    ("model", "tries"),
    [(Clutter([0.3, 2.1, -1.4], 0.4, 4.0), MOST_MOVES + 1), (vi_lab.problem("newcomb").model, 1)],
)
def test_an_error_that_no_centre_mends_is_raised_and_says_its_own_words(model, tries):
    """Where there is none to move, at once."""
    tried = []

    def broken(now, t, batch):
        if isinstance(now, type(model)):  # a replay, to name the culprit, is under guards
            tried.append(now)
        raise vi_lab.NumericalError("this is no matter of centres")
        yield

    values = initial_values(model, np.random.default_rng(0), 2)
    with pytest.raises(vi_lab.NumericalError, match="no matter of centres"):
        next(follow_centres(broken, model, values, (2,)))
    assert len(tried) == tries


def test_what_reads_a_far_q_reads_it_about_its_own_centre(far):
    """Its expected statistics are no arguments of a log joint about another centre."""
    model, q = far
    assert derivation(model, q).agrees
    at = Clutter([1e4, 1e4 + 2.1, -1.4, 1e4 - 1.0], 0.4, 1e8)
    signal = cavi(at, rng=0, restarts=3)
    assert derivation(at, signal).agrees
    # all but the point at -1.4 are surely signal: given the labels theta is normal, nothing to mend
    assert linear_response(signal).sd("theta") == pytest.approx(float(signal.sd("theta")), rel=1e-6)


def expanded(gap):
    y = np.array([0.5, -1.0, 0.25, 1.5, -0.75]) * gap
    return HierarchicalNormalExpanded(y, [0.5, 1.0, 2.0, 1.5, 0.75], 5.0, HalfCauchy(2.0))


def test_two_centres_that_move_say_what_one_does():
    """The conditionals, the log joint and the sums of squares of an expanded hierarchy about any
    centres, of a batch, are those about its own."""
    model, rng = expanded(3.0), np.random.default_rng(2)
    values = model.sample_latents(rng, (4,))
    centres = {"effects": rng.normal(size=(4, 6)), "alpha": rng.normal(size=4)}
    there = model.about(centres)
    t, about = statistics(model, values), statistics(there, values)
    np.testing.assert_allclose(there.log_joint(about), model.log_joint(t), rtol=1e-12)
    np.testing.assert_allclose(there.log_prior(about), model.log_prior(t), rtol=1e-12)
    for name, block in model.blocks.items():
        moved = there.blocks[name]
        right = block.family.parameters(block.complete_conditional(t))
        for key, value in moved.family.parameters(moved.complete_conditional(about)).items():
            np.testing.assert_allclose(value, np.broadcast_to(right[key], value.shape), rtol=1e-9)


@pytest.mark.parametrize("gap", [1e5, 1e9])
def test_two_blocks_whose_product_is_large_are_updated_one_after_the_other(gap):
    """Each about where the other is: its statistics are about the centre that this one knows. Or
    both would drift along alpha eta = constant, and the bound of a sweep lose its digits."""
    q = cavi(expanded(gap), rng=0, restarts=3, max_sweeps=100)
    assert abs(q.elbo - q.elbo_trace[-1].max()) < 1e-10


def mixture_at(far):
    """The sd of the noise is 3."""
    model = NormalMixture([1.0, 4.0, 2.5], 3.0, 0.0, 2.0, concentration=[1.0, 1.0])
    return model, {"mu": np.array([2.5, 2.5 - 3.0 * far])}


def clutter_at(far):
    return Clutter([[0.3, 1.0], [2.1, 0.0], [-1.4, 2.0]], 0.4, 4.0), {"theta": np.array([0.1, far])}


def gaussians_at(far):
    """Of a component whose sds are 1/2 and 2."""
    x = np.array([[0.0, 0.0], [1.0, 1.0], [4.0, 2.0]])
    model = GaussianMixture(x, 2, 1.0, [0.0, 0.0], 0.01, 3.0, np.eye(2))
    means = x.mean(0) + np.array([[0.5, 0.5], [0.0, -2.0 * far]])
    precisions = np.array([np.eye(2), np.diag([4.0, 0.25])])
    return model, {"components": vi_lab.families.MeanPrecision(means, precisions)}


def scores_at(beta=0.0, w=0.0):
    model = vi_lab.ProbitRegression([[2.0, 0.0], [0.0, 1.0]], [1, 0], 0.0, np.eye(2))
    return model, {"beta": np.array([-0.5 * beta, 0.1]), "w": np.array([0.2, w + 0.1])}


def groups_at(mu=0.0, product=0.0):
    """Standard errors of 1/2 and 2: mu is judged by the least, alpha eta by those of its groups."""
    model = HierarchicalNormalExpanded([1.0, -1.0], [0.5, 2.0], 5.0, HalfCauchy(2.0))
    c = float(model.blocks["effects"].family.centre[0])
    return model, {"effects": np.array([c - 0.5 * mu, 0.0, 4.0 * product]), "alpha": np.array(-0.5)}


def moved_groups_at(alpha=0.0, eta=0.0):
    """About effects and an alpha that are not 0: the product goes where either of them goes."""
    model, values = groups_at()
    effects, about = values["effects"] + np.array([0.0, 3.0, -5.0]), np.array([2.0])
    there = model.about({"effects": effects[None], "alpha": about})
    effects = effects + np.array([0.0, 0.0, 1.0]) * eta
    return there, {"effects": effects[None], "alpha": about - alpha / 6.0}


STRAYS = {
    "a mean of a mixture": mixture_at,
    "a signal": clutter_at,
    "a mean of a Gaussian": gaussians_at,
    "a predictor": lambda far: scores_at(beta=far),
    "a score": lambda far: scores_at(w=far),
    "a mean of groups": lambda far: groups_at(mu=far),
    "a product": lambda far: groups_at(product=far),
    "a product about alpha": lambda far: moved_groups_at(alpha=far),
    "a product about eta": lambda far: moved_groups_at(eta=-far),
}


@pytest.mark.parametrize("name", STRAYS)
def test_what_strays_is_told_in_sds(name):
    """One of several, in either direction, farther than FAR_SDS of the right unit."""
    for share, strays in ((0.99, False), (1.01, True)):
        model, values = STRAYS[name](share * FAR_SDS)
        t = {n: model.blocks[n].family.stats(value) for n, value in values.items()}
        assert model.strays(t) is strays
