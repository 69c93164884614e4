"""Every other public function with arguments of every kind."""

import copy
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

import vi_lab
import vi_lab.testing
from tests.fuzz.models import arguments, attempt, short
from tests.fuzz.strategies import (
    above,
    anything,
    arrays,
    matrix,
    mostly,
    real,
    rng,
    share,
    spread,
    vector,
    wrong,
)
from tests.fuzz.tried import finite, number
from vi_lab import datasets
from vi_lab.families.normal_wishart import MeanPrecision
from vi_lab.identity import quadrature
from vi_lab.numerics import enumeration
from vi_lab.results import diagnostics

MODEL = vi_lab.NormalGamma([1.0, 2.0, 4.0], 0.0, 1.0, 2.0, 3.0)
CHANGE = vi_lab.ChangePoint([1, 2, 0], a=(1.0, 1.0), b=(1.0, 1.0))
MIXTURE = vi_lab.NormalMixture([0.0, 1.0, 5.0], 1.0, 0.0, 3.0, weights=[0.5, 0.5])
TRUTH, Q = vi_lab.exact(MODEL), vi_lab.cavi(MODEL, rng=0)
DRAWS = vi_lab.gibbs(MODEL, rng=0, chains=2, draws=8, warmup=0)
NORMAL, GAMMA = vi_lab.Normal.of(mean=0, sd=1), vi_lab.Gamma.of(shape=2, rate=1)
RESULTS = [TRUTH, Q, DRAWS, NORMAL, GAMMA, vi_lab.exact(CHANGE), vi_lab.cavi(MIXTURE, rng=0)]
models = st.one_of(
    st.sampled_from([MODEL, CHANGE, MIXTURE]),
    st.sampled_from(["coin", "coall", vi_lab.NormalGamma]),
    wrong,
    st.sampled_from(RESULTS),
)
results = st.one_of(st.sampled_from(RESULTS), wrong)
few = st.one_of(st.integers(0, 4), wrong)
names = st.one_of(st.sampled_from(["mu", "tau", "s", "rates", "z", "moo"]), wrong)
proportions = st.one_of(
    st.sampled_from(
        [[0.5, 0.5], [1.0, 0.0], [0.2, 0.3, 0.5], [0.5, 0.6], [1.0], [[0.5, 0.5], [1.0, 0.0]]]
    ),
    vector(3, share),
)

FAMILIES = {
    "Normal": arguments(mean=st.one_of(real, vector(2)), sd=above),
    "Gamma": arguments(shape=st.one_of(above, vector(2, above)), rate=above),
    "Beta": arguments(a=st.one_of(above, vector(2, above)), b=above),
    "Dirichlet": arguments(concentration=st.one_of(vector(3, above), vector(1, above))),
    "Categorical": arguments(probabilities=proportions, first=st.sampled_from([None, 0, 1, -3])),
    "Multinomial": arguments(total=st.integers(0, 9), probabilities=proportions),
    "Bits": arguments(probabilities=proportions),
    "Spin": arguments(field=st.one_of(real, vector(2))),
    "PolyaGamma": arguments(trials=st.integers(1, 4), tilt=real),
    "MultivariateNormal": arguments(mean=vector(2), cov=spread(2)),
    "NormalWishart": arguments(mean=vector(2), beta=above, w_inv=spread(2), nu=above),
    "GaussianChain": arguments(
        mean=vector(3), variance=vector(3, above), covariance=vector(2, st.one_of(share, real))
    ),
    "InverseGamma": arguments(shape=above, scale=above),
}
PLACES = st.one_of(
    real, vector(2), vector(3), arrays, anything, st.just(MeanPrecision([0, 0], np.eye(2)))
)


