"""What the README, CONTRIBUTING.md and the pages of docs/ show is what happens.

Every Python block runs, in order; every `vi-lab` command of a console block runs, and what stands
below it is what it prints, up to seconds and the last digit. A block with a file's name behind its
language (```csv heights.csv) is that file, for the commands. After a change that is meant,

    .venv/bin/python -m tests.test_readme

writes the new numbers into the documents; `git diff` shows what moved.
"""

import ast
import contextlib
import functools
import io
import re
import shlex
import tempfile
import tokenize
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import vi_lab
from tests.faults import plainly
from tests.places import ROOT
from tests.thinning import mostly_slow
from vi_lab import check
from vi_lab.comparison.compare import COLUMNS
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.model import statistics

PAGES = ("audit", "guide", "install", "json", "models", "report", "teaching", "vae", "your_own")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", *(f"docs/{page}.md" for page in PAGES))
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
SECONDS = re.compile(r"(?m)(?<=\s)\d+\.\d{3}$")  # the last column of a table
NOISE = 1e-9  # two residuals below this are both rounding
# takes seconds: run by `make slow`
DEAR = ("$ vi-lab compare bars", "$ vi-lab compare correlated --sweep",
        "$ vi-lab compare coal --methods cavi --budget full")  # fmt: skip
DEAR_PAGE = "docs/audit.md"


# Reading a document


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its lines, and the index of the first of them in the file."""

    language: str
    lines: tuple[str, ...]
    start: int

    @property
    def text(self):
        return "\n".join(self.lines)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name):
    """The fenced blocks of a document, in order."""
    found, language, start, inside = [], None, 0, []
    for index, line in enumerate(read(name).splitlines()):
        if language is None and line.startswith("```"):
            language, start, inside = line[3:].strip(), index + 1, []
        elif language is not None and line.startswith("```"):
            found.append(Block(language, tuple(inside), start))
            language = None
        elif language is not None:
            inside.append(line)
    assert language is None, f"{name}: a block is not closed"
    return found


@dataclass(frozen=True)
class Shown:
    """Lines of a document that claim to be what something prints."""

    claim: str
    actual: str
    start: int  # index of its first line in the document
    length: int  # 0: behind an expression, on its line
    prefix: str = ""


def same(claim, actual):
    """Whether two texts agree: words exactly, numbers to one unit in the last digit shown.

    Line breaks and spaces do not count; a claim's line of three dots stands for any text.
    """
    claim, actual = (" ".join(SECONDS.sub("0.000", text).split()) for text in (claim, actual))
    skeleton = re.escape(NUMBER.sub("<number>", claim)).replace(re.escape("..."), "(?:.*)")
    pattern = skeleton.replace(re.escape("<number>"), f"({NUMBER.pattern})")
    found = re.fullmatch(pattern, actual)
    return bool(found) and all(map(close, NUMBER.findall(claim), found.groups()))


def close(shown, number):
    value, true = (float(text.replace(",", "")) for text in (shown, number))
    mantissa, _, exponent = shown.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(value - true) <= 1.01 * unit or max(abs(value), abs(true)) < NOISE


# What the Python blocks claim


def shown_by_python(name):
    """Run the Python blocks; for each value or print, what the document claims and what came."""
    found, namespace = [], {"__name__": "__main__"}
    listed = blocks(name)
    for position, block in enumerate(listed):
        if block.language != "python":
            continue
        printed = io.StringIO()
        tree = ast.parse(block.text)
        with contextlib.redirect_stdout(printed):
            for node in tree.body:
                code = ast.get_source_segment(block.text, node)
                if not isinstance(node, ast.Expr):
                    decorated = "\n".join(block.lines[first_line(node) - 1 : node.end_lineno])
                    exec(compile(decorated, f"{name}, line {block.start}", "exec"), namespace)
                    continue
                value = eval(compile(code, f"{name}, line {block.start}", "eval"), namespace)
                claim = comment_after(block, node)
                if claim:
                    text, at, length = claim
                    found.append(Shown(text, repr(value), block.start + at, length, "# "))
        if printed.getvalue():
            below = listed[position + 1]
            assert below.language == "text", f"{name}: what line {block.start} prints is not shown"
            found.append(Shown(below.text, printed.getvalue(), below.start, len(below.lines)))
    return found


def first_line(node):
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])


def comment_after(block, node):
    """The comment below an expression, else the one behind it: (text, index of its line, lines)."""
    comments = {
        token.start[0]: token
        for token in tokenize.generate_tokens(io.StringIO(block.text).readline)
        if token.type == tokenize.COMMENT
    }
    text, line = [], node.end_lineno + 1
    while line in comments and comments[line].start[1] == 0:
        text.append(comments[line].string[1:].strip())
        line += 1
    if text:
        return " ".join(text), node.end_lineno, len(text)
    if node.end_lineno in comments:
        return comments[node.end_lineno].string[1:].strip(), node.end_lineno - 1, 0
    return None


# What the commands print


def shown_by_commands(name, folder, left_out=()):
    """Run the `vi-lab` commands of the console blocks; what is claimed and what was printed.

    Without their pictures. Commands that begin like one of `left_out` are not run.
    """
    found = []
    for block in blocks(name):
        _, _, file = block.language.partition(" ")
        if file:
            (folder / file).write_text(block.text + "\n", encoding="utf-8")
        if block.language != "console":
            continue
        starts = [i for i, line in enumerate(block.lines) if line.startswith("$ ")]
        assert starts[:1] == [0], f"{name}, line {block.start}: a console block starts with `$ `"
        for begin, end in zip(starts, [*starts[1:], len(block.lines)], strict=True):
            words = shlex.split(block.lines[begin][2:], comments=True)
            if words[0] != "vi-lab" or block.lines[begin].startswith(left_out):
                continue
            if words[1] == "compare" and "--out" not in words and not list(folder.iterdir()):
                out = compared(*words[1:])
            else:
                out, _ = plainly(*redirected(words[1:], folder), cwd=folder)
            claim = "\n".join(block.lines[begin + 1 : end]).rstrip("\n")
            if claim:
                length = len(claim.splitlines())
                found.append(Shown(claim, out.rstrip("\n"), block.start + begin + 1, length))
    return found


@functools.cache
def compared(*words):
    """What a comparison prints that reads and leaves no file, as two documents show it."""
    with tempfile.TemporaryDirectory() as folder:
        return plainly(*words, cwd=folder)[0]


def redirected(words, folder):
    """Arguments with the folder of --out inside the test's own."""
    if "--out" in words:
        at = words.index("--out") + 1
        words = [*words[:at], str(folder / words[at]), *words[at + 1 :]]
    return words


