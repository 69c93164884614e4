# %% [markdown] name="title"
# # Lesson 01. The identity
#
# - What does KL measure, and which way round?
# - Why is the ELBO a bound?
# - Why is minimising one maximising the other?
# - What does a lost constant do?
#
# **80 minutes**, slides 5 to 14. Needs lesson 00: a log joint, and why $p(x)$ is hard.
#
# One identity is behind everything here. For **every** distribution $q$, good or bad,
#
# $$\log p(x) = \underbrace{\mathrm{ELBO}(q)}_{\text{what } q \text{ reaches}} +
# \underbrace{\mathrm{KL}[q \,\|\, p(z \mid x)]}_{\text{what } q \text{ misses}}$$
#
# First on four states, where every integral is a sum you can write; then on Newcomb's data. Where it
# says **Predict**, commit a guess before you run on. `hint("01.1")` helps in three steps.

# %% name="setup"
import numpy as np

import vi_lab as vl
from vi_lab import plots
from vi_lab.plots import colours
from vi_lab.results.tables import text
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution
from vi_lab.teach.lessons.exercises.forgetful import Forgetful

print(f"lesson 01, vi_lab {vl.__version__}")

# %% [markdown] name="states-text"
# ## How far is q from p?
#
# A hidden quantity $z$ has four states. We know the joint $p(z, x)$ of each state with the data that
# were seen. Its sum is $p(x)$, and divided by that it is the posterior. $q$ is somebody's guess.

# %% name="states"
joint = np.array([0.08, 0.06, 0.04, 0.02])
posterior = joint / joint.sum()
q = np.array([0.15, 0.2, 0.4, 0.25])

print("p(x)", joint.sum().round(6), " posterior", posterior.round(6), " q", q)

# %% [markdown] name="kl-text"
# In each state, $\log (q / p)$ says how much more $q$ believes than $p$ does. The Kullback-Leibler
# divergence is the average of that, **under $q$**:
#
# $$\mathrm{KL}[q \,\|\, p] = \sum_z q(z) \log \frac{q(z)}{p(z)}$$
#
# With the natural logarithm it is measured in nats.

# %% name="kl" exercise="01.1"
check("01.1", kl)

# %% name="kl-bars" tags=["expected"]
kl = ready("01.1", kl)
left, ratio = np.cumsum(q) - q, np.log(q / posterior)
figure, ((ax,),) = plots.panels(size=(6.4, 3.2))
ax.bar(left, ratio, q, align="edge", color=colours.BLUE, edgecolor="white")
ax.axhline(0, color=colours.BLACK, linewidth=0.8)
ax.set(title=f"The area is KL[q || p] = {kl(q, posterior):.4f} nats",
       xlabel="states, each as wide as q(z)", ylabel="log q(z)/p(z|x)")  # fmt: skip
plots.show(ax, alt="Four bars, one a state, as wide as q and as high as the log ratio of q to the "
           "posterior: two below zero, two above. Their signed area is the KL.")  # fmt: skip

# %% [markdown] name="positive-text"
# Bars below zero count as negative. Yet the sum never is: for every $u > 0$, $\log u \le u - 1$.
# Put $u = p/q$:
#
# $$-\mathrm{KL}[q \,\|\, p] = \sum q \log \frac{p}{q} \le \sum q \left(\frac{p}{q} - 1\right)
# = \sum p - \sum q = 0$$
#
# with equality only where $p = q$ everywhere. So **KL ≥ 0**, and that one line is why the ELBO is a
# bound.

# %% name="positive" tags=["expected"]
u, at = np.linspace(0.2, 2.9, 200), posterior / q
figure, ((ax,),) = plots.panels(size=(6.4, 3.2))
ax.plot(u, u - 1, color=colours.VERMILION, label="u − 1")
ax.plot(u, np.log(u), color=colours.BLUE, label="log u")
ax.vlines(at, np.log(at), at - 1, color=colours.GREY)
ax.plot(at, np.log(at), "o", color=colours.BLUE)
ax.set(title="log u never lies above u − 1", xlabel="u = p/q, one dot a state")
ax.legend()
plots.show(ax, alt="The line u - 1 touches the curve log u from above at u = 1; four dots, one a "
           "state, lie on the curve, each below the line.")  # fmt: skip

