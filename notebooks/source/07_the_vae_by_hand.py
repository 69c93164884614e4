# %% [markdown] name="title"
# # Lesson 07 · The VAE by hand
#
# **Questions.** What is a backward rule? How do I know that a gradient is right, and why? Why is
# one estimator of a gradient quiet and another loud?
#
# **120 minutes, two sittings** (the second starts at "Noise comes from outside") · needs lessons
# 01 and 06 · slide 1 of the lecture

# %% name="setup"
import numpy as np

import vi_lab as vl
from vi_lab import plots
from vi_lab.plots import colours
from vi_lab.teach import card, check, choose, hint, predict, ready, reveal, solution
from vi_lab.vae import VAE

print(f"lesson 07, vi_lab {vl.__version__}")

# %% [markdown] name="chain-text"
# ## One chain, walked twice
#
# A picture $x$ of 64 zeros and ones, two latents $z$, two small networks. With $m$ and $v$
# (`logvar`) from the encoder, the bound of lesson 06 is
#
# $$\mathrm{ELBO} = \mathbb{E}_q[\log p(x \mid z)] - \mathrm{KL}\big(N(m, e^v) \,\|\, N(0, I)\big),
# \qquad z = m + e^{v/2}\epsilon.$$
#
# Forward: from $x$ to the ELBO. Backward: from the ELBO to every weight. A **backward rule**
# answers one question for one link $y = f(x)$: given $\bar y = \partial\,\mathrm{ELBO}/\partial
# y$, what is $\bar x$? By the chain rule $\bar x_i = \sum_o \bar y_o\, \partial y_o / \partial
# x_i$. You will write all the rules; no machine differentiates here.

# %% name="chain" tags=["expected"]
fig, axes = plots.panels(size=(8.4, 2.3))
ax = axes[0, 0]
links = ["x", "h", "m, v", "z", "h", "logits", "log p(x|z)"]
rules = ["07.1, 07.2", "07.1", "07.8", "07.1, 07.2", "07.1", "07.4"]
forth = dict(arrowstyle="->", color=colours.BLUE)
back = dict(arrowstyle="->", color=colours.VERMILION, linestyle="--")
for i, name in enumerate(links):
    at = i + 0.12 * (name == links[-1])
    ax.text(at, 0, name, ha="center", va="center", bbox=dict(fc="white", ec=colours.GREY))
for i, rule in enumerate(rules):
    ax.annotate("", (i + 0.68, 0.12), (i + 0.32, 0.12), arrowprops=forth)
    ax.annotate("", (i + 0.32, -0.12), (i + 0.68, -0.12), arrowprops=back)
    ax.text(i + 0.5, -0.4, rule, ha="center", color=colours.VERMILION, fontsize=9)
ax.text(2.0, 0.52, "KL: 07.5, back 07.6", ha="center", color=colours.VERMILION, fontsize=9)
ax.set(xlim=(-0.4, 6.6), ylim=(-0.6, 0.7))
ax.set_title("Forward above, backward below, by exercise", loc="left")
ax.axis("off")
plots.describe(ax, "The chain from x to log p(x|z) in seven links; under each arrow its exercise.")
plots.show(fig)

# %% [markdown] name="complex-text"
# ## A judge that knows no rules
#
# How do I know that a gradient is right? Differences $(f(x+h) - f(x-h))/2h$ subtract two nearly
# equal numbers: a small $h$ loses digits, a large $h$ bends. For an analytic $f$ take an
# *imaginary* step: $f(x + ih) = f(x) + ih f'(x) - \dots$, so $f'(x) = \mathrm{Im}\, f(x + ih)/h$.
# Nothing is subtracted.

# %% name="digits" prediction="07.a"
predict("07.a", 10)


# %% name="complex-step"
def softplus(a):
    return np.log(1 + np.exp(a))


true = 1 / (1 + np.exp(-0.7))
h = 10.0 ** -np.arange(1, 21)
central = (softplus(0.7 + h) - softplus(0.7 - h)) / (2 * h)
imaginary = softplus(0.7 + 1j * h).imag / h
error = {"differences": abs(central / true - 1), "complex step": abs(imaginary / true - 1)}
best = -np.log10(np.maximum(error["complex step"].min(), 1e-16))
reveal("07.a", round(best))

# %% name="complex-picture" tags=["answer"]
fig, axes = plots.panels()
ax = axes[0, 0]
for (name, e), colour in zip(error.items(), (colours.VERMILION, colours.BLUE), strict=True):
    ax.loglog(h, np.maximum(e, 1e-17), "o-", color=colour, label=name)
