"""What each model returns for a seed: draws, fresh data, summaries, a few steps of each method."""

import numpy as np

from tests.contract.models import KNOWN, MODELS
from vi_lab import cavi, exact, gibbs, metropolis_hastings
from vi_lab.errors import NotApplicable
from vi_lab.model import statistics


def draw_latents(model):
    return model.sample_latents(np.random.default_rng(1), (3,))


def draw_initial_values(model):
    return model.sample_initial_values(np.random.default_rng(2), (3,))


def draw_data(model):
    """The log joint of fresh data and the latents that made them."""
    latents = model.sample_latents(np.random.default_rng(3))
    fresh = model.sample_data(np.random.default_rng(4), latents)
    return {"log joint": fresh.log_joint(statistics(fresh, latents))}


def summarise(model):
    return model.summaries(model.latents(model.sample_latents(np.random.default_rng(5), (2,))))


def sweep_gibbs(model):
    return gibbs(model, rng=6, draws=3, chains=2, warmup=2).values


def walk(model):
    return metropolis_hastings(model, rng=7, draws=4, chains=2, warmup=30).values


def ascend(model):
    q = cavi(model, rng=8, max_sweeps=4)
    return {"elbo": q.elbo} | {"moments": q.table()} | q.sample(3, rng=9)


def integrate(model):
    """Of the models whose truth is known."""
    truth = exact(model)
    draws = truth.sample(3, rng=9)
    return {"log evidence": truth.log_evidence} | {"moments": truth.table()} | draws


PARTS = (draw_latents, draw_initial_values, draw_data, summarise, sweep_gibbs, walk, ascend)


def run_all(name):
    """What every part returns; None for one that this model does not have."""
    model = MODELS[name].model
    found = {}
    for part in (*PARTS, *[integrate] * (name in KNOWN)):
        try:
            found[part.__name__] = part(model)
        except (NotApplicable, NotImplementedError):
            found[part.__name__] = None
    return found
