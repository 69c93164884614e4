# %% [markdown] name="title"
# # Lesson 04 · Mean-field CAVI
#
# - Where does the update come from?
# - Why does the ELBO climb with every step?
# - What is $\mathbb{E}[\log \tau]$, and why is it not $\log \mathbb{E}[\tau]$?
# - Why is mean field too narrow, and by how much?
#
# **90 minutes** · needs lessons 01 (ELBO + KL) and 03 (conditionals) · slides 4 and 5

# %% name="setup"
import numpy as np
from scipy.special import digamma, gammaln

import vi_lab as vl
from vi_lab import plots
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution

print(f"lesson 04, vi_lab {vl.__version__}")

# %% [markdown] name="update-text"
# ## Where the update comes from
#
# Mean field allows one thing only: $q(z_1, z_2) = q_1(z_1)\,q_2(z_2)$. Hold $q_2$ fixed and look at
# the ELBO as a function of $q_1$ alone:
#
# $$\mathrm{ELBO} = \mathbb{E}_{q_1}[\log \tilde p(z_1) - \log q_1(z_1)] + \text{const}
# = -\mathrm{KL}(q_1 \,\|\, \tilde p) + \text{const},
# \qquad \log\tilde p(z_1) = \mathbb{E}_{q_2}[\log p(z_1, z_2, x)].$$
#
# A KL is never negative, and it is 0 only if both are the same. So the best $q_1$ is known at once:
#
# $$q_1(z_1) \propto \exp \mathbb{E}_{q_2}[\log p(z_1, z_2, x)].$$
#
# Then $q_2$, then $q_1$ again. That is **CAVI**, coordinate ascent. No rate, no gradient.
#
# First on a table: `log_joint_table[r, c]` $= \log p(r, c, x)$ with the factor sought over the rows
# and `q_other[c]` over the columns.

# %% name="best-factor" exercise="04.0"
check("04.0", best_factor)

# %% [markdown] name="climb-text"
# Each half-sweep below replaces one of the two factors.

# %% name="will-it-fall" prediction="04.a"
predict("04.a", "none")

# %% name="climb"
best_factor = ready("04.0", best_factor)
table = np.log([[0.12, 0.01, 0.01, 0.01], [0.01, 0.10, 0.01, 0.02], [0.01, 0.01, 0.03, 0.08]])
q1, q2, trace = np.ones(3) / 3, np.array([0.1, 0.2, 0.3, 0.4]), []
for half_sweep in range(20):
    if half_sweep % 2 == 0:
        q1 = best_factor(table, q2)
    else:
        q2 = best_factor(table.T, q1)
    trace.append(q1 @ table @ q2 - q1 @ np.log(q1) - q2 @ np.log(q2))
log_evidence, climb = np.log(np.exp(table).sum()), np.array(trace)

# %% name="climb-picture" tags=["answer"]
_, axes = plots.panels(size=(6.4, 3.4))
ax = axes[0, 0]
with plots.house_style():
    ax.plot(range(1, 21), trace, "o-", color="#0072B2")
    ax.set(xlabel="half-sweep", ylabel="ELBO in nats", xticks=range(0, 21, 4))
    ax.set_title("Each half-sweep is a maximum over one factor")
plots.describe(
    ax,
    f"The ELBO rises from {trace[0]:.3f} to {trace[-1]:.3f} nats in 20 half-sweeps and never "
    f"falls; log p(x) is {log_evidence:.3f}, above it.",
)
plots.show(ax)

# %% name="will-it-fall-revealed"
falls = int((np.diff(climb) < -1e-12).sum())
reveal("04.a", "none" if falls == 0 else "a few")

