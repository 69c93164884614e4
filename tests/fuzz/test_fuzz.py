"""Whatever is handed to whatever is public gives finite numbers or a ViLabError: nothing else.

No bare error of numpy, scipy or Python, no warning, no nan, no complex number, no hang. The same
examples every time, none remembered. `python -m tests.fuzz` runs as many as it is told, and prints
how many; docs/bad_input.md has what that found.
"""

import contextlib
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.calls import calls
from tests.fuzz.commands import commands
from tests.fuzz.doors import DOORS, LOCAL
from tests.fuzz.own import conditionals, densities
from tests.fuzz.public import EXCUSED, public, untried
from tests.fuzz.tried import finite, tried
from vi_lab import models

PLOTS = [n for n in DOORS if n.startswith(("plots.", "View.")) or n.endswith(".plot")]
FAMILIES = [n for n in DOORS if n.endswith(".of") and n != "GaussianRows.of"]
MODELS = [n for n in DOORS if n.split("/")[0] in models.__all__]
METHODS = [n for n in DOORS if "." in n and n[0].isupper() and n not in (*PLOTS, *FAMILIES)]
DATA = [n for n in DOORS if n.startswith("datasets.")]
OTHERS = [n for n in DOORS if n not in (*PLOTS, *FAMILIES, *MODELS, *METHODS, *DATA)]
# how many in a run of the whole suite: about 450, in three seconds
FEW = {
    "models": (calls(MODELS), 60),
    "families": (calls(FAMILIES), 120),
    "calls": (calls(OTHERS), 120),
    "methods": (calls([*METHODS, *DATA]), 60),
    "plots": (calls(PLOTS), 25),
    "commands": (commands, 15),
    "own densities": (densities, 40),
    "own conditionals": (conditionals, 30),
}
TOTAL = 100_000  # of `python -m tests.fuzz`: a quarter of an hour; `make slow` runs a tenth
# of TOTAL, and a tenth of it more for each kind that came later; the others are soon exhausted
SHARES = dict(models=0.15, calls=0.4, families=0.45, methods=0.1, plots=0.1, commands=0.1)


def examples(strategy, count, number=0):
    """Run so many examples; a Counter of True (it answered) and False (a ViLabError)."""
    told = Counter()

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,  # `seed` fixes them, and another number gives others
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(strategy)
    def all_of(run):
        try:
            told[tried(run)] += 1
        except BaseException as failure:
            with contextlib.suppress(RuntimeError):  # a Rude has no repr
                failure.add_note(f"in {run.func.__name__}{run.args!r}"[:2000])
            raise

    all_of()
    return told


@pytest.mark.parametrize("kind", FEW)
def test_any_input_gives_finite_numbers_or_a_clear_error(kind):
    strategy, count = FEW[kind]
    told = examples(strategy, count)
    assert sum(told.values()) >= 0.7 * count  # and not only the same few
    assert min(told[True], told[False]) >= 0.05 * count  # both happen


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", SHARES)
def test_ten_thousand_inputs(kind):
    strategy, count = FEW[kind][0], int(TOTAL // 10 * SHARES[kind])
    assert sum(examples(strategy, count, number=1).values()) >= 0.95 * count


def tried_names():
    """What the table hands something to, by the names of `public`."""
    bare = {name.split("/")[0] for name in DOORS}
    return bare | {name.removesuffix(".of") for name in bare}


def test_everything_public_is_tried():
    """A new public function, class or method has to be added to the table, or excused."""
    assert untried(tried_names()) == []
    known = public()
    assert [n for n in EXCUSED if n not in known or n in tried_names()] == []
    assert tried_names() - set(known) == set(LOCAL)  # of modules that are not public


def test_what_is_not_tried_is_found():
    """The test is tested: what is taken out of the table is missed."""
    for name in ("plots.joint", "Amortised.decode", "gibbs", "Gamma.of"):
        missed = untried(tried_names() - {name})
        assert missed == [name]


def test_a_planted_mistake_is_found():
    """The tests are tested: a bare error, a warning, a nan and a hang each fail."""
    for wrong in (
        lambda: 1 / 0,
        lambda: warnings.warn("oh", stacklevel=1),
        lambda: finite(np.nan),
        lambda: finite({"mu": [1.0, np.inf]}),
        lambda: finite(1j),
        lambda: np.log(np.zeros(2)),
    ):
        with pytest.raises((AssertionError, ZeroDivisionError, Warning)):
            tried(wrong)
