"""The report as a file: whole, escaped, with no request, every picture's ids its own."""

import base64
import dataclasses
import errno
import hashlib
import json
import os
import re
import sys

import pytest

from tests.console import call
from tests.reports.html import Page
from tests.tables import table
from tools.site.fixtures import NAMES as NASTY
from tools.site.fixtures import list_states
from vi_lab import compare
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.row import Row
from vi_lab.figures.comparison import FORMATS
from vi_lab.reports import page as pages
from vi_lab.reports.cells import LEGEND, SIGNS
from vi_lab.reports.page import render_report, write_report
from vi_lab.reports.sections import make_section
from vi_lab.reports.words import fragment

KB = 1000
METHODS = ("coin", "correlated")


@pytest.fixture(scope="module")
def made():
    """Two problems with all their pictures."""
    return compare(METHODS, rng=0)


@pytest.fixture(scope="module")
def page(made):
    return Page(render_report(made, jobs=1))


@pytest.fixture(scope="module")
def coin(made):
    """The page of one of them."""
    return render_report(made["coin"], jobs=1)


@pytest.fixture
def unrendered(monkeypatch):
    """The pictures in the folder of a run are drawn, not rendered."""
    for suffix in (".png", ".svg"):
        monkeypatch.setitem(FORMATS, suffix, lambda figure, alt, title: b"a picture")


def rows_alone(rows, **more):
    names = dict.fromkeys(row.problem for row in rows)
    return Comparison(tuple(rows), dict.fromkeys(names, "A verdict."), {}, "quick", **more)


def every_state():
    """A row for each state of a cell."""
    return {row.problem: dataclasses.replace(row, problem="p") for row in list_states()}


