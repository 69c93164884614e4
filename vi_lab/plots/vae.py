"""Pictures of a trained VAE: its training, its latents, and where its nats go."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from vi_lab.arguments import checks
from vi_lab.errors import InputError, InputTypeError, error_text
from vi_lab.plots import colours
from vi_lab.plots.nats import room_between
from vi_lab.plots.style import axes_level, number
from vi_lab.vae import Amortised

POINTS = 1000  # posterior means in one picture


@axes_level(size=(6.2, 5.4))
def encoded(fit: Amortised, x: Any, labels: Any = None, *, ax: Any = None) -> str:
    """The means of q(z|x), coloured by label.

    Of more than two latents the two with the largest KL are drawn; of one, its mean and its sd.

    Parameters
    ----------
    fit : Amortised
    x : array (n, n_inputs)
        The first 1,000 are drawn.
    labels : array (n,), optional
        Labels of one character are drawn as that character.
    """
    require_trained(fit)
    x = first_rows(x, POINTS)
    mean, logvar = fit.encode(x)
    if fit.vae.n_latent == 1:
        at = np.stack([mean[:, 0], np.exp(0.5 * logvar[:, 0])])
        names = ["mean of z[0]", "sd of z[0]"]
    else:
        used = np.sort(np.argsort(-fit.kl_by_latent(x).mean(0))[:2])
        at, names = mean[:, used].T, [f"mean of z[{j}]" for j in used]
    text = f"{len(x)} posterior means. "
    if labels is None:
        ax.plot(*at, ".", color=colours.BLUE, markersize=4)
    else:
        labels = _labels(labels)[:POINTS]
        if labels.shape != (len(x),):
            raise InputError(f"labels: needs shape ({len(x)},), got {labels.shape}")
        text += _by_label(ax, at, labels)
    ax.set(xlabel=names[0], ylabel=names[1], title="Where the encoder puts the data")
    each = zip(names, ("spreads by", "by"), at, strict=True)
    spreads = [f"{name} {by} {number(z.std())} around {number(z.mean())}" for name, by, z in each]
    return f"{text}{', '.join(spreads)}."


def _by_label(ax: Axes, at: np.ndarray, labels: np.ndarray) -> str:
    """A colour a label; a mark of its own where one character will do, else a legend."""
    kinds = np.unique(labels)
    # what means something to mathtext, or has no glyph, is no mark
    characters = all(
        len(word) == 1 and word.isascii() and word.isalnum() for word in map(str, kinds)
    )
    centres = []
    for i, kind in enumerate(kinds):
        own = labels == kind
        marker, edge = (f"${kind}$", 0.3) if characters else ("os^vDP*X<>"[i % 10], 0)
        look: Any = {"marker": marker, "markeredgewidth": edge, "linestyle": "none", "alpha": 0.85}
        colour = colours.LABELS[i % len(colours.LABELS)]
        ax.plot(*at[:, own], color=colour, markersize=6.5, label=str(kind), **look)
        one, two = at[:, own].mean(1)
        centres.append(f"{kind} around ({one:.2f}, {two:.2f})")
    if not characters:
        ax.legend(loc="best")
    return f"By label: {', '.join(centres)}. "


@axes_level()
def vae_trace(fit: Amortised, *, ax: Any = None) -> str:
    """The ELBO of every epoch and its two parts: what the reconstruction gains, the KL takes."""
    require_trained(fit)
    elbo, reconstruction, kl = fit.trace
    if not len(elbo):
        raise InputError("fit: has no trace, because no epoch was finished")
    k, epochs = fit.vae.n_importance, np.arange(1, len(elbo) + 1)
    name = "ELBO" if k == 1 else f"bound of {k} draws"
    marker = "o" if len(epochs) < 3 else None
    base = reconstruction - kl
    ax.fill_between(
        epochs, base, reconstruction, linewidth=0, label="KL(q || p(z))", **colours.KL_AREA
    )
    ax.plot(epochs, reconstruction, color=colours.GREEN, marker=marker, label="reconstruction")
    ax.plot(epochs, elbo, color=colours.ELBO, linewidth=2.4, marker=marker, label=name)
    late = elbo[len(elbo) // 10 :]  # the first steps would flatten all that follows
    low, high = min(late.min(), base[-1]), reconstruction.max()
    room = room_between(low, high)
    ax.set(ylim=(low - 0.1 * room, high + 0.1 * room), xlabel="epoch", ylabel="nats per datum")
    ax.set_title(f"{name} = reconstruction − KL" if k == 1 else "The bound and its parts")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right")
    parts = {f"The {name} goes": elbo, "the reconstruction": reconstruction}
    parts["the KL between them"] = kl
    moves = [f"{words} from {number(c[0])} to {number(c[-1])}" for words, c in parts.items()]
    return f"Nats per datum over {len(epochs)} epochs. {', '.join(moves)}."


def first_rows(x: Any, count: int) -> np.ndarray:
    """The first rows of a table of data; what they hold is checked where it is used."""
    array = checks.numbers("x", x, 2)
    if array.ndim != 2:
        raise InputError(f"x: needs shape (n, n_inputs), got {array.shape}")
    return array[:count]


def _labels(labels: Any) -> np.ndarray:
    """Finite numbers or words, shape (n,)."""
    try:
        array = np.asarray(labels)
    except Exception as error:  # ragged lists, and whatever an object's own __array__ raises
        raise InputTypeError(f"labels: needs one label a row; {error_text(error)}") from None
    if array.dtype == object and all(isinstance(label, str) for label in array.flat):
        array = array.astype(str)  # a column of a data frame
    if array.dtype.kind != "U" or array.ndim != 1:
        checks.real_array("labels", labels, 1)
    return array


def require_trained(fit: Any) -> None:
    """InputTypeError for what is no trained VAE."""
    checks.require(isinstance(fit, Amortised), "fit: needs a trained VAE (Amortised)", fit)
