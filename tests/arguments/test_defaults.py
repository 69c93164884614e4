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
    "Amortised": {"seconds": 0.0, "interrupted": False, "method": "VAE"},
    "Audit": {"moments": (), "not_given": ()},
    "Block": {"plates": (), "auxiliary": False},
    "Comparison": {"seed": 0, "interrupted": False, "problems": ()},
    "Draws": {"interrupted": False},
    "EvidenceEstimate": {"notes": (), "by_seed": ()},
    "Exact": {"seconds": 0.0, "method": "exact", "asked": False},
    "FactorAnalysis": {"blocks": "coordinates"},
    "GaussianChain": {"centre": 0.0},
    "GaussianPosterior": {"parameterisation": "centred", "seconds": 0.0},
    "GaussianRows": {"method": "Gaussian q", "seconds": 0.0},
    "HamiltonianSteps": {"longest": 3},
    "HiddenMarkov": {"blocks": "even-odd"},
    "Ising": {"periodic": False},
    "LinearRegression": {"blocks": "joint"},
    "LinearResponse": {"seconds": 0.0, "method": "linear response"},
    "LocalLevel": {"blocks": "even-odd"},
    "LogisticRegression": {"binomial_coefficients": True},
    "MultivariateNormal": {"centre": 0.0},
    "Normal": {"centre": 0.0},
    "NormalWishart": {"centre": 0.0},
    "PPCA": {"blocks": "coordinates"},
    "Problem": {"look_at": ""},
    "Study": {"planned": 0, "interrupted": False},
    "Trial": {"interrupted": False},
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
    "monotone": {"name": "the ELBO"},
    "rank_test": {"replicates": 4000, "length": 31, **ALPHA},
    "replay": {"rng": 0},
    "study": {"seeds": 20, "measure": "comparison"},
    "svi": {"epochs": 5, "delay": 100.0, "forgetting": 0.75},
    "trial": {"quick": False},
    "validate": {"rng": 0},
    "vsbc": {"exact": False, "replicates": 1000, "draws": 99, "alpha": 5e-9, "name": "q"},
    "waterfall": {"restarts": 8},
}  # fmt: skip
METHODS = {
    "elbo": {"n_draws": 1},
    "FactorAnalysis.maximum_likelihood": {"max_iterations": 100_000, "tol": 1e-13,
                                          "blocks": "coordinates"},
    "fit": {"epochs": 100, "batch_size": 100, "learning_rate": 1e-3, "optimiser": "adam",
            "checkpoint_seconds": 10.0},
    "gain": {"careful": False},
    "gaps": {"draws": 200, "k": 5000},
    "generate": {"means": False},
    "importance_bound": {"k": 100},
    "interval": {"mass": 0.89},
    "log_evidence": {"k": 5000},
    "findings": {"drawn": True},
    "PPCA.maximum_likelihood": {"rotation": 0.0, "blocks": "coordinates"},
    "sample_initial_values": {"batch": ()},
    "sample_latents": {"batch": ()},
    "score_function_gradients": {"baseline": 0.0},
    "summary": {"mass": 0.89},
    "to_datatree": {"n": 1000},
    "to_pandas": {"n": 1000},
}  # fmt: skip


def defaults(function):
    """By argument, but for those that None stands for, and those that are made anew each time."""
    parameters = inspect.signature(function).parameters.items()
    found = {n: p.default for n, p in parameters if p.default not in (p.empty, None)}
    return {n: value for n, value in found.items() if type(value) in (int, float, str, bool, tuple)}


def list_public():
    """By name, every class and function that users import, but for errors and the two `ledger`."""
    for room in (vi_lab, testing):
        for name in room.__all__:
            found = getattr(room, name)
            wrong = isinstance(found, type) and issubclass(found, BaseException)
            if callable(found) and not wrong and name != "ledger":
                yield name, found


def test_nobody_s_numbers_hang_on_a_default_that_was_changed_by_accident():
    for name, found in list_public():
        assert defaults(found) == DEFAULTS.get(name, {}), name


def test_nor_on_one_of_a_method():
    """Of one name in METHODS, or of one class there."""
    methods = {
        (name, method): given
        for name, found in list_public()
        for method, function in inspect.getmembers(found, callable)
        if isinstance(found, type) and not method.startswith("_") and hasattr(function, "__code__")
        if (given := defaults(function))
    }
    for (name, method), given in methods.items():
        assert given == METHODS.get(f"{name}.{method}", METHODS.get(method)), (name, method)
    assert {method for _, method in methods} == {key.rpartition(".")[2] for key in METHODS}
