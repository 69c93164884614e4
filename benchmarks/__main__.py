"""Run every benchmark, each in a process of its own: `python -m benchmarks`."""

import subprocess
import sys
from pathlib import Path

for script in sorted(Path(__file__).parent.glob("[a-z]*.py")):
    print(f"\n{script.name}", flush=True)
    subprocess.run([sys.executable, str(script)], check=True)