# %% [markdown] name="newcomb-text"
# ## A mean and a precision
#
# The model of lesson 03, with Newcomb's 66 passage times $x$:
#
# $$\tau \sim \mathrm{Gamma}(a_0, \text{rate } b_0), \qquad
# \mu \mid \tau \sim N\big(\mu_0, 1/(\kappa_0\tau)\big), \qquad x_i \sim N(\mu, 1/\tau).$$
#
# $$\log p = \tfrac{n+1}{2}\log\tau
# {} - \tfrac{\tau}{2}\Big[\sum_i (x_i - \mu)^2 + \kappa_0(\mu - \mu_0)^2\Big]
# {} + (a_0 - 1)\log\tau - b_0\tau + \text{const}$$
#
# Take $q(\mu)\,q(\tau)$. By the rule above $\log q(\mu)$ is this line averaged over $\tau$. That is
# quadratic in $\mu$: a normal $N(m, v)$. And $\log q(\tau)$ is this line averaged over $\mu$: a
# gamma. Nobody chose these shapes. Three averages are needed: $\mathbb{E}[\tau]$ = shape/rate,
# $\mathbb{E}[\log\tau]$, and $\mathbb{E}[(x_i - \mu)^2]$. The second: differentiate the logarithm of
# $\int \tau^{a-1} e^{-b\tau}\,d\tau = \Gamma(a)/b^a$ by $a$; the derivative of $\log\Gamma$ is `digamma`.

# %% name="expected-log" exercise="04.1"
check("04.1", expected_log)

# %% [markdown] name="expected-square-text"
# A logarithm bends, so its mean lies below the logarithm of the mean (Jensen). And a $\mu$ that is
# not known makes squares larger: how much? One number for each datum.

# %% name="expected-square" exercise="04.2"
check("04.2", expected_square)

# %% [markdown] name="update-mu-text"
# Now the two steps. **q(μ)**, given `E_tau`: what multiplies $-\mu^2/2$, and where is the peak?
# Return the mean $m$ and the *variance* $v$.

# %% name="update-mu" exercise="04.3"
check("04.3", update_mu)

# %% [markdown] name="update-tau-text"
# **q(τ)**, given $q(\mu) = N(m, v)$: collect what multiplies $\log\tau$, and what multiplies
# $-\tau$. Return shape and rate.

# %% name="update-tau" exercise="04.4"
check("04.4", update_tau)

# %% name="cavi-by-hand"
update_mu = ready("04.3", update_mu)
update_tau = ready("04.4", update_tau)
newcomb = vl.problem("newcomb").model
x, prior = newcomb.x, (newcomb.mu0, newcomb.kappa0, newcomb.a0, newcomb.b0)
E_tau = newcomb.a0 / newcomb.b0
for _ in range(20):
    m, v = update_mu(x, E_tau, *prior[:2])
    shape, rate = update_tau(x, m, v, *prior)
    E_tau = shape / rate
package = vl.cavi(newcomb, rng=0)
print(f"mine:    mu {m:.6f} ± {v**0.5:.6f}   tau {shape / rate:.6f} ± {shape**0.5 / rate:.6f}")
print(f"vl.cavi: mu {package.mean('mu'):.6f} ± {package.sd('mu'):.6f}   ", end="")
print(f"tau {package.mean('tau'):.6f} ± {package.sd('tau'):.6f}")

# %% [markdown] name="four-text"
# That loop is all of CAVI. Watch it move, on the last eight passage times alone, where $\mu$ and
# $\tau$ are visibly tied together.

# %% name="four-picture" tags=["expected"]
few = vl.NormalGamma(x[-8:], *prior)
m, v, shape, rate = 23.5, 2.0, 9.0, 260.0
path = [("somewhere", m, v, shape, rate)]
for _ in range(20):
    m, v = update_mu(few.x, shape / rate, *prior[:2])
    path.append(("after q(mu)", m, v, shape, rate))
    shape, rate = update_tau(few.x, m, v, *prior)
    path.append(("after q(tau)", m, v, shape, rate))
figure, axes = plots.panels(2, 2, size=(7.6, 6.0), sharex=True, sharey=True)
for ax, (name, *q) in zip(axes.flat, [*path[:3], ("at the end", *path[-1][1:])], strict=True):
    factors = {"mu": vl.Normal.of(q[0], q[1] ** 0.5), "tau": vl.Gamma.of(*q[2:])}
    shown = {"exact": vl.exact(few), "factorised": vl.Factorised(few, **factors)}
    plots.joint(shown, "mu", "tau", ax=ax, legend=name == "somewhere")
    ax.set_title(name)
plots.show(figure)

