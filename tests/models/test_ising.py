"""Ising lattices: the transfer matrix against all states, dense matrices and determinants."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.contract.discrete import lattice_edges, states
from tests.contract.tolerances import assert_averages
from tests.thinning import mostly_slow
from vi_lab import (
    Factorised,
    Ising,
    IsingDenoising,
    NotApplicable,
    Spin,
    cavi,
    exact,
    gibbs,
    ledger,
)
from vi_lab.datasets import load_ising_glyphs
from vi_lab.families import SpinStats
from vi_lab.models.posteriors import lattice_rows, transfer_matrix
from vi_lab.models.posteriors.kac_ward import (
    log_partition_less_ground,
    log_partition_without_field,
)
from vi_lab.models.posteriors.lattice import Checkerboard
from vi_lab.models.posteriors.lattice_rows import LatticePosterior
from vi_lab.problems.named import problem, sweep

RNG = np.random.default_rng(8)


def every_state(J, h, periodic):
    """All states (S, H, W) and their log weights, an edge at a time."""
    x = states(h.size).reshape(-1, *h.shape)
    log_weight = (x * h).sum((1, 2))
    for a, b in lattice_edges(h.shape, periodic):
        log_weight = log_weight + J * x[:, *a] * x[:, *b]
    return x, log_weight


LATTICES = [
    ((3, 4), False), ((4, 3), False), ((1, 6), False), ((6, 1), False), ((3, 3), False),
    ((2, 5), False), ((4, 4), True), ((2, 4), True), ((6, 2), True), ((2, 2), True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "periodic"), mostly_slow(LATTICES, {*LATTICES} - {((4, 4), True)}, rows=True)
)
@pytest.mark.parametrize("J", [0.4, -0.7])
def test_the_transfer_matrix_is_the_sum_over_all_states(shape, periodic, J):
    h = RNG.normal(size=shape) * 0.6
    model = Ising(J, h, periodic=periodic)
    x, log_weight = every_state(J, h, periodic)
    log_z = np.logaddexp.reduce(log_weight)
    p = np.exp(log_weight - log_z)
    truth = LatticePosterior(model.board, J, h)
    assert_allclose(truth.log_z, log_z, rtol=1e-13)
    assert_allclose(truth.mean["x"], np.tensordot(p, x, 1), atol=1e-12)
    assert_allclose(truth.sd["x"] ** 2, np.tensordot(p, x**2, 1) - truth.mean["x"] ** 2, atol=1e-12)
    summaries = model.summaries({"x": x})
    assert len(truth.mean) == len(summaries) - 1  # each but the magnetisation
    for name in set(truth.mean) - {"x"}:
        assert_allclose(truth.mean[name], np.tensordot(p, summaries[name], 1), atol=1e-12)
    assert_allclose(truth.log_density({"x": x}), log_weight - log_z, atol=1e-11)
    q = Factorised(
        model, **{name: Spin.of(field=RNG.normal(size=block.plates)) for name, block in
                  model.blocks.items()}
    )  # fmt: skip
    up = 0.5 * (1 + x * q.mean("x"))
    log_q = np.log(up).sum((1, 2))
    expected = np.exp(log_q) @ (log_q - log_weight + log_z)
    assert_allclose(truth.kl_from(q.q).value, expected, rtol=1e-11)
    drawn = model.latents(truth.sample(np.random.default_rng(1), 20_000))["x"]
    pairs = np.triu_indices(h.size)
    flat, points = drawn.reshape(-1, h.size).astype(float), x.reshape(-1, h.size)
    assert_averages(flat, p @ points, "spins")
    products = flat[:, pairs[0]] * flat[:, pairs[1]]
    assert_averages(products, p @ (points[:, pairs[0]] * points[:, pairs[1]]), "pairs of spins")


@pytest.mark.parametrize(("rows", "length"), [(6, 6), (4, 8), (10, 4)])
def test_a_torus_is_the_trace_of_a_dense_matrix(rows, length):
    J, h = 0.35, 0.1
    s = states(length)
    within = J * (s * np.roll(s, -1, axis=1)).sum(1) + h * s.sum(1)
    dense = np.exp(within[:, None] + J * s @ s.T)
    log_z = np.log(np.trace(np.linalg.matrix_power(dense, rows)))
    truth = exact(Ising(J, np.full((rows, length), h), periodic=True))
    assert "transfer matrix" in truth.route
    assert_allclose(truth.log_evidence, log_z, rtol=1e-13)
    # every site and every edge are alike: d log Z / d h is the sum of all spins
    slope = 1e-5
    shifted = [
        exact(Ising(J, np.full((rows, length), h + d), periodic=True)).log_evidence
        for d in (-slope, slope)
    ]
    total = (shifted[1] - shifted[0]) / (2 * slope)
    assert_allclose(truth.mean("x"), np.full((rows, length), total / (rows * length)), atol=1e-8)
    book = ledger(truth.model, cavi(truth.model, rng=0))
    assert book.holds


@pytest.mark.parametrize(
    "shape", mostly_slow([(16, 16), (16, 5), (7, 20), (1, 30), (2, 2)], ((16, 5), (7, 20), (2, 2)))
)
@pytest.mark.parametrize("J", mostly_slow([0.0, 0.4407, -1.2, 3.0], (0.4407, -1.2)))
def test_without_a_field_the_transfer_matrix_is_the_determinant(shape, J):
    truth = exact(Ising(J, np.zeros(shape)))
    # a determinant of a thousand rows: a few digits fewer than a sum of positive terms
    assert_allclose(log_partition_without_field(shape, J), truth.log_evidence, rtol=1e-12)
    assert_allclose(truth.mean("x"), 0.0, atol=1e-10)


@pytest.mark.parametrize("shape", [(2, 2), (40, 30)])
@pytest.mark.parametrize("J", [50.0, -1e6, 1e15])
def test_of_a_strong_coupling_two_ground_states_are_left(shape, J):
    assert_allclose(log_partition_less_ground(shape, J), np.log(2.0), atol=1e-9)


@pytest.mark.parametrize("J", [40.0, -40.0])
def test_a_strong_coupling_freezes_a_small_lattice(J):
    truth = exact(Ising(J, [[0.0, 0.1], [0.0, 0.1]]))
    assert_allclose(truth.log_evidence, 4 * abs(J) + np.log(2 * np.cosh(0.2 if J > 0 else 0.0)))


@pytest.mark.parametrize(
    ("shape", "periodic", "J", "words"),
    [
        ((17, 17), False, 0.3, ("16", "17 x 17")), ((14, 14), True, 0.3, ("12", "14 x 14")),
        ((8, 8), False, 20.0, ("300", "640")),
    ],
)  # fmt: skip
def test_above_the_limit_the_reason_says_what_still_applies(shape, periodic, J, words):
    model = Ising(J, np.zeros(shape), periodic=periodic)
    with pytest.raises(NotApplicable) as error:
        exact(model)
    assert all(word in str(error.value) for word in (*words, "Gibbs and CAVI still apply"))
    assert gibbs(model, rng=0, draws=5, warmup=5).values["x"].shape == (4, 5, *shape)
    book = ledger(model, cavi(model, rng=0))
    assert book.holds is None
    assert "limit" in book.reason


def test_only_the_shorter_side_is_limited():
    assert exact(Ising(0.3, np.zeros((3, 50)))).log_evidence > 0
    assert exact(Ising(0.3, np.zeros((24, 4)), periodic=True)).mean("x").shape == (24, 4)


def test_mean_field_breaks_the_symmetry_before_the_transition():
    """On 8 x 8, m = tanh(J A m) has a root but 0 from J = 1/(4 cos(pi/9)) = 0.266 on."""
    below, above = (problem("ising", J=J, h=0.0).model for J in (0.25, 0.3))
    assert_allclose(cavi(below, rng=0, restarts=5).mean("x"), 0.0, atol=1e-4)
    q = cavi(above, rng=0, restarts=20)
    assert np.abs(q.mean("x")).max() > 0.4
    assert_allclose(exact(above).mean("x"), 0.0, atol=1e-12)
    # up and down are as good, and both are found: one bound, two solutions
    assert len(q.optima) == 1
    ends = {np.sign(cavi(above, rng=seed).mean("x").sum()) for seed in range(10)}
    assert ends == {-1.0, 1.0}


def test_cavi_ends_in_local_optima_when_spins_are_cold():
    q = cavi(problem("ising", J=0.6, h=0.0), rng=0, restarts=40)
    assert len(q.optima) > 1
    assert q.restarts.elbo[0] - q.restarts.elbo[-1] > 1.0
    assert all(bound <= exact(q.model).log_evidence for bound in q.optima)


def test_the_sweep_of_the_gap():
    gaps = [exact(item.model).log_evidence - cavi(item.model, rng=0, restarts=10).elbo
            for item in sweep("ising")]  # fmt: skip
    assert all(gap > 0 for gap in gaps)
    assert np.argmax(gaps) not in (0, len(gaps) - 1)  # worst where the lattice is about to order


def test_a_glyph_is_cleaned():
    glyphs = load_ising_glyphs().data
    truth, noisy = exact(problem("denoise")), glyphs["vi16_noisy10"]
    cleaned = np.sign(truth.mean("x"))
    wrong = [(picture != glyphs["vi16"]).sum() for picture in (noisy, cleaned)]
    assert wrong[1] < 0.8 * wrong[0]
    assert ledger(truth.model, cavi(truth.model, rng=0)).holds


def test_beyond_the_limit_the_bound_of_a_picture_is_still_normalised():
    """32 x 32: the prior's log Z is a determinant. At J = 0 the pixels are independent."""
    glyphs = load_ising_glyphs().data
    model = problem("denoise", glyph="vi32_noisy15").model
    assert "32 x 32" in model.no_exact_because
    free = IsingDenoising(glyphs["vi32_noisy15"], 0.0, 0.15)
    assert_allclose(cavi(free, rng=0).elbo, -1024 * np.log(2), rtol=1e-12)
    assert cavi(model, rng=0).elbo > cavi(free, rng=0).elbo


