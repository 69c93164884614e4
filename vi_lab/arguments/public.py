"""What every public function and constructor does at its door, whatever it is about.

Misspelt keywords get a suggestion; arithmetic that leaves float64 inside becomes one clear error
instead of a warning and a nan.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import reprlib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np

from vi_lab.errors import InputError, InputTypeError, NumericalError, ViLabError, error_text

F = TypeVar("F", bound=Callable[..., Any])

NAMES_SHOWN = 6  # names that a suggestion lists
RESCALE = "rescale the data and hyperparameters to magnitudes nearer 1"

# What other libraries call an argument, and what it may be here.
SYNONYMS = {
    **dict.fromkeys(
        ("seed", "random_state", "key", "random_seed", "generator", "rng_key", "prng_key",
         "rng_seed", "random_generator"),
        ("rng",),
    ),
    **dict.fromkeys(
        ("burn_in", "burnin", "burn", "tune", "num_warmup", "n_warmup", "warmup_steps", "n_tune",
         "iter_warmup", "n_burn", "nburn", "n_burnin", "num_burnin_steps", "discard"),
        ("warmup",),
    ),
    **dict.fromkeys(
        ("samples", "n_samples", "num_samples", "num_draws", "n_draws", "iter_sampling", "nsamples",
         "iterations", "n_steps", "num_steps", "num_results", "ndraws", "iter", "nsteps"),
        ("draws", "n"),
    ),
    **dict.fromkeys(
        ("num_chains", "n_chains", "nchains", "nchain", "n_walkers", "nwalkers"), ("chains",)
    ),
    **dict.fromkeys(
        ("n_init", "num_restarts", "n_restarts", "num_init", "starts", "n_starts"), ("restarts",)
    ),
    **dict.fromkeys(
        ("max_iter", "maxiter", "n_iter", "num_iter", "max_iterations", "num_iterations"),
        ("max_sweeps", "epochs"),
    ),
    **dict.fromkeys(("tolerance", "atol", "rtol", "eps"), ("tol",)),
    **dict.fromkeys(("n_jobs", "cores", "num_workers", "workers"), ("jobs",)),
    **dict.fromkeys(("mean0", "mu_0", "prior_mu", "loc"), ("mu0", "m0", "prior_mean")),
    **dict.fromkeys(("sd0", "sigma0", "s_0", "prior_sd"), ("s0",)),
    **dict.fromkeys(("kappa_0", "kappa", "n0"), ("kappa0",)),
    **dict.fromkeys(("a_0", "alpha0", "shape0"), ("a0", "a")),
    **dict.fromkeys(("b_0", "beta0", "rate0"), ("b0", "b", "beta0")),
    **dict.fromkeys(("n_components", "num_components", "k", "K"), ("n_components", "n_topics")),
    **dict.fromkeys(("lr", "step_size"), ("learning_rate", "step")),
}  # fmt: skip

_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = _brief.maxlong = 50
_brief.maxdict = _brief.maxlist = _brief.maxtuple = _brief.maxset = 4
_brief.maxlevel = 2


def short_repr(value: Any) -> str:
    """The repr of whatever was handed in, on one line and short enough for a message."""
    try:
        text = " ".join(_brief.repr(value).split())
    except Exception as error:  # a repr that fails, or an int with too many digits to print
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return text if len(text) <= 80 else f"{text[:60]}...{text[-15:]}"


def require(fits: bool, needed: str, value: Any, error: type[ViLabError] = InputTypeError) -> None:
    """An error where the value does not fit what is needed, as in "draws: needs Draws"."""
    if not fits:
        raise error(f"{needed}, got {short_repr(value)}")


def list_some(names: Iterable[str]) -> str:
    """Names as a message lists them: the first, and how many more."""
    names = tuple(names)
    if len(names) <= NAMES_SHOWN + 2:
        return ", ".join(names)
    return f"{', '.join(names[:NAMES_SHOWN])} and {len(names) - NAMES_SHOWN} more"


def suggestion(value: Any, options: Iterable[str]) -> str:
    """The tail of an unknown-name message: the nearest option, then a few of them and a count."""
    options = tuple(options)
    if not options:
        return ""
    word = value[:100] if isinstance(value, str) else short_repr(value)
    near = difflib.get_close_matches(word, options, n=NAMES_SHOWN, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    if len(options) <= NAMES_SHOWN + 2:
        return f"{hint} (known: {', '.join(options)})"
    shown = list(dict.fromkeys([*near, *options]))[:NAMES_SHOWN]
    return f"{hint} (known: {', '.join(shown)} and {len(options) - len(shown)} more)"


def public(function: F) -> F:
    """Decorator of a public function or constructor.

    An unknown keyword raises InputTypeError and suggests; what other libraries say (`seed=`,
    `burn_in=`) names ours; so does a missing argument. Overflow, a division by zero or an invalid
    operation in the function raises NumericalError (in loops that expect one, `np.errstate` says
    so), and so does a matrix that linear algebra refuses.
    """
    signature = inspect.signature(function)
    parameters = signature.parameters
    names = tuple(
        p.name for p in parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    )
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    label = function.__qualname__.removesuffix(".__init__")

    @functools.wraps(function)
    def checked(*args: Any, **keywords: Any) -> Any:
        for key in keywords:
            if key not in parameters and not open_ended:
                ours = next((name for name in SYNONYMS.get(key, ()) if name in parameters), None)
                if ours == "rng":
                    hint = "; randomness comes from rng= (an int, a SeedSequence or a Generator)"
                elif ours is not None:
                    hint = f"; did you mean {ours!r}?"
                else:
                    hint = suggestion(key, (n for n in names if n not in ("self", "cls")))
                raise InputTypeError(f"{label}() has no argument {short_repr(key)}{hint}")
        try:
            with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
                return function(*args, **keywords)
        except ViLabError:
            raise
        except TypeError:
            try:
                signature.bind(*args, **keywords)
            except TypeError as error:
                raise InputTypeError(f"{label}() {error}") from None
            raise
        except (FloatingPointError, OverflowError, np.linalg.LinAlgError) as error:
            raise NumericalError(f"{label}(): {error_text(error)}; {RESCALE}") from error
        except MemoryError as error:
            raise InputError(f"{label}(): {error_text(error)}; ask for less") from error

    return checked  # type: ignore[return-value]
