"""scipy.special, imported at first use: importing it takes longer than importing all of vi_lab."""

from typing import Any


def __getattr__(name: str) -> Any:
    import scipy.special

    function = getattr(scipy.special, name)
    globals()[name] = function
    return function
