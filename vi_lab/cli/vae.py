"""`vi-lab vae`: train, evaluate, gaps, plot; a shell over the functions of vi_lab.vae.

What the work needs is imported when there is work to do, so that --help does not wait for it.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.cli.exit_codes import INTERRUPTED
from vi_lab.errors import InputError
from vi_lab.results import tables
from vi_lab.runtime import storage
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.locks import locked

NAMED = "digits (bundled) or fashion (of the Debian package dataset-fashion-mnist)"

SHAPES = {"digits": (2, (128,)), "fashion": (20, (400,))}  # latents and hidden units by default


def add_commands(commands: Any, seed: dict[str, Any]) -> None:
    """Hang `vae` and its four actions into the parser; `seed` describes the option --seed."""
    help = "The variational auto-encoder: train it, measure it, see where its nats go."
    actions = commands.add_parser("vae", help=help, description=help).add_subparsers(
        title="actions", required=True, metavar="ACTION"
    )

    def action(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        sub = actions.add_parser(name, help=help, description=help)
        sub.set_defaults(run=run)
        sub.add_argument("--seed", **seed)
        return sub

    def measuring(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        sub = action(name, run, help)
        sub.add_argument("folder", type=Path, metavar="DIR", help="what `train --out` left")
        sub.add_argument("--format", choices=("table", "json"), default="table")
        return sub

    sub = action(
        "train",
        _train,
        "Train a VAE; a tenth of the data (of fashion, its test part) is held out. Ctrl-C keeps "
        "the state; the same command again resumes, and with more --epochs goes on.",
    )
    sub.add_argument("data", nargs="?", metavar="DATA", help=NAMED)
    sub.add_argument(
        "--data",
        dest="path",
        type=Path,
        metavar="PATH",
        help="instead: an IDX or npz file of your own, or a folder of IDX files",
    )
    sub.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="for checkpoints and the result"
    )
    whole: Any = dict(type=int, metavar="N")
    real: Any = dict(type=float, metavar="X")
    sub.add_argument("--latent", help="number of latents (default: 2; of fashion 20)", **whole)
    sub.add_argument(
        "--hidden",
        type=_sizes,
        metavar="N,…",
        help="sizes of the hidden layers, or none (default: 200; of digits 128, of fashion 400)",
    )
    sub.add_argument(
        "--likelihood",
        default="bernoulli",
        metavar="bernoulli|gaussian",
        help="default: bernoulli, grey levels made 0 or 1 at half the largest",
    )
    sub.add_argument(
        "--grey",
        action="store_true",
        help="learn from grey levels under a Bernoulli likelihood: a score",
    )
    sub.add_argument(
        "--activation", default="tanh", metavar="tanh|relu|softplus", help="default: tanh"
    )
    sub.add_argument("--beta", default=1.0, help="weight of the KL (default: 1)", **real)
    sub.add_argument(
        "--importance",
        default=1,
        help="draws of the bound that is trained (default: 1, the ELBO)",
        **whole,
    )
    sub.add_argument("--epochs", default=50, help="default: 50", **whole)
    sub.add_argument("--batch-size", default=100, help="default: 100", **whole)
    sub.add_argument("--learning-rate", default=1e-3, help="default: 0.001", **real)
    sub.add_argument(
        "--dtype", default="float32", metavar="float32|float64", help="default: float32"
    )

    sub = measuring(
        "evaluate",
        _evaluate,
        "On held-out data: ELBO and its parts, the importance-weighted bound, log p(x), and what "
        "each latent is used for.",
    )
    sub.add_argument(
        "--n", default=100, help="data for log p(x) and the tighter bound (default: 100)", **whole
    )
    sub.add_argument(
        "--importance",
        default=100,
        help="draws of the importance-weighted bound (default: 100)",
        **whole,
    )
    sub.add_argument("--draws", default=10, help="draws of q for the ELBO (default: 10)", **whole)

    sub = measuring(
        "gaps",
        _gaps,
        "log p(x) = ELBO + approximation gap + amortisation gap, for each of the first held-out "
        "data and on average.",
    )
    sub.add_argument("--n", default=100, help="how many data (default: 100)", **whole)

    sub = action("plot", _plot, "Draw what was learnt, as PNG and SVG with descriptions in words.")
    sub.add_argument("folder", type=Path, metavar="DIR", help="what `train --out` left")
    sub.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the pictures")
    sub.add_argument("--n", default=30, help="data in the waterfall (default: 30)", **whole)


def _sizes(text: str) -> tuple[int, ...]:
    """Sizes of layers with commas between them; "none" is no layer."""
    if text == "none":
        return ()
    parts = text.split(",")
    if not all(part.isdecimal() and int(part) for part in parts):
        raise argparse.ArgumentTypeError(
            f"needs sizes such as 200 or 400,200, or none, got {text!r}"
        )
    return tuple(map(int, parts))


@contextlib.contextmanager
def _plain_warnings() -> Iterator[None]:
    """Warnings as one line on stderr, without the place in the code."""

    def show(message: Any, *rest: Any, **more: Any) -> None:
        print(f"vi-lab: warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield


def _train(options: argparse.Namespace) -> int:
    from vi_lab.vae import VAE
    from vi_lab.vae.runs.sources import NAMED as names
    from vi_lab.vae.runs.sources import load_split

    if (options.data is None) == (options.path is None):
        given = "both" if options.data else "neither"
        raise InputError(f"data: needs either {' or '.join(names)}, or --data PATH, got {given}")
    checks.integer("epochs", options.epochs, 1)  # before a folder is claimed
    if options.path is None:
        source = checks.one_of("data", options.data, names)
    else:
        source = str(options.path.resolve())
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
    with locked(options.out):
        return _trained(options, vae, data, settings, plan)


def _trained(
    options: argparse.Namespace,
    vae: Any,
    data: Any,
    settings: dict[str, Any],
    plan: dict[str, Any],
) -> int:
    """Train in a folder that is ours."""
    from vi_lab.vae.runs import folder as folders

    resumed = folders.claim(options.out, settings, data)
    _say(
        f"{'resuming the training in' if resumed else 'training in'} {options.out}: "
        f"{len(data.train):,} rows ({len(data.held_out):,} held out), {data.rule}"
    )
    with _plain_warnings():
        fit = vae.fit(
            data.train,
            epochs=options.epochs,
            rng=options.seed,
            checkpoint=options.out / folders.CHECKPOINTS,
            **plan,
        )
    with CtrlC():  # one more is noted: what is trained is written and reported first
        fit.save(options.out / folders.FIT, options.seed)
        print(f"{repr(fit)[1:-1]}\n\n{tables.text(fit.table())}", flush=True)
    if fit.interrupted:
        _say(
            f"interrupted in epoch {len(fit.trace.elbo) + 1} of {options.epochs}; the state is "
            f"kept in {options.out}, and the same command resumes it"
        )
        return INTERRUPTED
    _say(f"the result is in {options.out}; next: vi-lab vae evaluate {options.out}")
    return 0


def _say(text: str) -> None:
    print(f"vi-lab: {text}", file=sys.stderr)


def _evaluate(options: argparse.Namespace) -> int:
    from vi_lab.vae.runs.evaluation import evaluate
    from vi_lab.vae.runs.folder import open_run

    fit, data, settings = open_run(options.folder)
    counts = {"n": options.n, "k": options.importance, "draws": options.draws}
    with _plain_warnings():
        found = evaluate(fit, data.held_out, **counts, rng=options.seed)
    if options.format == "json":
        document = {**_of_run(fit, data, settings), **found.to_dict(), "seed": options.seed}
        print(storage.to_json({**document, "provenance": storage.provenance()}), end="")
        return 0
    rows = [
        {
            "nats per datum": name,
            "mean": mean.mean,
            "standard error": mean.standard_error,
            "numerical error": mean.error,
            "data": mean.n,
            "route": mean.route,
        }
        for name, mean in found.means().items()
    ]
    latents = [
        {"latent": j, "KL": one.kl, "activity": one.activity, "active": one.active}
        for j, one in enumerate(found.latents)
    ]
    print(f"{repr(fit)[1:-1]}\nheld-out data, {data.rule}\n\n{tables.text(rows)}\n")
    print(f"{tables.text(latents)}\n\n{found.active_units} of {len(latents)} latents are active")
    return 0


def _of_run(fit: Any, data: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """What was measured, for a program to read."""
    return {
        "vae": asdict(fit.vae),
        "epochs": len(fit.trace.elbo),
        "interrupted": fit.interrupted,
        "data": settings["data"],
        "rule": data.rule,
        "held_out": len(data.held_out),
    }


def _gaps(options: argparse.Namespace) -> int:
    from vi_lab.vae.runs.folder import open_run

    n = checks.integer("n", options.n, 1)
    fit, data, settings = open_run(options.folder)
    with _plain_warnings():
        found = fit.gaps(data.held_out[:n], rng=options.seed)
    columns = {n: c for n, c in found._asdict().items() if c is not None and n != "route"}
    labels = None if data.held_out_labels is None else data.held_out_labels[:n].tolist()
    rows = [
        {"row": i, "label": labels and labels[i], **{k: float(v[i]) for k, v in columns.items()}}
        for i in range(len(found.elbo))
    ]
    mean = {name: float(column.mean()) for name, column in columns.items()}
    if options.format == "json":
        document = {**_of_run(fit, data, settings), "n": len(rows), "route": found.route}
        document |= {"mean": mean, "rows": rows, "seed": options.seed}
        print(storage.to_json({**document, "provenance": storage.provenance()}), end="")
        return 0
    shown = [*rows, {"row": "mean", "label": None, **mean}]
    words = {
        "log_evidence": "log p(x)",
        "elbo": "ELBO",
        "approximation": "approximation gap",
        "amortisation": "amortisation gap",
    }
    print(tables.text([{words.get(k, k): v for k, v in row.items()} for row in shown]))
    parts = "ELBO + approximation gap + amortisation gap"
    parts += "" if found.residual is None else " + residual"
    print(f"\nnats; log p(x) = {parts}; {found.route}")
    return 0


def _plot(options: argparse.Namespace) -> int:
    from vi_lab.figures.vae import save_vae_figures
    from vi_lab.vae.runs.folder import open_run

    n = checks.integer("n", options.n, 1)
    fit, data, _ = open_run(options.folder)
    if data.shape is None:
        _say("the data are no pictures: reconstructions, samples and manifold are left out")
    with _plain_warnings():
        written = save_vae_figures(fit, data, options.out, n=n, rng=options.seed)
    print("\n".join(str(path) for path in written))
    return 0
