"""What kinds of argument there are: what is right of each, and what is wrong.

A kind makes both halves of these tests: `right` and `wrong` are calls with one mistake, and the
error that names it (`tests/arguments/test_bad_input.py`); `drawn` is a strategy for the fuzz.
"""

import functools
import itertools
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

import vi_lab
from tests.fuzz import material as m
from tests.fuzz import values
from tests.fuzz import wrong as w
from tests.fuzz.material import material
from tests.fuzz.values import above, anything, arrays, folded, real, shaped, share, vector
from tests.fuzz.wrong import NO_NUMBERS, NO_OBJECT, NO_REAL, Bad, no, no_numbers, without
from vi_lab import InputError, InputTypeError, plots
from vi_lab.families.mean_precision import MeanPrecision
from vi_lab.testing import CurveReport, PointReport


class Kind(NamedTuple):
    """The right argument, a strategy of right ones in these sizes, and what is wrong."""

    right: Callable[[], Any]
    drawn: Callable[[Mapping[str, int]], st.SearchStrategy]
    wrong: Mapping[str, Bad]
    spoken: str | None = None  # what messages call it, if not by the argument's name


class Later(NamedTuple):
    """Something that is made when it is wanted."""

    make: Callable[[], Any]


# sizes by their letters: of the right arguments, and the least and the most of those drawn
RIGHT, LEAST, MOST = dict(n=2, d=2, k=1), dict(n=1, d=1, k=1), dict(n=5, d=3, k=2)
# of numbers: what is drawn, and with what the right ones begin
LIKE = {
    "real": (real, [0.0, 2.5, 4.0, 0.3, 1.0]),
    "positive": (above, [2.0, 1.0]),
    "share": (share, [0.5]),
    "whole": (values.whole, [1, 2, 0]),
    "bit": (values.bit, [0, 1]),
    "spin": (values.spin, [1, -1]),
    "pixel": (share, [0.0, 1.0, 1.0]),
}


@functools.cache
def of_shapes(make, numbers, shapes):
    return st.one_of([make(shape, numbers) for shape in shapes])


def array(shapes, numbers, like, wrong, make=shaped):
    """Reals in one of those shapes: "" is one of them, "nd" is n times d, "2" are two."""

    def at(sizes):
        return tuple(tuple(sizes.get(c) or int(c) for c in s) for s in shapes.split("|"))

    def right():
        shape = at(RIGHT)[0]
        flat = list(itertools.islice(itertools.cycle(like), math.prod(shape)))
        return folded(flat, shape) if shape else flat[0]

    return Kind(right, lambda sizes: of_shapes(make, numbers, at(sizes)), wrong)


@functools.cache
def kind(text):
    """The kind of that name: one of this module, or numbers of a shape, as in real[nd]."""
    found = re.fullmatch(r"(\w+)(?:\[(.*)\])?", text)
    if found[1] not in LIKE:
        return globals()[text]
    shapes = found[2] or ""
    return array(shapes, *LIKE[found[1]], no_numbers(found[1], tuple(shapes.split("|"))))


def things(*right, wrong=NO_OBJECT, more=(), spoken=None):
    """One of those, the first of them the right one; now and then perturbed, or one of `more`."""
    strategy = st.sampled_from(right).map(now)
    if any(isinstance(thing, list | dict | np.ndarray) for thing in right):
        strategy = st.one_of(strategy, strategy, strategy.flatmap(values.perturbed))
    strategy = st.one_of(strategy, *more)
    return Kind(lambda: now(right[0]), lambda sizes: strategy, wrong, spoken)


def now(thing):
    return thing.make() if isinstance(thing, Later) else thing


def of(name):
    """One of what `material` makes."""
    return Later(lambda: material()[name])


def choice(*right, misspelt):
    """One of some words, the first of them the one that is misspelt."""
    unknown = no(InputError, f"{misspelt!r} did you mean {right[0]!r}", misspelt)
    return things(*right, misspelt, wrong={**unknown, **no(InputError, "unknown", 3, None)})


