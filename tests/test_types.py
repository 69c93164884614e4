"""mypy --strict on a page of user code tells every mistake on it, and nothing else.

pyright does too; it is run by hand: `pyright tests/page_of_user_code.py`.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).with_name("page_of_user_code.py")


@pytest.mark.slow
def test_mypy_tells_what_is_wrong_on_a_page_of_user_code(tmp_path):
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary",
               "--hide-error-context", f"--cache-dir={tmp_path}", PAGE.name]  # fmt: skip
    found = subprocess.run(command, cwd=PAGE.parent, capture_output=True, text=True, check=False)
    told = {int(n) for n in re.findall(rf"^{PAGE.name}:(\d+): error", found.stdout, re.MULTILINE)}
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    wrong = {n for n, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert len(wrong) > 90
    assert told == wrong, found.stdout + found.stderr
