"""Decoders that do much in little room: units a thousand times steeper than the posterior is wide,
planted at random places, where no node of an even grid looks.

Oracles: scipy's rule of Gauss between the places where each unit turns, which the weights tell; in
the plane the same over the one direction in which the units turn, for over the other all is normal.
"""

from itertools import pairwise
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

import vi_lab
from tests.thinning import mostly_slow
from tests.vae.plain_cells import log_integral
from tests.vae.test_evidence import NO_TRACE, make_up, oracle_log_joint
from vi_lab import VAE, Amortised, DecoderModel, NumericalError
from vi_lab.results import GaussianRows
from vi_lab.vae.evidence import even_grid, per_datum_ledger
from vi_lab.vae.evidence.cell_nodes import lay_nodes
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.unseen import bound_hidden, bound_highest, find_kinks


def steep_vae():
    """150 times the usual start: every unit is a step."""
    vae = VAE(6, 1, (5,), dtype="float64")
    params = {name: 150 * value for name, value in vae.init(rng=3).items()}
    x = (np.random.default_rng(14).random((4, 6)) < 0.4).astype(float)
    return Amortised(vae, params, NO_TRACE), x


def plant(seed, likelihood="bernoulli", activation="tanh", d=1, direction=None):
    """A plain decoder, and a bump at a random place: two steep units that turn one after the other,
    and between them raise log p(x|z) by several nats. Data that the bump explains."""
    rng = np.random.default_rng(seed)
    noise = -1.0 if likelihood == "gaussian" else None
    vae = VAE(4, d, (4,), likelihood, activation, dtype="float64", log_sd=noise)
    params = {n: 0.7 * rng.standard_normal(v.shape) for n, v in vae.init(rng=rng).items()}
    steep = 10.0 ** (rng.uniform(2.5, 5.0) if d == 1 else rng.uniform(1.0, 1.7))
    place, width = rng.uniform(-2.0, 2.0), 10.0 ** rng.uniform(0.5, 2.0 if d == 1 else 1.0) / steep
    direction = np.ones(1) if direction is None else direction
    w, b = params["decoder.0.weight"], params["decoder.0.bias"]
    if d == 2:  # all units turn along one direction, so that the oracle can integrate the other
        w[:] = w[:, :1] * direction
    if activation == "tanh":
        w[:2], b[:2] = steep * direction, -steep * (place + np.array([0.0, width]))
        up = np.array([1.0, -1.0])
    else:  # a hat with its corners a width apart
        w[:3], b[:3] = steep * direction, -steep * (place + width * np.array([0.0, 1.0, 2.0]))
        up = np.array([1.0, -2.0, 1.0]) * 2.0 / (steep * width)
    params["decoder.out.weight"][:, : len(up)] = np.outer(rng.uniform(1.5, 3.0, 4), up)
    params["decoder.out.bias"][:] = -1.5
    return Amortised(vae, params, NO_TRACE), np.ones((1, 4))


def turns(fit, low, high):
    """Where, along a line through the origin, the units turn: pieces in which all is smooth."""
    w, b = fit.params["decoder.0.weight"], fit.params["decoder.0.bias"]
    w = np.where(np.abs(w).sum(1) > 0, w @ (w[0] / np.linalg.norm(w[0])), 1.0)
    reach = np.array([-30, -10, -4, -1.5, 0, 1.5, 4, 10, 30])
    places = (-b[:, None] + reach) / w[:, None]
    edges = np.unique(np.concatenate([places.ravel(), np.linspace(low, high, 25)]))
    return edges[(edges >= low) & (edges <= high)]


def integral(function, edges):
    """scipy's rule of 40 points in each piece, of a function of many points at once."""
    return sum(integrate.fixed_quad(function, a, b, n=40)[0] for a, b in pairwise(edges))


def true_log_evidence(fit, x):
    def joint(s):
        return np.exp(oracle_log_joint(fit, x, s[:, None]))

    return np.log(integral(joint, turns(fit, -10.0, 10.0)))