def test_it_asks_for_nothing_and_its_script_is_the_one_it_allows(page):
    for tag, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action", "srcset", "poster"):
            value = attributes.get(name)
            if value is not None:
                assert value.startswith("#") or (tag == "image" and value.startswith("data:")), (
                    value
                )
        assert not [name for name in attributes if name.startswith("on")]
        assert tag not in ("link", "iframe", "object", "base", "form")
    assert "@import" not in page.source and "url(http" not in page.source
    (policy,) = [a["content"] for t, a in page.tags if a.get("http-equiv")]
    (script,) = re.findall(r"<script>(.*?)</script>", page.source, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_tags_nest_ids_are_unique_and_references_resolve(page):
    assert not page.wrong and not page.open
    ids = page.ids
    assert len(set(ids)) == len(ids)
    wanted = set(re.findall(r"url\(#([^)]+)\)", page.source))
    wanted |= {a[n][1:] for _, a in page.tags for n in ("href", "xlink:href") if n in a}
    wanted |= {one for _, a in page.tags for one in a.get("aria-labelledby", "").split()}
    assert len(wanted) > 20 and wanted <= set(ids), wanted - set(ids)


def test_pictures_follow_the_page_and_none_is_black(page):
    drawn = re.findall(r"<svg viewBox.*?</svg>", page.source, re.DOTALL)
    assert len(drawn) >= 6
    for svg in drawn:
        assert len(svg) <= 60 * KB and 'role="img"' in svg and 'aria-label="' in svg
        assert svg.startswith("<svg viewBox=") and "fill: var(--ink)" in svg[:600]
        assert not re.search(r"(?<!, )#[0-9a-f]{6}\b", svg.replace('href="#', "")), "a house colour"
    assert "var(--cavi, #0072b2)" in page.source and "var(--gibbs, #009e73)" in page.source
    assert page.source.count("<title>") == 1


def test_sizes(page, made):
    css = (pages.TEMPLATES / "report.css").stat().st_size
    assert css <= 20 * KB and (pages.TEMPLATES / "report.js").stat().st_size <= 8 * KB
    assert len(page.source.encode()) <= 250 * KB * len(made.verdicts) + 100 * KB


def test_the_same_comparison_gives_the_same_bytes(made, coin):
    assert render_report(made["coin"], jobs=1) == coin


def test_every_number_of_the_table_is_that_of_its_row(made, page):
    for row in made.rows:
        if row.wasserstein and row.wasserstein >= 0.1:
            assert f"{row.wasserstein:.2f}" in page.text
        if row.elbo is not None:
            assert f"{row.elbo:,.6f}".replace("-", "−") in page.text
    assert "nan" not in page.text.lower().split()


def test_the_nats_of_every_problem_add_up_as_printed(made, page):
    number = r"(−?[\d,.]+)"
    found = re.findall(
        rf"{number} = {number} \+ {number}: log p\(x\) = ELBO \+ KL holds", page.text
    )
    known = [row.log_evidence for row in made.rows if row.log_evidence is not None]
    assert len(found) == len(known) == 2
    for words in found:
        evidence, elbo, kl = (float(w.replace("−", "-").replace(",", "")) for w in words)
        assert evidence == pytest.approx(elbo + kl, abs=1.1e-6)
        assert min(abs(evidence - value) for value in known) <= 5e-7


def cell_of(row):
    """What the page shows for a row beside another that agrees: state, tint and inner HTML."""
    other = Row("other", row.method, True, wasserstein=0.02, reference="exact", mean_error_z=1.0)
    found = Page(render_report(rows_alone([row, other]), jobs=1))
    lines = re.findall(r'<tr role="row" data-nats.*?</tr>', found.source, re.DOTALL)
    (line,) = [line for line in lines if "<bdi>p</bdi>" in line]
    (cell,) = re.findall(r'<td role="cell" class="([a-z-]+) tint-(\d)">(.*?)</td>', line, re.DOTALL)
    return cell, found


WORDS = {
    "agrees": "0.60 posterior sds off; agrees within its error",
    "differs": "0.45 posterior sds off",
    "not-mixed": "not mixed: R-hat 2.568, ESS 5",
    "not-converged": "stopped before it converged",
    "cannot-be-told": "cannot be told: log p(x) has an error of 0.3 nats",
    "no-truth": "no exact answer is known",
    "long-run": "from a long Gibbs run, not an exact answer",
    "does-not-apply": "does not apply: it has no conditionals",
    "failed": "failed: overflow in exp",
}


@table("state", WORDS)
def test_every_state_has_its_sign_and_its_words(state):
    (shown, tint, inner), found = cell_of(every_state()[state])
    assert shown == ("agrees" if state == "long-run" else state)
    assert WORDS[state] in inner and LEGEND[state] in found.text
    assert not SIGNS[state] or f'aria-hidden="true">{SIGNS[state]}</span>' in inner
    # a sampler that agrees within its noise is not tinted, whatever its distance
    assert tint == {"differs": "2", "not-converged": "2"}.get(state, "0")


def test_what_was_not_run_is_empty_and_said():
    rows = [Row("p", "gibbs", True, rhat=1.0), Row("q", "cavi", True, elbo=-1.0)]
    assert '<span class="heard">not run</span>' in render_report(rows_alone(rows), jobs=1)


def test_names_of_models_break_nothing():
    rows = [Row(name, "cavi", True, elbo=-1.0, gap=0.5, gap_error=1e-9, wasserstein=0.2,
                gap_verdict="differs", reference="exact") for name in NASTY]  # fmt: skip
    rows.append(Row(NASTY[0], "gibbs", True, "it said <b>no</b> \u202e"))
    described = {
        name: {"story": name, "lines": [name], "look_at": name, "hyperparameters": {name: name},
               "data": {"what": name, "n": 3, "files": []},
               "truth": {"route": None, "because": name}} for name in NASTY
    }  # fmt: skip
    found = Page(render_report(rows_alone(rows), described, jobs=1))
    assert not found.wrong and len(set(found.ids)) == len(found.ids)
    assert [tag for tag, _ in found.tags].count("script") == 1
    assert "alert(1)</script>" not in found.source and "49" not in found.inside("h1")
    assert "\u202e" not in found.source and r"right\u202eleft" in found.text
    assert "نموذج" in found.text and NASTY[3] in found.text
    names = re.findall(r'<th role="rowheader" scope="row"><a [^>]*><bdi>(.*?)</bdi>', found.source)
    assert len(names) >= len(NASTY) and max(map(len, names)) < 200
    assert len({fragment(name) for name in NASTY}) == len(NASTY)
    for name in NASTY:
        assert fragment(name).isascii() and fragment(name) in found.ids
    for _, attributes in found.tags:
        for name in ("aria-label", "title"):
            assert len(attributes.get(name) or "") < 200


def test_a_failed_problem_has_its_place_and_its_reason(made):
    rows = [*made.rows, Row("stuck", "gibbs", True, "overflow encountered in exp")]
    found = Page(render_report(rows_alone(rows), jobs=1))
    assert found.inside("h1") == "1 of 3 problems failed: stuck (Gibbs)"
    assert "stuck" in found.ids and "failed: overflow encountered in exp" in found.text
    order = re.findall(
        r'<tr role="row" data-nats="\d+"[^>]*>.*?<bdi>(.*?)</bdi>', found.source, re.S
    )
    assert order[-1] == "stuck"


def test_an_interrupted_run_says_how_far_it_came(made):
    cut = rows_alone(list(made.rows)[:3], interrupted=True)
    done = sum(row.applies for row in cut.rows)
    found = Page(render_report(cut, jobs=1))
    assert f"Stopped early: {done} results were finished and are below." in found.text
    words = "Stopped early: 19 of 163 results were finished and are below."
    assert words in render_report(cut, jobs=1, stopped=words)
    nothing = Comparison((), {}, {}, "quick", interrupted=True)
    assert Page(render_report(nothing)).inside("h1") == "No results yet."


def test_an_empty_folder_has_its_page_and_its_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out, _ = call("report")
    words = "No results yet. Run `vi-lab compare coal --out results`, then this command again."
    assert out.startswith(words)
    assert words in Page((tmp_path / "report.html").read_text(encoding="utf-8")).text


def test_a_full_disk_leaves_the_old_report(tmp_path, made, monkeypatch):
    path = write_report(rows_alone(made["coin"].rows), tmp_path / "report.html", jobs=1)
    before = path.read_bytes()

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_report(rows_alone(made["correlated"].rows), path, jobs=1)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_without_jinja2_there_is_one_clear_sentence(monkeypatch, made, tmp_path):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"^the report needs jinja2, .* pip install jinja2$"):
        render_report(made["coin"])
    monkeypatch.chdir(tmp_path)
    _, err = call("report", code=2)
    assert "pip install jinja2" in err and "fault of vi_lab" not in err


