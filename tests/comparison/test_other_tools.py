"""Draws as other tools keep them; own models that forget an axis, or have labels alone."""

import numpy as np
import pandas as pd
import pytest

from tests.users import DensityAlone
from vi_lab import (
    Block,
    Categorical,
    Exact,
    InputError,
    Model,
    NormalGamma,
    audit,
    cavi,
    compare,
    exact,
    gibbs,
    kl,
    ledger,
    metropolis_hastings,
    problem,
)

NEWCOMB = problem("newcomb").model
DRAWS = gibbs("eight-schools", rng=0, draws=200)


def same_claims(one, two):
    for a, b in zip(one.moments, two.moments, strict=True):
        assert a["quantity"] == b["quantity"]
        assert (a["mean"], a["sd"]) == pytest.approx((b["mean"], b["sd"]), rel=1e-12)


def test_a_frame_a_tree_and_chains_say_the_same():
    known = audit("eight-schools", posterior=DRAWS)
    frame = DRAWS.to_pandas()
    for claimed in (
        {name: DRAWS[name] for name in DRAWS.names},
        frame,
        frame.reset_index(),
        frame.reset_index().sample(frac=1, random_state=0).sort_values(["draw"]),
        DRAWS.to_datatree(),
        {"posterior": DRAWS.to_datatree()["posterior"]},
    ):
        same_claims(audit("eight-schools", posterior=claimed), known)


@pytest.mark.parametrize("counted_from", [0, 1])
def test_tables_of_other_tools_have_their_own_names_for_chains_and_indices(counted_from):
    known = audit("eight-schools", posterior=DRAWS)
    plain = DRAWS.to_pandas().reset_index()
    shift = {f"theta[{i}]": f"theta[{i + counted_from}]" for i in range(8)}
    dotted = {f"theta[{i}]": f"theta.{i + counted_from}" for i in range(8)}
    of_cmdstan = {"chain": "chain__", "draw": "draw__", **shift}
    of_r = {"chain": ".chain", "draw": ".draw", **dotted}
    for renamed in (
        plain.rename(columns=of_cmdstan).assign(lp__=-1.0, treedepth__=3),
        plain.rename(columns=of_r),
        plain.rename(columns=dotted).sample(frac=1, random_state=0),
        DRAWS.to_pandas().rename(columns=shift),
        ArrowLike(plain.rename(columns=shift)),
    ):
        found = audit("eight-schools", posterior=renamed)
        same_claims(found, known)
        assert found.findings == known.findings  # R-hat and Monte Carlo errors among them


class ArrowLike:
    """A table as pyarrow has it: its columns are arrays, their names stand apart."""

    def __init__(self, frame):
        self.frame, self.column_names = frame, list(frame.columns)
        self.columns = [frame[name].to_numpy() for name in frame]

    def __getitem__(self, name):
        return self.columns[self.column_names.index(name)]


def test_axes_that_have_names_may_stand_in_any_order():
    known = audit("eight-schools", posterior=DRAWS)
    whole = DRAWS.to_datatree()["posterior"].to_dataset()
    turned = whole.transpose("school", "draw", "chain")
    behind = whole.stack(sample=("chain", "draw"))  # as az.extract gives them
    for claimed in (whole, turned, behind, {name: turned[name] for name in turned.data_vars}):
        found = audit("eight-schools", posterior=claimed)
        same_claims(found, known)
        assert found.findings == known.findings


def test_two_lists_of_draws_are_two_chains_and_a_column_is_there_once():
    mu = np.asarray(gibbs("newcomb", rng=0, chains=2, draws=50)["mu"])
    same_claims(
        audit("newcomb", posterior={"mu": mu.tolist()}), audit("newcomb", posterior={"mu": mu})
    )
    assert audit("newcomb", posterior={"mu": [26.2, 1.3]}).moments[0]["sd"] == 1.3
    twice = pd.DataFrame(mu.T, columns=["mu", "mu"])
    with pytest.raises(InputError, match="needs different columns, got mu, mu"):
        audit("newcomb", posterior=twice)


