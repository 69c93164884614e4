"""The evidence atlas: for every problem what is known of it, by two routes, in one JSON file.

`data/atlas.json` holds the log evidence twice, exact moments, the best bound of every factorisation
with the q that attains it, the data's checksum, the prior and the published figures. Its keys are
described in data/ATLAS.md. Reading it imports nothing but json; `make atlas` computes it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from vi_lab.arguments import checks
from vi_lab.datasets.files import content

FILE = "atlas.json"


def read(names: Iterable[str] | None = None) -> dict[str, Any]:
    """The bundled atlas, or what it says of some problems.

    Parameters
    ----------
    names : list of str, optional
        Problems by name; all for None. InputError for one that is not in the atlas.

    Returns
    -------
    dict
        As in the file: `format`, `version`, `tolerance`, and `problems` by name.
    """
    atlas: dict[str, Any] = json.loads(content(FILE))
    if names is not None:
        problems = atlas["problems"]
        kept = [checks.one_of("problem", name, problems) for name in names]
        atlas["problems"] = {name: problems[name] for name in kept}
    return atlas
