"""The ledger over all problems: what holds, what cannot be known, and what a mistake looks like."""

import json

import numpy as np
import pytest

from tests.tables import table
from tests.users import DensityAlone, Unsolved
from vi_lab import NormalGamma, cavi, check, problem
from vi_lab.cli import check as check_command
from vi_lab.cli import main as cli
from vi_lab.families import (
    Beta,
    Categorical,
    Dirichlet,
    Gamma,
    InverseGamma,
    MultivariateNormal,
    Normal,
    NormalWishart,
    Spin,
)
from vi_lab.identity import identity_check
from vi_lab.identity.identity_check import _tilt, factorised_qs, random_q
from vi_lab.inference.exact import exact
from vi_lab.runtime import storage
from vi_lab.vae import VAE, DecoderModel

KEYS = [
    "problem", "method", "log_evidence", "elbo", "kl", "residual", "tolerance", "holds", "routes",
    "errors", "reason",
]  # fmt: skip
X = np.arange(5.0)
PRIOR = dict(mu0=0.0, kappa0=1.0, a0=1.0, b0=1.0)


class OffByAConstant(NormalGamma):
    """A model whose log joint is not normalised: every bound is 0.1 nats too high."""

    def log_joint(self, stats):
        return super().log_joint(stats) + 0.1


def test_with_a_truth_it_holds_for_every_q():
    """Every problem: `vi-lab check` in test_cli.py."""
    entries = check(["newcomb", "coal", "old-faithful", "iris", "nile", "asia"])
    assert [e.method for e in entries[:4]] == ["cavi start", "cavi", "random 1", "random 2"]
    for entry in entries:
        book = entry.ledger
        if book.holds is None:
            assert book.reason
            continue
        assert book.holds, entry
        assert abs(book.residual) <= book.tolerance
        assert book.residual == pytest.approx(book.log_evidence - book.elbo - book.kl, abs=1e-12)
        assert book.kl >= -book.tolerance
        assert set(book.routes) == set(book.errors) == {"log_evidence", "elbo", "kl"}


def test_the_optimum_is_the_best_of_the_four():
    for name in ("newcomb", "coal"):
        start, best, *random = check(name)
        assert best.ledger.elbo == pytest.approx(cavi(problem(name), rng=1).elbo, abs=1e-9)
        assert all(best.ledger.kl < other.ledger.kl for other in (start, *random))


def test_the_four_q_are_four():
    model = problem("coal").model
    qs = {name: make() for name, make in factorised_qs(model, np.random.default_rng(0))}
    assert len({round(q.elbo, 6) for q in qs.values()}) == 4
    assert len(qs["cavi start"].elbo_trace) == 1
    assert qs["cavi"].converged


ONE_OPTIMUM = ("coin", "penguins", "sprinkler", "asia")  # one block, or few and discrete


@pytest.mark.parametrize("name", ONE_OPTIMUM)
def test_random_q_are_two_and_not_the_posterior(name):
    """Where the blocks' conditionals are the posterior itself, a random q is another still."""
    kls = [entry.ledger.kl for entry in check(name)[2:]]
    assert min(kls) > 0.1
    assert abs(kls[0] - kls[1]) > 1e-3
    other = [entry.ledger.kl for entry in check(name, rng=1)[2:]]
    assert min(abs(a - b) for a in kls for b in other) > 1e-3


def test_a_random_q_gives_no_weight_to_the_impossible():
    """Three variables of which one is the or of the others: a careless q has an ELBO of -inf."""
    model = problem("asia", joined=False).model
    for seed in range(20):
        assert np.isfinite(random_q(model, np.random.default_rng(seed)).elbo)


FAMILIES = (
    Normal.of([0.0, 300.0], [1.0, 0.01]),
    Gamma.of([0.05, 3.0], [1.0, 1e4]),
    InverseGamma.of([0.05, 3.0], [1.0, 1e4]),
    Beta.of([0.1, 30.0], [0.1, 1.0]),
    Dirichlet.of([0.1, 1.0, 40.0]),
    MultivariateNormal.of([1.0, -2.0], [[4.0, 1.9], [1.9, 1.0]]),
    NormalWishart.of([1.0, 2.0], 0.1, [[1.0, 0.5], [0.5, 2.0]], 2.5),
    Categorical.of([0.0, 0.2, 0.8]),
    Spin.of([0.0, 20.0]),
)


@table("start", FAMILIES, ids=lambda q: type(q.family).__name__)
def test_a_tilt_of_a_density_is_another_density(start):
    """Valid, and about a nat away, whatever the family and however near the edge it starts."""
    family, found = start.family, []
    wide = family.expand(start.eta, family.lead_shape(start.eta))
    for seed in range(30):
        eta = _tilt(np.random.default_rng(seed), family, wide)
        kl = family.kl(eta, start.eta)
        assert np.isfinite(family.entropy(eta)).all() and np.isfinite(kl).all()
        assert (np.isneginf(eta[0]) == np.isneginf(start.eta[0])).all()
        found.append(np.max(kl))
    assert len(set(found)) == 30
    assert 0.01 < np.median(found) < 100.0


def test_an_entry_becomes_the_json_object_that_is_documented():
    (entry, *_) = check("coal")
    record = entry.to_dict()
    assert list(record) == KEYS
    assert json.loads(storage.to_json(record)) == record
    assert record["routes"]["log_evidence"] == "enumeration of s"
    assert record["reason"] is None


