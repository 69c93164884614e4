"""Tables as pandas has them; pandas is imported when it is asked for, and need not be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vi_lab.results.coordinates import write_coordinates


def make_frame(rows: Sequence[Mapping[str, Any]], index: str | list[str]) -> Any:
    """Rows as a DataFrame, some of whose columns become its index."""
    return _import_pandas().DataFrame([dict(row) for row in rows]).set_index(index)


def frame_draws(draws: Mapping[str, np.ndarray], lead: tuple[str, ...]) -> Any:
    """Draws (*lead, ...) by name as a DataFrame: a row a draw, a column a coordinate.

    `lead` names the leading axes, which number the rows.
    """
    pandas = _import_pandas()
    columns: dict[str, np.ndarray] = {}
    for name, array in draws.items():
        shape = array.shape[len(lead) :]
        flat = array.reshape(-1, int(np.prod(shape, dtype=np.int64)))
        columns |= dict(zip(write_coordinates(name, shape), flat.T, strict=True))
    sizes = next(iter(draws.values())).shape[: len(lead)]
    index = pandas.MultiIndex.from_product([range(n) for n in sizes], names=lead)
    return pandas.DataFrame(columns, index=index if len(lead) > 1 else index.get_level_values(0))


def _import_pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise ImportError("to_pandas() needs pandas: pip install pandas") from None
    return pandas
