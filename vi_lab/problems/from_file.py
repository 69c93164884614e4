"""A problem from a Python file of the user's own: my_models.py:two_groups.

The name stands for a model, a problem, or a function or class that makes one. Importing the file
runs it, as the user asked for; it is read once, whatever becomes of it later. What it prints
meanwhile goes to stderr. To another process such a problem travels as its program, and is made
again there.
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import io
import os
import re
import sys
import warnings
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TextIO

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr, suggestion
from vi_lab.errors import InputError, InputTypeError, ViLabError, error_text
from vi_lab.model_or_problem import as_model, is_model
from vi_lab.problems.names import name_changes
from vi_lab.problems.problem import Problem
from vi_lab.runtime import own_code, reading

SPEC = re.compile(r"(?P<path>.*\.py)(:(?P<name>.*))?", re.DOTALL)
LARGEST = 2**24  # bytes of a program
KINDS = "a model or a problem"
NEEDED = f"{KINDS}, or a function that makes one"


@dataclass(frozen=True, eq=False, repr=False)
class FromFile(Problem):
    """A problem that is made again, by its program, where it is unpickled."""

    path: Path = Path()
    program: bytes = b""
    thing: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """The arguments of the function that made it, or else of the model itself."""
        return {**self.defaults, **self.settings} or super().hyperparameters

    def __reduce__(self) -> Any:
        return _make_again, (self.path, self.program, self.thing, self.settings, self.name)


def is_spec(word: str) -> bool:
    """Whether a word names something in a Python file."""
    return SPEC.fullmatch(word) is not None


def load_problem(word: str, settings: Mapping[str, Any], folder: Path = Path()) -> Problem:
    """The problem that `path.py:name` stands for, from a folder, with these arguments.

    InputError for whatever is wrong with the file, the name, or what it makes.
    """
    spec = SPEC.fullmatch(word)
    assert spec is not None
    path = checks.path("problem", folder / spec["path"])
    if not path.exists():
        raise InputError(f"problem: there is no file {path}")
    program = reading.read_bytes(path, LARGEST)
    return _make(path.resolve(), program, spec["name"] or "", settings, sys.stderr)


def _make_again(
    path: Path, program: bytes, name: str, settings: Mapping[str, Any], shown: str
) -> Problem:
    """In another process, where all has been said before."""
    return replace(_make(path, program, name, settings, io.StringIO()), name=shown)


def _make(
    path: Path, program: bytes, name: str, settings: Mapping[str, Any], out: TextIO
) -> Problem:
    with _running(path, out):
        module = _import(path, program)
        thing = _find(path, module, name)
        made: Any = thing
        defaults: dict[str, Any] = {}
        if isinstance(thing, type) or not _is_one(thing):
            made, defaults = _call(path, name, thing, settings)
        elif settings:
            told = f"{name} is made already; write a function whose arguments are to be set"
            raise InputTypeError(f"--set: {told}")
        whole = as_model(made)
    if isinstance(made, Problem):
        known = {f: getattr(made, f) for f in Problem.__dataclass_fields__}
    else:
        n = getattr(whole, "n", 0)
        known = dict(name=name, story=_first_line(thing), data="", model=made)
        known["n"] = n if checks.is_whole(n) else 0
    known["name"] = name_changes(known["name"], settings, defaults)
    known |= dict(path=path, program=program, thing=name, settings=settings, defaults=defaults)
    return FromFile(**known)


@contextlib.contextmanager
def _running(path: Path, out: TextIO) -> Iterator[None]:
    """The file's folder can be imported from, and what is printed goes elsewhere.

    What it sets for the whole process is put back: the folder in which this is, what becomes of
    NumPy's errors and of warnings.
    """
    sys.path.insert(0, str(path.parent))
    try:
        with (
            contextlib.redirect_stdout(out),
            _come_back(),
            warnings.catch_warnings(),
            np.errstate(),
            np.printoptions(),
        ):
            yield
    finally:
        with contextlib.suppress(ValueError):  # the file may have taken it out
            sys.path.remove(str(path.parent))


def _come_back() -> contextlib.AbstractContextManager[None]:
    """At the end this process is where it was, unless somebody has removed that folder."""
    try:
        return contextlib.chdir(os.getcwd())
    except FileNotFoundError:
        return contextlib.nullcontext()


class _AsItWasRead(SourceFileLoader):
    """Of a file of any suffix, since a link may lead to it; byte code beside it may be of another
    program, and is neither read nor written."""

    def __init__(self, fullname: str, path: Path, program: bytes) -> None:
        super().__init__(fullname, str(path))
        self._program = program

    def get_code(self, fullname: str) -> CodeType:
        """The code of the program."""
        code: CodeType = self.source_to_code(self._program, self.path)
        return code


@cache
def _import(path: Path, program: bytes) -> ModuleType:
    """A program as a module, under a name that no other has; once."""
    name = f"vi_lab_own_{zlib.crc32(bytes(path) + program):08x}_{path.stem}"
    loader = _AsItWasRead(name, path, program)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    own_code.folders.add(str(path.parent))
    sys.modules[name] = module  # a dataclass looks its module up
    try:
        loader.exec_module(module)
    except SyntaxError as error:
        file = Path(error.filename or path).name  # it may be another, which this one imports
        line = f", line {error.lineno}" if error.lineno else ""
        raise InputError(f"{file}{line}: is no Python; {error.msg}") from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too, and whatever the file raises instead
        raise _explain(path, "importing it", error) from error
    return module


def _find(path: Path, module: ModuleType, name: str) -> Any:
    """What has that name in the module; InputError that suggests where there is none."""
    if name in vars(module):
        return vars(module)[name]
    known = [
        key
        for key, value in vars(module).items()
        if not key.startswith("_")
        and (_is_one(value) or getattr(value, "__module__", None) == module.__name__)
    ]
    if not name:
        names = ", ".join(known) or "nothing is there"
        raise InputError(f"{path.name}: needs a name, as in {path.name}:NAME ({names})")
    raise InputError(f"{path.name}: has no {short_repr(name)}{suggestion(name, known)}")


def _is_one(thing: Any) -> bool:
    """A model or a problem that is made, and no name of one."""
    return not isinstance(thing, str | type) and is_model(thing)


def _call(
    path: Path, name: str, make: Any, settings: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """What a function or class makes, and its arguments' defaults."""
    checks.require(callable(make), f"{path.name}: {name} needs to be {NEEDED}", make)
    defaults = _check_arguments(path, name, make, settings)
    try:
        made = make(**settings)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _explain(path, f"{name}()", error) from error
    checks.require(_is_one(made), f"{path.name}: {name}() needs to return {KINDS}", made)
    return made, defaults


