"""`vi-lab vae train`: a training in a folder, to be stopped and resumed."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from typing import Any

from vi_lab.arguments import checks
from vi_lab.cli.screen import write_table
from vi_lab.errors import InputError
from vi_lab.runtime.exit_codes import DONE, INTERRUPTED
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.locks import lock_folder
from vi_lab.runtime.messages import plain_warnings, say
from vi_lab.vae import VAE
from vi_lab.vae.runs.folder import CHECKPOINTS, FIT, claim
from vi_lab.vae.runs.sources import NAMED, load_split

SHAPES = {"digits": (2, (128,)), "fashion": (20, (400,))}  # latents and hidden units by default


def train(options: argparse.Namespace) -> int:
    """Train what the options describe, in the folder they name."""
    if (options.data is None) == (options.path is None):
        given = "both" if options.data else "neither"
        raise InputError(f"data: needs either {' or '.join(NAMED)}, or --data PATH, got {given}")
    checks.integer("epochs", options.epochs, 1)  # before a folder is claimed
    if options.path is None:
        source = checks.one_of("data", options.data, NAMED)
    else:
        source = os.path.realpath(options.path)  # which a circle of links does not stop
    data = load_split(source, options.likelihood, options.grey)
    latent, hidden = SHAPES.get(source, (2, (200,)))
    vae = VAE(
        n_inputs=data.train.shape[1],
        n_latent=latent if options.latent is None else options.latent,
        hidden=hidden if options.hidden is None else options.hidden,
        likelihood=options.likelihood,
        activation=options.activation,
        beta=options.beta,
        n_importance=options.importance,
        dtype=options.dtype,
    )
    plan: dict[str, Any] = dict(
        batch_size=checks.integer("batch_size", options.batch_size, 1),
        learning_rate=checks.positive("learning_rate", options.learning_rate),
    )
    settings = {"data": source, "grey": options.grey, **asdict(vae), **plan, "seed": options.seed}
    plan |= {"epochs": options.epochs, "rng": options.seed}
    with lock_folder(options.out, CHECKPOINTS):
        resumed = claim(options.out, settings, data)
        say(
            f"{'resuming the training in' if resumed else 'training in'} {options.out}: "
            f"{len(data.train):,} rows ({len(data.held_out):,} held out), {data.rule}"
        )
        with plain_warnings():
            fit = vae.fit(data.train, checkpoint=options.out / CHECKPOINTS, **plan)
        with CtrlC():  # one more is noted: what is trained is written and reported first
            fit.save(options.out / FIT, options.seed)
            print(f"{repr(fit)[1:-1]}\n\n{write_table(fit.table())}", flush=True)
    if fit.interrupted:
        say(
            f"interrupted in epoch {len(fit.trace.elbo) + 1} of {options.epochs}; the state is "
            f"kept in {options.out}, and the same command resumes it"
        )
        return INTERRUPTED
    say(f"the result is in {options.out}; next: vi-lab vae evaluate {options.out}")
    return DONE