def true_elbo(fit, x, mean, sd):
    def integrand(z):
        log_q = stats.norm.logpdf(z, mean, sd)
        return np.exp(log_q) * (oracle_log_joint(fit, x, z[:, None]) - log_q)

    return integral(integrand, turns(fit, mean - 9 * sd, mean + 9 * sd))


STEEP_TRUTH = (-10.55618743, -13.16921992, -12.87188275, -10.55618743)


def test_steps_everywhere():
    """No gap is negative."""
    fit, x = steep_vae()
    found, book, gaps = fit.log_evidence(x), fit.ledger(x), fit.gaps(x)
    assert_allclose(found.value, STEEP_TRUTH, rtol=0, atol=1e-8)
    assert (found.error <= 1e-8).all() and book.holds and (book.tolerance < 1e-6).all()
    assert (gaps.approximation >= -gaps.error).all() and (gaps.error < 1e-6).all()


@pytest.mark.slow
def test_mpmath_between_the_steps_says_so_too():
    fit, x = steep_vae()
    w, b = fit.params["decoder.0.weight"][:, 0], fit.params["decoder.0.bias"]
    W, c = fit.params["decoder.out.weight"], fit.params["decoder.out.bias"]

    def joint(z, row):
        h = [mpmath.tanh(mpmath.mpf(u) * z + mpmath.mpf(v)) for u, v in zip(w, b, strict=True)]
        total = -(z**2) / 2 - mpmath.log(2 * mpmath.pi) / 2
        for weights, bias, value in zip(W, c, row, strict=True):
            out = sum(
                (mpmath.mpf(u) * v for u, v in zip(weights, h, strict=True)), mpmath.mpf(bias)
            )
            total += value * out - mpmath.log1p(mpmath.exp(out))
        return mpmath.exp(total)

    edges = [*np.linspace(-0.2, 0.2, 41), *np.linspace(0.3, 9, 30), *-np.linspace(0.3, 9, 30)]
    by_mpmath = mpmath.log(mpmath.quad(lambda z: joint(z, x[1]), sorted(map(float, edges))))
    assert_allclose(float(by_mpmath), STEEP_TRUTH[1], atol=1e-8)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("seed", mostly_slow(range(6)))
def test_a_bump_between_the_nodes(seed, likelihood, activation):
    """All three numbers of the ledger, each against scipy; q is wide across the bump."""
    fit, x = plant(seed, likelihood, activation)
    found = fit.log_evidence(x)
    off = np.abs(found.value[0] - true_log_evidence(fit, x[0]))
    assert off <= found.error[0] <= 1e-8
    model = DecoderModel(fit, x)
    q = GaussianRows.of(model, [0.2], [[1.3]])
    elbo = true_elbo(fit, x[0], 0.2, np.sqrt(1.3))
    book = model.ledger(q)
    assert abs(book.elbo[0] - elbo) <= book.errors["elbo"][0] <= 1e-6
    assert abs(book.kl[0] - (true_log_evidence(fit, x[0]) - elbo)) <= book.errors["kl"][0] <= 1e-6
    assert book.holds


@pytest.mark.parametrize("activation", mostly_slow(["relu", "tanh"]))
@pytest.mark.parametrize("seed", mostly_slow(range(3)))
def test_a_ridge_between_the_nodes_in_the_plane(seed, activation):
    """Every unit turns along one direction s; over the other, z is a standard normal."""
    angle = np.random.default_rng([seed, 1]).uniform(0, np.pi)
    direction = np.array([np.cos(angle), np.sin(angle)])
    fit, x = plant(seed, "bernoulli", activation, 2, direction)

    def joint(s):
        return np.exp(oracle_log_joint(fit, x[0], s[:, None] * direction) + 0.5 * np.log(2 * np.pi))

    edges = turns(fit, -9.0, 9.0)
    truth = np.log(integral(joint, edges))
    found = fit.log_evidence(x)
    assert abs(found.value[0] - truth) <= found.error[0] <= 1e-6
    assert seed > 0 or fit.ledger(x).holds


