"""A model of one's own that goes wrong while it runs: the error says where, and keeps the draws."""

import copy
import dataclasses

import numpy as np
import pytest

import vi_lab
from tests.contract.small_models import SplitVector
from tests.fuzz.material import DRAWS, MODEL, Q
from tests.fuzz.own import Density, going_wrong, raises
from tests.tables import table
from vi_lab import (
    ConvergenceWarning,
    InputError,
    NumericalError,
    ViLabError,
    cavi,
    elbo,
    errors,
    exact,
    gibbs,
    ledger,
    metropolis_hastings,
)
from vi_lab.families import GammaStats
from vi_lab.inference.engine import random_walk

SIZES = dict(chains=2, draws=20, warmup=5)


def of_nan(eta):
    return GammaStats(eta.log, eta.value * np.nan)


def negative(eta):
    return GammaStats(-5.0, eta.value)


def of_another_shape(eta):
    return GammaStats(np.ones((3, 7)), -np.ones((3, 7)))


def of_model(**changed):
    """A copy of MODEL with other functions of its own."""
    model = copy.copy(MODEL)
    for name, function in changed.items():
        setattr(model, name, function)
    return model


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (raises, InputError, "block 'tau', or a draw from it, raised KeyError: 'weights'"),
        (of_nan, NumericalError, ""),
        (negative, InputError, "block 'tau'"),
        (of_another_shape, InputError, "block 'tau', or a draw from it, raised ValueError"),
    ],
)
def test_gibbs_keeps_the_draws_before_a_conditional_breaks(wrong, error, words):
    with pytest.raises(error) as caught:
        gibbs(going_wrong(5 + 8, wrong), rng=3, **SIZES)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300
    kept, whole = caught.value.draws, gibbs(MODEL, rng=3, **SIZES)
    for name, values in kept.values.items():
        assert values.shape[1] == 8
        np.testing.assert_array_equal(values, whole.values[name][:, :8])
    assert np.isfinite(kept.mean("mu"))


@pytest.mark.parametrize("restarts", [1, 2])
@table(
    ("name", "wrong", "error", "words"),
    [
        ("tau", raises, InputError, "raised KeyError: 'weights'"),
        ("tau", of_nan, NumericalError, "is nan in 'value'"),
        ("tau", lambda e: GammaStats(e.log, e.value + 0j), InputError, "needs real numbers"),
        ("tau", lambda e: GammaStats(e.log, -np.ones(9)), InputError, r"gave \(9,\) in 'value'"),
        ("tau", of_another_shape, InputError, r"gave \(3, 7\)"),
        ("tau", negative, ViLabError, ""),
        ("tau", lambda e: None, InputError, "needs a GammaStats of log, value, gave None"),
        # a density of mu lets anything through
        ("mu", lambda e: e._replace(value=e.value * np.nan), NumericalError, "is nan in 'value'"),
        ("mu", lambda e: e._replace(value=e.value * 1j), InputError, "needs real numbers"),
        ("mu", lambda e: e._replace(value=np.zeros(9)), InputError, r"gave \(9,\) in 'value'"),
    ],
)
def test_cavi_names_the_block_that_breaks(name, wrong, error, words, restarts):
    for after in (0, 1):
        with pytest.raises(error, match=f"block '{name}'.*{words}") as caught:
            cavi(going_wrong(after, wrong, name), rng=3, restarts=restarts)
        assert caught.value.__cause__ is not None
        assert len(str(caught.value)) < 300


def test_gibbs_names_the_block_whose_draws_are_nan():
    with pytest.raises(NumericalError, match="block 'tau' is nan or infinite in sweep 5 of 20"):
        gibbs(going_wrong(9, of_nan), rng=3, **SIZES)
    with pytest.raises(NumericalError, match="from the warmup on"):
        gibbs(going_wrong(0, of_nan), rng=3, **SIZES)
    with pytest.raises(NumericalError, match="block 'tau' is nan or infinite in sweep 1 of 20"):
        gibbs(going_wrong(0, of_nan), rng=3, **SIZES | {"warmup": 0})


