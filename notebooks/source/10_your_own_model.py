# %% [markdown] name="title"
# # Lesson 10 · Bring your own model
#
# **Questions.** What must I write down for a model of my own? How do I know that its parts fit
# together? What can still be wrong then, and who sees it?
#
# **90 minutes** · needs lessons 03, 04 and 05

# %% name="setup"
import numpy as np
from scipy import stats
from scipy.special import gammaln

import vi_lab as vl
from vi_lab import Block, Factorised, Gamma, Model, elbo, kl, plots
from vi_lab.families import GammaStats
from vi_lab.plots import colours
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution
from vi_lab.teach.lessons.exercises.lesson_10_model import SharedPrior, with_truth

print(f"lesson 10, vi_lab {vl.__version__}")
y1, y2 = np.array([3, 5, 4, 2, 6]), np.array([7, 9, 6, 8])  # goals of two teams

# %% [markdown] name="story"
# ## The story
#
# Two teams, one rate of goals each:
#
# $$\mathrm{rate}_g \sim \mathrm{Gamma}(a, b), \qquad y_{gi} \sim \mathrm{Poisson}(\mathrm{rate}_g),
# \qquad g = 1, 2.$$
#
# $\mathrm{Gamma}(a, b)$ has the density $b^a r^{a-1} e^{-br} / \Gamma(a)$, with $b$ a rate; a
# count has the probability $r^y e^{-r} / y!$. From here to a ledger you write everything, in a
# page.

# %% name="story-picture" tags=["expected"]
fig, axes = plots.panels()
ax = axes[0, 0]
rate = np.linspace(0.01, 14, 400)
ax.plot(rate, np.exp(Gamma.of(2, 0.5).log_density(rate)), color=colours.GREY, label="prior")
for y, colour, name in ((y1, colours.BLUE, "first team"), (y2, colours.ORANGE, "second team")):
    fit = np.array([np.sum(y * np.log(r) - r) for r in rate])
    ax.plot(rate, 0.6 * np.exp(fit - fit.max()), color=colour, label=f"likelihood, {name}")
    ax.plot(y, np.full(len(y), -0.02), "|", color=colour, markersize=12)
ax.set(xlabel="rate, goals a match", ylabel="density; likelihoods to scale")
ax.set_title("One prior, two groups of counts", loc="left")
ax.legend()
plots.describe(
    ax,
    f"A broad prior that peaks at 2, and two likelihoods, one highest at {y1.mean():.1f}, the "
    f"other at {y2.mean():.1f} goals a match. Marks on the axis show nine counts.",
)
plots.show(fig)

# %% [markdown] name="joint-text"
# ## The log joint
#
# Every constant is kept: a log joint without its constants has another evidence (lesson 01). A
# first test at rates, priors and counts of one is tempting: it hides 62 of the 107 slips that the
# bank knows.

# %% name="joint" exercise="10.1"
check("10.1", log_joint)

# %% [markdown] name="conditional-text"
# ## The conditionals
#
# Read them off: what multiplies $\log r$, and what multiplies $r$?

# %% name="conditional" exercise="10.2"
check("10.2", rate_given)

# %% [markdown] name="evidence-text"
# ## The truth
#
# This model has one: the rate can be integrated out.

# %% name="evidence" exercise="10.3"
check("10.3", log_evidence)

# %% [markdown] name="chain-rule-text"
# A second route, which knows no integral of a gamma, is a grid:

# %% name="evidence-on-a-grid"
log_evidence = ready("10.3", log_evidence)
fine = np.linspace(0, 40, 4001)
likelihood = stats.poisson.pmf(y1[:, None], fine).prod(0)
grid = np.log(np.trapezoid(likelihood * stats.gamma.pdf(fine, 2, scale=1 / 0.5), fine))
print(f"log p(y1): grid {grid:.6f}, formula {log_evidence(y1, 2.0, 0.5):.6f}")