def steepened(scale, d, hidden, likelihood, activation):
    """A decoder of so many times the usual weights, and two data that it did not make."""
    noise = -1.0 if likelihood == "gaussian" else None
    vae = VAE(6, d, hidden, likelihood, activation, dtype="float64", log_sd=noise)
    params = {name: scale * value for name, value in vae.init(rng=3).items()}
    x = (np.random.default_rng(14).random((2, 6)) < 0.4).astype(float)
    return Amortised(vae, params, NO_TRACE), x


def peaked_vae():
    vae = VAE(3, 1, (6, 7), "gaussian", "tanh", dtype="float64", log_sd=-1.0)
    fit = Amortised(vae, {n: 150 * v for n, v in vae.init(rng=112).items()}, NO_TRACE)
    return fit, np.array([2.0, -4.0, 27.0])


PEAKED_TRUTH = -2317.728089923


def test_a_peak_that_all_nodes_are_far_below():
    """What hides between two nodes may be thousands of nats, above nodes that are lower still: the
    mass lies in two parts of 1e-7, about the origin, where both layers turn."""
    fit, x = peaked_vae()
    found = fit.log_evidence(x[None])
    assert abs(found.value[0] - PEAKED_TRUTH) <= 1e-8 and found.error[0] <= 1e-8


@pytest.mark.slow
def test_two_hundred_thousand_cells_know_of_that_peak_too():
    fit, x = peaked_vae()
    truth = log_integral(lambda z: oracle_log_joint(fit, x, z), 10.0, 1, 200_000)
    assert abs(truth - PEAKED_TRUTH) <= 1e-8


@pytest.mark.slow
def test_kinks_in_the_plane():
    """Two latents, a dozen lines of kinks and logits of a slope of hundreds: cells that know of no
    kink, and logits instead of probabilities, which would be 0 and 1."""
    fit, x = steepened(30, 2, (5,), "bernoulli", "relu")
    w, b, W, c = (
        fit.params[f"decoder.{n}"] for n in ("0.weight", "0.bias", "out.weight", "out.bias")
    )

    def joint(z):
        out = np.maximum(z @ w.T + b, 0.0) @ W.T + c
        against = np.where(x[1] > 0, -out, out)
        return stats.norm.logpdf(z).sum(-1) - np.logaddexp(0.0, against).sum(-1)

    found = fit.log_evidence(x[1:])
    truth = log_integral(joint, 9.0, 2, 200, 6, 1e-7)
    assert abs(found.value[0] - truth) <= 1e-6 and found.error[0] <= 1e-5


def test_exact_draws_find_the_bump():
    for seed in range(3):
        fit, x = plant(seed)
        z = vi_lab.exact(DecoderModel(fit, x)).sample(20_000, rng=0)["z"].ravel()
        evidence = np.exp(true_log_evidence(fit, x[0]))
        edges = turns(fit, -9.0, 9.0)
        for end in np.quantile(z, [0.1, 0.5, 0.9]):
            below = np.append(edges[edges < end], end)

            def joint(s, fit=fit, x=x):
                return np.exp(oracle_log_joint(fit, x[0], s[:, None]))

            share = integral(joint, below) / evidence
            assert abs((z < end).mean() - share) < 5 * np.sqrt(share * (1 - share) / 20_000)


# The bound on what hides


