# %% [markdown] name="title"
# # Lesson 02 · Metropolis-Hastings
#
# - Why may I stay where I am, and count that place again?
# - Why does $p(x)$ cancel?
# - How long should a step be?
# - How do I know that a chain has arrived?
#
# **90 minutes** · needs lesson 00 (a log joint, and why $p(x)$ is hard) · slide 4
#
# `hint("02.1")` helps in three steps, `solution("02.1")` shows the answer.

# %% name="setup"
import numpy as np

import vi_lab as vl
from vi_lab import plots
from vi_lab.plots import colours
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution

print(f"lesson 02, vi_lab {vl.__version__}")

# %% [markdown] name="idea"
# ## A walk that counts
#
# You can write $p(x, z)$ for any $z$. The posterior is that divided by a number $p(x)$ that you
# do not have. So compare only **two** places at a time: in $p(z'|x)/p(z|x)$ the number cancels.
#
# Walk from place to place so that the time spent at each is proportional to its probability.
# Then the list of visited places *is* a sample, and every average over it estimates one under
# the posterior.
#
# Propose a move with any density $q(\text{new}|\text{old})$ you like, then let a coin decide
# whether you go. What must the coin be? Ask that as much mass goes from old to new as comes
# back:
#
# $$p(\text{old})\,q(\text{new}|\text{old})\,A(\text{old}\to\text{new}) =
# p(\text{new})\,q(\text{old}|\text{new})\,A(\text{new}\to\text{old}).$$
#
# This is **detailed balance**. Make the larger of the two $A$ equal to one:
#
# $$A = \min\left(1, \frac{p(\text{new})\,q(\text{old}|\text{new})}
# {p(\text{old})\,q(\text{new}|\text{old})}\right).$$

# %% name="accept" exercise="02.1"
check("02.1", log_accept)

# %% [markdown] name="accept-blind"
# <details><summary>Which test did you try first?</summary>
#
# Uphill, with a way back as likely as the way forth: `log_accept(1, 0, 0.5, 0.5)` is 0. So it is
# for 33 of the 46 mistakes that this exercise knows. Test downhill, with two different $q$.
#
# </details>

# %% [markdown] name="line-text"
# ## A density on the line
#
# Take a $z$ on the line. The proposal is $z' = z + \text{step}\cdot\varepsilon$ with normal
# noise: as likely forth as back, so the two $q$ cancel, and what is left is Metropolis' rule of
# 1953.


# %% name="target"
def log_p(z):
    """A log density, up to a constant that the walk does not need."""
    return -(z**2) / 2 - z**4 / 10 + 0.7 * z


grid = np.linspace(-3, 3, 601)
density = np.exp(log_p(grid)) / np.trapezoid(np.exp(log_p(grid)), grid)

# %% [markdown] name="step-text"
# All chance comes in through the arguments: `eps` is the noise, `u` the coin. So your function
# has one right answer for each input.

# %% name="step" exercise="02.2"
check("02.2", mh_step)

# %% [markdown] name="matrix-text"
# ## Five states, where everything can be seen
#
# On five states the whole walk is a matrix $P$: from row $i$ to column $j$. Off the diagonal
# stands what is proposed *and* accepted. What is rejected **stays**, on the diagonal, beside
# $Q_{ii}$, the proposal to stay. Where $Q_{ij} = 0$ nothing is proposed, so $P_{ij} = 0$; there
# the ratio may read 0/0.

# %% name="matrix" exercise="02.3"
check("02.3", transition_matrix)

# %% [markdown] name="matrix-seen-text"
# Two things to see. If the mass is spread as $\pi$, one step leaves it so: $\pi P = \pi$. And
# the walk gets there from anywhere, because every state can be reached. `weights` below do not
# sum to one, as a log joint's do not.

# %% name="five-states"
transition_matrix = ready("02.3", transition_matrix)
weights = np.array([3.0, 1.0, 6.0, 2.0, 8.0])
pi = weights / weights.sum()
Q = np.full((5, 5), 0.2)  # propose any of the five
P = transition_matrix(weights, Q)
print("largest |pi P - pi|:", f"{abs(pi @ P - pi).max():.0e}")
for steps in (1, 5, 20):
    print(f"{steps:2} steps from state 0:", np.linalg.matrix_power(P, steps)[0].round(4))
print("pi:                  ", pi.round(4))

# %% name="five-states-claim" tags=["claim"]
from vi_lab.teach.blindness import invisible

