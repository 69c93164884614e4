# %% [markdown] name="lecture" slideshow={"slide_type": "slide"}
# # The lecture, run
#
# Fourteen slides, each shown and run in one cell: twelve minutes aloud. *View → Present* in JupyterLab,
# or `jupyter nbconvert --to slides`. What stands behind each slide is in `docs/slides.md`.

# %% name="setup" slideshow={"slide_type": "skip"}
import numpy as np

import vi_lab as vl
from vi_lab import plots
from vi_lab.model import log_density
from vi_lab.results.tables import text
from vi_lab.vae.runs.pretrained import load_pretrained

# %% [markdown] name="title" slideshow={"slide_type": "slide"}
# ## 1. Variational auto-encoder
#
# A model of pictures $x$ with hidden $z$, and an encoder $q(z \mid x)$ that guesses them. Here is what one has learnt of handwritten digits; by the last slide you know what it maximises.

# %% name="title-run" slideshow={"slide_type": "-"}
plots.show(plots.manifold(load_pretrained(), side=9))

# %% [markdown] name="hidden" slideshow={"slide_type": "slide"}
# ## 2. Problem definition
#
# Observable data $x = \{x_1, \dots, x_n\}$; hidden variable $z = \{z_1, \dots, z_n\}$. (The hidden need not be as many as the data: here two stand behind 66.)

# %% name="hidden-run" slideshow={"slide_type": "-"}
problem = vl.problem("newcomb")
model = problem.model
print(*problem.description["lines"], sep="\n")
print(f"x: {problem.n} times of light;  z: {', '.join(model.blocks)}")

# %% [markdown] name="bayes" slideshow={"slide_type": "slide"}
# ## 3. Bayes' rule
#
# $$p(z \mid x) = \frac{p(z, x)}{p(x)} = \frac{p(x \mid z)\, p(z)}{\int p(x \mid z)\, p(z)\, dz}$$
#
# The numerator can be evaluated anywhere. The denominator is an integral over everything hidden.

# %% name="bayes-run" slideshow={"slide_type": "-"}
print("log p(z, x) at one z:", float(log_density(model, {"mu": 26.0, "tau": 0.01})))
truth = vl.exact(model)
print("log p(x):", truth.log_evidence)

# %% [markdown] name="solutions" slideshow={"slide_type": "slide"}
# ## 4. Solutions
#
# Monte Carlo sampling (Metropolis-Hastings, Gibbs sampling) draws from $p(z \mid x)$ without $p(x)$. Variational inference looks for the nearest easy $q$.

# %% name="solutions-run" slideshow={"slide_type": "-"}
for method in (vl.exact, vl.metropolis_hastings, vl.gibbs, vl.cavi):
    result = method(model) if method is vl.exact else method(model, rng=0)
    print(f"{method.__name__:20} mu {result.mean('mu'):.2f} ± {result.sd('mu'):.2f}")

# %% [markdown] name="distance" slideshow={"slide_type": "slide"}
# ## 5. Variational inference
#
# Approximate $p(z \mid x)$ by $q(z)$: minimise
#
# $$D_{KL}[q(z) \,\|\, p(z \mid x)] = -\int q(z) \log \frac{p(z \mid x)}{q(z)}\, dz \;\ge\; 0$$

# %% name="distance-run" slideshow={"slide_type": "-"}
q = vl.Factorised(model, mu=vl.Normal.of(mean=25, sd=2), tau=vl.Gamma.of(shape=20, rate=2000))
print("KL[q || p(z|x)] =", vl.kl(q, truth), "nats")
ax = plots.joint([truth, q], "mu", "tau")
ax.set_title("The truth, and a q put beside it", loc="left")
plots.show(ax)

# %% [markdown] name="line-1" slideshow={"slide_type": "slide"}
# ## 6. Variational lower bound, line 1
#
# $$D_{KL}[q \,\|\, p(z \mid x)] = -\int q \log \frac{p(z \mid x)}{q}\, dz$$
#
# The definition. It contains the posterior, which we do not have.

# %% name="line-1-run" slideshow={"slide_type": "-"}
steps = vl.derivation(model, q)
print(text(steps.printed()[:1]))

