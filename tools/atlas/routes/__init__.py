"""Log evidences a second time, each by a route that shares no algebra with the model's own.

A route reads the data and the hyperparameters off a model, and nothing else: not its log joint, not
its conditionals, not its posterior. It returns an Estimate: nats, their numerical error, and a name
for how they were had.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
    "challenger": partial(structured.logistic, box=[(-12.0, 9.0), (-24.0, 10.0)]),
    "bioassay": partial(structured.logistic, box=[(-10.0, 12.0), (-8.0, 45.0)]),
    "beetles": partial(structured.logistic, box=[(-0.7, 2.7), (0.2, 3.4)]),
    "nile": structured.local_level,
    "probit": partial(structured.probit, box=[(-5.0, 4.0), (-8.0, 3.0)]),
    "poisson": partial(structured.poisson, box=[(-1.0, 1.5), (-3.0, 1.0)]),
    "hmm": structured.paths,
    "ising": discrete.ising,
    "denoise": discrete.denoising,
    "sprinkler": discrete.network,
    "asia": discrete.network,
    "digits": hidden.decoder,
}
