"""vi_lab's own wheel, and the pure wheels that the lab serves itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.lab.lock import metadata_of, normal, pure_packages, read_extract, read_lock

ROOT = Path(__file__).resolve().parents[2]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
PURE = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none"]


def gather(folder: Path) -> list[Path]:
    """The wheels in a folder: those that are there stay, of vi_lab there is a new one."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pure_packages(read_lock()) | read_extract()["added"]
    here = {path: normal(path.name.split("-")[0]) for path in folder.glob("*.whl")}
    for path, name in here.items():
        if f"-{wanted.get(name)}-" not in path.name:
            path.unlink()
    missing = [f"{n}=={v}" for n, v in wanted.items() if not list(folder.glob(_pattern(n, v)))]
    if missing:
        python = read_extract()["python"].rpartition(".")[0]
        where = [f"--python-version={python}", f"--dest={folder}", "--no-deps"]
        subprocess.run([*PIP, "download", *PURE, *where, *missing], check=True)
    return [*sorted(folder.glob("*.whl")), build_own(folder.with_name("own"))]


def _pattern(name: str, version: str) -> str:
    return f"{name.replace('-', '[-_.]')}-{version}-*.whl"


def build_own(folder: Path) -> Path:
    """The wheel of vi_lab as it is now."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)  # setuptools would pack what is left
    command = [*PIP, "wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={folder}"]
    subprocess.run([*command, str(ROOT)], check=True)
    (wheel,) = folder.glob("vi_lab-*.whl")
    if "Requires-Dist" not in metadata_of(wheel):
        raise ValueError(f"{wheel.name} requires nothing")
    return wheel