def test_a_run_leaves_a_report_that_its_last_lines_name(tmp_path, monkeypatch, unrendered):
    monkeypatch.chdir(tmp_path)
    out, _ = call("compare", "coin", "--methods", "exact,cavi", "--out", "results", "--jobs", "1")
    assert "\nReport   results/index.html\n" in out.replace("\\", "/")
    found = Page((tmp_path / "results" / "index.html").read_text(encoding="utf-8"))
    assert found.inside("h1") == "coin: CAVI meets log p(x)"
    written = json.loads((tmp_path / "results" / "compare.json").read_text(encoding="utf-8"))
    assert written["problems"]["coin"]["story"] in found.text
    out, _ = call("report", "coin", "--results", "results", "--format", "json")
    assert json.loads(out) == {"report": "report.html", "headline": "coin: CAVI meets log p(x)"}
    _, err = call("report", "coal", "--results", "results", code=2)
    assert "coal" in err and "coin" in err


def test_a_name_in_an_attribute_is_between_marks_of_direction_not_their_codes(coin):
    """A screen reader read "backslash u 2068 coin" out; what the name itself hides is written."""
    assert 'aria-label="Numbers of \u2068coin\u2069"' in coin and "\\u2068" not in coin
    row = Row('<b>"\u202e', "cavi", True, elbo=-1.0)
    assert "Numbers of \u2068&lt;b&gt;&#34;\\u202e\u2069" in render_report(
        rows_alone([row]), jobs=1
    )


def test_a_run_draws_each_problem_once_unless_its_folder_holds_more(
    tmp_path, monkeypatch, unrendered
):
    """The page of a run is that of its folder, to the byte, drawn while the results were there; of
    a problem whose folder holds other methods too it is drawn anew."""
    monkeypatch.chdir(tmp_path)
    drawn = []

    def again(part, *more):
        drawn.append(frozenset(method for _, method in part.results))
        return make_section(part, *more)

    for room in ("sections", "kept_sections"):
        monkeypatch.setattr(f"vi_lab.reports.{room}.make_section", again)
    run = ("compare", "coin", "--out", "results", "--jobs", "1", "--methods")
    call(*run, "exact,cavi")
    call("report", "--results", "results", "--jobs", "1")
    assert drawn == [{"exact", "cavi"}]
    index = tmp_path / "results" / "index.html"
    assert (tmp_path / "report.html").read_bytes() == index.read_bytes()
    call(*run, "gibbs")
    assert drawn[1:] == [{"gibbs"}, {"exact", "gibbs", "cavi"}]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["coin", "--results", "."], "problem: there are no results of 'coin' in ."),
        (["--results", "nowhere"], "--results: there is no folder nowhere"),
        (["--results", ".", "--budget", "full"], "--budget: is of a run"),
        (["--results", ".", "--seed", "0"], "--seed: is of a run"),
        (["--set", "a=2"], "--set: is of a run, and results are only read"),
    ],
)
def test_what_would_have_no_effect_is_refused(tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    _, err = call("report", *words, code=2)
    assert sentence in err and not list(tmp_path.iterdir())


def test_a_run_without_jinja2_keeps_its_results(tmp_path, monkeypatch):
    """Of one job, whatever workers an earlier run has left: this process draws."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.setattr("vi_lab.cli.report.count_waiting", lambda: 2)
    options = ("--methods", "exact", "--out", "results", "--jobs", "1")
    out, err = call("compare", "coin", *options)
    assert re.search(
        r"\nReport   not written: the report needs jinja2, .*pip install jinja2\n", out
    )
    assert (tmp_path / "results" / "compare.json").is_file() and "fault of vi_lab" not in err
    assert not (tmp_path / "results" / "index.html").exists()
