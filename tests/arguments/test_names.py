"""A named problem stands for its model in every function that takes one."""

import inspect

import numpy as np
import pytest

import vi_lab
from tests.tables import table
from vi_lab import problem

SMALL = {"rng": 0, "chains": 2, "draws": 20, "warmup": 20}
# by what takes a model: the name of a problem, and a call that says something of it
CALLS = {
    "exact": ("coin", lambda f, m: f(m).log_evidence),
    "gibbs": ("coin", lambda f, m: f(m, **SMALL).values["theta"]),
    "metropolis_hastings": ("coin", lambda f, m: f(m, **SMALL).values["theta"]),
    "collapsed_gibbs": ("bars", lambda f, m: f(m, rng=0, chains=1, draws=2, warmup=0).values["z"]),
    "gibbs_expanded": ("eight-schools", lambda f, m: f(m, **SMALL).values["mu"]),
    "cavi": ("coin", lambda f, m: f(m, rng=0).elbo),
    "hmc": ("coin", lambda f, m: f(m, **SMALL).values["theta"]),
    "laplace": ("coin", lambda f, m: f(m, rng=0).log_evidence_estimate),
    "evidence": ("coin", lambda f, m: f(m, rng=0, draws=50).value),
    "waterfall": ("coin", lambda f, m: f(m, rng=0).levels[-1].nats),
    "svi": ("old-faithful", lambda f, m: f(m, batch_size=90, epochs=1, rng=0).elbo),
    "expectation_propagation": ("clutter", lambda f, m: f(m).log_evidence_estimate),
    "gaussian_vi": ("coin", lambda f, m: f(m, rng=0).elbo),
    "gaussian_q": ("digits", None),
    "amortised": ("digits", lambda f, m: f(m).location),
    "elbo": ("coin", lambda f, m: f(m, vi_lab.cavi("coin", rng=0))),
    "ledger": ("coin", lambda f, m: f(m, vi_lab.cavi("coin", rng=0)).kl),
    "derivation": ("coin", lambda f, m: f(m, vi_lab.cavi("coin", rng=0)).lines),
    "validate": ("coin", lambda f, m: f(m).statistic),
    "audit": ("coin", lambda f, m: f(m, bound=-14.0).findings),
    "compare": ("coin", lambda f, m: f(m, methods="exact").rows[0].log_evidence),
    "check": ("coin", lambda f, m: [line.ledger.kl for line in f(m, rng=0)]),
    "replay": ("coin", lambda f, m: f(m, methods=["cavi"]).data["exact"]["theta"]["mean"]),
    "sweep": ("correlated", lambda f, m: len(f(m))),
    "Factorised": ("coin", lambda f, m: f(m, theta=vi_lab.Beta.of(3, 4)).elbo),
}  # fmt: skip
TAKES = ("model", "problem", "item")
OTHERWISE = {
    "load": "below, with a file",
    "Draws": "made by samplers",
    "Exact": "made by models",
    "EvidenceEstimate": "made by evidence",
    "GaussianPosterior": "made by laplace and gaussian_vi",
    "GaussianRows": "made by `of`, below",
    "Problem": "it is what a name stands for",
}


def test_every_function_that_takes_a_model_is_here():
    takers = set()
    for name in vi_lab.__all__:
        thing = getattr(vi_lab, name)
        if callable(thing) and not (isinstance(thing, type) and issubclass(thing, Exception)):
            takers |= {name} if set(TAKES) & set(inspect.signature(thing).parameters) else set()
    assert takers == CALLS.keys() | OTHERWISE.keys()


@table("name", [name for name, (_, call) in CALLS.items() if call])
def test_a_name_stands_for_its_model(name):
    word, call = CALLS[name]
    function, item = getattr(vi_lab, name), problem(word)
    found = call(function, word)
    with np.errstate(all="raise"):  # which is the caller's own business
        np.testing.assert_equal(found, call(function, item))
        assert np.geterr()["under"] == "raise"
    with pytest.raises(vi_lab.InputError, match=f"unknown name '{word}x'; did you mean '{word}'"):
        call(function, word + "x")


def test_where_a_model_is_asked_for_beside_something_else(tmp_path):
    q = vi_lab.cavi("coin", rng=0)
    q.save(tmp_path / "q")
    assert vi_lab.load(tmp_path / "q", model="coin").elbo == q.elbo
    assert vi_lab.kl(q, "coin") == vi_lab.kl(q, vi_lab.exact("coin"))
    assert vi_lab.ledger("coin", vi_lab.cavi(problem("coin"), rng=1)).holds
    rows = vi_lab.GaussianRows.of("digits", mean=np.zeros(2), cov=np.eye(2))
    assert rows.model.independent_rows == problem("digits").n
    with pytest.raises(vi_lab.InputError, match="did you mean 'coin'"):
        vi_lab.load(tmp_path / "q", model="coim")
