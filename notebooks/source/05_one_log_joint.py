# %% [markdown] name="title"
# # Lesson 05 · One log joint, four solutions
#
# - What do Metropolis-Hastings, Gibbs sampling, CAVI and the ELBO share?
# - Can a conditional be read off the log joint, without algebra?
# - When does which method fail?
#
# **60 minutes** · needs lessons 02, 03 and 04 · slide 4

# %% name="setup"
import numpy as np

import vi_lab as vl
from vi_lab import plots
from vi_lab.families import CategoricalStats, GammaStats
from vi_lab.model import statistics
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution

print(f"lesson 05, vi_lab {vl.__version__}")

# %% [markdown] name="terms"
# ## Three terms for what you have done already
#
# You have written conditionals by hand: a normal, a gamma, a table. The log of each is a straight
# line in a few functions of the unknown:
#
# $$\log \mathrm{Gamma}(z; a, b) = (a - 1)\,\log z \;-\; b\,z \;+\; \text{const}.$$
#
# The functions, here $(\log z, z)$, are the **sufficient statistics** $t(z)$. What multiplies
# them is the **natural parameter** $\eta$. Unknowns that are updated together are a **block**.

# %% name="natural" exercise="05.1"
check("05.1", natural_gamma)

# %% [markdown] name="coal-text"
# ## A log joint as a function of statistics
#
# Coal-mining disasters once more: a year of change $s$, two rates. With $E_i(s)$ events in the
# $L_i(s)$ years of part $i$,
#
# $$\log p(x, s, r) = \textstyle\sum_i \big(E_i(s)\,\log r_i - L_i(s)\,r_i\big)
# + \log p(r) + \text{const}.$$
#
# The statistics of $s$ are its indicator, a 1 at the year and 0 elsewhere. Look: a statistic of
# $s$ only ever meets a statistic of $r$, never another one of $s$. So with $r$ held, the log
# joint is a straight line in the indicator, and its **slope** is the natural parameter of the
# conditional of $s$. Walk one unit along each statistic and see how far you rise.

# %% name="slope" exercise="05.2"
check("05.2", slope)

# %% name="coal"
slope = ready("05.2", slope)
coal, rates = vl.problem("coal").model, np.array([3.1, 0.9])


def log_joint(indicator, e):
    """coal's log joint; e holds log r1, log r2, r1, r2."""
    return coal.log_joint({"s": CategoricalStats(indicator), "rates": GammaStats(e[:2], e[2:])})


# %% name="read-s"
e = np.concatenate([np.log(rates), rates])
nowhere = np.zeros(coal.n - 1)  # no year at all: an indicator that no s has
read = slope(log_joint, nowhere, e)
t = statistics(coal, {"s": 40, "rates": rates})
by_hand = coal.blocks["s"].complete_conditional(t).indicator
print("conditional of s: largest difference", f"{abs(read - by_hand).max():.0e}")

# %% name="read-rates"
year = np.eye(coal.n - 1)[39]  # s = 40
read = slope(lambda e, indicator: log_joint(indicator, e), e, year)
by_hand = coal.blocks["rates"].complete_conditional(t)
print("read off the log joint:  ", read.round(6))
print("written in the package:  ", np.concatenate(by_hand).round(6))

# %% name="read-claim" tags=["claim"]
assert np.allclose(read, np.concatenate(by_hand), atol=1e-9)
assert np.allclose(slope(log_joint, nowhere, e), coal.blocks["s"].complete_conditional(t).indicator)

# %% [markdown] name="collapse-text"
# No algebra, the same numbers: shape − 1 and −rate for each of the two rates. The tests of
# `vi_lab` do this for every block of every model, so that a log joint and its conditionals
# cannot drift apart.
#
# ## Solution 1: walk on it, with what can be summed out summed out
#
# Metropolis-Hastings needs the log joint's value and nothing else. But a walk over years *and*
# rates would be slow. A discrete block can be **summed out** exactly.

# %% name="collapse" exercise="05.3"
check("05.3", collapse)

