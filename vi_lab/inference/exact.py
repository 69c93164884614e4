"""The truth, where there is one: the model's own exact posterior, or one that is found for it.

A model that brings none has one all the same where few states, or up to three real coordinates, are
left once all that can be integrated in closed form is (`vi_lab.automatic`).
"""

from __future__ import annotations

from dataclasses import replace

from numpy.linalg import LinAlgError

from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.posterior_hooks import look_at_posterior
from vi_lab.arguments.public import public, short_repr
from vi_lab.arguments.user_models import explain
from vi_lab.automatic.find import why_no_truth
from vi_lab.errors import InputError, NotApplicable, ViLabError, refuse_if
from vi_lab.inference.engine.timing import add_seconds
from vi_lab.model_or_problem import M, ModelOrProblem, as_given, as_model, same_model
from vi_lab.results import Exact
from vi_lab.results.exact import find_truth


@public
@add_seconds
def exact(model: ModelOrProblem[M]) -> Exact[M]:
    """The exact posterior and log evidence of a model or problem.

    Raises NotApplicable, with the reason, where no exact route is known or it would cost too much;
    InputError where the exact posterior of a model of one's own raises or is none.
    """
    whole = as_model(model)
    reason = why_no_truth(whole)
    refuse_if(reason, f"exact does not apply, because {reason}", NotApplicable)
    try:
        posterior = find_truth(whole)
    except (ViLabError, FloatingPointError, OverflowError, LinAlgError, MemoryError):
        raise  # the door says these as everywhere else
    except Exception as error:
        raise explain("exact_posterior", error) from error
    if not isinstance(posterior, Exact):
        raise InputError(f"exact_posterior: needs to return an Exact, gave {short_repr(posterior)}")
    if not is_ours(as_given(whole)):
        other = (
            f"exact_posterior: needs the truth of this model, gave that of {posterior.model!r:.60}"
        )
        refuse_if(not same_model(posterior.model, whole), other)
        look_at_posterior(whole, posterior.posterior)
    return replace(posterior, asked=True)
