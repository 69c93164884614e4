"""Every argument of every model, handed everything that it is not: one error that names it.

A row is a model with arguments that are right, and of each argument the kind of thing it is; the
table of KINDS says what is wrong with what. What is constant, alone or twice the same is not wrong.
"""

from typing import Any, NamedTuple

import numpy as np
import pytest

import vi_lab
from vi_lab import HalfCauchy, InputError, InputTypeError, ViLabError
from vi_lab import models as model_module

X, XX = [1.0, 2.5, 4.0], [[1.0, 0.5], [2.0, 1.5], [0.3, 4.0]]
EYE = [[1.0, 0.2], [0.2, 2.0]]


class Frame:
    """What a data frame shows of itself: columns, their types, and an array of everything."""

    def __init__(self, columns, dtypes):
        self.columns, self.dtypes = columns, [np.dtype(d) for d in dtypes]

    def __array__(self, dtype=None, copy=None):
        return np.full((3, len(self.columns)), None, dtype=object)


class Bad(NamedTuple):
    value: Any
    error: type[ViLabError]
    words: str = ""


WORDS = Frame(["age", "name"], ["f8", "O"])
NO_NUMBERS = {
    "a word": Bad("abc", InputTypeError, "'abc'"),
    "nothing": Bad(None, InputTypeError, "None"),
    "complex": Bad(1j, InputTypeError, "real 1j"),
    "a set": Bad({1.0}, InputTypeError, "{1.0}"),
    "words for numbers": Bad(["1", "2"], InputTypeError, "real '1' 0"),
    "one None": Bad([1.0, None], InputTypeError, "None 1"),
    "ragged": Bad([[1.0], [2.0, 3.0]], InputTypeError, "rectangular"),
    "complex array": Bad(np.array([1.0, 2j]), InputTypeError, "complex128 0"),
    "dates": Bad(np.array(["2020-01-01"], "M8[D]"), InputTypeError, "datetime64"),
    "objects": Bad(np.array([1.0, object()], dtype=object), InputTypeError, "object 1"),
    "masked": Bad(np.ma.masked_array([1.0, 2.0], [0, 1]), InputTypeError, "masked compressed()"),
    "one masked": Bad([1.0, np.ma.masked], InputTypeError, "masked"),
    "whole numbers of 70 bits": Bad([2**70], InputTypeError, "64 bits"),
    "a frame": Bad(WORDS, InputTypeError, "frame columns 'name' select_dtypes"),
}
NOT_FINITE = {
    "nan": Bad(np.nan, InputError, "finite nan"),
    "infinite": Bad(-np.inf, InputError, "finite -inf"),
    "far too large": Bad(np.longdouble("1e4000"), InputError, "finite inf"),
}
NUMBER = {**NO_NUMBERS, **NOT_FINITE, "two": Bad([1.0, 2.0], InputError, "(2,)"),
          "huge": Bad(1e151, InputError, "1e+151 rescale")}  # fmt: skip
POSITIVE = {**NUMBER, "nought": Bad(0.0, InputError, "above 0"), "less": Bad(-1, InputError, "-1"),
            "tiny": Bad(1e-200, InputError, "1e-200 rescale")}  # fmt: skip


def shaped(ndim):
    """What an array of so many axes cannot be."""
    wrong = {
        "empty": Bad(np.zeros((0,) * ndim), InputError, "empty"),
        "of no axis": Bad(3.0, InputError, "()"),
        "of three axes": Bad(np.zeros((2, 2, 2)), InputError, "(2, 2, 2)"),
        "nan inside": Bad(np.full((2,) * ndim, [1.0, np.nan]), InputError, "finite nan index 1"),
    }
    if ndim == 1:
        wrong["a column"] = Bad(np.ones((3, 1)), InputError, "(3, 1) .ravel()")
        wrong["a frame of numbers"] = Bad(
            Frame(["a", "b"], ["f8", "i8"]), InputError, "frame ['a']"
        )
    return {**NO_NUMBERS, **wrong}


def large(ndim):
    return {"squares overflow": Bad(np.full((3,) * ndim, 2e150), InputError, "2e+150 overflow")}


