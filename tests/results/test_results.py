"""Results: frozen, short to print, one language over Exact, Draws and Factorised."""

import functools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.contract.models import KNOWN, MODELS
from tests.contract.tolerances import assert_averages
from tests.tables import table
from vi_lab import (
    Categorical,
    CorrelatedGaussian,
    Factorised,
    Gamma,
    InputError,
    MultivariateNormal,
    Normal,
    cavi,
    exact,
    gibbs,
    laplace,
    metropolis_hastings,
)  # fmt: skip

METHODS = {
    "exact": exact,
    "cavi": lambda model: cavi(model, rng=0, restarts=3),
    "gibbs": lambda model: gibbs(model, rng=0, draws=200),
    "metropolis": lambda model: metropolis_hastings(model, rng=0, draws=200, warmup=100),
}
RESULTS = {
    f"{method}, {name}": (run, KNOWN[name])
    for method, run in METHODS.items()
    for name in ("normal-gamma", "change point", "correlated, blocks of 3-D")
}
RESULTS["cavi, labels"] = METHODS["cavi"], KNOWN["known mixture"]
RESULTS["gibbs, labels"] = METHODS["gibbs"], KNOWN["known mixture"]
RESULTS["exact, labels"] = METHODS["exact"], KNOWN["known mixture"]


every_result = table("which", RESULTS)


@functools.cache
def result_of(which):
    run, case = RESULTS[which]
    return run(case.model)


@every_result
def test_nothing_can_be_set(which):
    result = result_of(which)
    for name in ("seconds", "model", "something_new"):
        with pytest.raises(AttributeError):
            setattr(result, name, 1.0)


@every_result
def test_no_array_can_be_written(which):
    result = result_of(which)
    held = [getattr(result, name, None) for name in ("elbo_trace", "optima", "acceptance_rate")]
    values = getattr(result, "values", {})
    with pytest.raises(TypeError):
        (values or getattr(result, "q", None) or np.float64)["new"] = 0
    for array in [*held, *values.values()]:
        if isinstance(array, np.ndarray):
            assert not array.flags.writeable
    for factor in getattr(result, "q", {}).values():
        assert all(not field.flags.writeable for field in factor.eta)


@every_result
def test_what_a_user_gets_cannot_change_the_result(which):
    """mean, sd and sample hand out their own numbers."""
    result = result_of(which)
    for name in result.names:
        before = np.array(result.mean(name))
        got = result.mean(name)
        if isinstance(got, np.ndarray) and got.flags.writeable:
            got += 1.0
        assert_allclose(result.mean(name), before)


@every_result
def test_one_language(which):
    result = result_of(which)
    assert result.seconds > 0
    for name in result.names:
        mean = result.mean(name)
        assert isinstance(mean, float) or mean.dtype == np.float64
        if name in result.model.nominal:
            assert_allclose(np.sum(mean, axis=-1), 1.0)
            with pytest.raises(InputError, match="labels, which have no sd"):
                result.sd(name)
        else:
            assert np.shape(result.sd(name)) == np.shape(mean)
            assert np.all(np.asarray(result.sd(name)) > 0)
    sample = result.sample(7, rng=1)
    again = result.sample(7, rng=1)
    assert {len(v) for v in sample.values()} == {7}
    assert all(np.array_equal(v, again[n]) for n, v in sample.items())


@every_result
def test_tables_and_reprs(which):
    result = result_of(which)
    rows = result.table()
    assert len(rows) == sum(np.size(result.mean(name)) for name in result.names)
    assert all(isinstance(row["mean"], float) for row in rows)
    assert ("R-hat" in rows[0]) == (hasattr(result, "rhat") and "sd" in rows[0])
    assert len(repr(result)) < 200
    assert repr(result).startswith("<")
    assert result._repr_html_().startswith("<table>")


def test_what_a_table_in_a_notebook_leaves_out_is_counted():
    q = cavi("iris", rng=0, restarts=1)
    size = sum(np.size(q.mean(name)) for name in q.names)
    shown = q._repr_html_()
    assert shown.count("<tr>") == 1 + 12 and f"<p>{size - 12} more</p>" in shown
    short = cavi("newcomb", rng=0)._repr_html_()
    assert short.count("<tr>") == 1 + 2 and "more" not in short


