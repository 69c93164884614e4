"""Gaussian variational inference and HMC from process start to the answer, beside NumPyro and PyMC.

Every run is a process of its own: imports and compilation are part of what a user waits for. Times
are processor seconds of that process. The ELBO at the end is estimated by each tool itself, of the
same log joint with every constant; log p(x) is the exact one. ESS is the smallest bulk ESS of all
latents, of 4 chains of 1,000 draws after 1,000 of warmup, by the same function.
"""

import json
import resource
import subprocess
import sys
from importlib.metadata import version

import _common as common

REPEATS = 2
OURS = """
import json, vi_lab
words = dict(covariance={covariance!r}, parameterisation={coordinates!r})
q = vi_lab.gaussian_vi({problem!r}, rng=0, **words)
print(json.dumps([q.elbo, q.elbo_error]))
"""
OUR_HMC = """
import json, numpy as np, vi_lab
found = vi_lab.hmc({problem!r}, parameterisation={coordinates!r}, rng=0)
print(json.dumps([float(min(np.min(e) for e in found.ess().values())), 0.0]))
"""
DATA = """
import json, numpy as np, vi_lab
model = vi_lab.problem({problem!r}).model
"""
NUMPYRO = """
import jax, jax.numpy as jnp, numpyro, numpyro.distributions as dist
from jax import random
from numpyro.infer import MCMC, NUTS, SVI, Trace_ELBO, autoguide
jax.config.update("jax_enable_x64", True)
numpyro.set_host_device_count(1)
def challenger():
    beta = numpyro.sample("beta", dist.Normal(0.0, 5.0).expand([2]).to_event(1))
    trials, logits = jnp.asarray(model.trials), jnp.asarray(model.X) @ beta
    numpyro.sample("y", dist.Binomial(trials, logits=logits), obs=jnp.asarray(model.successes))
def schools():
    mu = numpyro.sample("mu", dist.Normal(0.0, model.mu_sd))
    tau = numpyro.sample("tau", dist.HalfCauchy(model.tau_prior.scale))
    if {coordinates!r} == "centred":
        theta = numpyro.sample("theta", dist.Normal(mu, tau).expand([8]).to_event(1))
    else:
        theta = mu + tau * numpyro.sample("eta", dist.Normal(0.0, 1.0).expand([8]).to_event(1))
    sigma, y = jnp.asarray(model.sigma), jnp.asarray(model.y)
    numpyro.sample("y", dist.Normal(theta, sigma).to_event(1), obs=y)
written = challenger if {problem!r} == "challenger" else schools
"""
SVI = """
guide = autoguide.{guide}(written)
svi = SVI(written, guide, numpyro.optim.Adam({rate}), Trace_ELBO(num_particles=8))
found = svi.run(random.PRNGKey(0), {steps}, progress_bar=False)
loss = Trace_ELBO(num_particles=20000).loss(random.PRNGKey(1), found.params, written, guide)
print(json.dumps([-float(loss), 0.0]))
"""
NUTS = """
mcmc = MCMC(NUTS(written), num_warmup=1000, num_samples=1000, num_chains=4, progress_bar=False,
            chain_method="vectorized")
mcmc.run(random.PRNGKey(0))
from vi_lab.results import diagnostics
draws = mcmc.get_samples(group_by_chain=True)
flat = [np.asarray(v, float).reshape(4, 1000, -1) for v in draws.values()]
print(json.dumps([float(min(diagnostics.ess(v).min() for v in flat)), 0.0]))
"""
ADVI = """
import pymc as pm
with pm.Model():
    if {problem!r} == "challenger":
        beta = pm.Normal("beta", 0.0, 5.0, shape=2)
        pm.Binomial("y", n=model.trials, logit_p=model.X @ beta, observed=model.successes)
    else:
        mu, tau = pm.Normal("mu", 0.0, model.mu_sd), pm.HalfCauchy("tau", model.tau_prior.scale)
        theta = pm.Normal("theta", mu, tau, shape=8)
        pm.Normal("y", theta, model.sigma, observed=model.y)
    fit = pm.fit({advi_steps}, method={method!r}, random_seed=0, progressbar=False)
print(json.dumps([-float(np.mean(fit.hist[-3000:])), 0.0]))
"""


