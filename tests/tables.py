"""A test that walks a table: it tries every row, and names all that fail.

pytest takes some milliseconds for each test, which is more than most rows take.
"""

import functools
import inspect

import pytest

PARAM = type(pytest.param())


def table(names, rows, *, ids=None, by=None):
    """The rows of `pytest.mark.parametrize`, walked by one test or by one for each group.

    Parameters
    ----------
    names : str or tuple of str
        Arguments of the test that a row gives; others are fixtures, made once for all rows.
    rows : iterable
        Values, tuples of them where there are several names, or `pytest.param`. Rows with marks
        are walked by a test of their own.
    ids : callable or iterable of str, optional
        What a row is called: a function of its first value, or the names. Default: its values.
    by : callable, optional
        The values of a row -> the name of its group, for which there is a test.
    """
    names = tuple(names.replace(",", " ").split()) if isinstance(names, str) else names
    rows = [as_param(row, len(names)) for row in rows]
    if ids is not None:
        ids = [ids(row.values[0]) for row in rows] if callable(ids) else list(ids)
    groups = {}
    for number, row in enumerate(rows):
        name = row.id or (ids[number] if ids else "-".join(map(short, row.values)))
        group = [by(*row.values) if by else "rows", *(mark.name for mark in row.marks)]
        walked, _ = groups.setdefault("-".join(group), ([], row.marks))
        walked.append((name, dict(zip(names, row.values, strict=True))))

    def decorate(function):
        @functools.wraps(function)
        def walk(walked, **fixtures):
            failed = {}
            for name, values in walked:
                try:
                    function(**values, **fixtures)
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"The row: {name}")
                    failed[name] = error
            if failed:
                words = f"{len(failed)} of {len(walked)} rows failed: {'; '.join(failed)}"
                raise BaseExceptionGroup(words, list(failed.values()))

        arguments = dict(inspect.signature(function).parameters)
        fixtures = [arguments[name] for name in arguments if name not in names]
        taken = inspect.Parameter("walked", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        walk.__signature__ = inspect.Signature([taken, *fixtures])
        params = [pytest.param(r, id=name, marks=m) for name, (r, m) in groups.items()]
        return pytest.mark.parametrize("walked", params)(walk)

    return decorate


def as_param(row, count):
    """A row of so many values as a `pytest.param`."""
    if isinstance(row, PARAM):
        return row
    return pytest.param(*row) if count > 1 else pytest.param(row)


def short(value):
    """What a value is called in the name of its row."""
    return " ".join(str(getattr(value, "__name__", value)).split())[:60]
