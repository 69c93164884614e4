"""Whole covariance matrices of the linear response, by brute force: tilt the log joint, see q move.

The log joint of a model gets <s, z_k> added for one coordinate z_k of one block; CAVI climbs to the
new optimum, and the derivative of every mean in s is that coordinate's column of the covariance.
Seven points make it, so that what is left of the higher derivatives is below 1e-10.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.inference.test_linear_response import pushed
from tests.thinning import mostly_slow
from vi_lab import (
    PPCA,
    BayesNet,
    ChangePoint,
    Clutter,
    CorrelatedGaussian,
    FactorAnalysis,
    HierarchicalNormal,
    Ising,
    LinearRegression,
    LinearRegressionKnownNoise,
    LocalLevel,
    LogisticRegression,
    NormalGamma,
    NormalSemiConjugate,
    cavi,
    linear_response,
    problem,
)
from vi_lab.families import (
    Bits,
    Categorical,
    Dirichlet,
    Gamma,
    GaussianChain,
    Multinomial,
    MultivariateNormal,
    Normal,
    NormalWishart,
    Spin,
)
from vi_lab.models.priors import HalfCauchy, InverseGamma

X = np.array([0.5, -1.0, 0.25, 1.5, -0.75])
SD = np.array([0.5, 1.0, 2.0, 1.5, 0.75])
LINE = np.stack([np.ones(5), np.array([0.0, 1.0, 3.0, -2.0, 0.5])], axis=1)
CUBIC = np.linspace(-1.0, 1.0, 5)[:, None] ** np.arange(4)
ROWS = np.array([[0.5, -1.0, 0.3], [0.25, 1.5, -0.7], [-0.75, 0.1, 1.1]])
SLOPES = np.array([[1.0, 0.2], [0.5, -1.0], [-0.3, 0.8]])
FULL = np.array([[2.0, 0.7, 0.3], [0.7, 1.0, -0.2], [0.3, -0.2, 1.5]])
REGRESSION = dict(m0=(0.3, -0.2), V0=[[2.0, 0.5], [0.5, 1.0]], a0=2.0, b0=3.0)

MODELS = {
    "normal-gamma": lambda: NormalGamma(X, 0.3, 0.5, 2.0, 3.0),
    "semi-conjugate": lambda: NormalSemiConjugate(X, 0.3, 0.8, 2.0, 3.0),
    "regression, joint": lambda: LinearRegression(LINE, X, **REGRESSION),
    "regression, coordinates": lambda: LinearRegression(
        LINE, X, **REGRESSION, blocks="coordinates"
    ),
    "known noise": lambda: LinearRegressionKnownNoise(CUBIC, X, 4.0, 2.0, 3.0),
    "polynomial": lambda: problem("polynomial").model,
    "hierarchical": lambda: HierarchicalNormal(X, SD, 5.0, InverseGamma(3.0, 2.0)),
    "half-Cauchy": lambda: HierarchicalNormal(2 * X, SD, 5.0, HalfCauchy(2.0)),
    "level, even-odd": lambda: LocalLevel(X, 0.5, 1.5, 0.2, 4.0),
    "level, joint": lambda: LocalLevel(X, 0.5, 1.5, 0.2, 4.0, blocks="joint"),
    "correlated": lambda: CorrelatedGaussian([1.0, 0.0, -2.0], FULL, blocks=[[0, 2], [1]]),
    "ppca": lambda: PPCA(ROWS, SLOPES, 0.1, 0.5),
    "factors, joint": lambda: FactorAnalysis(ROWS, SLOPES, 0.1, [0.5, 1.0, 2.0], blocks="joint"),
    "change point": lambda: ChangePoint([4, 5, 4, 1, 0, 1, 0, 0], a=(2, 2), b=(1, 1)),
    "clutter": lambda: Clutter(X[:4], w=0.4, prior_var=9.0),
    "logit": lambda: LogisticRegression(
        LINE, [1, 0, 2, 0, 1], [2, 1, 3, 2, 1], (0, 0.5), np.eye(2)
    ),
    "lattice": lambda: Ising(0.3, [[0.2, -0.1], [0.3, 0.0]]),
    "network": lambda: BayesNet(
        {"a": (), "b": ("a",), "c": ("a", "b"), "d": ("c",)},
        {"a": 0.3, "b": [0.2, 0.7], "c": [[0.1, 0.6], [0.5, 0.9]], "d": [0.3, 0.8]},
        {"d": 1},
        blocks=[("a", "b")],
    ),
}
STENCIL = {1: 45.0, 2: -9.0, 3: 1.0}  # over 60 h: f' to h**6


def weights_of(family, k):
    """The statistics' coefficients by which coordinate k of a value is linear in them, or None."""
    fields = [np.zeros(shape) for shape in family.stat_shapes]
    match family:
        case Normal() | Spin():
            fields[0] += 1.0
        case MultivariateNormal() | GaussianChain() | Multinomial():
            fields[0][k] = 1.0
        case Gamma():
            fields[1] += 1.0
        case Bits():
            fields[0] += family.support[:, k]
        case Categorical() if family.first is not None:
            fields[0] += family.support
        case _:
            return None
    return fields


