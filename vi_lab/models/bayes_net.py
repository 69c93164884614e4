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

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError, NumericalError
from vi_lab.families import Bits, Categorical, CategoricalStats, Distribution
from vi_lab.model import Block, Model, Statistics, Values
from vi_lab.models.posteriors.binary_table import BinaryTable
from vi_lab.models.posteriors.network import LogTable, Network, indices
from vi_lab.numerics import enumeration
from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.results import Exact

LIMIT = 20  # unobserved variables whose joint values are visited one by one
ROUNDS = 1000  # of drawing again what the evidence rules out


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
        self.evidence = self.network.evidence(evidence)
        self.hidden = tuple(n for n in self.network.parents if n not in self.evidence)
        if not self.hidden:
            raise InputError("evidence: needs at least one variable unobserved, all are given")
        self.groups = _groups(blocks, self.hidden, self.network)
        self._place = {
            name: (block, i) for block, names in self.groups.items() for i, name in enumerate(names)
        }
        self._constant, self._factors = self._grouped()
        self.blocks = {
            block: Block(
                Categorical(2, first=0) if len(names) == 1 else Bits(len(names)),
                partial(self._given_rest, block),
            )
            for block, names in self.groups.items()
        }
        count = len(self.hidden)
        self.no_exact_because = None
        if count > LIMIT:
            self.no_exact_because = (
                f"it would visit all 2^{count} joint values of {count} unobserved variables, above "
                f"the limit of {LIMIT} variables; Gibbs and CAVI still apply"
            )

    def _grouped(self) -> tuple[float, dict[tuple[str, ...], LogTable]]:
        """log p as a sum of tables over blocks: an axis a block, an entry for each joint value."""
        constant = 0.0
        factors: dict[tuple[str, ...], Any] = {}
        for names, table in self.network.reduced(self.evidence):
            touched = tuple(b for b in self.groups if any(self._place[n][0] == b for n in names))
            if not touched:
                constant += float(table)
                continue
            values = {
                b: enumeration.labellings(len(self.groups[b]), 2).reshape(
                    *(1,) * i, -1, *(1,) * (len(touched) - 1 - i), len(self.groups[b])
                )
                for i, b in enumerate(touched)
            }
            at = tuple(values[self._place[n][0]][..., self._place[n][1]] for n in names)
            factors[touched] = factors.get(touched, 0.0) + table[at]
        if np.isneginf(constant):
            raise InputError("evidence: has probability zero whatever the other variables are")
        return constant, {blocks: LogTable(table) for blocks, table in factors.items()}

    def log_joint(self, stats: Statistics) -> Any:
        """Sums over every factor's joint values; -inf where weight is on an impossible one."""
        total: Any = self._constant
        for touched, table in self._factors.items():
            total = total + table.expected([stats[b].indicator for b in touched])
        return total

    def _given_rest(self, block: str, stats: Statistics) -> CategoricalStats:
        """log weight of each value of the block: its factors, averaged over the other blocks."""
        total: Any = 0.0
        for touched, table in self._factors.items():
            if block in touched:
                others = [None if b == block else stats[b].indicator for b in touched]
                total = total + table.expected(others)
        return CategoricalStats(total)

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        """From the prior, parents first; what makes the evidence impossible is drawn again."""
        count = int(np.prod(batch, dtype=np.int64))
        drawn = {name: np.zeros(count, np.int8) for name in self.network.parents}
        again = np.arange(count)
        for _ in range(ROUNDS):
            fresh = self.network.sample(rng, len(again))
            for name, value in fresh.items():
                drawn[name][again] = value
            log_p = self.network.log_probability({**drawn, **self.evidence}, count)
            again = np.flatnonzero(np.isneginf(log_p))
            if not len(again):
                return self._in_blocks({n: drawn[n].reshape(batch) for n in self.hidden})
        raise NumericalError(
            f"the evidence was impossible in each of {ROUNDS} draws from the prior; is its "
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

    def _in_blocks(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Variables by name as block values."""
        return {
            block: values[names[0]]
            if len(names) == 1
            else np.stack([values[n] for n in names], axis=-1)
            for block, names in self.groups.items()
        }

    def latents(self, values: Values) -> dict[str, Any]:
        """Each variable by its name, taken out of its block."""
        found = {}
        for name in self.hidden:
            block, i = self._place[name]
            if block in values:
                alone = len(self.groups[block]) == 1
                found[name] = values[block] if alone else np.asarray(values[block])[..., i]
        return found

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        return {name: (self._place[name][0],) for name in self.hidden}

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
        posterior = BayesNetPosterior(self)
        log_evidence = posterior.table.log_normaliser + posterior.constant
        error = float(rounding(log_evidence, len(self.network.parents)))
        return Exact(self, log_evidence, error, enumeration.cost(len(self.hidden), 2), posterior)

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
        if self.no_exact_because:
            raise InputError(f"classes: {self.no_exact_because}")
        possible = np.isfinite(BayesNetPosterior(self).table.log_p)
        possible = possible.reshape((2,) * len(self.hidden))
        axes = [tuple(self.hidden.index(n) for n in names) for names in self.groups.values()]
        left, count = possible.copy(), 0
        while left.any():
            reached = np.zeros_like(possible)
            reached[np.unravel_index(int(left.argmax()), left.shape)] = True
            size = 0
            while size < reached.sum():
                size = int(reached.sum())
                for along in axes:
                    reached = reached.any(along, keepdims=True) & possible
            left &= ~reached
            count += 1
        return count


def _groups(blocks: Any, hidden: tuple[str, ...], network: Network) -> dict[str, tuple[str, ...]]:
    """The blocks by name, in the order of their first variables."""
    joined = [checks.names("blocks", group) for group in checks.as_tuple("blocks", blocks or ())]
    seen: set[str] = set()
    for name in (n for group in joined for n in group):
        checks.one_of("blocks", name, network.parents)
        if name not in hidden:
            raise InputError(f"blocks: {name!r} is observed, so it is in no block")
        if name in seen:
            raise InputError(f"blocks: {name!r} is in two of them")
        seen.add(name)
    groups = {}
    for name in hidden:
        group = next((g for g in joined if name in g), (name,))
        groups["+".join(group)] = group
    return groups


class BayesNetPosterior:
    """The table of all joint values of the unobserved variables, in their own order."""

    def __init__(self, model: BayesNet) -> None:
        self.hidden, self._model = model.hidden, model
        count = len(self.hidden)
        log_weights = np.zeros((2,) * count)
        self.constant = 0.0
        for names, table in model.network.reduced(model.evidence):
            if not names:
                self.constant += float(table)
                continue
            axes = [self.hidden.index(n) for n in names]
            shape = [2 if i in axes else 1 for i in range(count)]
            log_weights = log_weights + np.transpose(table, np.argsort(axes)).reshape(shape)
        if np.isneginf(log_weights).all():
            raise InputError("evidence: has probability zero")
        self.table = BinaryTable(log_weights.ravel())

    @property
    def mean(self) -> Mapping[str, Any]:
        return dict(zip(self.hidden, self.table.marginals(), strict=True))

    @property
    def sd(self) -> Mapping[str, Any]:
        return {name: np.sqrt(p * (1.0 - p)) for name, p in self.mean.items()}

    def log_density(self, values: Values) -> Any:
        x = np.stack(np.broadcast_arrays(*(values[n] for n in self.hidden)), axis=-1)
        valid = np.isin(x, (0, 1)).all(-1)
        return np.where(valid, self.table.log_density((x == 1).astype(np.int64)), -np.inf)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        drawn = self.table.sample(rng, n)
        return self._model._in_blocks(dict(zip(self.hidden, drawn.T, strict=True)))

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """sum_x q(x) log q(x)/p(x) over all joint values."""
        groups = self._model.groups
        tables = {name: q[name].parameters["probabilities"] for name in groups}
        batch = next(iter(tables.values())).shape[:-1]
        with np.errstate(divide="ignore"):
            log_q = {name: np.log(table) for name, table in tables.items()}
        found = [
            self.table.kl_from(
                (indices(self.hidden, names), log_q[b][at].reshape((2,) * len(names)))
                for b, names in groups.items()
            )
            for at in np.ndindex(batch)
        ]
        values, sizes = np.array(found).T.reshape(2, *batch)
        return Estimate(values, rounding(sizes), "enumeration")
