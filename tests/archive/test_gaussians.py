"""A Gaussian q read back: its ELBO averages over many nodes, of which the first come out again."""

import json
import shutil

import numpy as np
import pytest

from vi_lab import ResultFileError, laplace, load, problem
from vi_lab.inference.engine.gaussian_posterior import GROWING, RULES
from vi_lab.inference.engine.target import RealTarget
from vi_lab.numerics.gaussian_nodes import sobol_nodes

POLYNOMIAL = problem("polynomial")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A folder, and what is saved there: one whose ELBO took more than the first nodes."""
    folder, q = tmp_path_factory.mktemp("fitted"), laplace(POLYNOMIAL)
    assert len(q.elbo_averages) > 1
    q.save(folder / "q")
    return folder, q


@pytest.fixture
def saved(fitted, tmp_path):
    """Where a copy of its own lies, and what was saved."""
    folder, q = fitted
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return tmp_path / "q", q


@pytest.fixture
def asked(monkeypatch):
    """How many points each call of the log joint was for."""
    sizes, log_density = [], RealTarget.log_density

    def counted(self, y):
        sizes.append(y[..., 0].size)
        return log_density(self, y)

    monkeypatch.setattr(RealTarget, "log_density", counted)
    return sizes


def rewrite(path, change):
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    change(record)
    path.with_suffix(".json").write_text(json.dumps(record), encoding="utf-8")


def test_points_asked_for_begin_with_those_of_fewer():
    few, many = (sobol_nodes(5, n, 3, np.random.default_rng(0)).points for n in (64, 512))
    np.testing.assert_array_equal(many[:, :128], few)


def test_it_comes_back_for_the_first_nodes_alone(saved, asked):
    path, q = saved
    again = load(path, POLYNOMIAL)
    assert sum(asked) == RULES * 2 * GROWING[0]
    assert again.elbo_averages == q.elbo_averages
    assert repr(again) == repr(q)
    assert sum(asked) == RULES * 2 * GROWING[0]


def test_one_of_an_earlier_version_is_averaged_in_full(saved, asked):
    path, q = saved
    rewrite(path, lambda record: record.pop("elbo_averages"))
    assert load(path, POLYNOMIAL).elbo_averages == q.elbo_averages
    assert sum(asked) == RULES * 2 * GROWING[len(q.elbo_averages) - 1]


def add(place, amount):
    def change(record):
        record["elbo_averages"][place][0] += amount
        record["elbo"] = record["elbo_averages"][-1][0]

    return change


@pytest.mark.parametrize("change", [add(0, 1e-6), add(-1, 0.1), add(-1, float("1e300"))])
def test_numbers_that_do_not_come_out_again_are_refused(saved, change):
    path, _ = saved
    rewrite(path, change)
    with pytest.raises(ResultFileError, match=r"the file's ELBO .* is not this model's"):
        load(path, POLYNOMIAL)


def test_an_elbo_beside_its_averages_is_refused(saved):
    path, _ = saved
    rewrite(path, lambda record: record.update(elbo=record["elbo"] + 1e-6))
    with pytest.raises(ResultFileError, match=r"the file's ELBO .* is not this model's"):
        load(path, POLYNOMIAL)


@pytest.mark.parametrize("wrong", [3, [[1.0]], [["a", 1.0]], [[1.0, -1.0]], [[1.0, None]]])
def test_averages_of_another_kind_are_named(saved, wrong):
    path, _ = saved
    rewrite(path, lambda record: record.update(elbo_averages=wrong))
    with pytest.raises(ResultFileError, match="'elbo_averages' needs pairs"):
        load(path, POLYNOMIAL)


def test_another_prior_is_noticed_in_the_sixth_digit(saved):
    """Far below what an average over the first nodes alone could tell from the last one."""
    path, q = saved
    prior = POLYNOMIAL.hyperparameters
    name = next(key for key, value in prior.items() if np.ndim(value) == 0 and value > 0)
    other = POLYNOMIAL.change(**{name: prior[name] * (1.0 + 1e-6)})
    assert 1e-9 < abs(laplace(other).elbo - q.elbo) < q.elbo_error
    with pytest.raises(ResultFileError, match="other data or other priors"):
        load(path, other)
