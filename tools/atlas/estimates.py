"""Log evidences that no exact route reaches, estimated by two that share no algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tools.atlas.routes import estimates_filter, estimates_importance
from tools.atlas.routes.estimates_components import Components, MeansAndPrecisions, NormalMeans


class Plan(NamedTuple):
    """The two routes of a problem, and how much of each.

    Attributes
    ----------
    components : class of a model's components
        Of importance sampling of the parameters; `settings` are its conditionals and draws.
    urn : class of what a particle knows of its components
        Of a particle filter over the labels; `size` are its replicates and particles.
    """

    components: Callable[[Any], Components]
    settings: dict[str, int]
    urn: type[estimates_filter.Urn]
    size: dict[str, int]


PLANS = {
    "galaxies": Plan(
        NormalMeans,
        dict(conditionals=1000, draws=8000),
        estimates_filter.NormalUrn,
        dict(replicates=20, particles=10_000),
    ),
    "old-faithful": Plan(
        MeansAndPrecisions,
        dict(conditionals=200, draws=30_000),
        estimates_filter.StudentUrn,
        dict(replicates=20, particles=6000),
    ),
}
SEED = 0


def estimate_evidence(name: str, model: Any) -> list[dict[str, Any]]:
    """Both estimates of a problem's log evidence; none where no plan would have a useful error.

    Each has its route, its value in nats and its standard error, the first k-hat of its weights.
    """
    if name not in PLANS:
        return []
    plan = PLANS[name]
    one, khat = estimates_importance.estimate(
        plan.components(model), model, rng=SEED, **plan.settings
    )
    two = estimates_filter.estimate(plan.urn, model, rng=SEED, **plan.size)
    return [
        {"route": one.route, "value": one.value, "error": one.error, "khat": khat},
        {"route": two.route, "value": two.value, "error": two.error},
    ]
