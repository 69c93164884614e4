"""Derivatives without a derivation: what every hand-derived gradient is held against.

A complex step, Im f(x + ih v) / h with h = 1e-20, subtracts nothing and so loses no digit; it needs
f to be analytic. A central difference needs nothing and loses half of them.
"""

import numpy as np

TINY = 1e-20


def complex_step(function, point, direction):
    """The derivative of a real-valued function of a list of arrays along a direction."""
    moved = [x + 1j * TINY * v for x, v in zip(point, direction, strict=True)]
    return np.imag(function(*moved)) / TINY


def central_difference(function, point, direction, step=1e-5):
    up = [x + step * v for x, v in zip(point, direction, strict=True)]
    down = [x - step * v for x, v in zip(point, direction, strict=True)]
    return (function(*up) - function(*down)) / (2 * step)


def inner(gradients, direction):
    return sum(float((g * v).sum()) for g, v in zip(gradients, direction, strict=True))


def check_gradient(function, gradients, point, rng, analytic=True, directions=5):
    """<gradient, v> is the derivative along v, for random v: to 1e-12 and to 1e-6 (relative).

    The size against which an error counts is that of a typical |gradient| |v|, so that a direction
    that happens to lie across the gradient is no easier or harder than another.
    """
    for gradient, x in zip(gradients, point, strict=True):
        assert np.shape(gradient) == np.shape(x)
    size = np.sqrt(sum(float((np.asarray(g) ** 2).sum()) for g in gradients)) + 1e-300
    for _ in range(directions):
        direction = [rng.standard_normal(np.shape(x)) for x in point]
        claimed = inner(gradients, direction)
        if analytic:
            exact = complex_step(function, point, direction)
            assert abs(claimed - exact) <= 1e-12 * (size + abs(exact)), (claimed, exact)
        numeric = central_difference(function, point, direction)
        assert abs(claimed - numeric) <= 1e-6 * (size + abs(numeric)), (claimed, numeric)


def check_layer(forward, backward, inputs, rng, analytic=True):
    """A layer's backward pass against its forward pass, for random covectors.

    `backward(covector, cache)` returns the gradients of all inputs, in their order.
    """
    output, cache = forward(*inputs)
    for _ in range(3):
        covector = rng.standard_normal(np.shape(output))

        def pulled(*point, covector=covector):
            return (covector * forward(*point)[0]).sum()

        gradients = backward(covector, cache)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        check_gradient(pulled, gradients, inputs, rng, analytic)


def check_params_gradient(function, gradients, params, rng, analytic=True):
    """The same for a function of a dict of parameters."""
    names = list(params)
    assert list(gradients) == names
    check_gradient(
        lambda *arrays: function(dict(zip(names, arrays, strict=True))),
        [gradients[name] for name in names],
        [np.asarray(params[name]) for name in names],
        rng,
        analytic,
    )
