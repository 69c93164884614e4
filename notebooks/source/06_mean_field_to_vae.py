# %% [markdown] name="title"
# # Lesson 06 · From mean field to the VAE
#
# - One ELBO is written in two forms: why are they equal?
# - What is amortised in amortised inference?
# - When is a VAE exactly probabilistic PCA?
# - Why do latents line up with the axes, and why do they give up?
#
# **65 minutes** · needs lessons 01 and 04 · slides 1 and 5

# %% name="setup"
import numpy as np

import vi_lab as vl
from vi_lab import plots
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution
from vi_lab.vae import VAE, Amortised

print(f"lesson 06, vi_lab {vl.__version__}")

# %% [markdown] name="two-forms-text"
# ## One ELBO, two forms
#
# Lesson 01 wrote $\mathbb{E}_q[\log p(z, x)] - \mathbb{E}_q[\log q(z)]$. Papers on VAEs write a
# reconstruction and a KL. Take $\log p(z, x) = \log p(x \mid z) + \log p(z)$ apart and put the
# prior to $q$:
#
# $$\mathbb{E}_q[\log p(x \mid z)]
# {} - \underbrace{\mathbb{E}_q[\log q(z) - \log p(z)]}_{\mathrm{KL}(q \,\|\, p(z)),\ \text{the
# prior}}$$
#
# Nothing was changed. But mind the KL: this one is to the *prior*, and it is a cost inside the
# ELBO. The KL of the ledger is to the *posterior*, and it is what the ELBO lacks.
#
# Work both out by themselves for $z \sim N(0, 1)$, $x_i \sim N(z, s^2)$ and $q = N(m, v)$; `s2` and
# `v` are variances.

# %% name="two-ways" exercise="06.1"
check("06.1", elbo_two_ways)

# %% [markdown] name="two-ways-blind"
# <details><summary>Which q did you try first?</summary>
#
# The prior, `m = 0` and `v = 1`, with `s2 = 1`? There 16 of the 42 mistakes of `06.1` give the
# right numbers: the KL is 0, and each logarithm of a variance too.
#
# </details>

# %% [markdown] name="amortise-text"
# ## One encoder for all
#
# So far one data set had one $z$. In a VAE **each** datum $x_i$ has a $z_i$ of its own, and so a
# $q_i = N(m_i, \mathrm{diag}\,v_i)$ of its own: mean field over data *and* over latents. An
# **encoder** is one function $x \mapsto (m(x), v(x))$ that serves all data. Training it costs once,
# and the cost is spread over all data: inference is *amortised*.
#
# Is one function enough? Take a model where everything is known: $z \sim N(0, I)$, $x \mid z \sim
# N(Wz, s^2 I)$. By lesson 04 the best $q$ of one datum is known. Its precision matrix does not
# depend on $x$; its mean does, in one certain way.

# %% name="best-encoder" exercise="06.2"
check("06.2", best_encoder)

# %% [markdown] name="separate-text"
# Forty data of two measurements and one latent, each with a $q$ found for it alone:

# %% name="separate-picture" tags=["expected"]
best_encoder = ready("06.2", best_encoder)
W, rng = np.array([[1.2], [0.5]]), np.random.default_rng(6)
data = rng.standard_normal((40, 1)) @ W.T + 0.7 * rng.standard_normal((40, 2))
each = [best_encoder(W, 0.49, x) for x in data]
means, sds = np.array([(m[0], v[0] ** 0.5) for m, v in each]).T
_, axes = plots.panels(size=(6.4, 3.6))
ax, along = axes[0, 0], data @ W[:, 0]
with plots.house_style():
    ax.errorbar(along, means, sds, fmt="o", color="#0072B2", markersize=4, label="40 separate q")
    slope = best_encoder(W, 0.49, W[:, 0])[0][0] / (W[:, 0] @ W[:, 0])
    ax.axline((0, 0), slope=slope, color="#CC79A7", label="one encoder")
    ax.set(xlabel="W'x", ylabel="z: mean ± sd", title="Forty q, and the line that gives them all")
    ax.legend(loc="upper left")