# %% [markdown] name="elbo-text"
# The posterior widens downwards: a small $\tau$ leaves $\mu$ much room. A product has the same
# width of $\mu$ at every $\tau$; it settles where that loses least. Here $\mu$ and $\tau$ are
# uncorrelated, and still not independent.
#
# ★ How much is lost? The ELBO in closed form has five terms, all constants kept:
# $\mathbb{E}[\log p(x \mid \mu, \tau)] + \mathbb{E}[\log p(\mu \mid \tau)] + \mathbb{E}[\log p(\tau)]$ and the
# entropies of $q(\mu)$ and $q(\tau)$. An entropy is $-\mathbb{E}_q[\log q]$; write the log density and average it by `04.1`.

# %% name="elbo" exercise="04.5"
check("04.5", elbo)

# %% name="elbo-ledger"
elbo = ready("04.5", elbo)
shape, rate = prior[2:]
for sweep in range(5):
    m, v = update_mu(x, shape / rate, *prior[:2])
    shape, rate = update_tau(x, m, v, *prior)
    print(f"sweep {sweep + 1}: ELBO {elbo(x, m, v, shape, rate, *prior):.9f}")
print(f"vl.elbo: {package.elbo:.9f}, KL {vl.ledger(newcomb, package).kl:.6f}")

# %% [markdown] name="narrow-text"
# ## Why too narrow
#
# A Gaussian posterior with precision matrix $\Lambda = \Sigma^{-1}$ has the log density $-\tfrac12
# \sum_{jk} \Lambda_{jk} z_j z_k$. Averaged over all the others it is $-\tfrac12\Lambda_{jj} z_j^2$
# plus a linear term. So $q(z_j)$ has the variance of …

# %% name="how-narrow" prediction="04.b"
predict("04.b", 0.5)

# %% name="mean-field-variances" exercise="04.6"
check("04.6", mean_field_variances)

# %% [markdown] name="variances-blind"
# <details><summary>Which covariance did you try first?</summary>
#
# The identity? There 17 of the 22 mistakes of `04.6` give the right numbers. With a correlation of
# 0.9 it is three.
#
# </details>

# %% name="how-narrow-revealed"
mean_field_variances = ready("04.6", mean_field_variances)
sd = float(np.sqrt(mean_field_variances(np.array([[1, 0.99], [0.99, 1]]))[0]))
reveal("04.b", round(sd, 3))

# %% name="ellipse-picture" tags=["expected"]
cov = np.array([[1, 0.9], [0.9, 1]])
grid = np.linspace(-3.2, 3.2, 161)
at = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1)
_, axes = plots.panels(1, 2, size=(7.6, 4.0), layout="compressed")
fits = {"KL(q || p): mean field": mean_field_variances(cov), "KL(p || q): moments": np.diag(cov)}
for ax, (name, variances) in zip(axes[0], fits.items(), strict=True):
    shown = (np.linalg.inv(cov), "black", "p"), (np.diag(1 / variances), "#0072B2", "q")
    for precision, colour, label in shown:
        square = np.einsum("abj,jk,abk->ab", at, precision, at)
        ax.contour(grid, grid, square.T, [1.39, 4.61], colors=colour, linestyles="solid")
        ax.plot([], [], color=colour, label=label)
    ax.set(title=name, xlabel="z[0]", ylabel="z[1]", aspect="equal")
    plots.describe(
        ax, f"{name}: p leans (correlation 0.9), q is round, sd {variances[0] ** 0.5:.3f}."
    )
axes[0, 0].legend(loc="upper left")
plots.show(axes[0, 0].figure)

# %% name="sqrt-picture" tags=["answer"]
rhos = np.array([0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99])
models = [vl.CorrelatedGaussian((0, 0), [[1, rho], [rho, 1]]) for rho in rhos]
sds = [vl.cavi(model, rng=0).sd("z0")[0] for model in models]
_, axes = plots.panels(size=(6.0, 3.4))
ax, fine = axes[0, 0], np.linspace(0, 1, 300)
with plots.house_style():
    ax.plot(fine, np.sqrt(1 - fine**2), color="#555555", label="√(1 − ρ²)")
    ax.plot(rhos, sds, "v", color="#0072B2", label="CAVI")
    ax.set(
        xlabel="correlation ρ of the posterior", ylabel="sd of q; the truth is 1", ylim=(0, 1.08)
    )
    ax.set_title("The stronger the correlation, the narrower q")
    ax.legend(loc="lower left")
