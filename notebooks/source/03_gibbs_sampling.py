# %% [markdown] name="title"
# # Lesson 03 · Gibbs sampling
#
# - What is a complete conditional?
# - Why is nothing rejected?
# - What slows it down?
# - Why do labels switch, and does it matter?
#
# **75 minutes** · needs lesson 02 (a walk that leaves the posterior as it is) · slide 4

# %% name="setup"
import numpy as np

import vi_lab as vl
from vi_lab import plots
from vi_lab.model import statistics
from vi_lab.plots import colours
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution

print(f"lesson 03, vi_lab {vl.__version__}")

# %% [markdown] name="idea"
# ## One unknown at a time
#
# Take all unknowns but one as given. What is left is a density of that one alone, its **complete
# conditional** $p(z_b \mid z_{\text{rest}}, x)$, often one with a name. Draw from it, go to the
# next unknown, and so on: that is Gibbs sampling.
#
# It is Metropolis-Hastings whose proposal $q(\text{new}\mid\text{old})$ is the conditional. With
# the rest $r$ unchanged,
#
# $$\frac{p(\text{new}, r)\; q(\text{old}\mid\text{new})}
# {p(\text{old}, r)\; q(\text{new}\mid\text{old})}
# = \frac{p(\text{new}\mid r)\,p(r)\; p(\text{old}\mid r)}
# {p(\text{old}\mid r)\,p(r)\; p(\text{new}\mid r)} = 1,$$
#
# so **every proposal is accepted**. On a table of two unknowns with two values each it can be
# done by hand: multiply by the conditional of $a$, sum the old $a$ out, and the table is what it
# was.

# %% name="by-hand"
table = np.array([[0.10, 0.30], [0.40, 0.20]])  # p(a, b): rows a, columns b
a_given_b = table / table.sum(axis=0)
after = a_given_b * table.sum(axis=0)  # forget a, then draw it anew given b
print("after a draw of a:", after.ravel().round(12), " before:", table.ravel())

# %% name="by-hand-claim" tags=["claim"]
assert np.allclose(after, table)

# %% [markdown] name="gauss-text"
# ## An ellipse
#
# Two coordinates, both with standard deviation 1 and correlation $\rho$: the target of the
# problem `correlated`. Cut the ellipse along one of them: hold $z_1$ fixed in
#
# $$\log p(z_0, z_1) = -\frac{z_0^2 - 2\rho z_0 z_1 + z_1^2}{2(1 - \rho^2)} + \text{const}$$
#
# and complete the square. In $-\tfrac12 (a z^2 - 2 b z)$ what multiplies $-z^2/2$ is a precision,
# one over a variance: $-\tfrac{a}{2} (z - b/a)^2 + \text{const}$ has the mean $b/a$ and the
# variance $1/a$.

# %% name="conditional" exercise="03.1"
check("03.1", conditional)

# %% [markdown] name="newcomb-text"
# ## Newcomb's light: two conditionals with names
#
# 66 times $x_i \sim N(\mu, 1/\tau)$, with the prior $\mu \mid \tau \sim N(\mu_0,
# 1/(\kappa_0\tau))$, $\tau \sim \mathrm{Gamma}(a_0, b_0)$, shape and **rate**. Write down the
# log joint, cross out what does not contain $\mu$: a quadratic is left, so $\mu$ is normal. Again
# what multiplies $-\mu^2/2$ is its precision, what multiplies $\mu$ is precision times mean. The
# prior acts like $\kappa_0$ observations at $\mu_0$.

# %% name="mu" exercise="03.2"
check("03.2", mu_given_tau)

# %% [markdown] name="tau-text"
# Now cross out what does not contain $\tau$. What is left is (a number) $\cdot \log \tau$ −
# (another number) $\cdot\,\tau$: a gamma density, $\tau^{a-1} e^{-b\tau}$ with shape $a$, rate $b$.
# Count every $\sqrt\tau$; the prior of $\mu$ has one too.

# %% name="tau" exercise="03.3"
check("03.3", tau_given_mu)

