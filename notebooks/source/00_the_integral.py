# %% [markdown] name="title"
# # Lesson 00. The integral in the way
#
# - Can I write a log joint?
# - Why is $p(x)$ hard? When is it easy?
# - What is a nat?
#
# **45 minutes**, slides 2 and 3. Needs: probability densities, Python with NumPy.
#
# Data $x$ are seen, something $z$ is hidden. Bayes' rule says what the data tell about it:
#
# $$p(z \mid x) = \frac{p(x \mid z)\, p(z)}{p(x)}, \qquad p(x) = \int p(x \mid z)\, p(z)\, dz$$
#
# $p(z)$ is the **prior**, $p(x \mid z)$ the **likelihood**, their product the **joint**; $p(x)$ is the
# **evidence**, $p(z \mid x)$ the **posterior**. Where it says **Predict**, commit a guess before you run
# on. `check("00.1", f)` judges the function `f` itself; `hint("00.1")` helps in three steps.

# %% name="setup"
import numpy as np
from scipy.special import betaln, gammaln

import vi_lab as vl
from vi_lab import plots
from vi_lab.plots import colours
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution

print(f"lesson 00, vi_lab {vl.__version__}")

# %% [markdown] name="coin-text"
# ## The numerator is yours to write
#
# A coin shows heads with probability $\theta$, which nobody knows. The story of the data:
# $\theta \sim \mathrm{Beta}(a, b)$, a density $\theta^{a-1} (1-\theta)^{b-1} / B(a, b)$, where
# `betaln(a, b)` is $\log B(a, b)$; and each toss is heads with probability $\theta$. We saw one
# sequence of 14 heads and 6 tails. With logarithms a product becomes a sum, and nothing underflows:
#
# $$\log p(\theta, x) = \log p(\theta) + \log p(x \mid \theta)$$

# %% name="coin" exercise="00.1"
check("00.1", log_joint)

# %% [markdown] name="curves-text"
# Prior times likelihood, point by point. Divided by its area it is the posterior.

# %% name="curves" tags=["expected"]
log_joint = ready("00.1", log_joint)
theta = np.linspace(0.001, 0.999, 999)
curves = {"prior": log_joint(theta, 0, 0, 2, 2), "likelihood": log_joint(theta, 14, 6, 1, 1),
          "posterior": log_joint(theta, 14, 6, 2, 2)}  # fmt: skip
figure, ((ax,),) = plots.panels(size=(6.4, 3.2))
for (name, curve), colour in zip(
    curves.items(), (colours.ORANGE, colours.GREEN, colours.BLACK), strict=True
):
    area = np.exp(curve - curve.max())
    ax.plot(theta, area / area.sum() / 0.001, color=colour, label=name)
ax.set(title="Prior × likelihood ∝ posterior", xlabel="θ", ylabel="density, area 1")
ax.legend()
plots.show(ax, alt="Three curves over theta: a flat, wide prior around 0.5, a likelihood "
           "that peaks at 0.7, and the posterior between them, near 0.67.")  # fmt: skip

# %% [markdown] name="peak-text"
# ## Numbers that underflow
#
# `np.exp(-1000)` is 0.0 on every computer, and the log of a sum of zeros is lost. The cure is the most
# used line of this course: take the largest out, and add it back.
#
# $$\log \sum_i e^{a_i} = m + \log \sum_i e^{a_i - m}, \qquad m = \max_i a_i$$

# %% name="peak" exercise="00.2"
check("00.2", log_sum_exp)

# %% [markdown] name="grid-text"
# ## The denominator by adding up
#
# $p(x)$ is the area under the joint. On an even grid each point stands for a cell as wide as the step.
# The answer is a logarithm, in **nats**: one nat is a factor of $e$, as one bit is a factor of 2.

# %% name="grid" exercise="00.3"
check("00.3", evidence_grid)