# The tests


@pytest.mark.parametrize("name", mostly_slow(DOCUMENTS, {*DOCUMENTS} - {DEAR_PAGE}))
def test_python_blocks_do_what_they_show(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = shown_by_python(name)
    for one in shown:
        assert same(one.claim, one.actual), f"{name}, line {one.start + 1}:\n{one.actual}"
    assert shown or not any(block.language == "python" for block in blocks(name))


@pytest.mark.parametrize("left_out", [DEAR, pytest.param((), marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_print_what_is_shown(name, left_out, tmp_path):
    for one in shown_by_commands(name, tmp_path, left_out):
        assert same(one.claim, one.actual), f"{name}, line {one.start + 1}:\n{one.actual}"


def test_a_wrong_digit_and_a_wrong_word_are_seen():
    """The comparison itself: what it lets pass and what it does not."""
    true = "cavi  -176.538337  0.0704 ± 3e-10  0.915–0.968  12,004  0.005\n-> CAVI falls"
    assert same(true, true.replace("0.005", "1.250"))  # seconds
    assert same(true, true.replace("0.0704", "0.0705"))  # the last digit
    assert same("residual -2.7e-14", "residual 1.1e-13")
    assert same("a\n...\nd", "a\nb\nc\nd")
    assert same("-176.4678989144", "-176.4678989144294")
    for right, wrong in (
        ("0.0704", "0.0714"), ("-176.5", "176.5"), ("12,004", "12,104"), ("3e-10", "3e-09"),
        ("CAVI", "Gibbs"), ("falls", "falls short"), ("0.915–0.968", "0.915-0.968"),
    ):  # fmt: skip
        assert not same(true, true.replace(right, wrong)), wrong
    assert not same("a\n...\nd", "a\nb\nc")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    text = re.sub(r"(?ms)^```.*?^```", "", read(name))
    links = re.findall(r"!?\[([^\]]*)\]\(([^)\s]+)\)", text)
    assert links
    for label, target in links:
        assert label.strip(), target  # a picture without alt text is no picture to some
        if not re.match(r"https?:", target):
            path, _, anchor = target.partition("#")
            file = (ROOT / name).parent / path if path else ROOT / name
            assert file.exists(), target
            if anchor:
                assert anchor in anchors(file), target


def test_the_readme_is_a_few_screens():
    assert len(read("README.md").splitlines()) <= 220


def test_nobody_is_told_to_install_a_name_that_there_is_not():
    """vi_lab is in no index: it is installed from its folder, and what it lacks by its own name."""
    files = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("vi_lab/**/*.py")]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"pip install ['\"]?vi_lab", text), file


def test_the_picture_is_one_that_vi_lab_makes():
    """Each PNG that `compare --out` leaves holds its title and a description in words."""
    (target,) = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", read("README.md"))
    content = (ROOT / target).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert b"Title\0correlated: two latents at once" in content
    assert b"Description\0Joint posterior of z0 and z1" in content
    assert len(content) < 300_000


def anchors(name):
    """The anchors a reader of Markdown gets for the headings of a document."""
    headings = re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?ms)^```.*?^```", "", read(name)))
    plain = [re.sub(r"[^\w\- ]", "", heading) for heading in headings]
    return {heading.strip().lower().replace(" ", "-") for heading in plain}


def table_below(heading):
    """The rows of the first table below a heading of docs/json.md, as tuples of cells."""
    below = read("docs/json.md").split(f"\n{heading}\n", 1)[1]
    rows = re.search(r"(?m)(?:^\|.*\n)+", below)[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]) for row in rows]


