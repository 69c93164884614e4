"""A model with its real data and its priors, under a short name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from vi_lab.arguments import checks
from vi_lab.arguments.axes import Axes
from vi_lab.arguments.public import public, short_repr, suggestion
from vi_lab.arguments.read_only import ReadOnlyDict, close_mappings
from vi_lab.errors import InputTypeError
from vi_lab.model_or_problem import Given_co, HoldsModel, as_given, is_model
from vi_lab.problems.data_arguments import find_hyperparameters, name_hyperparameters
from vi_lab.problems.description import describe, describe_rows
from vi_lab.problems.names import name_changes
from vi_lab.results import tables


@dataclass(frozen=True, eq=False)
class Problem(HoldsModel[Given_co]):
    """A model with its real data and priors under a short name; accepted wherever a model is.

    Attributes
    ----------
    name : str
    story : str
        The generative story in one line.
    data : str
        What was observed, and where it comes from.
    n : int
        The number of observations.
    model : Model or DensityModel
    sweep : (str, tuple), optional
        A parameter of the problem and the values at which the methods are worth watching.
    held_out : array, optional
        Of topics, the words (D, V) of the same documents that are kept from the model: a comparison
        scores every method on them.
    arguments : mapping
        What the model was made with, by the names of its constructor's arguments.
    columns : mapping of str to tuple of str
        The columns that the data come from, by data set of `vi_lab.datasets`.
    axes : mapping of str to mapping
        By latent, what its axes are called in these data: {"theta": {"school": ("A", "B")}}. The
        model is given them.
    look_at : str
        What to look at, in a sentence.
    variant : mapping
        What `problem(name, ...)` was asked to change.
    """

    name: str
    story: str
    data: str
    n: int
    model: Given_co
    sweep: tuple[str, tuple[Any, ...]] | None = None
    held_out: Any = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    axes: Axes = field(default_factory=dict)
    look_at: str = ""
    variant: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """InputTypeError where a field is of another kind."""
        for name in ("name", "story", "data", "look_at"):
            checks.text(name, getattr(self, name))
        checks.integer("n", self.n, 0)
        made = not isinstance(self.model, str) and is_model(self.model)
        checks.require(made, "model: needs a vi_lab model", self.model)
        if self.sweep not in (None, ()):
            pair = isinstance(self.sweep, tuple | list) and len(self.sweep) == 2
            checks.require(pair, "sweep: needs a parameter's name and its values", self.sweep)
            checks.text("sweep", self.sweep[0])
            checks.as_tuple("sweep", self.sweep[1])
        for name in ("arguments", "columns", "axes", "variant"):
            value = getattr(self, name)
            checks.require(isinstance(value, Mapping), f"{name}: needs a dict", value)
            checks.names(name, list(value))
        for key, columns in self.columns.items():
            checks.names(f"columns: {short_repr(key)}", columns)
        for key, axes in self.axes.items():
            what = f"axes: {short_repr(key)} needs a dict of what stands along each axis"
            checks.require(isinstance(axes, Mapping), what, axes)
            checks.names("axes", list(axes))
        close_mappings(self)

    def __repr__(self) -> str:
        return f"Problem({self.name!r}: {self.story}; {self.data})"

    @cached_property
    def description(self) -> dict[str, Any]:
        """Story, prior, data, latents, what to look at, methods and truth: see `describe`."""
        return ReadOnlyDict(describe(self))

    def _repr_html_(self) -> str:
        return tables.html(describe_rows(self.description), caption=self.name)

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """What the model was made with besides its data, as far as it is known."""
        if not self.arguments:
            return find_hyperparameters(as_given(self.model))
        names = name_hyperparameters(type(self.model))
        return {name: self.arguments[name] for name in names if name in self.arguments}

    @public
    def change(self, **hyperparameters: Any) -> Self:
        """The same problem with other hyperparameters, checked by the model itself.

        The name says what is no longer what it was. InputTypeError for a name that is none of
        `settable`.
        """
        refuse_unknown(self.name, hyperparameters, self.settable)
        if not hyperparameters:
            return self
        # what can be read once alone is read here, since it is kept
        new = {k: tuple(v) if isinstance(v, Iterator) else v for k, v in hyperparameters.items()}
        arguments = {**self.arguments, **new}
        return replace(
            self,
            name=name_changes(self.name, new, self.arguments),
            model=make_model(type(self.model), arguments, self.axes),
            arguments=arguments,
        )

    @property
    def settable(self) -> tuple[str, ...]:
        """The hyperparameters that `change` takes: none where it is not known how the model was
        made."""
        return name_hyperparameters(type(self.model)) if self.arguments else ()


def make_model(kind: Callable[..., Any], arguments: Mapping[str, Any], axes: Axes) -> Any:
    """The model of these arguments, whose axes have names of their own besides its class's."""
    model = kind(**arguments)
    if axes:
        vars(model)["axes"] = {**model.axes, **axes}
    return model


def refuse_unknown(name: str, changes: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """InputTypeError, with the nearest name, for a change of what is no hyperparameter."""
    for key in changes:
        if key not in known:
            hint = suggestion(key, known) if known else "; it has no hyperparameter to set"
            raise InputTypeError(f"problem {name!r} has no argument {short_repr(key)}{hint}")
