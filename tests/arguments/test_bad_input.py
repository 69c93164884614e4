"""Bad input: one clear error each, that names the argument, what came and what is needed.

Every argument of every public callable is handed everything that its kind is not: there are lists
of callables in `tests.fuzz.doors`, and of what is right and wrong of a kind in `tests.fuzz.kinds`
and `tests.fuzz.wrong`. Rows are what those cannot say.
"""

import inspect
import re

import numpy as np
import pytest

import vi_lab
from tests.fuzz import kinds
from tests.fuzz.doors import DOORS, LOCAL, call, right
from tests.fuzz.material import CHANGE, CHANGED, GAMMA, MODEL, NORMAL, RESULTS, material
from tests.fuzz.public import public
from tests.tables import table
from vi_lab import (
    Categorical,
    Factorised,
    Gamma,
    InputError,
    InputTypeError,
    Normal,
    NormalGamma,
    models,
    plots,
)
from vi_lab.errors import ResultFileError, ViLabError
from vi_lab.results import diagnostics

NAMES = [name for name in DOORS if name not in LOCAL]
MODELS = [name for name in NAMES if name.split("/")[0] in models.__all__]
UNANSWERED = ("load", "Amortised.load", "datasets.load_fashion", "datasets.load_observations")
OWN_KEYWORDS = (
    "Factorised",
    "plots.panels",
    "problem",
    "problem/rho",
    "Problem.change",
)  # rows have these


def room(name):
    """The room of the package where a callable is at home."""
    return public()[name.split("/")[0]].__module__.split(".")[1]


def of(name, /, **changed):
    """A call with right arguments but for these."""
    return call(name, {**right(name), **changed})


def check_error(error, wanted, words):
    """It is of that class and of the tree; a short line that holds the words; from nothing else."""
    message = str(error)
    assert isinstance(error, wanted), repr(error)
    assert isinstance(error, TypeError if wanted is InputTypeError else ValueError | OSError)
    assert [word for word in words.split(" ") if word not in message] == [], message
    assert len(message) < 300 and "\n" not in message
    own = isinstance(error.__cause__, OSError) or message.startswith("panels()")
    assert error.__cause__ is None or own


@table("name", NAMES, by=room)
def test_every_argument_is_handed_everything_that_it_is_not(name):
    arguments = right(name)
    for argument, kind in DOORS[name].items():
        for what, bad in kind.wrong.items():
            with pytest.raises(ViLabError) as caught:
                call(name, {**arguments, argument: bad.value})
                pytest.fail(f"{argument} is answered: {what}")
            check_error(caught.value, bad.error, bad.words)
            head = str(caught.value).split(":")[0]
            assert re.search(rf"\b{kind.spoken or argument}\b", head), (what, caught.value)


@table("name", [name for name in NAMES if name not in UNANSWERED], by=room)
def test_right_arguments_are_answered(name):
    of(name)


@table("name", [name for name in NAMES if name not in OWN_KEYWORDS])
def test_misspelt_missing_and_seed_keywords(name):
    arguments, spoken = right(name), name.split("/")[0].split(".")[-1]
    stray = {f"{argument}s": "did you mean|known" for argument in arguments}
    stray |= {word[:-1]: f"did you mean '{word}'" for word in arguments if len(word) > 5}
    known = "known" if arguments else ""  # of no arguments none can be named
    stray |= dict.fromkeys(("seed", "random_state"), "rng=" if "rng" in arguments else known)
    for keyword in stray.keys() - {*arguments}:
        with pytest.raises(InputTypeError) as caught:
            call(name, {**arguments, keyword: 1})
        check_error(caught.value, InputTypeError, f"{spoken}() has no argument '{keyword}'")
        assert re.search(stray[keyword], str(caught.value))
    parameters = inspect.signature(public()[name.split("/")[0]]).parameters
    if any(p.default is p.empty and n not in ("self", "cls") for n, p in parameters.items()):
        with pytest.raises(InputTypeError, match=r"missing .*required") as caught:
            call(name, {})
        check_error(caught.value, InputTypeError, "")


