"""Linear response against its definition: push the log joint, let CAVI settle, see q move."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
from tests.planted.models import with_conditional, with_log_joint
from tests.tables import table
from vi_lab import (
    ChangePoint,
    Clutter,
    CorrelatedGaussian,
    Factorised,
    Gamma,
    InputError,
    InputTypeError,
    Normal,
    NormalGamma,
    NotApplicable,
    cavi,
    exact,
    kl,
    linear_response,
    problem,
)
from vi_lab.families import GammaStats, NormalStats
from vi_lab.inference.engine.response_blocks import BlockAtOptimum
from vi_lab.inference.linear_response import hessian
from vi_lab.problems.methods import METHODS, select_methods

RESPONSE = ["cavi", "linear-response"]
COUNTS = [4, 5, 4, 1, 0, 4, 3, 0, 6, 1, 1, 0, 1, 0, 0, 2]


def change_point():
    return ChangePoint(COUNTS, a=(2, 2), b=(1, 1))


def normal_gamma():
    x = np.random.default_rng(2).normal(3, 2, 9)
    return NormalGamma(x, mu0=1.0, kappa0=0.3, a0=2.0, b0=5.0)


def clutter():
    return Clutter([1.2, 0.4, -2.5, 4.4, 1.9, 0.9], w=0.4, prior_var=9.0)


def pushed(model, name, push):
    """The model whose log joint has <push, t> of one block added; its conditional moves by that."""
    block = model.blocks[name]
    moved = with_conditional(model, name, lambda eta, t: type(eta)(*map(np.add, eta, push)))
    return with_log_joint(
        moved,
        lambda honest, t: honest(t) + block.sum_over_plates(block.family.inner(push, t[name])),
    )


def slope(model, name, push, of):
    """d E_q[of] / d s of the model pushed by s times `push`, by central differences of optima."""
    step = 1e-3
    means = [
        np.asarray(cavi(pushed(model, name, [k * step * p for p in push]), rng=0).mean(of))
        for k in (-2, -1, 1, 2)
    ]
    return (means[0] - 8 * means[1] + 8 * means[2] - means[3]) / (12 * step)


@table(
    ("model", "name", "push", "of"),
    [
        (normal_gamma, "mu", NormalStats(1.0, 0.0), "mu"),
        (normal_gamma, "tau", GammaStats(0.0, 1.0), "tau"),
        (normal_gamma, "tau", GammaStats(0.0, 1.0), "mu"),
        (change_point, "rates", GammaStats(np.zeros(2), np.array([1.0, 0.0])), "rates"),
        (change_point, "rates", GammaStats(np.zeros(2), np.array([0.0, 1.0])), "s"),
        (change_point, "s", [np.arange(1.0, len(COUNTS))], "s"),
        (change_point, "s", [np.arange(1.0, len(COUNTS))], "rates"),
        (clutter, "theta", NormalStats(1.0, 0.0), "theta"),
        (clutter, "theta", NormalStats(1.0, 0.0), "z"),
    ],
)
def test_it_is_the_motion_of_the_optimum(model, name, push, of):
    model = model()
    response = linear_response(cavi(model, rng=0))
    found = response.covariance(of, name)
    if name == "rates":
        found = found[..., int(np.argmax(push[1]))]
    assert_allclose(found, slope(model, name, push, of), rtol=2e-6, atol=1e-9)


def test_labels_that_are_no_names_respond_by_their_indicators():
    """Push the log weight of clutter at one point: theta and every label's probability move."""
    model = clutter()
    response = linear_response(cavi(model, rng=0))
    assert response.mean("z").shape == (6, 2)
    for of in ("theta", "z"):
        found = response.covariance(of, "z")
        for point, label in ((0, 1), (3, 0)):
            push = np.zeros((6, 2))
            push[point, label] = 1.0
            moved = slope(model, "z", [push], of)
            assert_allclose(found[..., point, label], moved, rtol=2e-6, atol=1e-9)
    own = response.covariance("z")[2, :, 2]
    assert_allclose(own.sum(-1), 0.0, atol=1e-12)  # the two probabilities move against each other
    with pytest.raises(InputError, match="have no sd"):
        response.sd("z")


def test_clutter_has_a_row_nearer_the_truth():
    rows = {r.method: r for r in vi_lab.compare("clutter", methods=RESPONSE, rng=0).rows}
    near, far = rows["linear-response"].sd_ratio_min, rows["cavi"].sd_ratio_min
    assert far < near < 1.0


def test_the_labels_of_clutter_are_not_permuted():
    q = cavi(problem("clutter"), rng=0, restarts=3)
    assert q.restarts.order is None


@pytest.mark.parametrize("blocks", [None, [[0, 2], [1, 3]], [[1], [0, 3, 2]], [[0, 1, 2, 3]]])
def test_a_gaussian_has_its_exact_covariance(blocks):
    root = np.random.default_rng(0).normal(size=(4, 4))
    cov = root @ root.T + 0.3 * np.eye(4)
    model = CorrelatedGaussian(mean=(1.0, -2.0, 0.0, 5.0), cov=cov, blocks=blocks)
    response = linear_response(cavi(model, rng=0))
    for a, rows in model.parts.items():
        assert_allclose(response.sd(a), exact(model).sd(a), rtol=1e-8)
        for b, columns in model.parts.items():
            assert_allclose(response.covariance(a, b), cov[np.ix_(rows, columns)], atol=1e-8)


