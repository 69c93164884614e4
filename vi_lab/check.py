"""The ledger of every problem, for every q: does log p(x) = ELBO + KL?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from vi_lab import checks, storage
from vi_lab.compare import entropy_of, stream
from vi_lab.derivation import Derivation, derivation
from vi_lab.entry import as_model, why_no_exact, why_not_conjugate
from vi_lab.families import Distribution
from vi_lab.inference.cavi import cavi, unwarned
from vi_lab.interrupts import larger_job
from vi_lab.ledger import Ledger, ledger
from vi_lab.model import Model, statistics
from vi_lab.problems import as_problems
from vi_lab.results import Factorised, GaussianRows
from vi_lab.vae.decoder_model import DecoderModel
from vi_lab.vae.gaussian_q import COVARIANCES, amortised, gaussian_q


class Entry(NamedTuple):
    """The ledger of one q on one problem; `steps` where the derivation was asked for."""

    problem: str
    method: str
    ledger: Ledger
    steps: Derivation | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: problem, method, the ledger's own keys, and steps where asked for."""
        book = self.ledger
        entry: dict[str, Any] = {
            "problem": self.problem,
            "method": self.method,
            "log_evidence": book.log_evidence,
            "elbo": book.elbo,
            "kl": book.kl,
            "residual": book.residual,
            "tolerance": book.tolerance,
            "holds": book.holds,
            "routes": dict(book.routes),
            "errors": dict(book.errors),
            "reason": book.reason,
        }
        if self.steps is not None:
            entry["steps"] = [line._asdict() for line in self.steps.lines]
        return storage.plain(entry)


@checks.clear_keywords
@larger_job()
def check(problem: Any = None, *, steps: bool = False, rng: Any = 0) -> list[Entry]:
    """The ledger of several q for each problem.

    Of CAVI's start, its optimum and two random q; under a decoder, of the best Gaussians, the
    encoder's q and a random one.

    Parameters
    ----------
    problem : str, Problem, Model, or a list of these
        All named problems by default.
    steps : bool
        Evaluate the five lines of the derivation too.
    rng : int, SeedSequence or Generator
    """
    entropy, steps = entropy_of(rng), checks.flag("steps", steps)
    return [
        entry
        for item in as_problems(problem)
        for entry in _entries(item.name, as_model(item.model), steps, entropy)
    ]


def _entries(name: str, model: Any, steps: bool, entropy: int) -> Iterator[Entry]:
    if isinstance(model, DecoderModel):
        for method, gaussian in gaussian_qs(model, stream(entropy, name, "check")):
            yield Entry(name, method, ledger(model, gaussian))
        return
    reason = why_not_conjugate(model, "CAVI")
    if reason:  # no factorised q to keep a ledger for: said, not passed over
        unknown = {key: f"none: {reason}" for key in ("log_evidence", "elbo", "kl")}
        errors = dict.fromkeys(unknown)
        nothing = Ledger(None, np.nan, None, None, None, None, unknown, errors, reason)
        yield Entry(name, "none", nothing)
        return
    for method, q in factorised_qs(model, stream(entropy, name, "check")):
        lines = derivation(model, q) if steps and not why_no_exact(model) else None
        yield Entry(name, method, ledger(model, q), lines)


def factorised_qs(model: Model, rng: np.random.Generator) -> Iterator[tuple[str, Factorised]]:
    """CAVI after its first sweep, at its optimum, and two random q."""
    start, *others = rng.spawn(3)
    seed = int(start.integers(2**63))
    yield "cavi start", cavi(model, rng=seed, max_sweeps=1, tol=0)
    yield "cavi", unwarned(model, rng=seed)
    for i, child in enumerate(others, 1):
        yield f"random {i}", random_q(model, child)


def gaussian_qs(
    model: DecoderModel, rng: np.random.Generator
) -> Iterator[tuple[str, GaussianRows]]:
    """The best Gaussians of both shapes, the encoder's, and one at random for each datum."""
    start, rng = rng.spawn(2)
    seed = int(start.integers(2**63))
    for covariance in COVARIANCES:
        yield f"gaussian {covariance}", gaussian_q(model, covariance=covariance, rng=seed)
    yield "amortised", amortised(model)
    n, d = model.n, model.dimension
    root = np.tril(0.5 * rng.standard_normal((n, d, d)), -1) + np.exp(
        0.5 * rng.standard_normal((n, d, 1)) - 1.0
    ) * np.eye(d)
    yield "random", GaussianRows(model, rng.standard_normal((n, d)), root, method="random")


def random_q(model: Model, rng: np.random.Generator) -> Factorised:
    """A q far from any optimum: each block's conditional given a start of the samplers.

    A draw from the prior may be out of all bounds where the prior is weak; a start is not.
    """
    t = statistics(model, model.sample_starts(rng, ()))
    return Factorised(
        model,
        **{
            name: Distribution(block.family, block.complete_conditional(t))
            for name, block in model.blocks.items()
        },
    )
