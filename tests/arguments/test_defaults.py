"""What a call that names nothing does: the defaults of every public function.

They decide every number of who does not ask; a change is to be meant, and said in CHANGELOG.md.
"""

import inspect

import vi_lab
from vi_lab import testing

MOVES = {"chains": 4, "draws": 1000, "warmup": 1000, "parameterisation": "centred"}
SWEEPS = {"chains": 4, "draws": 1000, "warmup": 500}
ALPHA = {"alpha": 5e-9, "name": "the sampler"}
DEFAULTS = {
    "FactorAnalysis": {"blocks": "coordinates"},
    "Ising": {"periodic": False},
    "LinearRegression": {"blocks": "joint"},
    "LocalLevel": {"blocks": "even-odd"},
    "LogisticRegression": {"binomial_coefficients": True},
    "PPCA": {"blocks": "coordinates"},
    "VAE": {"hidden": (200,), "likelihood": "bernoulli", "activation": "tanh", "beta": 1.0,
            "n_importance": 1, "dtype": "float32"},
    "agreement": {"alpha": 5e-9, "name": "the draws"},
    "audit": {"rng": 0},
    "battery": {"replicates": 4000},
    "cavi": {"restarts": 1, "max_sweeps": 1000, "tol": 1e-10},
    "chains_test": {"replicates": 1000, "steps": 1, **ALPHA},
    "check": {"steps": False, "rng": 0},
    "collapsed_gibbs": {"chains": 4, "draws": 200, "warmup": 100},
    "compare": {"budget": "quick", "seeds": 1},
    "evidence": {"method": "importance", "seeds": 1},
    "expectation_propagation": {"damping": 0.7, "max_sweeps": 500, "tol": 1e-9},
    "gaussian_q": {"covariance": "full-rank", "restarts": 1},
    "gaussian_vi": {"covariance": "diagonal", "objective": "kl", "components": 1, "restarts": 8,
                    "parameterisation": "centred"},
    "gibbs": SWEEPS,
    "gibbs_expanded": SWEEPS,
    "gradient": {"complex_step": True, "name": "the gradient"},
    "hmc": MOVES,
    "joint_test": {"replicates": 4000, "rounds": 10, **ALPHA},
    "laplace": {"restarts": 8, "parameterisation": "centred"},
    "metropolis_hastings": MOVES,
    "rank_test": {"replicates": 4000, "length": 31, **ALPHA},
    "replay": {"rng": 0},
    "study": {"seeds": 20, "measure": "comparison"},
    "svi": {"epochs": 5, "delay": 100.0, "forgetting": 0.75},
    "trial": {"quick": False},
    "validate": {"rng": 0},
    "vsbc": {"exact": False, "replicates": 1000, "draws": 99, "alpha": 5e-9, "name": "q"},
    "waterfall": {"restarts": 8},
}  # fmt: skip


def defaults(function):
    """By argument, but for those that None stands for."""
    parameters = inspect.signature(function).parameters.items()
    return {n: p.default for n, p in parameters if p.default not in (p.empty, None)}


def test_nobody_s_numbers_hang_on_a_default_that_was_changed_by_accident():
    for name, expected in DEFAULTS.items():
        found = defaults(getattr(vi_lab, name, None) or getattr(testing, name))
        assert {n: found.get(n) for n in expected} == expected, name