def test_the_json_keys_of_compare_are_these():
    written = {key.strip("`"): meaning for key, meaning in table_below("## The JSON of compare")}
    assert list(written) == list(COLUMNS)
    assert {key: meaning.replace("\\|", "|") for key, meaning in written.items()} == COLUMNS


def test_the_json_keys_of_check_are_these():
    written = [key.strip("`") for key, _ in table_below("## The JSON of check")]
    (entry, *_) = check("newcomb", steps=True)
    assert written == list(entry.to_dict())


def test_the_map_names_every_room_and_nothing_else():
    (tree,) = (b for b in blocks("README.md") if b.language == "text" and "├── " in b.text)
    assert len(tree.lines) <= 20
    shown = {n for line in tree.lines[1:] for n in re.split(", ", line[4:].split("  ")[0].strip())}
    package = ROOT / "vi_lab"
    assert [name for name in shown if not (package / name).exists()] == []
    rooms = {f"{p.name}/" for p in package.iterdir() if (p / "__init__.py").exists()}
    assert rooms <= shown


def test_the_lines_without_make_are_those_of_the_makefile():
    makefile = read("Makefile")
    (unix,) = (b for b in blocks("docs/install.md") if ".venv/bin/" in b.text)
    (windows,) = (b for b in blocks("docs/install.md") if b.language == "powershell")
    assert re.sub(r"[\\/]", "/", windows.text).replace("py -3", "python3").replace(
        "/Scripts/", "/bin/") == unix.text  # fmt: skip
    for line in unix.lines[2:]:
        assert "\t" + line.replace(".venv/bin/", "$(BIN)/") + "\n" in makefile
    text = " ".join(read(name) for name in DOCUMENTS)
    targets = set(re.findall(r"(?m)(?:^|`)make ([a-z]+)", text))
    assert {"lab", "test", "notebooks", "bench"} <= targets
    assert targets <= set(re.findall(r"(?m)^([a-z]+):", makefile))


# Gibbs and CAVI, side by side


@pytest.fixture(scope="module")
def loops():
    """The two columns of the README, as code."""
    (block,) = (b for b in blocks("README.md") if "# CAVI" in b.text and "# Gibbs" in b.text)
    column = block.lines[0].index("# CAVI")
    assert all(line[column - 2 : column].isspace() for line in block.lines)
    left = [line[:column].rstrip() for line in block.lines]
    return left, [line[column:] for line in block.lines]


def test_the_two_loops_differ_in_one_line_and_stand_in_the_source(loops):
    gibbs, cavi = loops
    different = [pair for pair in zip(gibbs[1:], cavi[1:], strict=True) if pair[0] != pair[1]]
    assert len(different) == 1
    sources = {"gibbs": gibbs, "cavi": cavi}
    for name, lines in sources.items():
        docstring = ast.get_docstring(ast.parse(read(f"vi_lab/inference/{name}.py")))
        written = [re.sub(r"\s+<-.*", "", line).strip() for line in docstring.splitlines()]
        for line in lines[-2:]:  # below the loop itself: the two lines of the lesson
            assert line.strip() in written


