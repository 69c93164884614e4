"""A page of a user's own, for type checkers: each line that ends in `# wrong` must be told.

Read by tests/test_types.py, never run.
"""

import numpy as np

import vi_lab
from vi_lab import Factorised, Gamma, Normal, NormalGamma, cavi, compare, exact, gibbs, ledger

heights = np.array([171.0, 168.5, 180.2])
model = NormalGamma(heights, mu0=170, kappa0=1, a0=2, b0=50)
truth, run, q = exact(model), gibbs(model, rng=0, draws=100), cavi("coal", rng=None)
by_hand = Factorised(model, mu=Normal.of(mean=[1, 2], sd=1.0), tau=Gamma.of(shape=2, rate=1))
draws: np.ndarray = run["mu"]
low, high = truth.interval("mu", mass=0.5)
elbo: float = ledger(model, by_hand).elbo
table = compare({"flat": model, "coal": "coal"}, methods=["exact"], rng=np.random.default_rng(0))
gap: float | None = table["flat", "exact"].gap
verdicts = table["coal"].verdicts
text: str = truth.summary(mass=0.9).text()
predicted = truth.posterior_predictive(10, rng=1)["x"].mean()
prior = vi_lab.problem("coal").model.prior_predictive(10)


class Mine:
    """A model of a user's own that inherits from nothing."""

    dimension = 2

    def log_density(self, z: np.ndarray) -> np.ndarray:
        return -0.5 * np.asarray((z**2).sum(-1))

    def sample_latents(
        self, rng: np.random.Generator, batch: tuple[int, ...] = ()
    ) -> dict[str, np.ndarray]:
        return {"z": rng.standard_normal((*batch, 2))}


vi_lab.metropolis_hastings(Mine(), rng=0)

NormalGamma("heights", mu0=170, kappa0=1, a0=2, b0=50)  # wrong
NormalGamma(heights, mu0="170", kappa0=1, a0=2, b0=50)  # wrong
NormalGamma(heights, mu=170, kappa0=1, a0=2, b0=50)  # wrong
Normal.of(mean="0", sd=1)  # wrong
Gamma.of(shape=2, scale=1)  # wrong
vi_lab.HierarchicalNormal(heights, heights, mu_sd=1.0, tau_prior=5)  # wrong
vi_lab.LinearRegression("X", heights, m0=0, V0=1, a0=1, b0=1)  # wrong
gibbs(model, draws="100")  # wrong
gibbs(model, drawz=100)  # wrong
gibbs(3)  # wrong
gibbs(NormalGamma)  # wrong
cavi(model, rng="seed")  # wrong
cavi(model, restart=3)  # wrong
exact(model, rng=0)  # wrong
ledger(model, 3)  # wrong
ledger(q, model)  # wrong
vi_lab.kl(q, 3)  # wrong
vi_lab.linear_response(run)  # wrong
vi_lab.audit(model, bound="-170")  # wrong
compare(3)  # wrong
compare(model, budgets="full")  # wrong
run.quantile("mu", "half")  # wrong
run.interval("mu", mas=0.5)  # wrong
truth.summary(0.9, 0.5)  # wrong
truth["mu"].quantile("half")  # wrong
truth.sample("ten")  # wrong
truth.posterior_predictive(10, seed=1)  # wrong
_ = run["mu"].meen  # wrong
_ = table["coal", "exact"].gapp  # wrong
table["coal", "exact", "gap"]  # wrong
vi_lab.gibs(model)  # wrong