plots.describe(ax, f"The sd of q falls from 1 at ρ = 0 to {sds[-1]:.3f} at ρ = 0.99, on √(1 − ρ²).")
plots.show(ax)

# %% [markdown] name="why-narrow-text"
# $1/\Lambda_{jj}$ is the variance of $z_j$ **given the others**. Mean field holds the others at a
# spread of their own that knows nothing of $z_j$, and so reports the conditional width for the
# marginal one. Where $q$ has no room to lean, $\mathrm{KL}(q\,\|\,p)$ would rather be narrow than
# put mass where $p$ has none. The other KL is wide instead.
#
# The cure costs a word: put what belongs together into one block.

# %% name="blocks" prediction="04.c"
predict("04.c", "none")

# %% name="blocks-revealed"
apart = vl.CorrelatedGaussian((0, 0), [[1, 0.9], [0.9, 1]])
together = vl.CorrelatedGaussian((0, 0), [[1, 0.9], [0.9, 1]], blocks=[[0, 1]])
lost = [vl.ledger(model, vl.cavi(model, rng=0)).kl for model in (apart, together)]
print(f"two blocks lose {lost[0]:.3f} nats, one block {lost[1]:.3f}")
reveal("04.c", "none" if lost[1] < 1e-9 else "about half")

# %% [markdown] name="humps-text"
# Two humps make it worse. Below, $p$ is a mixture and $q$ one normal: from two starts
# $\mathrm{KL}(q\,\|\,p)$ ends in two optima, each of which covers one hump and is sure of it;
# $\mathrm{KL}(p\,\|\,q)$ covers both, and the empty middle too.

# %% name="humps"
z = np.linspace(-8, 8, 2001)


def normal(m, sd):
    return np.exp(-0.5 * ((z - m) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))


p = 0.6 * normal(-3, 0.7) + 0.4 * normal(3, 0.9)
means, spreads = np.linspace(-4, 4, 81), np.linspace(0.4, 3, 53)
candidates = np.array([[normal(m, sd) for sd in spreads] for m in means])
kls = (candidates * np.log((candidates + 1e-300) / p)).sum(-1) * (z[1] - z[0])

# %% name="humps-picture" tags=["expected"]
left, right_ = kls[means < 0], kls[means > 0]
i, j = np.unravel_index(left.argmin(), left.shape), np.unravel_index(right_.argmin(), right_.shape)
mean = (z * p).sum() / p.sum()
wide = np.sqrt(((z - mean) ** 2 * p).sum() / p.sum())
fits = {"left optimum": (means[means < 0][i[0]], spreads[i[1]], "#0072B2")}
fits["right optimum"] = (means[means > 0][j[0]], spreads[j[1]], "#D55E00")
fits["KL(p || q)"] = (mean, wide, "#009E73")
_, axes = plots.panels(size=(6.4, 3.4))
ax = axes[0, 0]
with plots.house_style():
    ax.fill_between(z, p, color="#E3E3E3", label="p")
    for name, (m, sd, colour) in fits.items():
        ax.plot(z, normal(m, sd), color=colour, label=f"{name}: {m:.1f} ± {sd:.1f}")
    ax.set(xlabel="z", ylabel="density", ylim=(0, 0.9))
    ax.set_title("One normal for two humps: three answers")
    ax.legend(loc="upper right")
plots.describe(
    ax, "Two humps; " + "; ".join(f"{k} {m:.1f} ± {s:.1f}" for k, (m, s, _) in fits.items())
)
plots.show(ax)

# %% [markdown] name="mixture-text"
# A $q$ on one hump loses about $\log 1/0.6$ nats, the mass of the other hump: little, for so large
# an error. The size of the gap does not tell what is wrong.
#
# ★ Labels of a mixture get the same rule. Model: $\text{weights} \sim \mathrm{Dirichlet}$, $z_i$
# the label, $x_i \sim N(\mu_{z_i}, 1)$; $q(\mu_k) = N(m_k, v_k)$, $q(\text{weights}) =
# \mathrm{Dirichlet}(\alpha)$. Average lesson 03's log responsibilities. The weights of a Dirichlet are
# gammas of shapes $\alpha_k$ and rate 1, divided by their sum, a gamma of shape $\sum_k \alpha_k$: so
# $\mathbb{E}[\log \text{weight}_k]$ is the difference of two answers of `04.1`. The means enter by `04.2`.

