"""What goes wrong in a user's own model is said of it, and never of vi_lab: each hook by itself."""

import pytest

from tests.console import call

MODEL = """
import numpy as np
from vi_lab import BetaBernoulli

class Odd(BetaBernoulli):
    '''theta ~ Beta(a, b)'''

    def {hook}(self, *given):
        {body}

model = Odd([0, 1, 1], 1.0, 1.0)
"""
RAISE, LEAVE, NONE = 'raise ZeroDivisionError("by nought")', "raise SystemExit(0)", "return None"
SCALAR, OTHER = "return {'theta': 0.5}", "return 0.5"
DESCRIBED, COMPARED = "problems {}", "compare {} --methods exact"
ESTIMATED = "evidence {} --methods prior --seeds 1 --jobs 1"
PLAYED = "replay {} --out made.html"
# hook, what it does, the command, and what is said of it
FAULTS = [
    ("latents", RAISE, DESCRIBED, "its latents raised ZeroDivisionError: by nought"),
    ("latents", RAISE, COMPARED, "its latents raised ZeroDivisionError: by nought"),
    ("latents", LEAVE, COMPARED, "my.py, line 9: raised SystemExit: 0"),
    ("latents", NONE, DESCRIBED, "latents: needs a dict, got None"),
    ("latents", NONE, COMPARED, "latents: needs a dict, got None"),
    ("latents", SCALAR, COMPARED, "latents: 'theta' needs shape (1, ...) for 1 chains"),
    ("latents", NONE, PLAYED, "latents: needs a dict, got None"),
    ("latents", "return {1: np.ones(1)}", PLAYED, "latents: needs names, got 1"),
    ("latents", "return {'theta': 'far'}", PLAYED, "'theta' needs real numbers, got 'far'"),
    ("summaries", OTHER, COMPARED, "summaries: needs a dict, got 0.5"),
    ("summaries", RAISE, PLAYED, "its summaries raised ZeroDivisionError"),
    ("sample_latents", RAISE, DESCRIBED, "drawing the starts raised ZeroDivisionError"),
    ("sample_latents", LEAVE, "check {}", "my.py, line 9: raised SystemExit: 0"),
    ("sample_latents", LEAVE, "validate {}", "my.py, line 9: raised SystemExit: 0"),
    ("sample_initial_values", NONE, DESCRIBED, "needs a dict with the value of every latent"),
    ("exact_posterior", LEAVE, "audit {} --bound -3", "my.py, line 9: raised SystemExit: 0"),
    ("why_reducible", OTHER, COMPARED, "why_reducible: needs text or None, got 0.5"),
    ("why_not_conjugate", OTHER, PLAYED, "why_not_conjugate: needs text or None, got 0.5"),
    ("why_not_conjugate", RAISE, COMPARED, "raised ZeroDivisionError: by nought (my.py, line 9)"),
    ("share_of_rounding", NONE, COMPARED, "share_of_rounding: needs a dict, got None"),
    ("log_prior", NONE, ESTIMATED, "log_prior: needs real numbers of shape"),
    ("log_prior", RAISE, ESTIMATED, "the log prior raised ZeroDivisionError"),
    ("nominal", NONE, DESCRIBED, "nominal needs to be a dict of a number of classes"),
    ("sources", NONE, COMPARED, "sources needs to be a dict"),
    ("auxiliary", NONE, COMPARED, "auxiliary needs to be a tuple of names"),
]  # fmt: skip


@pytest.mark.parametrize(("hook", "body", "command", "told"), FAULTS)
def test_what_a_hook_does_wrong_is_said_of_the_model(hook, body, command, told, tmp_path):
    (tmp_path / "my.py").write_text(MODEL.format(hook=hook, body=body))
    _, err = call(*command.format("my.py:model").split(), cwd=tmp_path, code=2)
    assert told in err and err.count("\n") == 1


def test_the_line_of_a_file_that_is_imported_is_named(tmp_path):
    (tmp_path / "helper_of_mine.py").write_text("def why(*given):\n    return 1 / 0\n")
    made = MODEL.format(hook="why_reducible", body="return helper_of_mine.why()")
    (tmp_path / "my.py").write_text(f"import helper_of_mine\n{made}")
    _, err = call("compare", "my.py:model", "--methods", "exact", cwd=tmp_path, code=2)
    assert "ZeroDivisionError: division by zero (helper_of_mine.py, line 2)" in err