# %% [markdown] name="tau-blind"
# <details><summary>Which test did you try first?</summary>
#
# Zeros and ones? With `x = (0, 0)`, `mu = mu0 = 0` and the rest 1, 26 of the 45 mistakes of
# `03.3` give the right two numbers: no square is left to go wrong. Test where nothing is
# special.
#
# </details>

# %% name="newcomb"
mu_given_tau = ready("03.2", mu_given_tau)
tau_given_mu = ready("03.3", tau_given_mu)
rng = np.random.default_rng(1)
x, prior = vl.problem("newcomb").model.x, {"mu0": 20.0, "kappa0": 0.1}
mu, draws = 0.0, []
for _ in range(5000):
    shape, rate = tau_given_mu(x, mu, **prior, a0=2.0, b0=50.0)
    tau = rng.standard_gamma(shape) / rate
    mean, sd = mu_given_tau(x, tau, **prior)
    mu = mean + sd * rng.standard_normal()
    draws.append((mu, tau))

# %% name="newcomb-compared"
draws, truth = np.array(draws[100:]), vl.exact("newcomb")
print("mean of mu ", draws[:, 0].mean().round(3), "exact", np.round(truth.mean("mu"), 3))
print("mean of tau", draws[:, 1].mean().round(5), "exact", np.round(truth.mean("tau"), 5))

# %% name="newcomb-claim" tags=["claim"]
from vi_lab.teach.blindness import invisible

assert invisible("03.3", np.zeros(2), 0.0, 0.0, 1.0, 1.0, 1.0) == (26, 45)
for i, name in enumerate(("mu", "tau")):
    off = abs(draws[:, i].mean() - truth.mean(name))
    assert off < 4 * truth.sd(name) / np.sqrt(len(draws))

# %% [markdown] name="coal-text"
# ## Coal: an unknown year
#
# Disasters a year, 1851 to 1962: Poisson(rate1) for the first $s$ years, Poisson(rate2) after; a
# count $y$ has the probability $\text{rate}^y e^{-\text{rate}} / y!$.
# Given both rates, the year of change has a table of $n - 1$ probabilities. Add up logarithms (a
# product of hundreds of probabilities is 0 to the computer), subtract the largest, take exp last.

# %% name="p-s" exercise="03.4"
check("03.4", p_s)

# %% name="year-picture" tags=["expected"]
p_s = ready("03.4", p_s)
model = vl.problem("coal").model
y, years = model.counts, 1851 + np.arange(model.n)
table = p_s(y, 3.1, 0.9)
figure, axes = plots.panels(2, 1, size=(6.4, 4.4), sharex=True)
axes[0, 0].vlines(years, 0, y, color=colours.POINTS)
axes[0, 0].set(title="Disasters a year", ylabel="count")
axes[1, 0].bar(years[:-1], table, width=1, color=colours.GREEN)
axes[1, 0].set(
    title="The last year of the first rate, given the rates 3.1 and 0.9", ylabel="probability"
)
mode = years[np.argmax(table)]
plots.show(
    figure, alt=f"Counts by year above; below the conditional of the year, highest at {mode}."
)

# %% [markdown] name="same-text"
# The package writes the same conditional for every draw of every chain. Is it yours?

# %% name="same"
t = statistics(model, {"s": 1, "rates": np.array([3.1, 0.9])})
block = model.blocks["s"]
theirs = block.family.expected_stats(block.complete_conditional(t)).indicator
print("largest difference:", f"{abs(theirs - table).max():.0e}")

# %% name="same-claim" tags=["claim"]
assert np.allclose(theirs, table, atol=1e-12)

# %% [markdown] name="narrow-text"
# ## What slows it
#
# Back to the ellipse. At $\rho = 0.9$ the conditional's sd is less than half of 1, and Gibbs only
# ever draws from such narrow densities.

# %% name="too-narrow" prediction="03.a"
predict("03.a", "yes")

# %% name="sweep" exercise="03.5"
check("03.5", sweep)

# %% name="staircase" tags=["expected"]
sweep = ready("03.5", sweep)
rho = 0.9
path = [np.array([-2.5, -2.5])]
for eps in rng.standard_normal((25, 2)):
    path.append(sweep(path[-1], eps, rho))
path = np.array(path)
stairs = np.repeat(path, 2, axis=0)
corners = np.column_stack([stairs[1:, 0], stairs[:-1, 1]])  # z0 moves first, then z1