assert invisible("02.1", 1.0, 0.0, 0.5, 0.5) == (33, 46)
assert np.allclose(pi @ P, pi) and np.allclose(P, transition_matrix(pi, Q))
assert abs(np.linalg.matrix_power(P, 20)[0] - pi).max() < 5e-5

# %% [markdown] name="cancels-text"
# The matrix is the same for `weights` and for `pi`: a constant in front of $p$ cancels. That is
# why Metropolis-Hastings needs the log joint only.
#
# ## A rate is positive: walk on its logarithm
#
# A walk with normal steps would leave the positive numbers. So let it walk over $y = \log r$.
# But a density is per unit of its variable: $p(y)\,dy = p(r)\,dr$, and $dr/dy$ is part of it. Of
# $n$ rates the log joint is a sum of $n$ such terms, one number.

# %% name="log-rates" exercise="02.4"
check("02.4", log_target)

# %% [markdown] name="walk-text"
# ## The walk, and its step
#
# Back to the line. A chain is a loop over your step; what you keep of each is where you *are*.

# %% name="step-again"
mh_step = ready("02.2", mh_step)

# %% name="run" exercise="02.5"
check("02.5", run)

# %% name="walk-picture" tags=["expected"]
run = ready("02.5", run)
rng = np.random.default_rng(0)
eps, u = rng.standard_normal(40), rng.random(40)
path = np.concatenate([[-1.5], run(-1.5, eps, u, 1.5)])
proposed, moved = path[:-1] + 1.5 * eps, np.diff(path) != 0

ax = plots.panels(size=(6.4, 3.6))[1][0, 0]
ax.fill_between(grid, 1.5 - 12 * density, 1.5, color=colours.PALE, linewidth=0, label="target")
ax.plot(path, np.arange(41), color=colours.ORANGE, linewidth=1)
ax.plot(path[1:], np.arange(1, 41), "o", color=colours.ORANGE, markersize=4, label="where it is")
ax.plot(proposed[~moved], np.arange(1, 41)[~moved], "x", color=colours.VERMILION, label="rejected")
ax.set(
    title="A rejected proposal counts the old place again", xlabel="z", ylabel="step (downwards)"
)
ax.set(xlim=(-3.4, 4.5), ylim=(41, -8))
ax.legend(loc="lower right")
words = f"40 steps of a Metropolis walk under the target density; {moved.sum()} proposals accepted"
plots.describe(ax, words + ", the others marked by crosses, where the walk stays.")
plots.show(ax)

# %% name="acceptance" prediction="02.a"
predict("02.a", 0.5)

# %% name="three-steps"
noise, coins = rng.standard_normal(1000), rng.random(1000)
traces = {step: run(-2.0, noise, coins, step) for step in (0.01, 2.0, 60.0)}
accepted = {step: np.mean(np.diff(x, prepend=-2.0) != 0) for step, x in traces.items()}
reveal("02.a", accepted[0.01])

# %% name="traces-picture" tags=["answer"]
figure, axes = plots.panels(3, 1, size=(6.4, 5.2), sharex=True, sharey=True)
for ax, (step, trace) in zip(axes[:, 0], traces.items(), strict=True):
    ax.plot(trace, color=colours.ORANGE, linewidth=1)
    ax.set_title(f"step {step:g}: {accepted[step]:.0%} accepted", fontsize=10)
    ax.set_ylabel("z")
    plots.describe(ax, f"Step {step:g}: {accepted[step]:.0%} accepted, from -2 to {trace[-1]:.2f}.")
axes[2, 0].set_xlabel("step of the walk")
plots.show(figure)

# %% [markdown] name="traces-said"
# <details><summary>What the three say</summary>
#
# The same noise in all three. A tiny step is nearly always accepted and gets nowhere; a huge one
# is nearly always refused. **Acceptance is no measure of quality.**
#
# </details>
#
# ## Has it arrived?
#
# One chain cannot say. Start several, far apart, and ask whether they can be told apart: is the
# variance of all draws together larger than the variance within a chain? With $W$ the mean
# variance within chains of $n$ draws and $B/n$ the variance of their means,
#
# $$\hat R = \sqrt{\frac{\frac{n-1}{n} W + B/n}{W}} .$$

# %% name="rhat" exercise="02.6"
check("02.6", rhat)

