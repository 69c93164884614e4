"""The picture of estimates of log p(x): a dot a seed at its distance, a line at the truth."""

import numpy as np
import pytest

from vi_lab import InputTypeError, evidence, plots


def test_a_dot_a_seed_and_a_line_at_the_truth():
    found = [evidence("coin", method=m, rng=0, seeds=3, draws=200) for m in ("importance", "prior")]
    ax = plots.evidence(found)
    for place, row in enumerate(found):
        dots = ax.containers[place].lines[0].get_xydata()
        np.testing.assert_allclose(dots[:, 0], [e.off for e in row.by_seed], atol=1e-12)
        assert np.abs(dots[:, 1] - place).max() < 0.5
    (line,) = [each for each in ax.lines if each.get_label() == "log p(x)"]
    assert set(line.get_xdata()) == {0.0}
    assert "A line at log p(x), -13.60966" in plots.alt_text(ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["importance", "prior"]


def test_an_estimate_that_misses_is_named_in_the_title():
    low = evidence("tiny-mixture", rng=0, draws=2000)
    assert plots.evidence([low]).get_title(loc="left").endswith("errors: importance")


def test_other_things_are_refused():
    with pytest.raises(InputTypeError, match="needs a list of EvidenceEstimate"):
        plots.evidence([1.0])
