"""Rows of what follows gradients: many methods in a word, what each costs, what is said of each."""

import csv
import io
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
from tests.console import call
from tests.thinning import mostly_slow
from vi_lab import InputError, compare, exact, problem
from vi_lab.comparison.metrics import measure
from vi_lab.comparison.reference import Reference
from vi_lab.problems.methods import METHODS, PRESETS, select_methods

GRADIENT = ["laplace", "gaussian-mean-field", "gaussian-full-rank", "gaussian-linear-response",
            "ep", "hmc"]  # fmt: skip


@pytest.fixture(scope="module")
def clutter():
    return compare("clutter", methods="gradient", rng=0)


def names(model, *asked):
    return [method.name for method in select_methods(METHODS, model, list(asked) or None)]


def test_presets_are_many_methods_in_a_word():
    assert {"classic", "gradient", "all"} <= set(PRESETS)
    coal, ising = problem("coal").model, problem("ising").model
    classic = names(coal, "classic")
    assert names(coal) == [*classic, "gaussian-full-rank"]
    assert set(names(coal, "gradient")) == {"exact", *GRADIENT}
    assert set(names(coal, "all")) >= {*classic, *GRADIENT}
    assert set(names(ising, "gradient")) == {"exact", *GRADIENT}  # with the reason why not
    assert names(ising) == names(ising, "classic")
    assert names(coal, "classic", "hmc", "cavi") == [*classic, "hmc"]
    digits = names(problem("digits").model)
    assert digits[-3:] == ["gaussian-mean-field", "gaussian-full-rank", "amortised"]


def test_rows_of_presets_in_python_and_on_the_command_line(clutter):
    assert [row.method for row in clutter.rows] == ["exact", *GRADIENT]
    out, _ = call("compare", "ising", "--methods", "gradient", "--format", "json")
    rows = json.loads(out)["rows"]
    assert [row["method"] for row in rows if row["applies"]] == ["exact"]
    assert all("does not apply, because" in row["reason"] for row in rows if not row["applies"])
    with pytest.raises(InputError, match="methods: unknown name 'gradients'"):
        compare("coin", methods="gradients")


def test_what_they_find_and_what_is_said_of_it(clutter):
    rows = {row.method: row for row in clutter.rows}
    for method, gap, sd in (
        ("laplace", 0.0064, 0.914), ("gaussian-mean-field", 0.0024, 0.960),
        ("gaussian-full-rank", 0.0024, 0.960), ("ep", 0.0039, 1.000),
    ):  # fmt: skip
        assert_allclose(rows[method].gap, gap, atol=1e-4)
        assert_allclose(rows[method].sd_ratio_min, sd, atol=1e-3)
        assert rows[method].holds is True
    truth = exact("clutter").log_evidence
    assert_allclose(rows["laplace"].log_evidence_estimate - truth, -0.0272, atol=1e-3)
    assert_allclose(rows["ep"].log_evidence_estimate - truth, 0.0118, atol=1e-3)
    said = clutter.verdicts["clutter"]
    assert "Laplace's Gaussian falls 0.0064 nats short" in said
    assert "it estimates log p(x) 0.027 nats too low" in said
    assert "EP's Gaussian" in said and "Hamiltonian Monte Carlo agrees with the truth" in said


def test_gradients_are_a_column_of_their_own(clutter):
    rows = {row.method: row for row in clutter.rows}
    for method in ("laplace", "gaussian-full-rank", "hmc"):
        assert rows[method].gradients > 100
    assert rows["hmc"].gradients > rows["hmc"].density_evaluations  # steps a trajectory
    written = list(csv.DictReader(io.StringIO(clutter.to_csv())))
    assert {r["method"]: r["gradients"] for r in written}["hmc"] == str(rows["hmc"].gradients)
    walk = vi_lab.metropolis_hastings("clutter", rng=0, draws=10, warmup=0)
    assert walk.cost.gradients == 0


class Asked:
    """A density that counts how often it and its gradient are asked for."""

    dimension = 2

    def __init__(self):
        self.densities = self.slopes = 0

    def log_density(self, z):
        self.densities += z[..., 0].size
        return -0.5 * (z**2).sum(-1)

    def gradient(self, z):
        self.slopes += z[..., 0].size
        return -z

    def sample_latents(self, rng, batch=()):
        return {"z": rng.standard_normal((*batch, 2))}


def test_a_run_counts_what_the_model_was_asked_for():
    model = Asked()
    cost = vi_lab.hmc(model, rng=0, draws=30, warmup=40).cost
    assert cost.gradients == model.slopes
    assert cost.density_evaluations <= model.densities <= cost.density_evaluations + 10
    model = Asked()
    q = vi_lab.gaussian_vi(model, rng=0)
    measured = sum(len(nodes.weights) for nodes in q.first_nodes)  # of the bound it is handed with
    assert q.cost.gradients == model.slopes
    assert q.cost.density_evaluations == model.densities - measured


def test_without_a_mode_laplace_has_a_row_with_the_reason():
    (row,) = compare("eight-schools", methods="laplace", rng=0).rows
    assert not row.applies and "there is no mode" in row.reason and "\n" not in row.reason
    assert len(row.reason) < 300


def test_another_gaussian_is_measured_by_its_own_numbers():
    """Means and sds of a q by hand, against those of the truth."""
    model = problem("clutter").model
    q = vi_lab.gaussian_vi(model, rng=0)
    moved = q.mixture._replace(means=q.mixture.means + 0.25 * exact(model).sd("theta"))
    q = vi_lab.GaussianPosterior(model, moved, "moved")
    reference = Reference(model, np.random.default_rng(0))
    row = measure("clutter", "moved", q, reference, np.random.default_rng(1))
    truth = exact(model)
    expected = abs(q.mean("theta") - truth.mean("theta")) / truth.sd("theta")
    assert_allclose(row.mean_error, expected, rtol=1e-9)
    assert_allclose(row.gap, truth.log_evidence - q.elbo, rtol=1e-9)
    assert row.kl == pytest.approx(row.gap, abs=1e-6)


@pytest.mark.parametrize("preset", mostly_slow(PRESETS, ("classic", "evidence")))
def test_every_preset_has_rows(preset):
    assert compare("coin", methods=preset, rng=0).rows