# %% [markdown] name="sides-text"
# ## Which way round?
#
# KL is no distance: $\mathrm{KL}[q \,\|\, p]$ and $\mathrm{KL}[p \,\|\, q]$ differ. Take a $p$ with two
# humps, and the normal $q$ that is nearest to it by one or by the other.

# %% name="sides-guess" prediction="01.d"
predict("01.d", "KL[q || p]")

# %% name="sides"
z = np.linspace(-6, 6, 1201)
p = 0.6 * np.exp(-0.5 * ((z - 2.2) / 0.7) ** 2) + 0.4 * np.exp(-0.5 * ((z + 2.2) / 0.7) ** 2)
p /= p.sum()


def nearest(divergence):
    """The mean and the sd on a grid at which a normal is nearest to p."""
    pairs = [(m, s) for m in np.arange(-1, 2.6, 0.1) for s in np.arange(0.5, 2.8, 0.1)]
    return min(pairs, key=lambda pair: divergence(bump(*pair), p))


def bump(m, s):
    """A normal on the grid, summing to one."""
    weights = np.exp(-0.5 * ((z - m) / s) ** 2) + 1e-300
    return weights / weights.sum()


# %% name="sides-picture"
fits = {"KL[q || p]": nearest(kl), "KL[p || q]": nearest(lambda a, b: kl(b, a))}
figure, ((ax,),) = plots.panels(size=(6.4, 3.2))
ax.fill_between(z, p, color=colours.PALE, label="p")
for (name, (m, s)), colour in zip(fits.items(), (colours.BLUE, colours.VERMILION), strict=True):
    ax.plot(z, bump(m, s), color=colour, label=f"least {name}: mean {m:.1f}, sd {s:.1f}")
ax.set(title="One hump, or both", xlabel="z", yticks=[])
ax.legend()
print(reveal("01.d", max(fits, key=lambda name: fits[name][1])))
plots.show(ax, alt="A density with two humps. The normal with the least KL[q || p] sits on the "
           "higher hump; the one with the least KL[p || q] is wide and covers both.")  # fmt: skip

# %% name="sides-claim" tags=["claim"]
assert fits["KL[q || p]"][1] < 1 and fits["KL[p || q]"][1] > 2
assert abs(fits["KL[p || q]"][0] - np.sum(p * z)) < 0.1

# %% [markdown] name="match-text"
# <details><summary>Why</summary>
#
# $\mathrm{KL}[q \,\|\, p]$ punishes $q$ for mass where $p$ has none, so $q$ hides in one hump.
# $\mathrm{KL}[p \,\|\, q]$ punishes $q$ for missing what $p$ has, so $q$ covers all.
#
# </details>
#
# Of all normals the one with the least $\mathrm{KL}[p \,\|\, q]$ has the mean and the variance of $p$: what
# $q$ adds to it is $-\mathbb{E}_p[\log q] = \frac{1}{2} \log (2 \pi v) + \mathbb{E}_p[(z - m)^2] / (2 v)$,
# least where $m$ is the mean of $p$, and then where $v$ is $\mathbb{E}_p[(z - m)^2]$. That takes averages
# under $p$, the very thing we do not have. For a mixture we have them: the averages of
# $z$ and of $z^2$ are the components' own, weighted, and under $N(m, s^2)$ that of $z^2$ is $m^2 + s^2$.

# %% name="match" exercise="01.7"
check("01.7", moment_match)

