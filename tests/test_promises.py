"""docs/promises.md names tests that exist."""

import ast
import re
from functools import cache

from tests.places import ROOT
from tests.tables import table

TEXT = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ")
]


@cache
def functions_in(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_fault_has_a_promise_and_a_test():
    assert len(ROWS) > 15
    assert all(len(row) == 3 and all(row) for row in ROWS)


@table("row", [row for row in ROWS if "held by" not in row], ids=lambda r: r[0])
def test_the_tests_that_hold_it_exist(row):
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[2])
    assert named and len(named) == row[2].count("::")
    for file, name in named:
        assert name in functions_in(file), name
