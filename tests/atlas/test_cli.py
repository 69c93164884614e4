"""`vi-lab atlas`: what it prints, and when it ends with which code."""

import json

from tests.console import SCRIPT, run
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


def test_write_alone_is_refused(capsys, tmp_path):
    code, _, err = said(capsys, "coin", "--write", str(tmp_path / "atlas.json"))
    assert code == 2 and "--recompute" in err
    assert not list(tmp_path.iterdir())


def test_recomputing_says_that_nothing_changed(capsys):
    code, out, err = said(capsys, "coin", "darwin", "--recompute")
    assert (code, out) == (0, "2 problems recomputed, 0 differences\n")
    assert err == ""


def test_a_change_is_named_and_ends_with_1(capsys, monkeypatch):
    old = atlas.read()
    old["problems"]["coin"]["log_evidence"]["value"] += 1e-6
    monkeypatch.setattr(atlas, "read", lambda names=None: old)
    code, out, _ = said(capsys, "coin", "--recompute")
    assert code == 1
    assert out.startswith("coin.log_evidence.value: ") and "1 differences" in out


def test_writing_keeps_what_was_not_recomputed(capsys, tmp_path):
    file = tmp_path / "atlas.json"
    code, _, err = said(capsys, "darwin", "--recompute", "--write", str(file))
    assert code == 0 and str(file) in err
    assert list(json.loads(file.read_text(encoding="utf-8"))["problems"]) == ["darwin"]
    assert said(capsys, "newcomb", "--recompute", "--write", str(file))[0] == 0
    written = json.loads(file.read_text(encoding="utf-8"))
    assert list(written["problems"]) == ["newcomb", "darwin"]
    assert written["problems"]["darwin"]["bounds"]
    assert [p.name for p in tmp_path.iterdir()] == ["atlas.json"]