# %% [markdown] name="both-ways-text"
# Both ways round are methods. On `clutter` (twenty points, half of them noise) Gaussian variational
# inference takes the least $\mathrm{KL}[q \,\|\, p]$. Expectation propagation takes the other, one
# datum at a time, where the averages under $p$ can be had. CAVI (lesson 04) takes the first again, and
# gives each point a label, signal or noise, with a factor of its own.

# %% name="both-ways"
spread = vl.exact("clutter").sd("theta")
several = {
    "Gaussian VI": vl.gaussian_vi("clutter", rng=0),
    "EP": vl.expectation_propagation("clutter"),
    "CAVI": vl.cavi("clutter", rng=0, restarts=10),
}
for name, one in several.items():
    print(f"{name:12} has {one.sd('theta') / spread:.3f} of the true sd")

# %% name="both-ways-choice" choice="01.10"
choose("01.10", "EP covers the mass")

# %% name="both-ways-claim" tags=["claim"]
assert several["CAVI"].sd("theta") < several["Gaussian VI"].sd("theta") < 0.97 * spread
assert abs(several["EP"].sd("theta") / spread - 1) < 0.005

# %% [markdown] name="lines-text"
# ## Five lines
#
# $\mathrm{KL}[q \,\|\, p(z \mid x)]$ contains the posterior. Five lines take it out:
#
# $$\begin{aligned}
# \mathrm{KL} &= -\int q \log \frac{p(z \mid x)}{q} && (1)\\
# &= -\int q \log \frac{p(z, x)}{q\, p(x)} && (2)\\
# &= -\int q \log \frac{p(z, x)}{q} + \int q \log p(x) && (3)\\
# &= -\int q \,(\log p(z,x) - \log q) + \log p(x) && (4)\\
# &= -\big(\mathbb{E}_q[\log p(z,x)] - \mathbb{E}_q[\log q]\big) + \log p(x) && (5)
# \end{aligned}$$
#
# From (1) to (2): Bayes' rule. From (2) to (3): the logarithm of a product. From (3) to (4), the step
# on which all turns: $\log p(x)$ does not contain $z$, so it leaves the integral, and $\int q = 1$.

# %% name="lines-guess" prediction="01.a"
predict("01.a", "15")

# %% name="lines" exercise="01.2"
check("01.2", five_lines)

# %% name="lines-bars"
five_lines = ready("01.2", five_lines)
lines = np.array(five_lines(q, joint))
figure, ((ax,),) = plots.panels(size=(6.4, 2.6))
ax.barh(range(5, 0, -1), lines, color=colours.BLUE)
ax.set(title="Five lines, one number", xlabel="nats", yticks=range(1, 6),
       yticklabels=[f"line {k}" for k in range(5, 0, -1)])  # fmt: skip
digits = -np.log10(max(np.ptp(lines), 1e-16) / lines[0])
print(lines, reveal("01.a", min(("3", "8", "15"), key=lambda d: abs(int(d) - digits))), sep="\n")
plots.show(ax, alt="Five horizontal bars, one for each line of the derivation, all of the same "
           "length.")  # fmt: skip

# %% [markdown] name="broken-text"
# They agree because $\int q = 1$. Give them a $q$ that sums to 0.9, and lines 4 and 5 part from the
# others by $0.1 \log p(x)$:

# %% name="broken"
print(np.array(five_lines(0.9 * q, joint)).round(4))
print("0.1 log p(x) =", np.round(0.1 * np.log(joint.sum()), 4))

# %% [markdown] name="elbo-text"
# ## The ELBO
#
# The bracket of line (5) is the **evidence lower bound**,
# $\mathrm{ELBO}(q) = \mathbb{E}_q[\log p(z, x)] - \mathbb{E}_q[\log q]$. It needs the joint alone, which
# you can write. Line (5), read backwards, is $\log p(x) = \mathrm{ELBO} + \mathrm{KL}$, and KL ≥ 0 makes
# it a lower bound.

# %% name="elbo" exercise="01.3"
check("01.3", elbo)