# %% [markdown] name="model-text"
# ## The model
#
# For the package a model is a class with three things. Fill them in with what you have:
#
# ```python
# def __init__(self, y1, y2, a, b):    # self.blocks = {"rate1": Block(Gamma(), conditional), ...}
# def log_joint(self, stats):          # with stats["rate1"].log and stats["rate1"].value
# def sample_latents(self, rng, batch=()):    # {"rate1": prior draws of shape batch, ...}
# ```
#
# A conditional is a function of `stats` that returns natural parameters: `GammaStats(shape - 1,
# -rate)`.

# %% name="model" exercise="10.4"
check("10.4", TwoGroups)

# %% [markdown] name="own-truth-text"
# Your class holds no line about its posterior. `exact` finds one all the same: it looks which
# conditionals depend on which blocks, and integrates out of your log joint what it can. So your
# evidence of 10.3 has a second route, through other lines of yours.

# %% name="own-truth" prediction="10.d"
predict("10.d", "no")

# %% name="own-truth-revealed"
TwoGroups = ready("10.4", TwoGroups)


class Lost(TwoGroups):
    """The same model, whose log joint has lost a log 2."""

    def log_joint(self, stats):
        return super().log_joint(stats) - np.log(2)


by_formula = log_evidence(y1, 2.0, 0.5) + log_evidence(y2, 2.0, 0.5)
for kind in (TwoGroups, Lost):
    found = vl.exact(kind(y1, y2, 2.0, 0.5))
    print(f"{kind.__name__}: {found.log_evidence:.6f} by {found.route}, {by_formula:.6f} by 10.3")
print("validate of Lost passed:", vl.validate(Lost(y1, y2, 2.0, 0.5)).passed)
reveal("10.d", "yes" if abs(found.log_evidence - by_formula) < 1e-9 else "no")

# %% [markdown] name="ledger-text"
# `validate` holds the parts against one another; a constant that is lost it cannot see. The ledger
# can, if its three numbers come by three routes. Write one for any $q(r_1)\, q(r_2)$. (A constant
# will be planted in the log joint. Your ledger has to break.)

# %% name="ledger" exercise="10.5"
check("10.5", three_numbers)

# %% name="ledger-own"
mine = with_truth(TwoGroups)(y1, y2, 2.0, 0.5)
by_hand = Factorised(mine, rate1=Gamma.of(20, 5), rate2=Gamma.of(30, 4))
ledger = vl.ledger(mine, by_hand)
ledger

# %% name="ledger-picture" tags=["expected"]
narrow = Factorised(mine, rate1=Gamma.of(40, 10), rate2=Gamma.of(90, 12))
plots.show(plots.account({"by hand": ledger, "narrower": vl.ledger(mine, narrow)}))

# %% [markdown] name="compare-text"
# ## All methods on your model
#
# Two predictions before the table is opened.

# %% name="lost" prediction="10.a"
predict("10.a", "some")

# %% name="worth" prediction="10.c"
predict("10.c", "about 1,500")

# %% name="lost-revealed"
q = vl.cavi(mine, rng=0)
gap = log_evidence(y1, 2.0, 0.5) + log_evidence(y2, 2.0, 0.5) - q.elbo
reveal("10.a", "none" if abs(gap) < 1e-9 else "some")

# %% name="worth-revealed"
ess = vl.gibbs(mine, rng=0).ess()
print({name: round(float(value)) for name, value in ess.items()})
worth = min(ess.values())
reveal("10.c", "about 4,000" if worth > 3000 else "about 1,500" if worth > 800 else "about 400")

# %% name="compare" tags=["seconds"]
methods = ["exact", "metropolis-hastings", "gibbs", "cavi"]
table = vl.compare(mine, methods=methods, rng=0)
table

# %% name="claims-of-table" choice="10.6"
choose("10.6", "B")