# %% [markdown] name="collapse-blind"
# <details><summary>Which test did you try first?</summary>
#
# One weight of one, its log 0? There 22 of the 34 mistakes of `05.3` are right. Take two rows of
# three.
#
# </details>

# %% name="collapsed"
collapse = ready("05.3", collapse)
over_years = log_joint(nowhere, e) + collapse(slope(log_joint, nowhere, e))
one_by_one = [log_joint(year, e) for year in np.eye(coal.n - 1)]
print(f"from the slopes {over_years:.10f}\n111 years       {np.logaddexp.reduce(one_by_one):.10f}")

# %% name="collapsed-claim" tags=["claim"]
from vi_lab.teach.blindness import invisible

assert invisible("05.3", np.zeros((1, 1))) == (22, 34)
assert np.isclose(over_years, np.logaddexp.reduce(one_by_one), rtol=1e-13)

# %% [markdown] name="affine-text"
# ## When is it a straight line?
#
# Everything above needs a log joint that is affine in each block's statistics.

# %% name="affine" choice="05.4"
choose("05.4", "affine", "affine", "not affine", "not affine")

# %% [markdown] name="loops-text"
# ## Solutions 2 and 3: one line apart
#
# Gibbs **draws** each block from its conditional, given what the others are now. CAVI **takes**
# the conditional as its new $q$, given what the others are on average.
#
# <table>
# <tr><th>Gibbs sampling</th><th>CAVI</th></tr>
# <tr><td><pre>
# for each sweep:
#     for each block b:
#         eta = conditional(t)
#         t[b] = <b>stats(sample(eta))</b>
# </pre></td><td><pre>
# for each sweep:
#     for each block b:
#         eta = conditional(t)
#         t[b] = <b>?</b>
# </pre></td></tr>
# </table>

# %% name="line" choice="05.5"
choose("05.5", "t[b] = expected_stats(eta)")

# %% [markdown] name="for-real"
# Both for real, on four chains and four restarts at once. `kept` holds the rates of every sweep.

# %% name="gibbs-loop"
rng = np.random.default_rng(1)
t, kept = statistics(coal, coal.sample_latents(rng, (4,))), []
for _ in range(2500):
    for name, block in coal.blocks.items():
        eta = block.complete_conditional(t)
        t[name] = block.family.stats(block.family.sample(rng, eta, (4, *block.plates)))
    kept.append(t["rates"].value)

# %% name="cavi-loop"
from vi_lab.inference.cavi import sweeps  # the loop above, with your line in it

start = statistics(coal, coal.sample_latents(rng, (4,)))
climb = sweeps(coal, start, (4,))
for _ in range(30):
    q, t, _bound = next(climb)

# %% [markdown] name="elbo-text"
# ## Solution 4: the bound, from the same pieces
#
# A straight line has its average at the average: $\mathbb{E}_q[\log p(x, z)]$ is the log joint
# *at the expected statistics*. Add the entropy of each factor, and that is the ELBO.

# %% name="elbo"
entropies = [b.sum_over_plates(b.family.entropy(q[name])) for name, b in coal.blocks.items()]
elbo = coal.log_joint(t) + sum(entropies)
truth, cavi = vl.exact(coal), vl.cavi(coal, rng=2)
print("Gibbs, the loop ", np.mean(kept[500:], axis=(0, 1)).round(4))
print("CAVI, the loop  ", t["rates"].value[0].round(4), f"ELBO {elbo[0]:.9f}")
print("vl.cavi         ", cavi.mean("rates").round(4), f"ELBO {cavi.elbo:.9f}")
print("exact           ", truth.mean("rates").round(4), f"log p(x) {truth.log_evidence:.9f}")

# %% name="elbo-claim" tags=["claim"]
assert np.allclose(elbo, cavi.elbo, atol=1e-8) and cavi.elbo < truth.log_evidence

