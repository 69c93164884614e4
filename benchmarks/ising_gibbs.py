"""Gibbs sampling of the Ising model on 64 x 64: spin updates a second, through the common loop.

A sweep updates every spin of every chain once, one colour of the checkerboard after the other. All
draws are kept. The target is 20 million updates a second with 16 chains or more.
"""

import _common as common
import numpy as np

import vi_lab

SIDE, SWEEPS, REPEATS = 64, 300, 5


def main():
    """One chain to many, with free edges and round a torus."""
    print(__doc__.splitlines()[0])
    rows = []
    for periodic in (False, True):
        model = vi_lab.Ising(0.4, np.full((SIDE, SIDE), 0.01), periodic=periodic)
        for chains in (1, 16, 64):
            settings = dict(rng=1, chains=chains, draws=SWEEPS, warmup=0)
            job = {"Gibbs": lambda m=model, s=settings: vi_lab.gibbs(m, **s) and None}
            spent = common.in_turn(REPEATS, job)["Gibbs"]
            rows.append(
                {
                    "edges": "torus" if periodic else "free",
                    "chains": chains,
                    "million updates/s": round(
                        common.rate(SIDE * SIDE * chains * SWEEPS, spent) / 1e6, 1
                    ),
                    "target": 20.0 if chains >= 16 else None,
                }
            )
    common.report("ising_gibbs", rows)


if __name__ == "__main__":
    main()
