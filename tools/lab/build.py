"""JupyterLite over the runtime and the lessons."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.lab.lessons import write_lessons
from tools.lab.lock import write_runtime
from tools.lab.wheels import ROOT, gather

WORK = ROOT / "build" / "lab"
OPTIONS = ("--no-sourcemaps", "--no-unused-shared-packages", "--apps", "lab", "--log-level", "WARN")
SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}


def build_lab(out: Path) -> None:
    """Write the lab to a folder of the site."""
    wheels = gather(WORK / "wheels")
    source = WORK / "source"
    shutil.rmtree(source, ignore_errors=True)
    write_runtime(source / "static" / "pyodide", wheels)
    write_lessons(ROOT / "notebooks", WORK / "source" / "lessons")
    (source / "overrides.json").write_text(json.dumps(SETTINGS), "utf-8")
    shutil.rmtree(out, ignore_errors=True)
    command = [str(Path(sys.executable).with_name("jupyter-lite")), "build", *OPTIONS]
    command += ["--lite-dir", ".", "--contents", "lessons", "--output-dir", str(out)]
    subprocess.run(command, check=True, cwd=source, env=_apart(WORK / "jupyter"))


def _apart(folder: Path) -> dict[str, str]:
    """The environment, with Jupyter's settings in a folder of ours instead of the user's."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    return os.environ | {name: str(folder / name.lower()) for name in names}
