"""Every model, problem and result can be copied, pickled and sent to another process, and shown."""

import copy
import pickle
import time
import warnings

import numpy as np
import pytest

import vi_lab
from tests.forks import outcome
from tests.places import ROOT
from tests.tables import table
from tests.testing.examples import pick
from tests.thinning import mostly_slow
from vi_lab import (
    audit,
    cavi,
    check,
    collapsed_gibbs,
    compare,
    derivation,
    exact,
    gaussian_vi,
    gibbs,
    gibbs_expanded,
    hmc,
    ledger,
    linear_response,
    metropolis_hastings,
    problem,
)
from vi_lab.errors import InputError
from vi_lab.families import Normal
from vi_lab.studies.trial.trial import Trial
from vi_lab.testing import fixtures, standard_battery
from vi_lab.vae import VAE, DecoderModel

# One of each kind of result in every run; all in `make slow`.
KINDS = ("coin", "clutter", "tiny-mixture", "sprinkler")
NAMES = mostly_slow(vi_lab.list_problems(), kept=KINDS)
SHORT = dict(chains=2, draws=40, warmup=20)
METHODS = {
    "exact": lambda p: exact(p),
    "cavi": lambda p: cavi(p, rng=0, restarts=2, max_sweeps=4),
    "gibbs": lambda p: gibbs(p, rng=0, **SHORT),
    "metropolis": lambda p: metropolis_hastings(p, rng=0, **SHORT),
    "linear-response": lambda p: linear_response(cavi(p, rng=0, restarts=1)),
    "hmc": lambda p: hmc(p, rng=0, **SHORT),
    "gaussian": lambda p: gaussian_vi(p, rng=0, covariance="full"),
    "collapsed": lambda p: collapsed_gibbs(p, rng=0, **SHORT),
    "expanded": lambda p: gibbs_expanded(p, rng=0, **SHORT),
}
DEAR = {("bars", "linear-response"), ("digits", "metropolis"), ("digits", "exact")}