# %% [markdown] name="slope-text"
# ## Solution 5: the conditional is a slope
#
# The log joint is a straight line in each block's statistics, and its slope is $\eta$. So the complete
# conditionals are the gradient of $\log p(x, z)$, labels summed out by your `collapse`. Whoever follows
# it needs nothing more from the model: Laplace to the top, Gaussian variational inference to the best
# Gaussian, Hamiltonian Monte Carlo on trajectories. On `clutter`, where labels say which points are
# noise:

# %% name="slope-methods"
clutter = vl.problem("clutter")
fits = [
    vl.cavi(clutter, rng=0, restarts=10),
    vl.laplace(clutter, rng=0),
    vl.gaussian_vi(clutter, rng=0),
]
short = [vl.exact(clutter).log_evidence - fit.elbo for fit in fits]
for fit, gap in zip(fits, short, strict=True):
    print(f"{fit.method:28} {gap:.4f} nats short of log p(x)")

# %% name="slope-choice" choice="05.8"
choose("05.8", "the labels are summed out")

# %% name="slope-claim" tags=["claim"]
assert short[0] > 0.5 and short[2] < short[1] < 0.01

# %% [markdown] name="race-text"
# ## Six problems, three methods, one truth
#
# Before the table is opened: which of the three comes nearest? "Near" is W1, the mean distance
# between whole marginals, in posterior standard deviations; each sampler has 4,000 draws.

# %% name="schools" prediction="05.a"
predict("05.a", "CAVI")

# %% name="ising" prediction="05.b"
predict("05.b", "Metropolis-Hastings")

# %% name="tiny" prediction="05.c"
predict("05.c", "Metropolis-Hastings")

# %% name="race"
names = ["newcomb", "coal", "correlated", "eight-schools", "ising", "tiny-mixture"]
methods = ["exact", "metropolis-hastings", "gibbs", "cavi"]
race = vl.compare(names, methods=methods, rng=1, jobs=1)
w1 = {(row.problem, row.method): row.wasserstein for row in race.rows}
shown = {"cavi": "CAVI", "gibbs": "Gibbs", "metropolis-hastings": "Metropolis-Hastings"}
winner = {name: shown[min(shown, key=lambda m: w1[name, m])] for name in names}

# %% name="race-revealed"
print(reveal("05.a", winner["eight-schools"]))
print(reveal("05.b", winner["ising"]))
print(reveal("05.c", winner["tiny-mixture"]))

# %% name="grid-picture" tags=["answer"]
figure, axes = plots.panels(6, 3, size=(8.4, 9.6))
coordinates = ["mu", "rates[0]", "z0", "theta[0]", "x[0,0]", "mu[0]"]
for row, name, coordinate in zip(axes, names, coordinates, strict=True):
    exact = plots.View(race.results[name, "exact"])
    for ax, method in zip(row, methods[1:], strict=True):
        both = [exact, plots.View(race.results[name, method])]
        plots.marginal(both, coordinate, legend=False, label=f"{name}: {coordinate}", ax=ax)
        ax.set(yticks=[], ylabel="")
for ax, method in zip(axes[0], methods[1:], strict=True):
    ax.set_title(shown[method], loc="left")
figure.suptitle("Black over grey: exact. In colour: each method", x=0.02, ha="left")
words = "Marginals of six problems by three methods over the exact ones. Samplers follow the truth,"
words += (
    " but for a spike of Metropolis-Hastings in eight-schools. CAVI is too narrow in correlated,"
)
plots.show(figure, alt=f"{words} leans in ising and has one of the two sides of tiny-mixture.")

# %% name="error-picture" tags=["answer"]
figure, axes = plots.panels(1, 2, size=(8.6, 3.4))
plots.dots(race, "wasserstein", ax=axes[0, 0])
plots.dots(race, "gap", legend=False, ax=axes[0, 1])
plots.show(figure)

# %% name="race-claim" tags=["claim"]
for name in ("correlated", "eight-schools", "ising", "tiny-mixture"):
    assert w1[name, "cavi"] > 3 * w1[name, "gibbs"]
