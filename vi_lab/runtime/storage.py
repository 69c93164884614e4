"""Files that are whole or absent: written beside, fsynced, renamed.

Renaming is the standard library's. The packages that wrap it neither sync the folder nor name what
a killed writer leaves, so that the next can remove it; and none keeps two files in step.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import platform
import re
import secrets
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab._version import __version__
from vi_lab.errors import InputError, InputTypeError, ResultFileError
from vi_lab.runtime import file_names, reading
from vi_lab.runtime.held import find_holder, is_still, open_place

UNSYNCED = (errno.EBADF, errno.EINVAL)  # of a folder, where folders are not synced: WASI, shares
PART = re.compile(r"\..+\.[a-z0-9_]{8}\.part")  # what a writer that was killed leaves behind


def write_bytes(path: str | os.PathLike[str], content: bytes) -> Path:
    """Put `content` at `path`: readers see the old file or the new one, never a part of either.

    A link there is replaced, not followed; a device, a pipe or a folder is a ResultFileError.
    """
    path = Path(path)
    try:
        with open_place(path) as (place, folder):
            _refuse_other_kinds(place, folder)
            with _written_beside(place, folder, content) as temporary:
                os.replace(temporary, place, src_dir_fd=folder, dst_dir_fd=folder)
            _sync_folder(place.parent, folder)
    except OSError as error:
        raise ResultFileError(f"cannot write {path}: {error.strerror or error}") from None
    return path


def write_new(path: str | os.PathLike[str], content: bytes) -> bool:
    """The same where nothing has that name; False, and nothing is written, where something has."""
    path = Path(path)
    if os.path.lexists(path):
        return False
    try:
        with open_place(path) as (place, folder):
            with _written_beside(place, folder, content) as temporary:
                try:  # which, unlike a renaming, takes no place from another
                    os.link(temporary, place, src_dir_fd=folder, dst_dir_fd=folder)
                except FileExistsError:
                    return False
                except OSError:  # a file system without links
                    os.rename(temporary, place, src_dir_fd=folder, dst_dir_fd=folder)
            _sync_folder(place.parent, folder)
    except OSError as error:
        raise ResultFileError(f"cannot write {path}: {error.strerror or error}") from None
    return True


@contextlib.contextmanager
def _written_beside(path: Path, folder: int | None, content: bytes) -> Iterator[Path]:
    """A file of this content beside that of a path from a folder, under a name that nothing reads,
    that is gone in the end; readable by whom the user's umask lets read."""
    name = path.name.encode(errors="ignore")[: file_names.LONGEST].decode(errors="ignore")
    temporary = path.with_name(f".{name}.{secrets.token_hex(4)}.part")
    how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(temporary, how, 0o666, dir_fd=folder), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        with contextlib.suppress(FileNotFoundError):  # it has been renamed
            os.unlink(temporary, dir_fd=folder)


def require_place(path: str | os.PathLike[str]) -> None:
    """ResultFileError where no file can be written: asked before the work that it is to hold."""
    path = Path(path)
    try:
        with open_place(path) as (place, folder):
            _refuse_other_kinds(place, folder)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ResultFileError(f"cannot write {path}: {error.strerror or error}") from None


def _refuse_other_kinds(path: Path, folder: int | None) -> None:
    """OSError where a device, a pipe or a folder is where a file is to be written."""
    with contextlib.suppress(FileNotFoundError):
        kind = os.stat(path, dir_fd=folder, follow_symlinks=False).st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISLNK(kind):
            raise OSError(errno.EINVAL, "it is no regular file")


def is_own_file(path: Path) -> bool:
    """Whether a path may be opened for writing: nothing is there, or a file that has no other name,
    so that no file that lies elsewhere is written over."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return True
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def clear(folder: Path) -> None:
    """Remove what killed writers left in a folder, which nobody else may be writing in."""
    holder = find_holder(folder)
    if folder.is_dir() and (holder is None or is_still(holder)):
        for path in folder.iterdir():
            if PART.fullmatch(path.name) and (path.is_file() or path.is_symlink()):
                path.unlink(missing_ok=True)


def _sync_folder(path: Path, folder: int | None) -> None:
    """Make the rename itself durable, where the platform can open a folder."""
    if os.name == "posix":
        try:
            handle = os.open(path, os.O_RDONLY, dir_fd=folder)
        except PermissionError:  # it may be written to and searched, and not listed
            return
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in UNSYNCED:
                raise
        finally:
            os.close(handle)


def write_json(path: str | os.PathLike[str], content: Any) -> Path:
    """Write JSON (strict: no NaN or infinity; they become null)."""
    return write_bytes(path, to_json(content).encode())


def write_npz(path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> Path:
    """Write an npz of plain arrays."""
    return write_bytes(path, _npz(arrays))


def _npz(arrays: Mapping[str, Any]) -> bytes:
    """What np.load reads; the same bytes for the same arrays.

    Labels and tables that are mostly 0 are compressed. Draws of real numbers are kept as they are:
    most of their bits are noise, and to find that out takes longer than to make them.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in map(_as_array, arrays.items()):
            _refuse_name(name)
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            full = array.dtype.kind == "f" and 2 * np.count_nonzero(array) >= array.size
            how = zipfile.ZIP_STORED if full else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo(f"{name}.npy")  # dated 1980
            archive.writestr(entry, member.getvalue(), how, compresslevel=1)
    return buffer.getvalue()


