"""A value of a family is an array (*lead, *event), or a pair of them; these treat both alike."""

import numpy as np


def parts(z):
    """The arrays that a value is made of: itself, or those of a pair."""
    return tuple(z) if isinstance(z, tuple) else (z,)


def mapped(function, z):
    """The same kind of value, each of its arrays put through a function."""
    return type(z)(*map(function, z)) if isinstance(z, tuple) else function(z)


def at(z, index):
    """Part of a value along its leading axes."""
    return mapped(lambda array: np.asarray(array)[index], z)


def event_shapes(family):
    """The event shape of each array of a value."""
    shape = family.event_shape
    return tuple(shape) if hasattr(shape, "_fields") else (shape,)


def columns(z, family):
    """A value (*lead, *event) as one array (*lead, numbers)."""
    arrays = []
    for array, shape in zip(parts(z), event_shapes(family), strict=True):
        array = np.asarray(array, dtype=float)
        arrays.append(array.reshape(*array.shape[: array.ndim - len(shape)], -1))
    return np.concatenate(arrays, axis=-1)


def block_values(model, latents):
    """What users see, back in the blocks it is made of; the inverse of `model.latents`."""
    values = {}
    for name, block in model.blocks.items():
        if name in latents:
            values[name] = latents[name]
        elif hasattr(block.family.event_shape, "_fields"):
            values[name] = type(block.family.event_shape)(*(latents[n] for n in PAIRS[name]))
        else:
            latent, coordinate = name.split(".")
            index = HALVES[coordinate] if coordinate in HALVES else int(coordinate)
            values[name] = latents[latent][..., index]
    return values


HALVES = {"even": slice(0, None, 2), "odd": slice(1, None, 2)}
PAIRS = {"components": ("means", "precisions")}
