"""The house rules: imports run one way, importing stays light, a lesson file reads like a page.

Each rule stands over a list that a reader can follow; HOUSE below is the house itself.
"""

import ast
import functools
import gc
import importlib.util
import io
import re
import tokenize
from pathlib import Path

from tests.places import ROOT

PACKAGE = Path(importlib.util.find_spec("vi_lab").origin).parent
FILES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}

# The rooms and the files of the root, each built upon those before it and on none behind it.
HOUSE = (
    "errors", "_version", "runtime", "arguments", "numerics", "families", "density_model", "model",
    "model_or_problem", "automatic", "results", "datasets", "models", "inference",
    "marginal_likelihood", "export", "adapters", "vae", "problems", "identity", "archive",
    "comparison", "plots", "testing", "atlas", "teach", "figures", "reports", "replays",
    "studies", "cli",
    "__init__", "__main__",
)  # fmt: skip
STRANGERS = [("models", "inference"), ("inference", "models"), ("vae", "models"), ("models", "vae")]
PLOTTING = ("plots", "figures", "cli")
LAZY = ("matplotlib", "scipy.special", "scipy.stats", "scipy.integrate", "scipy.optimize",
        "arviz_stats", "joblib", "arviz_base", "jupyter", "pandas", "tqdm", "IPython",
        "jinja2", "contourpy", "distributed", "sqlite3")  # fmt: skip

ROOT_FILES = 8  # in the root of the package, py.typed among them
LONGEST = 300  # lines of any file
# Lines of code (docstrings, comments and blank lines are free) of the files that are lessons.
METHODS = ("exact", "gibbs", "cavi", "metropolis_hastings", "discrete_metropolis",
           "collapsed_gibbs", "parameter_expanded_gibbs", "linear_response", "laplace", "hmc",
           "gaussian_vi", "expectation_propagation", "svi")  # fmt: skip
ESTIMATORS = ("importance", "bridge", "chib", "smc", "ais", "prior", "reciprocal_and_harmonic")
LESSONS = (
    {f"inference/{name}.py": 70 for name in METHODS}
    | {name: 120 for name in FILES if name.startswith("models/") and name.count("/") == 1}
    | {name: 130 for name in FILES if name.startswith("families/")}
    | {f"marginal_likelihood/{name}.py": 70 for name in ESTIMATORS}
    | {"model.py": 130, "identity/ledger.py": 140}
)
# Longer than its limit, with the reason; none above MOST.
EXCEPTIONS: dict[str, str] = {
    "families/normal_wishart.py": "two matrices have a covariance and a divergence on paper",
}
MOST_EXCEPTIONS, MOST = 4, 160
VAE_LESSONS = tuple(f"vae/{name}.py" for name in ("vae", "training", "training_state",
                                                 "objective", "layers", "networks",
                                                 "optimiser"))  # fmt: skip
# What judges an answer, room by room, each built upon those before it; and how many lines of
# code the engine of the course, which is what stands in none of these rooms, may have.
TEACH = ("exercise", "answers", "slips", "relations")
ENGINE = 350
# Ways to run what was read, and who may start processes, of its own code alone.
RUNNING = ("compile", "os.system", "os.popen", "np.loads")
DOORS = ("pickle", "shelve", "marshal", "dill", "cloudpickle", "yaml", "joblib", "subprocess",
         "ctypes", "runpy", "code", "multiprocessing")  # fmt: skip
STARTS_PROCESSES = {
    "runtime/parallel.py": {"joblib", "multiprocessing"},
    "studies/cluster.py": {"joblib"},
}
BOOKKEEPING = ("warnings", "signal", "time", "vi_lab.runtime.interrupts", "vi_lab.runtime.progress")

TESTS = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "tests").rglob("*.py"))}
# What pytest-timeout owns; and the one file that sleeps, for a moment between two looks.
TIMERS = re.compile(r"SIGALRM|ITIMER_REAL|setitimer|signal\.alarm")
WAITS = "tests/waiting.py"
# Run in a worker, which is to be killed: a signal to oneself there is none to the test run.
IN_WORKERS = "tests/runtime/jobs.py"
TO_ITSELF = re.compile(r"signal\.raise_signal|os\.kill(pg)?\(os\.get(pid|pgrp)")


