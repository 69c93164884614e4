"""Files from others are data, and names from others are text: nothing runs, nothing is markup."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt

import vi_lab
from tests.contract.small_models import PoissonRate
from tests.tables import table
from tests.test_architecture import FILES
from vi_lab import Problem, datasets, plots, testing
from vi_lab.datasets.dataset import Columns
from vi_lab.errors import ViLabError
from vi_lab.identity.waterfall import Bar, Level
from vi_lab.model import Block
from vi_lab.results import tables
from vi_lab.teach import Verdict
from vi_lab.vae import PerDatumLedger

EVIL = '<script>alert("x")</script>'


class Payload:
    """What runs as soon as it is unpickled: it leaves a file."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


@pytest.fixture
def trace(tmp_path):
    """The file that is there once something has run."""
    return tmp_path / "it-ran"


def test_the_payload_would_run(trace, tmp_path):
    """Else the tests below prove nothing."""
    np.save(tmp_path / "a.npy", np.array([Payload(trace)]), allow_pickle=True)
    np.load(tmp_path / "a.npy", allow_pickle=True)
    assert trace.exists()


def loaders(folder):
    model = vi_lab.NormalGamma([1.0, 2.0], 0.0, 1.0, 2.0, 3.0)
    draws = vi_lab.gibbs(model, rng=0, chains=1, draws=4, warmup=0)
    q = vi_lab.cavi(model, rng=0)
    fit = vi_lab.VAE(2, 1, hidden=(2,), dtype="float64").fit(
        np.eye(2), epochs=1, rng=0, checkpoint=folder / "state"
    )
    for name, result in (("draws", draws), ("q", q), ("fit", fit)):
        result.save(folder / name)
    again = vi_lab.VAE(2, 1, hidden=(2,), dtype="float64").fit
    return {
        "draws": lambda: vi_lab.load(folder / "draws"),
        "q": lambda: vi_lab.load(folder / "q", model),
        "fit": lambda: vi_lab.load(folder / "fit"),
        "checkpoint": lambda: again(np.eye(2), epochs=2, rng=0, checkpoint=folder / "state"),
        "observations": lambda: datasets.load_observations(folder / "draws.npz"),
    }


@pytest.mark.filterwarnings("ignore::vi_lab.vae.CheckpointWarning")
def test_no_loader_unpickles(trace, tmp_path):
    """Every npz that any loader reads, with a payload in the place of every array."""
    readers = loaders(tmp_path)
    files = list(tmp_path.rglob("*.npz"))
    assert len(files) >= 4
    for file in files:
        with np.load(file, allow_pickle=False) as archive:
            names = archive.files
        np.savez(file, allow_pickle=True, **{name: np.array([Payload(trace)]) for name in names})
    for name, read in readers.items():
        with pytest.raises(ViLabError):
            read()
        assert not trace.exists(), f"{name} ran what was in its file"


@pytest.mark.filterwarnings("ignore::vi_lab.vae.CheckpointWarning")
@pytest.mark.parametrize(
    "words", ["__import__('pathlib').Path({!r}).touch()", "!!python/object:{}", EVIL]
)
def test_no_loader_evaluates_what_json_says(words, trace, tmp_path):
    """Every string of every JSON replaced by code."""
    readers = loaders(tmp_path)
    code = words.format(str(trace))

    def replaced(value):
        if isinstance(value, dict):
            return {k: v if k == "format" else replaced(v) for k, v in value.items()}
        if isinstance(value, list):
            return [replaced(v) for v in value]
        return code if isinstance(value, str) else value

    for file in tmp_path.rglob("*.json"):
        file.write_text(json.dumps(replaced(json.loads(file.read_text()))))
    for read in readers.values():
        try:
            read()
        except ViLabError:
            pass  # refused is as good as read as the text it is
        assert not trace.exists()


class Evil(PoissonRate):
    """A model whose block, and whose very name, is markup."""

    def __init__(self):
        super().__init__(np.array([3, 0, 2, 5]), 2.5, 1.5)
        block = self.blocks["rate"]
        self.blocks = {EVIL: Block(block.family, block.complete_conditional)}

    def log_joint(self, stats):
        return super().log_joint({"rate": stats[EVIL]})

    def sample_latents(self, rng, batch=()):
        return {EVIL: super().sample_latents(rng, batch)["rate"]}

    def summaries(self, latents):
        return {EVIL: latents[EVIL]}

    no_exact_because = EVIL


Evil.__name__ = EVIL
MODEL = Evil()


