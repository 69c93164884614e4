"""Everything public that can be called, and what of it the fuzz does not try, with the reason.

Public is what an `__all__` names, what a module or a room in OPEN defines, and the methods of
public classes.
"""

import dataclasses
import functools
import importlib
import inspect
import pkgutil

import vi_lab
from vi_lab.density_model import DensityModel, DensityRows
from vi_lab.families import Family
from vi_lab.model import Model

OPEN = ("vi_lab.families", "vi_lab.results", "vi_lab.results.diagnostics",
        "vi_lab.numerics.densities", "vi_lab.cli.main")  # no __all__  # fmt: skip

CONTRACTS = (Model, DensityModel, DensityRows, Family)  # their methods are inner loops; see REASONS
# why the fuzz does not hand anything to them
REASONS = {
    "abstract, or a part of what an owner writes; tests/fuzz/own.py has such models": "Model "
    "DensityModel DensityRows Family families.InverseGamma Block Block.sum_over_plates "
    "Block.gain Block.entropy Block.sample_prior Exact.product",
    "abstract; every one of that kind is tried": "results.Posterior testing.Report Report.plot",
    "made by another function, which has checked its parts": "Comparison.of Exact.of "
    "Factorised.fitted Ledger.without_truth Ledger.without_q",
    "made by `.of`, and tried as what that gives": "Distribution Distribution.log_density "
    "Distribution.sample",
    "load hands it a file that has been looked at, and tells what does not fit": "Posterior.unpack "
    "Amortised.unpack Draws.unpack Exact.unpack Factorised.unpack GaussianRows.unpack "
    "LinearResponse.unpack GaussianPosterior.unpack",
    "made by laplace and gaussian_vi, which are tried": "GaussianPosterior",
    "made by evidence, which is tried": "EvidenceEstimate EvidenceEstimate.to_dict",
    "tests/plots/test_evidence_dots.py hands it what evidence gives": "plots.evidence",
    "an inner loop of methods by gradient": "PoissonRegression.gradient",
    "made by fixtures; tests/testing/test_fixtures.py hands them every shape": "testing.Fixture "
    "testing.fixtures Fixture.log_density Fixture.gradient Fixture.constrain Fixture.sample",
    "writes what a model was made of; tests/export/test_stan.py tries every problem": "export.stan "
    "export.posteriordb export.StanProgram StanProgram.save",
    "runs for hours and leaves a store; tests/studies hand it what is wrong": "study read_study "
    "Study Study.rows Study.table Study.text Study.to_pandas trial read_trial Trial Trial.findings "
    "Trial.worst Trial.text",
    "`kl` and `ledger` hand it the truth": "GaussianPosterior.kl_from",
    "an inner loop of HierarchicalNormal, which is tried": "HalfCauchy.log_density "
    "HalfCauchy.moment_limit HalfCauchy.sample InverseGamma.log_density InverseGamma.moment_limit "
    "HalfCauchy.scale_at InverseGamma.scale_at InverseGamma.sample "
    "HierarchicalNormalExpanded.original",
    "an inner loop of families, as their contract": "Indicators.indicate "
    "Indicators.choose NormalWishart.make_eta "
    "Normal.about "
    "NormalWishart.about MultivariateNormal.about NormalWishartMoments.locate "
    "NormalWishartMoments.scale NormalWishartMoments.whiten "
    "NormalWishart.lost RealFamily.locate TruncatedNormal.about TruncatedNormal.locate",
    "restarts are sorted and cut by them": "Distribution.expand Distribution.take",
    "the inner loop of a Gaussian fit": "PoissonRegression.expected_log_density",
    "tests/teach/test_engine.py hands them whatever a learner may": "teach.card teach.check "
    "teach.choose teach.hint teach.own teach.predict teach.ready teach.reveal teach.solution",
    "exact posteriors hand it what they drew": "LinearGaussian.in_blocks "
    "LocalLevel.in_blocks HiddenMarkov.in_blocks",
    "View hands it what it has located, draws of its own, and even points": "Exact.find_joint "
    "Exact.find_marginal results.diagnostics.kernel_density",
    "the kind `commands`": "cli.main.main",
    "refuses whatever it is given, and says why": "LinearResponse.posterior_predictive",
    "arithmetic of numbers that their owner has checked": "results.bound_cancellation "
    "results.rounding testing.false_alarms",
    "runs for minutes; its arguments are held by tests/testing": "testing.battery testing.vsbc "
    "testing.chains_test testing.joint_test testing.rank_test",
    "a test of `vi_lab.testing` runs it in its loop, as the user's own are": "testing.repeated "
    "testing.Joint Joint.draw Joint.look MetropolisSteps.tuned "
    "HamiltonianSteps.tuned HamiltonianSteps.move_exact_draws Steps.steps Steps.pair "
    "testing.HamiltonianSteps testing.MetropolisSteps "
    "testing.cavi_draws testing.exact_steps "
    "testing.gibbs_pair testing.gibbs_steps testing.gibbs_steps_back testing.joint_of",
}
EXCUSED = {name: why for why, names in REASONS.items() for name in names.split()}
# formulas of numbers that their callers have checked; exact and ledger reach them
EXCUSED_MODULE = "numerics.densities."
RESULTS = ("Draws", "Exact", "Factorised", "GaussianRows")  # tried as any Posterior


