"""The lock of the lab: what Python finds where, with the checksum of each file."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tomllib
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

HERE = Path(__file__).parent
RUNTIME = HERE / "node_modules" / "pyodide"
PARTS = ("pyodide.mjs", "pyodide.js", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
CDN = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
KERNEL = ("micropip", "ipython", "jedi", "packaging", "typing-extensions")  # what it starts with

Lock = dict[str, Any]


def read_extract() -> dict[str, Any]:
    """What is promised of the lock, as pyodide.toml has it."""
    return tomllib.loads((HERE / "pyodide.toml").read_text("utf-8"))


def read_lock() -> Lock:
    """The lock of the npm package; ValueError where it is not what the extract says."""
    lock: Lock = json.loads((RUNTIME / "pyodide-lock.json").read_text("utf-8"))
    version = json.loads((RUNTIME / "package.json").read_text("utf-8"))["version"]
    found = {
        "version": version,
        "python": lock["info"]["python"],
        "packages": {
            name: lock["packages"][name]["version"] for name in read_extract()["packages"]
        },
    }
    promised = {key: read_extract()[key] for key in found}
    if found != promised:
        raise ValueError(f"pyodide.toml says {promised}, the lock {found}")
    return lock


def normal(name: str) -> str:
    """A package's name as it is compared."""
    return re.sub("[-_.]+", "-", name).lower()


def requirements(metadata: str) -> list[str]:
    """The lines of Requires-Dist that hold without an extra."""
    lines = HeaderParser().parsestr(metadata).get_all("Requires-Dist") or []
    return [line for line in lines if "extra ==" not in line]


def metadata_of(wheel: Path) -> str:
    """The METADATA of a wheel."""
    with ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n)]
        return archive.read(name).decode("utf-8")


def pure_packages(lock: Lock) -> dict[str, str]:
    """Name and version of every pure wheel that the kernel or vi_lab needs, others' needs too."""
    packages = {normal(name): entry for name, entry in lock["packages"].items()}
    found: dict[str, str] = {}
    ahead = [*KERNEL, *map(normal, read_extract()["packages"])]
    while ahead:
        name = ahead.pop()
        entry = packages[normal(name)]
        ahead += [other for other in entry["depends"] if normal(other) not in found]
        found[normal(name)] = entry["version"]
    return {
        name: version
        for name, version in sorted(found.items())
        if packages[name]["file_name"].endswith("-none-any.whl")
    }


def complete(lock: Lock, wheels: list[Path]) -> Lock:
    """The lock with these wheels beside it, under their own checksums, and all others at the CDN.

    A wheel of a package that the lock does not know becomes an entry of its own, with what its
    metadata require, and is found by `import`.
    """
    far = CDN.format(version=read_extract()["version"])
    packages = lock["packages"]
    for entry in packages.values():
        entry["file_name"] = far + entry["file_name"]
    keys = {normal(name): name for name in packages}
    for wheel in wheels:
        text = metadata_of(wheel)
        head = HeaderParser().parsestr(text)
        name = normal(str(head["Name"]))
        entry = packages.setdefault(keys.get(name, name), {})
        if not entry:
            entry |= {
                "name": name,
                "install_dir": "site",
                "package_type": "package",
                "unvendored_tests": False,
                "depends": [
                    normal(re.split(r"[ <>=!~\[(;]", one)[0]) for one in requirements(text)
                ],
                "imports": [name.replace("-", "_")],
            }
        entry |= {
            "version": str(head["Version"]),
            "file_name": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        }
    return lock


def write_runtime(folder: Path, wheels: list[Path]) -> None:
    """Python for the browser, the wheels, and the lock that names them, into a folder."""
    folder.mkdir(parents=True)
    for name in PARTS:
        shutil.copy(RUNTIME / name, folder)
    for wheel in wheels:
        shutil.copy(wheel, folder)
    lock = complete(read_lock(), wheels)
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")