def _check_arguments(
    path: Path, name: str, make: Any, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """The defaults of the arguments; an error where one is missing or unknown."""
    try:
        parameters = list(inspect.signature(make).parameters.values())
    except ValueError:  # of what is written in C
        return {}
    starred = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    named = {p.name: p.default for p in parameters if p.kind not in starred}
    if len(named) == len(parameters):
        for key in settings:
            if key not in named:
                hint = suggestion(key, named) if named else "; it takes none"
                raise InputTypeError(f"--set: {name}() has no argument {short_repr(key)}{hint}")
    missing = [k for k, d in named.items() if d is inspect.Parameter.empty and k not in settings]
    if missing:
        told = " ".join(f"--set {key}=..." for key in missing)
        raise InputError(f"{path.name}: {name}() needs arguments: {told}")
    return {key: default for key, default in named.items() if key not in missing}


def _explain(path: Path, what: str, error: BaseException) -> ViLabError:
    """An error of the user's code, with the line of the file."""
    place = own_code.find_line(error) or path.name
    if isinstance(error, SystemExit):
        return InputError(f"{place}: {what} ended the program (SystemExit)")
    kind = "" if isinstance(error, ViLabError) else f"{type(error).__name__}: "
    return InputError(f"{place}: {what} raised {kind}{error_text(error)}")


def _first_line(thing: Any) -> str:
    """The first line of what its writer says of it."""
    text = inspect.getdoc(thing if callable(thing) else type(thing)) or ""
    return text.split("\n")[0].rstrip(".")
