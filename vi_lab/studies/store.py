"""The store of a study: one SQLite file in its folder, one table a measure.

    info      name, value: schema, vi_lab (the version that computes the rows)
    columns   measure, name, means, shown: every column of every table, in words, and its place in
              the report or NULL
    MEASURE   problem, method, budget, seed, part (the key), status, error, seconds, then the
              measure's own columns

`status` is "done", "does not apply" or "raised"; `error` says why. The parts of a row are written
in one transaction: it is there whole or not at all. In SQLite's write-ahead log a transaction
survives the death of the process; after a power cut the last ones may be missing, and are computed
again (https://sqlite.org/pragma.html#pragma_synchronous, NORMAL). One process writes: it holds the
lock of the folder.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vi_lab._version import __version__
from vi_lab.arguments import checks
from vi_lab.errors import InputError, ResultFileError
from vi_lab.runtime import storage
from vi_lab.studies.measure import Measure, RowKey

if TYPE_CHECKING:
    import sqlite3  # imported where a store is opened: a browser's Python comes without it

FILE = "study.sqlite"
SIDECARS = ("", "-wal", "-shm", "-journal")  # what SQLite writes: the file, and these meanwhile
SCHEMA = "1"
KEY = (*RowKey._fields, "part")
OUTCOME = ("status", "error", "seconds")
DONE, NOT_APPLICABLE, RAISED = "done", "does not apply", "raised"


class Answer(NamedTuple):
    """A row as it was computed: its key, how it ended, and its parts."""

    key: RowKey
    status: str
    error: str | None
    seconds: float
    parts: Sequence[Mapping[str, Any]]


class Store:
    """An open store; `open_store` and `read_store` make one."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self.path = connection, path

    def create_table(self, measure: Measure) -> None:
        """The table of a measure, unless it is there; InputError where its columns are others."""
        if not measure.name.isidentifier() or measure.name in ("info", "columns"):
            raise InputError(f"measure: needs a name that a table may have, got {measure.name!r}")
        names = [*KEY, *OUTCOME, *measure.columns]
        if measure.name in self.measures():
            there = self._names(measure.name)
            if there != names:
                odd = sorted(set(there) ^ set(names)) or ["the order"]
                raise ResultFileError(
                    f"{self.path} holds other columns of {measure.name} ({', '.join(odd[:3])}); "
                    "use another folder"
                )
            return
        with self._explained("write"), self._connection as transaction:
            columns = ", ".join(f'"{name}"' for name in names)
            key = ", ".join(KEY)
            transaction.execute(
                f'CREATE TABLE "{measure.name}" ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID'
            )
            place = {name: number for number, name in enumerate(measure.shown)}
            told = [
                (measure.name, name, means, place.get(name))
                for name, means in measure.columns.items()
            ]
            transaction.executemany("INSERT INTO columns VALUES (?, ?, ?, ?)", told)

    def measures(self) -> tuple[str, ...]:
        """The measures of which there is a table."""
        found = self._connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN "
            "('info', 'columns') ORDER BY name"
        )
        return tuple(name for (name,) in found)

    def finished(self, measure: str) -> set[RowKey]:
        """The keys of the rows that are there, however they ended."""
        found = self._connection.execute(
            f'SELECT {", ".join(RowKey._fields)} FROM "{measure}" WHERE part = 0'
        )
        return {RowKey(*key) for key in found}

    def append(self, measure: Measure, answer: Answer) -> None:
        """Write a finished row, durably; ResultFileError where there is no room for it."""
        names = list(measure.columns)
        rows = [
            (*answer.key, number, answer.status, answer.error, answer.seconds, *map(_plain, values))
            for number, values in enumerate(
                [part.get(name) for name in names] for part in answer.parts
            )
        ]
        places = ", ".join("?" * (len(KEY) + len(OUTCOME) + len(names)))
        with self._explained("write"), self._connection as transaction:
            transaction.executemany(f'INSERT INTO "{measure.name}" VALUES ({places})', rows)

    def remove(self, measure: str, keys: Iterable[RowKey]) -> None:
        """Forget some rows, those of them that are there."""
        same = " AND ".join(f"{name} = ?" for name in RowKey._fields)
        with self._explained("write"), self._connection as transaction:
            transaction.executemany(f'DELETE FROM "{measure}" WHERE {same}', keys)

    def rows(self, measure: str) -> Iterator[dict[str, Any]]:
        """Every part of every row by column, in the order of the keys, one at a time."""
        checks.one_of("measure", measure, self.measures())
        with self._explained("read"):
            found = self._connection.execute(f'SELECT * FROM "{measure}"')
            names = [column[0] for column in found.description]
            for values in found:
                yield dict(zip(names, values, strict=True))

    def shown(self, measure: str) -> list[str]:
        """The columns that the report sums up, in its order."""
        found = self._connection.execute(
            "SELECT name FROM columns WHERE measure = ? AND shown IS NOT NULL ORDER BY shown",
            (measure,),
        )
        return [name for (name,) in found]

    def version(self) -> str:
        """Of the vi_lab that computed the rows."""
        return self._info()["vi_lab"]

    def prepare(self) -> None:
        """The tables of every store, where they are missing."""
        with self._explained("write"):
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            with self._connection as transaction:
                transaction.execute("CREATE TABLE IF NOT EXISTS info (name PRIMARY KEY, value)")
                transaction.execute(
                    "CREATE TABLE IF NOT EXISTS columns (measure, name, means, shown)"
                )
                new = [("schema", SCHEMA), ("vi_lab", __version__)]
                transaction.executemany("INSERT OR IGNORE INTO info VALUES (?, ?)", new)

    def refuse_other_schema(self) -> None:
        """ResultFileError for a file that is no store, or one of another schema."""
        with self._explained("read"):
            tables = self._connection.execute("SELECT name FROM sqlite_master").fetchall()
            if tables and ("info",) not in tables:
                raise ResultFileError(f"{self.path} is no store of a study; use another folder")
            if tables and (schema := self._info().get("schema")) != SCHEMA:
                raise ResultFileError(
                    f"{self.path} is of schema {schema}, and this vi_lab reads {SCHEMA}; "
                    "use another folder"
                )

    def _info(self) -> dict[str, str]:
        return dict(self._connection.execute("SELECT name, value FROM info").fetchall())

    def _names(self, table: str) -> list[str]:
        return [row[1] for row in self._connection.execute(f'PRAGMA table_info("{table}")')]

    @contextlib.contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        """SQLite's errors as ours: a disk that is full, a file that is damaged or no database."""
        from sqlite3 import Error

        try:
            yield
        except Error as error:
            kept = "; rows that are finished are kept: run it again" if doing == "write" else ""
            raise ResultFileError(f"cannot {doing} {self.path}: {error}{kept}") from None