# %% name="rhat-picture" tags=["expected"]
rhat = ready("02.6", rhat)
figure, axes = plots.panels(1, 2, size=(8.4, 3.2), sharey=True)
for ax, step in zip(axes[0], (0.12, 2.0), strict=True):
    starts = (-2.5, -1.0, 1.0, 2.5)
    x = np.array([run(z, rng.standard_normal(300), rng.random(300), step) for z in starts])
    for chain, colour in zip(x, colours.COMPONENTS, strict=False):
        ax.plot(chain, color=colour, linewidth=0.8)
    words = f"step {step:g}: R-hat {rhat(x[:, 150:]):.3f}"
    ax.set(title=words, xlabel="step of the walk")
    plots.describe(ax, f"Four chains from {starts}, {words} over the second half.")
axes[0, 0].set_ylabel("z")
plots.show(figure)

# %% [markdown] name="rhat-said"
# On the left four chains of one sampler tell four stories. On the right they agree. R-hat near 1
# does not prove arrival: four chains that all miss the same mode agree as well (lesson 09). Most
# programs cut each chain in two first, so that a drift shows too.
#
# ## What is a draw worth?
#
# Draws that resemble the draw before are worth less. With $\rho_k$ the correlation of draws $k$
# steps apart, the mean of $n$ draws is as good as that of $n / (1 + 2\sum_k \rho_k)$ independent
# ones: the **effective sample size**. A star marks an exercise beyond the core path.

# %% name="ess" exercise="02.7"
check("02.7", ess)

# %% name="best-rate" prediction="02.b"
predict("02.b", "about 0.7")

# %% name="smaller" prediction="02.c"
predict("02.c", "more")

# %% name="correlations"
ess = ready("02.7", ess)


def correlations(x):
    """Autocorrelations of lags 1, 2, ... before the first negative one: beyond, noise alone."""
    power = np.abs(np.fft.rfft(x - x.mean(), 2 * len(x))) ** 2
    rho = np.fft.irfft(power)[: len(x)] / np.sum((x - x.mean()) ** 2)
    return rho[1 : np.argmax(rho < 0)]


n, steps = 20_000, np.array([0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 9.0, 16.0])
noise, coins = rng.standard_normal(n), rng.random(n)
walks = {step: run(0.0, noise, coins, step) for step in steps}
rates = np.array([np.mean(np.diff(x) != 0) for x in walks.values()])
worth = np.array([ess(correlations(x), n) for x in walks.values()])
best = np.argmax(worth)

# %% name="ess-picture" tags=["answer"]
figure, axes = plots.panels(1, 2, size=(8.4, 3.4))
left, right = axes[0]
for step, colour in ((0.25, colours.BLUE), (2.0, colours.ORANGE), (16.0, colours.GREEN)):
    rho = correlations(walks[step])[:60]
    left.plot(np.arange(1, len(rho) + 1), rho, color=colour, label=f"step {step:g}")
left.set(title="Autocorrelation", xlabel="lag", ylabel="correlation")
left.legend()
right.plot(rates, worth / n, "o-", color=colours.ORANGE, markersize=4)
right.set(title="Worth of a draw", xlabel="share accepted", ylabel="effective draws / draws")
right.annotate(
    f"step {steps[best]:g}", (rates[best], worth[best] / n), (8, 0), textcoords="offset points"
)
plots.describe(left, "Correlation against lag: quick fall at step 2, slow at 0.25 and 16.")
plots.describe(right, f"Highest worth {worth[best] / n:.2f} at acceptance {rates[best]:.2f}.")
plots.show(figure)

# %% name="best-revealed"
reveal("02.b", f"about {rates[best]:.1f}")

# %% name="smaller-revealed"
reveal("02.c", "fewer" if worth[0] < worth[best] else "more")

# %% name="ess-claim" tags=["claim"]
assert 0.3 < rates[best] < 0.55 and accepted[0.01] > 0.95 and accepted[60.0] < 0.05
assert worth[0] < worth[best] / 20 and 2.2 < 2.0 / np.std(walks[2.0]) < 2.8

# %% [markdown] name="coal-text"
# <details><summary>What the curve says</summary>
#
# The best of these steps is about two and a half times as long as the density is wide (its sd is
# 0.8), and accepts less than half of what it proposes. In one dimension the optimum for a normal
# target is $0.44$, in many dimensions $0.234$ (Roberts, Gelman & Gilks 1997).
#
# </details>
#
# The package walks over any model, on real coordinates as in `02.4`, and steers the step during
# warmup. Coal-mining disasters in Britain, a year of change `s` and the rates before and after:

# %% name="coal"
coal = vl.problem("coal")
walkers, truth = vl.metropolis_hastings(coal, rng=2), vl.exact(coal)
print(f"accepted {walkers.acceptance_rate.mean():.2f}", "  R-hat", walkers.rhat()["rates"].round(3))
print("ESS of 4,000 draws: ", walkers.ess()["rates"].round(0))
print("means               ", walkers.mean("rates").round(3))
print("exact               ", truth.mean("rates").round(3))

