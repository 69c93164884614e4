"""The audit of another tool: bounds that are none, sds that are too small, and true claims.

scikit-learn's lower bound is audited in docs/audit.md, whose numbers tests/test_readme.py holds.
"""

import importlib.util
import json
import sys
import types

import numpy as np
import pytest

import vi_lab
from tests.console import call
from tests.tables import table
from tests.test_readme import blocks
from tests.users import DensityAlone
from vi_lab import InputError, InputTypeError, NotApplicable, audit, cavi, exact, gibbs, problem
from vi_lab.comparison import reference
from vi_lab.comparison.claims import _claim_from_moments

NEWCOMB = problem("newcomb")
TRUTH = exact(NEWCOMB)
EVIDENCE = TRUTH.log_evidence


def stated(mu=(0.0, 1.0), tau=(0.0, 1.0)):
    """Moments off by so many sds, and so many times the true sd."""
    return {
        name: (TRUTH.mean(name) + off * TRUTH.sd(name), times * TRUTH.sd(name))
        for name, (off, times) in {"mu": mu, "tau": tau}.items()
    }


@pytest.mark.parametrize(
    ("bound", "finding", "is_bound"),
    [
        (EVIDENCE + 503.5, "above the evidence by 503.5 nats: not a bound", True),
        (EVIDENCE + 2e-5, "above the evidence by 2e-05 nats: not a bound", True),
        (EVIDENCE, "equal to the evidence: the tightest bound there is", False),
        (EVIDENCE - 0.03, "short by 0.03 nats", False),
        (EVIDENCE - 0.001, "short by 0.001 nats, 0.0057 nats tighter than mean field", False),
        (EVIDENCE - 40.25, "short by 40.2 nats", False),
    ],
)
def test_a_bound_is_held_against_the_evidence(bound, finding, is_bound):
    found = audit(NEWCOMB, bound=bound)
    if "tighter" in finding:
        mean_field = EVIDENCE - cavi(NEWCOMB, rng=0).elbo
        finding = f"short by 0.001 nats, {mean_field - 0.001:.2g} nats tighter than mean field"
    assert found.findings == (finding,)
    assert found.is_bound is not is_bound and found.holds is not is_bound
    assert found.gap == pytest.approx(EVIDENCE - bound, abs=1e-9)
    assert found.best_elbo == pytest.approx(cavi(NEWCOMB, rng=0).elbo, abs=1e-9)


@pytest.mark.parametrize(
    ("posterior", "finding"),
    [
        (stated(), "means right, sds right"),
        (stated(mu=(0, 0.62)), "means right, sd of mu 0.62 of the truth"),
        (stated(mu=(-0.31, 1)), "mean of mu off by 0.31 sd, sds right"),
        (
            stated(mu=(0.5, 2), tau=(1, 0.5)),
            "mean of tau off by 1 sd, mean of mu off by 0.5 sd, "
            "sd of mu 2.00 of the truth, sd of tau 0.50 of the truth",
        ),
        ({"tau": stated()["tau"]}, "means right, sds right"),
    ],
)
def test_stated_moments(posterior, finding):
    found = audit(NEWCOMB, posterior=posterior)
    assert found.findings == (finding,)
    assert found.holds is (finding == "means right, sds right")
    assert found.bound is found.is_bound is None


def test_draws_are_judged_in_their_own_noise():
    right = TRUTH.sample(2000, rng=3)
    assert audit(NEWCOMB, posterior=right).holds
    narrow = {**right, "mu": 26.2 + 0.62 * (right["mu"] - 26.2)}
    assert "sd of mu 0.6" in audit(NEWCOMB, posterior=narrow).findings[0]
    moved = {**right, "mu": right["mu"] + 0.2}
    (finding,) = audit(NEWCOMB, posterior=moved).findings
    assert finding.startswith("mean of mu off by 0.1") and finding.endswith("sds right")


def test_results_of_vi_lab_are_posteriors_too():
    assert audit("newcomb" and NEWCOMB, posterior=gibbs(NEWCOMB, rng=0)).holds
    assert audit(NEWCOMB, posterior=TRUTH).holds
    (finding,) = audit(NEWCOMB, posterior=cavi(NEWCOMB, rng=0)).findings
    assert finding == "means right, sd of mu 0.99 of the truth, sd of tau 0.99 of the truth"


