"""Files that are whole or absent: written beside, fsynced, renamed; read without unpickling."""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab.errors import ResultFileError
from vi_lab.version import __version__


def write_bytes(path: str | os.PathLike[str], content: bytes) -> Path:
    """Put `content` at `path`: readers see the old file or the new one, never a part of either."""
    path = Path(path)
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(".part", f".{path.name}.", path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        temporary = None
        _sync_folder(path.parent)
    except OSError as error:
        raise ResultFileError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):  # renamed, and interrupted since
                os.unlink(temporary)
    return path


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the platform can open a folder."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_json(path: str | os.PathLike[str], content: Any) -> Path:
    """Write JSON (strict: no NaN or infinity; they become null)."""
    return write_bytes(path, to_json(content).encode())


def write_npz(path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> Path:
    """Write a compressed npz of plain arrays."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **{k: np.asarray(v) for k, v in arrays.items()})
    return write_bytes(path, buffer.getvalue())


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read JSON; ResultFileError where the file is missing or damaged."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ResultFileError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise ResultFileError(f"{path} is not a whole JSON file: {error}") from None


def read_npz(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Read every array of an npz, never unpickling; ResultFileError where that fails."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ResultFileError(f"cannot read {path}: {error.strerror}") from None
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise ValueError("it holds files that are no arrays")
    except Exception as error:  # zip, zlib, header: a damaged archive can raise almost anything
        raise ResultFileError(f"{path} is not a whole npz file of plain arrays: {error}") from None
    return arrays


def to_json(content: Any) -> str:
    """Indented strict JSON of plain Python and NumPy values."""
    return json.dumps(plain(content), indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def plain(value: Any) -> Any:
    """NumPy values, mappings and sequences as JSON's own; NaN and infinities as None."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
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

    command = [Path(sys.argv[0]).name, *sys.argv[1:]] if sys.argv and sys.argv[0] else []
    return {
        "vi_lab": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
        "command": " ".join(command),
    }
