"""Random-walk Metropolis against emcee, on the same target function.

A Gaussian in two dimensions, correlation 0.9, written once as a vectorised function that both call
(emcee with vectorize=True). Draws are chains (walkers) times steps kept; the seconds are those of
all steps. Both throw the same number of steps away first, in which ours adapts its proposal; with
none, its step is fixed at 0.6. The two propose differently, so effective draws stand beside.
"""

from importlib.metadata import version

import _common as common
import numpy as np

import vi_lab
from vi_lab.results import diagnostics

PRECISION = np.linalg.inv([[1.0, 0.9], [0.9, 1.0]])
A, B, C = float(PRECISION[0, 0]), float(PRECISION[0, 1]), float(PRECISION[1, 1])
TARGETS = {(1000, 1000): 4.0, (4, 20_000): 10.0}  # (chains, steps) -> times emcee's draws a second
WARMUP = 500


class Target:
    """The log density, and starts three sds wide."""

    dimension = 2

    def log_density(self, z):
        x, y = z[..., 0], z[..., 1]
        return -0.5 * (A * x * x + 2.0 * B * x * y + C * y * y)

    def sample_latents(self, rng, batch=()):
        return {"z": 3.0 * rng.standard_normal((*batch, 2))}


def compare(chains, steps, warmup, repeats):
    """Both samplers, in turn, as rows of the table."""
    import emcee

    target = Target()
    kept = {}

    def ours():
        settings = {} if warmup else {"step": 0.6}
        kept["vi_lab"] = vi_lab.metropolis_hastings(
            target, rng=1, chains=chains, draws=steps, warmup=warmup, **settings
        ).values["z"]

    def theirs():
        sampler = emcee.EnsembleSampler(chains, 2, target.log_density, vectorize=True)
        state = target.sample_latents(np.random.default_rng(1), (chains,))["z"]
        if warmup:
            state = sampler.run_mcmc(state, warmup, store=False)
        sampler.run_mcmc(state, steps)
        kept["emcee"] = np.swapaxes(sampler.get_chain(), 0, 1)

    seconds = common.in_turn(repeats, {"vi_lab": ours, "emcee": theirs})
    ess = {name: float(diagnostics.ess(z).min()) for name, z in kept.items()}
    goals = {"vi_lab": TARGETS[chains, steps]}
    return [
        {
            "chains": chains,
            "steps": steps,
            "warmup": warmup,
            "sampler": name,
            "draws/s": round(common.rate(chains * steps, seconds[name])),
            "ESS/s": round(common.rate(ess[name], seconds[name])),
            "times emcee": round(common.ratio(seconds[name], seconds["emcee"]), 2),
            "target": goals.get(name),
        }
        for name in seconds
    ]


def main():
    """Run the race, if emcee is here."""
    print(__doc__.splitlines()[0])
    if common.module_is_absent("emcee"):
        return
    rows = []
    for chains, steps in TARGETS:
        for warmup in (0, WARMUP):
            rows += compare(chains, steps, warmup, repeats=3)
    common.report("metropolis_emcee", rows, {"emcee": version("emcee")})


if __name__ == "__main__":
    main()
