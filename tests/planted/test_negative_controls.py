"""Every mistake of the catalogue is caught, by the tests that docs/negative_controls.md names."""

import pytest

from tests.negative_controls import catchers, checks_of, planted, report_on, written
from tests.planted.controls import CONTROLS

TABLE = written()


def test_the_page_is_about_the_catalogue():
    assert len(CONTROLS) >= 25
    assert {what: control.where for what, control in CONTROLS.items()} == {
        what: where for what, (where, _) in TABLE.items()
    }
    assert all(by and by[0] for _, by in TABLE.values())


SUBJECTS = {control.subject: control for control in CONTROLS.values()}
# seconds and more each; what is right passes besides in tests/testing
LONG = (
    "gaussian_mixture", "normal_mixture", "many_rows", "change_point", "rotated", "joint_rows",
    "normal_gamma", "correlated",
)  # fmt: skip


CASES = [
    pytest.param(
        subject, id=subject.__name__, marks=[pytest.mark.slow] * (subject.__name__ in LONG)
    )
    for subject in SUBJECTS
]


@pytest.mark.parametrize("subject", CASES)
def test_without_the_mistake_all_pass(subject, short_chains):
    control = SUBJECTS[subject]._replace(replicates=24)
    reports = [report_on(check, name) for name, check in checks_of(control).items()]
    assert not [report for report in reports if report.passed is False]


# a fifth of a second and more each; test_all_that_are_named_catch_it tries them with the rest
DEAR = (
    "exact draws of each latent by itself", "rejected proposals not counted",
    "one decision for all walkers", "degrees of freedom off by one in a Wishart draw",
    "a step that depends on the state, uncorrected", "every second chain the mirror of another",
    "the Jacobian of the simplex dropped", "the kinetic energy left out of the acceptance",
    "the momentum kept, its sign not turned at a rejection", "every trajectory accepted",
    "a trajectory along the slope of the state before", "one momentum for all chains",
    "the last half of a leapfrog step lost", "variance for sd in the simulated data",
    "a proposal that leans to one side", "u for log u in the acceptance",
    "blocks updated from the sweep's first statistics", "a block collapsed at t = 1 instead of 0",
    "a collapsed block drawn back from its prior", "the Jacobian dropped from the target",
    "variance for sd in a normal draw", "scale for rate in the prior's draws",
    "every observation counted twice", "every proposal accepted",
    "rows handed to the wrong chain", "the other coordinate of a row ignored",
)  # fmt: skip


@pytest.mark.parametrize("what", [what for what in CONTROLS if what not in DEAR])
def test_the_mistake_is_caught(what, short_chains):
    control, first = CONTROLS[what], TABLE[what][1][0]
    if control.replicates < 1500:  # those of more are caught by no fewer
        control = control._replace(replicates=control.replicates // 2)
    with planted(control):
        report = report_on(checks_of(control)[first], first)
    assert report.passed is False, report


@pytest.mark.slow
@pytest.mark.parametrize("what", CONTROLS)
def test_all_that_are_named_catch_it(what):
    named = TABLE[what][1]
    assert sorted(catchers(CONTROLS[what], named)) == sorted(named)
