"""Log evidences a second time, each by a route that shares no algebra with the model's own.

A route reads the data and the hyperparameters off a model, and nothing else: not its log joint, not
its conditionals, not its posterior. It returns an Estimate: nats, their numerical error, and a name
for how they were had.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.atlas.routes import discrete, hidden, regressions, simple, structured
from vi_lab.numerics.rounding import Estimate

SECOND: dict[str, Callable[[Any], Estimate]] = {
    "newcomb": simple.normal_gamma,
    "darwin": simple.normal_gamma,
    "correlated": simple.gaussian,
    "coal": simple.change_point,
    "coin": simple.coin,
    "newcomb-independent": simple.semi_conjugate,
    "cars": regressions.student,
    "trees": regressions.student,
    "kidiq": regressions.student,
    "polynomial": regressions.known_noise,
    "clutter": hidden.clutter,
    "tiny-mixture": hidden.two_normals,
    "iris": hidden.linear_gaussian,
    "penguins": hidden.linear_gaussian,
    "eight-schools": structured.hierarchical,
    "challenger": structured.challenger,
    "bioassay": structured.bioassay,
    "beetles": structured.beetles,
    "nile": structured.local_level,
    "ising": discrete.ising,
    "denoise": discrete.denoising,
    "sprinkler": discrete.network,
    "asia": discrete.network,
    "digits": hidden.decoder,
}
