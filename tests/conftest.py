"""Shared asserts explain themselves, the whole run is offline, and what takes long goes first."""

import gc
import os
import signal
import sys
from importlib import import_module

import pytest

from tests.apart import run_apart
from tests.forks import end_server
from tests.offline import sitecustomize  # noqa: F401  from here on, this process is offline
from tests.places import OFFLINE

pytest.register_assert_rewrite("tests.contract")

# nbformat's jsonschema would make 38 grammars of web addresses, which no notebook is held against
sys.modules["rfc3987_syntax"] = None

# and so is every child; a user's own path stays behind it
os.environ["PYTHONPATH"] = os.pathsep.join(
    dict.fromkeys([str(OFFLINE), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
).rstrip(os.pathsep)

os.environ["COLUMNS"] = "80"  # whatever terminal the tests are run in

# In these a few tests take long: whoever met them last would work on alone.
FIRST = ("test_notebook_runs", "test_readme", "test_reproducible", "test_fuzz", "test_cli")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """What collecting makes lives to the end: looking through it again and again finds nothing."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item, nextitem):
    """Likewise what outlives its file: a full collection would look through all files before it."""
    try:
        return (yield)
    finally:
        if nextitem is None or nextitem.path != item.path:
            gc.collect()
            gc.freeze()


def pytest_sessionfinish():
    end_server()


def pytest_collection_modifyitems(items):
    """Files whose tests take longest go first; the others stay in their order."""
    items.sort(key=lambda item: item.path.stem not in FIRST)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """A test that is marked apart runs in another process."""
    return run_apart(pyfuncitem)


@pytest.fixture
def short_chains(monkeypatch):
    """The battery holds chains a quarter as long against a known posterior."""
    standard_battery = import_module("vi_lab.testing.standard_battery")  # not in each process
    monkeypatch.setattr(standard_battery, "DRAWS", standard_battery.DRAWS // 4)


@pytest.fixture
def default_ctrl_c():
    """Ctrl-C as Python has it, even where this run ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
