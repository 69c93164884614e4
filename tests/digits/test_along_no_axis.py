"""GaussianMixture along no axis, off the grid of the sweep: random lines, distances and priors."""

import numpy as np
import pytest

from tests.digits.mixtures import gaussian_mixture
from tests.digits.sweep import faults
from vi_lab import GaussianMixture, cavi, ledger, load


def inputs(seed):
    """Points about two places on a line that is no axis, which may go through m0 or not."""
    rng = np.random.default_rng([seed, 5])
    size, count = rng.integers(2, 4), rng.integers(1, 3)
    x = rng.normal(size=(4, size)).round(2)
    line = rng.normal(size=size)
    line, far = line / np.linalg.norm(line), 10.0 ** rng.uniform(3, 10)
    places = (np.array([0, 1, 0, 1]), np.ones(4), rng.normal(size=4))[seed % 3]
    root = rng.normal(size=(size, size)).round(2)
    return dict(
        x=x + far * places[:, None] * line, n_components=int(count), concentration=1.0,
        m0=np.zeros(size), beta0=float(10 ** rng.uniform(-3, 2)), nu0=float(size + 1.5),
        w0_inv=root @ root.T + 0.5 * np.eye(size),
    )  # fmt: skip


SEEDS = [pytest.param(k, marks=() if k < 6 else pytest.mark.slow) for k in range(40)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_case_at_random_keeps_its_word(seed):
    given = inputs(seed)
    case = gaussian_mixture(
        f"no axis {seed}", finer=True, **{k: lambda _, v=v: v for k, v in given.items()}
    )
    assert faults(case, 1.0) == []


def far_along(distance):
    line, x = np.array([0.8, -0.6]), np.array([[0.3, 1.0], [2.1, -0.4], [-1.4, 0.2], [0.5, 0.5]])
    x[2:] += distance * line
    return GaussianMixture(x, 2, 1.0, [0.0, 0.0], 0.01, 3.0, [[1.0, 0.3], [0.3, 2.0]])


def test_a_q_is_what_its_parameters_tell_where_they_can():
    """At 1e7 a rounding of W^-1 costs 1e-10 nats, at 1e10 hundreds: then q holds more digits, and
    what its parameters do not tell of the bound is stated."""
    near, far = (cavi(far_along(d), rng=0, restarts=3) for d in (1e7, 1e10))
    assert near.q["components"].family.turn is None
    assert near.elbo == pytest.approx(near.elbo_trace[-1].max(), abs=1e-12)
    assert ledger(far_along(1e7), near).holds
    assert far.q["components"].family.turn is not None
    account = ledger(far_along(1e10), far)
    assert account.holds is None and account.errors["elbo"] > 1.0
    assert account.log_evidence - account.elbo == pytest.approx(account.kl, abs=1e-6)


def test_a_q_in_axes_of_its_own_is_saved_with_them(tmp_path):
    model = far_along(1e10)
    q = cavi(model, rng=0, restarts=3)
    q.save(tmp_path / "q")
    again = load(tmp_path / "q", model)
    assert again.elbo == q.elbo
    assert (again.q["components"].family.turn == q.q["components"].family.turn).all()
