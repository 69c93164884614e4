"""A log joint is the log likelihood and the log prior of each block that has one."""

import numpy as np
import pytest

from vi_lab import list_problems, problem
from vi_lab.model import ModelWithPriors, statistics
from vi_lab.model_or_problem import as_model

CHAINS = (5,)


def models_with_priors():
    found = {}
    for name in list_problems():
        model = as_model(problem(name))
        if isinstance(model, ModelWithPriors):
            found.setdefault(type(model).__name__, model)
    return found


MODELS = models_with_priors()


@pytest.mark.parametrize("name", MODELS)
def test_a_log_joint_is_a_likelihood_and_the_densities_of_its_priors(name):
    model = MODELS[name]
    values = model.sample_latents(np.random.default_rng(3), CHAINS)
    stats = statistics(model, values)
    terms = [model.log_likelihood(stats)]
    for block_name, block in model.blocks.items():
        if block.prior is not None:
            each = block.prior.log_density(values[block_name])
            terms.append(each.reshape(*CHAINS, -1).sum(-1))
    assert len(terms) > 1
    size = sum(map(np.abs, terms))
    assert np.all(np.abs(model.log_joint(stats) - sum(terms)) <= 1e-11 * (1.0 + size))