def test_draws_that_cannot_tell_are_not_called_right():
    """Half of the draws are a sd too far, all within the noise of two chains that far apart."""
    rng = np.random.default_rng(0)
    apart = 26.2 + 1.3 * rng.standard_normal((2, 500)) + np.array([[0.0], [2.0]])
    found = audit("newcomb", posterior={"mu": apart})
    assert found.holds is None and "its chains have not mixed: R-hat 1." in found.reason
    assert found.findings[0].startswith("means within their noise, sds within their noise")
    few = audit("coin", posterior={"theta": exact("coin").sample(12, rng=1)["theta"]})
    assert few.holds is None and few.reason.startswith("its draws are too few to tell")
    wrong = audit("newcomb", posterior={"mu": apart + 40.0})
    assert wrong.holds is False


def test_how_far_off_a_mean_is_is_said_in_its_standard_errors_too():
    rng = np.random.default_rng(0)
    truth = exact("newcomb")
    draws = truth.mean("mu") + truth.sd("mu") * (rng.standard_normal((4, 1000)) + 0.2)
    found = audit("newcomb", posterior={"mu": draws})
    (row,) = found.moments
    error = draws.std(ddof=1) / np.sqrt(draws.size)  # independent draws
    off = abs(draws.mean() - truth.mean("mu"))
    assert row["mean_standard_errors"] == pytest.approx(off / error, rel=0.1)
    said = (
        f"mean of mu off by {row['mean_error']:.2g} sd, {row['mean_standard_errors']:.2g} standard"
    )
    assert found.findings[0].startswith(said)
    stated = audit("newcomb", posterior={"mu": (26.2, 1.3)})
    assert stated.moments[0]["mean_standard_errors"] is None


def test_a_frame_that_lacks_a_coordinate_or_draws_is_one_error():
    frame = DRAWS.to_pandas().reset_index()
    lacking = frame.drop(columns=[c for c in frame.columns if c.startswith("theta[3")])
    with pytest.raises(InputError, match="columns of theta are not all its coordinates"):
        audit("eight-schools", posterior=lacking)
    with pytest.raises(
        InputError, match=r"as many draws of each chain, got \[199, 200, 200, 200\]"
    ):
        audit("eight-schools", posterior=frame.iloc[1:])
    with pytest.raises(InputError, match=r"each chain, got \[200, 200, 200, 199\]"):
        audit("eight-schools", posterior=frame.iloc[:-1])


def test_what_was_not_given_is_named_and_chains_that_have_not_mixed_are_found():
    found = audit("newcomb", posterior={"mu": (26.2, 1.3)})
    assert found.not_given == ("tau",) and found.to_dict()["not_given"] == ["tau"]
    assert repr(found).endswith("nothing was claimed of tau>")
    apart = np.random.default_rng(0).normal(26.2, 1.3, (2, 500)) + np.array([[0.0], [4.0]])
    assert "its chains have not mixed: R-hat 1." in audit("newcomb", posterior={"mu": apart}).text()
    assert audit("newcomb", posterior=pd.DataFrame({"mu": apart[0]})).not_given == ("tau",)


class OneNumber(NormalGamma):
    def log_joint(self, stats):
        return float(np.sum(super().log_joint(stats)))


class Writes(NormalGamma):
    def log_joint(self, stats):
        found = super().log_joint(stats)
        stats["mu"].value[...] = 0.0
        return found


@pytest.mark.parametrize("method", [gibbs, cavi, metropolis_hastings])
@pytest.mark.parametrize(
    ("kind", "said"),
    [(OneNumber, r"needs shape \(.,\) .*, gave \(\)"), (Writes, "writes into the statistics")],
)
def test_a_log_joint_is_looked_at_once(kind, said, method):
    model = kind(NEWCOMB.x, NEWCOMB.mu0, NEWCOMB.kappa0, NEWCOMB.a0, NEWCOMB.b0)
    with pytest.raises(InputError, match=f"log_joint: {said}"):
        method(model, rng=0)


def test_so_is_a_log_density():
    one, writing = DensityAlone(), DensityAlone()
    one.log_density = lambda z: -0.5 * np.sum(z**2)
    with pytest.raises(InputError, match=r"log_density: needs shape \(4,\), gave \(\)"):
        metropolis_hastings(one, rng=0)

    def halve(z):
        z *= 0.5
        return -0.5 * np.sum(z**2, axis=-1)

    writing.log_density = halve
    with pytest.raises(InputError, match="log_density: writes into its argument"):
        metropolis_hastings(writing, rng=0)