def test_the_gibbs_loop_is_the_sampler(loops):
    """Run as it stands, it makes the very draws of vi_lab.gibbs."""
    model, chains, draws = vi_lab.problem("coal").model, 3, 20
    expected = vi_lab.gibbs(model, rng=5, chains=chains, draws=draws, warmup=0).values
    generator = np.random.default_rng(5)
    t = statistics(model, model.sample_latents(generator, (chains,)))
    noise = BufferedNoise(generator)
    code = as_code(loops[0]).replace(", shape)", ", (chains, *block.plates))")
    for draw in range(draws):
        exec(code, {"model": model, "t": t, "rng": noise, "chains": chains})
        np.testing.assert_array_equal(t["rates"].value, expected["rates"][:, draw])
        np.testing.assert_array_equal(t["s"].indicator.argmax(-1) + 1, expected["s"][:, draw])


def test_the_cavi_loop_is_the_optimiser(loops):
    """Run as it stands, it goes the very way of vi_lab.cavi."""
    model, sweeps = vi_lab.problem("coal").model, 6
    expected = vi_lab.cavi(model, rng=5, max_sweeps=sweeps, tol=0)
    t = statistics(model, model.sample_latents(np.random.default_rng(5), (1,)))
    for _ in range(sweeps):
        exec(as_code(loops[1]), {"model": model, "t": t})
    for name, factor in expected.q.items():
        for ours, theirs in zip(t[name], factor.expected_stats, strict=True):
            np.testing.assert_allclose(ours[0], theirs, rtol=1e-12)


def as_code(lines):
    return "\n".join(lines).replace("family.", "block.family.")


# The models of the documents


def test_the_model_with_a_truth_is_right(tmp_path, monkeypatch):
    """By numerical integration and by the ledger, neither of which knows how it was derived."""
    from scipy import integrate, stats

    x = [3.1, 0.4, 1.7, 0.9]
    monkeypatch.chdir(tmp_path)
    (block,) = (b for b in blocks("docs/models.md") if "class Waiting(" in b.text)
    namespace = {}
    exec(block.text, namespace)
    model = namespace["Waiting"](x=x, a=2.0, b=1.0)

    def joint(rate):
        return stats.gamma.pdf(rate, 2) * np.prod(stats.expon.pdf(x, scale=1 / rate))

    evidence = integrate.quad(joint, 0, np.inf)[0]
    truth = vi_lab.exact(model)
    assert truth.log_evidence == pytest.approx(np.log(evidence), abs=1e-9)
    for rate in (0.2, 0.8, 2.5):
        assert truth.log_density({"rate": rate}) == pytest.approx(np.log(joint(rate) / evidence))
        at = statistics(model, {"rate": rate})
        assert model.log_joint(at) == pytest.approx(np.log(joint(rate)))
    mean = integrate.quad(lambda rate: rate * joint(rate) / evidence, 0, np.inf)[0]
    assert truth.mean("rate") == pytest.approx(mean, abs=1e-9)
    for entry in check(model, steps=True):
        assert entry.ledger.holds and entry.steps.agrees
    assert vi_lab.cavi(model, rng=0).elbo == pytest.approx(truth.log_evidence, abs=1e-12)
    (row,) = vi_lab.compare(model, methods="gibbs", rng=0).rows
    assert row.mean_error_z < 4

    right = namespace["Waiting"].log_joint
    monkeypatch.setattr(namespace["Waiting"], "log_joint", lambda self, s: right(self, s) + 0.1)
    assert not any(entry.ledger.holds for entry in check(model))


# python -m tests.test_readme


def refresh(name, folder):
    """Write what really comes out into the document, wherever it claims something else."""
    lines = read(name).splitlines()
    shown = [*shown_by_python(name), *shown_by_commands(name, folder)]
    for one in sorted(shown, key=lambda one: one.start, reverse=True):
        if same(one.claim, one.actual):
            continue
        if one.length == 0:  # behind an expression
            code = lines[one.start].rpartition(one.claim)[0]
            lines[one.start] = code + one.actual
            continue
        old = lines[one.start : one.start + one.length]
        new = [one.prefix + line for line in one.actual.splitlines()]
        if "..." in old:
            kept, left = old.index("..."), len(old) - old.index("...") - 1
            new = [*new[:kept], "...", *(new[-left:] if left else [])]
        lines[one.start : one.start + one.length] = new
    (ROOT / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    import os

    for document in DOCUMENTS:
        with tempfile.TemporaryDirectory() as temporary:
            os.chdir(temporary)
            refresh(document, Path(temporary))
            os.chdir(ROOT)