# %% name="elbo-sum"
elbo = ready("01.3", elbo)
for guess in (q, posterior, np.full(4, 0.25)):
    print(f"ELBO {elbo(guess, joint):.6f} + KL {kl(guess, posterior):.6f} = ", end="")
    print(f"{elbo(guess, joint) + kl(guess, posterior):.6f}    log p(x) {np.log(joint.sum()):.6f}")

# %% [markdown] name="normals-text"
# The ELBO's second term, $-\mathbb{E}_q[\log q]$, is the **entropy** of $q$: the wider $q$, the
# larger. For normals such integrals have a closed form. The log density of $N(m, v)$ is
# $-\frac{1}{2} \log (2 \pi v) - (z - m)^2 / (2 v)$, and under $q = N(m_1, v_1)$ the average of
# $(z - m_2)^2$ is $v_1 + (m_1 - m_2)^2$; everything follows from these two.

# %% name="entropy" exercise="01.4"
check("01.4", entropy_normal)

# %% name="normals" exercise="01.5"
check("01.5", kl_normals)

# %% [markdown] name="newcomb-text"
# ## Newcomb's light
#
# 66 times of light over a fixed distance, less 24,800 ns. The model, prior and all:
#
# $$\tau \sim \mathrm{Gamma}(2, 50), \qquad \mu \mid \tau \sim N\big(20, 1/(0.1\,\tau)\big), \qquad
# x_i \sim N(\mu, 1/\tau)$$
#
# The guess is a `Factorised`: $q(\mu, \tau) = q(\mu)\, q(\tau)$, a normal times a gamma. The same five
# lines are integrals now, each on its own integrand.

# %% name="newcomb"
model = vl.problem("newcomb").model
guess = vl.Factorised(model, mu=vl.Normal.of(mean=25, sd=2), tau=vl.Gamma.of(shape=20, rate=2000))
print(text(vl.derivation(model, guess).printed()))
vl.ledger(model, guess)

# %% [markdown] name="ledger-text"
# The ledger writes the three numbers side by side, each by a route of its own, never as the difference
# of the other two. That is what lets it fail.

# %% name="which-number" choice="01.6"
choose("01.6", "the ELBO of C")

# %% [markdown] name="balance-text"
# ## Minimising one is maximising the other
#
# $\log p(x)$ does not contain $q$. Whatever lowers the KL raises the ELBO by as much. Here the mean of
# $q(\mu)$ moves, all else stays.

# %% name="balance" tags=["expected"]
truth, means = vl.exact(model), np.linspace(22, 30, 161)
batch = vl.Factorised(
    model, mu=vl.Normal.of(mean=means, sd=1.3), tau=vl.Gamma.of(shape=35, rate=3800)
)
bound, distance = vl.elbo(model, batch), vl.kl(batch, truth)
print(f"the ELBO varies by {np.ptp(bound):.3f}, ELBO + KL by {np.ptp(bound + distance):.9f} nats")
plots.show(plots.balance(means, bound, distance, truth.log_evidence, label="mean of q(mu), ns"))

# %% name="balance-claim" tags=["claim"]
assert np.ptp(bound) > 5 and np.ptp(bound + distance) < 1e-9
assert means[np.argmax(bound)] == means[np.argmin(distance)]

# %% [markdown] name="width-text"
# Now the width. The target is a normal over two coordinates, each with sd 1, correlated at 0.9 (no
# data: $p(x) = 1$). $q$ has two independent coordinates with sd $s$.

# %% name="width-guess" prediction="01.b"
predict("01.b", 0.8)

# %% name="width"
target = vl.problem("correlated").model
s = np.linspace(0.2, 1.2, 1001)
factor = vl.Normal.of(mean=0, sd=s[:, None])
batch = vl.Factorised(target, z0=factor, z1=factor)
bound, distance = vl.elbo(target, batch), vl.kl(batch, vl.exact(target))
print(reveal("01.b", s[np.argmax(bound)]))
plots.show(plots.balance(s, bound, distance, 0.0, label="s, the sd of each factor of q"))

