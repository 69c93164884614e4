"""What one argument of a model must be for the sake of another, and what the arguments of problems,
priors and topics must be. Each argument by itself: tests/arguments/test_bad_input.py.
"""

import numpy as np
import pytest

from tests.arguments.test_bad_input import of
from tests.tables import table
from vi_lab import (
    PPCA,
    FactorAnalysis,
    InputError,
    InputTypeError,
    InverseGamma,
    LatentDirichletAllocation,
    Multinomial,
    NotApplicable,
    collapsed_gibbs,
    exact,
    held_out_score,
    matched_topics,
    problem,
)
from vi_lab.families import Bits

AB, TABLES = {"a": (), "b": ("a",)}, {"a": 0.3, "b": [0.0, 1.0]}
COUNTS = np.array([[2, 0, 1], [0, 3, 1], [0, 0, 0], [1, 0, 1]])
TOPICS = LatentDirichletAllocation(COUNTS, 2, 1.0, 1.0)
ROWS = np.random.default_rng(4).normal(size=(7, 3))


def net(parents=AB, tables=TABLES, evidence=None, **more):
    evidence = {"b": 1} if evidence is None else evidence
    return lambda: of("BayesNet", parents=parents, tables=tables, evidence=evidence, **more)


def model(name, **changed):
    return lambda: of(name, **changed)


