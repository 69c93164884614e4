"""What runs inside: the code cells of the worked lessons, or tests."""

import json
import os
import sys
import traceback
import warnings
from pathlib import Path

REPOSITORY = Path("/repository")
# WebAssembly does not say that an operation was invalid, so NumPy cannot raise there.
SILENT = (
    "families/test_categorical.py::test_sampling_where_no_label_is_possible_is_an_invalid_operation",
    "inference/test_gibbs.py::test_a_label_that_nothing_can_be_names_the_block",
    "inference/test_gibbs.py::test_a_precision_below_zero_names_the_block",
    "teach/test_engine.py::test_whatever_an_answer_does_there_is_a_verdict[numpy set]",
)
# A recorded mistake searches in what is not sorted, which another build of NumPy ends elsewhere.
UNSORTED = ("teach/test_recorded.py::test_every_mistake_returns_what_it_did[09.1]",)
# Of teach: they read notebooks by nbformat, which needs compiled packages.
UNREAD = ("blindness", "lessons_02_03_05", "notebook_runs", "notebooks", "order_claims", "own",
          "slides")  # fmt: skip
# Plugins of pytest that cannot work here.
MISSING = ("logging", "faulthandler", "cacheprovider", "debugging")


def run_lesson(path):
    """Run a notebook's code cells from top to bottom; whether none of them raised."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    space = {"__name__": "__main__"}
    for cell in cells:
        if cell["cell_type"] == "code":
            code = compile("".join(cell["source"]), f"{path.name}, {cell['id']}", "exec")
            try:
                exec(code, space)
            except Exception:
                print(f"\n{path.name}, cell {cell['id']}:", flush=True)
                traceback.print_exc(file=sys.stdout)
                return False
    return True


def run_lessons(names):
    """Run every worked lesson; how many failed."""
    warnings.simplefilter("error")
    failed = 0
    for path in sorted((REPOSITORY / "notebooks" / "solutions").glob("*.ipynb")):
        if not names or any(name in path.name for name in names):
            fine = run_lesson(path)
            failed += not fine
            print(f"\n{path.name}: {'runs' if fine else 'FAILED'}", flush=True)
    return failed


def run_tests(paths):
    """pytest over these parts of tests/."""
    import pytest

    os.chdir(REPOSITORY)  # where pytest goes back to at the end: there is no folder "/" here
    where = [str(REPOSITORY / "tests" / path) for path in paths]
    without = [word for name in MISSING for word in ("-p", f"no:{name}")]
    without += [f"--deselect=tests/{name}" for name in SILENT + UNSORTED]
    without += [f"--ignore={REPOSITORY}/tests/teach/test_{name}.py" for name in UNREAD]
    settings = ["-c", "/settings/pytest.ini", f"--rootdir={REPOSITORY}", "--basetemp=/tmp/pytest"]
    return int(pytest.main([*without, *settings, "-q", "--capture=sys", "--tb=short", *where]))


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    sys.exit(run_lessons(rest) if what == "solutions" else run_tests(rest))
