"""Gibbs sampling of the normal model (n = 100) against JAGS, through vi_lab's generic loop.

The same prior: tau ~ Gamma(2, 50), mu | tau ~ N(20, 1/(0.1 tau)). A sweep updates mu and tau of one
chain once, and both are kept (JAGS: monitored) at every sweep, from the first. JAGS's time is that
of a long run less that of a single sweep, its start-up; vi_lab's is that of the whole call.
"""

import importlib
import tempfile

import _common as common
import numpy as np
from _jags import Jags

import vi_lab

MODEL = """model {
  tau ~ dgamma(2, 50)
  mu ~ dnorm(20, 0.1 * tau)
  for (i in 1:n) { x[i] ~ dnorm(mu, tau) }
}
"""
TARGETS = {  # (chains, sampler) -> times JAGS's sweeps a second
    (4, "vi_lab, unbuffered"): 0.6,
    (4, "vi_lab"): 0.75,
    (200, "vi_lab"): 10.0,
}
loop = importlib.import_module("vi_lab.inference.gibbs")


def unbuffered(model, **settings):
    """The same loop, each draw a call of its own to the generator."""
    buffered = loop.BufferedNoise
    loop.BufferedNoise = lambda generator: generator
    try:
        vi_lab.gibbs(model, **settings)
    finally:
        loop.BufferedNoise = buffered


def compare(model, jags, chains, sweeps, repeats):
    """The loop with noise in blocks, without, and JAGS, in turn, as rows of the table."""
    settings = dict(rng=1, chains=chains, draws=sweeps, warmup=0)
    jobs = {
        "vi_lab": lambda: vi_lab.gibbs(model, **settings) and None,
        "vi_lab, unbuffered": lambda: unbuffered(model, **settings),
    }
    if jags:
        jobs["JAGS"] = lambda: jags.seconds(chains, sweeps)
    seconds = common.in_turn(repeats, jobs)
    return [
        {
            "chains": chains,
            "sampler": name,
            "sweeps/s": round(common.rate(chains * sweeps, spent)),
            "times JAGS": round(common.ratio(spent, seconds["JAGS"]), 2) if jags else None,
            "target": TARGETS.get((chains, name)),
        }
        for name, spent in seconds.items()
    ]


def same_posterior(model, jags):
    """Print the posterior means and sds of the truth and of either sampler."""
    truth = vi_lab.exact(model)
    ours = vi_lab.gibbs(model, rng=1, draws=5000)
    theirs = jags.draws(chains=4, sweeps=5000)
    for i, name in enumerate(("mu", "tau")):
        print(
            f"  {name}: exact {truth.mean(name):.5g} (sd {truth.sd(name):.3g}), "
            f"vi_lab {ours.mean(name):.5g} ({ours.sd(name):.3g}), "
            f"JAGS {theirs[i].mean():.5g} ({theirs[i].std():.3g})"
        )


def main():
    """Run the race, or our own half of it."""
    print(__doc__.splitlines()[0])
    x = np.random.default_rng(0).normal(26, 10, 100)
    model = vi_lab.NormalGamma(x, mu0=20, kappa0=0.1, a0=2, b0=50)
    with tempfile.TemporaryDirectory() as folder:
        jags = None
        if not common.command_is_absent("jags"):
            jags = Jags(folder, MODEL, {"n": len(x), "x": x}, ["mu", "tau"])
            same_posterior(model, jags)
        rows = compare(model, jags, chains=4, sweeps=10_000, repeats=15)
        rows += compare(model, jags, chains=200, sweeps=1000, repeats=9)
        common.report("gibbs_jags", rows, {"JAGS": jags.version} if jags else {})


if __name__ == "__main__":
    main()
