"""The same problem with data of one's own: each learner has others, drawn by their name."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from vi_lab.errors import NotApplicable
from vi_lab.inference.exact import exact
from vi_lab.model import Model
from vi_lab.problems.named import problem
from vi_lab.problems.problem import Problem
from vi_lab.testing.of_models import simulates


def own(name: str, text: str) -> Problem:
    """The named problem with data drawn anew: each text has data of its own.

    The data are drawn from the model at the posterior mean given the real data (latents that
    count or choose: at one posterior draw), so that they look like the real ones. The same text
    gives the same data on every machine.

    Parameters
    ----------
    name : str
        A named problem ("newcomb").
    text : str
        Of a learner: a name, a number ("s123").

    Raises NotApplicable for a problem without an exact posterior, or without data to draw.
    """
    real = problem(name)
    model = real.model
    if not isinstance(model, Model) or not simulates(model):
        raise NotApplicable(f"own does not apply, because {name} has no data to draw anew")
    posterior = exact(model)
    seed = int.from_bytes(hashlib.sha256(f"{name}/{text}".encode()).digest()[:8], "big")
    values = posterior.sample(1, rng=0)
    for block, value in values.items():
        discrete = np.issubdtype(np.asarray(value).dtype, np.integer)
        values[block] = value[0] if discrete else np.asarray(posterior.mean(block))
    drawn = model.sample_data(np.random.default_rng(seed), values)
    data = {key: getattr(drawn, key) for key in model.data_names}
    return replace(
        real,
        model=drawn,
        data=f"drawn anew for {text!r} at the posterior mean of: {real.data}",
        arguments={**real.arguments, **data},
        columns={},
    )
