"""Every function of `vi_lab.plots` with arguments of every kind.

A figure belongs to nobody but its axes, so none is shown and none is left open.
"""

import functools
import re

import numpy as np
from hypothesis import strategies as st

import vi_lab
from tests.fuzz.doors import CHANGE, DRAWS, MODEL, RESULTS, TRUTH, Q
from tests.fuzz.models import arguments, short
from tests.fuzz.strategies import matrix, mostly, real, share, vector
from vi_lab import plots
from vi_lab.testing import CurveReport, PointReport

WORDS = st.sampled_from(["mu", "rates[0]", "a word", "$x$", "$x", "$\\frac{$", "{}", "%s", "ß±−"])


@functools.cache
def material():
    """Results that pictures are drawn of, as small as they can be."""
    x = np.array([[0.0, 0.1], [0.2, 0.0], [3.0, 3.1], [3.2, 3.0], [1.0, 2.0]])
    mixture = vi_lab.GaussianMixture(
        x, 2, concentration=1.0, m0=[1.0, 1.0], beta0=1.0, nu0=4.0, w0_inv=np.eye(2)
    )
    pca = vi_lab.PPCA(np.c_[x, x[:, :1]], [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]], mu=0.0, sigma2=0.5)
    bits = (np.arange(24).reshape(6, 4) * 7 % 5 < 2).astype(float)
    fits = {
        k: vi_lab.VAE(4, k, hidden=(3,), likelihood=likelihood).fit(bits, epochs=2, rng=0)
        for k, likelihood in ((1, "bernoulli"), (2, "gaussian"), (3, "bernoulli"))
    }
    decoder = vi_lab.DecoderModel(fits[2], bits[:2])
    comparison = vi_lab.compare("coin", methods=["exact", "exact-draws", "cavi"], rng=0)
    sweep = vi_lab.compare(
        [vi_lab.problem("correlated", rho=rho) for rho in (0.0, 0.5)],
        methods=["cavi", "gibbs"],
        rng=0,
    )
    q = vi_lab.cavi(mixture, rng=0, max_sweeps=30)
    return {
        "mixture": q,
        "truth of labels": vi_lab.exact(mixture),
        "pca": vi_lab.exact(pca),
        "q of pca": vi_lab.cavi(pca, rng=0),
        "fits": list(fits.values()),
        "bits": bits,
        "decoded": vi_lab.exact(decoder),
        "q of decoder": vi_lab.gaussian_q(decoder, rng=0),
        "comparison": comparison,
        "sweep": sweep,
        "ledger": vi_lab.ledger(MODEL, Q),
        "ledger of change": vi_lab.ledger(CHANGE, vi_lab.cavi(CHANGE, rng=0)),
        "gaps": fits[1].gaps(bits[:2], draws=5, k=5, rng=0),
        "row": comparison.rows[0],
    }


def of(*names):
    return st.one_of([st.builds(lambda name=name: material()[name]) for name in names])


fits = st.integers(0, 2).map(lambda i: material()["fits"][i])
text = st.one_of(WORDS, st.none())
anyone = st.one_of(
    st.sampled_from(RESULTS), of("mixture", "pca", "decoded", "q of decoder", "truth of labels")
)
shown = st.one_of(
    st.sampled_from([TRUTH, Q, DRAWS, [TRUTH, Q], [DRAWS, TRUTH], {"one": DRAWS, "two": TRUTH}]),
    st.sampled_from([TRUTH, Q, DRAWS, [TRUTH, Q], [DRAWS, TRUTH], {"one": Q, "ß": TRUTH}]),
    st.sampled_from(
        [
            RESULTS[5],
            {1: TRUTH},
            [TRUTH, Q],
            {"one": DRAWS, "two": TRUTH},
            [TRUTH, TRUTH],
            [TRUTH, 3],
            [],
        ]
    ),
    st.lists(anyone, max_size=3),
    anyone,
)
coordinate = st.sampled_from(
    ["mu", "mu", "mu", "tau", "tau", "tau", "rates[0]", "s", "z[0,1]", "z[1,0]", "rates", "z[0][1]"]
)
fresh = st.builds(lambda: plots.panels()[1][0, 0])
drawn = st.builds(lambda: plots.vae_trace(material()["fits"][0]))
axes = st.one_of(st.none(), st.none(), st.none(), st.none(), fresh)
bits = st.one_of(matrix(3, 4, share), of("bits"), st.just(np.zeros((1, 4))))
sizes = st.sampled_from([None, None, None, (2, 2), (1, 4), (4, 1), [2, 2], (2,), (0, 4), (-2, -2)])
books = st.one_of(
    st.dictionaries(WORDS, of("ledger", "ledger of change"), min_size=1, max_size=3),
    st.dictionaries(WORDS, of("ledger", "ledger of change"), min_size=1, max_size=3),
    st.dictionaries(WORDS, of("ledger", "ledger of change"), max_size=1),
    of("ledger"),
    st.dictionaries(st.sampled_from([1, "a", None]), of("ledger", "gaps"), max_size=2),
)
switch = st.booleans()


