"""What more chains cost: microseconds a sweep of all chains at 4, 40 and 400, on three problems.

CAVI moves its restarts as the samplers move their chains; its sweep includes the bound. A change
point has a table of n - 1 = 111 probabilities a chain, so at 400 chains the reckoning itself shows.
"""

import time

import _common as common

import vi_lab

SWEEPS = 500


def compare(name, chains):
    """Gibbs, Metropolis and CAVI on one problem: microseconds a sweep."""
    model = vi_lab.problem(name).model
    settings = dict(rng=1, chains=chains, draws=SWEEPS, warmup=0)
    jobs = {
        "Gibbs": lambda: vi_lab.gibbs(model, **settings) and None,
        "Metropolis": lambda: vi_lab.metropolis_hastings(model, step=0.3, **settings) and None,
        "CAVI": lambda: cavi_seconds(model, chains),
    }
    seconds = common.in_turn(5, jobs)
    return {key: 1e6 / common.rate(SWEEPS, spent) for key, spent in seconds.items()}


def cavi_seconds(model, restarts):
    """Seconds of SWEEPS sweeps, from however many it took."""
    started = time.process_time()
    result = vi_lab.cavi(model, rng=1, restarts=restarts)
    return (time.process_time() - started) * SWEEPS / len(result.elbo_trace)


def main():
    """Every problem at every number of chains, with the ratio to four."""
    print(__doc__.splitlines()[0])
    rows = []
    for name in ("newcomb", "correlated", "coal"):
        few = compare(name, 4)
        for chains in (4, 40, 400):
            row = {"problem": name, "chains": chains}
            for method, cost in (few if chains == 4 else compare(name, chains)).items():
                row[f"{method}, us"] = round(cost, 1)
                row[f"{method}, times 4"] = round(cost / few[method], 1)
            rows.append(row)
    common.report("chains", rows)


if __name__ == "__main__":
    main()
