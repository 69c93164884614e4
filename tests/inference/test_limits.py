"""Where a method ends: what is as large as its limit is done, and what is larger by one is not."""

import re

import numpy as np
import pytest

import vi_lab
from vi_lab import BayesNet, CorrelatedGaussian, InputError
from vi_lab.families import bits
from vi_lab.inference.engine import (
    gaussian_limits,
    gaussian_response,
    hamiltonian_run,
    response_checks,
    target,
)
from vi_lab.models import bayes_net
from vi_lab.models.posteriors import transfer_matrix

THREE = CorrelatedGaussian(np.zeros(3), np.eye(3))
NEWCOMB = vi_lab.problem("newcomb").model  # two statistics of each of two blocks


def why_no_net():
    tables = {"a": 0.3, "b": [0.1, 0.9], "c": [0.2, 0.5]}
    net = BayesNet({"a": (), "b": ("a",), "c": ("b",)}, tables, {})
    return net.no_exact_because


def why_no_bits():
    try:
        bits.Bits(3)
    except InputError as error:
        return str(error)


LIMITS = {
    "a random walk": (target, "MOST_COORDINATES", 3, lambda: target.why_no_moves(THREE)),
    "trajectories": (hamiltonian_run, "MOST_COORDINATES", 3,
                     lambda: hamiltonian_run.why_no_trajectories(THREE)),
    "a diagonal Gaussian": (gaussian_limits, "MOST_COORDINATES", 3,
                            lambda: gaussian_limits.why_no_gaussian(THREE, "centred", "diagonal")),
    "a full Gaussian": (gaussian_limits, "MOST_FULL", 3,
                        lambda: gaussian_limits.why_no_gaussian(THREE, "centred", "full")),
    "linear response": (response_checks, "MOST_STATISTICS", 4,
                        lambda: response_checks.why_no_response(NEWCOMB)),
    "that of a Gaussian": (gaussian_response, "MOST_PARAMETERS", 9,
                           lambda: gaussian_response.why_no_gaussian_response(THREE, 9)),
    "joint values of a net": (bayes_net, "MOST_HIDDEN", 3, why_no_net),
    "variables of one table": (bits, "MOST_VARIABLES", 3, why_no_bits),
    "a free lattice": (transfer_matrix, "MOST_SPINS_FREE", 3,
                       lambda: transfer_matrix.refusal(np.zeros((5, 3)), 0.1, False)),
    "a torus": (transfer_matrix, "MOST_SPINS_TORUS", 4,
                lambda: transfer_matrix.refusal(np.zeros((4, 6)), 0.1, True)),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_as_large_as_the_limit_is_done_and_one_more_is_told_with_both_numbers(name, monkeypatch):
    module, constant, size, why = LIMITS[name]
    monkeypatch.setattr(module, constant, size)
    assert why() is None
    monkeypatch.setattr(module, constant, size - 1)
    assert {str(size), str(size - 1)} <= set(re.findall(r"\d+", why()))


@pytest.mark.parametrize(("covariance", "numbers"), [("diagonal", 3 + 3), ("full", 3 + 3 + 3)])
def test_what_a_gaussian_too_many_would_take_is_counted(covariance, numbers, monkeypatch):
    """Means and sds; or means and the lower triangle of a root."""
    for constant in ("MOST_COORDINATES", "MOST_FULL"):
        monkeypatch.setattr(gaussian_limits, constant, 2)
    words = gaussian_limits.why_no_gaussian(THREE, "centred", covariance)
    assert words.endswith(f"above 2: {numbers} numbers to fit")


def test_as_many_parameters_of_a_gaussian_as_it_has_are_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(
        gaussian_response, "why_no_gaussian_response", lambda model, size: asked.append(size)
    )
    for covariance in ("diagonal", "full"):
        gaussian_response._refuse_no_response(
            vi_lab.gaussian_vi("correlated", covariance=covariance, rng=0)
        )
    size = len(vi_lab.problem("correlated").model.mean)
    assert asked == [2 * size, size + size * (size + 1) // 2]


def test_every_state_of_16_spins_is_visited_however_strong_the_coupling():
    truth = vi_lab.exact(vi_lab.Ising(100.0, np.zeros((4, 4))))
    assert truth.log_evidence == pytest.approx(24 * 100.0 + np.log(2.0), rel=1e-14)
    longer = vi_lab.Ising(100.0, np.zeros((4, 5)))
    assert "span 1600 nats, above the limit of 300" in longer.no_exact_because
