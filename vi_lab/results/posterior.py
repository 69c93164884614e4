"""What every result offers: the common language of Exact, Draws and Factorised."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from vi_lab._version import __version__
from vi_lab.arguments import checks
from vi_lab.arguments.axes import Axes
from vi_lab.arguments.block_values import draw_data, put_back
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import FrozenCopies
from vi_lab.arguments.types import Rng
from vi_lab.errors import InputError, NumericalError, ResultFileError, printable, refuse_if
from vi_lab.model_or_problem import M_co, model_behind
from vi_lab.results import tables
from vi_lab.results.frames import frame_draws
from vi_lab.results.marginals import WithMarginals, refuse_nominal, unwrap
from vi_lab.runtime import storage

FORMAT = "vi_lab result 1"  # what a saved result calls itself

TABLE_ROWS = 12  # a table in a notebook shows this many coordinates


class Cost(NamedTuple):
    """What a method spent, summed over chains or restarts."""

    density_evaluations: int = 0
    complete_conditionals: int = 0
    gradients: int = 0

    def pack(self) -> dict[str, int]:
        """As a file has it: files of methods without gradients do not speak of them."""
        found = self._asdict()
        return found if self.gradients else {k: v for k, v in found.items() if k != "gradients"}


class Posterior(WithMarginals[M_co], FrozenCopies):
    """What every result offers."""

    seconds: float
    interrupted: bool = False

    @public
    def to_pandas(self, n: int = 1000, *, rng: Rng = None) -> Any:
        """n joint draws as a pandas DataFrame, a row a draw and a column a coordinate (needs
        pandas); `summary().to_pandas()` is the table of moments."""
        return frame_draws(self.sample(n, rng=rng), ("draw",))

    @public
    def posterior_predictive(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """n data sets as the model would draw them again, each given one of n joint draws.

        Returns
        -------
        dict of str to array
            By the name of the data in the model's constructor, (n, *shape of the data).
        """
        model, rng = model_behind(self), checks.generator(rng)
        draws = self.sample(n, rng=rng)
        hidden, sources = set(model.auxiliary), model.sources
        lost = [z for z in sources if z not in draws and not hidden.issuperset(sources[z])]
        kept = f"posterior_predictive: needs draws of every latent, and has none of {lost}"
        refuse_if(lost, kept)

        return draw_data(model, lambda: put_back(model, draws), n, rng)

    @public
    def for_model(self, model: Any) -> Posterior:
        """This posterior as one of a model's latents: itself, unless it is one for any data."""
        return self

    def _read_point(
        self, values: Mapping[str, Any], known: Iterable[str], means: Mapping[str, Any]
    ) -> dict[str, np.ndarray]:
        """Latents by name, each (*batch, *shape of its mean) with one batch, for a density.

        `known` may be given, what `names` lists must be, and those without a mean are passed over.
        """
        checks.require(
            isinstance(values, Mapping), "values: needs a dict of latents by name", values
        )
        for name in values:
            checks.one_of("values", name, known)
        needed, came = ", ".join(self.names), ", ".join(values) or "none"
        missing = not set(self.names) <= set(values)
        refuse_if(missing, f"values: needs every latent ({needed}), got {came}")
        leads, arrays = {}, {}
        for name in (name for name in values if name in means):
            array, event = checks.numbers(name, values[name]), np.shape(means[name])
            event = event[:-1] if name in self._nominal() else event
            count = max(array.ndim - len(event), 0)
            if array.shape[count:] != event:
                raise InputError(f"{name}: needs trailing shape {event}, got {array.shape}")
            leads[name], arrays[name] = array.shape[:count], array
        try:
            batch = np.broadcast_shapes(*leads.values())
        except ValueError:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            raise InputError(f"values: the batch shapes do not match: {shapes}") from None
        return {
            name: np.broadcast_to(array, batch + array.shape[len(leads[name]) :])
            for name, array in arrays.items()
        }

    def table(self) -> list[dict[str, Any]]:
        """One row a coordinate: latent, mean, sd (and R-hat and ESS where they exist)."""
        self._diagnose_all()
        return list(self._rows())

    def _rows(self) -> Iterator[dict[str, Any]]:
        """The rows of the table, each made when it is asked for."""
        for name in self.names:
            mean = np.asarray(self.mean(name))
            sd = None if name in self._nominal() else np.asarray(self.sd(name))
            for index in np.ndindex(mean.shape):
                row: dict[str, Any] = {
                    "latent": name + (str(list(index)).replace(" ", "") if index else ""),
                    "mean": float(mean[index]),
                }
                if sd is not None:
                    row["sd"] = float(sd[index])
                row.update(self._diagnose(name, index))
                yield row

    @abstractmethod
    def pack(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The arrays of this result, and what else is needed to make it again."""

    @classmethod
    @abstractmethod
    def unpack(cls, record: Any, arrays: Any, model: Any) -> Self:
        """The result of this model that `pack` took apart; a density is one of its model alone.

        KeyError where the record or the arrays lack something, ResultFileError where a number in
        them does not come out again.
        """

    @public
    def save(self, path: str | os.PathLike[str], seed: Any = None) -> Path:
        """Write <path>.npz and <path>.json, each whole or not at all; read back by vi_lab.load.

        The JSON says what the numbers are and how they came about: versions, seed, command.

        Parameters
        ----------
        path : path without a suffix (a .npz or .json suffix is taken off)
        seed : anything JSON can hold, optional
            The seed to note; the run's own where it is not given.
        """
        path = checks.path("path", path)
        arrays, record = self.pack()
        about: dict[str, Any] = {
            "format": FORMAT,
            "kind": type(self).__name__,
            "method": self.method,
        }
        if self.model is not None:
            about["model"] = type(self.model).__name__
        about["seconds"] = self.seconds
        settings = record.get("settings", {})
        about["seed"] = settings.get("seed") if seed is None else seed
        if settings.get("seed", 0) is None and seed is not None:  # it is said above, once
            record["settings"] = {k: v for k, v in settings.items() if k != "seed"}
        return storage.write_pair(
            path, arrays, {**about, **record, "provenance": storage.provenance()}
        )

    def _diagnose_all(self) -> None:
        """What `_diagnose` finds at once, where every coordinate will be asked for."""

    def _diagnose(self, name: str, index: tuple[int, ...]) -> dict[str, float]:
        return {}

    def __repr__(self) -> str:
        try:
            rows = list(islice(self._rows(), 5))
        except NumericalError as error:  # a result whose moments overflow can still be looked at
            return f"<{self._heading()}: {error}>"
        shown = ", ".join(
            f"{printable(r['latent'])} {r['mean']:.4g}" + (f" ± {r['sd']:.2g}" if "sd" in r else "")
            for r in rows[:4]
        )
        return f"<{self._heading()}{': ' * bool(rows)}{shown}{', …' if len(rows) > 4 else ''}>"

    def _repr_html_(self) -> str:
        rows = list(islice(self._rows(), TABLE_ROWS))
        left = sum(np.size(self.mean(name)) for name in self.names if rows) - TABLE_ROWS
        note = f"{left} more" if left > 0 else ""
        return tables.html(rows, caption=self._heading(), note=note)

    @public
    def to_datatree(self, n: int = 1000, *, rng: Rng = None) -> Any:
        """An ArviZ DataTree with n joint draws as one chain (needs the `datatree` extra)."""
        draws = self.sample(n, rng=rng)
        labels = tuple(self._nominal())
        values = {name: value[None] for name, value in draws.items()}
        return make_datatree(values, self.method, labels, model_behind(self).axes)


class HasMoments(Posterior[M_co]):
    """A posterior whose moments are known latent by latent.

    `_moments` are the means and the sds by latent; of labels both are probabilities.
    """

    _moments: Any

    @property
    @public
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self._moments[0] if name not in self.model.auxiliary)

    @public
    def mean(self, name: str) -> Any:
        checks.one_of("name", name, self._moments[0])
        return unwrap(self._moments[0][name])

    @public
    def sd(self, name: str) -> Any:
        checks.one_of("name", name, self._moments[1])
        refuse_nominal(self._nominal(), name)
        return unwrap(self._moments[1][name])


def read_section(arrays: Mapping[str, Any], section: str) -> dict[str, Any]:
    """The arrays of a file whose names begin with `section`, by the rest of their names."""
    return {key.removeprefix(section): a for key, a in arrays.items() if key.startswith(section)}


def refuse_other_number(name: str, saved: Any, again: Any) -> None:
    """The number in a file must come out again with the model at hand: else ResultFileError."""
    if np.shape(saved) != np.shape(again) or not np.allclose(saved, again, rtol=1e-9, atol=1e-9):
        raise ResultFileError(
            f"the file's {name} {saved} is not this model's {again}: other data or other priors"
        )


def make_datatree(values: Mapping[str, Any], method: str, hidden: Sequence[str], axes: Axes) -> Any:
    """Latents in the group "posterior", the hidden ones in "hidden": their R-hat would say nothing.

    Reals are float64 and whole numbers int64, whatever method drew them. Dimensions and coordinates
    are the model's axes and what stands along them, of latents that have as many.
    """
    try:
        from arviz_base import from_dict
    except ImportError:
        raise ImportError("to_datatree() needs arviz-base: pip install arviz-base") from None
    about = {
        "inference_library": "vi_lab",
        "inference_library_version": __version__,
        "method": method,
    }
    groups: dict[str, dict[str, np.ndarray]] = {"posterior": {}}
    for name, value in values.items():
        array = np.asarray(value)
        array = array.astype(np.int64 if array.dtype.kind in "biu" else np.float64)
        groups.setdefault("hidden" if name in hidden else "posterior", {})[name] = array
    own = {
        n: axes[n] for n in values.keys() & axes.keys() if len(axes[n]) == np.ndim(values[n]) - 2
    }
    return from_dict(
        groups,
        attrs={group: about for group in groups},
        dims={name: list(names) for name, names in own.items()},
        coords={k: list(v) for names in own.values() for k, v in names.items() if v is not None},
    )
