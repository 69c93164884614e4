"""Folders that are held: what is written into one lies in that very folder, and nowhere else.

Its name may be another folder's by then, or a link that leads elsewhere. So the folder is opened
and looked at, and the file is opened, and renamed, from there on down, through no link.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

# By the path of a folder that is held, which folder it was.
HELD: dict[Path, tuple[int, int]] = {}
CAN_WALK = sys.platform != "emscripten" and {os.open, os.mkdir} <= os.supports_dir_fd
FOLDER = (
    getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_CLOEXEC", 0)
)


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold a folder: what `open_place` opens in it meanwhile is in the folder that is there now."""
    before, HELD[folder] = HELD.get(folder), _identity(os.stat(folder))
    try:
        yield
    finally:
        if before is None:
            del HELD[folder]
        else:  # held twice, where there are no locks
            HELD[folder] = before


def hold_alike(held: Mapping[Path, tuple[int, int]]) -> None:
    """Hold these folders, as of another process, and no others."""
    HELD.clear()
    HELD.update(held)


def is_still(folder: Path) -> bool:
    """Whether a folder that is held is the one that it was."""
    try:
        return _identity(os.stat(folder)) == HELD[folder]
    except OSError:
        return False


def find_holder(path: Path) -> Path | None:
    """The innermost folder that is held and in which a path lies, or is."""
    return next((part for part in (path, *path.parents) if part in HELD), None)


@contextlib.contextmanager
def open_place(path: Path) -> Iterator[tuple[Path, int | None]]:
    """The folder of a file that is to be written, made where it is missing: the file's path, and
    the number of the open folder from which it leads, or None.

    Raises
    ------
    OSError
        Where something else is in the way, or a folder that is held is no longer the one it was.
    """
    holder = find_holder(path.parent)
    if holder is not None and not is_still(holder):
        raise OSError(errno.ESTALE, f"{holder} was removed or replaced")
    if holder is None or not CAN_WALK:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise OSError(errno.ENOTDIR, f"{path.parent} is no folder") from None
        yield path, None
        return
    with contextlib.ExitStack() as opened:
        number = _open_folder(opened, holder)
        if _identity(os.fstat(number)) != HELD[holder]:
            raise OSError(errno.ESTALE, f"{holder} was removed or replaced")
        for part in path.parent.relative_to(holder).parts:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, dir_fd=number)
            number = _open_folder(opened, part, number)
        yield Path(path.name), number


def _open_folder(opened: contextlib.ExitStack, path: Path | str, inside: int | None = None) -> int:
    """The number of a folder, closed with the others; of one inside of another through no link."""
    how = FOLDER if inside is None else FOLDER | os.O_NOFOLLOW
    try:
        number = os.open(path, how, dir_fd=inside)
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            raise OSError(errno.ENOTDIR, f"{path} is a link, or no folder") from None
        raise
    opened.callback(os.close, number)
    return number


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino
