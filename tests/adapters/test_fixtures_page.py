"""docs/fixtures.md as a reader runs it: each block that needs what is installed."""

import ast
import re

import numpy as np
import pytest

from tests.places import ROOT

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/fixtures.md").read_text("utf-8"), re.S)
NEEDS = {"import emcee": "emcee", "numpyro": "numpyro", "import blackjax": "blackjax"}


def run(blocks):
    """What the names are after these blocks; `_` is the expression that the last ends in."""
    names = {}
    for block in blocks:
        exec(compile(block, "docs/fixtures.md", "exec"), names)
        last = ast.parse(block).body[-1]
        if isinstance(last, ast.Expr):
            names["_"] = eval(compile(ast.Expression(last.value), "docs", "eval"), names)
    return names


def test_a_sampler_by_hand():
    names = run(BLOCKS[:2])
    assert np.abs(names["_"]).max() < 0.1


@pytest.mark.parametrize("word", NEEDS)
@pytest.mark.filterwarnings("ignore")
def test_other_samplers_find_the_means(word):
    """Of the rates, sds 0.29 and 0.12: a few hundred draws tell them to a tenth."""
    pytest.importorskip(NEEDS[word])
    (block,) = [b for b in BLOCKS if word in b and "def in_jax" not in b]
    blocks = [BLOCKS[0]]
    if word != "import emcee":
        blocks.append(next(b for b in BLOCKS if "def in_jax" in b))
    if word == "import blackjax":
        block = "log_density = in_jax(coal)\n" + block
    names = run([*blocks, block])
    off = np.asarray(names["_"]) - names["coal"].mean["rates"]
    assert np.abs(off).max() < 0.12
