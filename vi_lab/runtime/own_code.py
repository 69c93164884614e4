"""Code of a user's own that a program runs: what it raises is said of it, and of vi_lab nothing."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

folders: set[str] = set()  # of the files that were imported, whose other files they may import


def find_line(error: BaseException) -> str:
    """Where in a user's file an error came about, as "my_model.py, line 7"; "" where in none."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if os.path.dirname(frame.filename) in folders
    ]
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
