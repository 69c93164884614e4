"""Each slide of the lecture: what runs it, which test holds it, and where a learner meets it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "slides.md"
LINES = "tests/teach/test_slides.py::test_a_line_of_the_derivation_is_the_kl"


@dataclass(frozen=True)
class Slide:
    """One slide.

    Attributes
    ----------
    number, title
        As in the lecture.
    cell : str
        The cell of notebooks/lecture.ipynb that shows it; `<cell>-run` runs it.
    runs : str
        What it calls, as code.
    function : str
        The same as a name that can be imported.
    test : str
        The test that holds it: file::function.
    places : tuple of str
        Cells of lessons, "01_the_identity#kl-text".
    exercises : tuple of str
    """

    number: int
    title: str
    cell: str
    runs: str
    function: str
    test: str
    places: tuple[str, ...]
    exercises: tuple[str, ...]


IDENTITY = "01_the_identity"
SLIDES = (
    Slide(1, "Variational auto-encoder", "title", "plots.manifold(load_pretrained())",
          "vi_lab.vae.runs.pretrained.load_pretrained",
          "tests/vae/test_pretrained.py::test_the_bundled_vae_is_the_trained_one",
          ("06_mean_field_to_vae#title", "07_the_vae_by_hand#title"), ("06.1", "07.5")),
    Slide(2, "Problem definition: x and z", "hidden", 'problem("newcomb").description',
          "vi_lab.problem",
          "tests/problems/test_description.py::test_a_problem_describes_itself",
          ("00_the_integral#coin-text",), ("00.1",)),
    Slide(3, "Bayes' rule and its integral", "bayes", "exact(model).log_evidence",
          "vi_lab.exact", "tests/contract/truth_checks.py::check_evidence",
          ("00_the_integral#grid-text", "00_the_integral#cost-text"), ("00.3", "00.5", "00.8")),
    Slide(4, "Solutions: sampling, variational inference", "solutions",
          "metropolis_hastings, gibbs, cavi", "vi_lab.gibbs",
          "tests/inference/test_samplers.py::test_each_chain_has_the_exact_moments",
          ("02_metropolis_hastings#title", "03_gibbs_sampling#title", "04_mean_field#title"),
          ("02.2", "03.5", "04.4")),
    Slide(5, "Approximate by q: minimise KL", "distance", "kl(q, truth)", "vi_lab.kl",
          "tests/contract/truth_checks.py::check_kl",
          (f"{IDENTITY}#kl-text", f"{IDENTITY}#sides-text"), ("01.1", "01.5", "01.7")),
    *(
        Slide(5 + k, f"The lower bound, line {k}", f"line-{k}", f"derivation(model, q)[{k - 1}]",
              "vi_lab.derivation", LINES, (f"{IDENTITY}#lines-text",), ("01.2",))
        for k in (1, 2, 3, 4, 5)
    ),
    Slide(11, "KL = -(bracket) + log p(x)", "bracket", "derivation(model, q)[4]",
          "vi_lab.derivation", LINES, (f"{IDENTITY}#elbo-text",), ("01.3",)),
    Slide(12, "KL = -L + log p(x)", "bound", "elbo(model, q), kl(q, truth)", "vi_lab.elbo",
          "tests/contract/truth_checks.py::check_kl",
          (f"{IDENTITY}#elbo-text", f"{IDENTITY}#positive-text"), ("01.3",)),
    Slide(13, "log p(x) = KL + L", "sum", "ledger(model, q)", "vi_lab.ledger",
          "tests/contract/truth_checks.py::check_ledger",
          (f"{IDENTITY}#newcomb-text",), ("01.6", "01.8")),
    Slide(14, "min KL = max L", "same", "plots.balance(...)", "vi_lab.plots.balance",
          "tests/teach/test_slides.py::test_minimising_kl_is_maximising_the_bound",
          (f"{IDENTITY}#balance-text",), ("01.9",)),
)  # fmt: skip


def page() -> str:
    """docs/slides.md: the table of the slides."""
    rows = [
        "# Slides",
        "",
        "Each slide of the lecture, shown and run in one cell of",
        "[lecture.ipynb](../notebooks/solutions/lecture.ipynb): what it calls, the test that fails",
        "when it breaks, and where a learner meets it. Made by `python -m tools.notebooks`.",
        "",
        "| | slide | runs | held by | lesson, cell | exercise |",
        "|---|---|---|---|---|---|",
    ]
    for slide in SLIDES:
        file, _, test = slide.test.partition("::")
        places = "<br>".join(link(place) for place in slide.places)
        rows.append(
            f"| {slide.number} | {slide.title} | `{slide.runs}` | [{test}](../{file}) | {places} "
            f"| {', '.join(slide.exercises)} |"
        )
    return "\n".join(rows) + "\n"


def link(place: str) -> str:
    """A cell of a lesson as a link to its notebook."""
    lesson, _, cell = place.partition("#")
    return f"[{lesson[:2]}](../notebooks/{lesson}.ipynb) {cell}"