gap = {row.problem: row.gap for row in race.rows if row.method == "cavi"}
assert gap["newcomb"] < gap["coal"] < 0.1 < gap["correlated"] < gap["tiny-mixture"] < gap["ising"]

# %% [markdown] name="race-said"
# <details><summary>What the table says</summary>
#
# Between the two samplers a factor of two may be chance; what CAVI lacks is not, and more sweeps
# do not bring it. It loses little where blocks are nearly independent (newcomb, coal), much
# where they lean on each other (correlated, eight-schools), and most where the posterior has two
# sides and its $q$ has to choose one (ising, tiny-mixture). In return it takes tens of sweeps,
# and it alone brings a bound.
#
# The spike is a walk that could not leave: where the groups' spread is small, no step fits.
#
# </details>

# %% name="method" choice="05.6"
choose("05.6", "exact", "metropolis-hastings", "gibbs", "cavi", "exact", "cavi")

# %% [markdown] name="hunt-text"
# ## Hunt the bug
#
# Somebody writes one term of Newcomb's model anew, $\sum_i (x_i - \mu)^2$, for Darwin's maize.
# The draws are right, $q$ is right, and the ELBO stands above $\log p(x)$.


# %% name="anew"
class Anew(vl.NormalGamma):
    def _about_data(self, mu):
        return self._squares - 2.0 * self._sum * mu.value + self.n * mu.value**2


darwin = vl.problem("darwin").model
anew = Anew(darwin.x, darwin.mu0, darwin.kappa0, darwin.a0, darwin.b0)

# %% name="anew-seen"
walk = vl.metropolis_hastings(anew, rng=1, draws=5000)
print(
    "mean of mu:", np.round(walk.mean("mu"), 2), " exact:", np.round(vl.exact(darwin).mean("mu"), 2)
)
print("CAVI's q:  ", vl.cavi(anew, rng=1))
print("before:    ", vl.cavi(darwin, rng=1))
vl.derivation(anew, vl.cavi(anew, rng=1))

# %% name="hunt" choice="05.7"
choose("05.7", "a square of a mean")

# %% [markdown] name="story"
# <details><summary>The story (open it after your choice)</summary>
#
# A term that updates never read can be wrong for years, because only the bound reads it. In
# varinf the ELBO's Dirichlet term took the expected log of another block (cangermueller/varinf,
# issue 1). In GPJax a noise sd stood for a variance in a collapsed bound; it was found by a case
# in which the bound has to *equal* the log evidence (GPJax, pull request 417). Ask of every
# bound: where do I know the answer?
#
# </details>

# %% [markdown] name="questions"
# ## Five questions
#
# <details><summary>What do the four solutions share?</summary>
# One log joint, affine in the statistics of each block. MH evaluates it, Gibbs draws from its
# slope, CAVI takes its slope at averages, the ELBO is its value at averages plus
# entropies.</details>
#
# <details><summary>Why is the slope the natural parameter?</summary>
# With the rest held, log p = η · t + a constant, and that is the log density of the
# conditional.</details>
#
# <details><summary>Why may Gibbs be right where CAVI is wrong, with one log joint?</summary>
# At real values a product of two statistics of one block may equal a third one (z², or z_k z_l =
# 0); at averages it does not.</details>
#
# <details><summary>Which blocks can be summed out?</summary>
# Those whose family has a log partition in closed form; those summed out together must be
# independent given the rest.</details>
#
# <details><summary>What would make CAVI fail worst?</summary>
# A posterior with several modes, or blocks that lean on each other: it cuts every tie between
# blocks.</details>

# %% [markdown] name="next"
# ## To read next
#
# - Blei, Kucukelbir & McAuliffe, *Variational Inference: A Review for Statisticians* (2017),
#   section 4.
# - Bishop, *Pattern Recognition and Machine Learning* (2006), chapter 2 on exponential families,
#   chapter 10 on variational inference.
# - In the package: `vi_lab/model.py`, the one idea; `inference/gibbs.py` beside
#   `inference/cavi.py`.

# %% name="card"
card("05")
