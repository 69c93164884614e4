"""Cells that are halved: when they stop, and that a unit of the integrand changes nothing."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab.vae.evidence import cell_rules
from vi_lab.vae.evidence.cell_nodes import CellNodes, _cut_cells
from vi_lab.vae.evidence.cells import STRETCH, Looked, integrate
from vi_lab.vae.evidence.unseen import Kinks

NODES, WEIGHTS = np.polynomial.legendre.leggauss(6)
MOST = 200


def by_gauss(function, unit=1.0):
    """A rule: Gauss's in each cell of a line, of unit * function, where nothing hides."""

    def look(corners, sides):
        values = unit * function(corners + sides * 0.5 * (NODES + 1.0))
        sums = (values * WEIGHTS).sum(1, keepdims=True) * 0.5 * sides
        return Looked(sums, np.zeros(len(sums)), np.full(len(sums), -np.inf))

    return look


def halve(rule, tolerance, usable=0.0, relative=False):
    return integrate(
        rule, np.array([-1.0]), np.array([1.0]), cells=3, tolerance=tolerance, usable=usable,
        relative=relative, most=MOST,
    )  # fmt: skip


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_what_rounding_alone_leaves_is_not_halved_for_ever(unit):
    """No tolerance at all: the sum itself has fewer digits."""
    found = halve(by_gauss(np.exp, unit), 0.0)
    assert len(found.corners) < MOST / 5
    assert_allclose(found.sums, unit * 2.0 * np.sinh(1.0), rtol=1e-14)
    assert found.error <= 1e-15 * unit * 2.0 * np.sinh(1.0)


def test_a_tolerance_is_of_the_integral_or_as_it_stands():
    """|x - 0.3| has a kink, and the integral (1.3**2 + 0.7**2) / 2."""
    kinked = lambda x: np.abs(x - 0.3)  # noqa: E731
    first = halve(by_gauss(kinked), 1e-6)
    assert first.error <= 1e-6 and abs(first.sums[0] - 1.09) <= 1e-6
    for unit in (1e-4, 1e4):
        for tolerance, relative in ((1e-6 * unit, False), (1e-6 / 1.09, True)):
            other = halve(by_gauss(kinked, unit), tolerance, relative=relative)
            assert_allclose(other.sums, unit * first.sums, rtol=1e-13)
            assert np.array_equal(other.corners, first.corners)


@pytest.mark.parametrize("value", [0.0, 0.1, -0.4, 0.9])
def test_a_cell_is_cut_where_its_unit_is_at_rest(value):
    """|c + a u + b v| over the square about 0 is in closed form, for |t| is twice integrated by
    |t|**3 / 6: Gauss's rule in pieces has it exactly."""
    a, b = 0.8, -0.3
    corners = [(i * j, abs(value + 0.5 * (i * a + j * b)) ** 3) for i in (1, -1) for j in (1, -1)]
    integral = sum(sign * cube for sign, cube in corners) / (6.0 * a * b)
    moves = np.array([[a, b]])
    kinks = Kinks(np.ones(1, int), np.zeros(1), np.array([value]), moves)
    points, weights = _cut_cells(kinks, 6)
    heights = np.abs(value + (points - 0.5) @ moves[0])
    assert_allclose((weights * heights).sum(1), integral, rtol=1e-13)


def test_beyond_the_most_cells_only_what_is_not_usable_is_halved():
    """Of a rule between whose nodes a nat may hide in every cell, however small."""

    def look(corners, sides):
        nothing = np.zeros(len(sides))
        return Looked(sides, nothing, nothing)

    assert len(halve(look, 1e-30, usable=1e9).corners) == MOST
    assert len(halve(look, 1e-30, usable=0.0).corners) == STRETCH * MOST


def test_what_a_node_may_hide_stands_on_its_own_height(monkeypatch):
    """Beyond MUCH nats no exponential is taken: the cell may be as high as its best node's most."""
    monkeypatch.setattr(cell_rules, "integrate", lambda rule, *words, **more: rule)
    monkeypatch.setattr(cell_rules, "_in_parts", lambda rule, *words: rule)
    monkeypatch.setattr(cell_rules, "bound_highest", lambda *words: np.zeros(1))
    rule = cell_rules.integrate_joint(
        SimpleNamespace(n_latent=1), np.zeros(1), lambda z: -100.0 - z[:, 0], [0.0], [1.0], order=2
    )
    hidden = cell_rules.MUCH + np.array([[10.0, 12.0]])
    nodes = CellNodes(np.array([[[0.0], [1.0]]]), np.full((1, 2), 0.5), hidden, True)
    found = rule(nodes, np.zeros((1, 1)), np.ones((1, 1)))
    assert_allclose(found.log_hidden, [-101.0 + 42.0], rtol=1e-15)