def test_nothing_is_kept_of_a_warmup():
    with pytest.raises(InputError) as caught:
        gibbs(going_wrong(2, raises), rng=3, **SIZES)
    assert caught.value.draws is None
    assert isinstance(caught.value.__cause__, KeyError)  # the traceback leads to the model's line


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (raises, InputError, "log density at a proposal of step 8 raised KeyErr"),
        (lambda z, right: right * np.nan, NumericalError, "is nan at a proposal of step 8"),
        (lambda z, right: right + np.inf, NumericalError, "is inf at a proposal of step 8"),
        (lambda z, right: right[:, None] + np.zeros(2), InputError, "step 8 raised ValueError"),
        (lambda z, right: "low", InputError, "step 8 raised"),
    ],
)
@pytest.mark.parametrize("at_once", [random_walk.DRAWN_AT_ONCE, 3 * 4])  # of two chains of two
def test_metropolis_keeps_the_draws_before_a_density_breaks(
    wrong, error, words, at_once, monkeypatch
):
    monkeypatch.setattr(random_walk, "DRAWN_AT_ONCE", at_once)
    settings = dict(rng=3, step=1.0, **SIZES)
    with pytest.raises(error) as caught:
        metropolis_hastings(Density(1 + 5 + 7, wrong), **settings)
    assert words in str(caught.value)
    kept, whole = caught.value.draws, metropolis_hastings(Density(), **settings)
    assert kept.values["z"].shape == (2, 7, 2)
    np.testing.assert_array_equal(kept.values["z"], whole.values["z"][:, :7])
    moved = np.diff(whole.values["z"][:, :7], axis=1).any(-1).sum(1)
    assert np.all(np.abs(kept.acceptance_rate * 7 - moved) <= 1)  # the first move is from the start


def test_a_density_of_0_far_out_is_no_error():
    """Overflow on the way to exp(-inf) is a rejection."""
    wild = Density(0, lambda z, right: -np.exp(300.0 * (z**2).sum(-1)))
    draws = metropolis_hastings(wild, rng=0, chains=2, draws=50, warmup=0, step=0.1)
    assert np.isfinite(draws.values["z"]).all()


@pytest.mark.parametrize(
    ("start", "error", "words"),
    [
        ({"z": np.zeros(2)}, InputError, r"needs z of shape \(2, 2\), gave \(2,\)"),
        ({"y": np.zeros((2, 2))}, InputError, "needs z of shape"),
        (
            {"z": np.full((2, 2), np.nan)},
            NumericalError,
            "chain 0 starts at .*nan.*log density is nan",
        ),
        (
            {"z": np.full((2, 2), 1e300)},
            NumericalError,
            "log density is -inf; it needs to be finite",
        ),
        (None, InputError, "sample_latents.*needs a dict .*, gave None"),
        ({"z": None}, InputError, "sample_latents.*needs z of shape .* got None"),
        ({"z": "x"}, InputError, "sample_latents.*needs z of shape .* got 'x'"),
    ],
)
def test_starts_that_are_none(start, error, words):
    model = Density(start=lambda batch: start)
    with pytest.raises(
        ViLabError if "chain" in words or "inf" in words else InputError, match=words
    ):
        metropolis_hastings(model, **SIZES, rng=0)


@pytest.mark.parametrize("run", [gibbs, cavi, metropolis_hastings])
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (lambda tau: -tau, "block 'tau' starts outside the support of Gamma at index"),
        (lambda tau: tau[:, None], "block 'tau' needs shape"),
        (lambda tau: None, "needs a value for block 'tau'"),
    ],
)
def test_starts_outside_the_support_or_of_another_shape(run, changed, words):
    def starts(rng, batch=()):
        values = dict(MODEL.sample_latents(rng, batch))
        values["tau"] = changed(values["tau"])
        return {k: v for k, v in values.items() if v is not None}

    with pytest.raises(InputError, match=words):
        run(of_model(sample_initial_values=starts), rng=0)


@pytest.mark.parametrize(
    ("log_joint", "error", "words"),
    [
        (lambda stats: np.zeros(5), InputError, r"log_joint: .* shape \(2,\), gave .* \(5,\)"),
        (lambda stats: np.nan, NumericalError, "the ELBO is nan"),
        (lambda stats: np.inf, NumericalError, "the ELBO is inf"),
        (lambda stats: stats["mu"].value + 0j, InputError, "gave complex128"),
        (lambda stats: stats["nu"], InputError, "the log joint raised KeyError: 'nu'"),
    ],
)
def test_cavi_says_what_is_wrong_with_a_log_joint(log_joint, error, words):
    with pytest.raises(error, match=words):
        cavi(of_model(log_joint=log_joint), rng=0, restarts=2)


@pytest.mark.parametrize("run", [gibbs, cavi, metropolis_hastings])
@table(
    ("came", "words"),
    [
        (None, r"sample_latents \(or .*needs a dict .*, gave None"),
        ("x", r"sample_latents \(or .*needs a dict .*, gave 'x'"),
        ({"mu": "x", "tau": np.ones(4)}, "block 'mu' needs an array of real numbers, got 'x'"),
        (
            {"mu": np.array(["x"] * 4), "tau": np.ones(4)},
            "'mu' needs an array of real numbers",
        ),
        ({"mu": [[1.0], 2.0], "tau": np.ones(4)}, "'mu' needs an array of real numbers"),
        ({"mu": 1j * np.ones(4), "tau": np.ones(4)}, "'mu' needs an array of real numbers"),
    ],
)
def test_latents_that_are_none(run, came, words):
    draw = lambda rng, batch=(): came  # noqa: E731
    with pytest.raises(InputError, match=words):
        run(of_model(sample_initial_values=draw, sample_latents=draw), rng=0)