# %% [markdown] name="shared-text"
# ## Now any
#
# One line more makes the groups learn from each other: $b$ is unknown, $b \sim \mathrm{Gamma}(1,
# 1)$. The log joint has $a \log b - b\, r_g$ in each prior, affine in $(\log b, b)$ and in $r_g$,
# so all methods follow. But now `rate1`, `rate2` and $b$ depend on one another, and $q$ may not.

# %% name="narrow" prediction="10.b"
predict("10.b", "rate1")

# %% name="shared"
shared = SharedPrior(y1, y2, 2.0)
q, draws = vl.cavi(shared, rng=0), vl.gibbs(shared, draws=10_000, rng=0)
ratio = {name: q.sd(name) / draws.sd(name) for name in shared.blocks}
print({name: round(float(value), 2) for name, value in ratio.items()})
reveal("10.b", min(ratio, key=ratio.get))

# %% [markdown] name="shared-evidence-text"
# The evidence needs no new algebra: given $b$ it is yours of 10.3, and $b$ is one number. `exact`
# finds that out by itself: with $b$ fixed both rates are integrated in closed form.

# %% name="shared-evidence"
b = np.linspace(1e-6, 12, 3001)
log_p = np.array([log_evidence(y1, 2.0, c) + log_evidence(y2, 2.0, c) - c for c in b])
truth = log_p.max() + np.log(np.trapezoid(np.exp(log_p - log_p.max()), b))
print(f"log p(y) {truth:.5f}, ELBO {q.elbo:.5f}: mean field loses {truth - q.elbo:.4f} nats")
found = vl.exact(shared)
print(
    f"exact: {found.log_evidence:.5f} by {found.route}; ledger holds: {vl.ledger(shared, q).holds}"
)

# %% name="shared-picture" tags=["expected"]
plots.show(plots.elbo_trace(q))

# %% name="claims" tags=["claim"]
from vi_lab.teach.blindness import invisible

assert invisible("10.1", np.array([1, 1]), np.array([1, 1]), 1.0, 1.0, 1.0, 1.0) == (62, 107)
assert abs(grid - log_evidence(y1, 2.0, 0.5)) < 1e-6
assert ledger.holds and abs(ledger.residual) < 1e-8
assert abs(vl.exact(TwoGroups(y1, y2, 2.0, 0.5)).log_evidence - by_formula) < 1e-10
assert abs(found.log_evidence - truth) < 1e-4
assert abs(gap) < 1e-9 and worth > 3000
assert ratio["b"] < min(ratio["rate1"], ratio["rate2"]) < 1 and truth > q.elbo + 0.01

# %% [markdown] name="questions"
# ## Say it in your own words
#
# <details><summary>1. Why does mean field lose nothing on two separate groups?</summary>
# Given the data the rates are independent, and that is all that q(rate1) q(rate2) assumes.
# </details>
#
# <details><summary>2. What does validate not see?</summary>
# A lost constant, and a mistake made alike in the log joint and in the conditionals.
# </details>
#
# <details><summary>3. Why is a KL by subtraction worthless in a ledger?</summary>
# It makes the sum right whatever the log joint is. What cannot fail checks nothing.
# </details>
#
# <details><summary>4. Why does Gibbs give independent draws here, and not with b shared?</summary>
# No conditional looks at another block. With b shared each looks at the last draw of the others.
# </details>
#
# <details><summary>5. What would you do for a model without a truth?</summary>
# Test the sampler where there is one (lesson 09), then run it long; an ELBO says how much at most
# is lost only with an evidence beside it.
# </details>

# %% [markdown] name="next"
# **Read next.** `docs/models.md` and `docs/your_own.md`: a model with everything, your data,
# `vi-lab compare` on them. Blei, Kucukelbir & McAuliffe 2017, section 4 (conditionally conjugate
# models). Bishop 2006, section 10.1 (the factorised approximation). MacKay 2003, chapter 33
# (variational methods).

# %% name="card"
card("10")
