# %% [markdown] name="title"
# # Lesson 08 · Where did the nats go?
#
# - An ELBO is low: is the model poor, or the inference?
# - Which gap closes with what?
# - How is $\log p(x)$ found, when the posterior has no formula?
# - Is a difference between two means real?
#
# **75 minutes** · needs lessons 04, 06 and 07

# %% name="setup"
import numpy as np

import vi_lab as vl
from vi_lab import plots
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution

digits = vl.problem("digits").model
fit, x = digits.fit, digits.x  # a trained VAE, and 20 pictures that it never saw
print(f"lesson 08, vi_lab {vl.__version__}")
print(fit)

# %% [markdown] name="heights-text"
# ## Three heights
#
# For one picture, with $q$ what the encoder says and $q^*$ the best Gaussian without correlations
# for this very picture:
#
# $$\mathrm{ELBO}(q) \;\le\; \mathrm{ELBO}(q^*) \;\le\; \log p(x).$$
#
# The first step is the **amortisation gap**: one encoder serves all pictures. The second is the
# **approximation gap**: no Gaussian with upright axes is the posterior. And if $\log p(x)$ itself
# is low, no $q$ can help: then the decoder is poor.

# %% name="which-larger" prediction="08.a"
predict("08.a", "the shape's")

# %% [markdown] name="weights-text"
# ## The height at the top
#
# $p(x)$ is an average under $q$:
#
# $$p(x) = \int q(z)\,\frac{p(x, z)}{q(z)}\,dz \approx \frac1K \sum_k w_k, \qquad
# \log w_k = \log p(x, z_k) - \log q(z_k), \quad z_k \sim q.$$
#
# With $K = 1$ the logarithm of the average is, on average, the ELBO. With $K \to \infty$ it is
# $\log p(x)$. Between the two it climbs with every draw (Burda et al. 2016).

# %% name="importance" exercise="08.1"
check("08.1", importance_log_evidence)

# %% name="ten-draws" prediction="08.b"
predict("08.b", "a third")


# %% name="weights"
def log_normal(z, m, logvar):
    return -0.5 * ((z - m) ** 2 / np.exp(logvar) + logvar + np.log(2 * np.pi)).sum(-1)


def log_likelihood(x, z):
    pixels = fit.decode(z)
    return np.log(np.where(x == 1, pixels, 1 - pixels)).sum(-1)


m, logvar = fit.encode(x)
z = m + np.exp(logvar / 2) * np.random.default_rng(8).standard_normal((600, 20, 2))
log_w = log_likelihood(x, z) + log_normal(z, 0.0, np.zeros(2)) - log_normal(z, m, logvar)

# %% name="bounds"
importance_log_evidence = ready("08.1", importance_log_evidence)
gaps = fit.gaps(x)  # log p(x) by quadrature, and what lies below it
top = gaps.log_evidence.mean()
sizes = [1, 2, 5, 10, 30, 100, 300]
heights = []
for K in sizes:
    groups = log_w.reshape(-1, K, 20).transpose(0, 2, 1).reshape(-1, K)
    heights.append(np.mean([importance_log_evidence(group) for group in groups]))

# %% name="bounds-picture" tags=["answer"]
_, axes = plots.panels(size=(6.4, 3.6))
ax = axes[0, 0]
with plots.house_style():
    ax.axhline(top, color="black", label="log p(x), by quadrature")
    ax.semilogx(sizes, heights, "o-", color="#CC79A7", label="log of the mean of K weights")
    ax.axhline(heights[0], color="#0072B2", linestyle="--", label="K = 1: the ELBO")
    ax.set(xlabel="K", ylabel="nats a picture", title="Each draw lifts the bound")
    ax.legend(loc="center right")
plots.describe(
    ax,
    f"From {heights[0]:.2f} nats at K = 1 to {heights[-1]:.2f} at 300, under {top:.2f}, log p(x).",
)
plots.show(ax)

# %% name="ten-draws-revealed"
share = (heights[3] - heights[0]) / (top - heights[0])
print(f"ten draws close {100 * share:.0f} % of the gap")
reveal("08.b", "a third" if 0.2 < share < 0.5 else "more than half" if share > 0.5 else "a tenth")

# %% [markdown] name="split-text"
# A better *number*, mind: $q$ has not moved by a hair. Now the gaps. What inference hides is their
# sum; all the rest is the model's. Three plain numbers come in; keep the signs, for a negative gap
# is a warning.

