"""Asserts in the shared checks explain themselves; the whole run is offline."""

import os

import pytest

from tests.console import OFFLINE
from tests.offline import sitecustomize  # noqa: F401  from here on, this process is offline

pytest.register_assert_rewrite("tests.contract")

# and so is every child; a user's own path stays behind it
os.environ["PYTHONPATH"] = os.pathsep.join(
    dict.fromkeys([str(OFFLINE), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
).rstrip(os.pathsep)