def figure():
    _, ax = plt.subplots()
    shown = plots.show(ax, alt=EVIL)
    plt.close("all")
    return shown


def restarts():
    x = [0.0, 0.2, 5.0, 5.1]
    return vi_lab.cavi(
        vi_lab.NormalMixture(x, 1.0, 0.0, 5.0, weights=[0.5, 0.5]), rng=0, restarts=3
    ).restarts


def derivation():
    coin = vi_lab.problem("coin")
    lines = vi_lab.derivation(coin, vi_lab.cavi(coin, rng=0)).lines
    evil = tuple(
        line._replace(**{f: EVIL for f, v in line._asdict().items() if isinstance(v, str)})
        for line in lines
    )
    return vi_lab.Derivation(evil, -1.0, -2.0)


def per_datum():
    ones, names = np.ones(2), ("log_evidence", "elbo", "kl")
    routes, errors = dict.fromkeys(names, EVIL), dict.fromkeys(names, ones)
    return PerDatumLedger(ones, ones, 0 * ones, 0 * ones, ones, True, routes, errors)


def dataset():
    return datasets.Dataset(
        EVIL, EVIL, Columns({EVIL: np.array([EVIL, "b"])}), Columns({EVIL: EVIL}), EVIL, EVIL, "0"
    )


def waterfall():
    levels = tuple(Level(EVIL, nats, 0.0, EVIL) for nats in (-1.0, -2.0))
    return vi_lab.Waterfall(levels, (Bar(EVIL, 1.0, 0.0, EVIL),), None, None, None, EVIL)


def fitted():
    fit = vi_lab.VAE(2, 1, hidden=(2,)).fit(np.eye(2), epochs=1, rng=0)
    object.__setattr__(fit, "method", EVIL)
    return fit


# a maker for every class that writes HTML; the ones that hold numbers alone say nothing of names
PAGES = {
    "Posterior": lambda: vi_lab.gibbs(MODEL, rng=0, draws=8, warmup=0),
    "Comparison": lambda: vi_lab.compare(
        Problem(EVIL, EVIL, EVIL, 4, MODEL), methods=["gibbs", "cavi", "exact"], rng=0
    ),
    "Summary": lambda: vi_lab.gibbs(MODEL, rng=0, draws=8, warmup=0).summary(),
    "Ledger": lambda: vi_lab.ledger(MODEL, vi_lab.cavi(MODEL, rng=0)),
    "Derivation": derivation,
    "Report": lambda: testing.agreement(
        {EVIL: np.random.default_rng(0).standard_normal((2, 200))}, {EVIL: (0.0, 1.0)}, name=EVIL
    ),
    "Problem": lambda: Problem(EVIL, EVIL, EVIL, 4, MODEL),
    "Audit": lambda: vi_lab.Audit((EVIL,), bound=-1.0),
    "Dataset": dataset,
    "PerDatumLedger": per_datum,
    "Amortised": fitted,
    "Picture": figure,
    "Restarts": restarts,
    "EvidenceEstimate": lambda: vi_lab.EvidenceEstimate(MODEL, 0.0, 1.0, EVIL, None, 1, 0.0, EVIL),
    "Waterfall": waterfall,
    "Verdict": lambda: Verdict("wrong", EVIL, EVIL),
}
NUMBERS_ALONE = {"Restarts"}


def writers():
    """The classes of vi_lab that define _repr_html_."""
    texts = [path.read_text(encoding="utf-8") for path in FILES.values()]
    return {
        node.name
        for text in texts
        if "_repr_html_" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(f, ast.FunctionDef) and f.name == "_repr_html_" for f in node.body)
    }


def test_every_writer_of_html_is_here():
    assert writers() == set(PAGES)


@table("name", PAGES)
def test_names_and_data_are_escaped_in_html(name):
    page = PAGES[name]()._repr_html_()
    assert "<script" not in page
    if name not in NUMBERS_ALONE:
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "make", [vi_lab.cavi, vi_lab.validate, lambda model: vi_lab.linear_response(vi_lab.cavi(model))]
)
def test_other_results_escape_too(make):
    page = make(MODEL)._repr_html_()
    assert "<script" not in page and "&lt;script&gt;" in page


def test_tables_escape_headings_captions_notes_and_cells():
    page = tables.html([{EVIL: EVIL}], caption=EVIL, note=EVIL)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 4


def test_pictures_escape_in_svg():
    drawing, ax = plt.subplots()
    ax.set_title(EVIL)
    page = plots.svg_bytes(drawing, EVIL, EVIL).decode()
    plt.close("all")
    assert "<script" not in page