def at(distribution, z, seed, part):
    if part == "moments":
        mean, sd = distribution.mean, None
        if isinstance(distribution.family, type(vi_lab.InverseGamma.of(1.0, 1.0).family)):
            assert not np.isnan(mean).any()  # infinite where the shape is at most 1
        else:
            finite(*mean) if isinstance(mean, tuple) else finite(mean)
        if not isinstance(distribution.family, vi_lab.Categorical):
            sd = distribution.sd
            for array in sd if isinstance(sd, tuple) else (sd,):
                assert not np.isnan(array).any()
        repr(distribution)
    elif part == "entropy":
        finite(distribution.entropy)
    elif part == "draws":
        drawn = distribution.sample(2, rng=seed)
        finite(*drawn) if isinstance(drawn, tuple) else finite(drawn)
        assert not np.isnan(distribution.log_density(drawn)).any()
    elif part == "density":
        assert not np.isnan(distribution.log_density(z)).any()
    else:
        finite(vi_lab.kl(distribution, distribution))


@st.composite
def families(draw):
    name = draw(st.sampled_from(list(FAMILIES)))
    keywords, z, seed = draw(FAMILIES[name]), draw(PLACES), draw(st.integers(0, 9))
    part = draw(st.sampled_from(["moments", "entropy", "draws", "density", "kl"]))

    def run():
        at(getattr(vi_lab, name).of(**keywords), z, seed, part)

    run.__doc__ = (
        f"{name}.of(**{keywords!r}) -> {part}, {z!r}" if short({"k": keywords, "z": z}) else name
    )
    return run


class Own:
    """A log density somebody wrote, and how it goes wrong."""

    dimension = 2

    def __init__(self, flaw, after):
        self.flaw, self.after, self.calls = flaw, after, 0

    def sample_latents(self, rng, batch=()):
        if self.flaw == "no start":
            return {}
        if self.flaw == "flat start":
            return {"z": np.zeros(batch)}
        return {"z": rng.standard_normal((*batch, 2))}

    def log_density(self, z):
        self.calls += 1
        right = -0.5 * (z**2).sum(-1)
        if self.calls <= self.after:
            return right
        return FLAWS[self.flaw](z, right)


def _raise(z, right):
    raise ValueError("somebody's own error")


FLAWS = {
    "none": lambda z, right: right,
    "no start": lambda z, right: right,
    "raises": _raise,
    "flat start": lambda z, right: right,
    "nan": lambda z, right: right * np.nan,
    "inf": lambda z, right: right - np.inf,
    "plus inf": lambda z, right: right + np.inf,
    "column": lambda z, right: right[..., None],
    "one number": lambda z, right: right.sum(),
    "none at all": lambda z, right: None,
    "words": lambda z, right: "low",
    "complex": lambda z, right: right + 0j,
    "overflows": lambda z, right: -np.exp(400.0 * z[..., 0] ** 2),
    "log of less than 0": lambda z, right: np.log(z[..., 0]),
    "three": lambda z, right: np.zeros(3),
    "divides by 0": lambda z, right: right / (z[..., 0] * 0.0),
    "list": lambda z, right: right.tolist(),
}


@st.composite
def own_models(draw):
    flaw, after = draw(st.sampled_from(list(FLAWS))), draw(st.sampled_from([0, 1, 2, 20, 30]))
    step = draw(st.sampled_from([None, 1.0, 1e-300, 1e300, [0.5, 2.0]]))
    run_validate = draw(st.booleans())

    def run():
        model = Own(flaw, after)
        if run_validate:
            assert vi_lab.validate(model).passed in (True, False)
            return
        try:
            draws = vi_lab.metropolis_hastings(
                model, rng=0, chains=2, draws=20, warmup=8, step=step
            )
        except vi_lab.ViLabError as error:
            if error.draws is not None:
                finite(error.draws.values)
            raise
        finite(draws.values)

    run.__doc__ = f"{flaw} after {after} step {step}"
    return run


class Broken(vi_lab.NormalGamma):
    """A conjugate model of one's own, and how it goes wrong."""


