"""A network of binary variables, some of them observed.

    x_v ~ Bernoulli( table_v[values of the parents of v] )          for every variable v
    evidence: the values of some of them

Each variable that is not observed is a block of its own; given the others it is a table of two
numbers (its Markov blanket: Pearl 1988). Variables may be joined into one block, whose table has a
number for each of their joint values.

Joining is needed where tables hold zeros. If e = a or b, no variable of the three can change alone
while a + b = 1 and e follows: Gibbs, moving one block at a time, stays for ever in one set of
values (`classes` counts these sets), and a q with independent a, b and e that is sure of none gives
weight to impossible values: its ELBO is -inf. CAVI never ends there, because it starts at a point
of positive probability and only goes up: instead it stays sure of what it started from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.errors import NumericalError, refuse_if
from vi_lab.families import Bits, Categorical, CategoricalStats
from vi_lab.model import Batch, Block, Model, Statistics, Values
from vi_lab.models.posteriors.bayes_net import BayesNetPosterior
from vi_lab.models.posteriors.grouping import Grouping
from vi_lab.models.posteriors.network import Network
from vi_lab.numerics import enumeration
from vi_lab.numerics.rounding import rounding
from vi_lab.results import Exact

MOST_HIDDEN = 20  # unobserved variables whose joint values are visited one by one
REDRAWS = 1000  # of what the evidence rules out


class BayesNet(Model):
    """A discrete network of binary variables given evidence.

    Parameters
    ----------
    parents : dict of name -> tuple of names
        Every variable with its parents, () for a root; no cycles.
    tables : dict of name -> array of shape (2,) * number of parents
        P(variable = 1 | parents), an axis for each parent in order, entry 0 for its value 0.
    evidence : dict of name -> 0 or 1
        The variables observed; at least one is not.
    blocks : list of lists of names, optional
        Variables that are updated together; every other one by itself.

    Latents: each unobserved variable by its name, 0 or 1, whether joined or not. The mean is the
    probability of 1. Exact up to 20 unobserved variables.
    """

    @public
    def __init__(
        self,
        parents: Mapping[str, tuple[str, ...]],
        tables: Mapping[str, Any],
        evidence: Mapping[str, int],
        blocks: Iterable[Iterable[str]] | None = None,
    ) -> None:
        self.network = Network(parents, tables)
        self.evidence = self.network.check_evidence(evidence)
        self._grouping = Grouping(self.network, self.evidence, blocks or ())
        self.hidden, self.groups = self._grouping.hidden, self._grouping.groups
        self._constant, self._factors = self._grouping.tables()
        self.blocks = {
            block: Block(
                Categorical(2, first=0) if len(names) == 1 else Bits(len(names)),
                partial(self._given_rest, block),
            )
            for block, names in self.groups.items()
        }
        count = len(self.hidden)
        self.no_exact_because = None
        if count > MOST_HIDDEN:
            self.no_exact_because = (
                f"it would visit all 2^{count} joint values of {count} unobserved variables, above "
                f"the limit of {MOST_HIDDEN} variables; Gibbs and CAVI still apply"
            )

    def log_joint(self, stats: Statistics) -> Any:
        """Sums over every factor's joint values; -inf where weight is on an impossible one."""
        total: Any = self._constant
        for touched, table in self._factors.items():
            total = total + table.average([stats[b].indicator for b in touched])
        return total

    def _given_rest(self, block: str, stats: Statistics) -> CategoricalStats:
        """log weight of each value of the block: its factors, averaged over the other blocks."""
        total: Any = 0.0
        for touched, table in self._factors.items():
            if block in touched:
                others = [None if b == block else stats[b].indicator for b in touched]
                total = total + table.average(others)
        return CategoricalStats(total)

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """From the prior, parents first; what makes the evidence impossible is drawn again."""
        count = int(np.prod(batch, dtype=np.int64))
        drawn = {name: np.zeros(count, np.int8) for name in self.network.parents}
        again = np.arange(count)
        for _ in range(REDRAWS):
            fresh = self.network.sample(rng, len(again))
            for name, value in fresh.items():
                drawn[name][again] = value
            log_p = self.network.log_probability({**drawn, **self.evidence}, count)
            again = np.flatnonzero(np.isneginf(log_p))
            if not len(again):
                return self._grouping.pack({n: drawn[n].reshape(batch) for n in self.hidden})
        raise NumericalError(
            f"the evidence was impossible in each of {REDRAWS} draws from the prior; is its "
            "probability zero?"
        )

    def sample_data(self, rng: np.random.Generator, values: Values) -> BayesNet:
        """The evidence given the latents: a draw among all its joint values."""
        names, shown = tuple(self.evidence), self.latents(values)
        options = enumeration.labellings(len(names), 2)
        given = {n: options[:, i] for i, n in enumerate(names)}
        log_p = self.network.log_probability({**shown, **given}, len(options))
        log_p = np.broadcast_to(log_p, len(options))
        p = np.exp(log_p - log_p.max())
        drawn = options[rng.choice(len(options), p=p / p.sum())]
        evidence = {n: int(v) for n, v in zip(names, drawn, strict=True)}
        joined = [names for names in self.groups.values() if len(names) > 1]
        return BayesNet(self.network.parents, self.network.tables, evidence, joined)

    def latents(self, values: Values) -> dict[str, Any]:
        """Each variable by its name, taken out of its block."""
        return self._grouping.unpack(values)

    def block_values(self, latents: Values) -> dict[str, Any]:
        return self._grouping.pack(latents)

    def read_data(self, model: BayesNet) -> dict[str, Any]:
        return dict(model.evidence)

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        return {name: (self._grouping.place[name][0],) for name in self.hidden}

    def summaries(self, latents: Values) -> dict[str, Any]:
        """Each variable, and whether two parents of one child are both 1: how they hang together.

        Two causes that were independent are not any more once their effect is seen.
        """
        found = dict(latents)
        for a, b in self.network.couples():
            if a in latents and b in latents:
                found[f"{a} and {b}"] = np.asarray(latents[a]) * np.asarray(latents[b])
        return found

    def exact_posterior(self) -> Exact:
        """Every joint value of the unobserved variables."""
        posterior = BayesNetPosterior(self._grouping)
        error = rounding(posterior.log_evidence, len(self.network.parents))
        route = enumeration.cost(len(self.hidden), 2)
        return Exact(self, posterior.log_evidence, error, route, posterior)

    def why_reducible(self) -> str | None:
        if self.no_exact_because or (count := self.classes()) == 1:
            return None
        return (
            f"zeros in the tables part the possible values into {count} classes, between which no "
            "move of one block leads; join the blocks that have to move together"
        )

    def classes(self) -> int:
        """The number of sets of values between which no sequence of block moves leads.

        Above 1 Gibbs sampling never sees the whole posterior: join blocks. InputError above 20
        unobserved variables, whose values are visited one by one.
        """
        refuse_if(self.no_exact_because, f"classes: {self.no_exact_because}")
        return BayesNetPosterior(self._grouping).count_classes()