plots.describe(ax, "Forty means of q, each with the same sd, lie exactly on one line through 0.")
plots.show(ax)

# %% [markdown] name="evidence-text"
# A linear encoder with constant variances gives each datum the best $q$: here amortisation is free.
# With bends it is not, and lesson 08 puts a number on it.
#
# And $\log p(x)$? The sum of two normals is normal.

# %% name="evidence" exercise="06.3"
check("06.3", log_evidence)

# %% [markdown] name="ppca-text"
# The $W$ of largest likelihood has a formula: this is **probabilistic PCA**. Iris, 150 flowers,
# four measurements, two latents:

# %% name="ppca"
log_evidence = ready("06.3", log_evidence)
iris = vl.datasets.load_iris().data
flowers = np.stack([iris[name] for name in iris if name.endswith("_cm")], axis=1)
ppca = vl.PPCA.maximum_likelihood(flowers, 2)
mine = sum(log_evidence(ppca.W, ppca.sigma2, x - ppca.mu) for x in flowers)
print(f"log p(x): mine {mine:.6f}, vl.exact {vl.exact(ppca).log_evidence:.6f}")

# %% [markdown] name="turn-text"
# ## The rotation that costs
#
# Turn the latents: $W \to WR$. As $z$ and $Rz$ have the same prior, $p(x)$ does not change. But
# $q(z_1)\,q(z_2)$ is tied to the axes. How much does the best one miss, when the posterior's
# precision is $L$? (The same for every datum.)

# %% name="rotation" prediction="06.a"
predict("06.a", "at both")

# %% name="rotation-gap" exercise="06.4"
check("06.4", rotation_gap)

# %% [markdown] name="turned-text"
# To measure it, a linear VAE is put together by hand: the decoder of PPCA turned by an angle, and
# the encoder of 06.2. Its ledger knows neither of your functions.

# %% name="turned"
linear = VAE(n_inputs=4, n_latent=2, hidden=(), likelihood="gaussian", dtype="float64")
trace = linear.fit(flowers, epochs=1, rng=0).trace


def turned(angle):
    model = vl.PPCA.maximum_likelihood(flowers, 2, rotation=angle)
    L = np.eye(2) + model.W.T @ model.W / model.sigma2
    gain = np.linalg.solve(L, model.W.T) / model.sigma2
    params = {"encoder.mean.weight": gain, "encoder.mean.bias": -gain @ model.mu}
    params |= {
        "encoder.logvar.weight": np.zeros((2, 4)),
        "encoder.logvar.bias": -np.log(np.diag(L)),
    }
    params |= {"decoder.out.weight": np.array(model.W), "decoder.out.bias": np.array(model.mu)}
    params["decoder.log_sd"] = np.array(0.5 * np.log(model.sigma2))
    return L, Amortised(linear, params, trace)


# %% name="turned-ledgers"
angles = np.linspace(0, np.pi, 5)
books = [turned(angle)[1].ledger(flowers) for angle in angles]
missed = np.array([book.kl.sum() for book in books])
for angle, book in zip(angles, books, strict=True):
    print(f"{np.degrees(angle):5.0f}°  log p(x) {book.log_evidence.sum():.6f}", end="")
    print(f"  ELBO {book.elbo.sum():.3f}  KL {abs(book.kl.sum()):.3f}")

# %% name="turned-picture" tags=["answer"]
rotation_gap = ready("06.4", rotation_gap)
fine = np.linspace(0, np.pi, 91)
formula = [len(flowers) * rotation_gap(turned(angle)[0]) for angle in fine]
_, axes = plots.panels(size=(6.4, 3.6))
ax = axes[0, 0]
with plots.house_style():
    ax.plot(np.degrees(fine), formula, color="black", label="150 × rotation_gap(L)")
    ax.plot(np.degrees(angles), missed, "o", color="#D55E00", label="KL of the ledger")
    ax.set(xlabel="degrees by which the latents are turned", xticks=range(0, 181, 45))
    ax.set(ylabel="nats", title="What turning the latents costs a q without correlations")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2)