@pytest.mark.parametrize("name", ["newcomb", "darwin", "coal", "iris"])
def test_it_repairs_real_problems(name):
    q = cavi(problem(name), rng=0)
    response, truth = linear_response(q), exact(problem(name))
    for latent in response.names:
        before, after = (
            np.abs(np.asarray(r.sd(latent)) / truth.sd(latent) - 1) for r in (q, response)
        )
        assert (after <= before + 1e-9).all()
    assert np.array_equal(response.mean(response.names[0]), q.mean(response.names[0]))


@pytest.mark.parametrize("model", [normal_gamma, change_point])
def test_two_blocks_pull_at_each_other_alike(model):
    """H is the Hessian of the log joint in the means: a wrong conditional breaks its symmetry."""

    right = model()
    q = cavi(right, rng=0)

    def asymmetry(blocks):
        H = hessian({name: BlockAtOptimum(block, q.q[name]) for name, block in blocks.items()})
        return np.abs(H - H.T).max() / np.abs(H).max()

    assert asymmetry(right.blocks) < 1e-12
    name = "tau" if "tau" in right.blocks else "rates"
    wrong = with_conditional(right, name, lambda eta, t: eta._replace(value=0.5 * eta.value))
    assert asymmetry(wrong.blocks) > 0.1


def test_draws_have_the_two_moments_it_claims():
    response = linear_response(cavi(change_point(), rng=0))
    draws = response.sample(200_000, rng=1)
    assert draws["rates"].shape == (200_000, 2)
    assert_allclose(draws["rates"].std(0), response.sd("rates"), rtol=0.02)
    together = np.cov(draws["s"], draws["rates"][:, 0])[0, 1]
    assert together == pytest.approx(float(response.covariance("s", "rates")[0]), rel=0.05)


def test_it_is_saved_and_read_back(tmp_path):
    response = linear_response(cavi(change_point(), rng=0))
    response.save(tmp_path / "r")
    again = vi_lab.load(tmp_path / "r", change_point())
    assert np.array_equal(again.covariance("s", "rates"), response.covariance("s", "rates"))
    assert again.names == response.names and again.mean("s") == response.mean("s")


def test_it_is_a_row_where_it_applies():
    rows = {row.method: row for row in vi_lab.compare("coal", methods=RESPONSE, rng=0).rows}
    row, before = rows["linear-response"], rows["cavi"]
    assert row.applies and row.elbo is None and row.wasserstein is None
    assert before.sd_ratio_min < 0.92 < 0.97 < row.sd_ratio_min < row.sd_ratio_max < 1.001
    assert row.mean_error is None  # its means are those of CAVI
    comparison = vi_lab.compare("correlated", methods=RESPONSE, rng=0)
    assert "linear response makes the sds of the latents right" in comparison.verdicts["correlated"]
    rows_of_mixtures = select_methods(METHODS, problem("tiny-mixture").model)
    assert "linear-response" not in {method.name for method in rows_of_mixtures}


def test_what_it_does_not_apply_to():
    with pytest.raises(NotApplicable, match="as many equal modes as names"):
        linear_response(cavi(problem("tiny-mixture"), rng=0))
    large = vi_lab.PPCA(np.zeros((1200, 2)) + np.eye(2)[0], np.eye(2)[:, :1], 0.0, 1.0)
    with pytest.raises(NotApplicable, match="2,400 by 2,400, above the limit of 2,000"):
        linear_response(cavi(large, rng=0))
    with pytest.raises(InputTypeError, match="needs a Factorised, as cavi returns, got Exact"):
        linear_response(exact(normal_gamma()))
    q = Factorised(normal_gamma(), mu=Normal.of(mean=[1.0, 2.0], sd=1), tau=Gamma.of(2, 1))
    with pytest.raises(InputError, match=r"a single q, got a batch of shape \(2,\)"):
        linear_response(q)


def test_a_q_that_is_no_optimum_is_refused():
    """By how many nats is the Jeffreys divergence of q from what all blocks, each by itself, would
    be given the others as they are."""
    model = normal_gamma()
    q = Factorised(model, mu=Normal.of(mean=1.0, sd=1), tau=Gamma.of(2, 1))
    t, moved = {name: factor.expected_stats for name, factor in q.q.items()}, 0.0
    for name, block in model.blocks.items():
        there = block.family.parameters(block.complete_conditional(t))
        new = type(block.family).of(**there)
        moved += float(kl(q.q[name], new) + kl(new, q.q[name]))
    with pytest.raises(NotApplicable) as caught:
        linear_response(q)
    assert f"q is no optimum yet: one more update of CAVI would move it by {moved:.2g} nats" in str(
        caught.value
    )


@pytest.mark.parametrize("name", ["sprinkler", "asia"])
def test_a_value_of_probability_zero_has_no_response(name):
    with pytest.raises(NotApplicable, match="gives a value probability zero"):
        linear_response(cavi(problem(name), rng=0))


def test_a_cavi_that_has_not_arrived_leaves_a_row_with_the_reason():
    comparison = vi_lab.compare("trees", methods="cavi,linear-response", rng=0)
    rows = {row.method: row for row in comparison.rows}
    assert rows["cavi"].converged is False
    assert not rows["linear-response"].applies
    assert "q is no optimum yet" in rows["linear-response"].reason
    (sentence,) = comparison.verdicts.values()
    assert sentence.startswith("CAVI has not converged; it falls")
