"""How the atlas is laid out as text, so that a change of a number is a change of a line."""

from __future__ import annotations

import json
from typing import Any

from vi_lab.runtime import storage


def as_text(atlas: Any) -> str:
    """Strict JSON, indented, with every list of numbers on one line."""
    return _lay_out(storage.plain(atlas), "") + "\n"


def _lay_out(value: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, dict) and value:
        items = [f"{inner}{json.dumps(k)}: {_lay_out(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(v, dict) for v in value):
        items = [inner + _lay_out(v, inner) for v in value]
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    return json.dumps(value, allow_nan=False, ensure_ascii=False)
