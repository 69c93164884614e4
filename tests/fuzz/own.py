"""Models that somebody wrote, and how they go wrong after some calls: a density, a conditional."""

import copy
import functools

import numpy as np
from hypothesis import strategies as st

import vi_lab
from tests.fuzz.material import MODEL
from tests.fuzz.tried import finite, number


class Density:
    """A log density that is right for some calls, and then what `wrong` makes of it."""

    dimension = 2

    def __init__(self, after=0, wrong=None, start=None):
        self.after, self.wrong, self.start, self.calls = after, wrong, start, 0

    def sample_latents(self, rng, batch=()):
        if self.start is not None:
            return self.start(batch)
        return {"z": rng.standard_normal((*batch, 2))}

    def log_density(self, z):
        self.calls += 1
        right = -0.5 * (z**2).sum(-1)
        return right if self.wrong is None or self.calls <= self.after else self.wrong(z, right)


def going_wrong(after, wrong, name="tau"):
    """A copy of MODEL whose conditional of that block is `wrong` from call number `after` on."""
    model, calls, block = copy.copy(MODEL), [], MODEL.blocks[name]

    def conditional(stats):
        calls.append(1)
        eta = block.complete_conditional(stats)
        return wrong(eta) if len(calls) > after else eta

    model.blocks = {**MODEL.blocks, name: vi_lab.Block(block.family, conditional, block.plates)}
    return model


def raises(*_):
    raise KeyError("weights")


FLAWS = {
    "none": lambda z, right: right,
    "raises": raises,
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
STARTS = {"no start": lambda batch: {}, "flat start": lambda batch: {"z": np.zeros(batch)}}


def each(change):
    """A conditional with every part of its natural parameter changed."""
    return lambda eta: type(eta)(*map(change, eta))


BREAKS = {
    "raises": raises,
    "nan": each(lambda e: e * np.nan),
    "negative": each(lambda e: -1e9 * np.ones_like(e)),
    "column": each(lambda e: np.ones((7, 3))),
    "tuple": tuple,
    "none": lambda eta: None,
    "huge": each(lambda e: e * 1e308),
    "complex": each(lambda e: e + 1j),
    "words": each(lambda e: "one"),
    "list": list,
}


def kept(sample, *args, **settings):
    """Draws, or the error's draws where it keeps some: all of them finite."""
    try:
        draws = sample(*args, **settings)
    except vi_lab.ViLabError as error:
        if error.draws is not None:
            finite(error.draws.values)
        raise
    finite(draws.values)


def run_density(flaw, after, step, validated):
    """A log density with that flaw, looked at or run."""
    model = Density(after, FLAWS.get(flaw), STARTS.get(flaw))
    if validated:
        assert vi_lab.validate(model).passed in (True, False)
    else:
        settings = dict(rng=0, chains=2, draws=20, warmup=8, step=step)
        kept(vi_lab.metropolis_hastings, model, **settings)


def run_conditional(name, flaw, after, method):
    """A conditional that breaks, looked at or run."""
    model = going_wrong(after, BREAKS[flaw], name)
    if method == "validate":
        assert vi_lab.validate(model).passed in (True, False)
    elif method == "cavi":
        number(vi_lab.cavi(model, rng=0, max_sweeps=12, tol=0).elbo)
    else:
        kept(vi_lab.gibbs, model, rng=0, chains=2, draws=9, warmup=2)


densities = st.builds(
    functools.partial,
    st.just(run_density),
    st.sampled_from([*FLAWS, *STARTS]),
    st.sampled_from([0, 1, 2, 20, 30]),
    st.sampled_from([None, 1.0, 1e-300, 1e300, [0.5, 2.0]]),
    st.booleans(),
)
conditionals = st.builds(
    functools.partial,
    st.just(run_conditional),
    st.sampled_from(["mu", "tau"]),
    st.sampled_from(list(BREAKS)),
    st.sampled_from([0, 1, 3, 9]),
    st.sampled_from(["gibbs", "cavi", "validate"]),
)
