"""Binary variables joined into blocks: values and tables by variable, and by block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import InputError, refuse_if
from vi_lab.model import Values
from vi_lab.models.posteriors.log_table import LogTable
from vi_lab.models.posteriors.network import Network
from vi_lab.numerics import enumeration


class Grouping:
    """Which of a network's unobserved variables are updated together.

    Parameters
    ----------
    network : Network
    evidence : dict of name -> 0 or 1
        As the network checked it.
    blocks : as `BayesNet` takes them

    Attributes
    ----------
    hidden : tuple of names
        The unobserved variables, in the network's order.
    groups : dict of block -> names
        The variables of each block, in the order of the blocks' first variables.
    place : dict of name -> (block, int)
        Where each variable is.
    """

    def __init__(self, network: Network, evidence: Mapping[str, int], blocks: Any) -> None:
        self.network, self.evidence = network, evidence
        self.hidden = tuple(name for name in network.parents if name not in evidence)
        if not self.hidden:
            raise InputError("evidence: needs at least one variable unobserved, all are given")
        joined = [checks.names("blocks", group) for group in checks.as_tuple("blocks", blocks)]
        seen: set[str] = set()
        for name in (n for group in joined for n in group):
            checks.one_of("blocks", name, network.parents)
            if name not in self.hidden:
                raise InputError(f"blocks: {name!r} is observed, so it is in no block")
            refuse_if(name in seen, f"blocks: {name!r} is in two of them")
            seen.add(name)
        self.groups: dict[str, tuple[str, ...]] = {}
        for name in self.hidden:
            group = next((g for g in joined if name in g), (name,))
            self.groups["+".join(group)] = group
        self.place = {
            name: (block, i) for block, names in self.groups.items() for i, name in enumerate(names)
        }

    def pack(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Variables by name as block values."""
        return {
            block: values[names[0]]
            if len(names) == 1
            else np.stack([values[n] for n in names], axis=-1)
            for block, names in self.groups.items()
        }

    def unpack(self, values: Values) -> dict[str, Any]:
        """Each variable by its name, taken out of its block."""
        found = {}
        for name in self.hidden:
            block, i = self.place[name]
            if block in values:
                alone = len(self.groups[block]) == 1
                found[name] = values[block] if alone else np.asarray(values[block])[..., i]
        return found

    def tables(self) -> tuple[float, dict[tuple[str, ...], LogTable]]:
        """log p as a constant and a sum of tables over blocks: an axis a block, an entry for each
        of its joint values."""
        constant = 0.0
        factors: dict[tuple[str, ...], Any] = {}
        for names, table in self.network.reduce_tables(self.evidence):
            touched = tuple(b for b in self.groups if any(self.place[n][0] == b for n in names))
            if not touched:
                constant += float(table)
                continue
            values = {
                b: enumeration.labellings(len(self.groups[b]), 2).reshape(
                    *(1,) * i, -1, *(1,) * (len(touched) - 1 - i), len(self.groups[b])
                )
                for i, b in enumerate(touched)
            }
            at = tuple(values[self.place[n][0]][..., self.place[n][1]] for n in names)
            factors[touched] = factors.get(touched, 0.0) + table[at]
        if np.isneginf(constant):
            raise InputError("evidence: has probability zero whatever the other variables are")
        return constant, {blocks: LogTable(table) for blocks, table in factors.items()}