ROW, TABLE = {**shaped(1), **large(1)}, {**shaped(2), **large(2)}
COVARIANCE = {
    **TABLE,
    "of another size": Bad(np.eye(5), InputError, "(5, 5)"),
    "not symmetric": Bad([[1.0, 0.5], [0.0, 1.0]], InputError, "symmetric [0, 1]"),
    "not positive": Bad([[1.0, 2.0], [2.0, 1.0]], InputError, "positive definite -1"),
    "no variance": Bad([[1.0, 0.0], [0.0, 0.0]], InputError, "positive definite [1, 1] = 0"),
    "tiny": Bad([[1e-200, 0.0], [0.0, 1.0]], InputError, "1e-200"),
}
KINDS: dict[str, dict[str, Bad]] = {
    "number": NUMBER,
    "positive": POSITIVE,
    "row": ROW,
    "table": TABLE,
    "covariance": COVARIANCE,
    "counts": {**shaped(1), "half": Bad([1.0, 0.5], InputError, "counts 0.5 1"),
               "less": Bad([-1, 2], InputError, "counts -1 0"),
               "beyond 2**53": Bad([1, 2.0**60], InputError, "2**53")},
    "binary": {**shaped(1), "two": Bad([0, 1, 2], InputError, "0 and 1 2 index 2")},
    "spins": {**shaped(2), "nought": Bad([[1, 0], [1, -1]], InputError, "-1 and +1 0 (0, 1)")},
    "share": {**NO_NUMBERS, **NOT_FINITE, "more": Bad(1.5, InputError, "1.5"),
              "less": Bad(-0.5, InputError, "-0.5")},
    "numbers": {**NO_NUMBERS, **NOT_FINITE, "seven": Bad([1.0] * 7, InputError, "(7,)"),
                "huge": Bad(1e151, InputError, "1e+151")},
    "positives": {**NO_NUMBERS, **NOT_FINITE, "less": Bad([-1.0, 1.0], InputError, "above 0 -1"),
                  "nought": Bad([1.0, 0.0], InputError, "above 0 0 index 1")},
    "weights": {**shaped(1), "sum": Bad([0.5, 0.6], InputError, "sum 1.1"),
                "less": Bad([1.5, -0.5], InputError, "-0.5 index 1")},
    "whole": {"a half": Bad(1.5, InputTypeError, "whole 1.5"), "True": Bad(True, InputTypeError),
              "a word": Bad("2", InputTypeError, "'2'"), "nothing": Bad(None, InputTypeError),
              "nought": Bad(0, InputError, "at least 1"), "less": Bad(-3, InputError, "-3"),
              "absurd": Bad(10**400, InputError, "at most")},
    "choice": {"misspelt": Bad("jiont", InputError, "'jiont' did you mean 'joint'"),
               "a number": Bad(3, InputError, "unknown 3"), "nothing": Bad(None, InputError)},
    "flag": {"1": Bad(1, InputTypeError, "True or False"), "a word": Bad("yes", InputTypeError)},
    "prior": {"a number": Bad(1.0, InputTypeError, "HalfCauchy"),
              "nothing": Bad(None, InputTypeError)},
}  # fmt: skip

# of every model: arguments that are right, each with its kind
RIGHT: dict[str, dict[str, tuple[str, Any]]] = {
    "NormalGamma": {"x": ("row", X), "mu0": ("number", 0.0), "kappa0": ("positive", 1.0),
                    "a0": ("positive", 2.0), "b0": ("positive", 3.0)},
    "NormalSemiConjugate": {"x": ("row", X), "m0": ("number", 0.0), "s0": ("positive", 1.0),
                            "a0": ("positive", 2.0), "b0": ("positive", 3.0)},
    "BetaBernoulli": {"x": ("binary", [0, 1, 1]), "a": ("positive", 1.0), "b": ("positive", 1.0)},
    "ChangePoint": {"counts": ("counts", [1, 2, 0]), "a": ("positives", [1.0, 1.0]),
                    "b": ("positives", [1.0, 1.0])},
    "CorrelatedGaussian": {"mean": ("row", [0.0, 0.0]), "cov": ("covariance", EYE)},
    "LinearRegression": {"X": ("table", XX), "y": ("row", X), "m0": ("numbers", 0.0),
                         "V0": ("covariance", EYE), "a0": ("positive", 1.0),
                         "b0": ("positive", 1.0), "blocks": ("choice", "joint")},
    "LinearRegressionKnownNoise": {"X": ("table", XX), "y": ("row", X),
                                   "noise_precision": ("positive", 1.0), "a0": ("positive", 1.0),
                                   "b0": ("positive", 1.0)},
    "LogisticRegression": {"X": ("table", XX), "successes": ("counts", [0, 1, 1]),
                           "trials": ("numbers", 1), "prior_mean": ("numbers", 0.0),
                           "prior_cov": ("covariance", EYE),
                           "binomial_coefficients": ("flag", True)},
    "Clutter": {"w": ("share", 0.5), "x": ("", X), "prior_var": ("positive", 4.0)},
    "NormalMixture": {"x": ("row", X), "sigma": ("positive", 1.0), "m0": ("numbers", 0.0),
                      "s0": ("positives", [1.0, 1.0]), "weights": ("weights", [0.5, 0.5])},
    "GaussianMixture": {"x": ("table", XX), "n_components": ("whole", 2),
                        "concentration": ("positives", 1.0), "m0": ("numbers", 0.0),
                        "beta0": ("positive", 1.0), "nu0": ("number", 3.0),
                        "w0_inv": ("covariance", EYE)},
    "HierarchicalNormal": {"y": ("row", X[:2]), "sigma": ("positives", [1.0, 2.0]),
                           "mu_sd": ("positive", 1.0),
                           "tau_prior": ("prior", HalfCauchy(1.0))},
    "HierarchicalNormalExpanded": {"y": ("row", X[:2]), "sigma": ("positives", [1.0, 2.0]),
                                   "mu_sd": ("positive", 1.0),
                                   "tau_prior": ("prior", HalfCauchy(1.0))},
    "LocalLevel": {"y": ("row", X), "q": ("positive", 1.0), "r": ("positive", 1.0),
                   "m0": ("number", 0.0), "v0": ("positive", 1.0), "blocks": ("choice", "joint")},
    "PPCA": {"x": ("table", XX), "W": ("table", [[1.0], [0.5]]), "mu": ("numbers", 0.0),
             "sigma2": ("positive", 1.0), "blocks": ("choice", "joint")},
    "FactorAnalysis": {"x": ("table", XX), "W": ("table", [[1.0], [0.5]]), "mu": ("numbers", 0.0),
                       "psi": ("positives", [1.0, 1.0]), "blocks": ("choice", "joint")},
    "Ising": {"J": ("number", 0.3), "h": ("table", XX), "periodic": ("flag", False)},
    "IsingDenoising": {"image": ("spins", [[1, -1], [1, 1]]), "J": ("number", 0.3),
                       "flip_prob": ("share", 0.1)},
    "LatentDirichletAllocation": {"counts": ("table", [[1, 2], [0, 3]]), "n_topics": ("whole", 2),
                                  "alpha": ("positives", 1.0), "eta": ("positives", 1.0)},
    "BayesNet": {"parents": ("", {"a": (), "b": ("a",)}),
                 "tables": ("", {"a": 0.5, "b": [0.1, 0.9]}),
                 "evidence": ("", {"b": 1})},
}  # fmt: skip
ALLOWED = {  # not wrong there
    ("trials", "masked"), ("W", "squares overflow"),
    ("LatentDirichletAllocation", "squares overflow"),
    ("GaussianMixture", "less"), ("weights", "nothing"),
}  # fmt: skip
TABLE_OF = [
    pytest.param(model, argument, bad, id=f"{model}-{argument}-{what}")
    for model, arguments in RIGHT.items()
    for argument, (kind, _) in arguments.items()
    if kind
    for what, bad in KINDS[kind].items()
    if (argument, what) not in ALLOWED and (model, what) not in ALLOWED
]


