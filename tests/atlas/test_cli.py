"""`vi-lab atlas` and its builder: what they print, and when they end with which code."""

import json

import pytest

from tests.console import SCRIPT, run
from tools.atlas.__main__ import main as build
from vi_lab import atlas, list_problems
from vi_lab.cli import main as cli
from vi_lab.datasets.files import content


def said(capsys, *arguments):
    code = cli.main(["atlas", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_in_a_process_of_its_own_it_prints_the_same(capsys, tmp_path):
    out, err = run(SCRIPT, "atlas", "coal", cwd=tmp_path)
    assert (0, out, err) == said(capsys, "coal")


def test_it_prints_what_the_file_says(capsys):
    code, out, err = said(capsys, "newcomb", "galaxies", "eight-schools")
    assert (code, err) == (0, "")
    assert "-256.0293056675" in out and "-256.0364315169" in out
    assert "no exact log p(x), because it would visit all 6^82" in " ".join(out.split())
    assert "posteriordb" in out


def test_an_estimated_evidence_is_printed_with_its_error(capsys):
    _, out, _ = said(capsys, "old-faithful", "bars")
    row, bars = (next(r for r in out.splitlines() if r.startswith(n)) for n in ("old", "bars"))
    estimates = atlas.read(["old-faithful"])["problems"]["old-faithful"]["log_evidence"][
        "estimates"
    ]
    best = min(estimates, key=lambda e: e["error"])
    assert f" {best['value']:.3f} ± {best['error']:.3f} " in row and "≈ 0.8" in row
    said_of_both = " ".join(out.split())
    for e in estimates:
        assert f"{e['value']:.3f} ± {e['error']:.3f} by {e['route']}" in said_of_both
    assert "±" not in bars and "≈" not in bars and "bars: estimated" not in out


def test_all_problems_by_default(capsys):
    _, out, _ = said(capsys)
    assert all(f"\n{name} " in out for name in list_problems())
    assert max(map(len, out.splitlines())) <= 120


def test_json_is_the_file(capsys):
    code, out, _ = said(capsys, "--format", "json")
    assert code == 0 and out == content(atlas.FILE).decode()
    _, out, _ = said(capsys, "coal", "--format", "json")
    assert json.loads(out) == atlas.read(["coal"])


def test_a_misspelt_problem_gets_a_suggestion(capsys):
    code, out, err = said(capsys, "newcom")
    assert (code, out) == (2, "") and "newcomb" in err


@pytest.mark.parametrize("option", ["--recompute", "--write"])
def test_what_became_make_atlas_says_so_in_one_line(capsys, option):
    code, out, err = said(capsys, "coin", option)
    assert (code, out) == (2, "") and "make atlas" in err and err.count("\n") == 1


def test_recomputing_says_that_nothing_changed(capsys):
    assert build(["coin", "darwin"]) == 0
    assert capsys.readouterr() == ("2 problems recomputed, 0 differences\n", "")


def test_a_misspelt_problem_is_refused_by_the_builder(capsys):
    with pytest.raises(SystemExit) as left:
        build(["newcom"])
    assert left.value.code == 2 and "newcomb" in capsys.readouterr().err


def test_a_change_is_named_and_ends_with_1(capsys, tmp_path):
    old = atlas.read()
    old["problems"]["coin"]["log_evidence"]["value"] += 1e-6
    file = tmp_path / "atlas.json"
    file.write_text(json.dumps(old), encoding="utf-8")
    assert build(["coin"], file) == 1
    out = capsys.readouterr().out
    assert out.startswith("coin.log_evidence.value: ") and "1 differences" in out


def test_writing_keeps_what_was_not_recomputed(tmp_path):
    file = tmp_path / "atlas.json"
    assert build(["darwin", "--write"], file) == 0
    assert list(json.loads(file.read_text(encoding="utf-8"))["problems"]) == ["darwin"]
    assert build(["newcomb", "--write"], file) == 0
    written = json.loads(file.read_text(encoding="utf-8"))
    assert list(written["problems"]) == ["newcomb", "darwin"]
    assert written["problems"]["darwin"]["bounds"]
    assert [p.name for p in tmp_path.iterdir()] == ["atlas.json"]
