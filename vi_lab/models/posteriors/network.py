"""A directed network of binary variables: its tables, checked, and draws along its arrows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputError
from vi_lab.numerics.arithmetic import log, log1p


class Network:
    """Variables with their parents and tables.

    Parameters
    ----------
    parents, tables : as `BayesNet` takes them

    Attributes
    ----------
    parents : dict of name -> tuple of names
    tables : dict of name -> P(variable = 1 | parents), shape (2,) * parents
    order : tuple of names, each after its parents
    """

    def __init__(self, parents: Any, tables: Any) -> None:
        for argument, given in (("parents", parents), ("tables", tables)):
            fits = isinstance(given, Mapping) and bool(given)
            checks.require(fits, f"{argument}: needs a dict by variable", given)
        self.parents = {
            str(name): checks.names(f"parents[{name!r}]", of) for name, of in parents.items()
        }
        for name, of in self.parents.items():
            for parent in of:
                checks.one_of(f"parents[{name!r}]", parent, self.parents)
        for name in tables:
            checks.one_of("tables", name, self.parents)
        self.tables: dict[str, np.ndarray] = {}
        for name, of in self.parents.items():
            if name not in tables:
                raise InputError(f"tables: needs a table for every variable, {name!r} has none")
            table = checks.real_array(f"tables[{name!r}]", tables[name], len(of))
            if table.shape != (2,) * len(of):
                raise InputError(
                    f"tables[{name!r}]: needs shape {(2,) * len(of)}, an axis for each parent, "
                    f"got {table.shape}"
                )
            if (table < 0).any() or (table > 1).any():
                raise InputError(
                    f"tables[{name!r}]: needs probabilities from 0 to 1, got {table.min():g} to "
                    f"{table.max():g}"
                )
            self.tables[name] = table
        self.order = self._sort()

    def _sort(self) -> tuple[str, ...]:
        order: list[str] = []
        while len(order) < len(self.parents):
            ready = [
                n for n, of in self.parents.items() if n not in order and set(of) <= set(order)
            ]
            if not ready:
                left = ", ".join(n for n in self.parents if n not in order)
                raise InputError(f"parents: need a network without cycles, got one among {left}")
            order += ready
        return tuple(order)

    def check_evidence(self, given: Any) -> dict[str, int]:
        """Evidence checked: known variables, values 0 or 1."""
        checks.require(
            isinstance(given, Mapping), "evidence: needs a dict of 0 or 1 by variable", given
        )
        found = {}
        for name, value in given.items():
            checks.one_of("evidence", name, self.parents)
            if np.ndim(value) or value not in (0, 1):
                raise InputError(f"evidence: needs 0 or 1 for {name!r}, got {short_repr(value)}")
            found[name] = int(value)
        return found

    def reduce_tables(
        self, evidence: Mapping[str, int]
    ) -> Iterator[tuple[tuple[str, ...], np.ndarray]]:
        """Each log table at the evidence: the unobserved variables it has, an axis for each."""
        for name, of in self.parents.items():
            up = self.tables[name]
            table = np.stack([log1p(-up), log(up)], axis=-1)
            names = (*of, name)
            at = tuple(evidence[n] if n in evidence else slice(None) for n in names)
            yield tuple(n for n in names if n not in evidence), np.asarray(table[at])

    def sample(self, rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        """Draws of all variables (count,), each after its parents."""
        drawn: dict[str, np.ndarray] = {}
        for name in self.order:
            p = self.tables[name][tuple(drawn[parent] for parent in self.parents[name])]
            drawn[name] = (rng.random(count) < p).astype(np.int8)
        return drawn

    def log_probability(self, values: Mapping[str, Any], count: int) -> np.ndarray:
        """log p of all variables together, (count,)."""
        total = np.zeros(count)
        for name, of in self.parents.items():
            up = self.tables[name][tuple(np.asarray(values[p], np.int64) for p in of)]
            total = total + log(np.where(np.asarray(values[name]) == 1, up, 1.0 - up))
        return total

    def couples(self) -> tuple[tuple[str, str], ...]:
        """Pairs of variables with a child in common, each once."""
        pairs = (pair for of in self.parents.values() for pair in combinations(of, 2))
        return tuple(dict.fromkeys(pairs))