@table("name", MODELS)
def test_lengths_that_do_not_match(name):
    data = [a for a, kind in DOORS[name].items() if isinstance(kind.right(), list)]
    data = [a for a in data if a in ("X", "x", "y", "successes", "counts")]
    for argument in data if len(data) > 1 else []:
        longer = DOORS[name][argument].right() * 2
        with pytest.raises(InputError, match="needs one") as caught:
            of(name, **{argument: longer})
        check_error(caught.value, InputError, "")


# by the error: what is called with right arguments but for these, and words of the message; or a
# function, with all that it is handed
CONSTANT = [[1.0, 2.0, 5.0], [2.0, 1.0, 5.0], [4.0, 3.0, 5.0], [0.0, 2.0, 5.0]]
COVS = np.ones((3, 1, 1)) * np.eye(2)
NORMALS, THREE = Normal.of([0, 1], 1), Gamma.of([1, 1, 1], 1)
PAIR, THIRDS = Categorical.of([0.5, 0.5]), Categorical.of(np.full(3, 1 / 3))
ROWS = {
    InputError: [
        ("CorrelatedGaussian", dict(blocks=[[0]]), "blocks: every coordinate 0..1 [[0]]"),
        ("CorrelatedGaussian", dict(blocks=[[0, 1], [1]]), "blocks: exactly one [[0, 1], [1]]"),
        ("CorrelatedGaussian", dict(blocks=[[0, 1], []]), "blocks: non-empty"),
        ("CorrelatedGaussian", dict(blocks=[[0, 2]]), "blocks: every coordinate 0..1"),
        ("CorrelatedGaussian", dict(blocks=[0, 1]), "blocks: list of lists [0, 1]"),
        ("CorrelatedGaussian", dict(blocks=[[0.0, 1.0]]), "blocks: 0.0"),
        ("CorrelatedGaussian", dict(blocks=3), "blocks: list of lists 3"),
        ("CorrelatedGaussian", dict(blocks=[[-1, 0]]), "blocks: -1"),
        ("ChangePoint", dict(counts=[4]), "counts: two times"),
        ("ChangePoint", dict(a=1.0), "a: (2,) ()"),
        ("GaussianMixture", dict(n_components=3), "n_components: at most one for each of the 2"),
        ("Normal.of", dict(mean=[0, 1], sd=[1, 2, 3]), "mean sd (2,) (3,)"),
        ("Gamma.of", dict(shape=[1, 2], rate=[1, 2, 3]), "shape rate (2,) (3,)"),
        ("Categorical.of", dict(probabilities=0.5), ""),
        ("MultivariateNormal.of", dict(mean=[0]), "(1,)"),
        ("MultivariateNormal.of", dict(mean=np.zeros((2, 2)), cov=COVS), "mean cov"),
        ("Exact.log_density", dict(values={"mu": [0, 1], "tau": np.ones(3)}), "mu (2,) tau (3,)"),
        (CHANGED.log_density, dict(values={"s": 1, "rates": 2.0}), "rates: (2,) ()"),
        (CHANGED.log_density, dict(values={"s": 1, "rates": [1, 2, 3]}), "rates: (3,)"),
        (NORMAL.sample, dict(n=0), "n: at least 1 0"),
        (Factorised, dict(model=MODEL, mu=NORMAL), "q: 'tau' every block"),
        ("Factorised", dict(s=NORMAL), "q: 's' mu, tau"),
        (Factorised, dict(model=MODEL, mu=NORMAL, taw=GAMMA), "q: 'taw' did you mean 'tau'"),
        ("Factorised", dict(mu=NORMALS, tau=Gamma.of([1, 2, 3], 1)), "batch (2,) (3,)"),
        (Factorised, dict(model=CHANGE, s=PAIR, rates=THREE), "rates: plates (2,) (3,)"),
        (Factorised, dict(model=CHANGE, s=THIRDS, rates=GAMMA), "s: event shape (2,) (3,)"),
        ("ledger", dict(model=CHANGE), "q:"),
        ("kl", dict(p=CHANGED), "p:"),
        ("testing.agreement", dict(truth=RESULTS[-1]), "truth: shape () of 'mu' got (2,)"),
        ("plots.symmetry_gap", dict(gaps=[1]), "separations, gaps"),
        ("plots.samples", dict(side=10**9), "side"),
        ("View.density", dict(grid=[1, 1]), "grid"),
        ("plots.panels", dict(sharex="cool"), "panels()"),
        (lambda: of("plots.png_bytes", figure=plots.panels(size=(1e6, 1e6))[0]), {}, "figure"),
        ("FactorAnalysis.maximum_likelihood", dict(x=CONSTANT), "x: column 2 is constant"),
    ],
    InputTypeError: [
        ("NormalGamma", dict(mu=0), "NormalGamma() 'mu' did you mean 'mu0'"),
        ("ChangePoint", dict(counts=[True, "x"]), "counts: real numbers"),
        ("Gamma.of", dict(scale=1), "Gamma.of() 'scale' shape, rate"),
        (NORMAL.sample, dict(n=3, seed=0), "sample() 'seed' rng="),
        (
            "problem",
            dict(roh=0.5),
            "problem 'correlated' has no argument 'roh'; did you mean 'rho'?",
        ),
        (vi_lab.problem, dict(name="coin", rho=0.5), "'coin' no argument 'rho' (known: a, b)"),
        ("Exact.log_density", dict(values={"mu": "a", "tau": 1.0}), "mu: real numbers 'a'"),
        ("Exact.log_density", dict(values={"mu": None, "tau": 1.0}), "mu: real numbers None"),
        ("kl", dict(q=NORMAL, p=GAMMA), "Normal Gamma"),
        ("plots.topics", dict(shape=None), "shape"),
        (lambda: of("plots.latent_means", q=material()["q of decoder"]), {}, "q"),
        (lambda: plots.alt_text(None, 3), {}, "alt_text()"),
        ("Posterior.save", dict(seed=len), "JSON holds"),
    ],
    ResultFileError: [
        ("Posterior.save", dict(path="."), "'.' is a folder"),
        ("Posterior.save", dict(path=""), "'.' is a folder"),
        ("Amortised.load", dict(path=""), "'.' is a folder"),
    ],
}