# %% [markdown] name="line-2" slideshow={"slide_type": "slide"}
# ## 7. Variational lower bound, line 2
#
# $$= -\int q \log \frac{p(z, x)}{q\, p(x)}\, dz$$
#
# Bayes' rule: $p(z \mid x) = p(z, x)/p(x)$.

# %% name="line-2-run" slideshow={"slide_type": "-"}
print(text(steps.printed()[:2]))

# %% [markdown] name="line-3" slideshow={"slide_type": "slide"}
# ## 8. Variational lower bound, line 3
#
# $$= -\int q \log \frac{p(z, x)}{q}\, dz + \int q \log p(x)\, dz$$
#
# The logarithm of a product is a sum.

# %% name="line-3-run" slideshow={"slide_type": "-"}
print(text(steps.printed()[:3]))

# %% [markdown] name="line-4" slideshow={"slide_type": "slide"}
# ## 9. Variational lower bound, line 4
#
# $$= -\int q\, (\log p(z, x) - \log q)\, dz + \log p(x)$$
#
# $\log p(x)$ does not contain $z$, and $\int q = 1$.

# %% name="line-4-run" slideshow={"slide_type": "-"}
print(text(steps.printed()[:4]))

# %% [markdown] name="line-5" slideshow={"slide_type": "slide"}
# ## 10. Variational lower bound, line 5
#
# $$= -\big(\mathbb{E}_q[\log p(z, x)] - \mathbb{E}_q[\log q]\big) + \log p(x)$$
#
# The bracket is the **evidence lower bound** (ELBO): no posterior is left in it.

# %% name="line-5-run" slideshow={"slide_type": "-"}
print(text(steps.printed()[:5]))

# %% [markdown] name="bracket" slideshow={"slide_type": "slide"}
# ## 11. KL is minus a bracket, plus log p(x)
#
# $$D_{KL}[q \,\|\, p(z \mid x)] = -\big(\mathbb{E}_q[\log p(z, x)] - \mathbb{E}_q[\log q]\big) + \log p(x)$$
#
# The left side has the posterior in it; the bracket has not.

# %% name="bracket-run" slideshow={"slide_type": "-"}
bracket = vl.elbo(model, q)
print(f"left  {vl.kl(q, truth):.9f}")
print(f"right {-bracket + truth.log_evidence:.9f}")

# %% [markdown] name="bound" slideshow={"slide_type": "slide"}
# ## 12. The bracket gets a name
#
# $$D_{KL}[q \,\|\, p(z \mid x)] = -\mathcal{L}[q] + \log p(x)$$
#
# Since KL is never negative, $\mathcal{L}[q] \le \log p(x)$: a lower bound.

# %% name="bound-run" slideshow={"slide_type": "-"}
for guess in (q, vl.cavi(model, rng=0)):
    print(f"L {vl.elbo(model, guess):.4f}  <=  log p(x) {truth.log_evidence:.4f}")

# %% [markdown] name="sum" slideshow={"slide_type": "slide"}
# ## 13. The sum is fixed
#
# $$\log p(x) = D_{KL}[q \,\|\, p(z \mid x)] + \mathcal{L}[q]$$
#
# The left side does not contain $q$. Each of the three is computed by a route of its own.

# %% name="sum-run" slideshow={"slide_type": "-"}
vl.ledger(model, q)

# %% [markdown] name="same" slideshow={"slide_type": "slide"}
# ## 14. Minimising KL is maximising the bound
#
# Minimising $D_{KL}[q \,\|\, p(z \mid x)]$ is equal to maximising $\mathcal{L}[q]$, and $\mathcal{L}$ needs only the joint. For the pictures of slide 1, $q$ comes from an encoder and the joint from a decoder: a variational auto-encoder.

# %% name="same-run" slideshow={"slide_type": "-"}
means = np.linspace(22, 30, 161)
batch = vl.Factorised(
    model, mu=vl.Normal.of(mean=means, sd=1.3), tau=vl.Gamma.of(shape=35, rate=3800)
)
bound, distance = vl.elbo(model, batch), vl.kl(batch, truth)
plots.show(plots.balance(means, bound, distance, truth.log_evidence, label="mean of q(mu), ns"))