BREAKS = {
    "raises": _raise,
    "nan": lambda model, eta: type(eta)(*(e * np.nan for e in eta)),
    "negative": lambda model, eta: type(eta)(*(-1e9 * np.ones_like(e) for e in eta)),
    "column": lambda model, eta: type(eta)(*(np.ones((7, 3)) for e in eta)),
    "tuple": lambda model, eta: tuple(eta),
    "none": lambda model, eta: None,
    "huge": lambda model, eta: type(eta)(*(e * 1e308 for e in eta)),
    "complex": lambda model, eta: type(eta)(*(e + 1j for e in eta)),
    "words": lambda model, eta: type(eta)(*("one" for e in eta)),
    "list": lambda model, eta: list(eta),
}


@st.composite
def own_conditionals(draw):
    name, flaw = draw(st.sampled_from(["mu", "tau"])), draw(st.sampled_from(list(BREAKS)))
    after, method = (
        draw(st.sampled_from([0, 1, 3, 9])),
        draw(st.sampled_from(["gibbs", "cavi", "validate"])),
    )

    def run():
        model, calls = copy.copy(MODEL), []
        honest = MODEL.blocks[name].complete_conditional

        def conditional(stats):
            calls.append(1)
            eta = honest(stats)
            return BREAKS[flaw](model, eta) if len(calls) > after else eta

        block = MODEL.blocks[name]
        model.blocks = {**MODEL.blocks, name: vi_lab.Block(block.family, conditional, block.plates)}
        if method == "validate":
            assert vi_lab.validate(model).passed in (True, False)
        elif method == "cavi":
            number(vi_lab.cavi(model, rng=0, max_sweeps=12, tol=0).elbo)
        else:
            try:
                draws = vi_lab.gibbs(model, rng=0, chains=2, draws=9, warmup=2)
            except vi_lab.ViLabError as error:
                if error.draws is not None:
                    finite(error.draws.values)
                raise
            finite(draws.values)

    run.__doc__ = f"{flaw} in {name} after {after}: {method}"
    return run


def answer(value):
    """Numbers inside an answer are finite or told apart; no complex ones."""
    array = np.asarray(value)
    assert array.dtype.kind != "c"


def something(value):
    return value is not None


def _saved(text):
    with tempfile.TemporaryDirectory() as folder:
        for end in ("json", "npz", "csv"):
            Path(folder, f"file.{end}").write_bytes(text)
        return [
            attempt(vi_lab.load, Path(folder, "file")),
            datasets.load_observations(Path(folder, "file.csv")),
        ]