# %% name="coal-claim" tags=["claim"]
assert walkers.rhat()["rates"].max() < 1.02
off = abs(walkers.mean("rates") - truth.mean("rates"))
assert np.all(off < 4 * truth.sd("rates") / np.sqrt(walkers.ess()["rates"]))

# %% [markdown] name="hunt-text"
# ## Hunt the bug
#
# Three samplers for a positive rate $r$ with $\log p(r) = 1.5 \log r - 1.7\, r$, the density of
# `02.4`: a Gamma(2.5, 1.7) with mean $2.5/1.7$. One of them is in a public program that was run
# for years. The lines are counted alike in all three.


# %% name="three-samplers"
def log_d(r):
    return 1.5 * np.log(r) - 1.7 * r


def reflect(r, eps, u):
    new = np.abs(r + 0.8 * eps)  # line 1
    ratio = log_d(new) - log_d(r)  # line 2
    return np.where(np.log(u) < ratio, new, r)  # line 3


def multiply(r, eps, u):
    new = r * np.exp(0.8 * eps)
    ratio = log_d(new) - log_d(r)
    return np.where(np.log(u) < ratio, new, r)


# %% name="third-sampler"
def logarithm(r, eps, u):
    new = r * np.exp(0.8 * eps)
    ratio = log_d(new) + np.log(new) - log_d(r) - np.log(r)
    return np.where(np.log(u) < ratio, new, r)


# %% [markdown] name="hunt-how"
# A test: start 20,000 walkers at **exact** draws. A sampler that leaves $p$ as it is keeps them
# spread as $p$, however few its steps. The three look alike: all stay positive, accept about
# half, mix well.

# %% name="hunt-test"
n = 20_000
print(f"exact      mean {2.5 / 1.7:.4f}")
for sampler in (reflect, multiply, logarithm):
    r = rng.gamma(2.5, 1 / 1.7, n)
    for _ in range(30):
        r = sampler(r, rng.standard_normal(n), rng.random(n))
    print(f"{sampler.__name__:10} mean {r.mean():.4f} ± {r.std() / np.sqrt(n):.4f}")

# %% name="hunt" choice="02.8"
choose("02.8", "multiply", "line 2")

# %% [markdown] name="story"
# <details><summary>The story (open it after your choice)</summary>
#
# A program in the code gallery of deal.II proposed log-normal moves and took them for symmetric.
# Its author had drawn 10¹¹ samples with it, about **15 CPU-years**, before he saw it: "these
# samples can all go into the trash" (dealii/code-gallery, pull request 64, 2020). Two classes
# called Metropolis-Hastings never read the proposal ratio (openturns issue 1260, breeze pull
# request 614). Nothing crashes, chains agree, R-hat is 1: only a comparison with known truth
# shows it.
#
# </details>

# %% [markdown] name="questions"
# ## Five questions
#
# <details><summary>Why is the old place counted again after a rejection?</summary>
# What is rejected is mass that stays. Without it the rows of P do not sum to one, and places
# hard to leave are visited too seldom.</details>
#
# <details><summary>Why may p(x) be unknown?</summary>
# Only ratios of p at two places are used; the constant cancels in each.</details>
#
# <details><summary>An acceptance rate of 99 %: good news?</summary>
# No. The steps are so short that the walk hardly moves; the effective sample size is
# small.</details>
#
# <details><summary>R-hat is 1. Is the answer right?</summary>
# Not for that. The chains agree with one another; all may agree on a wrong density (the hunt),
# or have missed the same mode.</details>
#
# <details><summary>When is the proposal ratio one?</summary>
# When the way back is as likely as the way forth: a step added with symmetric noise, a fold at a
# wall. A factor is not an added step.</details>

# %% [markdown] name="next"
# ## To read next
#
# - MacKay, *Information Theory, Inference, and Learning Algorithms* (2003), chapter 29.
# - Bishop, *Pattern Recognition and Machine Learning* (2006), section 11.2: detailed balance is
#   eq. 11.40, the acceptance probability eq. 11.44.
# - Vehtari et al., *Rank-normalization, folding, and localization: an improved R-hat* (2021).
# - In the package: `vi_lab/inference/metropolis_hastings.py`, and `vi_lab.testing.rank_test`,
#   which is the hunt's test made exact.

# %% name="card"
card("02")
