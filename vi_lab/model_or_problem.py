"""What a user hands in: a model, a problem with its data, the name of one, or an object that looks
like a model.

A name becomes a problem here too, so that every function that takes a model takes a name. The named
problems are built upon models, and models upon this file: they cannot be imported here. Hence
`NAMED`, one table that this file owns and `problems.named` fills as vi_lab is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.descriptions import refuse_odd_descriptions
from vi_lab.arguments.ownership import is_ours
from vi_lab.density_model import BaseModel, DensityModel
from vi_lab.errors import InputError, NotApplicable
from vi_lab.model import Block, Model, Values

# What a model may define, by the names of earlier versions, and what each is called now.
FORMER_HOOKS = {
    "sample_starts": "sample_initial_values",
    "distinct": "named_labels",
    "large": "costly",
    "why_locked": "why_reducible",
}
DENSITY = ("dimension", "log_density", "sample_latents")  # what a model without blocks needs
MISSING = object()


class HasBlocks(Protocol):
    """What a user's own model with blocks needs; a `Model` has it."""

    @property
    def blocks(self) -> Mapping[str, Block]: ...
    def log_joint(self, stats: Any, /) -> Any: ...
    def sample_latents(self, rng: np.random.Generator, batch: Any = (), /) -> Values: ...


class HasDensity(Protocol):
    """What a user's own model of a density alone needs; a `DensityModel` has it."""

    @property
    def dimension(self) -> int: ...
    def log_density(self, z: Any, /) -> Any: ...
    def sample_latents(self, rng: np.random.Generator, batch: Any = (), /) -> Values: ...


