"""Every array of a saved result, made into something else: one error, or a result that is whole."""

import json
import zlib

import numpy as np
import pytest

import vi_lab
from tests.thinning import mostly_slow
from vi_lab.errors import ResultFileError
from vi_lab.runtime import reading

RESULTS = {
    "draws": lambda: vi_lab.gibbs("newcomb", rng=0, chains=2, draws=6, warmup=0),
    "factors": lambda: vi_lab.cavi("newcomb", rng=0),
    "response": lambda: vi_lab.linear_response(vi_lab.cavi("newcomb", rng=0)),
    "gaussian": lambda: vi_lab.laplace("newcomb"),
}
CHANGES = {
    "nan": lambda a: np.full(a.shape, np.nan),
    "infinite": lambda a: np.full(a.shape, np.inf),
    "negative": lambda a: -np.abs(a) - 1,
    "empty": lambda a: a.reshape(-1)[:0],
    "with an axis more": lambda a: a[..., None],
    "one number": lambda a: np.array(0.5),
    "booleans": lambda a: np.zeros(a.shape, bool),
    "complex": lambda a: a.astype(complex),
    "text": lambda a: np.full(a.shape, "x"),
    "half as precise": lambda a: a.astype(np.float16),
    "whole numbers": lambda a: np.zeros(a.shape, np.uint8),
    "twice as precise": lambda a: a.astype(np.longdouble),
    "dates": lambda a: np.zeros(a.shape, "datetime64[s]"),
}


def saved(folder, result, name, array):
    """A pair of files in which one array is another, and whose record knows."""
    result.save(folder / "it")
    with np.load(folder / "it.npz") as file:
        arrays = {**file, name: array}
    np.savez(folder / "it.npz", **arrays)
    record = json.loads((folder / "it.json").read_text())
    record["arrays"] = {n: reading.describe(a.dtype, a.shape) for n, a in arrays.items()}
    record["crc32"] = zlib.crc32((folder / "it.npz").read_bytes())
    (folder / "it.json").write_text(json.dumps(record))
    return folder / "it"


@pytest.mark.parametrize("kind", mostly_slow(RESULTS, ["factors"]))
def test_an_array_that_is_another_is_one_error_or_does_no_harm(kind, tmp_path):
    result = RESULTS[kind]()
    refused = set()
    for name, array in result.pack()[0].items():
        for change, make in CHANGES.items():
            path = saved(tmp_path, result, name, make(np.asarray(array)))
            try:
                found = vi_lab.load(path, "newcomb")
                for latent in found.names:
                    assert np.isfinite(found.mean(latent)).all() and found.sd(latent) >= 0
                assert repr(found) and found._repr_html_()
            except ResultFileError:
                refused.add((name, change))
        wider = ["twice as precise"] * (np.longdouble(0).itemsize > 8)
        for change in ("nan", "complex", "text", "dates", *wider):
            assert (name, change) in refused or (change == "nan" and not np.size(array))


def test_one_covariance_that_is_no_number_is_refused(tmp_path):
    """A variance is looked at besides for its sign, which nan has none of: one beside them."""
    result = RESULTS["response"]()
    cov = np.array(result.cov)
    cov[0, 1] = np.nan
    with pytest.raises(ResultFileError, match="cov: needs a covariance"):
        vi_lab.load(saved(tmp_path, result, "cov", cov), "newcomb")
