"""Every model's constructor with arguments of every kind, and the short life of what it makes."""

import numpy as np
from hypothesis import strategies as st

import vi_lab
from tests.fuzz.strategies import (
    above,
    matrix,
    mostly,
    rarely,
    real,
    share,
    spread,
    vector,
)
from tests.fuzz.tried import finite, number

whole = st.one_of(st.integers(0, 12), st.sampled_from([0, 1, 300, 2**53 + 2]))
counts = lambda n: st.one_of(  # noqa: E731
    st.lists(whole, min_size=n, max_size=n), st.lists(st.integers(0, 5), min_size=n, max_size=n)
)
bits = lambda n: st.lists(st.sampled_from([0, 1]), min_size=n, max_size=n)  # noqa: E731
sizes = st.integers(1, 5)


def arguments(**right):
    """A call's keywords: mostly right, with now and then one left out, misspelt or too many."""
    odd = st.sampled_from([None] * 30 + ["seed", "rmg", next(iter(right))])

    def made(parts):
        found, twist = parts
        if twist in found:
            del found[twist]
        elif twist:
            found[twist] = 1
        return found

    return st.tuples(st.fixed_dictionaries({k: rarely(v) for k, v in right.items()}), odd).map(made)


def sized(build, strategy=sizes):
    return strategy.flatmap(build)


def tau_prior():
    def half(x):
        return attempt(vi_lab.HalfCauchy, x)

    def inverse(pair):
        return attempt(vi_lab.InverseGamma, *pair)

    return st.one_of(above.map(half), st.tuples(above, above).map(inverse))


def attempt(make, *args):
    """What a constructor makes, or its error in its place: an object like any other."""
    try:
        return make(*args)
    except vi_lab.ViLabError as error:
        return error


NET = {"rain": (), "sprinkler": ("rain",), "wet": ("rain", "sprinkler")}
cell = st.one_of(share, st.sampled_from([0.0, 1.0]), st.floats(0, 1))
tables = st.fixed_dictionaries(
    {
        "rain": mostly(cell),
        "sprinkler": mostly(st.lists(cell, min_size=2, max_size=2)),
        "wet": mostly(matrix(2, 2, cell)),
    }
)

CONSTRUCTORS = {
    "NormalGamma": sized(
        lambda n: arguments(x=vector(n), mu0=real, kappa0=above, a0=above, b0=above)
    ),
    "NormalSemiConjugate": sized(
        lambda n: arguments(x=vector(n), m0=real, s0=above, a0=above, b0=above)
    ),
    "BetaBernoulli": sized(lambda n: arguments(x=bits(n), a=above, b=above)),
    "ChangePoint": sized(
        lambda n: arguments(counts=counts(n + 1), a=vector(2, above), b=vector(2, above))
    ),
    "CorrelatedGaussian": sized(
        lambda n: arguments(
            mean=vector(n),
            cov=spread(n),
            blocks=st.sampled_from([None, [[0], [1]], [[0, 1]], [[0]], [], [[]], "joint", [0, 1]]),
        )
    ),
    "LinearRegression": sized(
        lambda n: st.integers(1, 2).flatmap(
            lambda p: arguments(
                X=matrix(n, p),
                y=vector(n),
                m0=st.one_of(real, vector(p)),
                V0=spread(p),
                a0=above,
                b0=above,
                blocks=st.sampled_from(["joint", "coordinates", "jiont"]),
            )
        )
    ),
    "LinearRegressionKnownNoise": sized(
        lambda n: st.integers(1, 2).flatmap(
            lambda p: arguments(
                X=matrix(n, p), y=vector(n), noise_precision=above, a0=above, b0=above
            )
        )
    ),
    "LogisticRegression": sized(
        lambda n: st.integers(1, 2).flatmap(
            lambda p: arguments(
                X=matrix(n, p),
                successes=bits(n),
                trials=st.one_of(st.integers(1, 9), counts(n)),
                prior_mean=st.one_of(real, vector(p)),
                prior_cov=spread(p),
            )
        )
    ),
    "Clutter": sized(
        lambda n: arguments(x=st.one_of(vector(n), matrix(n, 2)), w=share, prior_var=above)
    ),
    "NormalMixture": sized(
        lambda n: arguments(
            x=vector(n),
            sigma=above,
            m0=vector(2),
            s0=above,
            concentration=st.one_of(vector(2, above), st.just([1.0, 1.0])),
        )
    ),
    "NormalMixture ": sized(
        lambda n: arguments(
            x=vector(n),
            sigma=above,
            m0=real,
            s0=vector(2, above),
            weights=st.sampled_from(
                [[0.5, 0.5], [1.0, 0.0], [0.5, 0.6], [1.0], [-1.0, 2.0], [0.2] * 5]
            ),
        )
    ),
    "GaussianMixture": sized(
        lambda n: st.integers(1, 2).flatmap(
            lambda d: arguments(
                x=matrix(n, d),
                n_components=st.integers(0, n + 1),
                concentration=above,
                m0=st.one_of(real, vector(d)),
                beta0=above,
                nu0=above,
                w0_inv=spread(d),
            )
        )
    ),
    "HierarchicalNormal": sized(
        lambda n: arguments(y=vector(n), sigma=vector(n, above), mu_sd=above, tau_prior=tau_prior())
    ),
    "HierarchicalNormalExpanded": sized(
        lambda n: arguments(y=vector(n), sigma=vector(n, above), mu_sd=above, tau_prior=tau_prior())
    ),
    "LocalLevel": sized(
        lambda n: arguments(
            y=vector(n + 1),
            q=above,
            r=above,
            m0=real,
            v0=above,
            blocks=st.sampled_from(["even-odd", "joint", "jiont"]),
        )
    ),
    "PPCA": sized(
        lambda n: st.integers(2, 3).flatmap(
            lambda d: arguments(
                x=matrix(n, d),
                W=matrix(d, 1),
                mu=st.one_of(real, vector(d)),
                sigma2=above,
                blocks=st.sampled_from(["coordinates", "joint", "no"]),
            )
        )
    ),
    "FactorAnalysis": sized(
        lambda n: arguments(x=matrix(n, 2), W=matrix(2, 2), mu=real, psi=vector(2, above))
    ),
    "Ising": sized(
        lambda n: arguments(
            J=real, h=matrix(n, 2), periodic=st.sampled_from([True, False, 1, "yes"])
        )
    ),
    "IsingDenoising": sized(
        lambda n: arguments(image=matrix(n, 3, st.sampled_from([1, -1])), J=real, flip_prob=share)
    ),
    "BayesNet": arguments(
        parents=st.just(NET),
        tables=tables,
        evidence=st.one_of(
            st.just({"wet": 1}),
            st.dictionaries(
                st.sampled_from(["wet", "rain", "snow"]), st.sampled_from([0, 1, 2, True, "1"])
            ),
        ),
    ),
    "LatentDirichletAllocation": sized(
        lambda n: arguments(
            counts=matrix(n, 3, st.integers(0, 3)),
            n_topics=st.integers(0, 3),
            alpha=above,
            eta=above,
        ),
        st.integers(1, 2),
    ),
}
ROUTES = ("exact", "gibbs", "cavi", "metropolis_hastings", "ledger", "by hand")


