"""A Gaussian q in real coordinates, or a mixture of a few, with the collapsed blocks behind it.

q(z) is N(y; m, L L') over the real coordinates y of the blocks that are moved, times the complete
conditional of those that are summed out: of all q with that Gaussian none is nearer, since

    KL[q || p] = KL[q(y) || p(y | x)] + E_q(y) KL[q(rest | y) || p(rest | y, x)]

and the second term is 0 there. Nothing of ELBO or KL is left but an average over y.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.block_values import put_back
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import close_mappings, freeze_arrays
from vi_lab.arguments.types import Rng
from vi_lab.errors import InputError, NumericalError, ViLabError, refuse_if
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.inference.engine.target import CENTRED, choose_target
from vi_lab.inference.engine.weighted_moments import weigh_moments
from vi_lab.model_or_problem import M_co
from vi_lab.numerics.gaussian_nodes import MOST_HERMITE, Nodes, bound_rules, kl_rules, sobol_nodes
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.numerics.rounding import Estimate, closed_form, rounding
from vi_lab.results import Exact
from vi_lab.results.marginals import unwrap
from vi_lab.results.posterior import Cost, HasMoments, refuse_other_number

RULES = 16  # scrambles of Sobol points, whose spread tells how far off their mean is
GROWING = 512, 1024, 2048, 4096  # points of each, beside their mirrors, until the error is SETTLED
SETTLED, NEAR = 5e-4, 8.0  # nats; errors of the first average, within which the last one lies
MISSED = 1e-7  # nats of a known average that nodes miss: less is what rounding moves them by
AT_ONCE = 2048  # of these: arrays of more are slower, a node, than they need be


@dataclass(frozen=True, eq=False, repr=False)
class GaussianPosterior(HasMoments[M_co]):
    """What `laplace` and `gaussian_vi` return.

    Attributes
    ----------
    mixture : NormalMixture
        Over the real coordinates; of one component but where more were asked for.
    parameterisation : str
        Which coordinates these are.
    elbo, elbo_error : float
        The bound in nats and its numerical (or standard) error, on nodes of its own.
    elbo_trace : array (steps,)
        The bound after each step of the fit, on the nodes of the fit; empty of `laplace`.
    log_evidence_estimate : float or None
        Of `laplace`: log p(x) as it would be if the posterior were this Gaussian.
    cost : Cost
    settings : mapping
    """

    model: M_co
    mixture: NormalMixture
    method: str
    parameterisation: str = CENTRED
    elbo_trace: np.ndarray = field(default_factory=lambda: np.empty(0))
    log_evidence_estimate: float | None = None
    cost: Cost = field(default_factory=Cost)
    seconds: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        freeze_arrays(self)
        close_mappings(self)

    @cached_property
    def target(self) -> Any:
        return choose_target(self.model, self.parameterisation)

    # -- averages over y ------------------------------------------------------------------------

    @cached_property
    def first_nodes(self) -> tuple[Nodes, ...]:
        """The rules an average is first taken by; the same ones always."""
        dimension = self.mixture.means.shape[-1]
        if dimension <= MOST_HERMITE:
            return bound_rules(dimension)
        return (sobol_nodes(dimension, GROWING[0], RULES, np.random.default_rng(0)),)

    @cached_property
    def more_nodes(self) -> Nodes:
        """Sobol points that begin with the first ones."""
        return sobol_nodes(
            self.mixture.means.shape[-1], GROWING[-1], RULES, np.random.default_rng(0)
        )

    def _average_for_kl(self, function: Any) -> Estimate:
        """E_q[f(y)] of f (*batch, D) -> (*batch,), with its error; of few dimensions on nodes that
        the bound has not seen."""
        size = self.mixture.means.shape[-1]
        rules = kl_rules(size) if size <= MOST_HERMITE else self.first_nodes
        return self._averages_over(function, rules=rules)[-1]

    @far_out
    def _averages_over(
        self, function: Any, counts: Sequence[int] = GROWING, rules: tuple[Nodes, ...] = ()
    ) -> tuple[Estimate, ...]:
        """Estimates of E_q[f(y)], each from more nodes than the one before.

        Sobol points are taken until the spread of the scrambles is small: what the first of each
        scramble have been asked is not asked again.
        """
        rules = rules or self.first_nodes
        shares, route = np.exp(self.mixture.log_weights), rules[0].route
        if len(rules) > 1:
            each = [function(self.mixture.place(points[0])) @ w for points, w, _ in rules]
            value, other = (float(shares @ one) for one in each)
            if value == other == -np.inf:  # q gives weight to what is impossible
                return (Estimate(value, 0.0, route),)
            return (Estimate(value, abs(value - other) + rounding(value), route),)
        found: list[Estimate] = []
        asked, total = 0, np.zeros(RULES)
        for count in counts:
            points = (self.more_nodes if asked else rules[0]).points
            for begin in range(2 * asked, 2 * count, AT_ONCE // RULES):
                part = points[:, begin : min(begin + AT_ONCE // RULES, 2 * count)]
                total += function(self.mixture.place(part)).sum(-1) @ shares  # (rules, K, n)
            asked = count
            means = total / (2 * count)
            value, error = float(np.mean(means)), float(np.std(means, ddof=1) / np.sqrt(RULES))
            if value == -np.inf:
                return (*found, Estimate(value, 0.0, route))
            how = f"{route} (Monte Carlo error)"
            found.append(Estimate(value, error + rounding(value), how))
            if not error > SETTLED:
                break
        return tuple(found)

    def _average_log_ratio(self, counts: Sequence[int] = GROWING) -> tuple[Estimate, ...]:
        """E_q[log p(x, y) - log q(y)]; what is summed out adds nothing to either. Where E_q[log p]
        is known nodes tell the entropy alone."""
        known, density = self._known_average, self.mixture.log_density
        if known is None:
            return self._averages_over(lambda y: self.target.log_density(y) - density(y), counts)
        found = self._entropies(counts)
        return tuple(Estimate(v + known, e + rounding(known), route) for v, e, route in found)

    def _entropies(self, counts: Sequence[int] = GROWING) -> tuple[Estimate, ...]:
        """E_q[-log q(y)]: in closed form of one Gaussian (E_q[log p] beside it has the route), of
        more from ever more nodes."""
        one = self.mixture.entropy_of_one
        if one is not None:
            return (closed_form(one)._replace(route=self.target.expectation_route),)
        return self._averages_over(lambda y: -self.mixture.log_density(y), counts)

    @cached_property
    def elbo_averages(self) -> tuple[Estimate, ...]:
        """The bound from ever more nodes; NumericalError where it is nan."""
        found = self._average_log_ratio()
        why = f"{self.method}: the ELBO is nan, as the log density is where q has weight"
        refuse_if(np.isnan(found[-1].value), why, NumericalError)
        return found

    @property
    def elbo_estimate(self) -> Estimate:
        return self.elbo_averages[-1]

    @property
    def elbo(self) -> float:
        return float(self.elbo_estimate.value)

    @property
    def elbo_error(self) -> float:
        return float(self.elbo_estimate.error)

    def take_averages(self) -> Self:
        """The same with bound and moments worked out. What goes wrong in them is raised where a
        number is asked for. Nodes, maybe a hundred megabytes, are not kept."""
        with suppress(ViLabError):
            _ = self.elbo_averages, self._moments
        for name in ("first_nodes", "more_nodes"):
            vars(self).pop(name, None)
        return self

    @cached_property
    def _known_average(self) -> float | None:
        """E_q[log p(x, y)], where no nodes in the plane are needed for it."""
        found = self.target.expect(self.mixture)
        return None if found is None else float(np.exp(self.mixture.log_weights) @ found.values)

    def kl_from(self, truth: Exact) -> Estimate:
        """KL[q || p(z|x)] with the normalised posterior in its own form.

        Where that has an average of its own, -H[q] - E_q[log p(z|x)]: nodes see nothing of what is
        far out. Latents that are summed out are drawn: log q less log p has the same value
        whatever they are, where their conditional is right. The error has what nodes miss of a
        known E_q[log p].
        """
        own = getattr(truth.posterior, "average_log_density", None)
        if own is not None:
            average, entropy = own(self.mixture), self._entropies()[-1]
            error = average.error + entropy.error
            return Estimate(-entropy.value - average.value, error, average.route)

        def ratio(y: np.ndarray) -> Any:
            flat = y.reshape(-1, y.shape[-1])
            values = self.target.shown_values(flat, np.random.default_rng(0))
            log_q = self.mixture.log_density(flat) + self.target.log_measure(flat, values)
            return np.reshape(log_q - truth.log_density(self._shown(values)), y.shape[:-1])

        found, known, missed = self._average_for_kl(ratio), self._known_average, 0.0
        if known is not None:
            missed = abs(self._average_for_kl(self.target.log_density).value - known)
        missed *= missed > MISSED
        return found._replace(error=found.error + missed + truth.log_evidence_error)

    # -- latents --------------------------------------------------------------------------------

    def _shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Block values as latents, without those added for conjugacy."""
        hidden = self.model.auxiliary
        return dict(self.model.latents({n: v for n, v in values.items() if n not in hidden}))

    @cached_property
    def _moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Means and sds by latent: over the nodes, of others those of their conditional there."""
        points, weights, _ = self.first_nodes[0]
        y = self.mixture.place(points).reshape(-1, points.shape[-1])
        shares = np.exp(self.mixture.log_weights)
        w = np.broadcast_to(shares[:, None] * weights, (len(points), len(shares), len(weights)))
        w = w.ravel() / w.sum()
        means, sds = weigh_moments(w, self.target.moments(y))
        shown = {n: sds[n] if n not in self.model.nominal else means[n] for n in sds}
        return self._shown(means), self._shown(shown)

    @public
    def sample(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        n, rng = checks.integer("n", n, 1), checks.generator(rng)
        require_memory("n", f"{n} draws", n * self.mixture.means.shape[-1])
        return self._shown(self.target.shown_values(self.mixture.sample(rng, n), rng))

    @public
    def log_density(self, values: Mapping[str, Any]) -> Any:
        """log q(z) in nats at latents by name, (*batch,); auxiliary ones are left out."""
        point = self._read_point(values, self.model.sources, self._moments[0])
        blocks = put_back(self.model, point)
        y = self.target.to_real(blocks)
        return unwrap(self.mixture.log_density(y) + self.target.log_measure(y, blocks))

    # -- files ----------------------------------------------------------------------------------

    def pack(self) -> tuple[dict[str, Any], dict[str, Any]]:
        arrays = {**self.mixture._asdict(), "elbo_trace": self.elbo_trace}
        return arrays, {
            "cost": self.cost.pack(),
            "elbo": self.elbo,
            "elbo_averages": [(value, error) for value, error, _ in self.elbo_averages],
            "parameterisation": self.parameterisation,
            "log_evidence_estimate": self.log_evidence_estimate,
            "settings": dict(self.settings),
        }

    @classmethod
    def unpack(cls, record: Any, arrays: Any, model: Any) -> Self:
        q = cls(
            model,
            NormalMixture(*(arrays[name] for name in NormalMixture._fields)),
            record["method"],
            record["parameterisation"],
            arrays["elbo_trace"],
            record["log_evidence_estimate"],
            Cost(**record["cost"]),
            record["seconds"],
            record["settings"],
        )
        if q.target.dimension != q.mixture.means.shape[-1]:
            raise InputError(f"the model has {q.target.dimension} real coordinates")
        q._compare_elbo(record["elbo"], record.get("elbo_averages", ()))
        return q

    def _compare_elbo(self, saved: float, averages: Sequence[tuple[float, float]]) -> None:
        """Refuse a file whose ELBO is not this q's.

        Where it took many nodes, the average over the first of them must come out again, and the
        last is believed if it lies as near as the error of the first allows. An earlier vi_lab
        kept no averages: there all are taken again.
        """
        if len(averages) > 1 and averages[-1][0] == saved:
            (first,) = self._average_log_ratio(GROWING[:1])
            refuse_other_number("ELBO", averages[0], first[:2])
            if abs(saved - first.value) <= NEAR * first.error:
                vars(self)["elbo_averages"] = tuple(Estimate(*a, first.route) for a in averages)
        refuse_other_number("ELBO", saved, self.elbo)

    def _heading(self) -> str:
        return f"{self.method}, ELBO {self.elbo:.10g} ± {self.elbo_error:.1g}"
