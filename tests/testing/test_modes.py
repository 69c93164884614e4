"""The look at the mode of Laplace's fit: what a slope and a curvature are, of a fit that is off."""

from dataclasses import replace

import numpy as np
import pytest

from vi_lab import laplace
from vi_lab.testing.gaussian_tests import LAPLACE, _check_log_density, _check_mode


@pytest.mark.parametrize(
    ("moved", "wider", "found"),
    [
        (0.0, 1.0, {"slope, in an sd": 0.0, "curvature, in a precision": 0.0}),
        # two normals of one width, 0.1 sds apart
        (0.1, 1.0, {"slope, in an sd": 0.1}),
        # in sds of a q twice as wide log p bends by 4, and log q by 1
        (0.0, 2.0, {"slope, in an sd": 0.0, "curvature, in a precision": 3.0}),
    ],
)
def test_a_mode_has_neither_slope_nor_curvature_beside_its_fit(moved, wider, found):
    q = laplace("newcomb", rng=0)
    means = q.mixture.means + moved * q.mixture.roots[:, :, 0]
    off = replace(q, mixture=q.mixture._replace(means=means, roots=wider * q.mixture.roots))
    report = _check_mode(lambda name: off, np.random.default_rng(0))
    assert report.passed == (moved == 0.0 and wider == 1.0)
    for name, size in found.items():
        assert np.max(report.points[name]) == pytest.approx(size, rel=0.2, abs=1e-3)


@pytest.mark.parametrize("name", ["coin", "newcomb", "coal", "cars"])
def test_the_log_density_of_a_gaussian_of_so_many_numbers(name):
    """One, two, three and four: its mean and its sd are held, and one a third too wide is none."""
    q = laplace(name, rng=0)
    assert _check_log_density(lambda _: q, LAPLACE, np.random.default_rng(0)).passed
    wide = replace(q, mixture=q.mixture._replace(roots=1.3 * q.mixture.roots))

    class Narrow:
        """Whose draws are those of q, and whose density is that of the wide one."""

        model, target, mixture, sample = q.model, q.target, wide.mixture, q.sample

    report = _check_log_density(lambda _: Narrow, LAPLACE, np.random.default_rng(0))
    assert report.passed is False
