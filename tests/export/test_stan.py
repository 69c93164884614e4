"""Programs for Stan: their log density is vi_lab's to 1e-10, with constants and Jacobians."""

import json

import numpy as np
import pytest

from vi_lab import (
    HierarchicalNormal,
    NormalMixture,
    NotApplicable,
    ResultFileError,
    list_problems,
    problem,
)
from vi_lab.export import posteriordb, stan
from vi_lab.export.stan_program import why_no_program
from vi_lab.models.priors import InverseGamma
from vi_lab.testing.fixture import OfProblem

HAVE = [n for n in list_problems() if why_no_program(problem(n).model) is None]
OWN = {
    "inverse gamma": HierarchicalNormal([1.0, 2.0, 4.0], 1.5, 3.0, InverseGamma(2.0, 3.0)),
    "weights": NormalMixture([1.0, 2.0, 4.0], 1.0, 0.0, 3.0, weights=[0.3, 0.7]),
}


def of(name):
    return OWN[name] if name in OWN else problem(name).model


# Stan walks in other coordinates of a simplex, with another Jacobian
WALKED_ALIKE = [n for n in (*HAVE, *OWN) if "weights" not in of(n).blocks]


@pytest.mark.parametrize("name", WALKED_ALIKE)
def test_the_log_density_is_ours_by_stanli(name):
    """At five starts, where nothing was fitted; latents go over by name."""
    stanli = pytest.importorskip("stanli")
    source, program = OfProblem(of(name)), stan(of(name))
    theirs = stanli.Model(stan_code=program.code, data=program.data)
    y = source.target.start(np.random.default_rng(0), 5)
    latents = source.constrain(y)
    found = [
        theirs.log_prob_grad(theirs.unconstrain({n: v[k].tolist() for n, v in latents.items()}))[0]
        for k in range(5)
    ]
    np.testing.assert_allclose(found, source.target.log_density(y), rtol=1e-10, atol=1e-10)


def test_most_problems_have_a_program():
    assert len(HAVE) >= 16
    assert {"newcomb", "coal", "clutter", "challenger", "eight-schools", "nile"} <= set(HAVE)


def test_a_program_has_its_data_and_is_written(tmp_path):
    program = stan("coal")
    assert program.code.startswith("data {\n  int n;\n  array[n] int counts;")
    assert "target += log_sum_exp(log_p);" in program.code
    path = program.save(tmp_path / "coal")
    assert path.read_text() == program.code
    assert json.loads(path.with_suffix(".json").read_text())["n"] == 112


def test_a_program_is_not_written_through_a_link(tmp_path):
    (tmp_path / "coal.json").symlink_to(tmp_path / "victim")
    stan("coal").save(tmp_path / "coal")
    assert not (tmp_path / "victim").exists() and (tmp_path / "coal.json").is_file()


def test_of_a_name_with_a_point_nothing_is_taken_off(tmp_path):
    """Two of them would be one file."""
    for name in ("rho=0.5", "rho=0.9", "coal.stan"):
        stan("coal").save(tmp_path / name)
    names = {
        f"{stem}{end}" for stem in ("rho=0.5", "rho=0.9", "coal") for end in (".stan", ".json")
    }
    assert {path.name for path in tmp_path.iterdir()} == names
    for folder in ("..", "", "."):
        with pytest.raises(ResultFileError, match="is a folder; a result needs the name of a file"):
            stan("coal").save(folder)


def test_what_stan_cannot_express():
    with pytest.raises(NotApplicable, match="every latent is discrete"):
        stan("ising")
    with pytest.raises(NotApplicable, match="no Stan program of a LatentDirichletAllocation"):
        stan("bars")


def test_an_entry_of_posteriordb_has_the_log_evidence():
    entry = json.loads(json.dumps(posteriordb("eight-schools")))
    assert entry["posterior"]["dimensions"] == {"theta": [8], "mu": [], "tau2": []}
    assert entry["posterior"]["log_evidence"] == pytest.approx(
        problem("eight-schools").model.exact_posterior().log_evidence
    )
    assert len(entry["reference_posterior"]["theta"]["mean"]) == 8
