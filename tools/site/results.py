"""Every method on every problem, with the report, and the six replays."""

from __future__ import annotations

import shutil
import subprocess
import sys

from tools.site import parts
from tools.site.places import RESULTS, SHOWN, WORK
from vi_lab.comparison.folder import load
from vi_lab.replays.replay import replay


def compute_results() -> None:
    """Write what the site takes over as it is to build/site/extra, and the parts of its pages."""
    extra = WORK / "extra"
    shutil.rmtree(extra, ignore_errors=True)
    (extra / "replays").mkdir(parents=True)
    shutil.rmtree(RESULTS, ignore_errors=True)
    command = [sys.executable, "-m", "vi_lab", "compare", "--out", str(RESULTS)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.copy(RESULTS / "index.html", extra / "report.html")
    stills = {}  # of CAVI alone, with axes as wide as q
    for name in SHOWN:
        replay(name, rng=0, out=extra / "replays" / f"{name}.html")
        stills[name] = replay(name, methods=["cavi"], rng=0).data
    parts.write(load(RESULTS), stills, extra)
