"""A page of a user's own, for type checkers: each line that ends in `# wrong` must be told.

Read by tests/test_types.py, never run.
"""

import numpy as np

import vi_lab
from vi_lab import (
    Block,
    Factorised,
    Gamma,
    Normal,
    NormalGamma,
    Problem,
    cavi,
    compare,
    exact,
    gibbs,
    ledger,
    plots,
    testing,
)

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

audit = vi_lab.audit("coal", posterior=run)
of_moments = vi_lab.audit("coal", posterior={"s": (39.0, 2.0)})
ax = plots.marginal([truth, run], "mu", label="mean")
ax = plots.joint({"truth": truth, "gibbs": run}, "mu", "tau")
ax = plots.elbo_trace(q, log_evidence=-177.0)
ax = plots.account({"q": ledger("coal", q)})
ax = plots.chains(run, "mu")
item = vi_lab.problem("coal", a=(2, 2))
own = Problem("own", story="", data="", n=3, model=model)
entries = vi_lab.check("coal", steps=True)
again = vi_lab.load("results", {"own": model})
report = testing.validate(own)
vae = vi_lab.VAE(4, 1, (3,))
fit = vae.fit(np.zeros((3, 4)), rng=0)
lines = vi_lab.derivation("coal", q)
n: int = item.n
of_own: NormalGamma = own.model
behind: NormalGamma = exact(own).model
hyper = cavi(model).model.mu0 + vi_lab.linear_response(cavi(model)).model.a0
shown = (
    item.model.data_names,
    vi_lab.gibbs("coal").model.y,
)


def shortfall(truth: vi_lab.Exact, q: Factorised) -> float:
    """Whoever does not say of which model a result is, may."""
    return float(truth.log_evidence - q.elbo)


gap = shortfall(truth, by_hand)


class Mine:
    """A model of a user's own that inherits from nothing."""

    dimension = 2

    def log_density(self, z: np.ndarray) -> np.ndarray:
        return -0.5 * np.asarray((z**2).sum(-1))

    def sample_latents(
        self, rng: np.random.Generator, batch: tuple[int, ...] = ()
    ) -> dict[str, np.ndarray]:
        return {"z": rng.standard_normal((*batch, 2))}


dimension: int = vi_lab.metropolis_hastings(Mine(), rng=0).model.dimension

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
plots.marginal(truth, 3)  # wrong
plots.marginal(3, "mu")  # wrong
plots.marginal("coal", "mu")  # wrong
plots.marginal(truth, "mu", lable="x")  # wrong
plots.marginal(truth, "mu", legend="yes")  # wrong
plots.joint(truth, "mu")  # wrong
plots.joint(truth, "mu", 3)  # wrong
plots.elbo_trace(run)  # wrong
plots.elbo_trace(q, log_evidence="x")  # wrong
plots.account(3)  # wrong
plots.account({"q": 3})  # wrong
plots.chains(truth, "mu")  # wrong
plots.panels("2")  # wrong
plots.dots(3, "gap")  # wrong
plots.predictive(run, 3)  # wrong
vi_lab.problem(3)  # wrong
vi_lab.audit(model, posterior=3)  # wrong
vi_lab.audit(model, bond=3)  # wrong
compare(model, methods=3)  # wrong
compare(model, seeds="20")  # wrong
compare(model, rng="x")  # wrong
compare(model, budget=3)  # wrong
table.to_latex(width=3)  # wrong
table.text("80")  # wrong
table.table(3)  # wrong
vi_lab.load(3)  # wrong
vi_lab.load("results", 3)  # wrong
vi_lab.validate(3)  # wrong
vi_lab.check(model, steps="x")  # wrong
vi_lab.check(3)  # wrong
vi_lab.derivation(model, 3)  # wrong
vi_lab.elbo(model, 3)  # wrong
_name: str = q.elbo  # wrong
_words: str = vi_lab.elbo(model, q)  # wrong
_list: list[float] = vi_lab.kl(q, model)  # wrong
vi_lab.sweep(3)  # wrong
Problem("x", story="", data="", n="3", model=model)  # wrong
Problem("x", story="", data="", n=3, modle=model)  # wrong
Problem("x", story="", data="", n=3, model=3)  # wrong
Problem("x", story="", data="", n=3, model=NormalGamma)  # wrong
_ = truth.model.mu  # wrong
_ = run.model.kappa  # wrong
_ = by_hand.model.alpha  # wrong
_ = own.model.b00  # wrong
_ = vi_lab.laplace(model).model.dimensions  # wrong
_ = vi_lab.expectation_propagation(model).model.dimensions  # wrong
item.model.prior_predictive("10")  # wrong
item.model.prior_predictive(10, seed=1)  # wrong
truth.mean(3)  # wrong
truth.sd("mu", 1)  # wrong
_ = truth.log_evidence + "x"  # wrong
_ = run.rhat + 3  # wrong
_ = run.values["mu"].foo  # wrong
_ = run.value  # wrong
_ = q.elbo_traces  # wrong
_ = q.q["s"].meen  # wrong
_ = q.q[3]  # wrong
vi_lab.metropolis_hastings(model, step="x")  # wrong
Factorised(model, mu=3)  # wrong
Factorised(3, mu=Normal.of(mean=0, sd=1))  # wrong
vi_lab.GaussianMixture(heights, "2", 1.0, 0, 1, 3, 1)  # wrong
Block(Gamma(), 3)  # wrong
Block(3, lambda stats: stats)  # wrong
vi_lab.VAE("784", 2, (100,))  # wrong
vae.fit("x")  # wrong
vae.fit(np.zeros((3, 4)), epoch=3)  # wrong
fit.elbo("x")  # wrong
truth.save(3)  # wrong
testing.battery(3)  # wrong
_ = ledger(model, q).elbow  # wrong
_ = lines.kll  # wrong
_ = audit.is_bond  # wrong
item.change(3)  # wrong
_ = item.descriptions  # wrong
_ = report.pased  # wrong
_ = entries[0].ledgr  # wrong
