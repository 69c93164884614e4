"""Methods of results and small functions: one clear error for what they cannot use."""

import numpy as np
import pytest

import vi_lab
from tests.fuzz.doors import Q
from tests.fuzz.plots import material
from vi_lab import InputError, InputTypeError
from vi_lab.errors import ResultFileError
from vi_lab.results import diagnostics

MISTAKES = [
    (lambda fit: diagnostics.khat(None), InputTypeError, "log_weights"),
    (lambda fit: diagnostics.khat([]), InputError, "log_weights"),
    (lambda fit: diagnostics.khat([1j] * 30), InputTypeError, "log_weights"),
    (lambda fit: diagnostics.khat_limit(None), InputTypeError, "draws"),
    (lambda fit: fit.save(3.0), InputTypeError, "path"),
    (lambda fit: fit.save("a\0b"), InputError, "path"),
    (lambda fit: fit.save("."), ResultFileError, "'.' is a folder"),
    (lambda fit: fit.save("file", seed=len), InputTypeError, "JSON holds"),
    (lambda fit: type(fit).load(True), InputTypeError, "path"),
    (lambda fit: type(fit).load(""), ResultFileError, "'.' is a folder"),
    (lambda fit: Q.save(""), ResultFileError, "'.' is a folder"),
    (lambda fit: material()["comparison"].table(sed=1), InputTypeError, "Comparison.table()"),
    (lambda fit: Q.save("file", rmg=1), InputTypeError, "Posterior.save()"),
    (lambda fit: fit.save(seed=1), InputTypeError, "Posterior.save()"),
    (lambda fit: vi_lab.datasets.load_observations("x" * 5000), InputError, "path"),
    *(
        (lambda fit, name=name: getattr(fit, name)(seed=1), InputTypeError, f"Amortised.{name}()")
        for name in "encode decode reconstruct kl_by_latent ledger for_model load".split()
    ),
    *(
        (lambda fit, name=name: getattr(fit.vae, name)(sed=1), InputTypeError, f"VAE.{name}()")
        for name in "init elbo elbo_and_gradients score_function_gradients".split()
    ),
]


@pytest.mark.parametrize(("call", "error", "name"), MISTAKES)
def test_a_mistake_is_named(call, error, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error) as caught:
        call(material()["fits"][0])
    assert str(caught.value).startswith(name) and len(str(caught.value)) < 300
    assert not list(tmp_path.iterdir())


def test_k_hat_takes_what_log_weights_may_be():
    assert np.isnan(diagnostics.khat([0.0, -np.inf])) and diagnostics.khat_limit(1) == -np.inf


def test_a_factor_analysis_without_a_maximum_says_which_column():
    x = np.array([[1.0, 2.0, 5.0], [2.0, 1.0, 5.0], [4.0, 3.0, 5.0], [0.0, 2.0, 5.0]])
    with pytest.raises(InputError, match="x: column 2 is constant"):
        vi_lab.FactorAnalysis.maximum_likelihood(x, 1)
    with pytest.raises(InputTypeError, match="tol"):
        vi_lab.FactorAnalysis.maximum_likelihood(x, 1, tol=None)