@contextlib.contextmanager
def open_store(folder: Path, measure: Measure) -> Iterator[Store]:
    """The store of a folder to write in, made where it is missing; the caller holds its lock.

    Raises ResultFileError where it is of another schema, version or set of columns: rows that two
    versions computed do not belong in one table.
    """
    with _connect(folder / FILE) as store:
        store.refuse_other_schema()
        store.prepare()
        if store.version() != __version__:
            raise ResultFileError(
                f"{store.path} was made by vi_lab {store.version()}, and this is {__version__}: "
                "their rows do not belong together; use another folder"
            )
        store.create_table(measure)
        yield store


@contextlib.contextmanager
def read_store(folder: Path) -> Iterator[Store]:
    """The store of a folder to read from, also while another process writes."""
    path = folder / FILE
    if not path.is_file():
        raise ResultFileError(f"{folder} holds no study: there is no {FILE} in it")
    with _connect(path) as store:
        store.refuse_other_schema()
        yield store


@contextlib.contextmanager
def _connect(path: Path) -> Iterator[Store]:
    from sqlite3 import Error, connect

    for sidecar in SIDECARS:
        file = path.with_name(path.name + sidecar)
        if not storage.is_own_file(file):  # SQLite would write elsewhere
            raise ResultFileError(f"cannot open {file}: it is a link, or no file; remove it")
    try:
        connection = connect(path)
    except Error as error:
        raise ResultFileError(f"cannot open {path}: {error}") from None
    with contextlib.closing(connection):
        yield Store(connection, path)


def _plain(value: Any) -> Any:
    """A NumPy number as Python's; what has no number, nan, as NULL."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and value != value else value
