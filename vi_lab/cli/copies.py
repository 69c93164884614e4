"""The learner's notebooks: where they are, and how they are copied without touching any work."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from vi_lab.runtime import reading, storage


def folder() -> Path:
    """The folder of the notebooks: inside an installed package, beside it in a checkout."""
    package = Path(str(resources.files("vi_lab")))
    inside = package / "_notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


def copy_to(target: Path) -> list[tuple[Path, str]]:
    """Copy every notebook into a folder, which is made. No file that is there is written to.

    A notebook whose name is taken is written beside as NN_name.new.ipynb (then .new2, …), unless
    one of these is what would be written.

    Returns
    -------
    list of (path, str)
        For each notebook the file that holds it now, and what was done: "written", "as it is", or
        "beside yours".

    OSError where the folder cannot be made or written into.
    """
    target.mkdir(parents=True, exist_ok=True)
    return [place(source, target) for source in sorted(folder().glob("*.ipynb"))]


def place(source: Path, target: Path) -> tuple[Path, str]:
    """Put one notebook where its name is free, or find it where it is already."""
    content = source.read_bytes()
    number = 0
    while True:
        ending = ("", ".new")[number] if number < 2 else f".new{number}"
        path = target / f"{source.stem}{ending}.ipynb"
        if _holds(path, content):
            return path, "as it is"
        if storage.write_new(path, content):
            return path, "written" if number == 0 else "beside yours"
        number += 1  # there is work in it


def _holds(path: Path, content: bytes) -> bool:
    """Whether a file is this very notebook; of what is there and cannot be read, it is not."""
    try:
        return reading.read_bytes(path, len(content)) == content
    except OSError:
        return False
