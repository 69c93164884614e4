"""What the three numbers of the identity state as their errors, of each model with a known truth.

An error decides every verdict, and no truth says how wide it should be: it may be twice as wide, or
lack a term that matters elsewhere, and still cover what it covers here. So the numbers are written
down; tests/digits holds them to be wide enough. Where an error is meant to change:
`python -m tests.identity.recorded`.
"""

import json
from pathlib import Path

import numpy as np

from tests.contract.models import KNOWN
from tests.numerics.test_offsets import AT
from vi_lab import exact
from vi_lab.identity.bound import elbo_estimate
from vi_lab.identity.divergence import kl_estimate
from vi_lab.identity.identity_check import random_q

FILE = Path(__file__).with_name("recorded_errors.json")
MODELS = {name: lambda case=case: case.model for name, case in KNOWN.items()} | {
    f"{name}, far": lambda build=build: build(1e5) for name, build in AT.items()
}


def state(name):
    """The errors of log p(x), and of the ELBO and the KL of a random q."""
    model = MODELS[name]()
    truth, q = exact(model), random_q(model, np.random.default_rng(1))
    bound, kl = elbo_estimate(q, model), kl_estimate(q, truth)
    return [float(error) for error in (truth.log_evidence_error, bound.error, kl.error)]


def read():
    return json.loads(FILE.read_text(encoding="utf-8"))


def write():
    found = {name: [float(f"{error:.7g}") for error in state(name)] for name in MODELS}
    lines = (f"  {json.dumps(name)}: {json.dumps(errors)}" for name, errors in found.items())
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
