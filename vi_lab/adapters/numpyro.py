"""NumPyro on the lab's problems: NUTS, and ADVI with a diagonal or a full Gaussian.

JAX cannot look into NumPy: it calls the log density back, and its gradient as the derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.adapters.walked import CHAINS, DRAWS, FITTED, WARMUP, Walked, import_extra
from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.model_or_problem import ModelLike
from vi_lab.results import Draws

GUIDES = {"advi": "AutoNormal", "fullrank-advi": "AutoMultivariateNormal"}
METHODS = ("nuts", *GUIDES)
STEPS = 4000  # of ADVI
RATES = (0.1, 0.001)  # of its first step and its last: starts may be far out


@public
def run(
    problem: ModelLike,
    method: str = "nuts",
    *,
    rng: Rng = None,
    chains: int = CHAINS,
    draws: int = DRAWS,
    warmup: int = WARMUP,
) -> Draws:
    """Draws of NumPyro's NUTS, or of the q that its ADVI ends in.

    Parameters
    ----------
    problem : Model, Problem or the name of one
    method : "nuts", "advi" or "fullrank-advi"
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int
        Of NUTS.

    Raises
    ------
    NotApplicable
        Without NumPyro, with the line that installs it; without real coordinates.
    """
    walked = Walked(problem, "NumPyro", METHODS, method)
    numpyro, jax = import_extra("numpyro", "numpyro"), import_extra("jax", "numpyro")
    jax.config.update("jax_enable_x64", True)
    generator = checks.generator(rng)
    key = jax.random.PRNGKey(int(generator.integers(2**31)))
    log_density = wrap_for_jax(walked, jax)
    if method == "nuts":
        size = chains, draws, warmup
        path = _sample(jax, log_density, walked, generator, key, size)
    else:
        path = _fit(numpyro, jax, log_density, walked, generator, key)
    return walked.draws(path, generator, checks.seed(rng))


def wrap_for_jax(walked: Any, jax: Any) -> Any:
    """log_density(y) for JAX, y (D,), with a derivative of its own."""
    one = jax.ShapeDtypeStruct((), np.float64)
    many = jax.ShapeDtypeStruct((walked.dimension,), np.float64)

    def call(function: Any, shape: Any, y: Any) -> Any:
        def back(y: Any) -> np.ndarray:
            return np.asarray(function(np.asarray(y)), dtype=np.float64)

        return jax.pure_callback(back, shape, y, vmap_method="sequential")

    @jax.custom_vjp
    def log_density(y: Any) -> Any:
        return call(walked.log_density, one, y)

    log_density.defvjp(
        lambda y: (log_density(y), call(walked.gradient, many, y)),
        lambda slope, above: (above * slope,),
    )
    return log_density


def _sample(
    jax: Any, log_density: Any, walked: Any, rng: Any, key: Any, size: tuple[int, int, int]
) -> Any:
    """Paths of NUTS, (chains, draws, D)."""
    chains, draws, warmup = size
    mcmc = import_extra("numpyro.infer", "numpyro")
    kernel = mcmc.NUTS(potential_fn=lambda y: -log_density(y))
    sampler = mcmc.MCMC(
        kernel, num_warmup=warmup, num_samples=draws, num_chains=chains,
        chain_method="sequential", progress_bar=False,
    )  # fmt: skip
    start = walked.start(rng, chains)
    sampler.run(key, init_params=jax.numpy.array(start if chains > 1 else start[0]))
    return np.asarray(sampler.get_samples(group_by_chain=True))


def _fit(numpyro: Any, jax: Any, log_density: Any, walked: Any, rng: Any, key: Any) -> Any:
    """Draws of q, as chains: (4, draws, D)."""
    infer = import_extra("numpyro.infer", "numpyro")
    guides = import_extra("numpyro.infer.autoguide", "numpyro")
    distributions = import_extra("numpyro.distributions", "numpyro")

    def model() -> None:
        real = distributions.constraints.real_vector
        flat = distributions.ImproperUniform(real, (), (walked.dimension,))
        numpyro.factor("log p", log_density(numpyro.sample("y", flat)))

    start = {"y": jax.numpy.array(walked.start(rng, 1)[0])}
    guide = getattr(guides, GUIDES[walked.method])(
        model, init_loc_fn=infer.init_to_value(values=start)
    )
    first, last = RATES
    adam = numpyro.optim.Adam(lambda step: first * (last / first) ** (step / STEPS))
    svi = infer.SVI(model, guide, adam, infer.Trace_ELBO())
    found = svi.run(key, STEPS, progress_bar=False)
    drawn = guide.sample_posterior(key, found.params, sample_shape=(FITTED,))["y"]
    return np.asarray(drawn).reshape(4, -1, walked.dimension)