def live(model, route, seed):
    """One of the things people do with a model; every number it gives is finite."""
    if route == "exact":
        truth = vi_lab.exact(model)
        number(truth.log_evidence, truth.log_evidence_error)
        drawn = truth.sample(3, rng=seed)
        finite(drawn)
        density = truth.log_density({name: drawn[name] for name in truth.names})
        assert not np.isnan(density).any()
        repr(truth)
    elif route == "gibbs":
        draws = vi_lab.gibbs(model, rng=seed, chains=2, draws=5, warmup=2)
        finite(draws.values)
        for name in draws.names:
            draws.mean(name)
        repr(draws)
    elif route == "metropolis_hastings":
        draws = vi_lab.metropolis_hastings(model, rng=seed, chains=2, draws=5, warmup=20)
        finite(draws.values, draws.acceptance_rate)
    elif route == "cavi":
        q = vi_lab.cavi(model, rng=seed, restarts=2, max_sweeps=4, tol=0)
        number(q.elbo)
        finite(q.elbo_trace[-1])
        for name in q.names:
            assert not np.isnan(q.mean(name)).any()  # infinite where a variance has no mean
        finite(q.sample(3, rng=seed))
        repr(q)
    elif route == "ledger":
        book = vi_lab.ledger(model, vi_lab.cavi(model, rng=seed, max_sweeps=3, tol=0))
        number(book.elbo)
        if book.log_evidence is not None:
            number(book.log_evidence, book.kl, book.residual, book.tolerance)
    else:
        report = vi_lab.validate(model, rng=seed)
        assert report.passed in (True, False)


@st.composite
def lives(draw):
    name = draw(st.sampled_from(list(CONSTRUCTORS)))
    keywords = draw(CONSTRUCTORS[name])
    route, seed = draw(st.sampled_from(ROUTES)), draw(st.integers(0, 9))

    def run():
        live(getattr(vi_lab, name.strip())(**keywords), route, seed)

    run.__doc__ = (
        f"{name.strip()}(**{keywords!r}) -> {route}, rng={seed}" if short(keywords) else name
    )
    return run


def short(keywords):
    try:
        return len(repr(keywords)) < 2000
    except Exception:
        return False