# %% [markdown] name="mass-text"
# On a grid, mass and density are easily mixed up.

# %% name="mass" choice="00.7"
choose("00.7", "C")

# %% [markdown] name="conjugate-text"
# ## When it is easy
#
# Prior and likelihood of the coin are both powers of $\theta$ and of $1 - \theta$, and so is their
# product. The posterior is in the family of the prior: the prior is **conjugate**.

# %% name="posterior" exercise="00.4"
check("00.4", coin_posterior)

# %% [markdown] name="closed-text"
# Then the integral is known too: $\int \theta^{a-1} (1-\theta)^{b-1} d\theta = B(a, b)$,
# for every positive $a$ and $b$.

# %% name="closed" exercise="00.5"
check("00.5", log_evidence)

# %% name="agree"
evidence_grid, log_evidence = ready("00.3", evidence_grid), ready("00.5", log_evidence)
grid = np.linspace(1e-6, 1 - 1e-6, 2001)
print(f"grid        {evidence_grid(log_joint(grid, 14, 6, 2, 2), grid):.6f} nats")
print(f"closed form {log_evidence(14, 6, 2, 2):.6f} nats")

# %% name="agree-claim" tags=["claim"]
assert abs(evidence_grid(log_joint(grid, 14, 6, 2, 2), grid) - log_evidence(14, 6, 2, 2)) < 1e-6

# %% [markdown] name="compare-text"
# The evidence compares priors (and models): it says how well each foretold the data, before they came.

# %% name="compare-guess" prediction="00.c"
predict("00.c", "Beta(1, 1)")

# %% name="compare"
priors = {"Beta(1, 1)": (1, 1), "Beta(20, 20)": (20, 20), "Beta(2, 20)": (2, 20)}
nats = {name: log_evidence(14, 6, *ab) for name, ab in priors.items()}
print({name: round(float(value), 3) for name, value in nats.items()})
reveal("00.c", max(nats, key=nats.get))

# %% [markdown] name="cost-text"
# ## When it is hard
#
# With one unknown a grid is cheap. In 1882 Newcomb timed light 66 times; mean $\mu$ and precision
# $\tau$ are both unknown:
#
# $$\tau \sim \mathrm{Gamma}(2, 50), \qquad \mu \mid \tau \sim N\big(20, 1/(0.1\,\tau)\big), \qquad
# x_i \sim N(\mu, 1/\tau)$$
#
# 2 is the **shape** and 50 the **rate** of the density $b^a \tau^{a-1} e^{-b\tau} / \Gamma(a)$; `gammaln(a)`
# is $\log \Gamma(a)$. The second number of $N$ is a variance.

# %% name="newcomb" exercise="00.8"
check("00.8", newcomb_log_joint)

# %% name="plane"
newcomb_log_joint = ready("00.8", newcomb_log_joint)
x = vl.problem("newcomb").model.x
mu, tau = np.linspace(15, 38, 100), np.linspace(1e-4, 0.03, 100)
table = [[newcomb_log_joint(x, m, t, 20, 0.1, 2, 50) for t in tau] for m in mu]
cells = np.log((mu[1] - mu[0]) * (tau[1] - tau[0]))
print(
    f"{mu.size * tau.size:,} evaluations: {np.logaddexp.reduce(np.ravel(table)) + cells:.4f} nats"
)
print(f"closed form: {vl.exact(vl.problem('newcomb')).log_evidence:.4f} nats")

# %% name="cost" choice="00.6"
choose("00.6", "400^d")

# %% name="cost-guess" prediction="00.a"
predict("00.a", 10)

# %% name="cells" tags=["answer"]
figure, axes = plots.panels(1, 3, size=(7.6, 2.6))
for d, ax in enumerate(axes[0], 1):
    cells = np.stack(np.meshgrid(*[np.arange(7)] * d), axis=-1).reshape(-1, d)
    x, y, depth = np.pad(cells, ((0, 0), (0, 3 - d))).T
    ax.plot(x + 0.4 * depth, y + 0.3 * depth, "s", color=colours.BLUE, markersize=2.5)
    ax.set(title=f"unknowns: {d}, cells: {7**d}", xticks=[], yticks=[], xlim=(-1, 10), ylim=(-1, 9))
