"""Other libraries on the lab's problems: their draws are of the exact posterior."""

import importlib.util

import numpy as np
import pytest

from tests.console import call
from tests.faults import strict
from vi_lab import InputError, NotApplicable, audit, exact, problem
from vi_lab.adapters import numpyro, pymc, stan
from vi_lab.problems.other_methods import ELSEWHERE

TOOLS = {"numpyro": (numpyro, "numpyro"), "pymc": (pymc, "pymc"), "stan": (stan, "stanli")}
FEW = dict(chains=2, draws=300, warmup=300)


def installed(module):
    return importlib.util.find_spec(module) is not None


@pytest.mark.parametrize("tool", TOOLS)
def test_a_library_that_is_missing_is_a_row_with_the_line_that_installs_it(tool, monkeypatch):
    module, needed = TOOLS[tool]
    if installed(needed):
        pytest.skip(f"{needed} is installed")
    with pytest.raises(NotApplicable, match=rf"pip install {needed}$"):
        module.run("coin", rng=0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tool", TOOLS)
def test_nuts_agrees_with_the_truth(tool):
    """The means of coal's rates, in their Monte Carlo errors; labels are drawn back."""
    module, needed = TOOLS[tool]
    pytest.importorskip(needed)
    found = module.run("coal", rng=1, **FEW)
    truth = exact("coal")
    assert found.values["rates"].shape == (2, 300, 2) and found.values["s"].shape == (2, 300)
    noise = truth.sd("rates") / np.sqrt(np.asarray(found.ess()["rates"]))
    assert (np.abs(found.mean("rates") - truth.mean("rates")) < 5.0 * noise).all()
    assert audit("coal", posterior=found.values, rng=0).holds is not False


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tool", ["numpyro", "pymc"])
def test_a_full_gaussian_is_near(tool):
    module, needed = TOOLS[tool]
    pytest.importorskip(needed)
    found = module.run("newcomb", "fullrank-advi", rng=1)
    truth = exact("newcomb")
    assert abs(found.mean("mu") - truth.mean("mu")) < truth.sd("mu")


@pytest.mark.filterwarnings("ignore")
def test_pathfinder_draws_from_one_gaussian_near_the_posterior():
    """In log tau of newcomb and the logit of a coin the posterior is nearly one."""
    pytest.importorskip("stanli")
    for name, latent in (("coin", "theta"), ("newcomb", "mu")):
        found, truth = stan.run(name, "pathfinder", rng=1), exact(name)
        sd = truth.sd(latent)
        assert found.values[latent].shape == (4, 250)
        assert abs(found.mean(latent) - truth.mean(latent)) < 0.3 * sd
        assert 0.8 < found.sd(latent) / sd < 1.2
        assert len(np.unique(found.values[latent])) == 1000


def test_what_a_tool_cannot_express_says_why():
    with pytest.raises(NotApplicable, match="every latent is discrete"):
        numpyro.run("ising")
    with pytest.raises(NotApplicable, match="rows are independent"):
        stan.run("iris", "pathfinder")
    with pytest.raises(InputError, match="did you mean 'nuts'"):
        pymc.run("coin", "nutz")
    reasons = {m.name: m.why_not(problem("ising").model) for m in ELSEWHERE}
    assert all("every latent is discrete" in reason for reason in reasons.values())


def test_compare_shows_others_as_rows_beside_the_usual_ones():
    words = ("compare", "ising", "--methods", "exact", "--with", "stan-pathfinder", "--jobs", "1")
    out, _ = call(*words, "--format", "json")
    rows = strict(out)["rows"]
    assert [row["method"] for row in rows] == ["exact", "stan-pathfinder"]
    assert "every latent is discrete" in rows[1]["reason"] and not rows[1]["applies"]
    _, err = call("compare", "coin", "--with", "stan-nutz", code=2)
    assert "--with: unknown name 'stan-nutz'; did you mean 'stan-nuts'" in err
