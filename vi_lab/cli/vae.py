"""`vi-lab vae`: train, evaluate, gaps, plot; what each can be told, and who does it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vi_lab.cli import vae_reports, vae_train
from vi_lab.cli.digits import is_number

NAMED = "digits (bundled) or fashion (of the Debian package dataset-fashion-mnist)"


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
        vae_train.train,
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
    _number(sub, "--latent", None, "number of latents (default: 2; of fashion 20)")
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
    _number(sub, "--beta", 1.0, "weight of the KL (default: 1)")
    _number(sub, "--importance", 1, "draws of the bound that is trained (default: 1, the ELBO)")
    _number(sub, "--epochs", 50, "default: 50")
    _number(sub, "--batch-size", 100, "default: 100")
    _number(sub, "--learning-rate", 1e-3, "default: 0.001")
    sub.add_argument(
        "--dtype", default="float32", metavar="float32|float64", help="default: float32"
    )

    sub = measuring(
        "evaluate",
        vae_reports.report_evaluation,
        "On held-out data: ELBO and its parts, the importance-weighted bound, log p(x), and what "
        "each latent is used for.",
    )
    _number(sub, "--n", 100, "data for log p(x) and the tighter bound (default: 100)")
    _number(sub, "--importance", 100, "draws of the importance-weighted bound (default: 100)")
    _number(sub, "--draws", 10, "draws of q for the ELBO (default: 10)")

    sub = measuring(
        "gaps",
        vae_reports.report_gaps,
        "log p(x) = ELBO + approximation gap + amortisation gap, for each of the first held-out "
        "data and on average.",
    )
    _number(sub, "--n", 100, "how many data (default: 100)")

    sub = action(
        "plot",
        vae_reports.draw,
        "Draw what was learnt, as PNG and SVG with descriptions in words.",
    )
    sub.add_argument("folder", type=Path, metavar="DIR", help="what `train --out` left")
    where = "for the pictures; default: figures in that folder"
    sub.add_argument("--out", type=Path, metavar="DIR", help=where)
    _number(sub, "--n", 30, "data in the waterfall (default: 30)")


def _number(sub: argparse.ArgumentParser, name: str, default: float | None, help: str) -> None:
    """An option that takes a number of its default's kind, a whole one where it has none."""
    kind: Any = (float, "X") if isinstance(default, float) else (int, "N")
    sub.add_argument(name, type=kind[0], metavar=kind[1], default=default, help=help)


def _sizes(text: str) -> tuple[int, ...]:
    """Sizes of layers with commas between them; "none" is no layer."""
    if text == "none":
        return ()
    parts = text.split(",")
    if not all(is_number(part) and int(part) for part in parts):
        raise argparse.ArgumentTypeError(
            f"needs sizes such as 200 or 400,200, or none, got {text!r}"
        )
    return tuple(map(int, parts))
