"""The look at the mode of Laplace's fit: what a slope and a curvature are, of a fit that is off."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import vi_lab
from vi_lab import laplace
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.numerics.rounding import Estimate
from vi_lab.testing import HamiltonianSteps, MetropolisSteps, gaussian_tests, joint_of
from vi_lab.testing.gaussian_tests import (
    LAPLACE,
    METHODS,
    _check_bound,
    _check_log_density,
    _check_mode,
)


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


@pytest.mark.parametrize("name", ["correlated", "newcomb"])
def test_what_a_gaussian_loses_that_is_moved_from_its_best(name, monkeypatch):
    """Of a normal target KL[N(m, s**2 L L') || N(m, L L')] = D (s**2 - 1 - log s**2) / 2, and half
    the square of a shift in sds; of another Laplace's q is not the best."""
    monkeypatch.setattr(gaussian_tests, "SETTLED", 1.0)
    monkeypatch.setattr(gaussian_tests, "ERRORS", 0.0)
    fits = {method: fit(vi_lab.problem(name).model, rng=0) for method, fit in METHODS.items()}
    report = _check_bound(fits.__getitem__, np.random.default_rng(0))
    lost = {key: -float(value[0]) for key, value in report.points.items()}
    best, mode = (float(fits[method].elbo) for method in (gaussian_tests.VI, LAPLACE))
    assert lost.pop(LAPLACE) == pytest.approx(best - mode, abs=1e-6)
    assert report.passed and (best - mode > 1e-3) == (name == "newcomb")
    expected = {"a tenth of an sd away": 0.005}
    for key, square in (("a tenth wider", 1.21), ("a tenth narrower", 1.0 / 1.21)):
        expected[key] = square - 1.0 - np.log(square)  # of two numbers
    assert lost == pytest.approx(expected, rel=1e-4 if name == "correlated" else 0.2)


def test_a_bound_that_another_q_passes_is_not_the_best(monkeypatch):
    """Of a q a fifth too wide one a tenth narrower is better, whatever else is tried."""
    q = gaussian_tests.METHODS[gaussian_tests.VI](vi_lab.problem("correlated").model, rng=0)
    wide = GaussianPosterior(q.model, q.mixture._replace(roots=1.2 * q.mixture.roots), "wide")
    report = _check_bound(lambda name: wide, np.random.default_rng(0))
    assert report.passed is False and "a tenth narrower" in report.sentence


def test_a_bound_may_be_lower_by_the_errors_of_both(monkeypatch):
    """By a thousandth of a nat, and seven errors of its own and of the other's."""
    q = gaussian_tests.METHODS[gaussian_tests.VI](vi_lab.problem("correlated").model, rng=0)
    for its_own, others in ((0.0, 0.0), (0.3, 0.0), (0.0, 0.3), (0.1, 0.2)):
        best = SimpleNamespace(
            mixture=q.mixture, model=q.model, elbo_estimate=Estimate(0.0, its_own, "quadrature")
        )
        for share, passed in ((0.99, True), (1.01, False)):
            above = share * (1e-3 + 7.0 * (its_own + others))
            other = SimpleNamespace(elbo_estimate=Estimate(above, others, "quadrature"))
            monkeypatch.setattr(gaussian_tests, "GaussianPosterior", lambda *_, other=other: other)
            fits = {gaussian_tests.VI: best, LAPLACE: other}
            report = _check_bound(fits.__getitem__, np.random.default_rng(0))
            assert report.passed is passed and len(report.points) == 4
            assert np.ravel(list(report.points.values())) == pytest.approx(share)


@pytest.mark.parametrize("kind", [HamiltonianSteps, MetropolisSteps])
def test_a_kernel_that_was_tuned_has_the_shape_of_the_posterior(kind):
    """newcomb's mean is uncertain by 1.3, the log of its precision by 0.17: the one in eight times
    as many units of its own as the other. Metropolis-Hastings is tuned to fresh data."""
    model = vi_lab.problem("newcomb").model
    walk = kind.tuned(model, rng=0)
    if kind is MetropolisSteps:
        _, model = joint_of(model).draw(np.random.default_rng(0))
    truth = vi_lab.exact(model)
    wanted = truth.sd("mu") / (truth.sd("tau") / truth.mean("tau"))
    sds = np.sqrt(np.diag(walk.cholesky @ walk.cholesky.T))
    assert wanted / 3.0 < sds[0] / sds[1] < wanted * 3.0
    assert not 1.0 / 3.0 < wanted < 3.0  # no tuning at all gives one