@pytest.mark.parametrize("activation", ["tanh", "softplus"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("hidden", [(5,), (4, 3)])
def test_no_more_hides_between_nodes_than_the_bound_says(activation, likelihood, hidden):
    """A thousand points about each node: none is farther from the two nodes' values than that. Of
    deep decoders the lower layers must be resolved first, which the steps see to."""
    rng = np.random.default_rng(0)
    fit, x = make_up(1, 3, 100.0, likelihood=likelihood, activation=activation, hidden=hidden)
    decoder = Decoder(fit.vae.network, fit.params)
    z, step = rng.uniform(-2, 2, (40, 1)), np.array([[0.2]])
    hidden_nats = bound_hidden(decoder, x[:1], z, step)
    between = z + 0.1 * np.linspace(-1, 1, 1001)
    log_joint = decoder.log_joint_everywhere(x[:1], between.reshape(-1, 1))[0].reshape(40, -1)
    log_joint += 0.5 * between**2
    ends = log_joint[:, [0, -1]]
    over = log_joint.max(1) - ends.max(1)
    under = ends.min(1) - log_joint.min(1)
    smooth = 2.0 * np.abs(np.diff(ends)).ravel() + 0.5  # what is seen, and bends gently
    assert (np.maximum(over, under) <= hidden_nats + smooth).all()
    assert (hidden_nats > 1.0).any()


@pytest.mark.parametrize("activation", ["tanh", "softplus"])
@pytest.mark.parametrize("bernoulli", [True, False])
def test_what_hides_behind_one_unit_in_the_plane(activation, bernoulli):
    """By hand: a = 3 z_1 + 4 z_2 + 0.2 moves by 3.5 either way, f(a) by the rest."""
    layers = [(np.array([[3.0, 4.0]]), np.array([0.2])), (np.array([[-6.0]]), np.array([0.5]))]
    decoder = SimpleNamespace(
        layers=layers, activation=activation, bernoulli=bernoulli, precision=4.0
    )
    softplus = lambda t: np.log1p(np.exp(t))  # noqa: E731
    f = np.tanh if activation == "tanh" else softplus
    a, x = 0.2 + 3.0 * 0.1 - 4.0 * 0.3, 0.7
    step = f(a + 3.5) - f(a - 3.5)
    own = step if activation == "tanh" else min(f(a + 3.5), f(3.5 - a))
    out, reach = 0.5 - 6.0 * f(a), 0.5 * 6.0 * step
    if bernoulli:
        expected = 6.0 * own + min(softplus(out + reach), softplus(reach - out))
    else:
        expected = 4.0 * (abs(x - out) + reach + 0.5 * 6.0 * own) * 6.0 * own
    found = bound_hidden(decoder, np.array([[x]]), np.array([[0.1, -0.3]]), np.eye(2))
    assert_allclose(found, [expected], rtol=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "relu", "softplus"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_no_point_of_a_box_is_higher_than_its_highest(activation, likelihood):
    """A thousand points of each box; of a box that is a point, just as high."""
    fit, x = steepened(20, 2, (5, 4), likelihood, activation)
    decoder = Decoder(fit.vae.network, fit.params)
    rng = np.random.default_rng(0)
    low, side = rng.uniform(-2, 2, (50, 2)), 10.0 ** rng.uniform(-3, 0, (50, 1))
    inside = low[:, None] + side[:, None] * rng.random((50, 1000, 2))
    height = decoder.log_likelihood(np.broadcast_to(x[0], (50, 6)), decoder.out(inside))
    most = bound_highest(decoder, x[0], low, low + side)
    assert (height.max(1) <= most).all() and (most <= decoder.ceiling).all()
    assert (most < decoder.ceiling - 1.0).any()
    at_corner = decoder.log_likelihood(np.broadcast_to(x[0], (50, 6)), decoder.out(low[:, None]))
    assert_allclose(bound_highest(decoder, x[0], low, low), at_corner[:, 0])


def test_nothing_hides_where_units_are_flat_or_slow():
    fit, x = steep_vae()
    decoder = Decoder(fit.vae.network, fit.params)
    saturated = bound_hidden(decoder, x, np.array([[30.0]]), np.array([[0.1]]))
    assert saturated[0] < 1e-9
    turning = bound_hidden(decoder, x, np.array([[0.0]]), np.array([[0.1]]))
    assert turning[0] > 10.0
    slow = bound_hidden(decoder, x, np.array([[0.0]]), np.array([[1e-3]]))
    assert slow[0] < 1e-9 or slow[0] > 0  # resolved, or still said to hide something
    fine = bound_hidden(decoder, x, np.array([[0.0]]), np.array([[1e-5]]))
    assert fine[0] == 0.0


def test_kinks_are_counted_and_placed():
    fit, x = make_up(2, 1, likelihood="bernoulli", activation="relu", hidden=(6,))
    decoder = Decoder(fit.vae.network, fit.params)
    w, b = decoder.layers[0]
    rng = np.random.default_rng(1)
    centres, side = rng.uniform(-1, 1, (50, 2)), 0.2
    found = find_kinks(decoder, x[:1], centres, side * np.broadcast_to(np.eye(2), (50, 2, 2)), 0.2)
    corners = centres[:, None] + 0.5 * side * np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    a = corners @ w.T + b
    crosses = (a.max(1) > 0) & (a.min(1) < 0)
    assert (found.number == crosses.sum(-1)).all() and set(found.number) >= {0, 1, 2}
    one = found.number == 1
    assert_allclose(found.value[one], (centres @ w.T + b)[one][crosses[one]])
    assert_allclose(found.moves[one], side * np.array([w[c][0] for c in crosses[one]]))
    assert (found.hidden[found.number < 2] == 0).all() and (
        found.hidden[found.number > 1] > 0
    ).all()


def test_a_cell_is_cut_where_a_unit_has_its_kink():
    """On the line the nodes of each piece integrate what is a parabola there, exactly: in cells on
    one side of the middle, which their mirror images are not."""
    fit, x = make_up(1, 1, likelihood="bernoulli", activation="relu", hidden=(1,))
    decoder = Decoder(fit.vae.network, fit.params)
    (w,), (b,) = decoder.layers[0][0], decoder.layers[0][1]
    kink = float(-b / w[0])
    mean, root = np.array([kink - 1.0]), np.array([[0.5]])  # the kink is at u = 2
    corners, sides = np.array([[1.5], [0.0]]), np.array([[0.8], [0.8]])
    seen = {}
    for which, nodes in lay_nodes(decoder, x[0], corners, sides, 6, mean, root):
        found = (np.maximum(nodes.points[..., 0] - 2.0, 0.0) ** 2 * nodes.weights).sum(-1)
        seen |= dict(zip(which.tolist(), found, strict=True))
        assert nodes.even == (which == 1).all()
    assert seen[0] * 0.8 == pytest.approx(0.3**3 / 3, rel=1e-12) and seen[1] == 0.0


# Planted mistakes


def test_without_the_bound_bumps_are_missed(monkeypatch):
    monkeypatch.setattr(even_grid, "smooth_everywhere", lambda decoder, steps: True)
    off = []
    for seed in range(6):
        fit, x = plant(seed)
        off.append(abs(fit.log_evidence(x).value[0] - true_log_evidence(fit, x[0])))
    assert max(off) > 0.01


def test_a_gap_below_zero_raises(monkeypatch):
    fit, x = make_up(1, likelihood="bernoulli", activation="tanh")
    honest = per_datum_ledger.kl_to_posterior

    def wrong(*arguments):
        kl = honest(*arguments)
        return kl._replace(value=kl.value - 1.0)

    monkeypatch.setattr(per_datum_ledger, "kl_to_posterior", wrong)
    with pytest.raises(NumericalError, match=r"the approximation gap of row . is -.*below 0"):
        fit.gaps(x)


def test_a_bound_above_the_evidence_raises(monkeypatch):
    """Though its KL is right."""
    fit, x = make_up(1, likelihood="bernoulli", activation="tanh")
    honest = per_datum_ledger.normalise
    monkeypatch.setattr(
        per_datum_ledger,
        "normalise",
        lambda data, truth: honest(data, truth._replace(value=truth.value + 9.0)),
    )
    sunk = per_datum_ledger.integrate_above

    def sink(data, bound):
        found = sunk(data, bound)
        return found._replace(value=found.value - 9.0)

    monkeypatch.setattr(per_datum_ledger, "integrate_above", sink)
    with pytest.raises(NumericalError, match=r"log p\(x\) - ELBO\(q\*\) of row . is -.*below 0"):
        fit.gaps(x)
    book = fit.ledger(x)
    assert book.holds is False and "a mistake: log p(x) - ELBO of row" in repr(book)