NETWORKS = [
    (net(parents={"a": (), "b": ("c",)}), InputError, "parents['b'] unknown 'c' a, b"),
    (net(parents={"a": ("b",), "b": ("a",)}, tables={"a": [0, 1], "b": [0, 1]}), InputError,
     "cycles a, b"),
    (net(parents={"a": (), "b": "a"}), InputTypeError, "parents['b'] list 'a'"),
    (net(parents=[("a", ())]), InputTypeError, "parents dict"),
    (net(parents={"a": (), "b": ("a", "a")}), InputError, "parents['b'] twice"),
    (net(tables={"a": 0.3}), InputError, "tables 'b' none"),
    (net(tables={**TABLES, "z": 1}), InputError, "tables unknown 'z'"),
    (net(tables={"a": 0.3, "b": 0.5}), InputError, "tables['b'] 1 axis ()"),
    (net(tables={"a": 0.3, "b": [0.1, 0.2, 0.3]}), InputError, "tables['b'] (2,) (3,)"),
    (net(tables={"a": 1.3, "b": [0, 1]}), InputError, "tables['a'] 0 to 1 1.3"),
    (net(evidence={"c": 1}), InputError, "evidence unknown 'c'"),
    (net(evidence={"b": 2}), InputError, "evidence 0 or 1 'b' 2"),
    (net(evidence={"b": [1]}), InputError, "evidence 0 or 1 'b' [1]"),
    (net(evidence=["b"]), InputTypeError, "evidence dict"),
    (net(evidence={"a": 1, "b": 1}), InputError, "evidence at least one unobserved"),
    (net(evidence={}, blocks="a"), InputTypeError, "blocks list 'a'"),
    (net(evidence={}, blocks=["a"]), InputTypeError, "blocks list 'a'"),
    (net(evidence={}, blocks=[["a", "z"]]), InputError, "blocks unknown 'z'"),
    (net(evidence={}, blocks=[["a", "b"], ["b"]]), InputError, "blocks 'b' two"),
    (net(blocks=[["a", "b"]]), InputError, "blocks 'b' observed"),
    (net(block=[]), InputTypeError, "block blocks"),
    (lambda: Bits(11), InputError, "count at most 10 11"),
    (lambda: Bits.of(probabilities=[0.2, 0.3, 0.5]), InputError, "probabilities 2, 4, 8 3"),
]  # fmt: skip
TOGETHER = [
    (model("Clutter", x=[]), InputError, "x: at least one value"),
    (model("Clutter", x=3.0), InputError, "x: needs shape (n,) or (n, D), got ()"),
    (model("Clutter", x=np.ones((2, 2, 2))), InputError, "x: got shape (2, 2, 2)"),
    (model("Clutter", x=[1, np.nan]), InputError, "x: finite numbers, got nan"),
    (model("Clutter", x=[1e200]), InputError, "x: overflows"),
    (model("GaussianMixture", nu0=1.0), InputError, "nu0: needs a number above D - 1 = 1"),
    (model("HierarchicalNormal", tau_prior=InverseGamma.of(1, 1)), InputTypeError,
     "tau_prior: needs HalfCauchy(scale)"),
    (model("HierarchicalNormalExpanded", tau_prior=InverseGamma(1, 1)), InputTypeError,
     "tau_prior: needs HalfCauchy(scale) got Inv"),
    (model("Ising", h=np.zeros((3, 4)), periodic=True), InputError, "even 3 x 4 colour"),
    (model("Ising", h=np.zeros((4, 5)), periodic=True), InputError, "even 4 x 5"),
    (model("Ising", h=[[0.1]]), InputError, "h: two sites"),
    (model("IsingDenoising", flip_prob=0.0), InputError, "flip_prob: between 0 1"),
    (model("IsingDenoising", flip_prob=1.0), InputError, "flip_prob: between 0 1"),
    (model("LogisticRegression", successes=[0, 3], trials=[1, 2]), InputError,
     "trials: got 2 for 3 at index 1"),
    (model("LogisticRegression", successes=[0, 1], trials=[0, 2]), InputError,
     "trials: needs at least 1 got 0 for 0 at index 0"),
    (model("NormalMixture", weights=(0.5, 0.5)), InputError, "exactly one of the two"),
    (model("NormalMixture", concentration=None), InputError, "exactly one of the two"),
    (model("NormalMixture", concentration=(1,) * 9), InputError,
     "concentration: needs at most one component for each of"),
    (model("NormalMixture/weights", weights=(0.125,) * 8), InputError,
     "weights: needs at most one component for each of the"),
    (model("PPCA", W=[[1.0], [0.5], [0.1]]), InputError, "W: needs one row for each of the 2"),
    (lambda: PPCA.maximum_likelihood(ROWS, 3), InputError, "q: needs at most D - 1 = 2 got 3"),
    (lambda: FactorAnalysis.maximum_likelihood(ROWS, 3), InputError,
     "q: needs at most D - 1 = 2 factors, got 3"),
    (lambda: PPCA.maximum_likelihood(ROWS, 1, rotation=0.1), InputError,
     "rotation: needs at least two"),
]  # fmt: skip
PROBLEMS = [
    (lambda: problem("asia", joined="no"), InputTypeError, "joined True False 'no'"),
    (lambda: problem("denoise", glyph="vi16_noisy"), InputError, "glyph: vi16_noisy10"),
    (lambda: problem("trees", blocks="jiont"), InputError, "blocks: did you mean 'joint'"),
    (lambda: problem("polynomial", degree=-1), InputError, "degree: at least 0"),
    (lambda: problem("polynomial", degree=2.5), InputTypeError, "degree: whole number"),
    (lambda: problem("nile", n=101), InputError, "n: at most the 100 years"),
]
OF_TOPICS = [
    (model("LatentDirichletAllocation", counts=[1, 2]), InputError, "counts: 2 axes (2,)"),
    (model("LatentDirichletAllocation", counts=[[1.5, 2]]), InputError, "counts: whole 1.5"),
    (model("LatentDirichletAllocation", counts=[[-1, 2]]), InputError, "counts: whole -1"),
    (model("LatentDirichletAllocation", counts=[[0, 0]]), InputError, "counts: one word"),
    (model("LatentDirichletAllocation", alpha=[1, 2, 3]), InputError, "alpha: (2,)"),
    (lambda: Multinomial(2, 1.5), InputError, "total: whole 1.5"),
    (lambda: collapsed_gibbs(problem("coal")), NotApplicable, "LatentDirichletAllocation"),
    (lambda: held_out_score(exact(TOPICS), [[1, 2]]), InputError, "counts: (4, 3) (1, 2)"),
    (lambda: held_out_score(exact(TOPICS), 0 * COUNTS), InputError, "counts: one word"),
    (lambda: matched_topics([[1.0]], [[0.5, 0.5]]), InputError, "topics: (1, 2) (1, 1)"),
]


@table(("call", "kind", "words"), [*NETWORKS, *TOGETHER, *PROBLEMS, *OF_TOPICS])
def test_one_error_that_says_what_is_needed(call, kind, words):
    with pytest.raises(kind) as error:
        call()
    assert all(word in str(error.value) for word in words.split()), str(error.value)


@pytest.mark.parametrize("W, psi", [(1e160, 1.0), (-1e160, 1.0), (1e149, 1e-20)])
@pytest.mark.parametrize("name", ["PPCA", "FactorAnalysis"])
def test_a_map_whose_square_overflows_is_named_with_its_value(name, W, psi):
    noise = {"sigma2": psi} if name == "PPCA" else {"psi": np.full(3, psi)}
    with pytest.raises(InputError, match=rf"^W: holds -?1e\+{149 if psi < 1 else 160}.*overfl"):
        of(name, x=np.eye(3), W=np.full((3, 1), W), **noise)
