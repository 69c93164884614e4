"""The methods of results, the loaders, and the public functions that `calls` does not hold."""

import contextlib
import tempfile

import numpy as np
from hypothesis import strategies as st

import vi_lab
from tests.fuzz.doors import RESULTS, Q, few, models, names
from tests.fuzz.models import arguments, short
from tests.fuzz.plots import bits, fits, material, of
from tests.fuzz.strategies import arrays, matrix, mostly, real, rng, spread, vector
from vi_lab import datasets
from vi_lab.results import diagnostics

some = st.one_of(names, st.sampled_from(["mu", "z", "rates"]))
zs = st.one_of(matrix(2, 2), vector(1), st.just(np.zeros((2, 1))), arrays)
paths = st.sampled_from(["file", "none/file", "", ".", "x" * 300, "a\0b", 3])
rows = st.one_of(bits, bits, arrays)
params = st.one_of(
    st.builds(lambda: material()["fits"][0].params),
    st.just({}),
    st.just({"w": [1.0]}),
    st.sampled_from([3, "abc", None]),
)
one = st.integers(1, 3)
BLOCKS = st.sampled_from(["coordinates", "coordinates", "joint", "rows", 3])
# draws by the milliard are made if they are asked for: that is work, and no hang
work = few.filter(lambda n: not isinstance(n, int) or not 10**5 < n <= 2**53)


def of_result(method, **right):
    """A method of whatever result."""

    def call(result=None, **keywords):
        return getattr(result, method)(**keywords)

    kept = st.one_of(
        st.sampled_from(RESULTS[:3]), st.sampled_from(RESULTS[5:]), of("q of decoder", "decoded")
    )
    return call, kept.flatmap(lambda result: _with(result, arguments(**right)))


def _with(result, keywords):
    return keywords.map(lambda found: {**found, "result": result})


def of_fit(method, **right):
    """A method of a trained VAE, in a folder of its own: some of them write."""

    def call(fit=None, **keywords):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            return getattr(fit, method)(**keywords)

    return call, fits.flatmap(lambda fit: arguments(**right).map(lambda k: {**k, "fit": fit}))


def saved(result=None, **keywords):
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return result.save(**keywords)


def of_vae(method):
    def call(fit=None, **keywords):
        return getattr(fit.vae, method)(**keywords)

    eps = st.one_of(st.just(np.zeros((2, 3, 1))), st.just(np.zeros((3, 1))), arrays)
    return call, fits.flatmap(
        lambda fit: arguments(params=params, x=rows, eps=eps).map(lambda k: {**k, "fit": fit})
    )


METHODS = {
    "Posterior.mean": of_result("mean", name=some),
    "Posterior.sd": of_result("sd", name=some),
    "Posterior.sample": of_result("sample", n=few, rng=rng),
    "Posterior.for_model": of_result("for_model", model=models),
    "Posterior.to_datatree": of_result("to_datatree", n=few, rng=rng),
    "Posterior.save": (
        saved,
        st.one_of(st.sampled_from(RESULTS[:3]), of("q of decoder", "decoded")).flatmap(
            lambda r: _with(r, arguments(path=paths, seed=st.sampled_from([None, 3])))
        ),
    ),
    "LinearResponse.covariance": (
        lambda **keywords: vi_lab.linear_response(Q).covariance(**keywords),
        arguments(name=some, other=st.one_of(st.none(), some)),
    ),
    "LinearResponse.mean": (vi_lab.linear_response(Q).mean, arguments(name=some)),
    "LinearResponse.sd": (vi_lab.linear_response(Q).sd, arguments(name=some)),
    "LinearResponse.sample": (vi_lab.linear_response(Q).sample, arguments(n=few, rng=rng)),
    "GaussianRows.of": (
        vi_lab.GaussianRows.of,
        arguments(
            model=st.one_of(st.builds(lambda: material()["decoded"].model), models),
            mean=matrix(2, 2),
            cov=st.lists(spread(2), min_size=2, max_size=2),
        ),
    ),
    "Comparison.table": (
        lambda **keywords: material()["comparison"].table(**keywords),
        arguments(problem=st.sampled_from([None, "coin", "coall"])),
    ),
    "DecoderModel": (vi_lab.DecoderModel, arguments(decoder=fits, x=rows)),
    "DecoderModel.ledger": (
        lambda **keywords: material()["decoded"].model.ledger(**keywords),
        arguments(q=st.one_of(of("q of decoder", "decoded"), fits, models, st.just(Q))),
    ),
    "PPCA.maximum_likelihood": (
        vi_lab.PPCA.maximum_likelihood,
        arguments(x=matrix(4, 3), q=one, rotation=real, blocks=BLOCKS),
    ),
    "FactorAnalysis.maximum_likelihood": (
        vi_lab.FactorAnalysis.maximum_likelihood,
        arguments(
            x=matrix(4, 3), q=one, max_iterations=mostly(st.just(50)), tol=real, blocks=BLOCKS
        ),
    ),
    "Amortised.encode": of_fit("encode", x=rows),
    "Amortised.given": of_fit("given", x=rows),
    "Amortised.for_model": of_fit("for_model", model=models),
    "Amortised.mean": of_fit("mean", name=some),
    "Amortised.sd": of_fit("sd", name=some),
    "Amortised.sample": of_fit("sample", n=few, rng=rng),
    "Amortised.kl_by_latent": of_fit("kl_by_latent", x=rows),
    "Amortised.decode": of_fit("decode", z=zs),
    "Amortised.reconstruct": of_fit("reconstruct", x=rows),
    "Amortised.generate": of_fit("generate", n=few, rng=rng, means=st.booleans()),
    "Amortised.elbo": of_fit("elbo", x=rows, n_draws=work, rng=rng),
    "Amortised.importance_bound": of_fit("importance_bound", x=rows, k=work, rng=rng),
    "Amortised.log_evidence": of_fit("log_evidence", x=rows, k=work, rng=rng),
    "Amortised.gaps": of_fit("gaps", x=rows, draws=one, k=one, rng=rng),
    "Amortised.ledger": of_fit("ledger", x=rows),
    "Posterior.save ": of_fit("save", path=paths, seed=st.sampled_from([None, 3])),
    "Amortised.load": of_fit("load", path=paths),
    "VAE.init": (vi_lab.VAE(3, 1, hidden=(2,)).init, arguments(rng=rng)),
    "VAE.elbo": of_vae("elbo"),
    "VAE.elbo_and_gradients": of_vae("elbo_and_gradients"),
    "VAE.score_function_gradients": of_vae("score_function_gradients"),
    "results.diagnostics.khat": (
        diagnostics.khat,
        arguments(log_weights=st.one_of(arrays, vector(30), matrix(2, 26))),
    ),
    "results.diagnostics.khat_limit": (diagnostics.khat_limit, arguments(draws=st.integers(0, 99))),
    "list_problems": (vi_lab.list_problems, arguments(none=st.just(1))),
    "datasets.load_observations": (datasets.load_observations, arguments(path=paths)),
    **{
        f"datasets.{name}": (getattr(datasets, name), arguments(none=st.just(1)))
        for name in datasets.__all__
        if name.startswith(("load_", "list_")) and name not in ("load_fashion", "load_observations")
    },
}


@st.composite
def methods(draw):
    name = draw(st.sampled_from(list(METHODS)))
    function, strategy = METHODS[name]
    keywords = draw(strategy)

    def run():
        found = function(**keywords)
        if isinstance(found, float | np.ndarray):
            assert np.asarray(found).dtype.kind != "c"
        repr(found)

    run.__doc__ = f"{name}(**{keywords!r})" if short(keywords) else name
    return run