def test_the_density_of_the_magnetisation_by_all_states():
    """Its values lie 2/n apart: at each the density is its probability times n/2."""
    h = np.array([[0.3, -0.2], [0.5, 0.1]])
    spins = np.array(list(np.ndindex(2, 2, 2, 2))).reshape(-1, 2, 2) * 2 - 1
    edges = (spins[:, 1:] * spins[:, :-1]).sum((1, 2)) + (spins[:, :, 1:] * spins[:, :, :-1]).sum(
        (1, 2)
    )
    p = np.exp(0.4 * edges + (h * spins).sum((1, 2)))
    means = spins.mean((1, 2))
    at = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    right = 2.0 * np.array([p[np.isclose(means, m)].sum() for m in at]) / p.sum()
    posterior = exact(Ising(0.4, h)).posterior
    found = posterior.marginal_density("magnetisation", (), np.append(at, 1.5))
    assert_allclose(found, np.append(right, 0.0), rtol=1e-12)


@pytest.mark.parametrize(
    ("J", "field", "span"), [(0.0, 1.0, 8.0), (0.5, 1.0, 16.0), (-2.0, 0.0, 32.0)]
)
def test_the_weights_of_a_row_span_what_its_fields_and_its_couplings_do(
    J, field, span, monkeypatch
):
    """Of 4 spins a row, from all down to all up 2 |h| each; and of both neighbours 4 |J|."""
    h = np.zeros((6, 4))
    h[2] = field * np.array([1.0, -1.0, 1.0, -1.0])  # the widest row counts
    h[4, 0] = 0.5 * field
    for lattice in (h, h.T):
        for limit, refused in ((span + 0.01, False), (span - 0.01, True)):
            monkeypatch.setattr(transfer_matrix, "MOST_NATS", limit)
            said = transfer_matrix.refusal(lattice, J, periodic=False)
            assert (said is not None) == refused
            assert said is None or said.startswith(f"the weights of a row span {span:.0f} nats")