@functools.cache
def trees():
    """The syntax of every file of the package, read when first asked for.

    It lives to the end: looking for garbage while it grows would take longer than reading it.
    """
    gc.disable()
    try:
        return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
    finally:
        gc.freeze()
        gc.enable()


def part_of(file):
    """The part of the package a file belongs to: its folder, or its own name."""
    return file.split("/")[0].removesuffix(".py")


def module_of(file):
    """The name under which a file is imported."""
    return "vi_lab." + file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_of(file): file for file in FILES}


@functools.cache
def nodes(file):
    """Every node of the syntax of a file of the package."""
    return tuple(ast.walk(trees()[file]))


@functools.cache
def imported(file):
    """Every module a file imports, wherever in it, by full name."""
    found = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:  # of a package, a module in it or a name
                inside = f"{node.module}.{alias.name}"
                found.add(inside if inside in MODULES else node.module)
    return found


def dotted(node):
    """`name` or `module.name`, where a node is that; else nothing."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def code_lines(path):
    """How many lines hold code: neither blank, nor comment, nor docstring."""
    text = path.read_text(encoding="utf-8")
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT,
                              tokenize.DEDENT, tokenize.ENDMARKER):  # fmt: skip
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                lines -= set(range(first.lineno, first.end_lineno + 1))
    return len(lines)


def test_the_package_is_read():
    assert len(FILES) > 20
    assert "vi_lab.families" in imported("model.py")


def test_every_part_has_its_place_in_the_house():
    assert {part_of(file) for file in FILES} == set(HOUSE)
    assert not {"utils", "helpers", "common", "misc"} & {p for f in FILES for p in f.split("/")}
    assert len([p for p in PACKAGE.iterdir() if p.is_file()]) <= ROOT_FILES


def test_imports_run_one_way():
    for file in FILES:
        part = part_of(file)
        for module in imported(file):
            if module.startswith("vi_lab."):
                known = module.split(".")[1]
                assert HOUSE.index(known) <= HOUSE.index(part), f"{file} imports {module}, above it"
                assert (part, known) not in STRANGERS, f"{file} imports {module}"


def test_no_circle_not_even_inside_a_room():
    """Every file can be given a floor above all that it imports."""
    below = {module_of(f): imported(f) & MODULES.keys() for f in FILES}
    for module, others in below.items():
        others.discard(module)
    while ready := {module for module, others in below.items() if not others}:
        below = {m: others - ready for m, others in below.items() if m not in ready}
    assert below == {}, "these import each other in a circle, or are built upon one"


def test_no_module_is_hidden_by_a_function_of_its_own_name():
    for file in FILES:
        if file.endswith("__init__.py"):
            names = {
                alias.asname or alias.name
                for node in trees()[file].body
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            here = module_of(file)
            inside = {m.rsplit(".", 1)[1] for m in MODULES if m.rsplit(".", 1)[0] == here}
            known = imported(file)
            hidden = {name for name in names & inside if f"{here}.{name}" not in known}
            assert not hidden, f"{file}: {hidden}"


def test_a_lesson_is_short():
    for file in LESSONS:
        lines, limit = code_lines(FILES[file]), LESSONS[file]
        assert lines <= (MOST if file in EXCEPTIONS else limit), f"{file}: {lines} lines of code"


def test_the_engine_of_the_course_is_short_and_stands_upon_its_rooms():
    """What describes wrong answers has rooms of its own, which know nothing of the engine."""
    teach = {file for file in FILES if file.startswith("teach/") and "/lessons/" not in file}
    engine = {file for file in teach if file.count("/") == 1}
    assert sum(code_lines(FILES[file]) for file in engine) <= ENGINE
    for file in teach - engine:
        room = TEACH.index(file.split("/")[1])
        known = {m.split(".")[2] for m in imported(file) if m.startswith("vi_lab.teach.")}
        assert known <= set(TEACH[: room + 1]), f"{file} imports what stands above it"


def test_a_lesson_of_the_course_is_one_file():
    """What it puts together stands in the rooms beside."""
    files = [f for f in FILES if f.startswith("teach/lessons/") and f.count("/") == 2]
    lessons = [f"teach/lessons/lesson_{number:02}.py" for number in range(11)]
    assert files == ["teach/lessons/__init__.py", *lessons]


def test_exceptions_are_few_and_needed():
    assert len(EXCEPTIONS) <= MOST_EXCEPTIONS
    for file, reason in EXCEPTIONS.items():
        assert reason and code_lines(FILES[file]) > LESSONS[file], f"{file} is an exception no more"


def test_a_lesson_is_free_of_bookkeeping():
    """How a run is stopped, shown, timed and guarded is told elsewhere."""
    for file in [*LESSONS, *VAE_LESSONS]:
        assert not imported(file) & set(BOOKKEEPING), file
        assert "errstate" not in {getattr(node, "attr", None) for node in nodes(file)}, file
        loops = [node for node in nodes(file) if isinstance(node, ast.For | ast.While)]
        tries = [node for node in nodes(file) if isinstance(node, ast.Try)]
        assert len(tries) <= 1, f"{file}: more than one try"
        for loop in loops:
            assert not [n for n in ast.walk(loop) if isinstance(n, ast.Try)], (
                f"{file}: a try in a loop"
            )


def test_only_plots_know_of_matplotlib():
    for file in FILES:
        if part_of(file) not in PLOTTING:
            assert not [name for name in imported(file) if name.startswith("matplotlib")]


def test_nothing_is_guessed_evaluated_or_unpickled():
    for file in FILES:
        for node in nodes(file):
            name = getattr(node, "id", None) or getattr(node, "attr", None)
            assert name not in ("hasattr", "eval", "exec", "__import__"), f"{file}: {name}"
            if isinstance(node, ast.Call):
                called, keywords = dotted(node.func), {k.arg: k.value for k in node.keywords}
                assert called not in RUNNING, f"{file}: {called}"
                if called == "np.load" or "allow_pickle" in keywords:
                    assert ast.unparse(keywords["allow_pickle"]) == "False", f"{file}: {called}"
        roots = {module.split(".")[0] for module in imported(file)} & set(DOORS)
        assert roots <= STARTS_PROCESSES.get(file, set()), file


def test_no_error_is_swallowed():
    for file in FILES:
        for node in nodes(file):
            if isinstance(node, ast.ExceptHandler):
                assert node.type is not None, f"{file}, line {node.lineno}: a bare except"
                silent = all(isinstance(statement, ast.Pass) for statement in node.body)
                broad = isinstance(node.type, ast.Name) and node.type.id in (
                    "Exception",
                    "BaseException",
                )
                assert not (silent and broad), f"{file}, line {node.lineno}"


def test_files_are_short():
    for file in FILES:
        lines = FILES[file].read_text(encoding="utf-8").count("\n")
        assert lines <= LONGEST, f"{file} has {lines} lines: two things in one?"


def test_randomness_has_one_door():
    """No global random state: generators come from checks.generator or from an explicit seed."""
    for file in FILES:
        for node in nodes(file):
            if isinstance(node, ast.Attribute) and dotted(node.value) == "np.random":
                assert node.attr in ("default_rng", "Generator", "SeedSequence", "PCG64"), (
                    f"{file}, line {node.lineno}: {ast.unparse(node)}"
                )


def test_tests_leave_pytests_timer_alone_and_never_sleep_for_a_fixed_time():
    """Under load a fixed time is too short; a second SIGALRM takes pytest-timeout's away."""
    for file in set(TESTS) - {"tests/test_architecture.py"}:
        text = TESTS[file].read_text(encoding="utf-8")
        assert not TIMERS.search(text), file
        assert "sleep(" not in text or file == WAITS, file


def test_a_test_that_sends_its_own_process_a_signal_is_apart():
    """By itself or through a function of its file; else the run of all tests may end with it."""
    for file in set(TESTS) - {IN_WORKERS}:
        text = TESTS[file].read_text(encoding="utf-8")
        if not re.search(r"raise_signal|\bkill", text):
            continue
        functions = {
            node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)
        }
        calls = {name: set(calls_in(node)) for name, node in functions.items()}
        sends = {name for name in functions if any(map(TO_ITSELF.match, calls[name]))}
        while more := {name for name in functions if calls[name] & sends} - sends:
            sends |= more
        for name in filter(lambda name: name.startswith("test_"), sends):
            marks = map(ast.unparse, functions[name].decorator_list)
            assert "pytest.mark.apart" in marks, f"{file}: {name}"


def calls_in(tree):
    """What a function calls by a bare name, and each call of a module's function as it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node)