def attempt(make, *args):
    """What a constructor makes, or its error in its place: an object like any other."""
    try:
        return make(*args)
    except vi_lab.ViLabError as error:
        return error


# numbers
ROOT = [1.0, 0.2, 0.2, 2.0]
FEW = ("a word", "nothing", "masked", "of no axis", "of three axes", "nan inside")
few = {label: no_numbers("real", ("n",))[label] for label in FEW}
few_rows = {label: no_numbers("real", ("nd",))[label] for label in FEW}
PAIRS = without({**NO_NUMBERS, **w.NUMBERS["positive"][1]}, "nothing")
covariance = array("dd", above, ROOT, w.COVARIANCE, make=values.spread)
scale = covariance._replace(wrong=without(w.COVARIANCE, "of three axes", "squares overflow"))
covariances = array("222", above, [1.0, 0.0, 0.0, 1.0], NO_NUMBERS, make=values.spread)
series = array(
    "n",
    real,
    [0.0, 1.0, 3.0],
    without(no_numbers("real", ("n",)), "nan inside", "one None", "masked"),
)
some = array("|2", real, [0.0], NO_REAL)
some_positive = array("|2", above, [1.0], {**NO_REAL, **w.ABOVE})
many_positive = array("n|1", above, [1.0], {**NO_REAL, **w.ABOVE})
concentrations = array("2", above, [1.0], PAIRS)
centre, three = array("d", real, [0.0], NO_NUMBERS), array("3", real, [0.0], NO_NUMBERS)
NEGATIVE = no(InputError, "above 0 -1", [1.0, 1.0, -1.0])
variances = array("3", above, [1.0], {**NO_NUMBERS, **NEGATIVE})
degrees = array("", above, [2.0], {**NO_REAL, **no(InputError, "above D -1", -1)})
trials = array("|n", values.whole, [5], no_numbers("real", ("", "n")))
total = things(2, 0, 9, wrong={**NO_REAL, **no(InputError, "whole numbers", 1.5, -3)})
means = array("22", real, [0.0], NO_NUMBERS)
correlation = array("", share, [0.5], NO_REAL)
correlations = array("2", share, [0.3, 0.1], {**NO_REAL, **no(InputError, "", [1.0, 3.0])})
words = array("k2", st.integers(0, 3), [1, 2], no_numbers("pixel", ("nd",)))
held_out = things([[1, 0, 2], [0, 1, 0]], wrong=NO_NUMBERS)
shares = [[0.5, 0.5], [1.0, 0.0], [0.2, 0.3, 0.5], [0.5, 0.6], [1.0], [-1.0, 2.0]]
weights = things(*shares, wrong=without({**NO_NUMBERS, **w.misshapen(1), **w.SHARES}, "nothing"))
NO_SHARES = no(InputError, "empty", []) | no(InputError, "", [0.5, 0.6], [1.5, -0.5])
proportions = things(
    *shares, [[0.5, 0.5], [1.0, 0.0]], wrong={**NO_REAL, **NO_SHARES}, more=[vector(3, share)]
)
# as many as there are states, whose number they tell
rates_of_states = array("2", above, [2.0, 1.0], without(no_numbers("positive", ("2",)), "seven"))
transition = things(
    [[0.7, 0.3], [0.4, 0.6]], [[1.0, 0.0], [0.5, 0.5]], [[0.5, 0.5]], [[0.5, 0.6], [0.5, 0.5]],
    wrong=NO_NUMBERS,
)  # fmt: skip
chances = things([[0.5, 0.5], [0.45, 0.55]], [[0.5, 0.5], [0.5, 0.5]], [0.5, 0.5], wrong=NO_NUMBERS)
pairs = things([[[0.35, 0.15], [0.1, 0.4]]], [[[0.5, 0.0], [0.0, 0.5]]], wrong=NO_NUMBERS)
NO_LEVEL = {**NO_REAL, **no(InputError, "above 0 and below 1", 0, 1, -0.5, 89)}
levels, level = array("|2", share, [0.5], NO_LEVEL), array("", share, [0.89], NO_LEVEL)
any_array = things([[1.0, 2.0], [0.5, 3.0]], wrong={})
sample = array("n", real, [0.0, 1.0], NO_NUMBERS)
drawings = array("26", real, [0.0, 1.0, 0.5], NO_NUMBERS)
log_weights = array("5|62|", real, [0.0], {**NO_NUMBERS, **no(InputError, "", [])})
latents = things([[0.0, 1.0]], [[0.0]], wrong=NO_NUMBERS)
epsilon = things(np.zeros((2, 2, 2)), np.zeros((2, 3, 1)), np.zeros((3, 1)), wrong=NO_NUMBERS)
points = array("n|n2", real, [1.0, 2.0], NO_NUMBERS)
seen = array("n", real, [0.0, 1.0], few)
seen_one = array("", real, [0.0], without(few, *FEW[3:]))
seen_table = array("24", share, [0.5], few_rows)
seen_rows = array("n4", share, [0.0, 1.0], few_rows)
bound = array("", real, [-9.0], no(InputTypeError, "", "abc", 1j))
SMALL = {**no_numbers("real", ("",)), **no(InputError, "at least 0 -0.001", -1e-3)}
tolerance = things(0, 0.1, wrong=SMALL, more=[above])
STEPS = {
    **no(InputError, "above 0", 0),
    **no(InputError, "2 of them [1.0, 2.0, 3.0]", [1, 2, 3]),
    **no(InputError, "finite nan", np.nan),
    **no(InputError, "1e+300 square overflows", 1e300),
    **no(InputTypeError, "real numbers 'big'", "big"),
}
step = things(None, 1.0, [0.5, 2.0], 1e-300, 1e300, wrong=STEPS, more=[above])

