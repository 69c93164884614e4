"""Training: stochastic gradient ascent on the mean ELBO, one random batch of the data a step.

    theta <- theta + a step along the gradient of the batch's mean bound, at noise drawn for it

(Kingma & Welling 2014, algorithm 1, with batches drawn without replacement: an epoch is one pass
over the data in a random order.)

What a training does depends on its data, settings and seed alone. The order of the data in an epoch
is a function of the seed and the epoch's number, and the noise comes from one generator whose state
is in every checkpoint; so a training that was killed ends in the same parameters, bit for bit, as
one that was not.
"""

from __future__ import annotations

from collections.abc import Iterator

from vi_lab.vae.training_state import Run


def steps(run: Run) -> Iterator[Run]:
    """The training after each of its steps, until its last epoch is done.

    The step itself is `Run.advance`. Whoever iterates may stop after any step and save the state;
    what is taken up from there goes on as if it had never stopped.
    """
    while run.epoch < run.plan.epochs:
        for rows in run.batches():
            run.advance(rows)
            if run.step < run.steps_per_epoch:
                yield run
        run.end_epoch()
        yield run