# %% name="split" exercise="08.2"
check("08.2", split)

# %% name="gaps"
split = ready("08.2", split)
best = gaps.elbo + gaps.amortisation
mine = np.array([split(*row) for row in zip(gaps.elbo, best, gaps.log_evidence, strict=True)])
print("means of the two gaps:", mine.mean(axis=0).round(3))
print(f"log p(x) is {top:.2f} nats a picture; inference hides {mine.sum() / 20:.2f} more")

# %% name="sorted-picture"
order = np.argsort(mine.sum(axis=1))
_, axes = plots.panels(size=(6.4, 3.4))
ax = axes[0, 0]
with plots.house_style():
    ax.bar(range(20), mine[order, 1], color="#56B4E9", label="approximation: the shape of q")
    ax.bar(range(20), mine[order, 0], bottom=mine[order, 1], color="#CC79A7", label="amortisation")
    ax.set(
        xlabel="pictures, sorted", ylabel="nats", xticks=[], title="Twenty pictures, two gaps each"
    )
    ax.legend(loc="upper left")
plots.describe(
    ax,
    f"Gaps of 20 pictures, from {mine.sum(1).min():.2f} to {mine.sum(1).max():.2f} nats in all, "
    f"the approximation gap at most {mine[:, 1].max():.2f}.",
)
print(reveal("08.a", "the encoder's" if mine[:, 0].mean() > mine[:, 1].mean() else "the shape's"))
plots.show(ax)

# %% [markdown] name="climb-text"
# ## The height in the middle
#
# $\mathrm{ELBO}(q^*)$ is found by leaving the encoder and climbing, for one picture alone. You get
# the slope as a function, the rules of lesson 07 chained. No noise is in it: $\mathbb{E}_q$ is a
# sum over fixed nodes.

# %% name="best-q" prediction="08.c"
predict("08.c", "both gaps")

# %% name="climb" exercise="08.3"
check("08.3", climb)

# %% [markdown] name="slope-text"
# On a real picture, in units of the encoder's own standard deviations, so that the same steps are
# safe. The start, 0 and 0, is what the encoder says.

# %% name="slope"
p, one = fit.params, int(np.argmax(gaps.amortisation))
W1, b1 = p["decoder.0.weight"], p["decoder.0.bias"]
W2, b2 = p["decoder.out.weight"], p["decoder.out.bias"]


def elbo_and_slope(u, w, eps, shares):
    """The ELBO of N(m + sd u, variance e^w) for one picture, and its slope by u and w."""
    sd = np.exp(logvar[one] / 2)
    mean, lv = m[one] + sd * u, logvar[one] + w
    z = mean + np.exp(lv / 2) * eps
    h = np.tanh(z @ W1.T + b1)
    logits = h @ W2.T + b2
    log_x = (x[one] * logits - np.logaddexp(0, logits)).sum(-1)
    dz = ((x[one] - 1 / (1 + np.exp(-logits))) @ W2 * (1 - h**2)) @ W1
    dlv = shares @ (dz * eps) * np.exp(lv / 2) / 2 - (np.exp(lv) - 1) / 2
    value = shares @ log_x - (mean**2 + np.exp(lv) - 1 - lv).sum() / 2
    return value, sd * (shares @ dz - mean), dlv


# %% name="climb-one"
climb = ready("08.3", climb)
nodes, weights = np.polynomial.hermite_e.hermegauss(12)
eps = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
shares = np.outer(weights, weights).ravel() / weights.sum() ** 2
u, w = climb(np.zeros(2), np.zeros(2), lambda u, w: elbo_and_slope(u, w, eps, shares)[1:])
reached = elbo_and_slope(u, w, eps, shares)[0]
print(
    f"the encoder's q {gaps.elbo[one]:.4f}, climbed to {reached:.4f}, vi_lab's best {best[one]:.4f}"
)
closed, left = best[one] - reached < 1e-3, gaps.log_evidence[one] - reached > 0.01
reveal("08.c", "the amortisation gap" if closed and left else "both gaps" if closed else "neither")

# %% [markdown] name="climb-told"
# An encoder as large as you like could give each picture its $q^*$: the amortisation gap goes to 0.
# But $q^*$ is still an upright Gaussian. The other gap stays where it was.
#
# And $\log p(x)$, with only two latents: a plain grid.

