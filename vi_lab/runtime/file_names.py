"""Names that become those of files, on any system."""

from __future__ import annotations

import os
import re
import unicodedata
import zlib
from pathlib import Path

from vi_lab.errors import ResultFileError

LONGEST = 100  # bytes of a name made of others
# What some system has in no name: whitespace, signs of its own, control characters, half letters.
NO_LETTER = re.compile(r'[\s/\\:*?"<>|\x00-\x1f\x7f\ud800-\udfff]+')
OF_WINDOWS = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)  # devices


def file_name(text: str) -> str:
    """A name as a file or folder may have it, on any system: "coal a=[2, 2]" is coal-a=[2,2].

    Two texts may share one; `alike` says which names a system takes for the same.
    """
    name = NO_LETTER.sub("-", unicodedata.normalize("NFC", text.replace(", ", ","))) or "-"
    spelled = name.encode()
    if len(spelled) > LONGEST:
        start = spelled[:LONGEST].decode(errors="ignore")
        name = f"{start}-{zlib.crc32(text.encode(errors='replace')):08x}"
    name = re.sub(r"\.+$", lambda dots: "-" * len(dots[0]), name)  # .. is another folder
    return f"_{name}" if OF_WINDOWS.fullmatch(name) else name


def alike(name: str) -> str:
    """What file names have in common that some system takes for one: their case says nothing."""
    return unicodedata.normalize("NFC", name).casefold()


def name_files(path: str | os.PathLike[str], *suffixes: str) -> tuple[Path, ...]:
    """Files that share a name; one of their suffixes is taken off `path`, and nothing else, for in
    "rho=0.9" there is none."""
    path = Path(path)
    if path.name in ("", ".."):
        raise ResultFileError(f"{str(path)!r} is a folder; a result needs the name of a file")
    stem = path.with_suffix("") if path.suffix in suffixes else path
    return tuple(stem.with_name(stem.name + suffix) for suffix in suffixes)
