"""One writer in a folder at a time, by a lock of the kernel's, which dies with its owner.

The lock is on a file in the folder, which says whose it is. It is removed at the end; after
kill -9 it stays, is nobody's, and is taken over by the next. Where a file system or a platform has
no locks (a browser), none is taken.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from vi_lab.errors import ResultFileError
from vi_lab.runtime import storage

NAME = ".vi-lab.lock"
BUSY = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


@contextlib.contextmanager
def locked(folder: str | os.PathLike[str], *inner: str) -> Iterator[None]:
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
        Where it cannot be written, or "busy, used by pid N".
    """
    folder = Path(folder)
    made = [part for part in (folder, *folder.parents) if not part.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _claim(folder / NAME)
    except ResultFileError:
        raise
    except OSError as error:
        words = error.strerror or error
        if isinstance(error, FileExistsError | NotADirectoryError):
            files = [part for part in (folder, *folder.parents) if part.is_file()]
            words = f"{files[0]} is a file, and a folder is needed" if files else words
        raise ResultFileError(f"cannot write {folder}: {words}") from None
    try:
        for part in (folder, *(folder / name for name in inner)):
            storage.clear(part)
        yield
    finally:
        _release(lock, folder / NAME)
        with contextlib.suppress(OSError):  # not empty
            for part in made:
                part.rmdir()


def _claim(path: Path) -> int:
    """The lock file, open and locked, with our process id in it."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(lock)
            if _is_at(lock, path):
                os.ftruncate(lock, 0)
                os.write(lock, f"{os.getpid()}\n".encode())
                return lock
        except OSError as error:
            os.lseek(lock, 0, os.SEEK_SET)
            owner = os.read(lock, 20).decode("ascii", "replace").strip()
            os.close(lock)
            if error.errno in BUSY:
                who = f"pid {owner}" if owner else "another process"
                raise ResultFileError(
                    f"{path.parent} is busy, used by {who}; wait for it to end, or use another "
                    "folder"
                ) from None
            raise
        os.close(lock)  # its last owner removed it while we waited to open it


def _is_at(lock: int, path: Path) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(lock), os.stat(path))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    FAR = 1 << 20  # the byte that is locked: nobody can read it, so not one of the process id

    def _lock(lock: int) -> None:
        os.lseek(lock, FAR, os.SEEK_SET)
        msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        os.lseek(lock, 0, os.SEEK_SET)

    def _release(lock: int, path: Path) -> None:
        os.close(lock)
        with contextlib.suppress(OSError):  # another process has it open
            path.unlink()

else:

    def _lock(lock: int) -> None:
        try:
            import fcntl
        except ImportError:  # a browser
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise

    def _release(lock: int, path: Path) -> None:
        path.unlink(missing_ok=True)  # while it is ours
        os.close(lock)