def test_false_alarms_of_true_draws_are_rare():
    for seed in range(15):
        draws = TRUTH.sample(400, rng=seed)
        assert audit(NEWCOMB, posterior=draws).holds, seed


def test_without_an_exact_answer_it_says_what_it_can(monkeypatch):
    faithful = problem("old-faithful")
    best = cavi(faithful, rng=0).elbo
    monkeypatch.setattr(reference, "LONG_DRAWS", 400)
    found = audit(faithful, bound=best + 3.21)
    assert found.is_bound is None and found.holds and found.log_evidence is None
    assert found.findings[0].startswith("the evidence is not known here; 3.2 nats above -432.072")
    below = audit(faithful, bound=best - 3.21)
    assert "3.2 nats below -432.072" in below.findings[0]
    (finding,) = audit(faithful, posterior=gibbs(faithful, rng=5, draws=400)).findings
    assert finding == "means right, sds right (against a long Gibbs run)"


def test_all_of_which_nothing_was_claimed_are_named():
    found = vi_lab.comparison.audit.Audit(("means right",), not_given=("mu", "tau"))
    said = "nothing was claimed of mu, tau"
    assert repr(found) == f"<Audit: means right; {said}>"
    assert said in found.text() and said in found._repr_html_()


def test_a_table_a_dict_and_html_say_the_same():
    found = audit(NEWCOMB, bound=EVIDENCE + 1, posterior=stated(mu=(0, 0.62)))
    assert [row["quantity"] for row in found.table()] == [
        "bound", "mean of mu", "sd of mu", "mean of tau", "sd of tau",
    ]  # fmt: skip
    claimed = stated(mu=(0, 0.62))
    assert [row["claimed"] for row in found.table()] == [
        EVIDENCE + 1, *claimed["mu"], *claimed["tau"],
    ]  # fmt: skip
    document = found.to_dict()
    assert document["is_bound"] is document["holds"] is False
    assert document["moments"][0]["sd_ratio"] == pytest.approx(0.62)
    for finding in found.findings:
        assert finding in found.text() and finding in repr(found) and finding in found._repr_html_()


