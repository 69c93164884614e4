"""What people do with what a callable gives them: every number that they see is one.

A model is run by one of the methods, a distribution asked for one of its numbers, a picture drawn.
"""

import re
from typing import Any, NamedTuple

import numpy as np

import vi_lab
from tests.fuzz.tried import finite, number
from vi_lab import plots
from vi_lab.density_model import DensityModel, DensityRows
from vi_lab.families.distribution import Distribution
from vi_lab.model import Model

SLOW = 15  # one picture in so many is made into bytes as well: most of its time
MODELS = (Model, DensityModel, DensityRows)


class Chance(NamedTuple):
    """What decides how something is looked at: which way, from which seed, at which place."""

    way: int
    seed: int
    place: Any


def look(found, chance):
    """Use it as such a thing is used."""
    if isinstance(found, MODELS):
        ROUTES[chance.way % len(ROUTES)](found, chance.seed)
    elif isinstance(found, Distribution):
        PARTS[chance.way % len(PARTS)](found, chance)
    elif isinstance(found, plots.style.Axes):
        told = plots.alt_text(found)
        assert not re.search(r"\b(nan|inf)\b", told), told
        if chance.way % SLOW == 0:
            assert plots.show(found).png
    elif isinstance(found, vi_lab.Factorised):
        finite(found.elbo)
    elif isinstance(found, float | np.ndarray):
        array = np.asarray(found)
        assert array.dtype.kind != "c"
        assert array.dtype.kind != "f" or not np.isnan(array).any(), "is nan"
    repr(found)


def exact(model, seed):
    truth = vi_lab.exact(model)
    number(truth.log_evidence, truth.log_evidence_error)
    drawn = truth.sample(3, rng=seed)
    finite(drawn)
    density = truth.log_density({name: drawn[name] for name in truth.names})
    assert not np.isnan(density).any()
    repr(truth)


def gibbs(model, seed):
    draws = vi_lab.gibbs(model, rng=seed, chains=2, draws=5, warmup=2)
    finite(draws.values)
    for name in draws.names:
        draws.mean(name)
    repr(draws)


def metropolis_hastings(model, seed):
    draws = vi_lab.metropolis_hastings(model, rng=seed, chains=2, draws=5, warmup=20)
    finite(draws.values, draws.acceptance_rate)


def cavi(model, seed):
    q = vi_lab.cavi(model, rng=seed, restarts=2, max_sweeps=4, tol=0)
    number(q.elbo)
    finite(q.elbo_trace[-1])
    for name in q.names:
        assert not np.isnan(q.mean(name)).any()  # infinite where a variance has no mean
    finite(q.sample(3, rng=seed))
    repr(q)


def ledger(model, seed):
    book = vi_lab.ledger(model, vi_lab.cavi(model, rng=seed, max_sweeps=3, tol=0))
    number(book.elbo)
    if book.log_evidence is not None:
        number(book.log_evidence, book.kl, book.residual, book.tolerance)


def validate(model, seed):
    assert vi_lab.validate(model, rng=seed).passed in (True, False)


def moments(distribution, chance):
    mean = distribution.mean
    if isinstance(distribution.family, type(vi_lab.InverseGamma.of(1.0, 1.0).family)):
        assert not np.isnan(mean).any()  # infinite where the shape is at most 1
    else:
        finite(mean)
    if not isinstance(distribution.family, vi_lab.Categorical):
        sd = distribution.sd
        for array in sd if isinstance(sd, tuple) else (sd,):
            assert not np.isnan(array).any()


def entropy(distribution, chance):
    finite(distribution.entropy)


def draws(distribution, chance):
    drawn = distribution.sample(2, rng=chance.seed)
    finite(drawn)
    assert not np.isnan(distribution.log_density(drawn)).any()


def density(distribution, chance):
    assert not np.isnan(distribution.log_density(chance.place)).any()


def divergence(distribution, chance):
    finite(vi_lab.kl(distribution, distribution))


ROUTES = (exact, gibbs, cavi, metropolis_hastings, ledger, validate)
PARTS = (moments, entropy, draws, density, divergence)