# settings
size = things(2, 1, 3, 4, 0, wrong=w.SIZE)
one = things(1, 2, wrong=w.SIZE)
several = things(2, 3, 4, 1, 0, wrong={**w.COUNT, **no(InputError, "at least 2", 0, 1)})
length = things(2, 0, 1, 5, 9, wrong=w.COUNT)
many_or_usual = several._replace(wrong=without(several.wrong, "nothing", "None"))
FORGETTING = no(InputError, "more than 0.5 at most 1", 0.5, 1.5, -0.1)
forgetting = things(0.7, 1.0, 0.6, 0.5, wrong={**FORGETTING, **no(InputTypeError, "'big'", "big")})
TAILS = {**no(InputError, "above 0", 0.0, -1.0), **no(InputTypeError, "'big'", "big")}
at_least_one = things(
    1.0,
    5,
    0.5,
    wrong={**no(InputError, "at least 1", 0, -1.0), **no(InputTypeError, "'big'", "big")},
)
tails = things(5.0, None, 1.0, 30, wrong=TAILS, more=[above])
index = things(0, 1, 2, -1, wrong=w.COUNT)
item = things(*range(1, 99), wrong={})
group = things(*range(1, 9), wrong={})
rng = things(0, 1, 7, 2**32, None, Later(lambda: np.random.SeedSequence(3)), wrong=w.RNG)
flag = things(False, True, wrong=w.FLAG)
TEXTS = ["a word", "mu", "rates[0]", "$x$", "$x", "$\\frac{$", "{}", "%s", "ß±−"]
text = things(*TEXTS, wrong=w.NO_TEXT)
label = things(*TEXTS, None, wrong=without(w.NO_TEXT, "None"))
blocks = choice("joint", "coordinates", "even-odd", "rows", misspelt="jiont")
parameterisation = choice("centred", "noncentred", misspelt="centered")
full_or_not = choice("full", "diagonal", misspelt="ful")
objective = choice("score", "kl", misspelt="scor")
estimator = choice("importance", "smc", "bridge", "chib", "prior", misspelt="importances")
full_rank = choice("full-rank", "diagonal", misspelt="full-rnk")
likelihood = choice("bernoulli", "gaussian", misspelt="bernouli")
budget = choice("quick", misspelt="quik")
hidden = things((2,), (), [3], (0,), "2", wrong=no(InputTypeError, "hidden", "abc", None, ("a",)))
UNKNOWN = no(InputError, "'taau' did you mean 'tau'", ["taau"])
KEPT = {**UNKNOWN, **no(InputTypeError, "list", "tau", [], 3)}
keep = things(["mu"], None, ["tau", "mu"], "mu", [], wrong=KEPT)
latent = things("z", "mu", "moo", wrong=no(InputError, "known: z", 3, None, "zz"))
name = things("mu", "tau", "s", "rates", "z", "moo", wrong=w.NAME)
second_name = things(None, "mu", "tau", wrong=without(w.NAME, "None", "''"))
first = things(None, 0, 1, -3, wrong={})
alpha = things(5e-9, 0.5, 0.0, 1.0, wrong=NO_NUMBERS)
NO_PATH = {
    **no(InputError, "null character", "a\0b"),
    **no(InputError, "", "x" * 5000),
    **no(InputTypeError, "path", 3.0, True, None),
}
path = things("file", "none/file", "", ".", "x" * 300, "a\0b", wrong=NO_PATH)
part = things("train", "mu", wrong={})
folder = things("/nowhere", wrong={})
seed = things(None, 3, wrong={})
CONTENTS = [b"[]", b"{}", b"null", b"1", b'{"class": "Draws"}', b"PK\x03\x04", b"a,b\n1,2\n"]
content = things(*CONTENTS, b"1,nan\n", wrong={}, more=[st.binary(max_size=40)])
dataset = things("coal", "mu", "moo", wrong={})

