"""Where things are, and what a process finds there: all that pytest's own process needs to know.

It runs no test and imports nothing of vi_lab.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OFFLINE = ROOT / "tests" / "offline"  # its sitecustomize.py keeps a process off the network


def environment(**changes):
    """This process's environment without what would change how Python starts or prints.

    Keywords add variables; None takes one out.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    own = {"PYTHONUTF8": "1", "PYTHONWARNINGS": "error", "PYTHONPATH": str(OFFLINE)}
    return {key: value for key, value in {**kept, **own, **changes}.items() if value is not None}