@every_result
def test_draws_agree_with_the_means(which):
    """Independent draws of q and of the truth have its means and sds."""
    result = result_of(which)
    if hasattr(result, "rhat"):
        return
    draws = result.sample(20_000, rng=2)
    for name in result.names:
        value = draws[name]
        if name in result.model.nominal:
            value = value[..., None] == np.arange(result.model.nominal[name])
            assert_averages(value.astype(float), result.mean(name), name)
            continue
        assert_averages(value, result.mean(name), name)
        assert_averages((value - result.mean(name)) ** 2, np.square(result.sd(name)), name)


def test_draws_are_read_over_chains_and_draws():
    result = gibbs(MODELS["change point"].model, rng=0, chains=3, draws=50)
    flat = result.values["rates"].reshape(150, 2)
    assert_allclose(result.mean("rates"), flat.mean(0))
    assert_allclose(result.sd("rates"), flat.std(0))
    picked = result.sample(500, rng=0)
    pairs = {(s, *rates) for s, rates in zip(
        result.values["s"].ravel().tolist(), flat.tolist(), strict=True)}  # fmt: skip
    drawn = zip(picked["s"].tolist(), picked["rates"].tolist(), strict=True)
    assert all((s, *rates) in pairs for s, rates in drawn)  # jointly, not latent by latent
    assert result.ess()["rates"].shape == result.rhat()["rates"].shape == (2,)


def test_hand_made_factors_take_the_form_of_the_model():
    model = CorrelatedGaussian([0, 0, 0], np.eye(3), blocks=[[0, 1], [2]])
    q = Factorised(model, z0=Normal.of(mean=[1, 2], sd=1), z1=MultivariateNormal.of([3], [[4]]))
    assert_allclose(q.mean("z0"), [1, 2])
    assert_allclose(q.sd("z1"), [2])
    assert q.converged is None
    assert q.elbo_trace.size == 0
    assert q.optima.tolist() == [q.elbo]
    assert -q.elbo == pytest.approx(0.5 * (1 + 4 + 9 + (4 - 1 - np.log(4))))


def test_one_gamma_serves_both_plates_and_batches_broadcast():
    model = MODELS["change point"].model
    even = Categorical.of(np.full(7, 1 / 7))
    q = Factorised(model, s=even, rates=Gamma.of(shape=2, rate=1))
    assert q.mean("rates").shape == (2,)
    grid = Factorised(model, s=even, rates=Gamma.of(shape=np.arange(1.0, 5)[:, None], rate=[1, 2]))
    assert grid.batch == (4,)
    assert grid.elbo.shape == (4,)
    assert grid.mean("s").shape == (4,)
    assert "batch (4,)" in repr(grid)


@pytest.mark.parametrize("given, came", [({}, "none"), ({"tau": 1.0}, "tau")])
def test_a_density_needs_every_latent_and_says_which_came(given, came):
    words = rf"^values: needs every latent \(mu, tau\), got {came}$"
    for truth in (exact("newcomb"), laplace("newcomb", rng=0)):
        with pytest.raises(InputError, match=words):
            truth.log_density(given)


def test_exact_density_outside_the_support():
    truth = exact(MODELS["change point"].model)
    for s, rates in ((0, [1.0, 1.0]), (8, [1.0, 1.0]), (1.5, [1.0, 1.0]), (3, [1.0, 0.0]),
                     (3, [-1.0, 1.0]), (3, [1.0, np.inf])):  # fmt: skip
        assert truth.log_density({"s": s, "rates": rates}) == -np.inf
    assert np.isfinite(truth.log_density({"s": 3, "rates": [1.0, 1.0]}))
    normal = exact(MODELS["normal-gamma"].model)
    for mu, tau in ((0.0, 0.0), (0.0, -1.0), (np.inf, 1.0), (0.0, np.inf)):
        assert normal.log_density({"mu": mu, "tau": tau}) == -np.inf
    gaussian = exact(MODELS["correlated"].model)
    for z in (np.inf, -np.inf, np.nan):
        assert gaussian.log_density({"z0": [z], "z1": [0.0]}) == -np.inf