# %% [markdown] name="width-answer"
# <details><summary>Why</summary>
#
# Far narrower: $\sqrt{1 - 0.9^2}$, that is 0.436. A round $q$ as wide as the ellipse puts mass in two
# empty corners, and this KL punishes that. Even the best stays 0.83 nats short.
#
# </details>

# %% name="width-claim" tags=["claim"]
print(f"{np.sqrt(1 - 0.9**2):.3f}, {distance.min():.2f} nats short")
assert abs(s[np.argmax(bound)] - np.sqrt(1 - 0.9**2)) < 1e-3

# %% [markdown] name="constant-text"
# ## A lost constant
#
# Many programs drop from "the ELBO" what does not depend on $z$. `Forgetful` is Newcomb's model without
# one such constant.

# %% name="constant-guess" prediction="01.c"
predict("01.c", "it moves")


# %% name="constant"
wrong = Forgetful(model.x, mu0=20, kappa0=0.1, a0=2, b0=50)
before, after = vl.cavi(model, rng=3), vl.cavi(wrong, rng=3)
moved = abs(after.mean("mu") - before.mean("mu"))
print(reveal("01.c", "it stays" if moved < 1e-9 else "it moves"))
books = {"as it is": vl.ledger(model, before), "constant lost": vl.ledger(wrong, after)}
plots.show(plots.account(books))

# %% [markdown] name="constant-answer"
# <details><summary>What this means</summary>
#
# The best $q$ stays: a constant has no slope. But the stack overshoots: this "bound" lies 60.643 nats
# above what it is said to bound, and bounds nothing.
#
# </details>

# %% name="which-constant" choice="01.8"
choose("01.8", "(n/2) log 2π")

# %% [markdown] name="darwin-text"
# ## By hand
#
# Darwin measured 15 pairs of plants: the same model, with $\mu_0 = 0$, $\kappa_0 = 0.05$,
# $a_0 = 2$, $b_0 = 500$. Find a factorised $q$ within 0.035 nats. `vl.exact(vl.problem("darwin"))` shows
# the posterior, `vl.ledger(vl.problem("darwin"), q)` the gap. A gamma has mean shape/rate and variance
# shape/rate², so shape = mean²/sd² and rate = mean/sd².

# %% name="darwin" exercise="01.9"
check("01.9", darwin_by_hand())

# %% [markdown] name="questions"
# ## Five questions
#
# <details><summary>1. Why the average under q, and not under p?</summary>
# Because we can take it: q is ours, with samples and moments. An average under p(z|x) is what we lack.
# </details>
# <details><summary>2. KL[q || p] is 0. What do you know?</summary>
# q is the posterior, and the ELBO is log p(x): the tangent touches in u = 1 alone.
# </details>
# <details><summary>3. Two models, two ELBOs. Is the one with the higher ELBO better?</summary>
# Not surely: each ELBO lies below its own log p(x) by an unknown KL, and lost constants move it.
# </details>
# <details><summary>4. q is zero where p is not. And the other way round?</summary>
# The first costs nothing in KL[q || p] (0 log 0 = 0); mass of q where p is zero costs infinity.
# </details>
# <details><summary>5. Why must the ledger not compute KL as log p(x) - ELBO?</summary>
# Then it would hold always, right or wrong: the lost 2π would hide in the KL.
# </details>
#
# ## Read next
#
# - Bishop, *Pattern Recognition and Machine Learning*, section 10.1: equations 10.2 to 10.4 are line (5)
#   backwards; figures 10.2 and 10.3 are the two ways round.
# - MacKay, *Information Theory, Inference, and Learning Algorithms*, chapter 33.
# - Blei, Kucukelbir and McAuliffe (2017), *Variational inference: a review for statisticians*, section 2.

# %% name="card"
card("01")
