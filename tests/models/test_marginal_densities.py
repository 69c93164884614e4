"""Exact densities of one coordinate or summary, and of two, against how many exact draws lie where.

Between quantiles of the draws themselves, so that no axis is chosen by hand; within a Monte Carlo
error of five standard deviations.
"""

from itertools import combinations, pairwise

import numpy as np

from tests.contract.models import MODELS
from tests.tables import table
from vi_lab import exact
from vi_lab.model_or_problem import model_behind

DRAWS = 4000
CASES = [
    name
    for name, case in MODELS.items()
    if case.model.no_exact_because is None
    and getattr(exact(case.model).posterior, "marginal_density", None)
]


def list_coordinates(truth):
    """Of every latent and summary the first three: (name, index), draws; the real, the whole."""
    draws = truth.sample(DRAWS, rng=0)
    model = model_behind(truth)
    real, whole = [], []
    for name, values in {**model.summaries(draws), **draws}.items():
        for index in list(np.ndindex(np.shape(values)[1:]))[:3]:
            one = np.asarray(values, float)[:, *index]
            if name in model.nominal or (one == np.round(one)).all():
                whole.append(((name, index), one))
            elif np.unique(one).size > 100:
                real.append(((name, index), one))
    return real, whole


def agree(share, inside):
    p = inside.mean()
    assert abs(share - p) <= 5 * np.sqrt(p * (1 - p) / DRAWS)


@table("name", CASES)
def test_densities_say_how_many_draws_lie_between_two_points(name):
    truth = exact(MODELS[name].model)
    found, whole = list_coordinates(truth)
    for place, draws in whole:
        x = np.unique(draws)
        given = truth.posterior.marginal_density(*place, np.append(x, x + 0.25))
        if given is not None:
            assert (given[len(x) :] == 0.0).all()
            for value, probability in zip(x, given, strict=False):
                agree(probability, draws == value)
    for place, draws in found:
        low, high = np.quantile(draws, [0.15, 0.6])
        x = np.linspace(low, high, 601)
        density = truth.posterior.marginal_density(*place, x)
        if density is not None:
            agree(np.trapezoid(density, x), (draws > low) & (draws < high))
    for (one, first), (two, then) in pairwise(found):
        if not hasattr(truth.posterior, "joint_density"):
            break
        (a, b), (c, d) = np.quantile(first, [0.2, 0.7]), np.quantile(then, [0.3, 0.9])
        x, y = np.linspace(a, b, 81), np.linspace(c, d, 71)
        density = truth.posterior.joint_density(one, two, x, y)
        if density is not None:
            share = np.trapezoid(np.trapezoid(density, y, axis=1), x)
            agree(share, (first > a) & (first < b) & (then > c) & (then < d))


def test_whether_two_points_share_a_component_is_a_matrix_or_its_pairs():
    """P(z_i = z_j), by a sum over all labellings; as pairs they are those i < j in order."""
    posterior = exact("tiny-mixture").posterior
    for number, (i, j) in enumerate(combinations(range(posterior.labels.shape[1]), 2)):
        together = (posterior.labels[:, i] == posterior.labels[:, j]) @ posterior.probabilities
        for index in ((i, j), (number,)):
            found = posterior.marginal_density("co_assignment", index, np.array([0.0, 1.0]))
            np.testing.assert_allclose(found, [1 - together, together], rtol=1e-12)
