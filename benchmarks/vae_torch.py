"""A VAE's training step against PyTorch's and JAX's: same start, batches and noise, float32.

PyTorch runs eagerly, with Adam as it comes and with its fused one; JAX compiles the whole step. A
step is all there is to one: fetching the batch, bound, gradients, Adam, and the bound as a number.
The noise is drawn beforehand for all. "matrix products" are those of one step alone, in NumPy: the
floor. The large network learns Fashion-MNIST where its Debian package is installed, else pictures
made up on the spot, which take as long.
"""

from importlib.metadata import version

import _common as common
import numpy as np

from vi_lab.datasets import load_fashion
from vi_lab.datasets.files import folder
from vi_lab.errors import InputError
from vi_lab.vae import VAE
from vi_lab.vae.fast.layout import Layout
from vi_lab.vae.training_state import Plan, Run

RATE = 1e-3
# name -> (the VAE, batch, steps a round, rounds, {peer: largest share of its time allowed})
CASES = {
    "784-400-20-400-784": (
        VAE(784, 20, (400,)),
        128,
        5,
        60,
        {"PyTorch": 0.85, "PyTorch fused": 1.1},
    ),
    "64-128-2-128-64": (VAE(64, 2, (128,)), 100, 50, 60, {"PyTorch": 0.25, "JAX": 1.0}),
}


def pictures(n_inputs):
    """Binary pictures, float32, with n_inputs pixels."""
    if n_inputs == 64:
        with np.load(folder().joinpath("digits8x8.npz")) as archive:
            return (archive["images"] > 7).astype(np.float32)
    try:
        return (load_fashion("train").data["images"] > 127).astype(np.float32)
    except InputError as absent:
        print(f"  {absent}; pictures are made up")
    rng = np.random.default_rng(0)
    prototypes = 0.05 + 0.9 * (rng.random((10, n_inputs)) < 0.3)
    chosen = prototypes[rng.integers(10, size=10_000)]
    return (rng.random(chosen.shape) < chosen).astype(np.float32)


class Steps:
    """What every contender is given: a start, and the same rows and noise at its n-th step."""

    def __init__(self, vae, x, batch, count):
        rng = np.random.default_rng(1)
        self.vae, self.x, self.batch = vae, x, batch
        self.start = vae.init(rng=2)
        self.rows = [rng.choice(len(x), batch, replace=False) for _ in range(count)]
        shape = (count, batch, vae.n_latent)
        self.noise = rng.standard_normal(shape, dtype=np.float32)


class Replay:
    """In the place of a generator: the noise that was drawn beforehand."""

    def __init__(self, noise):
        self._noise = iter(noise)

    def standard_normal(self, shape, dtype):
        return next(self._noise).reshape(shape)


def ours(given):
    """vi_lab's own training step."""
    plan = Plan(epochs=1, batch_size=given.batch, learning_rate=RATE, optimiser="adam")
    run = Run(given.vae, given.x, plan, [0], given.start)
    run.noise = Replay(given.noise)

    def step(n):
        run.advance(given.rows[n])
        return run.last_finite

    return step


def pytorch(given, fused):
    """PyTorch, eagerly."""
    import torch

    torch.set_num_threads(1)
    x, noise = torch.from_numpy(given.x), torch.from_numpy(given.noise)
    rows = [torch.from_numpy(r) for r in given.rows]
    layers = {}
    for name in given.vae.network.layers:
        weight, bias = (torch.from_numpy(given.start[f"{name}.{p}"]) for p in ("weight", "bias"))
        layers[name] = torch.nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            layers[name].weight.copy_(weight)
            layers[name].bias.copy_(bias)
    params = [p for layer in layers.values() for p in layer.parameters()]
    adam = torch.optim.Adam(params, lr=RATE, **({"fused": True} if fused else {}))
    score = torch.nn.functional.binary_cross_entropy_with_logits

    def step(n):
        batch = x[rows[n]]
        h = torch.tanh(layers["encoder.0"](batch))
        mean, logvar = layers["encoder.mean"](h), layers["encoder.logvar"](h)
        z = mean + torch.exp(0.5 * logvar) * noise[n]
        logits = layers["decoder.out"](torch.tanh(layers["decoder.0"](z)))
        kl = 0.5 * (mean * mean + logvar.exp() - 1 - logvar).sum()
        loss = (score(logits, batch, reduction="sum") + kl) / len(batch)
        adam.zero_grad()
        loss.backward()
        adam.step()
        return -loss.item()

    return step


