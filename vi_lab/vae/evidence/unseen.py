"""What a decoder may do between the nodes of a rule, where no node looks.

The pre-activations of the first layer are linear in z: how far one moves from a node to half-way
to the next is known everywhere, not at nodes alone. Where a unit moves little, its output is smooth
between the nodes, and the same can be asked of the next layer, whose steps follow by the chain rule
from those of the units below it. A unit that moves by more may turn unseen, and h = f(a) may be off
from what its neighbours show by as much as

    tanh               f(high) - f(low)          nothing where it is saturated all the way
    relu, softplus     min(f(high), f(-low))     its distance from the nearer straight line

with (low, high) the range of a about the node. |W| carries that up to the output, and there it
bounds what log p(x|z) may hide.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vi_lab.numerics import special
from vi_lab.vae.evidence.reference_decoder import ACTIVATIONS, SLOPES, Decoder

# Of a pre-activation between neighbouring nodes: less, and the bend is seen. tanh has its poles at
# i pi / 2, softplus at i pi, and by their distance go the errors of rules.
STEP = {"tanh": 2.0, "softplus": 4.0}


def bound_hidden(decoder: Decoder, x: np.ndarray, z: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """The largest change of log p(x_n|z), of any datum n, that hides about each node, (g,).

    For decoders without kinks.

    Parameters
    ----------
    x : array (n, n_inputs)
    z : array (g, d)
        The nodes.
    steps : array (d, d) or (g, d, d)
        From a node to its neighbours, one a row.
    """
    *hidden, (weight, bias) = decoder.layers
    h, hides = z, np.zeros_like(z)
    for w, b in hidden:
        a, moves = h @ w.T + b, steps @ w.T
        own, secant = _turns(decoder.activation, a, 0.5 * np.abs(moves).sum(-2))
        hides = hides @ np.abs(w).T  # no activation is steeper than 1
        if decoder.activation == "tanh":
            hides = np.minimum(hides, 2.0)
        hides = hides + own
        h, steps = ACTIVATIONS[decoder.activation](a), moves * secant[:, None]
    out, moves = h @ weight.T + bias, steps @ weight.T
    return _of_output(decoder, x, out, 0.5 * np.abs(moves).sum(-2), hides @ np.abs(weight).T)


def _turns(activation: str, a: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What units hide as a moves by +-reach, and the slope of f over that range."""
    f, reach = ACTIVATIONS[activation], np.broadcast_to(reach, a.shape)
    wide = np.nonzero(2.0 * reach > STEP[activation])
    low, high = a[wide] - reach[wide], a[wide] + reach[wide]
    own, secant = np.zeros_like(a), SLOPES[activation](a)
    own[wide] = f(high) - f(low) if activation == "tanh" else np.minimum(f(high), f(-low))
    secant[wide] = (f(high) - f(low)) / (high - low)
    return own, secant


def _of_output(
    decoder: Decoder,
    x: np.ndarray,
    out: np.ndarray,
    reach: np.ndarray,
    hides: np.ndarray,
    gap: float = 1.0,
) -> np.ndarray:
    """What log p(x|z) hides where `out` moves by +-reach, by `gap` of that from node to node, and
    hides so much itself."""
    if decoder.bernoulli:  # log p(x|out) is no steeper than 1 in any `out`, and bends as a softplus
        wide = 2.0 * gap * reach > STEP["softplus"]
        if wide.any():
            f = ACTIVATIONS["softplus"]
            hides = hides + np.where(wide, np.minimum(f(out + reach), f(reach - out)), 0.0)
        return hides.sum(-1)
    # |(r + h)^2 - r^2| / 2 s^2 of a residual r that is h farther off
    off = np.maximum(np.abs(x.max(0) - out), np.abs(x.min(0) - out)) + reach
    return decoder.precision * ((off + 0.5 * hides) * hides).sum(-1)


def bound_highest(decoder: Decoder, x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """What log p(x|z) of one datum x (n_inputs,) cannot exceed within boxes of corners low, high
    (m, d), (m,): by the arithmetic of intervals from layer to layer.

    log p(x|out) rises in each `out` up to a peak and falls beyond: at x of a Gaussian, at the logit
    of x of a Bernoulli. In an interval it is highest at its point next to the peak.
    """
    *hidden, (weight, bias) = decoder.layers
    f = ACTIVATIONS[decoder.activation]
    for w, b in hidden:
        centre, reach = _interval(low, high, w, b)
        low, high = f(centre - reach), f(centre + reach)
    centre, reach = _interval(low, high, weight, bias)
    peak = special.logit(x) if decoder.bernoulli else x
    return decoder.log_likelihood(x[None], np.clip(peak, centre - reach, centre + reach)[None])[0]


def _interval(
    low: np.ndarray, high: np.ndarray, weight: np.ndarray, bias: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The middle of W h + b, and how far it reaches to either side, for h in [low, high]."""
    return 0.5 * (low + high) @ weight.T + bias, 0.5 * (high - low) @ np.abs(weight).T


def smooth_everywhere(decoder: Decoder, steps: np.ndarray) -> np.ndarray:
    """Whether no hidden unit and no logit can move by its STEP from node to node, wherever these
    lie: steps (..., d, d), one a row -> (...). Asked first, for `bound_hidden` costs a pass."""
    moves = np.abs(steps @ decoder.layers[0][0].T).sum(-2)
    smooth = np.ones(moves.shape[:-1], bool)
    for w, _ in decoder.layers[1:]:
        smooth &= moves.max(-1) <= STEP[decoder.activation]
        moves = moves @ np.abs(w).T
    if decoder.bernoulli:
        smooth &= moves.max(-1) <= STEP["softplus"]
    return smooth


class Kinks(NamedTuple):
    """Of the units of a relu decoder within m cells.

    Attributes
    ----------
    number : array (m,)
        How many have a kink there.
    hidden : array (m,)
        What log p(x|z) may hide: by two kinks or more, which may make a spike, or a logit's bend.
    value, moves : arrays (m,) and (m, d)
        Where there is one kink: the pre-activation at the centre, and how it changes across the
        cell along each axis. It is linear there, for nothing else bends.
    """

    number: np.ndarray
    hidden: np.ndarray
    value: np.ndarray
    moves: np.ndarray


def find_kinks(
    decoder: Decoder, x: np.ndarray, centres: np.ndarray, edges: np.ndarray, gap: float
) -> Kinks:
    """The kinks in cells about these centres (m, d), their edges (m, d, d) one a row, whose nodes
    stand `gap` of an edge apart at most."""
    *hidden, (weight, bias) = decoder.layers
    h, hides, steps = centres, np.zeros_like(centres), edges
    count, value, along = np.zeros(len(h), np.int64), np.zeros(len(h)), np.zeros_like(centres)
    for w, b in hidden:
        a, moves = h @ w.T + b, steps @ w.T
        reach = 0.5 * np.abs(moves).sum(-2)
        turns = reach > np.abs(a)
        count += turns.sum(-1)
        value += (a * turns).sum(-1)
        along += (moves * turns[:, None]).sum(-1)
        hides = hides @ np.abs(w).T + np.where(turns, np.minimum(reach + a, reach - a), 0.0)
        slope = np.where(turns, 1.0, a > 0)
        h, steps = np.maximum(a, 0.0), moves * slope[:, None]
    hides = np.where(count >= 2, (hides @ np.abs(weight).T).T, 0.0).T
    out, reach = h @ weight.T + bias, 0.5 * np.abs(steps @ weight.T).sum(-2)
    return Kinks(count, _of_output(decoder, x, out, reach, hides, gap), value, along)