def drawing(**right):
    return arguments(**right, ax=axes)


def seen(name, **right):
    """A method of View, of a result."""

    def call(result=None, **keywords):
        return getattr(plots.View(result), name)(**keywords)

    return call, arguments(result=st.sampled_from([TRUTH, Q, DRAWS, RESULTS[5]]), **right)


def report(kind):
    numbers = st.dictionaries(WORDS, vector(3), min_size=1, max_size=2)

    def call(ax=None, limit=1.0, numbers=None, **keywords):
        record = dict(
            test="a test", passed=True, statistic=0.5, limit=limit, alpha=0.1, sentence="It is so.",
            rows=(),
        )  # fmt: skip
        kept = {k: np.array(v) for k, v in numbers.items()}
        made = (
            CurveReport(**record, curves=kept)
            if kind == "curves"
            else PointReport(**record, points=kept, unit="sds")
        )
        return made.plot(ax=ax, **keywords)

    return call, st.fixed_dictionaries(
        {"ax": mostly(axes), "limit": st.just(1.0), "numbers": numbers}
    )


PLOTS = {
    "plots.account": (plots.account, drawing(ledgers=books)),
    "plots.balance": (
        plots.balance,
        st.integers(1, 3).flatmap(
            lambda n: drawing(
                values=vector(n), elbo=vector(n), kl=vector(n), log_evidence=real, label=text
            )
        ),
    ),
    "plots.elbo_trace": (plots.elbo_trace, drawing(q=anyone, log_evidence=real)),
    "plots.marginal": (
        plots.marginal,
        drawing(results=shown, name=coordinate, label=text, legend=switch),
    ),
    "plots.joint": (
        plots.joint,
        drawing(
            results=shown,
            x=coordinate,
            y=coordinate,
            labels=st.one_of(st.none(), st.tuples(WORDS, WORDS), WORDS),
            legend=switch,
        ),
    ),
    "plots.chains": (
        plots.chains,
        drawing(
            draws=st.one_of(st.just(DRAWS), st.just(DRAWS), st.just(DRAWS), anyone),
            name=coordinate,
            first=st.integers(0, 9),
            truth=st.one_of(st.none(), st.just(TRUTH), anyone),
            label=text,
        ),
    ),
    "plots.change_point": (
        plots.change_point,
        drawing(
            results=st.one_of(
                st.just(RESULTS[5]),
                st.just(RESULTS[5]),
                st.just({"one": RESULTS[5], "two": Q}),
                anyone,
            ),
            start=st.sampled_from([1, 1851, -5, 10**9]),
            unit=WORDS,
            events=WORDS,
        ),
    ),
    "plots.components": (
        plots.components,
        drawing(q=st.one_of(of("mixture"), anyone), labels=st.tuples(WORDS, WORDS)),
    ),
    "plots.co_assignment": (plots.co_assignment, drawing(result=anyone, label=text)),
    "plots.bound_over": (
        plots.bound_over,
        st.integers(1, 3).flatmap(
            lambda n: drawing(
                values=vector(n),
                bounds=vector(n),
                log_evidence=st.one_of(st.none(), st.dictionaries(real, real, max_size=2)),
                label=text,
            )
        ),
    ),
    "plots.symmetry_gap": (
        plots.symmetry_gap,
        st.integers(1, 3).flatmap(
            lambda n: drawing(separations=vector(n), gaps=vector(n), copies=st.integers(0, 6))
        ),
    ),
    "plots.latent_means": (
        plots.latent_means,
        drawing(truth=of("pca", "decoded"), q=st.one_of(st.none(), of("q of pca"), anyone)),
    ),
    "plots.latent_posterior": (
        plots.latent_posterior,
        drawing(
            truth=of("decoded", "pca"),
            qs=st.one_of(st.none(), st.dictionaries(WORDS, of("q of decoder"), max_size=2)),
            row=st.integers(-1, 2),
            legend=switch,
        ),
    ),
    "plots.topics": (
        plots.topics,
        drawing(
            found=st.one_of(matrix(2, 4, share), st.just(np.eye(4)[:2])),
            truth=st.one_of(matrix(2, 4, share), st.just(np.eye(4)[1:3])),
            shape=sizes,
            label=WORDS,
        ),
    ),
    "plots.sweep_gap": (plots.sweep_gap, drawing(comparison=of("sweep", "comparison"))),
    "plots.sweep_sd": (plots.sweep_sd, drawing(comparison=of("sweep", "comparison"))),
    "plots.sweep_ess": (plots.sweep_ess, drawing(comparison=of("sweep", "comparison"))),
    "plots.rho_of": (
        plots.rho_of,
        arguments(comparison=of("sweep", "comparison"), row=of("row", "gaps")),
    ),
    "plots.dots": (
        plots.dots,
        drawing(
            comparison=of("comparison", "sweep"),
            column=st.sampled_from(["gap", "ess", "rhat", "seconds", "evaluations", "sds"]),
            legend=switch,
        ),
    ),
    "plots.cost_accuracy": (
        plots.cost_accuracy,
        drawing(
            comparison=of("comparison", "sweep"),
            problem=st.sampled_from([None, "coin", "coall"]),
            legend=switch,
        ),
    ),
    "plots.reconstructions": (plots.reconstructions, drawing(fit=fits, x=bits, shape=sizes)),
    "plots.samples": (
        plots.samples,
        drawing(fit=fits, side=st.integers(-1, 3), rng=st.integers(0, 9), shape=sizes),
    ),
    "plots.manifold": (plots.manifold, drawing(fit=fits, side=st.integers(1, 4), shape=sizes)),
    "plots.encoded": (
        plots.encoded,
        drawing(
            fit=fits,
            x=bits,
            labels=st.one_of(
                st.none(), st.just([0, 1, 1]), st.just(["a", "$", "cc"]), st.just([0.5, 1, 1e300])
            ),
        ),
    ),
    "plots.vae_trace": (plots.vae_trace, drawing(fit=fits)),
    "plots.gap_waterfall": (plots.gap_waterfall, drawing(gaps=of("gaps", "ledger"))),
    "plots.panels": (
        plots.panels,
        arguments(
            rows=st.integers(-1, 3),
            columns=st.integers(0, 3),
            size=st.sampled_from([None, (2.0, 2.0), (0, 1), (1e9, 1e9), (1.0,)]),
            layout=st.sampled_from(["constrained", "tight", None, "loose"]),
            sharex=st.sampled_from([True, "col", "cool"]),
        ),
    ),
    "plots.show": (
        plots.show,
        arguments(
            ax=st.one_of(
                drawn,
                st.builds(lambda: plots.panels()[0]),
            ),
            alt=text,
        ),
    ),
    "plots.png_bytes": (
        plots.png_bytes,
        arguments(figure=st.builds(lambda: plots.panels()[0]), alt=WORDS, title=text),
    ),
    "plots.svg_bytes": (
        plots.svg_bytes,
        arguments(figure=st.builds(lambda: plots.panels()[0]), alt=WORDS, title=WORDS),
    ),
    "plots.alt_text": (plots.alt_text, arguments(ax=st.one_of(fresh, drawn))),
    "plots.describe": (plots.describe, arguments(ax=fresh, text=WORDS)),
    "plots.style_of": (plots.style_of, arguments(method=WORDS)),
    "plots.house_style": (plots.house_style, st.just({})),
    "plots.View": (plots.View, arguments(result=anyone)),
    "View.draws": seen("draws", text=coordinate),
    "View.is_whole": seen("is_whole", text=coordinate),
    "View.locate": seen("locate", text=coordinate),
    "View.moments": seen("moments", text=coordinate),
    "View.density": seen("density", text=coordinate, grid=st.just(np.linspace(0.1, 2.0, 5))),
    "View.joint": seen(
        "joint",
        x=coordinate,
        y=coordinate,
        x_grid=st.just(np.linspace(0.1, 2.0, 5)),
        y_grid=st.just(np.linspace(0.1, 2.0, 4)),
    ),
    "View.probabilities": seen(
        "probabilities", text=st.one_of(st.just("s"), coordinate), labels=st.just(np.arange(3))
    ),
    "CurveReport.plot": report("curves"),
    "PointReport.plot": report("points"),
}
SLOW = 15  # one picture in so many is made into bytes as well: most of its time


@st.composite
def pictures(draw):
    name = draw(st.sampled_from(list(PLOTS)))
    function, strategy = PLOTS[name]
    keywords, whole = draw(strategy), draw(st.integers(1, SLOW)) == 1

    def run():
        found = function(**keywords)
        if isinstance(found, plots.style.Axes):
            told = plots.alt_text(found)
            assert "nan" in repr(keywords) or not re.search(r"\b(nan|inf)\b", told), told
            if whole:
                assert plots.show(found).png
        repr(found)

    run.__doc__ = f"{name}(**{keywords!r})" if short(keywords) else name
    return run
