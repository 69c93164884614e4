"""The colours of the package, by name, and the looks of its nats."""

from __future__ import annotations

from typing import Any

# Okabe & Ito (2008): eight colours that stay apart for colour-blind readers
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
OLIVE = "#999933"  # a ninth, from Paul Tol's muted scheme: their yellow is lost on white
GREY, PALE = "#7F7F7F", "#E3E3E3"
POINTS, FORMULA = "#9A9A9A", "#555555"  # data behind a picture; what a formula says
BROWN, MOSS = "#8B4513", "#7A7A00"

# one after another: the components of a mixture, the labels of data, the farthest curves
COMPONENTS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY)
LABELS = (BLUE, VERMILION, GREEN, BLACK, ORANGE, PURPLE, SKY, GREY, BROWN, MOSS)
CURVES = (BLUE, ORANGE, GREEN, PURPLE, SKY)

ELBO, KL, EVIDENCE = BLUE, VERMILION, BLACK
KL_AREA: dict[str, Any] = {"facecolor": "#FBE3D3", "edgecolor": KL, "hatch": "///"}