def _refuse_name(name: str) -> None:
    """InputError for a name that an archive would cut off, or cannot hold."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InputError(f"{name!r} is no text, and no file can hold it") from None
    if "\0" in name:
        raise InputError(f"{name!r} holds a NUL, at which a file would cut it off")


def _as_array(named: tuple[str, Any]) -> tuple[str, np.ndarray]:
    return named[0], np.asarray(named[1])


def write_pair(
    path: str | os.PathLike[str], arrays: Mapping[str, Any], record: Mapping[str, Any]
) -> Path:
    """Write <path>.npz and <path>.json, which `read_pair` finds both old or both new.

    The arrays wait in <path>.npz.next; the JSON, with their checksum, is what makes them count;
    then they get their name. Killed anywhere in between, one whole pair is there.
    """
    numbers, waiting, words = _names(path)
    content = _npz(arrays)
    # before anything is on disk: a record that cannot be written leaves nothing
    plain_arrays = map(_as_array, arrays.items())
    layout = {name: reading.describe(a.dtype, a.shape) for name, a in plain_arrays}
    text = to_json({**record, "arrays": layout, "crc32": zlib.crc32(content)})
    write_bytes(waiting, content)
    write_bytes(words, text.encode())
    try:
        with open_place(numbers) as (place, folder):
            before = place.with_name(waiting.name)
            os.replace(before, place, src_dir_fd=folder, dst_dir_fd=folder)
            _sync_folder(place.parent, folder)
    except OSError as error:
        raise ResultFileError(f"cannot write {numbers}: {error.strerror or error}") from None
    return words


def read_pair(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and record of a pair.

    Raises ResultFileError where a file is missing or damaged, or the arrays are not the record's.
    """
    numbers, waiting, words = _names(path)
    record = reading.read_json(words)
    wanted = record.get("crc32") if isinstance(record, dict) else None
    layout = record.get("arrays") if isinstance(record, dict) else None  # none in older files
    if wanted is None or not isinstance(layout, dict | None):
        raise ResultFileError(f"{words} is not of a vi_lab result (it lacks 'crc32' or 'arrays')")
    for place in (numbers, waiting, numbers):  # where one writes, it may move while we look
        with contextlib.suppress(FileNotFoundError):
            if zlib.crc32(reading.read_bytes(place)) == wanted:
                return reading.read_npz(place, layout), record
    if not numbers.exists():
        raise ResultFileError(f"cannot read {numbers}: it is not there")
    raise ResultFileError(f"{numbers} is damaged, or not the file that {words} describes")


def _names(path: str | os.PathLike[str]) -> tuple[Path, Path, Path]:
    """Of a pair: the npz, where it waits, and the JSON."""
    numbers, words = file_names.name_files(path, ".npz", ".json")
    return numbers, numbers.with_name(f"{numbers.name}.next"), words


def to_json(content: Any) -> str:
    """Indented strict JSON of plain Python and NumPy values."""
    try:
        text = json.dumps(plain(content), indent=2, allow_nan=False, ensure_ascii=False) + "\n"
        text.encode()
        return text
    except (TypeError, UnicodeEncodeError, RecursionError) as error:  # a list that holds itself
        raise InputTypeError(f"JSON holds numbers, text, lists and dicts alone: {error}") from None


def plain(value: Any) -> Any:
    """NumPy values, mappings and sequences as JSON's own; NaN and infinities as None.

    Of a path that the locale cannot spell, the bytes are taken as UTF-8, which JSON is in.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return {plain(str(k)): plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def provenance() -> dict[str, Any]:
    """What a reader needs to make the same numbers again: versions, platform and command."""
    import scipy

    name = Path(sys.argv[0] if sys.argv else "").name
    if name == "__main__.py":  # called as python -m PACKAGE
        name = f"python -m {Path(sys.argv[0]).parent.name}"
    command = [name, *sys.argv[1:]] if name else []
    return {
        "vi_lab": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
        "command": " ".join(command),
    }
