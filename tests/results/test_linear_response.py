"""Draws of the normal that a linear response is, and what is read back of one."""

import numpy as np
import pytest
from scipy import stats

import vi_lab
from vi_lab.errors import InputError
from vi_lab.results import LinearResponse


@pytest.mark.parametrize("name", ["cars", "correlated", "polynomial"])
def test_draws_lie_about_the_means_of_q(name):
    """Means, sds and correlations of all coordinates, in standard errors of 40,000 draws."""
    response = vi_lab.linear_response(vi_lab.cavi(name, rng=0))
    n, draws = 40_000, response.sample(40_000, rng=0)
    z = np.concatenate([draws[latent].reshape(n, -1) for latent in response.index], axis=1)
    mean = np.concatenate([np.ravel(response.mean(latent)) for latent in response.index])
    order = np.concatenate([np.ravel(where) for where in response.index.values()])
    cov = response.cov[np.ix_(order, order)]
    sd = np.sqrt(np.diag(cov))
    assert (np.abs(z.mean(0) - mean) < 5 * sd / np.sqrt(n)).all()
    assert (np.abs(z.std(0) / sd - 1.0) < 5 / np.sqrt(2 * n)).all()
    assert np.abs(np.corrcoef(z.T) - cov / np.outer(sd, sd)).max() < 5 / np.sqrt(n)


def test_quantiles_are_those_of_its_normal():
    response = vi_lab.linear_response(vi_lab.cavi("newcomb-independent", rng=0))
    for name in ("mu", "tau"):
        law = stats.norm(response.mean(name), response.sd(name))
        levels = np.array([0.055, 0.5, 0.99])
        assert response.quantile(name, levels) == pytest.approx(law.ppf(levels), rel=1e-12)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda a: a["cov"].__setitem__((1, 1), -1e-3), "cov: has a negative variance"),
        (lambda a: a["cov"].__setitem__((0, 1), np.inf), "cov: needs a covariance of 2"),
        (lambda a: a["index/tau"].__setitem__((), 2), "index/tau: needs whole numbers from 0, be"),
        (lambda a: a["index/tau"].__setitem__((), -1), "index/tau: needs whole numbers from 0, be"),
        (lambda a: a.update({"index/mu": np.array([0])}), "index/mu: is of another shape"),
    ],
)
def test_arrays_that_are_no_response_are_refused(wrong, words):
    """One number in them that cannot be is enough."""
    response = vi_lab.linear_response(vi_lab.cavi("newcomb-independent", rng=0))
    arrays, record = response.pack()
    record |= {"method": response.method, "seconds": 1.5}
    again = LinearResponse.unpack(record, arrays, response.model)
    assert again.seconds == 1.5 and np.array_equal(again.cov, response.cov)
    assert (again.method, again.q.method) == (response.method, response.q.method)
    arrays = {name: np.array(array) for name, array in arrays.items()}
    wrong(arrays)
    with pytest.raises(InputError, match=words):
        LinearResponse.unpack(record, arrays, response.model)