plots.describe(
    ax, f"The gap is 0 at 0, 90 and 180 degrees and {missed.max():.1f} nats at 45 and 135 degrees."
)
plots.show(ax)

# %% name="rotation-revealed"
reveal("06.a", "at 45 alone" if missed[1] > 1 and abs(missed[2]) < 1e-6 else "at both")

# %% [markdown] name="line-up-text"
# The likelihood does not care how the latents are turned. The ELBO does: of all equally likely $W$
# it prefers the one whose columns are orthogonal, since only that one costs a product nothing. The
# latents of a VAE line up with the axes because $q$ does. And at that maximum the ELBO **is** $\log
# p(x)$: a linear VAE whose training reached the top is exactly probabilistic PCA.

# %% [markdown] name="count-text"
# ## What an encoder saves
#
# Back to bends. The digits are 1,797 pictures; give each a Gaussian $q$ over two latents.

# %% name="how-many" prediction="06.c"
predict("06.c", 3594)

# %% name="how-many-revealed"
digits = vl.datasets.load_digits().data["images"]
reveal("06.c", len(digits) * 2 * 2)

# %% [markdown] name="encoder-text"
# And a new picture means a new climb. An encoder has a fixed number of weights, whatever comes.

# %% name="parameters" choice="06.5"
choose("06.5", "7,188", "4,420")

# %% name="parameters-counted"
digits_vae = VAE(n_inputs=64, n_latent=2, hidden=(64,))
sizes = {name: p.size for name, p in digits_vae.init(rng=0).items()}
print(sum(size for name, size in sizes.items() if name.startswith("encoder")), "in the encoder")

# %% [markdown] name="give-up-text"
# ## The latent that gives up
#
# Along one direction the data have the variance $\lambda$. The best $W$ has length $\sqrt{\lambda -
# s^2}$ there, and 0 where $\lambda \le s^2$. Put $w^2 = \lambda - s^2$ into 06.2: the posterior
# precision is $1 + w^2/s^2 = \lambda/s^2$. Averaged over data $\mathbb{E}[m^2] + v = 1$ at the
# maximum, so that of the KL to the prior, $\tfrac12(m^2 + v - 1 - \log v)$, only
# $\tfrac12\log(\lambda/s^2)$ is left.

# %% name="variances"
eigenvalues = np.linalg.eigvalsh(np.cov(flowers.T, ddof=0))[::-1]
print("variances of the flowers along their directions:", eigenvalues.round(2))

# %% name="give-up" prediction="06.b"
predict("06.b", "2, 1, 0")

# %% name="used" exercise="06.6"
check("06.6", used)

# %% name="train"
centred, noises = flowers - flowers.mean(0), (0.1, 1.0, 10.0)
fits = {}
for noise in noises:
    small = VAE(4, 2, (), "gaussian", dtype="float64", log_sd=0.5 * np.log(noise))
    fits[noise] = small.fit(centred, epochs=3000, learning_rate=5e-3, rng=0)
carried = {n: np.sort(f.kl_by_latent(centred).mean(0))[::-1] for n, f in fits.items()}

# %% name="give-up-picture" tags=["answer"]
used = ready("06.6", used)
fine = np.geomspace(0.05, 20, 200)
_, axes = plots.panels(size=(6.4, 3.6))
ax = axes[0, 0]
with plots.house_style():
    for j, colour in enumerate(("#0072B2", "#E69F00")):
        nats = [used(eigenvalues, noise)[j] for noise in fine]
        ax.semilogx(fine, nats, color=colour, label=f"variance {eigenvalues[j]:.2f}")
        ax.plot(noises, [carried[noise][j] for noise in noises], "o", color=colour)
    ax.set(xlabel="noise variance, held fixed", ylabel="KL of the latent, nats")
    ax.set_title("A latent is used where its variance exceeds the noise (dots: trained)")
    ax.legend()
text = "; ".join(f"noise {n}: {kl[0]:.2f} and {kl[1]:.2f} nats" for n, kl in carried.items())
plots.describe(
    ax, f"Two curves that fall to 0 at the noise of their own variance. Trained: {text}."
)
plots.show(ax)