# %% name="plane" exercise="08.4"
check("08.4", log_evidence_2d)

# %% name="plane-one"
log_evidence_2d = ready("08.4", log_evidence_2d)
axis = np.arange(-5, 5, 0.05)
grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
log_joint = log_likelihood(x[one], grid) + log_normal(grid, 0.0, np.zeros(2))
print(f"grid {log_evidence_2d(log_joint, 0.05):.9f}, vi_lab {gaps.log_evidence[one]:.9f}")

# %% name="posterior-picture" tags=["expected"]
sd, (_, axes) = np.exp(logvar[one] / 2), plots.panels(size=(5.6, 4.6))
ax = axes[0, 0]
shown = {"posterior": (log_joint, "#000000")}
shown["the encoder's q"] = (log_normal(grid, m[one], logvar[one]), "#CC79A7")
shown["the best q"] = (log_normal(grid, m[one] + sd * u, logvar[one] + w), "#0072B2")
with plots.house_style():
    for name, (log_density, colour) in shown.items():
        levels = log_density.max() - np.log([10, 2])
        ax.contour(axis, axis, log_density.T, levels, colors=colour, linestyles="solid")
        ax.plot([], [], color=colour, label=name)
    ax.set(xlabel="z[0]", ylabel="z[1]", title="The picture on which the encoder is worst")
    ax.set(xlim=m[one, 0] + sd[0] * np.array([-7, 7]), ylim=m[one, 1] + sd[1] * np.array([-7, 7]))
    ax.legend(loc="best")
plots.describe(ax, "Three contours: the best q lies on the posterior, the encoder's beside it.")
plots.show(ax)

# %% [markdown] name="cures-text"
# ## What closes what
#
# So each gap has a cause of its own.

# %% name="cures" choice="08.5"
choose(
    "08.5",
    "the amortisation gap",
    "the approximation gap",
    "what the model lacks",
    "the error of the number",
)

# %% [markdown] name="error-text"
# ## Is it real?
#
# Twenty pictures are not all pictures. A mean of 20 has a **standard error**: about how far the
# mean of another 20 would lie from it.

# %% name="standard-error" exercise="08.6"
check("08.6", standard_error)

# %% name="waterfall-picture" tags=["answer"]
standard_error = ready("08.6", standard_error)
errors = [standard_error(gap) for gap in mine.T]
ax = plots.gap_waterfall(gaps)
low, high = gaps.elbo.mean() + np.cumsum(mine.mean(axis=0))
for at, height, error in ((1.22, low, errors[0]), (2.22, high, errors[1])):
    ax.errorbar(at, height, error, color="#000000", capsize=5)
plots.describe(ax, f"Bars of one standard error: {errors[0]:.3f} and {errors[1]:.3f}.")
plots.show(ax)

# %% name="difference"
difference = mine[:, 0] - mine[:, 1]
print(f"difference of the gaps {difference.mean():.2f} ± {standard_error(difference):.2f} nats")
print(f"in units of its standard error: {difference.mean() / standard_error(difference):.1f}")

# %% [markdown] name="error-told"
# Both gaps belong to the same pictures, so the difference is taken picture by picture, and *its*
# standard error is what counts. At more than two standard errors the order may be claimed; the
# second digit may not. One more thing is in no error bar: this is one decoder from one training.
#
# ## Hunt: a negative KL
#
# Somebody has no fixed nodes. Three draws of noise, a climb on them, and the KL by subtraction:

# %% name="hunt"
noise, third = np.random.default_rng(3).standard_normal((3, 2)), np.ones(3) / 3
u3, w3 = climb(np.zeros(2), np.zeros(2), lambda u, w: elbo_and_slope(u, w, noise, third)[1:])
print(f"KL = {gaps.log_evidence[one] - elbo_and_slope(u3, w3, noise, third)[0]:.3f}")

# %% name="hunt-choice" choice="08.7"
choose("08.7", "one sample used twice")

# %% name="hunt-told"
fresh = gaps.log_evidence[one] - elbo_and_slope(u3, w3, eps, shares)[0]
print(f"the same q on nodes that it was not fitted to: KL = {fresh:.3f}")

# %% [markdown] name="falls-text"
# ## Every model has a waterfall
#
# No encoder, no picture: eight schools, whose effects come from one normal of unknown width. From
# $\log p(x)$ down: what no Gaussian has, what covariances are worth, what independent blocks cost
# beside them.

