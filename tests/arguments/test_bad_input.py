"""Bad input: one clear error each, that names the argument, what came and what is needed.

A row is (what is called, the error, words the message must hold).
"""

import numpy as np
import pytest

import vi_lab
from vi_lab import (
    Categorical,
    ChangePoint,
    CorrelatedGaussian,
    Factorised,
    Gamma,
    InputError,
    InputTypeError,
    MultivariateNormal,
    Normal,
    NormalGamma,
    cavi,
    derivation,
    elbo,
    exact,
    gibbs,
    kl,
    ledger,
    metropolis_hastings,
)  # fmt: skip
from vi_lab.errors import ViLabError

PRIOR = dict(mu0=0, kappa0=1, a0=2, b0=3)
X = [1.0, 2.0, 4.0]
MODEL = NormalGamma(X, **PRIOR)
Q = Factorised(MODEL, mu=Normal.of(mean=0, sd=1), tau=Gamma.of(shape=2, rate=1))
BATCH = Factorised(MODEL, mu=Normal.of(mean=[0, 1], sd=1), tau=Gamma.of(shape=2, rate=1))
TRUTH = exact(MODEL)
DRAWS = gibbs(MODEL, rng=0, draws=10, warmup=0)
CHANGE = ChangePoint([1, 2, 0], a=(1, 1), b=(1, 1))
EYE = np.eye(2)


def normal(x=X, **changed):
    return lambda: NormalGamma(x, **{**PRIOR, **changed})


def gaussian(mean=(0, 0), cov=EYE, **more):
    return lambda: CorrelatedGaussian(mean, cov, **more)


def change(counts=(1, 2, 0), a=(1, 1), b=(1, 1)):
    return lambda: ChangePoint(counts, a=a, b=b)