# %% name="give-up-revealed"
reveal("06.b", ", ".join(str((kl > 0.05).sum()) for kl in carried.values()))

# %% [markdown] name="hunt-text"
# So a latent may give up because the likelihood itself wants it to (Lucas et al. 2019). ★ But not
# each collapse is of that kind. Three runs; the last column is the KL that the *best* encoder for
# the same decoder would have.

# %% name="hunt"
vae = VAE(4, 2, (), "gaussian", dtype="float64", log_sd=0.5 * np.log(0.1), beta=4)
strict = vae.fit(centred, epochs=3000, learning_rate=5e-3, rng=0)
cut = {name: np.array(p) for name, p in fits[0.1].params.items()}
gone = fits[0.1].kl_by_latent(centred).mean(0).argmin()
for name in ("mean.weight", "mean.bias", "logvar.weight", "logvar.bias"):
    cut[f"encoder.{name}"][gone] = 0
runs = {"A": fits[1.0], "B": strict, "C": Amortised(fits[0.1].vae, cut, trace)}

# %% name="hunt-table"
for name, run in runs.items():
    noise, W = np.exp(2 * run.vae.log_sd), run.params["decoder.out.weight"]
    m, v = np.array([best_encoder(W, noise, x) for x in centred]).transpose(1, 0, 2)
    best_kl = ((m**2 + v - 1 - np.log(v)) / 2).mean(0)
    kl = run.kl_by_latent(centred).mean(0)
    print(f"{name}: noise {noise:.1f}, beta {run.vae.beta}, ", end="")
    print(f"KL {kl.round(2)}, best encoder {best_kl.round(2)}")

# %% name="hunt-choice" choice="06.7"
choose("06.7", "the model", "the objective", "the encoder")

# %% name="claims" tags=["claim"]
from vi_lab.teach.blindness import invisible

assert invisible("06.1", np.array([0.4, 1.2, -0.5]), 0.0, 1.0, 1.0) == (16, 42)
assert abs(mine - vl.exact(ppca).log_evidence) < 1e-6 and all(book.holds for book in books)
assert np.allclose(missed, [150 * rotation_gap(turned(a)[0]) for a in angles], atol=1e-6)
assert all(np.allclose(carried[n], used(eigenvalues, n)[:2], atol=0.03) for n in noises)
assert np.ptp(sds) < 1e-12 and np.allclose(means, slope * along)

# %% [markdown] name="questions"
# ## Five questions
#
# <details><summary>1. Two KLs appear with every VAE. To what is each, and which one is a
# loss?</summary> KL(q || prior) is a term of the ELBO. KL(q || posterior) is log p(x) - ELBO, what
# is lost.
# </details>
#
# <details><summary>2. The KL to the prior is 0 for each datum. What does the encoder say?</summary>
# The same for every x: the prior. The latent carries nothing.
# </details>
#
# <details><summary>3. Why is the encoder no part of the model?</summary>
# p(x) is made of prior and decoder alone. Another encoder gives another ELBO, and the same log
# p(x).
# </details>
#
# <details><summary>4. The measurements are turned, x → Qx. Does that cost a q without
# correlations?</summary> No: W → QW leaves W'W, and with it L, as it is.
# </details>
#
# <details><summary>5. CAVI found each q in closed form. Why not in a VAE with bends?</summary>
# The log joint is no polynomial in z behind a neural network, so E[log p] has no formula. A
# gradient needs none: lesson 07.
# </details>
#
# ## Read next
#
# - Kingma & Welling (2014), *Auto-Encoding Variational Bayes*, equations (2) and (3): the two
#   forms.
# - Tipping & Bishop (1999), *Probabilistic principal component analysis*, equations (7) and (8).
# - Lucas, Tucker, Grosse & Norouzi (2019), *Don't blame the ELBO! A linear VAE perspective on
#   posterior collapse*.
# - Bishop (2006), *Pattern Recognition and Machine Learning*, 12.2.

# %% name="card"
card("06")