def test_steps_are_the_five_lines():
    (entry, *_) = check("newcomb", steps=True)
    assert len(entry.steps) == 5
    assert entry.steps.agrees
    assert entry.steps[4].value == pytest.approx(entry.ledger.kl, abs=1e-9)
    lines = entry.to_dict()["steps"]
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5]
    assert lines[0].keys() == {"number", "formula", "value", "error", "route"}


def test_the_seed_decides_and_other_problems_do_not():
    alone = [e.to_dict() for e in check("coal", rng=3)]
    among = [e.to_dict() for e in check(["newcomb", "coal"], rng=3) if e.problem == "coal"]
    assert alone == among
    assert alone != [e.to_dict() for e in check("coal", rng=4)]


def test_without_a_truth_a_ledger_neither_holds_nor_fails():
    entries = check(Unsolved(X, **PRIOR), steps=True)
    assert len(entries) == 4
    for entry in entries:
        record = entry.to_dict()
        assert record["holds"] is record["kl"] is record["log_evidence"] is None
        assert record["reason"] == "nobody has worked it out"
        assert record["routes"]["kl"] == "none: nobody has worked it out"
        assert np.isfinite(record["elbo"])
        assert "steps" not in record


def test_a_density_alone_says_why_it_has_no_ledger():
    (entry,) = check(DensityAlone())
    record = entry.to_dict()
    assert record["holds"] is record["elbo"] is None
    assert "complete conditional" in record["reason"]
    assert json.loads(storage.to_json(record)) == record


def test_a_planted_constant_makes_every_ledger_fail():
    for entry in check(OffByAConstant(X, **PRIOR)):
        assert entry.ledger.holds is False
        assert entry.ledger.residual == pytest.approx(-0.1, abs=1e-9)
        assert "DOES NOT HOLD" in repr(entry.ledger)


# The command, in this process: what it prints and how it ends.


@pytest.fixture
def run(monkeypatch, capsys):
    """`vi-lab check` on models of our own."""

    def run_check(*models, arguments=()):
        monkeypatch.setattr(
            check_command, "check", lambda named, **options: check(list(models), **options)
        )
        code = cli.main(["check", *arguments])
        return code, capsys.readouterr()

    return run_check


def test_the_unknown_is_said_once_and_ends_well(run):
    code, (out, err) = run(Unsolved(X, **PRIOR))
    assert (code, err) == (0, "")
    assert out.count("nobody has worked it out") == 1
    assert out.count("unknown") == 4
    assert out.endswith("no exact answer is known here, so no ledger can be closed\n")
    code, (out, _) = run(Unsolved(X, **PRIOR), DensityAlone(), arguments=["--format", "json"])
    assert code == 0
    assert [entry["holds"] for entry in json.loads(out)] == [None] * 5


def test_the_unknown_does_not_count(run):
    code, (out, _) = run(NormalGamma(X, **PRIOR), Unsolved(X, **PRIOR))
    assert code == 0
    assert out.endswith("the ledger holds for 4 of 4 q\n")


def test_one_failure_is_named_and_ends_with_1(run):
    code, (out, _) = run(NormalGamma(X, **PRIOR), OffByAConstant(X, **PRIOR))
    assert code == 1
    assert "the ledger holds for 4 of 8 q: NOT for OffByAConstant cavi start" in out
    code, (out, _) = run(OffByAConstant(X, **PRIOR), arguments=["--format", "json"])
    assert code == 1
    assert [entry["holds"] for entry in json.loads(out)] == [False] * 4


def test_steps_are_printed_below(run):
    code, (out, _) = run(NormalGamma(X, **PRIOR), arguments=["--steps"])
    assert code == 0
    assert out.count("-E[log p(z|x)/q]") == 4
    kl = f"{check(NormalGamma(X, **PRIOR))[1].ledger.kl:.10f}"[:-2]
    assert out.count(kl) == 5 + 1  # the five lines and the ledger agree to eight digits


def test_a_truth_is_not_made_from_the_log_joint():
    """The planted constant moves the bound and leaves the truth where it was."""
    right, wrong = (exact(kind(X, **PRIOR)) for kind in (NormalGamma, OffByAConstant))
    assert right.log_evidence == wrong.log_evidence


def test_of_a_decoder_there_are_five_q_two_of_them_at_random(monkeypatch):
    """The fitted ones are not fitted here; a random root is a lower triangle, of sds about 1/3."""
    monkeypatch.setattr(identity_check, "gaussian_q", lambda model, covariance, rng: covariance)
    monkeypatch.setattr(identity_check, "amortised", lambda model: "the encoder's")
    x = (np.random.default_rng(0).random((40, 3)) < 0.5).astype(float)
    model = DecoderModel(VAE(3, 2, (3,), dtype="float64").fit(x, epochs=1, batch_size=40, rng=0), x)
    ways = identity_check.gaussian_qs(model, np.random.default_rng(1))
    found = {name: make() for name, make in ways}
    fitted = ["gaussian mean-field", "gaussian full-rank", "amortised"]
    assert list(found) == [*fitted, "random 1", "random 2"]
    one, two = found["random 1"], found["random 2"]
    for q in (one, two):
        assert q.root.shape == (40, 2, 2) and (q.root[:, 0, 1] == 0).all()
        scale = np.diagonal(q.root, axis1=1, axis2=2)
        assert (scale > 0).all() and 0.25 < np.median(scale) < 0.5
        assert np.ptp(q.root[:, 1, 0]) > 0.5 and 0.7 < q.location.std() < 1.3
    assert not np.array_equal(one.root, two.root)