def jax_compiled(given):
    """JAX, the whole step compiled, its state handed over rather than copied."""
    import jax
    import jax.numpy as jnp

    def loss(params, batch, eps):
        def layer(name, h):
            return h @ params[f"{name}.weight"].T + params[f"{name}.bias"]

        h = jnp.tanh(layer("encoder.0", batch))
        mean, logvar = layer("encoder.mean", h), layer("encoder.logvar", h)
        z = mean + jnp.exp(0.5 * logvar) * eps
        logits = layer("decoder.out", jnp.tanh(layer("decoder.0", z)))
        score = (jnp.logaddexp(0.0, logits) - batch * logits).sum()
        return (score + 0.5 * (mean**2 + jnp.exp(logvar) - 1 - logvar).sum()) / len(batch)

    def update(state, x, rows, eps):
        params, m, v, t = state
        value, g = jax.value_and_grad(loss)(params, x[rows], eps)
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        params = jax.tree.map(
            lambda p, m, v: p - RATE * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8),
            params,
            m,
            v,
        )
        return (params, m, v, t), value

    compiled = jax.jit(update, donate_argnums=0)
    params = {name: jnp.array(value) for name, value in given.start.items()}
    zeros = [jax.tree.map(jnp.zeros_like, params) for _ in range(2)]
    state = [(params, *zeros, jnp.zeros(()))]
    x, rows, noise = jnp.array(given.x), jnp.array(np.array(given.rows)), jnp.array(given.noise)
    rows, noise = list(rows), list(noise)

    def step(n):
        state[0], value = compiled(state[0], x, rows[n], noise[n])
        return -float(value)

    return step


def products(given):
    """The matrix products of one step, into arrays that are there already."""
    rng, batch = np.random.default_rng(3), given.batch
    layout = Layout(given.vae.network)
    jobs = []
    for name, w in layout.matrices(layout.flatten(given.start, np.float32)).items():
        n_in, n_out = w.shape
        h, dy = (rng.standard_normal((n, batch), dtype=np.float32) for n in (n_in, n_out))
        jobs += [(w.T, h, np.empty_like(dy)), (h, dy.T, np.empty_like(w))]
        if name != "encoder.0":  # nobody asks for the gradient of the data
            jobs.append((w[:-1], dy, np.empty((n_in - 1, batch), np.float32)))

    def step(n):
        for a, b, out in jobs:
            np.matmul(a, b, out=out)

    return step


def race(case, vae, batch, steps, rounds, targets):
    """All contenders over the same steps, in turn; the rows of the table."""
    count = steps * (rounds + 1)
    given = Steps(vae, pictures(vae.n_inputs), batch, count)
    makers = {"vi_lab": lambda: ours(given), "matrix products": lambda: products(given)}
    if not common.module_is_absent("torch", "bench-vae"):
        makers["PyTorch"] = lambda: pytorch(given, fused=False)
        makers["PyTorch fused"] = lambda: pytorch(given, fused=True)
    if not common.module_is_absent("jax", "bench-vae"):
        makers["JAX"] = lambda: jax_compiled(given)
    contenders = {name: make() for name, make in makers.items()}
    bounds = {name: [] for name in contenders}

    def round_of(name):
        def job():
            for _ in range(steps):
                bounds[name].append(contenders[name](len(bounds[name])))

        return job

    jobs = {name: round_of(name) for name in contenders}
    for job in jobs.values():
        job()  # compile, allocate, warm the caches
    seconds = common.in_turn(rounds, jobs)
    mine, rows = np.array(bounds["vi_lab"]), []
    for name in contenders:
        row = {
            "network": case,
            "step by": name,
            "us a step": round(1e6 / common.rate(steps, seconds[name])),
            "vi_lab takes": round(1 / common.ratio(seconds["vi_lab"], seconds[name]), 3),
            "of at most": targets.get(name),
        }
        if bounds[name][0] is not None:
            row["ELBO at first"] = round(bounds[name][0], 4)
            row["half-way"] = round(bounds[name][count // 2], 4)
            row["at last"] = round(bounds[name][-1], 4)
            row["off by at most"] = float(f"{np.abs(np.array(bounds[name]) / mine - 1).max():.1g}")
        rows.append(row)
    return rows


def main():
    """Both networks."""
    print(__doc__.splitlines()[0])
    rows = [row for case, setting in CASES.items() for row in race(case, *setting)]
    peers = {name: version(name) for name in ("torch", "jax") if _present(name)}
    common.report("vae_torch", rows, peers)


def _present(name):
    return not common.module_is_absent(name)


if __name__ == "__main__":
    main()
