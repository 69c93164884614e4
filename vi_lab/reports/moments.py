"""Mean and sd of every summary by every method, as a page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from vi_lab.plots import View
from vi_lab.reports.words import signed
from vi_lab.results import LinearResponse
from vi_lab.results.coordinates import write_coordinates

MOST = 12  # coordinates of one summary that are shown
DIGITS = 12  # after the point


class Moments(NamedTuple):
    """A table: a line a coordinate, a column a method.

    Attributes
    ----------
    methods : tuple of str
    lines : tuple of (str, tuple of str)
        A coordinate, and mean ± sd by each method, "" where a method has none.
    notes : tuple of str
        Which coordinates of a long summary these are.
    """

    methods: tuple[str, ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[str, ...]


def tabulate_moments(
    views: Mapping[str, View], responses: Mapping[str, LinearResponse]
) -> Moments | None:
    """The table of these results, by method; None where there are none.

    Of a summary with more than MOST coordinates those are shown on which the methods are farthest
    from the first of them, the truth where it is known, in its sds.
    """
    if not views:
        return None
    lines: list[tuple[str, tuple[str, ...]]] = []
    notes = []
    first = next(iter(views.values()))
    for name in first.summaries:
        found = dict(_list_moments(name, views, responses))
        means, sds = (np.stack([moments[i] for moments in found.values()]) for i in (0, 1))
        shape = means.shape[1:]
        texts = write_coordinates(name, shape)
        chosen = list(range(len(texts)))
        if len(texts) > MOST:
            chosen = _find_farthest(means.reshape(len(found), -1), sds.reshape(len(found), -1))
            notes.append(
                f"{name}: {len(chosen)} of {len(texts):,} numbers, those on which a method is "
                f"farthest from {'the truth' if 'exact' in views else 'the first method'}"
            )
        for i in chosen:
            here = np.unravel_index(i, shape)
            written = {m: _write(mean[here], sd[here]) for m, (mean, sd) in found.items()}
            lines.append((texts[i], tuple(written.get(m, "") for m in (*views, *responses))))
    return Moments((*views, *responses), tuple(lines), tuple(notes))


def _list_moments(
    name: str, views: Mapping[str, View], responses: Mapping[str, LinearResponse]
) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    """Means and sds of one summary, by method; a linear response has those of latents alone."""
    for method, view in views.items():
        yield method, view.all_moments(name)
    first = next(iter(views.values()))
    for method, response in responses.items():
        if first.is_latent(name) and name in response.names:
            yield method, (np.asarray(response.mean(name)), np.asarray(response.sd(name)))


def _find_farthest(means: np.ndarray, sds: np.ndarray) -> list[int]:
    """The MOST coordinates whose means are farthest from the first, (methods, coordinates)."""
    scale = np.where(sds[0] > 0, sds[0], 1.0)
    apart = np.max(np.abs(means - means[0]) / scale, axis=0)
    return np.sort(np.argsort(-apart, kind="stable")[:MOST]).tolist()


def _write(mean: float, sd: float) -> str:
    """Both to the second digit of the sd."""
    if not 0 < sd < np.inf:
        return signed(f"{mean:.4g} ± {sd:g}")
    places = int(np.clip(1 - np.floor(np.log10(sd)), 0, DIGITS))
    return signed(f"{mean:,.{places}f} ± {sd:,.{places}f}")
