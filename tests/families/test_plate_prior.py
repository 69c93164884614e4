"""A log joint is the log likelihood and the log prior of each block that has one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.tables import table
from vi_lab import Dirichlet, Gamma, MultivariateNormal, Normal, list_problems, problem
from vi_lab.families.plate_prior import PlatePrior
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


@table("name", MODELS)
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


PRIORS = {
    "Normal": Normal.of(mean=0.7, sd=2.0),
    "Gamma": Gamma.of(shape=2.5, rate=0.4),
    "Dirichlet": Dirichlet.of(concentration=[1.5, 2.0, 0.7]),
    "MultivariateNormal": MultivariateNormal.of(mean=[1.0, -2.0], cov=[[2.0, 0.3], [0.3, 1.0]]),
}


@pytest.mark.parametrize("plates", [(), (3,), (2, 3)])
@pytest.mark.parametrize("name", PRIORS)
def test_the_log_density_of_plates_is_the_sum_of_theirs(name, plates):
    """Of each of a batch, and where every plate shares its value with the others."""
    prior = PRIORS[name]
    own = PlatePrior(prior.family, prior, plates)
    for shape in (CHAINS + plates, CHAINS + (1,) * len(plates)):
        values = prior.sample(int(np.prod(shape)), rng=0)
        values = values.reshape(shape + values.shape[1:])
        each = np.broadcast_to(prior.log_density(values), CHAINS + plates)
        found = own.log_density(prior.family.stats(values))
        assert_allclose(found, each.reshape(*CHAINS, -1).sum(-1), rtol=1e-12)
