"""Calls of the public functions, each on little: what it returns is held as it was."""

import numpy as np

import vi_lab
from tests.recorded.models import draw_initial_values, draw_latents
from vi_lab import testing, vae
from vi_lab.teach.relations import arguments, quantities, shapes, values


def train(**settings):
    """A VAE of two hidden layers of unlike sizes, after two epochs."""
    x = (np.random.default_rng(0).random((20, 5)) < 0.5).astype(float)
    return x, vae.VAE(5, 2, hidden=(4, 3), **settings).fit(x, rng=1, epochs=2, batch_size=7)


def train_on_reals(**settings):
    x = np.random.default_rng(0).standard_normal((12, 3))
    settings = {"likelihood": "gaussian", **settings}
    return x, vae.VAE(3, 1, hidden=(4,), **settings).fit(x, rng=1, epochs=3, batch_size=5)


def use(trained):
    """Everything that a trained VAE answers about four of its data."""
    x, found = trained
    x = x[:4]
    return {
        "itself": found,
        "encode": found.encode(x),
        "kl": found.kl_by_latent(x),
        "reconstruct": found.reconstruct(x),
        "generate": found.generate(3, rng=2),
        "elbo": found.elbo(x, 5, rng=3),
        "bound": found.importance_bound(x, 7, rng=4),
        "evidence": found.log_evidence(x, k=50, rng=5),
        "gaps": found.gaps(x, draws=20, k=50, rng=6),
        "ledger": found.ledger(x),
        "for one": vae.DecoderModel(found, x[:1]),
    }


def relate():
    """What each relation that a wrong answer may have to the right one makes of a few numbers."""
    x, square = np.array([0.3, 0.9, 0.2, 0.6]), np.array([[2.0, 0.5], [0.3, 1.5]])
    return {
        "changed": {name: change(square) for name, change in arguments.CHANGES.items()},
        "combined": {name: join(x, x[::-1]) for name, join in arguments.COMBINED.items()},
        "powers": {name: power(x) for name, power in quantities.POWERS.items()},
        "left over": {name: fold(x) for name, fold in shapes.LEFT_OVER.items()},
        "transformed": {name: change(x) for name, change in values.TRANSFORMS.items()},
        "of several": {name: change(x) for name, change in values.SEVERAL.items()},
        "constants": values.CONSTANTS,
    }


def start_problems():
    """Where chains and restarts of each problem begin, and a draw of its prior."""
    models = {name: vi_lab.problem(name).model for name in vi_lab.list_problems()}
    return {
        name: [draw(model) for draw in (draw_initial_values, draw_latents)]
        for name, model in models.items()
    }


CALLS = {
    "starts of problems": start_problems,
    "relations": relate,
    "laplace": lambda: vi_lab.laplace("challenger", rng=1, restarts=2),
    "laplace in 3-D": lambda: vi_lab.laplace("poisson", rng=1, restarts=2),
    "diagonal Gaussian": lambda: vi_lab.gaussian_vi("bioassay", rng=1, restarts=1),
    "full Gaussian": lambda: vi_lab.gaussian_vi("challenger", covariance="full", rng=1, restarts=1),
    "two Gaussians": lambda: vi_lab.gaussian_vi("clutter", components=2, rng=1, restarts=1),
    "EP": lambda: vi_lab.expectation_propagation("probit"),
    "EP of labels": lambda: vi_lab.expectation_propagation("clutter"),
    "HMC": lambda: vi_lab.hmc("challenger", rng=1, chains=2, draws=4, warmup=20),
    "expanded Gibbs": lambda: vi_lab.gibbs_expanded("eight-schools", rng=1, draws=4, warmup=5),
    "collapsed Gibbs": lambda: vi_lab.collapsed_gibbs("bars", rng=1, draws=3, warmup=2),
    "linear response": lambda: vi_lab.linear_response(vi_lab.cavi("newcomb", rng=0)),
    "SVI": lambda: vi_lab.svi("old-faithful", batch_size=50, epochs=1, rng=1),
    "derivation": lambda: vi_lab.derivation("newcomb", vi_lab.cavi("newcomb", rng=0)),
    "waterfall": lambda: vi_lab.waterfall("challenger", rng=0, restarts=1),
    "check": lambda: vi_lab.check(["coal", "tiny-mixture"], jobs=1),
    "audit": lambda: vi_lab.audit("newcomb", -200.0, vi_lab.cavi("newcomb", rng=0)),
    "importance": lambda: vi_lab.evidence(
        "challenger", vi_lab.laplace("challenger", rng=1), draws=500, rng=1
    ),
    "SMC": lambda: vi_lab.evidence("challenger", method="smc", draws=50, rng=1),
    "Chib": lambda: vi_lab.evidence("newcomb", method="chib", draws=50, rng=1),
    "bridge": lambda: vi_lab.evidence(
        "challenger",
        vi_lab.hmc("challenger", rng=1, chains=2, draws=50, warmup=50),
        method="bridge",
        rng=1,
    ),
    "ledger": lambda: vi_lab.ledger("coal", vi_lab.cavi("coal", rng=0)),
    "problems": lambda: [repr(vi_lab.problem(name)) for name in vi_lab.list_problems()],
    "comparison": lambda: vi_lab.compare("newcomb", rng=1, methods=["exact", "cavi"]),
    "VAE": lambda: use(train()),
    "IWAE": lambda: use(train(n_importance=3)),
    "Gaussian VAE": lambda: use(train_on_reals()),
    "beta-VAE with relu": lambda: use(train_on_reals(beta=2.0, activation="relu")),
    "validation": lambda: testing.validate("newcomb"),
    "calibration of q": lambda: testing.vsbc(
        testing.joint_of("newcomb"), testing.cavi_draws, replicates=20, draws=9, rng=1
    ),
    "rank test": lambda: testing.rank_test(
        testing.joint_of("newcomb"), testing.gibbs_steps, replicates=40, length=5, rng=1
    ),
    "joint test": lambda: testing.joint_test(
        testing.joint_of("newcomb"), testing.gibbs_steps, replicates=40, rounds=2, rng=1
    ),
    "chains test": lambda: testing.chains_test(
        testing.joint_of("newcomb"), testing.gibbs_pair, replicates=40, rng=1
    ),
    "agreement": lambda: testing.agreement(
        vi_lab.gibbs("newcomb", rng=1, draws=100), vi_lab.exact("newcomb")
    ),
    "monotone": lambda: testing.monotone([-3.0, -2.0, -2.5]),
    "tuned steps": lambda: [
        tuned.tuned(vi_lab.problem("newcomb").model, rng=1)
        for tuned in (testing.MetropolisSteps, testing.HamiltonianSteps)
    ],
}
