"""Nodes of a cell that is cut along a kink, against closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.vae.test_evidence import make_up
from vi_lab.vae.evidence.cell_nodes import _cut_cells, gauss, lay_nodes
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.unseen import Kinks


def rises(alpha, one, two):
    """The integral of max(alpha + one s + two t, 0) over the unit square: third powers at its
    corners."""
    corners = [(1, alpha + one + two), (-1, alpha + one), (-1, alpha + two), (1, alpha)]
    return sum(sign * np.maximum(at, 0.0) ** 3 for sign, at in corners) / (6.0 * one * two)


@pytest.mark.parametrize("order", [3, 4])
def test_a_plane_that_is_folded_anywhere_is_integrated_exactly(order):
    """By the line that leaves the cell through any two of its sides."""
    rng = np.random.default_rng(0)
    moves, value = rng.normal(0.0, 1.0, (300, 2)), rng.uniform(-0.5, 0.5, 300)
    value = value * np.abs(moves).sum(1)  # at the centre of a cell that the line meets
    kinks = Kinks(np.ones(300, int), np.zeros(300), value, moves)
    points, weights = _cut_cells(kinks, order)
    assert_allclose(weights.sum(1), 1.0)
    assert ((points >= 0) & (points <= 1)).all()
    alpha = value - 0.5 * moves.sum(1)
    height = alpha[:, None] + (points * moves[:, None]).sum(-1)
    found = (weights * np.maximum(height, 0.0)).sum(1)
    assert_allclose(found, rises(alpha, *moves.T), rtol=1e-9, atol=1e-12)


def test_a_cell_that_is_cut_and_its_half_have_other_nodes():
    """What stands on one side of a kink is then seen by two rules, and not by one twice."""
    fit, x = make_up(1, 1, likelihood="bernoulli", activation="relu", hidden=(1,))
    decoder = Decoder(fit.vae.network, fit.params)
    kink = float(-decoder.layers[0][1][0] / decoder.layers[0][0][0, 0])
    counts = [
        nodes.points.shape[1]
        for side in (0.8, 0.4, 0.2)
        for _, nodes in lay_nodes(decoder, x[0], np.array([[kink - 0.1]]), np.array([[side]]), 6,
                                  np.zeros(1), np.eye(1))
    ]  # fmt: skip
    assert counts[0] == counts[2] != counts[1]


def test_the_widest_gap_is_in_the_middle():
    for order in range(2, 12):
        points, weights, gap = gauss(order)
        assert_allclose([weights.sum(), weights @ points**3], [1.0, 0.25])
        assert gap == np.diff(points).max() > 2.0 * points[0]