def results(name):
    """Every result of a problem, by method, short of converged; those that apply."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for method, run in METHODS.items():
            if (name, method) not in DEAR:
                try:
                    yield method, run(problem(name))
                except InputError:
                    continue


def list_arrays(thing):
    """Every public array of a model or a result, also in a mapping or a named tuple."""
    for name, value in vars(thing).items():
        if not name.startswith("_") and name not in ("arguments", "held_out"):  # whoever made them
            inside = value.values() if isinstance(value, dict) else value
            parts = inside if isinstance(value, dict | tuple) else [value]
            yield from ((name, part) for part in parts if isinstance(part, np.ndarray))


def frozen(thing):
    """No array can be written to, whoever asks: its base cannot be either."""
    for name, array in list_arrays(thing):
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.setflags(write=True)
        assert not array.flags.writeable, name


def same(one, two):
    """What two results say of their latents, once all moments were asked for."""
    assert type(one) is type(two)
    frozen(one)
    frozen(two)
    for z in one.names:
        np.testing.assert_allclose(one.mean(z), two.mean(z), rtol=1e-12, atol=1e-300)
    assert repr(one) == repr(two)
    for a, b in zip(one.sample(3, rng=1).items(), two.sample(3, rng=1).items(), strict=True):
        assert a[0] == b[0]
        np.testing.assert_array_equal(a[1], b[1])


def test_a_truth_that_was_sent_is_the_one_that_was_asked_for():
    """It knows how long it took there, and can be sent on."""
    truth = vi_lab.exact("newcomb")
    again = pickle.loads(pickle.dumps(truth))
    assert again.seconds == truth.seconds > 0.0 and again.asked is truth.asked is True
    same(pickle.loads(pickle.dumps(again)), truth)


@pytest.mark.parametrize("name", NAMES)
def test_problems_models_and_results_are_pickled_copied_and_shown_at_once(name):
    p = problem(name)
    repr(gibbs("coin", rng=0, **SHORT))  # arviz-stats is imported
    for thing in (p, p.model):
        for again in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing)):
            assert repr(again) == repr(thing)
            frozen(again)
            assert again._repr_html_() == p._repr_html_() if thing is p else True
    for method, found in results(name):
        _ = getattr(found, "elbo", None)  # an integral, taken when it is first asked for
        start = time.process_time()
        assert repr(found).startswith("<") and "<table" in found._repr_html_()
        assert time.process_time() - start < 0.5, method  # most take 0.01
        same(pickle.loads(pickle.dumps(found)), found)
        same(copy.deepcopy(found), found)


def few_reports():
    """A battery of one test of each kind."""
    tests = pick(standard_battery.list_tests(problem("coin").model, 40))
    rng = np.random.default_rng(0)
    reports = [standard_battery.run_test(name, test, rng) for name, test in tests.items()]
    return standard_battery.Battery(reports, {"a test": "it does not apply"})


def others(folder):
    """What is no posterior, and those of a VAE."""
    p, q = problem("newcomb"), cavi("newcomb", rng=0)
    compared = compare([p, problem("coin")], methods=["exact", "cavi"])
    yield from (ledger(p, q), derivation(p, q), check("newcomb"), audit(p, -260.0), compared)
    yield from (q.summary(), q["mu"], q.restarts, gibbs(p, rng=0, **SHORT).summary())
    vae = VAE(4, 1, (3,), dtype="float64")
    x = (np.random.default_rng(0).random((6, 4)) < 0.5).astype(float)
    fit = vae.fit(x, epochs=2, batch_size=3, rng=0)
    yield from (vae, fit, fit.ledger(x), vi_lab.gaussian_q(DecoderModel(fit, x), rng=0))
    yield from (vi_lab.evidence("coin", rng=0), vi_lab.laplace("challenger"))
    yield from (vi_lab.waterfall(p, q), vi_lab.replay("coin"), vi_lab.validate("coin"))
    yield from (vi_lab.svi("old-faithful", batch_size=90, epochs=1, rng=0), fixtures("newcomb")[0])
    yield from (
        vi_lab.expectation_propagation("clutter"),
        few_reports(),
        Normal.of(0.0, [1.0]),
    )
    yield vi_lab.study(problems="coin", methods="cavi", seeds=1, out=folder)
    yield Trial(folder, ({"problem": "coin@0", "method": "cavi"},), interrupted=True)


# In another process, which has made none of them.
SEND = f"""
import pathlib, pickle, sys
sys.path.append({str(ROOT)!r})
things = pickle.loads(pathlib.Path("there").read_bytes())
answers = [(repr(thing), thing) for thing in things]
pathlib.Path("back").write_bytes(pickle.dumps(answers))
"""


def test_what_is_no_posterior_too_and_all_through_another_process(tmp_path):
    things = list(others(tmp_path)) + [found for _, found in results("coal")]
    things += [exact(name) for name in ("clutter", "eight-schools", "polynomial")]
    (tmp_path / "there").write_bytes(pickle.dumps(things))
    assert outcome(SEND, cwd=tmp_path) == (0, "", "")
    answers = pickle.loads((tmp_path / "back").read_bytes())
    for thing, (there, back) in zip(things, answers, strict=True):
        assert there == repr(thing) == repr(back) == repr(copy.deepcopy(thing))


def test_a_posterior_of_thousands_of_latents_is_shown_without_its_diagnostics():
    draws = gibbs("bars", rng=0, **SHORT)
    seen = []
    from vi_lab.results import diagnostics

    rhat = diagnostics.rhat
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagnostics, "rhat", lambda x: (seen.append(x.size), rhat(x))[1])
        repr(draws), draws._repr_html_()
    assert len(seen) <= 17 and max(seen) == 80  # one coordinate a row that is shown


def arrays_of(thing):
    return [value for value in vars(thing).values() if isinstance(value, np.ndarray)]


def test_no_array_of_a_result_can_be_written():
    vae = VAE(4, 1, (3,), dtype="float64")
    x = (np.random.default_rng(0).random((6, 4)) < 0.5).astype(float)
    fit = vae.fit(x, epochs=1, batch_size=3, rng=0)
    q = cavi("tiny-mixture", rng=0, restarts=3)
    response = linear_response(cavi("newcomb-independent", rng=0))
    things = (q, q.restarts, response, fit.ledger(x), vi_lab.laplace("challenger"))
    for thing in things:
        found = arrays_of(thing)
        assert found or thing is q
        for array in found:
            with pytest.raises(ValueError, match="WRITEABLE"):
                array.setflags(write=True)


BRIEF = {
    "exact": exact,
    "cavi": lambda p: cavi(p, rng=0, restarts=1, max_sweeps=1),
    "gibbs": lambda p: gibbs(p, rng=0, chains=1, draws=4, warmup=0),
    "metropolis": lambda p: metropolis_hastings(p, rng=0, chains=1, draws=4, warmup=0),
}
SECONDS = ("digits", "denoise", "challenger", "bioassay")  # that their exact posteriors take


@pytest.mark.filterwarnings("ignore")
@table("name", vi_lab.list_problems())
def test_whatever_a_problem_and_its_results_hold_is_closed(name):
    p = problem(name)
    held = [p.held_out] if isinstance(p.held_out, np.ndarray) else []
    frozen(p.model)
    for method, run in BRIEF.items():
        if method == "exact" and name in SECONDS:
            continue
        try:
            found = run(p)
        except InputError:
            continue
        frozen(found)
        factors = found.q.values() if method == "cavi" else ()
        held += [field for factor in factors for field in factor.eta]
    for array in held:
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.setflags(write=True)


@pytest.mark.parametrize("name", ["iris", "coal"])
def test_nobody_writes_into_bundled_data(name):
    for array in vi_lab.datasets.load(name).data.values():
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.setflags(write=True)


def _fit_vae():
    x = (np.random.default_rng(0).random((6, 4)) < 0.5).astype(float)
    return VAE(4, 1, (3,), dtype="float64").fit(x, epochs=1, batch_size=3, rng=0)


def test_a_method_of_a_model_may_be_replaced_to_plant_a_mistake():
    model = problem("coin").model
    model.log_joint = lambda stats: 0.0
    assert model.log_joint(None) == 0.0


def test_what_a_result_holds_cannot_be_changed():
    q, draws = cavi("coal", rng=0), gibbs("coal", rng=0, **SHORT)
    for mapping, key in ((q.q, "s"), (draws.values, "s"), (draws.settings, "draws")):
        for change in (
            lambda m, k: m.__setitem__(k, 1),
            lambda m, k: m.pop(k),
            lambda m, k: m.update({k: 1}),
            lambda m, k: m.clear(),
            lambda m, k: m.__delitem__(k),
        ):
            with pytest.raises(TypeError, match="cannot be changed"):
                change(mapping, key)
    fit, book = vi_lab.laplace("challenger"), ledger("coal", q)
    both, report = compare("coal", methods=["exact", "cavi"]), vi_lab.validate("coin")
    held = [fit.settings, book.errors, book.routes, both.verdicts, both.results, report.points]
    held += [getattr(problem("coal"), name) for name in ("arguments", "columns", "description")]
    for mapping in (*held, gibbs("old-faithful", rng=0, **SHORT).nominal):
        with pytest.raises(TypeError, match="cannot be changed"):
            mapping[next(iter(mapping))] = None
    expanded = vi_lab.HierarchicalNormalExpanded([1.0, 2.0], 1.0, 5.0, vi_lab.HalfCauchy(1.0))
    of_rows = DecoderModel(_fit_vae(), np.zeros((2, 4)))
    for model in (problem("coal").model, expanded, of_rows, problem("poisson").model):
        names = {*vars(model), "blocks", "axes", "costly", "no_exact_because", "another"}
        for name in (name for name in names if not name.startswith("_")):
            for change in (lambda m, n: setattr(m, n, 1), delattr):
                with pytest.raises(AttributeError, match="cannot be changed once"):
                    change(model, name)
    with pytest.raises(AttributeError, match="cannot delete 'elbo'"):
        del q.elbo
    for thing, name in (
        (q, "elbo"),
        (draws, "values"),
        (exact("coal"), "log_evidence"),
        (problem("coal"), "name"),
        (problem("coal").model, "counts"),
    ):
        with pytest.raises((AttributeError, TypeError, vi_lab.ViLabError)):
            setattr(thing, name, 1)


def test_a_truth_that_nobody_asked_for_is_sent_whole():
    """`exact` is asked again in the other process; what a model makes by itself goes as it is."""
    found = vi_lab.problem("coin").model.exact_posterior()
    again = pickle.loads(pickle.dumps(found))
    assert not found.asked and not again.asked
    assert (again.log_evidence, again.log_evidence_error, again.seconds) == (
        found.log_evidence, found.log_evidence_error, found.seconds)  # fmt: skip
    assert again.mean("theta") == found.mean("theta")