plots.show(
    figure, alt="Seven cells in a row, 49 in a square, 343 in a cube: one, two, three unknowns."
)

# %% name="cost-line"
d = np.arange(1, 11)
figure, ((ax,),) = plots.panels(size=(6.4, 2.8))
ax.semilogy(d, 400.0**d, "o-", color=colours.BLUE)
ax.set(title="400 points an unknown", xlabel="unknowns", ylabel="evaluations")
print(reveal("00.a", np.log10(400.0**10)))
plots.show(
    ax, alt="Evaluations against unknowns on a log axis: a straight line, from 400 to over 10^25."
)

# %% [markdown] name="cost-answer"
# <details><summary>What this means</summary>
#
# At a million evaluations a second, ten unknowns take 3e+12 years. A picture has hundreds of unknowns.
# There are two ways out: **Monte Carlo** draws from the posterior without knowing $p(x)$ (lessons 02
# and 03), and **variational inference** looks for the nearest easy distribution (lesson 01 and 04).
#
# </details>

# %% name="cost-claim" tags=["claim"]
print(f"{400.0**10 / 1e6 / 3.156e7:.0e} years")

# %% [markdown] name="wide-text"
# One more thing about $p(x)$: it is an average of the likelihood over the **prior**.

# %% name="wide-guess" prediction="00.b"
predict("00.b", "stays")

# %% name="wide"
widths = {k: vl.problem("newcomb", kappa0=0.1 / k**2) for k in (1, 10, 100)}
nats = [vl.exact(p).log_evidence for p in widths.values()]
print({f"{k} times as wide": round(float(n), 3) for k, n in zip(widths, nats, strict=True)})
reveal("00.b", "falls" if nats[2] < nats[1] < nats[0] else "rises")

# %% [markdown] name="wide-answer"
# <details><summary>Why</summary>
#
# A prior that spreads its mass foretells everything a little. Each factor of ten in width costs about
# $\log 10$, 2.3 nats.
#
# </details>

# %% name="wide-claim" tags=["claim"]
print(f"{nats[1] - nats[2]:.1f} nats, log 10 {np.log(10):.1f}, 20 log ½ {20 * np.log(0.5):.1f}")
assert abs(nats[1] - nats[2] - np.log(10)) < 0.05

# %% [markdown] name="questions"
# ## Five questions
#
# <details><summary>1. Why is the posterior known up to a constant, and why is that not enough?</summary>
# The joint can be evaluated anywhere; but averages under the posterior need its sum to be one.
# </details>
# <details><summary>2. The evidence of 20 tosses is -13.6 nats. Is that little?</summary>
# A fair coin gives each sequence 20 log ½ = -13.9 nats. Evidence says something beside another one.
# </details>
# <details><summary>3. Why not count the number of orders of heads and tails?</summary>
# One sequence was seen. Counting orders adds a constant that is the same for all priors.
# </details>
# <details><summary>4. What would a grid need to be for a posterior that is very narrow?</summary>
# Fine where the mass is; evenly fine everywhere is waste, and with many unknowns impossible.
# </details>
# <details><summary>5. May a log density be positive?</summary>
# Yes: a density may be above one where it is narrow. A probability may not.
# </details>
#
# ## Read next
#
# - MacKay, *Information Theory, Inference, and Learning Algorithms*, chapters 3 (the bent coin) and 28
#   (Occam's razor: why a wide prior costs evidence).
# - Bishop, *Pattern Recognition and Machine Learning*, section 2.1: equation 2.18 is 00.4.

# %% name="card"
card("00")
