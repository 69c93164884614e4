"""Everything public that can be called, and what of it the fuzz does not try, with the reason.

Public is what an `__all__` names, what a module in OPEN defines, and the methods of public classes.
"""

import importlib
import inspect
import pkgutil
from abc import ABC

import vi_lab

OPEN = ("vi_lab.diagnostics", "vi_lab.textbook", "vi_lab.cli")  # no __all__

# a whole class or module: its name, or its beginning and a star
EXCUSED = {
    "textbook.*": "formulas of numbers that their callers have checked; reached by exact, ledger",
    "Model.*": "inner loops of the engines, which hand over what they made; `models` reaches them",
    "DensityModel.*": "as Model: what the owner of a model writes",
    "DensityRows.*": "as Model",
    "DecoderModel.*": "as Model; its constructor, exact and gaussian_q are tried",
    "Family.*": "inner loops of the engines; `.of` and Distribution are the doors, both tried",
    "Block": "what the owner of a model writes; validate and the engines hold it to its contract",
    "Block.*": "as Block",
    "Distribution": "made by `.of`, which is tried",
    "testing.Joint": "a pair of functions of the user's own, run as they are",
    "Joint.*": "as testing.Joint",
    "MetropolisSteps.*": "a step inside a sampling loop, of states that steps made",
}
# classes that hold what the package found: nobody makes one by hand, their methods are tried
RECORDS = "a record that the package fills"


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
    return [
        name
        for name, thing in vars(module).items()
        if name[0] != "_" and getattr(thing, "__module__", None) == module.__name__
    ]


def unwrapped(thing):
    return inspect.unwrap(getattr(thing, "__func__", thing))


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
    """Public functions of a class and of the parents that are vi_lab's, by who defines them."""
    found = {}
    for parent in cls.__mro__:
        if not parent.__module__.startswith("vi_lab") or parent is ABC:
            continue
        for name, thing in vars(parent).items():
            thing = getattr(thing, "__func__", thing)
            if name[0] != "_" and inspect.isfunction(thing):
                found[f"{parent.__name__}.{name}"] = thing
    return found