@table(
    ("arguments", "error", "message"),
    [
        ({}, InputError, "needs a bound, a posterior or both"),
        (dict(bound=np.nan), InputError, "bound: "),
        (dict(posterior={}), InputTypeError, "posterior: needs a mapping"),
        (dict(posterior={"nu": (0, 1)}), InputError, "unknown name 'nu'"),
        (dict(posterior={"mu": (0, 1, 2)}), InputError, r"needs (mean, sd) of mu, got 3 numbers"),
        (dict(posterior={"mu": (0, -1)}), InputError, "needs an sd of mu of at least 0"),
        (dict(posterior={"mu": ([0, 1], 1)}), InputError, "mean of mu of shape (), got (2,)"),
        (dict(posterior={"mu": np.zeros((5, 2))}), InputError, "shape (n,), got (5, 2)"),
        (
            dict(posterior={"mu": np.zeros(5), "tau": np.ones(4)}),
            InputError,
            "needs 5 draws of tau too, got 4",
        ),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error) as caught:
        audit(NEWCOMB, **arguments)
    assert message in str(caught.value)


def test_a_density_alone_has_nothing_to_be_held_against():
    with pytest.raises(NotApplicable, match="no exact answer"):
        audit(DensityAlone(), bound=0.0)


def test_a_bound_needs_no_long_run_to_be_held_against():
    """A corpus of topics has no reference for a posterior; our own bound is one for a bound."""
    counts = np.random.default_rng(0).multinomial(12, [0.6, 0.3, 0.1], size=3)
    topics = vi_lab.LatentDirichletAllocation(counts, 2, 0.5, 0.5)
    assert topics.costly
    found = audit(topics, bound=1e6)
    best = max(cavi(topics, rng=seed).elbo for seed in range(3))
    assert found.best_elbo <= best + 1e-6
    assert found.is_bound is found.reference is None and "nats above" in found.findings[0]
    assert "the best ELBO of a mean-field q" in found.findings[0]
    with pytest.raises(NotApplicable, match="would be too short to mix") as caught:
        audit(topics, posterior={"theta": (np.zeros((3, 2)), np.ones((3, 2)))})
    assert "labellings" in str(caught.value) and "no Gibbs sampler" not in str(caught.value)


def test_what_has_a_summary_s_name_alone_is_held_against_it(tmp_path):
    """tau of eight schools is no latent (tau squared is) and has a posterior all the same."""
    schools = problem("eight-schools")
    truth = exact(schools).sample(20_000, rng=0)
    tau = np.sqrt(truth["tau2"])
    (finding,) = audit(schools, posterior={"tau": (tau.mean() + tau.std(), tau.std())}).findings
    assert finding.startswith("mean of tau off by 1 sd")
    assert audit(schools, posterior={"tau": tau[:4000]}).holds
    (finding,) = audit(schools, posterior={"tau": 1.5 * tau, "mu": truth["mu"]}).findings
    assert "mean of tau off" in finding and "mu" not in finding
    with pytest.raises(InputError, match="tau2 cannot be compared by its own name"):
        audit(schools, posterior={"tau2": (9.0, 9.0)})
    claim = {"tau": [tau.mean(), 2 * exact(schools).sd("tau")]}
    (tmp_path / "m.json").write_text(json.dumps(claim))
    out, _ = call("audit", "eight-schools", "--posterior", tmp_path / "m.json", code=1)
    assert "sd of tau 2.0" in out


def test_two_numbers_are_a_mean_and_an_sd_however_they_come():
    mean, sd = TRUTH.mean("mu"), TRUTH.sd("mu")
    for pair in ([mean, sd], (mean, sd)):
        assert audit(NEWCOMB, posterior={"mu": pair}).findings == ("means right, sds right",)
    mixed = {"mu": [mean, 2 * sd], "tau": TRUTH.sample(2000, rng=1)["tau"]}
    assert audit(NEWCOMB, posterior=mixed).findings == ("means right, sd of mu 2.00 of the truth",)
    draws = TRUTH.sample(2000, rng=1)["mu"]
    assert audit(NEWCOMB, posterior={"mu": draws.tolist()}).holds
    with pytest.raises(InputError, match="more than two draws of mu, or a pair"):
        audit(NEWCOMB, posterior={"mu": np.array([mean, sd])})


def test_names_of_components_mean_nothing():
    tiny = problem("tiny-mixture")
    with pytest.raises(InputError, match="mu cannot be compared by its own name"):
        audit(tiny, posterior={"mu": (np.zeros(2), np.ones(2))})
    means = audit(tiny, posterior={"mu": exact(tiny).sample(4000, rng=0)["mu"][:, ::-1]})
    assert means.holds and means.moments  # draws are compared by what needs no names
    assert audit(tiny, posterior=exact(tiny).sample(4000, rng=0)).holds


def test_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.json").write_text(json.dumps({"mu": [TRUTH.mean("mu"), TRUTH.sd("mu")]}))
    (tmp_path / "bad.json").write_text('{"mu": 3}')
    np.savez("d.npz", **TRUTH.sample(1000, rng=1))
    wrong = ["--bound", f"{EVIDENCE + 503.5!r}"]
    for arguments, code, words in (
        (wrong, 1, "above the evidence by 503.5 nats: not a bound"),
        (["--posterior", "m.json", "--format", "json"], 0, '"holds": true'),
        (["--posterior", "d.npz"], 0, "means right, sds right"),
        ([], 2, "vi-lab: error: "),
        (["--posterior", "bad.json"], 2, "vi-lab: error: "),
    ):
        assert words in call("audit", "newcomb", *arguments, code=code)[code == 2]


def test_chains_are_draws_whose_noise_is_that_of_chains():
    """(chains, n, ...): the same moments as without chains, and an error that knows of them."""
    run = gibbs(NEWCOMB, rng=0, draws=200, chains=3)
    as_arrays = audit(NEWCOMB, posterior=dict(run.values))
    assert as_arrays.to_dict() == audit(NEWCOMB, posterior=run).to_dict()
    stuck = np.stack([np.full(200, TRUTH.mean("mu") + off * TRUTH.sd("mu")) for off in (-1, 0, 2)])
    noise = TRUTH.sd("mu") * np.random.default_rng(0).standard_normal((3, 200)) * 1e-3
    assert "mean of mu" not in audit(NEWCOMB, posterior={"mu": stuck + noise}).findings[0]
    shuffled = np.random.default_rng(1).permutation((stuck + noise).ravel())
    assert "mean of mu off" in audit(NEWCOMB, posterior={"mu": shuffled}).findings[0]  # it is sure
    with pytest.raises(InputError, match="need at least 4 draws each"):
        audit(NEWCOMB, posterior={"mu": np.zeros((5, 3))})


class StretchMove:
    """emcee's sampler where emcee is not installed: Goodman and Weare (2010), one walker a time."""

    def __init__(self, walkers, dimension, log_density):
        self.walkers, self.dimension, self.log_density = walkers, dimension, log_density

    def run_mcmc(self, start, steps):
        rng, at = np.random.default_rng(1), np.array(start)
        now, self.chain = np.array([self.log_density(x) for x in at]), []
        for _ in range(steps):
            for k in range(self.walkers):
                other = at[(k + 1 + rng.integers(self.walkers - 1)) % self.walkers]
                z = (1 + rng.random()) ** 2 / 2  # g(z) ~ 1 / sqrt(z) on [1/2, 2]
                new = other + z * (at[k] - other)
                value = self.log_density(new)
                if np.log(rng.random()) < (self.dimension - 1) * np.log(z) + value - now[k]:
                    at[k], now[k] = new, value
            self.chain.append(at.copy())

    def get_chain(self, discard):
        return np.array(self.chain[discard:])


def test_the_page_on_another_sampler(monkeypatch, capsys):
    """docs/your_own.md, with the README's model; a third as many steps."""
    model = next(b.text for b in blocks("README.md") if "class TwoGroups" in b.text)
    (page,) = [block.text for block in blocks("docs/your_own.md") if block.language == "py"]
    module = types.ModuleType("two_groups")
    exec(model, vars(module))
    monkeypatch.setitem(sys.modules, "two_groups", module)
    if importlib.util.find_spec("emcee") is None:
        stand_in = types.ModuleType("emcee")
        stand_in.EnsembleSampler = StretchMove
        monkeypatch.setitem(sys.modules, "emcee", stand_in)
    exec(page.replace("1500", "500").replace("discard=500", "discard=150"), {})
    out = capsys.readouterr().out
    assert "mean of rate[1]" in out and "means within their noise" in out  # so few steps mix badly


def test_a_mode_far_away_that_one_chain_visits_is_seen_in_the_error_of_its_mean():
    """Fifty draws at -15 sds: R-hat is small, and so is what their average can tell."""
    rng = np.random.default_rng(0)
    truth = exact("clutter")
    mean, sd = truth.mean("theta"), truth.sd("theta")
    theta = rng.normal(mean, sd, (4, 1000))
    said = "its draws are too few to tell: the mean of theta has a Monte Carlo error of 0."
    assert said not in audit("clutter", posterior={"theta": theta}).text()
    theta[2, 400:450] = rng.normal(mean - 15 * sd, sd, 50)
    found = audit("clutter", posterior={"theta": theta})
    assert said in found.text() and "R-hat" not in found.text()


def test_a_claim_of_no_spread_is_one():
    """An sd of 0 is at least 0."""
    claim = _claim_from_moments({"mu": (26.0, 0.0)}, {"mu": ()})["mu"]
    assert claim.sd == [0.0]
    with pytest.raises(InputError, match="an sd of mu of at least 0"):
        _claim_from_moments({"mu": (26.0, -1e-9)}, {"mu": ()})


@pytest.mark.parametrize("apart", ["mu", "tau"])
def test_one_latent_whose_chains_are_apart_is_enough(apart):
    """Exact draws in four chains, two of which are moved for one latent of two."""
    draws = {name: TRUTH.sample(2000, rng=2)[name].reshape(4, 500) for name in ("mu", "tau")}
    assert "not mixed" not in audit(NEWCOMB, posterior=draws).text()
    draws[apart][:2] += 3.0 * TRUTH.sd(apart)
    assert "its chains have not mixed" in audit(NEWCOMB, posterior=draws).text()