SETTINGS = dict(
    rng=mostly(rng),
    chains=mostly(st.integers(1, 3)),
    draws=mostly(st.integers(1, 5)),
    warmup=mostly(st.integers(0, 9)),
    keep=mostly(st.sampled_from([None, ["mu"], ["tau", "mu"], "mu", []])),
)
CALLS = {
    "gibbs": (vi_lab.gibbs, arguments(model=models, **SETTINGS)),
    "metropolis_hastings": (
        vi_lab.metropolis_hastings,
        arguments(
            model=models,
            **SETTINGS,
            step=mostly(st.one_of(st.none(), above, vector(2, above))),
            parameterisation=mostly(st.sampled_from(["centred", "noncentred"])),
        ),
    ),
    "cavi": (
        vi_lab.cavi,
        arguments(
            model=models,
            rng=rng,
            restarts=mostly(st.integers(1, 3)),
            max_sweeps=mostly(st.integers(1, 5)),
            tol=mostly(st.just(0)),
        ),
    ),
    "exact": (vi_lab.exact, arguments(model=models)),
    "ledger": (vi_lab.ledger, arguments(model=models, q=results)),
    "derivation": (vi_lab.derivation, arguments(model=models, q=results)),
    "kl": (vi_lab.kl, arguments(q=results, p=results)),
    "elbo": (vi_lab.elbo, arguments(model=models, q=results)),
    "validate": (vi_lab.validate, arguments(model=models, rng=rng)),
    "collapsed_gibbs": (
        vi_lab.collapsed_gibbs,
        arguments(model=models, rng=rng, draws=few, chains=few),
    ),
    "gibbs_expanded": (
        vi_lab.gibbs_expanded,
        arguments(model=models, rng=rng, draws=few, chains=few),
    ),
    "linear_response": (vi_lab.linear_response, arguments(q=results)),
    "co_assignment": (vi_lab.co_assignment, arguments(result=results)),
    "expected_words": (vi_lab.expected_words, arguments(result=results)),
    "held_out_score": (vi_lab.held_out_score, arguments(result=results, counts=arrays)),
    "matched_topics": (vi_lab.matched_topics, arguments(topics=arrays, reference=arrays)),
    "gaussian_q": (vi_lab.gaussian_q, arguments(model=models, covariance=names, rng=rng)),
    "amortised": (vi_lab.amortised, arguments(model=models)),
    "audit": (
        vi_lab.audit,
        arguments(
            model=st.sampled_from([MODEL, "coin", 3]),
            bound=mostly(real),
            posterior=st.one_of(
                wrong, st.dictionaries(st.sampled_from(["mu", "tau", "moo"]), arrays, max_size=2)
            ),
        ),
    ),
    # None would be every problem and every method: minutes, and no hang
    "compare": (
        vi_lab.compare,
        st.fixed_dictionaries(
            {
                "problem": mostly(st.sampled_from(["coin", MODEL, ["coin"], []])).filter(something),
                "methods": mostly(
                    st.sampled_from(["exact", ["exact"], "exact,exact-draws", []])
                ).filter(something),
                "budget": mostly(st.just("quick")),
                "rng": rng,
            }
        ),
    ),
    "check": (
        vi_lab.check,
        st.fixed_dictionaries(
            {
                "problem": mostly(st.sampled_from(["coin", "coall", []])).filter(something),
                "steps": mostly(st.booleans()),
                "rng": rng,
            }
        ),
    ),
    "problem": (
        vi_lab.problem,
        arguments(name=mostly(st.sampled_from(["coin", "correlated", "galaxies"]))),
    ),
    "problem ": (
        vi_lab.problem,
        st.fixed_dictionaries({"name": st.just("correlated"), "rho": mostly(share)}),
    ),
    "sweep": (vi_lab.sweep, arguments(item=st.one_of(names, wrong))),
    "load": (vi_lab.load, arguments(path=st.one_of(wrong, st.just("/nowhere/at/all")))),
    "read": (
        _saved,
        st.fixed_dictionaries(
            {
                "text": st.one_of(
                    st.binary(max_size=40),
                    st.sampled_from(
                        [
                            b"[]",
                            b"{}",
                            b"null",
                            b"1",
                            b'{"class": "Draws"}',
                            b"PK\x03\x04",
                            b"a,b\n1,2\n",
                            b"1,nan\n",
                        ]
                    ),
                )
            }
        ),
    ),
    "datasets.load": (datasets.load, arguments(name=names)),
    "datasets.load_fashion": (
        datasets.load_fashion,
        arguments(part=names, folder=st.sampled_from(["/nowhere", 3])),
    ),
    "HalfCauchy": (vi_lab.HalfCauchy, arguments(scale=mostly(above))),
    "InverseGamma": (vi_lab.InverseGamma, arguments(a0=mostly(above), b0=mostly(above))),
    "results.diagnostics.rhat": (
        diagnostics.rhat,
        st.fixed_dictionaries({"draws": st.one_of(wrong, matrix(2, 6))}),
    ),
    "results.diagnostics.ess": (
        diagnostics.ess,
        st.fixed_dictionaries({"draws": st.one_of(wrong, matrix(2, 6))}),
    ),
    "results.diagnostics.mcse": (
        diagnostics.mcse,
        st.fixed_dictionaries({"draws": st.one_of(wrong, matrix(2, 6))}),
    ),
    "results.diagnostics.wasserstein": (
        diagnostics.wasserstein,
        arguments(a=st.one_of(wrong, vector(3)), b=st.one_of(wrong, vector(2))),
    ),
    "Factorised": (
        lambda mu, tau: vi_lab.Factorised(MODEL, mu=mu, tau=tau).elbo,
        st.fixed_dictionaries({"mu": results, "tau": results}),
    ),
    "Nodes": (
        lambda q: quadrature.Nodes(q).route,
        st.fixed_dictionaries(
            {
                "q": st.one_of(
                    wrong,
                    st.just({"mu": NORMAL, "tau": GAMMA}),
                    st.just({"mu": vi_lab.Normal.of([0.0, 1.0], 1.0)}),
                )
            }
        ),
    ),
    "Exact.mean": (TRUTH.mean, arguments(name=names)),
    "Exact.sd": (TRUTH.sd, arguments(name=names)),
    "Exact.sample": (TRUTH.sample, arguments(n=few, rng=rng)),
    "Exact.log_density": (
        TRUTH.log_density,
        arguments(
            values=st.one_of(
                wrong,
                st.fixed_dictionaries(
                    {
                        "mu": st.one_of(real, arrays, anything),
                        "tau": st.one_of(above, arrays, anything),
                    }
                ),
            )
        ),
    ),
    "Exact.log_density ": (
        RESULTS[5].log_density,
        arguments(
            values=st.one_of(
                wrong,
                st.fixed_dictionaries(
                    {"s": st.one_of(real, anything), "rates": st.one_of(vector(2), arrays)}
                ),
            )
        ),
    ),
    "Factorised.mean": (Q.mean, arguments(name=names)),
    "Factorised.sample": (Q.sample, arguments(n=few, rng=rng)),
    "Draws.sd": (DRAWS.sd, arguments(name=names)),
    "Draws.sample": (DRAWS.sample, arguments(n=few, rng=rng)),
    "testing.monotone": (
        vi_lab.testing.monotone,
        arguments(trace=arrays, log_evidence=mostly(real)),
    ),
    "testing.ledger": (vi_lab.testing.ledger, arguments(model=models, q=results)),
    "testing.agreement": (
        vi_lab.testing.agreement,
        arguments(
            draws=results, truth=results, alpha=mostly(st.sampled_from([5e-9, 0.5, 0.0, 1.0]))
        ),
    ),
    "testing.gradient": (
        vi_lab.testing.gradient,
        arguments(
            f=st.just(lambda x: (x**3).sum()),
            gradient=st.just(lambda x: 3.0 * x**2),
            x=st.one_of(vector(2), arrays),
        ),
    ),
    "VAE": (
        vi_lab.VAE,
        arguments(
            n_inputs=few,
            n_latent=few,
            hidden=mostly(st.sampled_from([(), (2,), [3], (0,), "2", ("a",)])),
            likelihood=names,
            beta=mostly(above),
            n_importance=few,
        ),
    ),
    "VAE.fit": (
        lambda x=None, **settings: (
            vi_lab.VAE(2, 1, hidden=(2,), likelihood="gaussian").fit(x, **settings).trace.elbo
        ),
        arguments(
            x=st.one_of(matrix(3, 2), arrays),
            epochs=mostly(st.just(1)),
            batch_size=mostly(few),
            learning_rate=mostly(above),
            rng=rng,
        ),
    ),
    "VAE.fit ": (
        lambda x=None, **settings: vi_lab.VAE(2, 1, hidden=(2,)).fit(x, **settings).trace.elbo,
        arguments(x=st.one_of(matrix(3, 2, share), arrays), epochs=mostly(st.just(1)), rng=rng),
    ),
    "refusal": (
        enumeration.refusal,
        st.fixed_dictionaries({"items": st.integers(1, 99), "classes": st.integers(1, 9)}),
    ),
}


@st.composite
def calls(draw):
    name = draw(st.sampled_from(list(CALLS)))
    function, strategy = CALLS[name]
    keywords = draw(strategy)

    def run():
        found = function(**keywords)
        if isinstance(found, (float, np.ndarray)):
            answer(found)
        repr(found)

    run.__doc__ = f"{name}(**{keywords!r})" if short(keywords) else name
    return run