ax.set(xlabel="step h", ylabel="relative error")
ax.set_title("An imaginary step loses nothing", loc="left")
ax.legend()
plots.describe(
    ax,
    "Relative error of the derivative against the step, from 0.1 to 1e-20, on logarithmic axes: "
    f"differences are best at {error['differences'].min():.0e} and then get worse; the complex "
    "step falls to rounding and stays there.",
)
plots.show(fig)

# %% [markdown] name="linear-text"
# Every check below compares you with the truth; the complex step is the reason we trust the truth.
#
# ## The layers
#
# **Linear.** $y_o = \sum_i W_{oi} x_i + b_o$. Write one $y$ as a sum and ask what each input
# touches. $W$ and $b$ are shared by all rows of the batch.

# %% name="linear" exercise="07.1"
check("07.1", linear_backward)

# %% [markdown] name="tanh-text"
# **tanh.** The bend between two linear layers; `a` is what goes *in*. Each unit has its own, so
# $\bar a$ is $\bar h$ times the slope of tanh at $a$.

# %% name="tanh" exercise="07.2"
check("07.2", tanh_backward)

# %% [markdown] name="bernoulli-text"
# **Bernoulli.** The decoder ends in logits $l$, with $p = \sigma(l) = 1/(1 + e^{-l})$. A pixel
# that is on gives $\log p = l - \log(1 + e^l)$, one that is off $\log(1 - p) = -\log(1 + e^l)$. A
# logit of 900 must not hurt: $\log(1 + e^l)$ is lesson 00's log-sum-exp, of 0 and $l$.

# %% name="likelihood" exercise="07.3"
check("07.3", bernoulli_log_likelihood)

# %% [markdown] name="bernoulli-back-text"
# Its derivative is the most pleasant of the lesson.

# %% name="bernoulli" exercise="07.4"
check("07.4", bernoulli_backward)

# %% [markdown] name="kl-text"
# ## The KL
#
# Both Gaussians are known, so the KL has a closed form. With $\mathbb{E}_q[z^2] = m^2 + e^v$ and
# $\mathbb{E}_q[(z - m)^2] = e^v$, average $\log q(z) - \log p(z)$ under $q$, latent by latent.

# %% name="kl" exercise="07.5"
check("07.5", kl)

# %% [markdown] name="blind-text"
# A friend forgot the half. He tries his KL at $m = 0$, `logvar` $= 0$, "the simplest point".

# %% name="blind" prediction="07.c"
predict("07.c", "found")

# %% name="blind-revealed"
kl = ready("07.5", kl)
zero, some = np.zeros((3, 2)), np.full((3, 2), 0.5)
print("at 0:  ", kl(zero, zero), "and without the half", 2 * kl(zero, zero))
print("at 0.5:", kl(some, some), "and without the half", 2 * kl(some, some))
reveal("07.c", "found" if np.any(kl(zero, zero)) else "not found")

# %% [markdown] name="blind-moral"
# <details><summary>How many mistakes hide there?</summary>
#
# Of the 80 slips that the bank of this exercise knows, 48 are invisible there: $q$ is the prior,
# and nought times anything is nought. Test where nothing is special.
#
# </details>

# %% name="kl-back" exercise="07.6"
check("07.6", kl_backward)

# %% [markdown] name="noise-text"
# ## Noise comes from outside
#
# (Second sitting.) A random $z$ has no derivative by $m$. But with $\epsilon \sim N(0, 1)$ given,
# $z$ is a plain function of $m$ and $v$: the **reparameterisation trick**.

# %% name="sample" exercise="07.7"
check("07.7", reparameterise)

# %% [markdown] name="sample-back-text"
# And back. One factor in it is the most forgotten of this business.

# %% name="sample-back" exercise="07.8"
check("07.8", reparameterise_backward)

# %% [markdown] name="whole-text"
# ## The whole chain
#
# Forward in seven lines, then your rules from the end to the beginning. The bound is a mean over three
# pictures with four draws each, so the first $\bar y$ is 1/12 for each log likelihood and 1/3 for each
# KL, which is subtracted. The first weight of the encoder is the last to be reached: if its gradient is
# right, everything on the way was.

# %% name="forward"
digits = vl.datasets.load_digits().data
pictures = (digits["images"] >= 8).astype(float)
vae = VAE(n_inputs=64, n_latent=2, hidden=(64,), dtype="float64")
p, x = vae.init(rng=1), pictures[:3]
eps = np.random.default_rng(0).standard_normal((4, 3, 2))  # (draws, pictures, latents)

