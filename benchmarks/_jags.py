"""The `jags` command line on one model, timed in processor seconds with its start-up taken out."""

import re
import subprocess
from pathlib import Path

import numpy as np


class Jags:
    """A model with its data in a folder of its own.

    Parameters
    ----------
    folder : path
    model : str
        In the BUGS language.
    data : dict of str to array or number
    monitors : sequence of str
        What is kept at every sweep.
    """

    def __init__(self, folder, model, data, monitors):
        self.folder = Path(folder)
        self.monitors = tuple(monitors)
        self.version = "unknown"
        (self.folder / "model.bug").write_text(model)
        (self.folder / "data.R").write_text("".join(_in_r(n, v) for n, v in data.items()))

    def seconds(self, chains, sweeps):
        """Processor seconds of so many sweeps: a long run less that of a single sweep."""
        return self._run(chains, sweeps) - self._run(chains, 1)

    def draws(self, chains, sweeps):
        """Every monitored number, shape (numbers, chains * sweeps)."""
        self._run(chains, sweeps, "coda *")
        files = [self.folder / f"CODAchain{chain + 1}.txt" for chain in range(chains)]
        return np.concatenate(
            [np.loadtxt(file)[:, 1].reshape(-1, sweeps) for file in files], axis=1
        )

    def _run(self, chains, sweeps, *more):
        from resource import RUSAGE_CHILDREN, getrusage  # not on Windows

        script = [
            "model in model.bug",
            "data in data.R",
            f"compile, nchains({chains})",
            "initialize",
            *(f"monitor {name}" for name in self.monitors),
            f"update {sweeps}",
            *more,
            "exit",
        ]
        (self.folder / "script.cmd").write_text("\n".join(script) + "\n")
        before = getrusage(RUSAGE_CHILDREN)
        done = subprocess.run(
            ["jags", "script.cmd"], cwd=self.folder, capture_output=True, text=True, check=False
        )
        after = getrusage(RUSAGE_CHILDREN)
        said = done.stdout + done.stderr
        if done.returncode or "error" in said.lower():
            raise RuntimeError(f"jags failed: {said[-500:]}")
        found = re.search(r"JAGS ([\d.]+)", said)
        self.version = found.group(1) if found else "unknown"
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _in_r(name, value):
    """`name <- value` in R's dump format; arrays column by column."""
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{name} <- {array.item()!r}\n"
    numbers = ", ".join(repr(v) for v in array.ravel(order="F").tolist())
    if array.ndim == 1:
        return f"{name} <- c({numbers})\n"
    shape = ", ".join(f"{size}L" for size in array.shape)
    return f"{name} <- structure(c({numbers}), .Dim = c({shape}))\n"
