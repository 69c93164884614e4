"""`vi-lab vae evaluate`, `gaps` and `plot`: what came of a training, from its folder."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from vi_lab.arguments import checks
from vi_lab.cli.screen import write_table
from vi_lab.runtime import storage
from vi_lab.runtime.exit_codes import DONE
from vi_lab.runtime.locks import refuse_link
from vi_lab.runtime.messages import plain_warnings, say
from vi_lab.vae.runs.evaluation import evaluate
from vi_lab.vae.runs.folder import open_run


def report_evaluation(options: argparse.Namespace) -> int:
    """What a trained VAE is worth on its held-out data."""
    fit, data, settings = open_run(options.folder)
    counts = {"n": options.n, "k": options.importance, "draws": options.draws}
    with plain_warnings():
        found = evaluate(fit, data.held_out, **counts, rng=options.seed)
    if options.format == "json":
        return _print_json(options, fit, data, settings, found.to_dict())
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
    print(f"{repr(fit)[1:-1]}\nheld-out data, {data.rule}\n\n{write_table(rows)}\n")
    print(f"{write_table(latents)}\n\n{found.active_units} of {len(latents)} latents are active")
    return DONE


def _print_json(options: Any, fit: Any, data: Any, settings: Any, found: dict[str, Any]) -> int:
    """What was measured and what was found, for a program to read."""
    document = {
        "vae": asdict(fit.vae),
        "epochs": len(fit.trace.elbo),
        "interrupted": fit.interrupted,
        "data": settings["data"],
        "rule": data.rule,
        "held_out": len(data.held_out),
        **found,
        "seed": options.seed,
        "provenance": storage.provenance(),
    }
    print(storage.to_json(document), end="")
    return DONE


def report_gaps(options: argparse.Namespace) -> int:
    """Where its nats go, datum by datum and on average."""
    n = checks.integer("n", options.n, 1)
    fit, data, settings = open_run(options.folder)
    with plain_warnings():
        found = fit.gaps(data.held_out[:n], rng=options.seed)
    columns = {n: c for n, c in found._asdict().items() if c is not None and n != "route"}
    labels = None if data.held_out_labels is None else data.held_out_labels[:n].tolist()
    rows = [
        {"row": i, "label": labels and labels[i], **{k: float(v[i]) for k, v in columns.items()}}
        for i in range(len(found.elbo))
    ]
    mean = {name: float(column.mean()) for name, column in columns.items()}
    if options.format == "json":
        numbers = {"n": len(rows), "route": found.route, "mean": mean, "rows": rows}
        return _print_json(options, fit, data, settings, numbers)
    shown = [*rows, {"row": "mean", "label": None, **mean}]
    words = {
        "log_evidence": "log p(x)",
        "elbo": "ELBO",
        "approximation": "approximation gap",
        "amortisation": "amortisation gap",
    }
    named = [{words.get(k, k): v for k, v in row.items()} for row in shown]
    print(write_table(named))
    parts = "ELBO + approximation gap + amortisation gap"
    parts += "" if found.residual is None else " + residual"
    print(f"\nnats; log p(x) = {parts}; {found.route}")
    return DONE


def draw(options: argparse.Namespace) -> int:
    """Its pictures, in a folder."""
    from vi_lab.figures.vae import save_vae_figures  # matplotlib, for whoever draws

    n, inside = checks.integer("n", options.n, 1), options.folder / "figures"
    if options.out is None:
        refuse_link(inside)
    fit, data, _ = open_run(options.folder)
    if data.shape is None:
        say("the data are no pictures: reconstructions, samples and manifold are left out")
    with plain_warnings():
        written = save_vae_figures(fit, data, options.out or inside, n=n, rng=options.seed)
    print("\n".join(str(path) for path in written))
    return DONE
