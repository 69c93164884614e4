"""Sentences that nobody meets on the way: each `raise` that no other test comes to, provoked."""

import sys
from pathlib import Path

import numpy as np
import pytest

import vi_lab
from tests.tables import table
from vi_lab import (
    PPCA,
    BetaBernoulli,
    Categorical,
    DensityModel,
    Exact,
    Factorised,
    InputError,
    InputTypeError,
    Multinomial,
    Normal,
    NormalGamma,
    NotApplicable,
    NumericalError,
    kl,
)
from vi_lab.arguments import checks, toml_lines
from vi_lab.arguments.public import public
from vi_lab.identity.bound import elbo_estimate
from vi_lab.identity.quadrature import Nodes
from vi_lab.inference.engine.response_checks import refuse_negative_variance
from vi_lab.model_or_problem import Unknown
from vi_lab.models.posteriors.newton import climb_to_mode
from vi_lab.numerics.enumeration import draw_rows
from vi_lab.numerics.line_density import Line
from vi_lab.results.posterior import Cost
from vi_lab.teach import ready
from vi_lab.testing.joint import Columns, ask

NG = NormalGamma([1.0, 2.0], 0.0, 1.0, 1.0, 1.0)
COIN = BetaBernoulli([0, 1], 1.0, 1.0)


class Plain(DensityModel):
    dimension = 1

    def log_density(self, z):
        return -0.5 * (z**2).sum(-1)

    def sample_latents(self, rng, batch=()):
        return {"z": rng.normal(size=(*batch, 1))}


class Rude:
    """A path whose name somebody's own code makes."""

    def __fspath__(self):
        raise RuntimeError("no name")


def divide(*_):
    raise ZeroDivisionError("by nought")


def quit_it(*_):
    raise KeyError("k")


@public
def meet(error):
    raise error


def collect(name):
    found = Columns()
    found.add(name, 1.0)
    return found