reparameterise = ready("07.7", reparameterise)
a = x @ p["encoder.0.weight"].T + p["encoder.0.bias"]
m = np.tanh(a) @ p["encoder.mean.weight"].T + p["encoder.mean.bias"]
v = np.tanh(a) @ p["encoder.logvar.weight"].T + p["encoder.logvar.bias"]
z = reparameterise(m, v, eps).reshape(-1, 2)
b = z @ p["decoder.0.weight"].T + p["decoder.0.bias"]
logits = np.tanh(b) @ p["decoder.out.weight"].T + p["decoder.out.bias"]

# %% name="backward"
linear_backward = ready("07.1", linear_backward)
tanh_backward = ready("07.2", tanh_backward)
bernoulli_backward = ready("07.4", bernoulli_backward)
kl_backward = ready("07.6", kl_backward)
reparameterise_backward = ready("07.8", reparameterise_backward)

d_logits = bernoulli_backward(np.full(len(z), 1 / len(z)), np.tile(x, (4, 1)), logits)
d_b = tanh_backward(linear_backward(d_logits, np.tanh(b), p["decoder.out.weight"])[0], b)
d_z = linear_backward(d_b, z, p["decoder.0.weight"])[0].reshape(eps.shape)
of_m, of_v = reparameterise_backward(d_z, v, eps)
kl_m, kl_v = kl_backward(np.full(3, 1 / 3), m, v)
d_h = (of_m - kl_m) @ p["encoder.mean.weight"] + (of_v - kl_v) @ p["encoder.logvar.weight"]
first = linear_backward(tanh_backward(d_h, a), x, p["encoder.0.weight"])[1]

# %% name="whole"
direction = np.random.default_rng(1).standard_normal(first.shape)
stepped = {**p, "encoder.0.weight": p["encoder.0.weight"] + 1e-30j * direction}
true = vae.elbo(stepped, x, eps).elbo.mean().imag / 1e-30
found = np.sum(first * direction)
print(f"by hand {found:.12f}\nby a complex step {true:.12f}")

# %% [markdown] name="score-text"
# ## Two gradients of one expectation
#
# There is an older way, without any derivative of the decoder. Because $\nabla q = q\, \nabla \log
# q$,
#
# $$\nabla\, \mathbb{E}_q[f(z)] = \mathbb{E}_q\big[f(z)\, \nabla \log q(z)\big].$$
#
# This is the *score function* estimator. For one Gaussian latent $\log q(z) = -\tfrac12 (z - m)^2
# e^{-v} - \tfrac12 v + \text{const}$: differentiate it by $m$ and by $v$ with $z$ held fixed.

# %% name="score" exercise="07.9"
check("07.9", score_gradient)

# %% [markdown] name="louder-text"
# Both are right on average. By how much is the variance of the score function's gradient larger,
# with one draw for each of the three pictures?

# %% name="louder" prediction="07.b"
predict("07.b", 10)


