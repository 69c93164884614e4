"""Log evidences that no exact route reaches, estimated by two that share no algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tools.atlas.routes import estimates_filter, estimates_importance
from vi_lab.numerics.rounding import Estimate


class Plan(NamedTuple):
    """The two routes of a problem, and how much of each.

    Attributes
    ----------
    weighted : function of the model
        Importance sampling of the parameters; `settings` are its conditionals and draws.
    filtered : function of the model
        A particle filter over the labels; `size` are its replicates and particles.
    """

    weighted: Callable[..., estimates_importance.Weighted]
    settings: dict[str, int]
    filtered: Callable[..., Estimate]
    size: dict[str, int]


PLANS = {
    "galaxies": Plan(
        estimates_importance.normals,
        dict(conditionals=1000, draws=8000),
        estimates_filter.normals,
        dict(replicates=20, particles=10_000),
    ),
    "old-faithful": Plan(
        estimates_importance.gaussians,
        dict(conditionals=200, draws=30_000),
        estimates_filter.gaussians,
        dict(replicates=20, particles=6000),
    ),
}
SEED = 0


def estimated(name: str, model: Any) -> list[dict[str, Any]]:
    """Both estimates of a problem's log evidence; none where no plan would have a useful error.

    Each has its route, its value in nats and its standard error, the first k-hat of its weights.
    """
    if name not in PLANS:
        return []
    plan = PLANS[name]
    one, khat = plan.weighted(model, rng=SEED, **plan.settings)
    two = plan.filtered(model, rng=SEED, **plan.size)
    return [
        {"route": one.route, "value": one.value, "error": one.error, "khat": khat},
        {"route": two.route, "value": two.value, "error": two.error},
    ]