def untried(tried):
    """The public callables that are neither tried nor excused, by name."""
    return [
        name
        for name, thing in public().items()
        if takes_something(thing)
        and name not in tried
        and name not in EXCUSED
        and not name.startswith(EXCUSED_MODULE)
        and not (name.split(".")[0] in RESULTS and tried_as_any(name.split(".")[-1], tried))
    ]


def tried_as_any(method, tried):
    """Whether a method that a kind of result overrides is tried on every kind."""
    return f"Posterior.{method}" in tried or f"WithMarginals.{method}" in tried


def modules():
    """Modules with an `__all__`, the package itself first, and those of OPEN."""
    found = [vi_lab]
    for info in pkgutil.walk_packages(vi_lab.__path__, "vi_lab."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        if "__all__" in vars(module) or info.name in OPEN:
            found.append(module)
    return found


def names_of(module):
    own = getattr(module, "__all__", None)
    if own is not None:
        return list(own)
    home = "vi_lab." if hasattr(module, "__path__") else module.__name__  # a room hands on
    return [
        name
        for name, thing in vars(module).items()
        if name[0] != "_" and str(getattr(thing, "__module__", "")).startswith(home)
    ]


def unwrapped(thing):
    return inspect.unwrap(getattr(thing, "__func__", thing))


@functools.cache
def public():
    """Every public callable by its name: functions, classes, and methods of classes.

    A name is that of the first module which has it, without vi_lab: "gibbs", "plots.joint". A
    method goes by the class that defines it: "Posterior.save".
    """
    found, seen = {}, set()
    for module in modules():
        place = module.__name__.removeprefix("vi_lab").lstrip(".")
        for name in names_of(module):
            thing = getattr(module, name)
            if not callable(thing) or id(unwrapped(thing)) in seen:
                continue
            seen.add(id(unwrapped(thing)))
            if inspect.isclass(thing):
                if not issubclass(thing, BaseException):
                    found[f"{place}.{name}" if place else name] = thing
                    found.update(methods_of(thing))
            else:
                found[f"{place}.{name}" if place else name] = thing
    return found


def methods_of(cls):
    """Public functions of a class and of the parents that are vi_lab's, by who defines them.

    Of models and families those alone that are not of their contract: its methods are the inner
    loops of the engines, which hand over what they made, and `models` and `families` run them.
    """
    found = {}
    contract = {n for c in CONTRACTS if c in cls.__mro__ for n in dir(c)}
    for parent in cls.__mro__:
        if not parent.__module__.startswith("vi_lab"):
            continue
        for name, thing in vars(parent).items():
            thing = getattr(thing, "__func__", thing)
            if name[0] != "_" and inspect.isfunction(thing) and name not in contract:
                found[f"{parent.__name__}.{name}"] = thing
    return found


def takes_something(thing):
    """Whether anything can be handed in: not to a record, which the package fills."""
    if inspect.isclass(thing):
        return not (dataclasses.is_dataclass(thing) or issubclass(thing, tuple))
    parameters = [p for p in inspect.signature(thing).parameters if p not in ("self", "cls")]
    return bool(parameters)