# %% name="spread"
def spread(gradients_of, draws, seed=0):
    """Variance of a gradient over 100 repeats, summed over the encoder's weights."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(100):
        parts = gradients_of(rng.standard_normal((draws, 3, 2)))[1]
        found.append(np.concatenate([g.ravel() for n, g in parts.items() if "encoder" in n]))
    return np.var(found, axis=0, ddof=1).sum()


baseline = vae.elbo(p, x, eps).reconstruction
estimators = {
    "score function": lambda e: vae.score_function_gradients(p, x, e),
    "score, baseline": lambda e: vae.score_function_gradients(p, x, e, baseline),
    "reparameterised": lambda e: vae.elbo_and_gradients(p, x, e),
}
draws = np.array([1, 4, 16, 64])
variance = {name: [spread(of, n) for n in draws] for name, of in estimators.items()}
reveal("07.b", variance["score function"][0] / variance["reparameterised"][0])

# %% name="variance-picture" tags=["answer"]
fig, axes = plots.panels()
ax = axes[0, 0]
looks = [("^-", colours.ORANGE), ("s--", colours.GREEN), ("o-", colours.BLUE)]
for (name, values), (style, colour) in zip(variance.items(), looks, strict=True):
    ax.loglog(draws, values, style, color=colour, label=name)
ax.set(xlabel="draws of z for each picture", ylabel="variance of the gradient")
ax.set_title("Three unbiased gradients, one of them quiet", loc="left")
ax.legend()
text = ", ".join(f"{name} {values[0]:.3g}" for name, values in variance.items())
plots.describe(ax, f"Three parallel falling lines on logarithmic axes; with one draw {text}.")
plots.show(fig)

# %% [markdown] name="louder-moral"
# <details><summary>Why?</summary>
#
# Thousands of times. A *baseline*, a constant taken off $f$, is free, because the score averages
# to nothing; it takes most of the noise away, and still leaves more than ten times as much. The
# score function knows only *how good* a draw was, the reparameterised gradient *which way* to move
# it. Where $z$ is discrete there is no such way, and the score is what remains.
#
# </details>

# %% [markdown] name="adam-text"
# ## Climbing
#
# Adam scales the step of every parameter by the size of its past gradients. It keeps two running
# means: $m$ of $g$, nine parts old and one part new, and $s$ of $g^2$, 999 parts old and one part
# new. Both started at 0, so after $t$ steps they hold a share $1 - 0.9^t$ and $1 - 0.999^t$ of a
# mean: divide by it. The step goes along $m$ over the root of $s$, both so corrected.

# %% name="adam" exercise="07.10"
check("07.10", adam_step)

# %% name="training" tags=["expected"]
fit = VAE(n_inputs=64, n_latent=2, hidden=(64,)).fit(
    pictures[:1500], epochs=300, learning_rate=2e-3, rng=0
)
plots.show(plots.vae_trace(fit))

# %% [markdown] name="training-text"
# The bound is what the reconstruction gains less the hatched band, the KL. It is still climbing a
# little: we stop because the lesson must end. And what do two numbers know of a digit?

# %% name="manifold" tags=["expected"]
plots.show(plots.manifold(fit, side=9))

# %% [markdown] name="hunt-text"
# ## Hunt the bug
#
# A much copied script reports the loss of 297 pictures that it has not seen. Its numbers are
# better than those of the same network in your hands.
#
# ```python
# def test_loss(x):
#     m, logvar = encoder(x)                                   # A
#     z = m if testing else m + exp(logvar / 2) * noise()      # B
#     logits = decoder(z)                                      # C
#     fits = bernoulli_log_likelihood(x, logits)               # D
#     return -(fits - kl(m, logvar)).mean()                    # E
# ```

# %% name="hunt-numbers"
unseen = pictures[1500:]
noise = np.random.default_rng(2).standard_normal((200, len(unseen), 2))
honest = -vae.elbo(fit.params, unseen, noise).elbo
script = -vae.elbo(fit.params, unseen, 0 * noise[:1]).elbo
print(f"the script {script.mean():.2f} nats, yours {honest.mean():.2f}")
print(f"the script is below yours for {np.mean(script < honest):.0%} of the pictures")

# %% name="hunt" choice="07.11"
choose("07.11", "B")

# %% [markdown] name="hunt-story"
# The script was real, in the example of a large library; it was found by one of the authors of the
# VAE. A loss that is too good is a bug report.

# %% name="claims" tags=["claim"]
from vi_lab.teach.blindness import invisible

assert error["differences"][9:].min() > 1e-8 and error["complex step"][9:].max() < 1e-15
assert invisible("07.5", zero, zero) == (48, 80)
assert abs(found / true - 1) < 1e-11
loud, quieter, quiet = (values[0] for values in variance.values())
assert loud > 2000 * quiet and loud > 100 * quieter > 1000 * quiet
assert script.mean() < honest.mean() - 0.5 and np.mean(script < honest) > 0.9

# %% [markdown] name="questions"
# ## Say it in your own words
#
# <details><summary>1. Why do the gradients of the rows add up in dW, and not in dx?</summary>
# All rows share W, each row has its own x. What is shared collects from everyone who uses it.
# </details>
#
# <details><summary>2. Why does a complex step not lose digits?</summary>
# The derivative is alone in the imaginary part; nothing is subtracted from it.
# </details>
#
# <details><summary>3. Why is the KL checked away from m = 0, logvar = 0?</summary>
# There KL and gradient are zero, so a factor, a sign or a missing m² cannot show.
# </details>
#
# <details><summary>4. What does reparameterising buy, and when can it not be had?</summary>
# The gradient uses the slope of f at each draw, so it is quiet. A discrete z cannot be moved a
# little.
# </details>
#
# <details><summary>5. Is the loss with z = m a bound on -log p(x)?</summary>
# No. It is log p(x|z) at one chosen z, less a KL of a q that was not used. The average over q is a
# bound.
# </details>

# %% [markdown] name="next"
# **Read next.** Kingma & Welling 2014, section $2.4$ (reparameterisation), eq. 10 (the bound you
# climbed), appendix B (the KL). Rezende, Mohamed & Wierstra 2014. Williams 1992 (the score
# function as REINFORCE). Kingma & Ba 2015, algorithm 1 (Adam). Bishop 2006, section $5.3$
# (backward rules). Squire & Trapp 1998 (the complex step). Then lesson 08: where the nats go.

# %% name="card"
card("07")
