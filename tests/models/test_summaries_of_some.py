"""A run may keep some blocks alone: what is made of their latents is summarised as ever."""

from itertools import combinations

import numpy as np
from numpy.testing import assert_array_equal

from tests.contract.models import MODELS
from tests.tables import table


@table("name", MODELS)
def test_summaries_of_some_latents_are_those_of_all(name):
    model = MODELS[name].model
    latents = model.latents(model.sample_initial_values(np.random.default_rng(0), (3,)))
    whole, seen = model.summaries(latents), set()
    for few in (1, 2, len(model.blocks)):
        for blocks in combinations(model.blocks, few):
            kept = {n: v for n, v in latents.items() if set(model.sources[n]) <= set(blocks)}
            if not kept:  # one half of a chain or of a lattice
                continue
            found = model.summaries(kept)
            for summary, value in found.items():
                assert_array_equal(value, whole[summary])
            seen |= found.keys()
    assert seen == whole.keys()