def make(model, **changed):
    right = {name: value for name, (_, value) in RIGHT[model].items()}
    return getattr(vi_lab, model)(**{**right, **changed})


def test_every_model_is_here():
    assert set(RIGHT) == set(model_module.__all__)
    for model in RIGHT:
        make(model)


@pytest.mark.parametrize(("model", "argument", "bad"), TABLE_OF)
def test_one_error_that_names_the_argument(model, argument, bad):
    with pytest.raises(bad.error) as caught:
        make(model, **{argument: bad.value})
    message = str(caught.value)
    assert argument in message.split(":")[0], message
    for word in bad.words.split(" "):
        assert word in message, message
    assert len(message) < 300
    assert "\n" not in message


@pytest.mark.parametrize("model", RIGHT)
def test_misspelt_missing_and_seed_keywords(model):
    argument = next(iter(RIGHT[model]))
    with pytest.raises(InputTypeError, match=r"no argument .*(did you mean|known)"):
        make(model, **{argument + "s": 1})
    with pytest.raises(InputTypeError, match=r"missing .*required"):
        getattr(vi_lab, model)()
    with pytest.raises(InputTypeError, match="no argument 'seed'"):
        make(model, seed=1)


def right_of(kind):
    return [
        (model, argument, value)
        for model, arguments in RIGHT.items()
        for argument, (of, value) in arguments.items()
        if of == kind
    ]


@pytest.mark.parametrize(("model", "argument", "value"), [*right_of("row"), *right_of("counts")])
def test_lengths_that_do_not_match(model, argument, value):
    others = {k for k, (kind, _) in RIGHT[model].items() if kind in ("row", "table", "counts")}
    if len(others) < 2:
        pytest.skip("nothing to match")
    with pytest.raises(InputError, match="needs one") as caught:
        make(model, **{argument: [*value, value[0]]})
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "model", [m for m in RIGHT if RIGHT[m].get("x", RIGHT[m].get("y", [""]))[0] == "row"]
)
def test_one_observation_and_constant_data_are_data(model):
    """Allowed wherever the model allows them; where not, the error says what it needs."""
    name = "x" if "x" in RIGHT[model] else "y"
    for data in ([2.0], [2.0, 2.0, 2.0]):
        if model.startswith("LinearRegression"):
            arguments = {"y": data, "X": XX[: len(data)]}
        elif model.startswith("HierarchicalNormal"):
            arguments = {"y": data, "sigma": 1.0}
        else:
            arguments = {name: data}
        try:
            made = make(model, **arguments)
        except InputError as error:
            reasons = ("at least two", "at most one component for each of the 1 points")
            assert any(reason in str(error) for reason in reasons)
            continue
        if made.no_exact_because is None:
            assert np.isfinite(vi_lab.exact(made).log_evidence)


def test_components_from_one_to_as_many_as_points():
    assert make("GaussianMixture", n_components=3)
    with pytest.raises(
        InputError, match="n_components: needs at most one for each of the 3 points"
    ):
        make("GaussianMixture", n_components=4)
