"""Gibbs sampling of the two-component mixture on Old Faithful (272 points) against JAGS.

The same story with one difference in the prior: JAGS has no normal-Wishart, so the means are
N(0, I) whatever the precisions. Four chains; a sweep updates labels, weights and components of one
chain once. Weights and means are kept at every sweep. The effective draws are of the smaller
weight, which no relabelling changes.
"""

import tempfile

import _common as common
import numpy as np
from _jags import Jags

import vi_lab
from vi_lab.results import diagnostics

MODEL = """model {
  weights ~ ddirch(alpha)
  for (k in 1:2) {
    mu[k, 1:2] ~ dmnorm(zero, eye)
    Lambda[k, 1:2, 1:2] ~ dwish(eye, 3)
  }
  for (i in 1:n) {
    z[i] ~ dcat(weights)
    x[i, 1:2] ~ dmnorm(mu[z[i], 1:2], Lambda[z[i], 1:2, 1:2])
  }
}
"""
CHAINS, SWEEPS, REPEATS = 4, 1000, 3


def main():
    """Sweeps and effective draws a second."""
    print(__doc__.splitlines()[0])
    model = vi_lab.problem("old-faithful").model
    smaller = {}

    def ours():
        draws = vi_lab.gibbs(
            model, rng=1, chains=CHAINS, draws=SWEEPS, warmup=0, keep=["weights", "means"]
        )
        smaller["vi_lab"] = draws.values["weights"].min(-1)[:, SWEEPS // 5 :]

    jobs = {"vi_lab": ours}
    with tempfile.TemporaryDirectory() as folder:
        jags = None
        if not common.command_is_absent("jags"):
            data = {"n": model.n, "x": model.x, "zero": np.zeros(2), "eye": np.eye(2),
                    "alpha": np.ones(2)}  # fmt: skip
            jags = Jags(folder, MODEL, data, ["weights", "mu"])
            jobs["JAGS"] = lambda: jags.seconds(CHAINS, SWEEPS)
        seconds = common.in_turn(REPEATS, jobs)
        if jags:
            weights = jags.draws(CHAINS, SWEEPS)[:2].min(0).reshape(CHAINS, SWEEPS)
            smaller["JAGS"] = weights[:, SWEEPS // 5 :]
    rows = [
        {
            "chains": CHAINS,
            "sampler": name,
            "sweeps/s": round(common.rate(CHAINS * SWEEPS, spent)),
            "times JAGS": round(common.ratio(spent, seconds["JAGS"]), 1) if jags else None,
            "target": 10.0 if name == "vi_lab" else None,
            "ESS/s": round(common.rate(float(diagnostics.ess(smaller[name])), spent)),
            "smaller weight": f"{smaller[name].mean():.4f} (sd {smaller[name].std():.4f})",
        }
        for name, spent in seconds.items()
    ]
    common.report("mixture_gibbs_jags", rows, {"JAGS": jags.version} if jags else None)


if __name__ == "__main__":
    main()