class Chain(Model):
    """Three hidden states, each of one of two classes, seen through noise: labels alone."""

    def __init__(self):
        self.blocks = {
            f"z{t}": Block(Categorical(2), lambda stats, t=t: self.state(stats, t))
            for t in range(3)
        }
        self.stay = np.log([[0.8, 0.2], [0.3, 0.7]])
        self.seen = np.log([[0.45, 0.1], [0.05, 0.8], [0.9, 0.2]])

    def state(self, stats, t):
        eta = self.seen[t] + 0.0
        if t > 0:
            eta = eta + stats[f"z{t - 1}"][0] @ self.stay
        if t < 2:
            eta = eta + stats[f"z{t + 1}"][0] @ self.stay.T
        return Categorical.Stats(eta)

    def log_joint(self, stats):
        z = [stats[f"z{t}"][0] for t in range(3)]
        steps = [np.einsum("...i,ij,...j->...", z[t], self.stay, z[t + 1]) for t in range(2)]
        return sum(steps) + sum(z[t] @ self.seen[t] for t in range(3))

    def sample_latents(self, rng, batch=()):
        return {f"z{t}": rng.integers(0, 2, size=batch) for t in range(3)}


def test_a_model_of_labels_alone_has_a_comparison():
    rows = {row.method: row for row in compare(Chain(), rng=0).rows}
    assert rows["gibbs"].reason is None and rows["cavi"].elbo < 0.0
    assert rows["gibbs"].rhat is None  # labels have no order


def test_a_product_of_factors_is_the_truth_of_a_conjugate_model():
    model, truth = problem("coin").model, exact("coin")
    again = Exact(model, truth.log_evidence, 0.0, "closed form", cavi(model, rng=0))
    assert again.mean("theta") == pytest.approx(truth.mean("theta"), rel=1e-12)
    assert again.sd("theta") == pytest.approx(truth.sd("theta"), rel=1e-12)
    at = {"theta": np.array([0.2, 0.7])}
    np.testing.assert_allclose(again.log_density(at), truth.log_density(at), rtol=1e-12)
    q = cavi(problem("coin", a=3.0).model, rng=0)
    assert kl(q, again) == pytest.approx(kl(q, truth), rel=1e-9)
    assert ledger(model, cavi(model, rng=0)).holds
    assert again.sample(5, rng=0)["theta"].shape == (5,)


def test_labels_and_auxiliary_latents_have_a_group_of_their_own():
    tree = gibbs("challenger", rng=0, draws=5).to_datatree()
    assert set(tree["posterior"].data_vars) == {"beta"} and "omega" in tree["hidden"].data_vars
    tree = gibbs("tiny-mixture", rng=0, draws=5).to_datatree()
    assert "z" not in tree["posterior"].data_vars
    kinds = {v.dtype for t in (tree["posterior"], tree["hidden"]) for v in t.data_vars.values()}
    assert kinds == {np.dtype(np.float64), np.dtype(np.int64)}


def test_axes_are_called_by_their_names():
    """What stands along an axis is the problem's: schools, years, the columns of a design."""
    found = {}
    for name in ("eight-schools", "nile", "kidiq", "coal"):
        tree = gibbs(problem(name), rng=0, draws=4, warmup=0).to_datatree()["posterior"]
        for latent, axis in {"theta": "school", "x": "year", "beta": "coefficient",
                             "rates": "period"}.items():  # fmt: skip
            if latent in tree.data_vars:
                assert tree[latent].dims == ("chain", "draw", axis)
                found[axis] = list(tree.coords[axis].values)
    assert found == {
        "school": list("ABCDEFGH"),
        "year": list(range(1871, 1971)),
        "coefficient": ["intercept", "schooling", "IQ"],
        "period": ["before", "after"],
    }
    changed = problem("eight-schools").change(mu_sd=3.0)
    theta = cavi(changed, rng=0).to_datatree(2, rng=0)["posterior"]["theta"]
    assert list(theta.coords["school"].values) == list("ABCDEFGH")


def test_axes_of_models_without_a_problem_are_called_by_what_they_are():
    shapes = {
        "old-faithful": ("means", ("component", "coordinate")),
        "iris": ("z", ("observation", "factor")),
    }
    for name, (latent, axes) in shapes.items():
        tree = gibbs(problem(name).model, rng=0, draws=4, warmup=0).to_datatree()
        assert tree["posterior"][latent].dims == ("chain", "draw", *axes)
