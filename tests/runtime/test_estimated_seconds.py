"""What the jobs of a command take is told before they are shared out: so much for each of them."""

import pytest

from vi_lab.comparison import jobs as comparing
from vi_lab.comparison.jobs import PICTURES_SECONDS, ROW_SECONDS, Work, estimate_seconds
from vi_lab.identity import identity_check
from vi_lab.marginal_likelihood import weighing
from vi_lab.problems.named import problem
from vi_lab.testing import __main__ as battery


class Told(Exception):
    """Of how long each job takes; none of them is begun."""


def told(monkeypatch, module, run, *arguments):
    def processes(jobs, seconds):
        raise Told(list(seconds))

    monkeypatch.setattr(module, "processes", processes)
    with pytest.raises(Told) as caught:
        run(*arguments)
    return caught.value.args[0]


def test_a_group_takes_its_rows_and_its_pictures():
    """Two rows of each problem, three problems; pictures only where they are drawn."""
    group = [problem(name) for name in ("coin", "newcomb", "coal")]
    for budget, each in ROW_SECONDS.items():
        plain = Work(["exact", "gibbs"], budget, 0)
        drawn = Work(["exact", "gibbs"], budget, 0, finish=print)
        assert estimate_seconds(group, plain) == pytest.approx(6.0 * each)
        assert estimate_seconds(group, drawn) == pytest.approx(6.0 * each + 3.0 * PICTURES_SECONDS)


def test_every_job_is_counted(monkeypatch):
    names = ["coin", "newcomb", "coal"]
    problems = [problem(name) for name in names]
    tasks = [([item], Work(["exact"], "quick", 0), print) for item in problems]
    row = ROW_SECONDS["quick"]
    assert told(monkeypatch, comparing, comparing.gather_tasks, tasks, None) == [row] * 3
    found = told(monkeypatch, identity_check, identity_check.check, names)
    assert found == [identity_check.PROBLEM_SECONDS] * 3
    found = told(monkeypatch, weighing, weighing.weigh, problems, ["importance", "smc"], 4)
    assert found == [2.0 * weighing.SECONDS] * 12
    few, many = (told(monkeypatch, battery, battery._run, names, n, 0, None) for n in (4, 4000))
    assert many == [battery.TEST_SECONDS] * len(many)
    assert few == pytest.approx([0.001 * battery.TEST_SECONDS] * len(many)) and len(many) > 3