# what models are made of
network = things({"rain": (), "sprinkler": ("rain",), "wet": ("rain", "sprinkler")}, wrong={})
TABLES = {"rain": 0.2, "sprinkler": [0.4, 0.01], "wet": [[0.1, 0.8], [0.9, 0.99]]}
tables = things(TABLES, {**TABLES, "rain": 1.0}, {**TABLES, "sprinkler": [0.0, 1.0]}, wrong={})
evidence = things({"wet": 1}, {"wet": 0, "rain": True}, {"rain": 2}, {}, {"snow": 1}, wrong={})
partition = things(None, [[0], [1]], [[0, 1]], [[0]], [], [[]], "joint", [0, 1], wrong={})
priors = [
    above.map(lambda x: attempt(vi_lab.HalfCauchy, x)),
    st.tuples(above, above).map(lambda pair: attempt(vi_lab.InverseGamma, *pair)),
]
NO_PRIOR = no(InputTypeError, "HalfCauchy", 1.0, None)
tau_prior = things(vi_lab.HalfCauchy(1.0), wrong=NO_PRIOR, more=priors)

# models, and what came of them
NO_MODEL = {
    **no(InputError, "'coall' did you mean 'coal'", "coall"),
    **no(InputTypeError, "model", None, 3, [1.0, 2.0, 4.0], vi_lab.NormalGamma, m.Q),
}
MODELS = [m.MODEL, m.CHANGE, m.MIXTURE, "coin", vi_lab.NormalGamma, m.Q]
model, of_model = things(*MODELS, wrong=NO_MODEL), things(*MODELS, wrong={})
generative = things(m.MODEL, m.CHANGE, m.MIXTURE, "coin", "ising", "denoise", wrong=NO_MODEL)
observed = things(m.MODEL, "newcomb", m.CHANGE, "ising", wrong=NO_MODEL)
X = m.MODEL.prior_predictive(3, rng=0)["x"]
PREDICTED = [{"x": X}, {"x": X, "y": X[:, 0]}, {}, {"x": X[0]}, {"x": "abc"}, {"counts": [[1.0]]}]
predicted = things(*PREDICTED, wrong=no(InputTypeError, "dict of draws", 3, None, {}))
at_x = things(None, np.arange(X.shape[1]), wrong=no(InputError, "x needs shape", [1.0], 3))
data_name = things(None, "x", "y", wrong=no(InputError, "unknown", 3, "z"))
bars, groups = (things(of(n), of(n), *MODELS, wrong=NO_MODEL) for n in ("bars", "groups"))
in_rows, sited = (
    things(of(n), of(n), *MODELS, wrong=NO_MODEL) for n in ("mixture of rows", "clutter")
)
shown_model = model._replace(spoken="model")
deep = things(of("decoder"), of("decoder"), *MODELS, wrong=NO_MODEL)
rowed = deep._replace(
    wrong={**no(InputTypeError, "independent rows", "coal"), **no(InputTypeError, "", 3, None)}
)
own_rows = deep._replace(wrong={})
audited = things(m.MODEL, "coin", 3, wrong=NO_MODEL)
NO_Q = {
    **no(InputTypeError, "draws have no density", m.DRAWS),
    **no(InputError, "another model", m.CHANGED),
    **no(InputTypeError, "Exact, Factorised", m.NORMAL, 3, None, "abc"),
}
batch = things(*m.RESULTS, m.NORMAL, wrong=NO_Q)
q = batch._replace(wrong={**NO_Q, **no(InputError, "single batch (2,)", m.BATCH)})
q_or_none = q._replace(wrong=without(q.wrong, "None"))
NO_MU = no(InputTypeError, "Normal.of", 0.0, vi_lab.Normal)
NO_TAU = no(InputTypeError, "Gamma.of", 0.0, vi_lab.Gamma)
NO_MU |= no(InputTypeError, "Normal Gamma", m.GAMMA)
NO_TAU |= no(InputTypeError, "Gamma Normal", m.NORMAL)
mu = things(m.NORMAL, m.GAMMA, m.Q, wrong=NO_MU)
tau = things(m.GAMMA, m.NORMAL, m.Q, wrong=NO_TAU)
NO_DENSITY = no(InputTypeError, "kl(q, p)", m.DRAWS, m.NORMAL, 3, None)
density = things(m.Q, m.TRUTH, m.NORMAL, m.GAMMA, *m.RESULTS, wrong=NO_DENSITY)
result = things(*m.RESULTS)
response = things(of("q of pca"), *m.RESULTS)
topics = things(of("q of bars"), of("q of bars"), *m.RESULTS)
assigned = things(of("mixture"), *m.RESULTS)
places = st.one_of(
    real, vector(2), vector(3), arrays, anything, st.just(MeanPrecision([0, 0], np.eye(2)))
)
NO_STATE = {
    **no(InputError, "mu, tau got mu", {"mu": 0.0}),
    **no(InputError, "'tua' 'tau'", {"mu": 0.0, "tua": 1.0}),
    **no(InputTypeError, "dict", 0.0, None, "abc"),
}
STATES = [{"mu": 0.0, "tau": 1.0}, {"mu": [0.0, 1.0], "tau": 2.0}, {"s": 1, "rates": [1.0, 2.0]}]
state = things(*STATES, wrong=NO_STATE)
MOMENTS = [{"mu": [1.0, 2.0]}, {"tau": [1.0]}, {"moo": 1.0, "mu": 1.0}, {}]
moments = things(*MOMENTS, wrong=no(InputTypeError, "", 3, "abc", [1.0]))
BATCHED = {"mu": vi_lab.Normal.of([0.0, 1.0], 1.0)}
factors = things({"mu": m.NORMAL, "tau": m.GAMMA}, BATCHED, wrong={}, more=[values.wrong])
MISSPELT = no(InputError, "'coall' did you mean 'coal'", "coall")
problem = things("coin", m.MODEL, ["coin"], [], {"a": m.MODEL}, {}, {1: "coin"}, wrong=MISSPELT)
problem_name = things("correlated", "coin", "galaxies", "coall", wrong=MISSPELT, spoken="problem")
checked = things("coin", "coall", [], wrong=MISSPELT)
wide = things(80, None, 200, wrong={})
of_comparison = things("coin", None, "coall", wrong=no(InputTypeError, "text", 3, [1]))
shown_problem = things("coin", None, "coall", wrong={})
NO_METHOD = no(InputError, "'exat' did you mean 'exact'", "exat")
methods = things("exact", ["exact"], "exact,exact-draws", [], wrong=NO_METHOD)
cube = things(lambda x: (x**3).sum(), wrong={})
its_gradient = things(lambda x: 3.0 * x**2, wrong={})