ax = plots.joint(
    [vl.exact(vl.problem("correlated"))], "z0", "z1", ax=plots.panels(size=(5, 4.6))[1][0, 0]
)
ax.plot(*corners.T, color=colours.GREEN, linewidth=1)
ax.plot(*path.T, "s", color=colours.GREEN, markersize=4)
ax.set(title="25 sweeps: across, then up", xlim=(-3.2, 3.2), ylim=(-3.2, 3.2))
plots.describe(ax, "25 Gibbs sweeps as a staircase from (-2.5, -2.5) along the narrow ellipse.")
plots.show(ax)

# %% name="many-sweeps"
draws = [np.zeros(2)]
for eps in rng.standard_normal((20_000, 2)):
    draws.append(sweep(draws[-1], eps, rho))
draws = np.array(draws)
print("sds", draws.std(axis=0).round(3), "correlation", np.corrcoef(draws.T)[0, 1].round(3))
reveal("03.a", "no" if draws.std() > 0.95 else "yes")

# %% [markdown] name="slow-text"
# <details><summary>What happened</summary>
#
# No: the conditional moves along with the other coordinate, and its draws fill the ellipse. The
# price is another one. Steps are as short as the conditionals are narrow.
#
# </details>

# %% name="memory" prediction="03.b"
predict("03.b", 0.9)

# %% name="memory-revealed"
reveal("03.b", np.corrcoef(draws[:-1, 0], draws[1:, 0])[0, 1])

# %% [markdown] name="lag1-text"
# And at any $\rho$? Put the two lines of `03.5` into each other: how much of the old $z_0$ is in
# the new one?

# %% name="lag1" exercise="03.6"
check("03.6", lag1)

# %% [markdown] name="worth-text"
# <details><summary>What that costs</summary>
#
# A sweep keeps the share $\phi = \rho^2$ of where it was. For such a chain a draw is worth
# $(1 - \phi)/(1 + \phi)$ independent ones (`02.7`).
#
# </details>

# %% name="worth-picture" tags=["expected"]
lag1 = ready("03.6", lag1)
correlations, kept = np.array([0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99]), []
for rho in correlations:
    chain = [np.zeros(2)]
    for eps in rng.standard_normal((6000, 2)):
        chain.append(sweep(chain[-1], eps, rho))
    first = np.array(chain)[:, 0]
    kept.append(np.corrcoef(first[:-1], first[1:])[0, 1])
kept, line = np.array(kept), np.linspace(0, 0.999, 200)
formula = np.array([(1 - lag1(r)) / (1 + lag1(r)) for r in line])

ax = plots.panels(size=(6, 3.4))[1][0, 0]
ax.plot(line, formula, color=colours.FORMULA, label="formula")
ax.plot(correlations, (1 - kept) / (1 + kept), "s", color=colours.GREEN, label="measured")
ax.set(title="What a Gibbs draw is worth", xlabel="ρ", ylabel="effective draws / draws")
ax.legend()
plots.show(
    ax, alt=f"Worth of a Gibbs draw, from 1 at ρ = 0 down to {formula[-10]:.3f} near ρ = 0.95."
)

# %% [markdown] name="labels-text"
# ## Labels
#
# Ten points, two normals, and no label has a meaning: exchange the names, and the posterior is
# the same. Each point's label has, given the means, a small table of its own, by Bayes: weight
# times density, over the sum of such products. The density at $x$ of a normal with mean $m$ and sd
# $s$ is proportional to $e^{-(x - m)^2 / (2 s^2)}$.

# %% name="responsibilities" exercise="03.7"
check("03.7", responsibilities)

# %% name="labels" prediction="03.c"
predict("03.c", "0 or 1")

# %% name="labels-revealed"
mixture = vl.problem("tiny-mixture")
gibbs = vl.gibbs(mixture, rng=4, chains=400, draws=500)
share = gibbs.values["z"][..., 0].mean()
print(f"the first point's label over 200,000 sweeps: {share:.3f}")
reveal("03.c", "1/2" if abs(share - 0.5) < 0.1 else "0 or 1")

