"""Names that become those of files, on any system."""

from __future__ import annotations

import os
import re
import unicodedata
import zlib
from collections.abc import Iterable
from pathlib import Path

from vi_lab.errors import ResultFileError, is_command, refuse_if

LONGEST = 100  # bytes of a name made of others
NO_LETTER = re.compile(r'[\s/\\:*?"<>|]+')  # what some system has in no name
OF_WINDOWS = re.compile(r"(con(in\$|out\$)?|prn|aux|nul|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)


def file_name(text: str) -> str:
    """A name as a file or folder may have it, on any system: "coal a=[2, 2]" is coal-a=[2,2].

    Two texts may share one; `alike` says which names a system takes for the same.
    """
    name = "".join(" " if is_command(letter) else letter for letter in text.replace(", ", ","))
    name = NO_LETTER.sub("-", unicodedata.normalize("NFC", name)) or "-"
    spelled = name.encode()
    if len(spelled) > LONGEST:
        start = spelled[:LONGEST].decode(errors="ignore")
        name = f"{start}-{zlib.crc32(text.encode(errors='replace')):08x}"
    # .. is another folder, what begins with a point is hidden, and Windows drops one at the end
    name = re.sub(r"^\.+|\.+$", lambda dots: "-" * len(dots[0]), name)
    return f"_{name}" if OF_WINDOWS.fullmatch(name) else name  # a device of Windows


def alike(name: str) -> str:
    """What file names have in common that some system takes for one: their case says nothing."""
    return unicodedata.normalize("NFC", name).casefold()


def refuse_shared(names: Iterable[str]) -> None:
    """InputError where two names would become that of one file."""
    owners: dict[str, str] = {}
    for name in names:
        other = owners.setdefault(alike(file_name(name)), name)
        refuse_if(other != name, f"files of {name!r} would replace those of {other!r}; rename one")


def name_files(path: str | os.PathLike[str], *suffixes: str) -> tuple[Path, ...]:
    """Files that share a name; one of their suffixes is taken off `path`, and nothing else, for in
    "rho=0.9" there is none."""
    path = Path(path)
    if path.name in ("", ".."):
        raise ResultFileError(f"{str(path)!r} is a folder; a result needs the name of a file")
    stem = path.with_suffix("") if path.suffix in suffixes else path
    return tuple(stem.with_name(stem.name + suffix) for suffix in suffixes)
