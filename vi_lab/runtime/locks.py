"""One writer in a folder at a time, by a lock of the kernel's, which dies with its owner.

The lock is filelock's, on a file in the folder, which says whose it is. It is removed at the end;
after kill -9 it stays, is nobody's, and is taken over by the next. Where a file system or a
platform has no locks (a browser), none is taken.

Own is what `filelock.FileLock` leaves to its user: it says nothing of who holds a lock, and leaves
its file behind.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path

from vi_lab.errors import ResultFileError
from vi_lab.runtime import storage
from vi_lab.runtime.held import hold, is_still

NAME = ".vi-lab.lock"
# As a file system says that it has no locks.
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
# What filelock locks on Windows, where nobody else can read it: it is not of the process id.
LOCKED_BYTE = b"\n" if os.name == "nt" else b""


@contextlib.contextmanager
def lock_folder(folder: str | os.PathLike[str], *inner: str) -> Iterator[None]:
    """Hold a folder for this process, and clear it of what writers that were killed left there.

    Parameters
    ----------
    folder : path
        Made where it is missing, and removed again if nothing was put there.
    inner : str
        Folders in it that are written to as well.

    Raises
    ------
    ResultFileError
        Where it cannot be written, or "busy, used by pid N"; at the end where it is no longer the
        folder that it was.
    """
    folder = Path(folder)
    made = [part for part in (folder, *folder.parents) if not part.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _claim(folder / NAME)
    except ResultFileError:
        raise
    except OSError as error:
        _remove_empty(made)
        words = error.strerror or error
        if isinstance(error, FileExistsError | NotADirectoryError):
            there = [part for part in (folder, *folder.parents) if os.path.lexists(part)]
            others = [part for part in there if not part.is_dir()]
            kind = "a file" if others and others[-1].is_file() else "no folder"
            words = f"{others[-1]} is {kind}, and a folder is needed" if others else words
        raise ResultFileError(f"cannot write {folder}: {words}") from None
    try:
        inside = [folder / name for name in inner]
        for part in inside:
            refuse_link(part)
        for part in (folder, *inside):
            storage.clear(part)
        with hold(folder):
            yield
            if not is_still(folder):  # what was written lies nowhere, or elsewhere
                raise ResultFileError(
                    f"{folder} was removed or replaced while it was written into; run it again"
                )
    finally:
        _release(lock, folder / NAME)
        _remove_empty(made)


def _remove_empty(folders: list[Path]) -> None:
    with contextlib.suppress(OSError):  # not empty
        for folder in folders:
            folder.rmdir()


def refuse_link(folder: Path) -> None:
    """ResultFileError where a folder inside of another is a link: what is written there would lie
    outside."""
    if folder.is_symlink():
        raise ResultFileError(f"cannot write {folder}: it is a link; remove it")


def _claim(path: Path) -> int:
    """The lock file, open and locked, with our process id in it."""
    while True:
        lock, held = _open(path), False
        try:
            held = _lock(lock)
            if held and _is_at(lock, path):
                os.ftruncate(lock, 0)
                os.write(lock, LOCKED_BYTE + f"{os.getpid()}\n".encode())
                return lock
            os.lseek(lock, len(LOCKED_BYTE), os.SEEK_SET)
            owner = os.read(lock, 20).decode("ascii", "replace").strip()
        except BaseException:  # a disk that is full has no room for a process id
            if held:
                _release(lock, path)
            else:
                os.close(lock)
            raise
        os.close(lock)
        if not held:
            who = f"pid {owner}" if owner else "another process"
            raise ResultFileError(
                f"{path.parent} is busy, used by {who}; wait for it to end, or use another folder"
            )
        # else its last owner removed it while we waited to open it


def _open(path: Path) -> int:
    """The lock file, which must be a file of its own: what it holds is written over."""
    wrong = ResultFileError(
        f"cannot write {path.parent}: its {path.name} is a link, or no file; remove it"
    )
    if path.is_symlink():
        raise wrong
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    lock = os.open(path, flags, 0o644)
    found = os.fstat(lock)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        os.close(lock)
        raise wrong
    return lock


def _lock(lock: int) -> bool:
    """Whether the open file is ours now, or no file can be anybody's here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # filelock's, in a browser: it has no locks
        from filelock import lock_descriptor
    try:
        return lock_descriptor(lock, blocking=False)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        return True


def _is_at(lock: int, path: Path) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(lock), os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return False


def _release(lock: int, path: Path) -> None:
    with contextlib.suppress(OSError):  # Windows removes no file that is open
        if _is_at(lock, path):
            path.unlink()  # while it is ours
    os.close(lock)
    if os.name == "nt":
        with contextlib.suppress(OSError):  # another process has it open
            path.unlink()
