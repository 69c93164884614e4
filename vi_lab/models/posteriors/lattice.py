"""A square lattice as a checkerboard, its neighbours' sums, and its edges.

A site (i, j) is even or odd as i + j is: an even site has odd neighbours only, so given one colour
the sites of the other are independent. Sites of one colour lie in two rectangles,

    even: rows 0, 2, ... with columns 0, 2, ...  and  rows 1, 3, ... with columns 1, 3, ...
    odd:  rows 0, 2, ... with columns 1, 3, ...  and  rows 1, 3, ... with columns 0, 2, ...

and a colour's values are kept as these two, row by row, one after the other. The neighbours of a
rectangle are then the two rectangles of the other colour, shifted: sums over them are sums of
slices, with no index arrays and no copies.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.errors import InputError


class Checkerboard:
    """The sites of an H x W lattice by colour.

    Parameters
    ----------
    shape : (H, W), at least two sites
    periodic : bool
        Whether each side is closed into a ring: every site then has a right and a lower
        neighbour, 2 H W edges in all. On a side of two these are one pair of sites, joined twice.

    Attributes
    ----------
    sizes : (int, int)
        The number of even and of odd sites.
    edge_count : int
    """

    def __init__(self, shape: tuple[int, int], periodic: bool) -> None:
        self.shape, self.periodic = shape, periodic
        rows, columns = shape
        self.edge_count = 2 * rows * columns - (0 if periodic else rows + columns)
        if rows * columns < 2:
            raise InputError("h: needs at least two sites, got one, which has no neighbour")
        if periodic and (rows % 2 or columns % 2):
            raise InputError(
                f"h: needs even sides where periodic=True, got {rows} x {columns}; round an odd "
                "ring two neighbours have one colour, so it has no checkerboard"
            )
        # the rectangles of either colour as (parity of rows, of columns)
        self._parities = (((0, 0), (1, 1)), ((0, 1), (1, 0)))
        self._shapes = {
            (a, b): ((rows + 1 - a) // 2, (columns + 1 - b) // 2) for a in (0, 1) for b in (0, 1)
        }
        size = {parity: r * c for parity, (r, c) in self._shapes.items()}
        self._first = [size[one] for one, _ in self._parities]
        self.sizes = tuple(size[one] + size[two] for one, two in self._parities)
        site = np.arange(rows * columns).reshape(self.shape)
        self._numbers = [
            np.concatenate([site[a::2, b::2].ravel() for a, b in colour])
            for colour in self._parities
        ]

    def split(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The even and the odd sites of x (*batch, H, W), each (*batch, its size)."""
        sites = x.reshape(*x.shape[:-2], x.shape[-2] * x.shape[-1])
        even, odd = (np.take(sites, number, axis=-1) for number in self._numbers)
        return even, odd

    def join(self, even: Any, odd: Any) -> np.ndarray:
        """The lattice (*batch, H, W) of these even and odd sites; the inverse of `split`."""
        batch = np.broadcast_shapes(np.shape(even)[:-1], np.shape(odd)[:-1])
        sites = np.empty((*batch, sum(self.sizes)), np.result_type(even, odd))
        for number, values in zip(self._numbers, (even, odd), strict=True):
            sites[..., number] = values
        return sites.reshape(batch + self.shape)

    def neighbours(self, values: np.ndarray, colour: int) -> np.ndarray:
        """Sums over each site's neighbours, (*batch, size of `colour`).

        Parameters
        ----------
        values : array (*batch, size of the other colour)
        colour : int
            Of the sites that look round: 0 for even, 1 for odd.
        """
        total = np.zeros((*values.shape[:-1], self.sizes[colour]))
        sources = dict(
            zip(self._parities[1 - colour], self._rectangles(values, 1 - colour), strict=True)
        )
        targets = self._rectangles(total, colour)
        for (a, b), target in zip(self._parities[colour], targets, strict=True):
            self._add(target, sources[a, 1 - b], b)
            # along columns: the same with the two axes exchanged
            self._add(target.swapaxes(-1, -2), sources[1 - a, b].swapaxes(-1, -2), a)
        return total

    def _rectangles(self, values: np.ndarray, colour: int) -> list[np.ndarray]:
        """The two rectangles of a colour, as views where the values allow."""
        first = self._first[colour]
        parts = values[..., :first], values[..., first:]
        return [
            part.reshape(values.shape[:-1] + self._shapes[parity])
            for parity, part in zip(self._parities[colour], parts, strict=True)
        ]

    def _add(self, target: np.ndarray, source: np.ndarray, parity: int) -> None:
        """Add both neighbours along the last axis.

        Site 2c + parity has neighbours 2c + 1 - parity, which the source holds at c, and one that
        it holds at c - 1 (parity 0) or c + 1 (parity 1).
        """
        n, m = target.shape[-1], source.shape[-1]
        both = min(n, m)
        target[..., :both] += source[..., :both]
        if parity == 0:
            target[..., 1 : m + 1] += source[..., : n - 1]
        else:
            target[..., : m - 1] += source[..., 1:]
        if self.periodic:
            end, start = (0, -1) if parity == 0 else (-1, 0)
            target[..., end] += source[..., start]


def edges(x: np.ndarray, periodic: bool) -> dict[str, np.ndarray]:
    """The products of neighbours in x (*batch, H, W), an entry for every edge.

    `edges_right` (*batch, H, W - 1) and `edges_down` (*batch, H - 1, W); one more of each where
    the lattice is closed, the last joined to the first; neither where a side has one site.
    """
    products = {}
    for name, axis in (("edges_right", -1), ("edges_down", -2)):
        if periodic:
            products[name] = x * np.roll(x, -1, axis)
        elif x.shape[axis] > 1:
            along = np.moveaxis(x, axis, -1)
            products[name] = np.moveaxis(along[..., :-1] * along[..., 1:], -1, axis)
    return products