@pytest.mark.parametrize(("periodic", "starts"), [(False, 1), (True, 4)])
def test_up_to_which_size_spins_are_counted_and_moments_quick(periodic, starts, monkeypatch):
    """2**2 states of a row of a 4 x 2 lattice, 9 counts; on a torus as many starts as states."""
    posterior = LatticePosterior(Checkerboard((4, 2), periodic), 0.4, np.zeros((4, 2)))
    for size, most in ((starts * 4 * 9, "COUNTED"), (starts * 4, "SLOW")):
        monkeypatch.setattr(lattice_rows, most, size)
        assert posterior.count_up() is not None and not posterior.moments_are_slow
        monkeypatch.setattr(lattice_rows, most, size - 1)
        assert (posterior.count_up() is None) == (most == "COUNTED")
        assert posterior.moments_are_slow == (most == "SLOW")
        monkeypatch.undo()


def test_what_rounding_moves_of_a_spin_hangs_on_no_sign():
    """A share |h| / max(|h + J sum of neighbours|, |h|, 1) of certain spins, all of another's."""
    field = np.array([[0.5, -3.0], [-0.25, 4.0]])
    one, two = (Ising(0.3, sign * field) for sign in (1.0, -1.0))
    for model, sign in ((one, 1.0), (two, -1.0)):
        x = sign * np.array([[1.0, -1.0], [-1.0, 1.0]])
        even, odd = (SpinStats(np.array(part)) for part in model.board.split(x))
        shares = model.share_of_rounding({"x.even": even, "x.odd": odd})
        # the neighbours of an even spin are odd, -sign each, two of them
        assert_allclose(shares["x.even"].value, [0.5 / 1.0, 4.0 / 4.0])
        assert_allclose(shares["x.odd"].value, [3.0 / 3.0, 0.25 / 1.0])
    # 2 J = 6 of neighbours: -5.5 and -2 are the fields of even spins, 3 and 5.75 of odd ones
    certain = {"x.even": SpinStats(np.ones(2)), "x.odd": SpinStats(-np.ones(2))}
    shares = Ising(3.0, field).share_of_rounding(certain)
    assert_allclose(shares["x.even"].value, [0.5 / 5.5, 4.0 / 4.0])
    assert_allclose(shares["x.odd"].value, [3.0 / 3.0, 0.25 / 5.75])
    half = {name: SpinStats(np.full(2, 0.5)) for name in ("x.even", "x.odd")}
    assert all((share.value == 1.0).all() for share in one.share_of_rounding(half).values())