@pytest.mark.parametrize(
    "run",
    [
        lambda model: cavi(model, rng=0),
        lambda model: ledger(model, Q),
        lambda model: elbo(model, Q),
        lambda model: elbo(model, exact(model)),
    ],
)
@pytest.mark.parametrize("came", [None, "x", {}, [1.0, "x"]])
def test_a_log_joint_that_is_no_number(run, came):
    model = of_model(log_joint=lambda stats: came)
    with pytest.raises(InputError, match=r"log_joint: needs real numbers of shape \S*\), gave "):
        run(model)


@pytest.mark.parametrize(
    ("came", "words"),
    [
        (lambda: None, "exact_posterior: needs to return an Exact, gave None"),
        (lambda: {}["a"], "exact_posterior raised KeyError: 'a'"),
    ],
)
def test_an_exact_posterior_that_is_none(came, words):
    model = of_model(exact_posterior=came)
    for run in (exact, lambda m: ledger(m, Q)):
        with pytest.raises(InputError, match=words):
            run(model)


@table(
    ("run", "settings"),
    [
        (gibbs, dict(model=MODEL, draws=10**12)),
        (gibbs, dict(model=MODEL, draws=1000, chains=10**12)),
        (metropolis_hastings, dict(model=MODEL, draws=10**12)),
        (metropolis_hastings, dict(model=MODEL, warmup=10**13)),
        (metropolis_hastings, dict(model=MODEL, warmup=10**12, draws=1)),
        (metropolis_hastings, dict(model=MODEL, draws=10**12, warmup=0)),
        (cavi, dict(model=MODEL, restarts=10**12)),
        (exact(MODEL).sample, dict(n=10**13)),
        (DRAWS.sample, dict(n=10**13)),
        (vi_lab.Normal.of([0.0, 1.0], 1.0).sample, dict(n=10**13)),
    ],
)
def test_absurd_memory_is_refused_with_the_setting_how_much_and_the_limit(run, settings):
    name = next(name for name, value in settings.items() if name != "model")
    limit = rf"^{name}: .*would take \d.* (TiB|PiB), above the limit of \d.* [GM]iB"
    with pytest.raises(InputError, match=limit):
        run(**settings)


def test_one_sweep_cannot_be_judged():
    with pytest.warns(ConvergenceWarning, match="after one sweep there is no gain to judge by; r"):
        cavi(MODEL, rng=0, max_sweeps=1)


def test_one_tree_of_errors():
    tree = {
        "InputError": ValueError, "NotApplicable": errors.InputError, "InputTypeError": TypeError,
        "NumericalError": FloatingPointError, "ResultFileError": OSError,
        "ConvergenceWarning": UserWarning, "NoMode": errors.NotApplicable,
        "ClusterError": ConnectionError, "LostDigits": errors.NumericalError,
    }  # fmt: skip
    for name, also in tree.items():
        assert issubclass(getattr(vi_lab, name), (ViLabError,))
        assert issubclass(getattr(vi_lab, name), also)
    assert {
        n
        for n, c in vars(errors).items()
        if isinstance(c, type) and c.__module__ == errors.__name__
    } == {*tree, "ViLabError"}


def test_compare_does_not_warn_of_what_it_has_a_column_for():
    slow = vi_lab.CorrelatedGaussian([0, 0], [[1, 0.99999], [0.99999, 1]])
    with pytest.warns(
        ConvergenceWarning, match=r"gained .* nats, more than tol=1e-10; raise max_s"
    ):
        cavi(slow, rng=0)
    compared = vi_lab.compare(slow, methods=["cavi"], rng=0)  # a warning here would be an error
    assert compared.rows[0].converged is False


def test_no_ledger_holds_by_an_infinite_tolerance():
    for evidence, error in ((-3.5, np.inf), (-np.inf, 0.25), (np.nan, 1.0)):
        words = f"exact: the log evidence is {evidence:g} with an error of {error:g}; rescale"
        with pytest.raises(NumericalError, match=words):
            dataclasses.replace(exact(MODEL), log_evidence=evidence, log_evidence_error=error)


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: vi_lab.evidence(model, method="bridge", rng=0),
        lambda model: vi_lab.evidence(model, method="chib", rng=0),
        lambda model: (q := vi_lab.laplace(model)).log_density(q.sample(2, rng=0)),
    ],
)
def test_what_latents_rearranged_and_nothing_puts_back_is_named(ask):
    model = SplitVector(np.diag([1.0, 2.0, 3.0, 4.0]))
    with pytest.raises(
        vi_lab.NotApplicable, match=r"no value for block 'z.even'; `block_values` puts"
    ):
        ask(model)
