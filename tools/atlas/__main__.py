"""Recompute the atlas, say what differs from data/atlas.json, and write it where that is wanted.

python -m tools.atlas [PROBLEM ...] [--write]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.atlas import compute
from tools.atlas.changes import changes
from vi_lab.arguments import checks
from vi_lab.atlas.layout import as_text
from vi_lab.errors import InputError
from vi_lab.problems.named import list_problems
from vi_lab.runtime import reading, storage

FILE = Path(__file__).resolve().parents[2] / "data" / "atlas.json"


def main(arguments: Sequence[str] | None = None, file: Path = FILE) -> int:
    """Print the differences; exit code 1 if there are any and they were not to be written."""
    parser = argparse.ArgumentParser(prog="python -m tools.atlas", description=__doc__)
    parser.add_argument("problems", nargs="*", metavar="PROBLEM", help="default: all")
    parser.add_argument("--write", action="store_true", help="put what is new into the file")
    options = parser.parse_args(arguments)
    try:
        names = [checks.one_of("problem", n, list_problems()) for n in options.problems] or None
    except InputError as error:
        parser.error(str(error))
    old: dict[str, Any] = reading.read_json(file) if file.exists() else {"problems": {}}
    new = compute.compute(names)
    lines = changes(old, new, names)
    for line in lines:
        print(line)
    print(f"{len(new['problems'])} problems recomputed, {len(lines)} differences")
    if not options.write:
        return 1 if lines else 0
    entries = new["problems"] if names is None else {**old["problems"], **new["problems"]}
    new["problems"] = {name: entries[name] for name in list_problems() if name in entries}
    storage.write_bytes(file, as_text(new).encode())
    print(f"the atlas is in {file.name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