# %% name="falls" tags=["answer"]
fall = vl.waterfall("eight-schools", rng=0)
other = vl.gaussian_vi("eight-schools", parameterisation="noncentred", rng=0)
print(
    f"a diagonal Gaussian of other coordinates: {fall.levels[0].nats - other.elbo:.3f} nats short"
)
plots.show(plots.gap_waterfall(fall))

# %% name="falls-choice" choice="08.8"
choose("08.8", "other coordinates")

# %% [markdown] name="scales-text"
# ## An estimate on the scales
#
# Elsewhere $\log p(x)$ is estimated, and nobody can say how well. Here is `clutter`, of which it is
# known to twelve digits. Importance sampling draws from a Gaussian $q$, bridge sampling from $q$ and
# the posterior, prior sampling from $p(z)$. The harmonic mean takes draws of the posterior alone:
#
# $$\frac{1}{p(x)} = \int \frac{p(z \mid x)}{p(x \mid z)}\,dz
# \approx \frac1n \sum_i \frac{1}{p(x \mid z_i)}, \qquad z_i \sim p(z \mid x).$$

# %% name="scales"
weighed = {
    method: [vl.evidence("clutter", method=method, rng=seed, draws=1000) for seed in range(3)]
    for method in ("importance", "bridge", "prior", "harmonic")
}
for method, (first, *others) in weighed.items():
    print(f"{method:10} {first.value:8.3f} ± {first.error:.3f}, off by {first.off:+.3f};", end="")
    print(" other seeds", *(f"{e.off:+.3f}" for e in others))

# %% name="scales-choice" choice="08.9"
choose("08.9", "weights that are largest where no draw is")

# %% name="claims" tags=["claim"]
assert all(abs(e.off) < 4 * e.error for m in ("importance", "bridge", "prior") for e in weighed[m])
assert all(e.off > 1 and np.isnan(e.error) for e in weighed["harmonic"])
assert fall.holds and fall.bars[0].nats > 1 > fall.bars[1].nats > 0.5
assert fall.levels[0].nats - other.elbo < 0.3
assert (np.diff(heights) > 0).all() and heights[-1] < top + 0.01
assert difference.mean() > 2 * standard_error(difference) and (mine > 0).all()
assert abs(best[one] - reached) < 1e-3
assert abs(log_evidence_2d(log_joint, 0.05) - gaps.log_evidence[one]) < 1e-5
assert elbo_and_slope(u3, w3, noise, third)[0] > gaps.log_evidence[one] and fresh > 0

# %% [markdown] name="questions"
# The kind stands in public: in *RuiShu/one-bit-vae*, issue 1, a reader sees the KL of a two-layer
# VAE go negative, and traces it to one draw that serves two ends, the KL and the prior that it is
# compared with.
#
# ## Five questions
#
# <details><summary>1. The ELBO of model A is higher than that of B. Is A the better model?</summary>
# Not yet. B may have the higher log p(x) and the larger gaps.
# </details>
#
# <details><summary>2. A larger encoder lowers the training loss and not log p(x). How?</summary>
# It closes the amortisation gap. log p(x) is made of prior and decoder.
# </details>
#
# <details><summary>3. Why is the log of an average of weights too low on average, and never too
# high?</summary> The logarithm bends down (Jensen): the mean of the log lies below the log of the
# mean, which is log p(x). Single runs may lie above.
# </details>
#
# <details><summary>4. Why not get the KL of the best q by subtraction?</summary>
# Then a mistake in either number hides: nothing is left to check. Three routes, one identity.
# </details>
#
# <details><summary>5. Why compare gaps picture by picture?</summary>
# Hard pictures have both gaps large. The difference within a picture does not carry that spread.
# </details>
#
# ## Read next
#
# - Cremer, Li & Duvenaud (2018), *Inference suboptimality in variational autoencoders*: the two
#   gaps.
# - Burda, Grosse & Salakhutdinov (2016), *Importance weighted autoencoders*, equation (8) and
#   theorem 1.
# - Neal (2008), *The harmonic mean of the likelihood: worst Monte Carlo method ever*.
# - MacKay (2003), *Information Theory, Inference, and Learning Algorithms*, 29.2: importance
#   sampling.

# %% name="card"
card("08")