DATA = [
    (normal([1, np.nan]), InputError, "x: finite nan index 1"),
    (normal([1, -np.inf]), InputError, "x: finite -inf index 1"),
    (normal([]), InputError, "x: at least one value empty"),
    (normal([[1.0], [2.0]]), InputError, "x: 1 axis (2, 1) x.ravel()"),
    (normal(np.zeros((2, 2))), InputError, "x: 1 axis (2, 2)"),
    (normal(3.0), InputError, "x: 1 axis ()"),
    (normal("abc"), InputTypeError, "x: real numbers 'abc'"),
    (normal(["a", "b"]), InputTypeError, "x: real numbers (2,)"),
    (normal(None), InputTypeError, "x: real numbers None"),
    (normal([1, None]), InputTypeError, "x: real numbers object"),
    (normal([1, 2j]), InputTypeError, "x: real numbers complex128"),
    (normal([[1], [2, 3]]), InputTypeError, "x: rectangular"),
    (normal(np.ma.masked_array([1, 2], [0, 1])), InputTypeError, "x: masked compressed()"),
    (normal([1e200, 1.0]), InputError, "x: 1e+200 overflows rescale"),
    (normal(np.array(["2020-01-01"], "M8[D]")), InputTypeError, "x: real numbers datetime64"),
    (normal({1.0, 2.0}), InputTypeError, "x: real numbers {1.0, 2.0}"),
]
HYPERPARAMETERS = [
    (normal(kappa0=0), InputError, "kappa0: above 0 0"),
    (normal(kappa0=-1), InputError, "kappa0: above 0 -1"),
    (normal(a0=0.0), InputError, "a0: above 0"),
    (normal(b0=-2), InputError, "b0: above 0 -2"),
    (normal(b0=np.nan), InputError, "b0: finite nan"),
    (normal(mu0=np.inf), InputError, "mu0: finite inf"),
    (normal(mu0=[1, 2]), InputError, "mu0: (2,)"),
    (normal(mu0="0"), InputTypeError, "mu0: real numbers '0'"),
    (normal(mu0=None), InputTypeError, "mu0: real numbers None"),
    (gaussian(cov=[[1, 2], [0, 5]]), InputError, "cov: symmetric cov[0, 1] = 2 cov[1, 0] = 0"),
    (gaussian(cov=[[1, 2], [2, 1]]), InputError, "cov: positive definite -1"),
    (gaussian(cov=np.ones((2, 2))), InputError, "cov: positive definite"),
    (gaussian(cov=np.zeros((2, 2))), InputError, "cov: positive definite"),
    (gaussian(cov=np.eye(3)), InputError, "cov: (2, 2) (3, 3)"),
    (gaussian(cov=[1, 1]), InputError, "cov: 2 axes (2,)"),
    (gaussian(cov=[[1, np.nan], [np.nan, 1]]), InputError, "cov: finite nan (0, 1)"),
    (gaussian(mean=[[0, 0]]), InputError, "mean: 1 axis (1, 2)"),
    (gaussian(mean=[]), InputError, "mean: at least one value"),
    (gaussian(blocks=[[0]]), InputError, "blocks: every coordinate 0..1 [[0]]"),
    (gaussian(blocks=[[0, 1], [1]]), InputError, "blocks: exactly one [[0, 1], [1]]"),
    (gaussian(blocks=[[0, 1], []]), InputError, "blocks: non-empty"),
    (gaussian(blocks=[[0, 2]]), InputError, "blocks: every coordinate 0..1"),
    (gaussian(blocks=[0, 1]), InputError, "blocks: list of lists [0, 1]"),
    (gaussian(blocks=[[0.0, 1.0]]), InputError, "blocks: 0.0"),
    (gaussian(blocks=3), InputError, "blocks: list of lists 3"),
    (gaussian(blocks=[[-1, 0]]), InputError, "blocks: -1"),
    (change([1, 2.5, 3]), InputError, "counts: whole numbers 2.5 index 1"),
    (change([1, -1, 3]), InputError, "counts: whole numbers -1 index 1"),
    (change([1, 2, 1e17]), InputError, "counts: 1e+17 exact"),
    (change([4]), InputError, "counts: two times"),
    (change([[1], [2]]), InputError, "counts: 1 axis (2, 1) ravel"),
    (change([True, "x"]), InputTypeError, "counts: real numbers"),
    (change(a=(1, 0)), InputError, "a: above 0 index 1"),
    (change(a=1.0), InputError, "a: (2,) ()"),
    (change(b=(1, 2, 3)), InputError, "b: (2,) (3,)"),
    (change(b=(1, np.nan)), InputError, "b: finite nan index 1"),
]
SETTINGS = [
    (lambda: gibbs(MODEL, draws=0), InputError, "draws: at least 1 0"),
    (lambda: gibbs(MODEL, draws=-5), InputError, "draws: at least 1 -5"),
    (lambda: gibbs(MODEL, draws=10.5), InputTypeError, "draws: whole number 10.5"),
    (lambda: gibbs(MODEL, draws="10"), InputTypeError, "draws: whole number '10'"),
    (lambda: gibbs(MODEL, draws=None), InputTypeError, "draws: whole number None"),
    (lambda: gibbs(MODEL, draws=True), InputTypeError, "draws: whole number True"),
    (lambda: gibbs(MODEL, chains=0), InputError, "chains: at least 1 0"),
    (lambda: gibbs(MODEL, warmup=-1), InputError, "warmup: at least 0 -1"),
    (lambda: metropolis_hastings(MODEL, draws=0), InputError, "draws: at least 1 0"),
    (lambda: metropolis_hastings(MODEL, chains=-1), InputError, "chains: at least 1 -1"),
    (lambda: metropolis_hastings(MODEL, warmup=-1), InputError, "warmup: at least 0 -1"),
    (lambda: metropolis_hastings(MODEL, step=0), InputError, "step: above 0"),
    (
        lambda: metropolis_hastings(MODEL, step=[1, 2, 3]),
        InputError,
        "step: 2 of them [1.0, 2.0, 3.0]",
    ),
    (lambda: metropolis_hastings(MODEL, step=np.nan), InputError, "step: finite nan"),
    (lambda: metropolis_hastings(MODEL, step="big"), InputTypeError, "step: real numbers 'big'"),
    (lambda: cavi(MODEL, restarts=0), InputError, "restarts: at least 1 0"),
    (lambda: cavi(MODEL, max_sweeps=0), InputError, "max_sweeps: at least 1 0"),
    (lambda: cavi(MODEL, tol=-1e-3), InputError, "tol: at least 0 -0.001"),
    (lambda: cavi(MODEL, tol=None), InputTypeError, "tol: real numbers None"),
    (lambda: Q.sample(0), InputError, "n: at least 1 0"),
    (lambda: TRUTH.sample(-1), InputError, "n: at least 1 -1"),
    (lambda: DRAWS.sample(2.0), InputTypeError, "n: whole number 2.0"),
    (lambda: Normal.of(mean=0, sd=1).sample(0), InputError, "n: at least 1 0"),
]
RANDOMNESS = [
    *((lambda f=f: f(MODEL, seed=1), InputTypeError, f"{f.__name__}() 'seed' rng=")
      for f in (gibbs, metropolis_hastings, cavi)),
    *((lambda f=f: f(MODEL, random_state=1), InputTypeError, f"{f.__name__}() 'random_state' rng=")
      for f in (gibbs, metropolis_hastings, cavi)),
    *((lambda f=f: f(MODEL, rng=True), InputTypeError, "rng: int SeedSequence Generator True")
      for f in (gibbs, metropolis_hastings, cavi)),
    (lambda: gibbs(MODEL, rng=-1), InputError, "rng: at least 0 -1"),
    (lambda: gibbs(MODEL, rng=1.5), InputTypeError, "rng: int float 1.5"),
    (lambda: gibbs(MODEL, rng="7"), InputTypeError, "rng: int str '7'"),
    (lambda: gibbs(MODEL, rng=np.random.RandomState(0)), InputTypeError, "rng: RandomState"),
    (lambda: Q.sample(3, seed=0), InputTypeError, "sample() 'seed' rng="),
    (lambda: TRUTH.sample(3, seed=0), InputTypeError, "sample() 'seed' rng="),
    (lambda: DRAWS.sample(3, seed=0), InputTypeError, "sample() 'seed' rng="),
    (lambda: Normal.of(mean=0, sd=1).sample(3, seed=0), InputTypeError, "sample() 'seed' rng="),
]  # fmt: skip
KEYWORDS = [
    (lambda: gibbs(MODEL, chain=3), InputTypeError, "gibbs() 'chain' did you mean 'chains'"),
    (lambda: metropolis_hastings(MODEL, warmpup=3), InputTypeError, "'warmpup' did you mean"),
    (lambda: cavi(MODEL, restart=3), InputTypeError, "cavi() 'restart' did you mean 'restarts'"),
    (lambda: exact(MODEL, draws=3), InputTypeError, "exact() 'draws'"),
    (lambda: NormalGamma(X, mu=0, kappa0=1, a0=1, b0=1), InputTypeError,
     "NormalGamma() 'mu' did you mean 'mu0'"),
    (lambda: CorrelatedGaussian([0], [[1]], block=[[0]]), InputTypeError, "did you mean 'blocks'"),
    (lambda: ChangePoint([1, 2], alpha=(1, 1), b=(1, 1)), InputTypeError, "ChangePoint() 'alpha'"),
    (lambda: Normal.of(mean=0, sdd=1), InputTypeError, "Normal.of() 'sdd' did you mean 'sd'"),
    (lambda: Gamma.of(shape=1, scale=1), InputTypeError, "Gamma.of() 'scale' shape, rate"),
    (lambda: MultivariateNormal.of(mean=[0], covariance=[[1]]), InputTypeError,
     "'covariance' mean, cov"),
    (lambda: Categorical.of(probability=[1]), InputTypeError, "did you mean 'probabilities'"),
    (lambda: ledger(MODEL, p=Q), InputTypeError, "ledger() 'p'"),
    (lambda: vi_lab.problem("correlated", roh=0.5), InputTypeError,
     "problem 'correlated' has no argument 'roh'; did you mean 'rho'?"),
    (lambda: vi_lab.problem("coin", rho=0.5), InputTypeError,
     "problem 'coin' has no argument 'rho'; it comes in one variant alone"),
]  # fmt: skip
NAMES = [
    (lambda: TRUTH.mean("mv"), InputError, "name: 'mv' did you mean 'mu' mu, tau"),
    (lambda: TRUTH.sd("taw"), InputError, "name: 'taw' did you mean 'tau'"),
    (lambda: Q.mean("Tau"), InputError, "name: 'Tau' did you mean 'tau'"),
    (lambda: DRAWS.mean(3), InputError, "name: 3 mu, tau"),
    (lambda: gibbs(MODEL, keep=["taau"]), InputError, "keep: 'taau' did you mean 'tau'"),
    (lambda: gibbs(MODEL, keep="tau"), InputTypeError, "keep: list 'tau'"),
    (lambda: gibbs(MODEL, keep=[]), InputTypeError, "keep: list []"),
    (lambda: TRUTH.log_density({"mu": 0.0}), InputError, "values: mu, tau got mu"),
    (lambda: TRUTH.log_density({"mu": 0.0, "tua": 1.0}), InputError, "values: 'tua' 'tau'"),
    (lambda: TRUTH.log_density(0.0), InputTypeError, "values: dict 0.0"),
    (lambda: TRUTH.log_density({"mu": "a", "tau": 1.0}), InputTypeError, "mu: real numbers 'a'"),
    (lambda: TRUTH.log_density({"mu": None, "tau": 1.0}), InputTypeError, "mu: real numbers None"),
    (lambda: TRUTH.log_density({"mu": [0, 1], "tau": np.ones(3)}), InputError, "mu (2,) tau (3,)"),
    (lambda: exact(CHANGE).log_density({"s": 1, "rates": 2.0}), InputError, "rates: (2,) ()"),
    (lambda: exact(CHANGE).log_density({"s": 1, "rates": [1, 2, 3]}), InputError, "rates: (3,)"),
    (lambda: vi_lab.problem("coall"), InputError, "problem: 'coall' did you mean 'coal'"),
]
MODELS = [
    (lambda: gibbs("coal"), InputTypeError, "model: vi_lab.problem('coal')"),
    (lambda: gibbs(None), InputTypeError, "model: None"),
    (lambda: cavi(X), InputTypeError, "model: [1.0, 2.0, 4.0]"),
    (lambda: exact(NormalGamma), InputTypeError, "model:"),
    (lambda: metropolis_hastings(3), InputTypeError, "model: 3"),
    (lambda: ledger(Q, MODEL), InputTypeError, "model:"),
]
DISTRIBUTIONS = [
    (lambda: Normal.of(mean=0, sd=0), InputError, "sd: above 0 0"),
    (lambda: Normal.of(mean=np.nan, sd=1), InputError, "mean: finite nan"),
    (lambda: Normal.of(mean=[0, 1], sd=[1, 2, 3]), InputError, "mean sd (2,) (3,)"),
    (lambda: Gamma.of(shape=-1, rate=1), InputError, "shape: above 0 -1"),
    (lambda: Gamma.of(shape=1, rate=0), InputError, "rate: above 0 0"),
    (lambda: Gamma.of(shape=[1, 2], rate=[1, 2, 3]), InputError, "shape rate (2,) (3,)"),
    (lambda: Categorical.of([0.5, 0.6]), InputError, "probabilities: sum 1.1"),
    (lambda: Categorical.of([1.5, -0.5]), InputError, "probabilities: non-negative -0.5"),
    (lambda: Categorical.of(0.5), InputError, ""),
    (lambda: Categorical.of([]), InputError, "probabilities: empty"),
    (lambda: MultivariateNormal.of(mean=[0], cov=[[1, 2], [0, 1]]), InputError, "(1,)"),
    (lambda: MultivariateNormal.of(mean=[0, 0], cov=np.eye(3)), InputError, "(3, 3)"),
    (lambda: MultivariateNormal.of([0, 0], [[1, 2], [0, 1]]), InputError, "cov: symmetric"),
    (lambda: MultivariateNormal.of(mean=[0, 0], cov=-EYE), InputError, "cov: positive definite -1"),
    (lambda: MultivariateNormal.of(mean=np.zeros((2, 2)), cov=np.ones((3, 1, 1)) * EYE), InputError,
     "mean cov"),
]  # fmt: skip
NORMAL, GAMMA = Normal.of(mean=0, sd=1), Gamma.of(shape=2, rate=1)
QS = [
    (lambda: Factorised(MODEL, mu=GAMMA, tau=GAMMA), InputTypeError, "mu: Normal Gamma"),
    (lambda: Factorised(MODEL, mu=NORMAL), InputError, "q: 'tau' every block"),
    (lambda: Factorised(MODEL, mu=NORMAL, tau=GAMMA, s=NORMAL), InputError, "q: 's' mu, tau"),
    (lambda: Factorised(MODEL, mu=NORMAL, taw=GAMMA), InputError, "q: 'taw' did you mean 'tau'"),
    (lambda: Factorised(MODEL, mu=0.0, tau=GAMMA), InputTypeError, "mu: Normal.of 0.0"),
    (lambda: Factorised(MODEL, mu=Normal, tau=GAMMA), InputTypeError, "mu: Normal.of"),
    (lambda: Factorised(CHANGE, s=Categorical.of([0.5, 0.5]), rates=Gamma.of([1, 1, 1], 1)),
     InputError, "rates: plates (2,) (3,)"),
    (lambda: Factorised(CHANGE, s=Categorical.of(np.full(3, 1 / 3)), rates=GAMMA), InputError,
     "s: event shape (2,) (3,)"),
    (lambda: Factorised(MODEL, mu=Normal.of([0, 1], 1), tau=Gamma.of([1, 2, 3], 1)), InputError,
     "batch (2,) (3,)"),
    (lambda: ledger(MODEL, DRAWS), InputTypeError, "q: draws have no density"),
    (lambda: ledger(MODEL, NORMAL), InputTypeError, "q: Exact or Factorised"),
    (lambda: ledger(MODEL, BATCH), InputError, "q: single batch (2,)"),
    (lambda: derivation(MODEL, DRAWS), InputTypeError, "q: draws have no density"),
    (lambda: kl(DRAWS, TRUTH), InputTypeError, "kl(q, p) Draws"),
    (lambda: kl(NORMAL, GAMMA), InputTypeError, "Normal Gamma"),
    (lambda: kl(Q, NORMAL), InputTypeError, "kl(q, p) Distribution"),
    (lambda: elbo(MODEL, NORMAL), InputTypeError, "q: Factorised"),
    (lambda: elbo(MODEL, DRAWS), InputTypeError, "q: Factorised"),
    (lambda: ledger(CHANGE, Q), InputError, "q:"),
    (lambda: kl(Q, exact(CHANGE)), InputError, "p:"),
]  # fmt: skip
TABLE = {
    f"{kind}-{number}": row
    for kind, rows in {
        "data": DATA, "hyperparameters": HYPERPARAMETERS, "settings": SETTINGS,
        "randomness": RANDOMNESS, "keywords": KEYWORDS, "names": NAMES, "models": MODELS,
        "distributions": DISTRIBUTIONS, "qs": QS,
    }.items()
    for number, row in enumerate(rows)
}  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), TABLE.values(), ids=TABLE)
def test_one_clear_error(call, error, words):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    for word in words.split(" "):
        assert word in message, message
    assert isinstance(caught.value, ViLabError)
    assert isinstance(caught.value, TypeError if error is InputTypeError else ValueError)
    assert caught.value.__cause__ is None
    assert len(message) < 300


def test_what_is_allowed_stays_allowed():
    """The checks refuse no more than they should."""
    NormalGamma((1, 2), **PRIOR)
    NormalGamma(np.array([1, 2], dtype=np.int8), **PRIOR)
    NormalGamma(range(4), **{**PRIOR, "mu0": np.float32(1)})
    ChangePoint(np.array([0, 0], dtype=np.uint8), a=[1, 2], b=np.ones(2))
    CorrelatedGaussian([0.0], [[2.0]])
    CorrelatedGaussian([0, 0], [[1, 1e-13], [0, 1]])  # rounding is no asymmetry
    gibbs(MODEL, rng=np.int64(3), draws=np.int32(2), warmup=0)
    assert vi_lab.Normal.of([0, 1], 2).mean.shape == (2,)