def run(code):
    """What a process of its own prints, and its processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout.splitlines()[-1])[0], spent


def race(what, runs, per_second):
    """Rows of one race: what came out, in how many seconds, and how many times ours is better."""
    out = {}

    def job(name, code):
        def seconds():
            out[name], spent = run(code)
            return spent

        return seconds

    spent = common.in_turn(REPEATS, {name: job(name, code) for name, code in runs.items()})
    worth = {n: out[n] / min(s) if per_second else 1.0 / min(s) for n, s in spent.items()}
    return [
        {
            "race": what,
            "tool": name,
            "ESS" if per_second else "ELBO": round(out[name], 3 if not per_second else 0),
            "seconds": round(min(seconds), 2),
            "times": round(worth["vi_lab"] / worth[name], 2),
            "target": (1 if per_second else 4) if name != "vi_lab" else None,
        }
        for name, seconds in spent.items()
    ]


def main():
    """Every race, ours and what is installed in turn."""
    print(__doc__.splitlines()[0])
    numpyro, pymc = (not common.module_is_absent(m, m) for m in ("numpyro", "pymc"))
    fits, chains = [], []
    for problem, coordinates, rate, steps, advi_steps in (
        ("challenger", "centred", 0.02, 3000, 30_000),
        ("eight-schools", "centred", 0.01, 10_000, 100_000),
    ):
        words = {"problem": problem, "coordinates": coordinates, "rate": rate, "steps": steps}
        words["advi_steps"] = advi_steps
        peer = DATA + NUMPYRO
        for covariance, guide, method in (
            ("diagonal", "AutoDiagonalNormal", "advi"),
            ("full", "AutoMultivariateNormal", "fullrank_advi"),
        ):
            runs = {"vi_lab": OURS.format(**words, covariance=covariance)}
            if numpyro:
                runs["NumPyro SVI"] = (peer + SVI).format(**words, guide=guide)
            if pymc:
                runs["PyMC ADVI"] = (DATA + ADVI).format(**words, method=method)
            fits += race(f"{problem}, {covariance}", runs, per_second=False)
    for coordinates in ("centred", "noncentred"):
        words = {"problem": "eight-schools", "coordinates": coordinates}
        runs = {"vi_lab": OUR_HMC.format(**words)}
        if numpyro:
            runs["NumPyro NUTS"] = (DATA + NUMPYRO + NUTS).format(**words)
        chains += race(f"eight-schools, {coordinates}", runs, per_second=True)
    fits += _gradient_beside_density()
    peers = {"NumPyro": "numpyro"} if numpyro else {}
    peers |= {"PyMC": "pymc"} if pymc else {}
    common.report("gradient_methods", fits + chains, {n: version(m) for n, m in peers.items()})


def _gradient_beside_density():
    """What a gradient costs beside a log density, on Old Faithful's mixture, 4 chains."""
    import numpy as np

    import vi_lab
    from vi_lab.inference.engine.target import choose_target

    target = choose_target(vi_lab.problem("old-faithful").model)
    y, many = target.start(np.random.default_rng(0), 4), 300

    def job(function):
        return lambda: [function(y) for _ in range(many)] and None

    spent = common.in_turn(
        5, {"log density": job(target.log_density), "gradient": job(target.gradient)}
    )
    least = {name: min(seconds) for name, seconds in spent.items()}
    return [
        {
            "race": "old-faithful, 4 chains",
            "tool": name,
            "seconds": round(seconds / many, 6),
            "times": round(seconds / least["log density"], 2),
            "target": "at most 3" if name == "gradient" else None,
        }
        for name, seconds in least.items()
    ]


if __name__ == "__main__":
    main()