# networks: four inputs each
FITS = [Later(lambda i=i: material()["fits"][i]) for i in (1, 0, 2)]
PARAMS = [Later(lambda i=i: material()["fits"][i].params) for i in (1, 0)]
fit, params = things(*FITS), things(*PARAMS, {}, {"w": [1.0]})
rows_q = things(of("q of decoder"), *FITS, m.Q, m.MODEL)

# pictures: of results, and of what else there is to see
ANYONE = [*m.RESULTS, *map(of, ("mixture", "pca", "decoded", "q of decoder", "truth of labels"))]
picture = things(*ANYONE)
BOTH = [[m.TRUTH, m.Q], [m.DRAWS, m.TRUTH], {"one": m.DRAWS, "two": m.TRUTH}, {"ß": m.Q}]
SHOWN = [m.TRUTH, m.Q, m.DRAWS, *BOTH]
ODD = [[m.TRUTH, m.TRUTH], [m.TRUTH, 3], [], {1: m.TRUTH}]
NOT_SHOWN = no(InputTypeError, "", 3, None, [[0.0]], {1: m.TRUTH})
shown = things(*SHOWN, *SHOWN, *ODD, *ANYONE, wrong=NOT_SHOWN)
PLACES = ["rates[0]", "s", "z[0,1]", "z[1,0]", "rates", "z[0][1]"]
COORDINATES = [*["mu"] * 3, *["tau"] * 3, *PLACES]
NO_COORDINATE = no(InputTypeError, "text", 3, None)
coordinate = things(*COORDINATES, wrong=NO_COORDINATE, spoken="name")
other = coordinate._replace(right=lambda: "tau")
second = other._replace(wrong=without(NO_COORDINATE, "None"))
label_pair = things(("a", "$x$"), None, ("a", "$x"), wrong=no(InputTypeError, "", 3, "x"))
NOT_EITHER = without(NO_OBJECT, "None")
chain = things(m.DRAWS, m.DRAWS, *ANYONE)
truth = things(m.TRUTH, None, *ANYONE, wrong=NOT_EITHER)
changes = things(m.CHANGED, m.CHANGED, {"one": m.CHANGED, "two": m.Q}, *ANYONE)
mixture = things(of("mixture"), of("mixture"), *ANYONE)
linear, decoded = things(of("pca"), of("decoded")), things(of("decoded"), of("pca"))
linear_q = things(of("q of pca"), None, *ANYONE, wrong=NOT_EITHER)
QS = [Later(lambda name=name: {"$x$": material()[name]}) for name in ("q of decoder", "mixture")]
decoded_qs = things(None, {}, *QS, wrong=no(InputTypeError, "", 3))
BOOKS = [Later(lambda n=n: {n: material()["ledger"]}) for n in ("one", "$x", 1, None)]
BOTH_BOOKS = Later(lambda: {"a": material()["ledger"], "b": material()["ledger of change"]})
NO_BOOKS = {**NO_OBJECT, **no(InputTypeError, "", {1: m.TRUTH})}
ledgers = things(BOOKS[0], BOTH_BOOKS, BOTH_BOOKS, *BOOKS, {}, wrong=NO_BOOKS)
bounds = things(None, {1.0: 2.0}, {1: -3.0, 2: 1e300}, {}, wrong=NOT_EITHER)
compared, swept = things(of("comparison"), of("sweep")), things(of("sweep"), of("comparison"))
measured, gaps = things(of("row"), of("gaps")), things(of("gaps"), of("ledger"))
column = things("gap", "ess", "rhat", "seconds", "evaluations", "sds", wrong={})
start = things(1, 1851, -5, 10**9, wrong={})
NO_SHAPE = {**no(InputError, "shape", (-2, -2)), **no(InputTypeError, "", 7.5)}
shape = things((2, 2), (2, 2), (1, 4), (4, 1), None, [2, 2], (2,), (0, 4), wrong=NO_SHAPE)
CLASSES = [[0, 1], None, [0, 1, 1], ["a", "$", "cc"], [0.5, 1, 1e300]]
classes = things(*CLASSES, wrong=no(InputTypeError, "", [1, None]))
SHEETS = [None, (2.0, 2.0), (0, 1), (1e9, 1e9), (1.0,)]
inches = things(*SHEETS, wrong=no(InputError, "", (0, 1)))
layout = things("constrained", "tight", None, wrong=no(InputError, "", "loose"))
sharex = things(True, "col", "cool", wrong={})
labels = things(np.arange(3), wrong={})
grid = things(np.linspace(0.1, 2.0, 5), np.linspace(0.1, 2.0, 4), wrong={})
PAGE, SHEET = Later(lambda: plots.panels()[0]), Later(lambda: plots.panels()[1][0, 0])
page = things(PAGE)
sheet = things(SHEET)
ax = things(None, None, None, SHEET, wrong=NOT_EITHER)
drawn = things(Later(lambda: plots.vae_trace(material()["fits"][1])), PAGE, SHEET)


