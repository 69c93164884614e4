"""Sphinx over the staged pages; a warning is an error."""

from __future__ import annotations

import shutil
import sys

from tools.site.places import LAB, OUT, ROOT, SOURCE, WORK
from tools.site.staging import stage


def build_pages() -> None:
    """Write the pages of the site; exits where Sphinx warns. The lab in the site stays."""
    from sphinx.cmd.build import main

    stage()
    html, trees = WORK / "html", WORK / "doctrees"
    for old in (html, trees):  # what an earlier build remembers of sources would be linked to
        shutil.rmtree(old, ignore_errors=True)
    options = ["-W", "--keep-going", "-q", "-b", "html", "-d", str(trees)]
    if failed := main([*options, str(SOURCE), str(html)]):
        sys.exit(failed)
    shutil.copytree(WORK / "extra", html, dirs_exist_ok=True)
    shutil.copy(ROOT / "data" / "atlas.json", html)
    if (OUT / LAB).exists():
        shutil.move(OUT / LAB, html)
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.move(html, OUT)
