"""Where the builder reads and writes."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "site"  # what is written for the site alone
WORK = ROOT / "build" / "site"
SOURCE = WORK / "source"  # what Sphinx reads: the tree of the repository, as far as it is pages
RESULTS = WORK / "results"
OUT = ROOT / "site"
NODE = ROOT / "tools" / "lab" / "node_modules"  # what npm installed
LAB = "lite"  # of the site
SHOWN = ("correlated", "newcomb", "coal", "eight-schools", "tiny-mixture", "challenger")  # replays