# %% name="update-z" exercise="04.7"
check("04.7", update_z)

# %% [markdown] name="hunt-text"
# ## Hunt: an ELBO that falls
#
# Three quantities whose sum is known well; $q$ is three normals, and only their means move.
# Somebody's CAVI:

# %% name="hunt"
L = np.array([[1.0, 0.7, 0.7], [0.7, 1.0, 0.7], [0.7, 0.7, 1.0]])  # the posterior's precision
m, trace = np.array([1.0, -0.6, 0.9]), []
for _ in range(8):
    old = m.copy()
    for j in range(3):
        others = np.arange(3) != j
        m[j] = -L[j, others] @ old[others] / L[j, j]
    trace.append(-m @ L @ m / 2)  # the ELBO, up to a constant
print("ELBO by sweep:", np.round(trace, 3))
print(vl.testing.monotone(np.array(trace)).sentence)

# %% name="hunt-choice" choice="04.8"
choose("04.8", "a stale statistic")

# %% name="hunt-mended"
m, trace = np.array([1.0, -0.6, 0.9]), []
for _ in range(8):
    for j in range(3):
        others = np.arange(3) != j
        m[j] = -L[j, others] @ m[others] / L[j, j]
    trace.append(-m @ L @ m / 2)
print("ELBO by sweep:", np.round(trace, 3))

# %% name="claims" tags=["claim"]
from vi_lab.teach.blindness import invisible

assert invisible("04.6", np.eye(2)) == (17, 22) and invisible("04.6", cov) == (3, 22)
assert falls == 0 and vl.testing.monotone(climb, log_evidence=log_evidence).passed
assert log_evidence - climb[-1] > 0.05  # it ends below: no product is the joint
assert np.allclose(sds, np.sqrt(1 - rhos**2), atol=1e-6) and abs(sds[-1] - 0.141) < 5e-4
assert abs(left.min() + np.log(0.6)) < 0.01 and abs(right_.min() + np.log(0.4)) < 0.01 and wide > 2
assert vl.testing.monotone(np.array(trace)).passed and abs(trace[-1]) < 0.01
assert package.sd("mu") < vl.exact(newcomb).sd("mu")

# %% [markdown] name="story-text"
# It happens in public. The author of *variational-gaussian-mixture* reports in issue 5 of his own
# code that the ELBO does not always increase. In *cangermueller/varinf*, issue 1, the Dirichlet
# term of an ELBO holds the expected logarithm of another factor; a reader found it with Bishop's
# book beside the code. Print your bound: one that falls is the cheapest proof of a mistake there
# is. One that climbs proves nothing, for a lost constant climbs as well.
#
# ## Five questions
#
# <details><summary>1. CAVI has no step size. Why can it not overshoot?</summary>
# Each step goes to the maximum over one factor, the others held fixed. A maximum cannot lie beyond
# itself.
# </details>
#
# <details><summary>2. Where did anybody assume that q(μ) is a normal?</summary>
# Nowhere. It follows from exp E[log p], which is the exponential of a quadratic. Only the product
# was assumed.
# </details>
#
# <details><summary>3. The ELBO stands still. Is q the best product?</summary>
# It is a local optimum. Two humps have two; other starts may end elsewhere, so run several and keep
# the best.
# </details>
#
# <details><summary>4. Why may every mean be exact and every sd too small?</summary>
# For a Gaussian posterior the fixed point of the means is the true mean. The widths are those given
# the others.
# </details>
#
# <details><summary>5. You replace E[(x − μ)²] by (x − m)². What do you compute?</summary>
# A coordinate climb with a point in the place of q(μ): the rate is too small by n v/2, and τ comes
# out too large.
# </details>
#
# ## Read next
#
# - Bishop (2006), *Pattern Recognition and Machine Learning*, 10.1: the update (10.9), the Gaussian
#   (10.11 to 10.15, figure 10.2), mean and precision (10.1.3, figure 10.4), the mixture (10.2).
# - Blei, Kucukelbir & McAuliffe (2017), *Variational inference: a review for statisticians*,
#   algorithm 1.
# - MacKay (2003), *Information Theory, Inference, and Learning Algorithms*, chapter 33.

# %% name="card"
card("04")