@table(
    ("error", "name", "changed", "words"),
    [(error, *row) for error, rows in ROWS.items() for row in rows],
)
def test_one_clear_error(error, name, changed, words):
    with pytest.raises(ViLabError) as caught:
        of(name, **changed) if isinstance(name, str) else name(**changed)
    check_error(caught.value, error, words)


def test_what_is_allowed_stays_allowed():
    """The checks refuse no more than they should."""
    prior = dict(mu0=0, kappa0=1, a0=2, b0=3)
    NormalGamma((1, 2), **prior)
    NormalGamma(np.array([1, 2], dtype=np.int8), **prior)
    NormalGamma(range(4), **{**prior, "mu0": np.float32(1)})
    vi_lab.ChangePoint(np.array([0, 0], dtype=np.uint8), a=[1, 2], b=np.ones(2))
    vi_lab.CorrelatedGaussian([0.0], [[2.0]])
    vi_lab.CorrelatedGaussian([0, 0], [[1, 1e-13], [0, 1]])  # rounding is no asymmetry
    vi_lab.gibbs(MODEL, rng=np.int64(3), draws=np.int32(2), warmup=0)
    assert vi_lab.Normal.of([0, 1], 2).mean.shape == (2,)
    assert np.isnan(diagnostics.khat([0.0, -np.inf])) and diagnostics.khat_limit(1) == -np.inf


@table("name", [n for n in MODELS if kinds.kind("real[n]") in DOORS[n].values()])
def test_one_observation_and_constant_data_are_data(name):
    """Allowed wherever the model allows them; where not, the error says what it needs."""
    for data in ([2.0], [2.0, 2.0, 2.0]):
        changed = {"x" if "x" in DOORS[name] else "y": data}
        if "X" in DOORS[name]:
            changed["X"] = [[1.0, 0.5], [2.0, 1.5], [0.3, 4.0]][: len(data)]
        if "sigma" in DOORS[name]:
            changed["sigma"] = 1.0
        try:
            made = of(name, **changed)
        except InputError as error:
            reasons = ("at least two", "at most one component for each of the 1 points")
            assert any(reason in str(error) for reason in reasons)
            continue
        if made.no_exact_because is None:
            assert np.isfinite(vi_lab.exact(made).log_evidence)