class NamedModel(Model):
    """The model behind a name, for type checkers: a name does not say what else the model has."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


AnyModel: TypeAlias = BaseModel | HasBlocks | HasDensity

if TYPE_CHECKING:  # so that who writes `Exact` for `Exact[NormalGamma]` is understood
    from typing_extensions import TypeVar

    M = TypeVar("M", bound=AnyModel, default=NamedModel)  # of functions
    M_co = TypeVar("M_co", bound=Any, default=Any, covariant=True)  # of results, which ask no more
    Given_co = TypeVar("Given_co", bound=AnyModel, default=Any, covariant=True)  # of problems
else:
    from typing import TypeVar

    M, M_co, Given_co = TypeVar("M"), TypeVar("M_co"), TypeVar("Given_co")


class HoldsModel(Generic[M_co]):
    """What stands for the model it holds, as a `Problem` does."""

    model: M_co


NAMED: dict[str, Callable[..., HoldsModel]] = {}  # what builds each named problem, by its name

# What every function that takes a model takes: a model, a problem, or the name of one.
ModelLike: TypeAlias = AnyModel | HoldsModel | str
# The same where the answer holds the model: `exact(NormalGamma(...))` is an Exact[NormalGamma].
ModelOrProblem: TypeAlias = M | HoldsModel[M] | str


class LookAlike:
    """A model of a user's own that inherits from none of ours, with our defaults behind it.

    Whatever the object defines comes from the object; whatever it does not, from `kind`. A result
    holds the object itself, `given`.
    """

    def __init__(self, given: Any, kind: Any, blocks: dict[str, Block]) -> None:
        self.given, self.kind, self.blocks = given, kind, blocks

    def __repr__(self) -> str:
        return repr(self.given)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # as copy and pickle ask of an object that is not made yet
            raise AttributeError(name)
        own = getattr(self.given, name, MISSING)
        if own is not MISSING:
            return own
        # as inspect.getattr_static has it, which takes as long as a log density of a few numbers
        owners = (base for base in self.kind.__mro__ if name in base.__dict__)
        if (owner := next(owners, None)) is None:
            raise AttributeError(name)
        default = owner.__dict__[name]
        bound = getattr(type(default), "__get__", None)  # of methods and properties
        return bound(default, self, self.kind) if bound else default


def as_model(model: ModelLike) -> Model:
    """The model itself, or a problem's, or a named problem's, with everything `BaseModel` has.

    Typed as the larger kind of model; one of a density alone has no blocks and its own log density.
    InputTypeError for anything else, InputError for an unknown name and for a model that has a hook
    by a former name.
    """
    if isinstance(model, str):
        model = NAMED[checks.one_of("model", model, NAMED)]()
    if isinstance(model, HoldsModel):
        return as_model(model.model)
    whole: Any = _with_defaults(model)
    needed = "model: needs a vi_lab model or problem"
    checks.require(whole is not None, f"{needed}, or a problem's name", model)
    _refuse_former_hooks(as_given(model))
    if not is_ours(as_given(model)):
        refuse_odd_descriptions(whole)
    return whole


def is_model(thing: Any) -> bool:
    """Whether it can be handed in as a model, or is text, which may name one."""
    return isinstance(thing, HoldsModel | str) or _with_defaults(thing) is not None


def _with_defaults(model: Any) -> Any:
    """A model of ours as it is, another with what a model needs as a look-alike, else None."""
    # by descent: isinstance counts whatever has the methods of a DensityModel
    whole = isinstance(model, LookAlike) or BaseModel in type(model).__mro__
    blocks = getattr(model, "blocks", None)
    if isinstance(blocks, dict) and blocks:
        return model if whole else LookAlike(model, Model, blocks)
    if whole:
        return None if isinstance(model, Model) else model  # without blocks it is not finished
    if all(getattr(model, name, MISSING) is not MISSING for name in DENSITY):
        return LookAlike(model, DensityModel, {})
    return None


def _refuse_former_hooks(model: Any) -> None:
    """A hook by its former name would never be called: InputError with the present name."""
    for part in (model, *type(model).__mro__):
        for former in FORMER_HOOKS.keys() & getattr(part, "__dict__", {}).keys():
            name, now = type(model).__name__, FORMER_HOOKS[former]
            raise InputError(
                f"model: {name} defines {former}, which is now called {now}; rename it"
            )


def as_given(model: Any) -> Any:
    """What was handed in: the model itself, or what a look-alike stands for."""
    return model.given if isinstance(model, LookAlike) else model


def model_behind(result: Any) -> Any:
    """The model of a result, with everything that `BaseModel` has.

    A result that was read back without its model has one that says nothing.
    """
    return Unknown() if result.model is None else as_model(result.model)


class Unknown(BaseModel):
    """The model of a result that was read back without it."""

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        raise NotApplicable("the model of this result is not known")


def same_model(one: Any, two: Any) -> bool:
    """Whether two models are one: the same object, or two of vi_lab's own built from the same
    numbers, as problem("coal") asked for twice. Of a model of one's own only the object is known.
    """
    one, two = as_given(one), as_given(two)
    return one is two or (is_ours(one) and _are_alike(one, two))


def _are_alike(one: Any, two: Any) -> bool:
    """Equal in all that was set at construction; what is computed from it on demand, and what its
    axes are called, is left out, and functions are alike only where they are one."""
    if one is two:
        return True
    if type(one) is not type(two):
        return False
    if isinstance(one, np.ndarray):
        return np.array_equal(one, two, equal_nan=one.dtype.kind == "f")
    if isinstance(one, int | float | complex | str | bytes | np.generic):
        return bool(one == two)
    parts, others = _parts(one), _parts(two)
    return parts.keys() == others.keys() and all(_are_alike(parts[n], others[n]) for n in parts)


def _parts(thing: Any) -> Mapping[Any, Any]:
    """What a thing of ours, or one that holds things, is made of; any other is its own part."""
    if isinstance(thing, Mapping):
        return thing
    if isinstance(thing, list | tuple):
        return dict(enumerate(thing))
    if not is_ours(thing):
        return {id(thing): thing}
    kind = type(thing)
    later = {name for name in vars(thing) if isinstance(getattr(kind, name, None), cached_property)}
    return {
        name: part for name, part in vars(thing).items() if name not in later | {"blocks", "axes"}
    }


def as_model_unless(why_not: Callable[[Any], str | None], model: ModelLike) -> Model:
    """As `as_model`; NotApplicable where there is a reason why not."""
    model = as_model(model)
    if reason := why_not(model):
        raise NotApplicable(reason)
    return model


def as_conjugate_model(model: ModelLike, method: str) -> Model:
    """As `as_model`; refuses models that offer a density alone, with the reason."""
    return as_model_unless(lambda whole: whole.why_not_conjugate(method), model)