# %% name="switch-picture" tags=["answer"]
figure, axes = plots.panels(1, 2, size=(8.6, 3.3))
label = gibbs.values["z"][..., 0]
chain = gibbs.values["mu"][np.argmin(abs(label.mean(axis=1) - 0.5))]
for k, colour in enumerate(colours.COMPONENTS[:2]):
    axes[0, 0].plot(chain[:, k], color=colour, linewidth=0.7, label=f"mu[{k}]")
axes[0, 0].set_title("The names swap", loc="left")
axes[0, 0].set(xlabel="sweep", ylabel="mean of a component", ylim=(-3.5, 4.9))
axes[0, 0].legend(loc="upper right", ncols=2)
plots.co_assignment(gibbs, ax=axes[0, 1])
axes[0, 1].set_title("Who shares a label does not change", loc="left")
plots.describe(
    axes[0, 0], "One chain of 500 sweeps: in the midst of it the two means exchange their places."
)
plots.show(figure)

# %% [markdown] name="labels-said"
# <details><summary>What to ask instead</summary>
#
# The mean of a label is one half for every point: true, and useless. So is the mean of `mu[0]`.
# Ask questions whose answer does not depend on names: do these two points share a label?
#
# </details>
#
# ## Hunt the bug
#
# Somebody makes Gibbs parallel: one line for both coordinates, no loop. 20,000 chains start at
# exact draws with correlation 0.9.


# %% name="parallel"
def sweep_at_once(z, eps, rho=0.9):
    return rho * z[::-1] + np.sqrt(1 - rho**2) * eps  # both conditionals, at once


# %% name="parallel-run"
z = np.linalg.cholesky([[1, 0.9], [0.9, 1]]) @ rng.standard_normal((2, 20_000))
for sweeps in range(11):
    if sweeps in (0, 1, 3, 10):
        numbers = f"means {z.mean(1).round(3)}  sds {z.std(1).round(3)}"
        print(f"{sweeps:2} sweeps: {numbers}  correlation {np.corrcoef(z)[0, 1]:.3f}")
    z = sweep_at_once(z, rng.standard_normal((2, 20_000)))

# %% name="hunt" choice="03.8"
choose("03.8", "old values")

# %% [markdown] name="story"
# <details><summary>The story (open it after your choice)</summary>
#
# Means and variances, what most tests look at, are perfect; only the joint is wrong. A test of a
# sampler has to look at something that ties the blocks together.
#
# The other classic of this lesson is your 03.3: **scale or rate**. PyMC's documentation called
# the rate of its gamma a scale (pymc issue 79); a reader of dirichletprocess reported a wrong
# Gibbs update and found that the code was right and the paper it followed was not (issue 19).
# NumPy's `rng.gamma` takes a scale.
#
# </details>

# %% [markdown] name="questions"
# ## Five questions
#
# <details><summary>What is a complete conditional?</summary>
# The distribution of one unknown (or block) given all others and the data. Cross out of the log
# joint what does not contain it.</details>
#
# <details><summary>Why is nothing rejected?</summary>
# The proposal is the target's own conditional, so the Metropolis-Hastings ratio is one.</details>
#
# <details><summary>What slows Gibbs down, and what helps?</summary>
# Correlation between blocks: a step is as short as a conditional is narrow. Draw correlated
# unknowns together, as one block.</details>
#
# <details><summary>Is a label that never switches a good sign?</summary>
# No. The posterior has both namings; the chain has seen one of them. For questions without names
# that may be enough, but R-hat of a label means nothing.</details>
#
# <details><summary>When may two blocks be drawn in parallel?</summary>
# When they are independent given the rest: the labels of different points, given the
# means.</details>

# %% [markdown] name="next"
# ## To read next
#
# - Bishop, *Pattern Recognition and Machine Learning* (2006), section 11.3; the conditional of a
#   Gaussian is eq. 2.96.
# - MacKay, *Information Theory, Inference, and Learning Algorithms* (2003), section 29.5.
# - Geman & Geman (1984), where Gibbs sampling comes from; Carlin, Gelfand & Smith (1992), the
#   change-point model.
# - In the package: `vi_lab/inference/gibbs.py`, ten lines for every model.

# %% name="card"
card("03")
