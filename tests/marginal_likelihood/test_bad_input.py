"""What `evidence` refuses, in a sentence that says why."""

from dataclasses import replace

import numpy as np
import pytest

from vi_lab import (
    DensityModel,
    InputError,
    InputTypeError,
    NotApplicable,
    NumericalError,
    evidence,
    gibbs,
    laplace,
    metropolis_hastings,
    problem,
)


@pytest.fixture(scope="module")
def draws():
    return metropolis_hastings("coal", rng=0, draws=60, warmup=200)


class Nowhere(DensityModel):
    """A density that is 0 wherever it is asked but at its start."""

    dimension = 1

    def log_density(self, z):
        return np.where(np.abs(z[..., 0]) < 1e-9, 0.0, -np.inf)

    def sample_latents(self, rng, batch=()):
        return {"z": np.zeros((*batch, 1))}


def test_results_of_another_model(draws):
    with pytest.raises(InputError, match="another model"):
        evidence("newcomb", draws, method="bridge")
    with pytest.raises(InputError, match="another model"):
        evidence("newcomb", laplace("coal", rng=0))


def test_results_of_another_kind(draws):
    with pytest.raises(InputTypeError, match="needs a q with a density"):
        evidence("coal", {"rates": 1.0})
    with pytest.raises(InputTypeError, match="needs Draws"):
        evidence("coal", laplace("coal", rng=0), method="bridge")


def test_draws_that_are_constant_or_too_few(draws):
    still = {n: np.broadcast_to(v[:1, :1], v.shape).copy() for n, v in draws.values.items()}
    with pytest.raises(InputError, match="constant"):
        evidence("coal", replace(draws, values=still), method="bridge")
    few = {n: v[:, :10] for n, v in draws.values.items()}
    with pytest.raises(InputError, match="at least 20 draws a chain"):
        evidence("coal", replace(draws, values=few), method="reciprocal")


def test_draws_on_a_line_or_outside_the_support(draws):
    rates = draws.values["rates"]
    together = np.concatenate([rates[..., :1], rates[..., :1]], axis=-1)
    for method in ("bridge", "importance", "reciprocal"):
        with pytest.raises(InputError, match="constant in some direction"):
            evidence("coal", replace(draws, values=draws.values | {"rates": together}),
                     method=method, rng=0)  # fmt: skip
        with pytest.raises(InputError, match="no values that the latents can have"):
            evidence("coal", replace(draws, values=draws.values | {"rates": -rates}),
                     method=method, rng=0)  # fmt: skip


def test_latents_that_were_not_kept():
    kept = gibbs("newcomb", rng=0, draws=50, keep=["mu"])
    with pytest.raises(InputError, match="none of tau"):
        evidence("newcomb", kept, method="bridge")


def test_weights_that_are_all_0():
    model = Nowhere()
    q = laplace(problem("coin"), rng=0)
    with pytest.raises(NumericalError, match="all weights are 0"):
        evidence(model, replace(q, model=model), rng=0)


def test_unknown_names_and_sizes():
    with pytest.raises(InputError, match="did you mean 'bridge'"):
        evidence("coal", method="bridges")
    with pytest.raises(InputError, match="seeds"):
        evidence("coal", seeds=0)
    with pytest.raises(InputError, match="tails"):
        evidence("coal", tails=-1)


@pytest.mark.parametrize(
    ("name", "method", "reason"),
    [
        ("ising", "importance", "every latent is discrete"),
        ("ising", "prior", "no prior to draw from"),
        ("digits", "bridge", "rows are independent"),
        ("eight-schools", "chib", "up to two blocks"),
        ("correlated", "harmonic", "no prior to draw from"),
    ],
)
def test_what_does_not_apply(name, method, reason):
    with pytest.raises(NotApplicable, match=reason):
        evidence(name, method=method)