CALLS = {
    # what a family is asked that it is not
    "real coordinates of labels": (
        lambda: Categorical(2).to_real(0),
        NotImplementedError,
        "Categorical is discrete",
    ),
    "labels of real coordinates": (
        lambda: Categorical(2).from_real(np.zeros(1)),
        NotImplementedError,
        "Categorical is disc",
    ),
    "a gradient of a family that says none": (
        lambda: Categorical(2).stats_pullback(np.zeros(1), None, None),
        NotImplementedError,
        "Categorical says no gradient",
    ),
    # what a model of a density alone is asked
    "no data": (
        lambda: Plain().sample_data(np.random.default_rng(0), {}),
        NotImplementedError,
        "Plain has no data to draw",
    ),
    "no expansion": (
        lambda: Plain().parameter_expansion(),
        NotApplicable,
        "expanded Gibbs does no",
    ),
    "no sites": (
        lambda: Plain().sites(),
        NotApplicable,
        "EP does not apply, because it needs a Ga",
    ),
    "no rows": (
        lambda: Plain().take_rows(np.arange(1)),
        NotApplicable,
        "SVI does not apply, becau",
    ),
    "no truth": (
        lambda: Plain().exact_posterior(),
        NotApplicable,
        "it offers its log density alone",
    ),
    "rows that depend": (
        lambda: NG.log_joint_rows({}),
        NotImplementedError,
        "rows of NormalGamma are not indep",
    ),
    "an unknown model": (
        lambda: Unknown().sample_latents(np.random.default_rng(0)),
        NotApplicable,
        "the model of this result is not known",
    ),
    # q of another kind
    "no density": (lambda: elbo_estimate(3.0, NG), InputTypeError, "q: 3.0 has no density"),
    "no factors": (lambda: Nodes([1.0]), InputTypeError, r"dict of distributions .* got \[1.0"),
    "other factors": (
        lambda: kl(
            Factorised(NG, mu=Normal.of(0.0, 1.0), tau=vi_lab.Gamma.of(1.0, 1.0)),
            Factorised(COIN, theta=vi_lab.Beta.of(1.0, 1.0)),
        ),
        InputError,
        "p: needs factors for mu, tau, got theta",
    ),
    # numbers without digits
    "nan": (
        lambda: checks.require_finite("the KL", np.array([0.0, np.nan])),
        NumericalError,
        "the KL is nan: its digits are lost",
    ),
    "an infinity": (
        lambda: checks.require_finite("the KL", np.inf),
        NumericalError,
        "the KL is inf",
    ),
    "a negative variance": (
        lambda: refuse_negative_variance(np.diag([4.0, -0.3]), np.diag([1.0, 1.0])),
        NumericalError,
        r"a negative variance \(-0.3 of q's own\)",
    ),
    "a density of labellings": (
        lambda: draw_rows(np.random.default_rng(0), np.array([0.5, 0.6]), 2),
        NumericalError,
        "all labellings sum to 1.1, not 1",
    ),
    "too wide a line": (
        lambda: Line(lambda x: -x * x, 0.0, 1e9, 1e-3),
        NumericalError,
        "lies between 0 and 1e[+]09 and is 0.001 wide",
    ),
    "too long a tail": (
        lambda: Line(lambda x: -2e-5 * np.abs(x), 0.0, 1.0, 1.0),
        NumericalError,
        "the tails of the density are too long",
    ),
    "no step that climbs": (
        lambda: climb_to_mode(
            lambda x: -float(x[0] != 0), lambda x: (np.ones(1), np.eye(1)), np.zeros(1)
        ),
        NumericalError,
        "no step of Newton's method raises",
    ),
    "no end of the climb": (
        lambda: climb_to_mode(
            lambda x: float(x[0]), lambda x: (np.ones(1), np.eye(1)), np.zeros(1)
        ),
        NumericalError,
        "did not reach the mode",
    ),
    # points and paths
    "another event": (
        lambda: checks.values("z", np.zeros((2, 3)), (2,), ()),
        InputError,
        r"z: needs trailing shape \(2,\), got \(2, 3\)",
    ),
    "too few axes": (
        lambda: checks.values("z", 1.0, (2,), ()),
        InputError,
        r"trailing shape \(2,\)",
    ),
    "another batch": (
        lambda: checks.values("z", np.zeros((3, 2)), (2,), (4,)),
        InputError,
        r"broadcasts with \(4, 2\), got \(3, 2\)",
    ),
    "a path of one's own": (
        lambda: checks.path("out", Rude()),
        InputTypeError,
        "out: needs a path; .*no name",
    ),
    "no file": (
        lambda: toml_lines.read_tables(Path("/nowhere/a.toml"), ("set",), "run"),
        InputError,
        "run: there is no file /nowhere/a.toml",
    ),
    # a user's function
    "arithmetic": (
        lambda: ask("draw", divide),
        NumericalError,
        "draw: raised ZeroDivisionError: by",
    ),
    "anything": (lambda: ask("draw", quit_it), InputError, "draw: raised KeyError: 'k'"),
    "its own error": (
        lambda: ask("draw", lambda: NG.log_joint_rows({})),
        InputError,
        "draw: raised",
    ),
    # what a decorated function meets
    "a matrix without an inverse": (
        lambda: meet(np.linalg.LinAlgError("singular")),
        NumericalError,
        r"meet\(\): singular; rescale",
    ),
    "a division": (
        lambda: meet(OverflowError("too large")),
        NumericalError,
        r"meet\(\): too large",
    ),
    "no memory": (lambda: meet(MemoryError("9 TiB")), InputError, r"meet\(\): 9 TiB; ask for less"),
    "a type within": (lambda: meet(TypeError("inner")), TypeError, "^inner$"),
    "another total": (
        lambda: Multinomial(2, 3).natural(total=4, probabilities=[0.5, 0.5]),
        InputError,
        "total: needs 3, as the family has, got 4",
    ),
    "totals of another shape": (
        lambda: Multinomial(2, [1, 2, 3]).natural([1, 2, 3], np.full((2, 2), 0.5)),
        InputError,
        r"total: of shape \(3,\) does not go with probabilities of shape \(2, 2\)",
    ),
    "data on a line": (
        lambda: PPCA.maximum_likelihood(np.outer(np.arange(5.0), [1.0, 2.0]), 1),
        InputError,
        "x: lies in 1 dimensions but for rounding",
    ),
    "an error of ours": (lambda: ask("draw", lambda: checks.positive("a", -1)), InputError, "^a: "),
    "a quantity that is missing": (
        lambda: collect("a").arrays(2),
        InputError,
        "quantities: 'a' is not there for every",
    ),
    "a gradient that raises": (
        lambda: vi_lab.testing.gradient(np.sum, divide, [1.0]),
        InputError,
        "the gradient raised Zero",
    ),
    "no pair": (
        lambda: vi_lab.testing.agreement({"a": np.zeros((2, 500))}, {"a": 3.0}),
        InputTypeError,
        r"truth: needs \(mean, sd\) of 'a', got 3.0",
    ),
    "a choice that is no function": (lambda: ready("05.8"), KeyError, "05.8"),
}


@table("name", CALLS)
def test_each_has_its_sentence(name):
    call, kind, words = CALLS[name]
    with pytest.raises(kind, match=words):
        call()


def test_without_arviz_base_it_is_said_what_to_install(monkeypatch):
    found = vi_lab.gibbs(NG, rng=0, draws=5)
    monkeypatch.setitem(sys.modules, "arviz_base", None)
    with pytest.raises(ImportError, match="pip install arviz-base"):
        found.to_datatree()


def test_draws_that_are_no_numbers_are_no_result():
    draws = {"mu": np.array([[0.0, np.nan]]), "tau": np.ones((1, 2))}
    with pytest.raises(NumericalError, match="Gibbs: a draw of 'mu' is nan"):
        vi_lab.Draws(NG, "Gibbs", draws, np.ones(1), Cost(), 0.0)


def test_a_truth_of_another_model_is_no_truth_of_q():
    with pytest.raises(InputError, match="p: needs the exact posterior of a model with blocks mu"):
        kl(vi_lab.cavi(NG, rng=0), Exact(Plain(), *[0.0] * 3, "by hand", None))


def test_what_is_no_toml_is_said_with_its_line(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("[set]\na = ")
    with pytest.raises(InputError, match=r"run.toml: is no TOML; .*\(.*line 2"):
        toml_lines.read_tables(path, ("set",))
