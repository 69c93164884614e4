"""Latents that are discrete alone: lattices of spins, a network of causes, topics of words."""

from __future__ import annotations

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.read_only import read_only
from vi_lab.datasets import load
from vi_lab.models import BayesNet, Ising, IsingDenoising, LatentDirichletAllocation
from vi_lab.problems.names import variant
from vi_lab.problems.pieces import Builders, make_problem
from vi_lab.problems.problem import Problem


def _ising(J: float = 0.3, h: float = 0.05, side: int = 8) -> Problem:
    """Mean field magnetises the lattice from J near 0.27; the infinite lattice from 0.4407."""
    J, h = checks.real("J", J), checks.real("h", h)
    side = checks.integer("side", side, 2)
    return make_problem(
        variant("ising", J=(J, 0.3), h=(h, 0.05), side=(side, 8)),
        Ising,
        dict(J=J, h=np.full((side, side), h), periodic=False),
        story=f"spins on a lattice of {side} x {side} agree with their neighbours (J = {J:g})",
        data="none: the target is a density, its log evidence the log partition function",
        n=0,
        look_at="along the sweep of J, mean field breaks a symmetry before the real transition "
        "does",
        sweep=("J", (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.4407, 0.5)),
    )


def _denoise(J: float = 0.5, glyph: str = "vi16_noisy10") -> Problem:
    """`glyph` is one of the noisy pictures, named after the percentage of flipped pixels."""
    J = checks.real("J", J)
    pictures = load("ising_glyphs").data
    noisy = tuple(name for name in pictures if "_noisy" in name)
    image = pictures[checks.one_of("glyph", glyph, noisy)]
    flip_prob = float(glyph.split("_noisy")[1]) / 100.0
    name = variant("denoise", J=(J, 0.5))
    return make_problem(
        name if glyph == "vi16_noisy10" else f"{name} {glyph}",
        IsingDenoising,
        dict(image=image, J=J, flip_prob=flip_prob),
        story=f"a smooth picture of -1 and +1 is seen with {flip_prob:.0%} of its pixels flipped",
        data=f"a glyph of {image.shape[0]} x {image.shape[1]} pixels, made for this project",
        n=image.size,
        columns={"ising_glyphs": (glyph,)},
        look_at="mean field cleans the picture, and is too sure of some of its pixels",
        sweep=("J", (0.0, 0.25, 0.5, 0.75, 1.0)),
    )


def _sprinkler(joined: bool = True) -> Problem:
    """Joined, sprinkler and rain are one block: that neither was on is ruled out by the evidence.

    Apart, mean field has to be sure of one of the two (`joined=False`).
    """
    joined = checks.boolean("joined", joined)
    parents = {
        "cloudy": (),
        "sprinkler": ("cloudy",),
        "rain": ("cloudy",),
        "wet_grass": ("sprinkler", "rain"),
    }
    tables = {
        "cloudy": 0.5,
        "sprinkler": (0.5, 0.1),
        "rain": (0.2, 0.8),
        "wet_grass": ((0.0, 0.9), (0.9, 0.99)),
    }
    blocks = [["sprinkler", "rain"]] if joined else None
    return make_problem(
        "sprinkler" if joined else "sprinkler apart",
        BayesNet,
        dict(parents=parents, tables=tables, evidence={"wet_grass": 1}, blocks=blocks),
        story="clouds make rain likely and sprinklers rare; either wets the grass, which is wet",
        data="wet grass; the tables of Russell & Norvig as in Murphy 1998",
        n=1,
        look_at="explaining away: given wet grass, that it rained makes the sprinkler less likely; "
        "with a block each, mean field has to be sure of one of the two",
    )


def _asia(joined: bool = True) -> Problem:
    """Joined, tuberculosis, lung cancer and their `either` are one block: the last is their or.

    Apart, Gibbs never leaves the values it starts among (`joined=False`).
    """
    joined = checks.boolean("joined", joined)
    parents = {
        "asia": (),
        "tuberculosis": ("asia",),
        "smoking": (),
        "lung_cancer": ("smoking",),
        "bronchitis": ("smoking",),
        "either": ("tuberculosis", "lung_cancer"),
        "xray": ("either",),
        "dyspnoea": ("either", "bronchitis"),
    }
    tables = {
        "asia": 0.01,
        "tuberculosis": (0.01, 0.05),
        "smoking": 0.5,
        "lung_cancer": (0.01, 0.1),
        "bronchitis": (0.3, 0.6),
        "either": ((0.0, 1.0), (1.0, 1.0)),
        "xray": (0.05, 0.98),
        "dyspnoea": ((0.1, 0.8), (0.7, 0.9)),
    }
    blocks = [["tuberculosis", "lung_cancer", "either"]] if joined else None
    return make_problem(
        "asia" if joined else "asia apart",
        BayesNet,
        dict(parents=parents, tables=tables, evidence={"dyspnoea": 1}, blocks=blocks),
        story="a visit, smoking and three diseases behind shortness of breath and an X-ray",
        data="dyspnoea; the network of Lauritzen & Spiegelhalter 1988",
        n=1,
        look_at="zeros in a table: with a block for each variable Gibbs never leaves the values "
        "that it starts among",
    )


def _bars(n_topics: int = 10) -> Problem:
    corpus = load("lda_bars").data
    counts = corpus["counts"]
    # who made the corpus knows where its words come from: as many again, which no method sees
    fresh = np.random.default_rng(0).multinomial(counts.sum(1), corpus["theta"] @ corpus["topics"])
    n_topics = checks.integer("n_topics", n_topics, 1)
    return make_problem(
        variant("bars", n_topics=(n_topics, 10)),
        LatentDirichletAllocation,
        dict(counts=counts, n_topics=n_topics, alpha=0.5, eta=0.1),
        story=f"every word of a document comes from one of {n_topics} topics, which it mixes",
        data="200 synthetic documents of 60 words, whose topics are the bars of a 5 x 5 square",
        n=int(counts.sum()),
        columns={"lda_bars": ("counts",)},
        look_at="topics, where nothing is known exactly: words held out are the judge",
        sweep=("n_topics", (2, 5, 8, 10, 12, 15)),
        held_out=read_only(fresh),
    )


PROBLEMS: Builders = (_ising, _denoise, _sprinkler, _asia, _bars)