def report(make):
    """Reports of a test, with whatever numbers."""
    record = dict(test="a test", passed=True, statistic=0.5, limit=1.0, alpha=0.1, rows=())
    found = st.dictionaries(st.sampled_from(TEXTS), vector(3).map(np.array), min_size=1, max_size=2)
    made = found.map(lambda numbers: make(numbers, sentence="It is so.", **record))
    right = make({"one": np.arange(3.0)}, sentence="It is so.", **record)
    return things(right, more=[made])


# whose methods are called
OWNERS = {
    "WithMarginals": things(*m.RESULTS, of("q of decoder"), of("decoded"), *FITS),
    "Marginal": things(*[result[n] for result in (m.TRUTH, m.Q) for n in ("mu", "tau")]),
    "Posterior": things(*m.RESULTS, of("q of decoder"), of("decoded"), *FITS),
    "Exact": things(m.TRUTH, m.CHANGED),
    "Factorised": things(m.Q),
    "Draws": things(m.DRAWS),
    "LinearResponse": things(of("response")),
    "GaussianPosterior": things(of("gaussian")),
    "HasMoments": things(m.Q, of("gaussian")),
    "Comparison": things(of("comparison")),
    "Replay": things(of("replay")),
    "Problem": things(vi_lab.problem("coin")),
    "DecoderModel": things(of("decoder")),
    "Amortised": fit,
    "VAE": things(*[Later(lambda i=i: material()["fits"][i].vae) for i in (1, 0)]),
    "View": things(*[Later(lambda result=result: plots.View(result)) for result in m.RESULTS]),
    "CurveReport": report(lambda found, **rest: CurveReport(**rest, curves=found)),
    "PointReport": report(lambda found, **rest: PointReport(**rest, points=found, unit="sds")),
}
