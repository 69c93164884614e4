"""Checks of a bound: it never falls, and with the KL it makes up the evidence."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import refuse_if
from vi_lab.identity.ledger import ledger as account
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.results import Factorised
from vi_lab.results.posterior import Posterior
from vi_lab.testing.report import PointReport

ROUNDING = 1e-11  # relative to the size of the bound, as `cavi` itself allows
SHIFT = 1.0  # nats added to the log joint: the control of the ledger


@public
def monotone(
    trace: Any, *, log_evidence: float | None = None, name: str = "the ELBO"
) -> PointReport:
    """Does the bound never fall, and never pass what it bounds?

    Coordinate ascent and EM maximise over one part of q at a time with the rest held, so no step
    can lower the bound (Bishop 2006, 9.4 and 10.1): a fall of more than rounding, 1e-11 of its
    size, means that an update and the bound disagree.

    Parameters
    ----------
    trace : array (sweeps,) or (sweeps, restarts)
        The bound after each sweep, in nats.
    log_evidence : float, optional
        log p(x): the bound may not exceed it either.
    name : str

    Returns
    -------
    PointReport
        `statistic` is the largest fall (or excess) in units of what rounding allows.
    """
    trace = checks.real_array("trace", trace)
    refuse_if(trace.ndim not in (1, 2), f"trace: needs 1 or 2 axes, got shape {trace.shape}")
    trace = trace.reshape(len(trace), -1)
    allowed = ROUNDING * (1.0 + np.abs(trace))
    falls = (trace[:-1] - trace[1:]) / allowed[1:]
    points = {f"restart {i}": falls[:, i] for i in range(falls.shape[1]) if len(falls)}
    if log_evidence is not None:
        # the evidence has roundings of its own, of sums that the bound does not share
        excess = (trace.max() - checks.real("log_evidence", log_evidence)) / (
            1e3 * float(allowed.max())
        )
        points["above log p(x)"] = np.array([excess])
    worst = max((float(v.max()) for v in points.values()), default=0.0)
    passed = worst <= 1.0
    sentence = (
        f"Over {len(trace)} sweeps it never falls."
        if passed
        else f"It falls, or passes log p(x), by {worst:.3g} times what rounding allows."
    )
    rows = tuple({"of": k, "worst fall, in roundings": float(v.max())} for k, v in points.items())
    return PointReport(
        f"{name} never falls", passed, worst, 1.0, sentence, 0.0, rows, points, "roundings"
    )


@public
def ledger(model: ModelLike, q: Posterior, *, name: str = "q") -> PointReport:
    """Does log p(x) = ELBO + KL hold, and would it fail if a nat were missing?

    The identity by three routes, and its control: the same ledger once more with 1 nat added to
    the log joint, after which ELBO is 1 nat larger and neither log p(x) nor KL may have moved. A
    KL or an evidence that is secretly got by subtraction passes the first and fails the second.

    Parameters
    ----------
    model : Model, Problem or the name of one
    q : Factorised, Exact or GaussianRows
        Only a Factorised has the control.
    name : str

    Returns
    -------
    PointReport
        `passed` is None where no exact evidence is known, and where the numbers have lost their
        digits.
    """
    model = as_model(model)
    book = account(model, q)
    test = f"ledger of {name}"
    if book.holds is None or book.residual is None or book.tolerance is None:
        return PointReport(test, None, np.nan, np.nan, f"{book.reason}.", 0.0, (), {}, "nats")
    residuals: dict[str, float] = {"log p(x) - ELBO - KL": book.residual}
    if isinstance(q, Factorised):
        twin = _shift(model)
        shifted = account(twin, type(q)(twin, **q.q)).residual
        moved = np.inf if shifted is None else shifted - book.residual
        residuals["the same with a nat planted"] = moved + SHIFT
    sizes = {key: abs(float(value)) / book.tolerance for key, value in residuals.items()}
    worst = float(np.max(list(sizes.values())))  # nan where one is, which is no pass
    passed = worst <= 1.0 and book.holds
    if passed:
        sentence = f"It holds to {abs(book.residual):.2g} nats."
    elif book.reason:
        sentence = f"It fails, by {book.reason}."
    elif not book.holds:
        sentence = f"It fails by {book.residual:.3g} nats, where {book.tolerance:.2g} are allowed."
    else:
        sentence = "It holds, and would hold with a nat missing: a number is got by subtraction."
    rows = tuple(
        {"quantity": key, "nats": float(value), "allowed": book.tolerance}
        for key, value in residuals.items()
    )
    points = {key: np.array([size]) for key, size in sizes.items()}
    return PointReport(test, passed, worst, 1.0, sentence, 0.0, rows, points, "tolerances")


def _shift(model: Any) -> Any:
    """The model with a nat added to its log joint, and to nothing else."""
    twin, honest = copy.copy(model), model.log_joint
    twin.log_joint = lambda stats: honest(stats) + SHIFT
    return twin