def column(model, name, plate, fields, sd):
    """d E_q[every latent] / d s of the model tilted by s <fields, t> in one plate of a block."""
    block = model.blocks[name]
    step = 0.004 / sd
    found = {}
    for k, weight in STENCIL.items():
        for sign in (-1, 1):
            push = []
            for field in fields:
                whole = np.zeros(block.plates + field.shape)
                whole[plate] = sign * k * step * field
                push.append(whole)
            tilted = pushed(model, name, block.family.Stats(*push))
            q = cavi(tilted, rng=0, tol=1e-13, max_sweeps=3000)
            for latent in q.names:
                term = sign * weight * np.asarray(q.mean(latent)) / (60.0 * step)
                found[latent] = found.get(latent, 0.0) + term
    return found


# others with the same families
SIMILAR = ("hierarchical", "level, even-odd", "known noise", "semi-conjugate", "factors, joint")


@pytest.mark.filterwarnings("ignore::vi_lab.ConvergenceWarning")
@pytest.mark.parametrize("kind", mostly_slow(MODELS, MODELS.keys() - {*SIMILAR}))
def test_every_covariance_is_the_motion_of_the_optimum(kind):
    model = MODELS[kind]()
    q = cavi(model, rng=0, tol=1e-13, max_sweeps=3000)
    response = linear_response(q)
    tried = 0
    for name, block in model.blocks.items():
        for plate in np.ndindex(block.plates):
            for k in range(block.family.numbers):
                fields = weights_of(block.family, k)
                if fields is None or block.auxiliary:
                    continue
                tried += 1
                sd = np.ravel(np.asarray(q.q[name].sd)[plate])[k]
                moved = column(model, name, plate, fields, sd)
                latent, at = coordinate(model, name, plate, k)
                for of in q.names:
                    if of in model.nominal:
                        continue
                    found = np.asarray(response.covariance(of, latent))[(..., *at)]
                    unit = sd * np.where(np.isfinite(response.sd(of)), response.sd(of), 1.0)
                    assert_allclose(
                        found / unit, moved[of] / unit, rtol=0, atol=1e-8, err_msg=f"{of}, {latent}"
                    )
    assert tried


def coordinate(model, name, plate, k):
    """The latent and the index of it at which coordinate k of a block's value in a plate stands."""
    marked = {}
    for other, block in model.blocks.items():
        values = np.zeros(block.plates + block.family.event_shape)
        if other == name:
            values[plate].reshape(-1)[k : k + 1] = 1.0
            if not values[plate].shape:
                values[plate] = 1.0
        marked[other] = values
    for latent, value in model.latents(marked).items():
        if np.any(value):
            (index,) = np.argwhere(value)
            return latent, tuple(index)
    raise AssertionError(f"{name} is in no latent")


def dense(family, eta):
    """The covariance of many draws: of families, too, that no shipped model joins in a block."""
    draws = family.sample(np.random.default_rng(0), eta, (400_000,))
    parts = draws if isinstance(draws, tuple) else (draws,)
    return np.cov(np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1).T)


@pytest.mark.parametrize(
    "q",
    [
        Dirichlet.of(concentration=[0.7, 2.0, 3.5]),
        Multinomial.of(total=7, probabilities=[0.2, 0.5, 0.3]),
        Bits.of(probabilities=[0.1, 0.2, 0.4, 0.3]),
        GaussianChain.of(mean=[1.0, 2.0, 0.0], variance=[1.0, 2.0, 0.5], covariance=[0.7, -0.6]),
        MultivariateNormal.of(mean=[1.0, 2.0, 0.0], cov=FULL),
        NormalWishart.of(mean=[1.0, -1.0], beta=2.0, w_inv=FULL[:2, :2], nu=7.0),
    ],
    ids=lambda q: type(q.family).__name__,
)
def test_a_family_says_the_covariance_of_its_draws(q):
    """Five standard errors, about sqrt(2 / n) of two sds; the diagonal is the square of the sd."""
    found, drawn = q.family.covariance(q.eta), dense(q.family, q.eta)
    sd = np.sqrt(np.diag(drawn))
    assert_allclose(found / np.outer(sd, sd), drawn / np.outer(sd, sd), rtol=0, atol=0.02)
    parts = q.sd if isinstance(q.sd, tuple) else (q.sd,)
    flat = np.concatenate([np.ravel(part) for part in parts])
    assert_allclose(np.sqrt(np.diagonal(found, axis1=-2, axis2=-1)), flat, rtol=1e-12)
