"""What models and results hold, so that nobody changes it: it can be read alone."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, Self, TypeVar

import numpy as np

from vi_lab.arguments.ownership import is_ours

K = TypeVar("K")
V = TypeVar("V")


def read_only(array: Any) -> np.ndarray:
    """The array as a view of a base that nobody can write to: `setflags(write=True)` fails.

    Of an array that is itself a view, the view is of a copy: its base is somebody's, unless nobody
    can write to that either.
    """
    base = np.asarray(array)
    frozen = isinstance(base.base, np.ndarray) and not base.base.flags.writeable
    if base.base is not None and not frozen:
        base = base.copy()
    base.setflags(write=False)
    return base.view()


def close(array: np.ndarray) -> np.ndarray:
    """The same without a copy, for arrays of our own: whatever the array is a view of is closed."""
    view = array.view()
    part: Any = view
    while isinstance(part, np.ndarray):
        part.setflags(write=False)
        part = part.base
    return view


def freeze_arrays(thing: Any) -> None:
    """Make every array that an object holds for its users `read_only`, in a tuple too."""
    for name in [name for name in vars(thing) if not name.startswith("_")]:
        match vars(thing)[name]:
            case np.ndarray() as array:
                vars(thing)[name] = read_only(array)
            case tuple() as row if any(isinstance(one, np.ndarray) for one in row):
                kept = [read_only(one) if isinstance(one, np.ndarray) else one for one in row]
                vars(thing)[name] = getattr(row, "_make", tuple)(kept)


def close_all(thing: Any, seen: dict[int, tuple[Any, Any]] | None = None) -> Any:
    """The thing with every array of our own that it holds closed, however deep: in tuples, lists,
    dicts and objects of vi_lab's, which are changed in place. Models and results close theirs by
    themselves."""
    seen = {} if seen is None else seen
    if id(thing) in seen:
        return seen[id(thing)][1]
    seen[id(thing)] = thing, thing  # kept, so that no other thing gets its id
    closed = thing
    if isinstance(thing, np.ndarray):
        closed = close(thing)
    elif isinstance(thing, tuple):
        closed = getattr(thing, "_make", tuple)([close_all(part, seen) for part in thing])
    elif isinstance(thing, list):
        thing[:] = [close_all(part, seen) for part in thing]
    elif type(thing) is dict:
        thing.update({key: close_all(part, seen) for key, part in thing.items()})
    elif is_ours(thing) and not isinstance(thing, FrozenCopies):
        close_all(getattr(thing, "__dict__", None), seen)
    seen[id(thing)] = thing, closed
    return closed


class FrozenCopies:
    """A model or a result that is frozen again where it was pickled or deep-copied: arrays that
    NumPy makes then can be written to. A user's model is the user's affair."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if is_ours(self):
            freeze_arrays(self)


class FrozenOnceMade(FrozenCopies):
    """A model whose attributes cannot be changed once `freeze_after_init` has seen it made."""

    def __setattr__(self, name: str, value: Any) -> None:
        self._refuse_change(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._refuse_change(name)
        super().__delattr__(name)

    def _refuse_change(self, name: str) -> None:
        """A function may be put in the place of a method: so mistakes are planted."""
        held = not callable(getattr(type(self), name, None)) and not name.startswith("_")
        if "_frozen" in vars(self) and held:
            made = f"{type(self).__name__}: {name} cannot be changed once the model is made"
            raise AttributeError(f"{made}; make another")

    def __copy__(self) -> Self:
        """A twin, made to be changed: to plant a mistake, say."""
        twin = object.__new__(type(self))
        vars(twin).update({k: v for k, v in vars(self).items() if k != "_frozen"})
        return twin


class ReadOnlyDict(dict[K, V]):
    """A dict that cannot be changed, nor any array in it; it can be pickled, as
    `types.MappingProxyType` cannot."""

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]]) -> None:
        super().__init__(items)
        for key, value in list(self.items()):
            if isinstance(value, np.ndarray):
                super().__setitem__(key, read_only(value))  # type: ignore[assignment]

    def _refuse(self, *arguments: Any, **keywords: Any) -> NoReturn:
        raise TypeError(
            "this mapping belongs to a model or a result and cannot be changed; take dict(...)"
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> Any:
        return type(self), (dict(self),)


class ClosedMappings:
    """A frozen dataclass the dicts of which cannot be changed either."""

    def __post_init__(self) -> None:
        close_mappings(self)


def close_mappings(result: Any) -> None:
    """Put dicts that cannot be changed in the place of those of a frozen result."""
    for name, value in list(vars(result).items()):
        if type(value) is dict:
            object.__setattr__(result, name, ReadOnlyDict(value))


def freeze_after_init(cls: type) -> None:
    """Instances of this class, and of no subclass, refuse new values of their public attributes.

    What was computed from data and hyperparameters would not follow a change of these. No public
    array can be written to.
    """
    init = cls.__init__  # type: ignore[misc]

    @functools.wraps(init)
    def frozen(self: Any, *arguments: Any, **keywords: Any) -> None:
        init(self, *arguments, **keywords)
        if type(self) is cls:
            freeze_arrays(self)
            close_all([part for name, part in vars(self).items() if not name.startswith("_")])
            vars(self)["_frozen"] = True

    cls.__init__ = frozen  # type: ignore[misc]
