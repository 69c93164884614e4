"""What would not fit is refused, and nothing is refused for want of knowing."""

import os

import pytest

from vi_lab.arguments.memory import memory_limit, require_memory
from vi_lab.errors import InputError


@pytest.mark.parametrize("pages", [-1, 0])
def test_a_system_that_does_not_say_how_much_memory_it_has_counts_as_having_two_gib(
    pages, monkeypatch
):
    """WebAssembly answers so: without this nothing is drawn in a browser."""
    answers = {"SC_PAGE_SIZE": 65536, "SC_PHYS_PAGES": pages}
    monkeypatch.setattr(os, "sysconf", answers.__getitem__, raising=False)
    assert memory_limit() == 2**30
    require_memory("figure", "its picture", 1000)
    with pytest.raises(InputError, match="would take 8 GiB, above the limit of 1 GiB"):
        require_memory("figure", "its picture", 2**30)
