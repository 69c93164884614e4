"""Results on disk: what is saved comes back; what is damaged or another's is refused, and kept."""

import contextlib
import json
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import vi_lab
from vi_lab import (
    ChangePoint,
    Factorised,
    Gamma,
    InputError,
    InputTypeError,
    LatentDirichletAllocation,
    Normal,
    ResultFileError,
    cavi,
    collapsed_gibbs,
    exact,
    gibbs,
    gibbs_expanded,
    load,
    metropolis_hastings,
    problem,
)
from vi_lab.runtime import reading, storage

COAL = problem("coal")
SPRINKLER, SCHOOLS = problem("sprinkler"), problem("eight-schools")
TOPICS = LatentDirichletAllocation([[2, 1, 0], [0, 1, 3]], 2, 1.0, 1.0)
MAKE = {
    "gibbs": lambda: gibbs(COAL, rng=0, draws=50),
    "metropolis": lambda: metropolis_hastings(COAL, rng=0, draws=50, warmup=100),
    "cavi": lambda: cavi(COAL, rng=0, restarts=3),
    "exact": lambda: exact(COAL),
}


@pytest.fixture(params=MAKE)
def result(request):
    return MAKE[request.param]()


def saved_record(path):
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def rewrite(path, **changes):
    """Change entries of a saved JSON; None takes one out."""
    record = {**saved_record(path), **changes}
    kept = {key: value for key, value in record.items() if value is not None}
    path.with_suffix(".json").write_text(json.dumps(kept), encoding="utf-8")


def test_a_result_comes_back_as_it_was(result, tmp_path):
    result.save(tmp_path / "result", seed=0)
    again = load(tmp_path / "result", COAL)
    assert type(again) is type(result)
    assert repr(again) == repr(result)
    assert (again.method, again.seconds) == (result.method, result.seconds)
    for name in result.names:  # equal but for the order in which a sum over draws is taken
        np.testing.assert_allclose(again.mean(name), result.mean(name), rtol=1e-13)
        np.testing.assert_allclose(again.sd(name), result.sd(name), rtol=1e-13)
    drawn, redrawn = (r.sample(5, rng=1) for r in (result, again))
    for name in drawn:
        np.testing.assert_array_equal(redrawn[name], drawn[name])


def test_draws_keep_everything_and_need_no_model(tmp_path):
    draws = MAKE["metropolis"]()
    draws.save(tmp_path / "draws")
    again = load(tmp_path / "draws")
    assert again.model is None
    assert again.values.keys() == draws.values.keys()
    for name, values in draws.values.items():
        np.testing.assert_array_equal(again.values[name], values)
        assert again.values[name].dtype == values.dtype
    np.testing.assert_array_equal(again.acceptance_rate, draws.acceptance_rate)
    assert again.cost == draws.cost
    assert again.settings.keys() == draws.settings.keys()
    for name, value in draws.settings.items():
        np.testing.assert_array_equal(again.settings[name], value)
        assert type(again.settings[name]) is type(value)
    for diagnosed, before in ((again.rhat(), draws.rhat()), (again.ess(), draws.ess())):
        assert diagnosed["s"] == before["s"]


def test_a_factorised_q_keeps_its_bound_and_its_record(tmp_path):
    q = MAKE["cavi"]()
    q.save(tmp_path / "q")
    again = load(tmp_path / "q", COAL)
    assert again.elbo == q.elbo
    np.testing.assert_array_equal(again.elbo_trace, q.elbo_trace)
    np.testing.assert_array_equal(again.optima, q.optima)
    assert (again.converged, again.cost) == (q.converged, q.cost)


RUNS = {
    "gibbs": lambda rng: gibbs(COAL, rng=rng, chains=1, draws=5, warmup=0),
    "metropolis": lambda rng: metropolis_hastings(COAL, rng=rng, chains=1, draws=5, warmup=0),
    "discrete": lambda rng: metropolis_hastings(SPRINKLER, rng=rng, chains=1, draws=5, warmup=0),
    "collapsed": lambda rng: collapsed_gibbs(TOPICS, rng=rng, chains=1, draws=1, warmup=0),
    "expanded": lambda rng: gibbs_expanded(SCHOOLS, rng=rng, chains=1, draws=5, warmup=0),
    "cavi": lambda rng: cavi(COAL, rng=rng),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_seed_of_a_run_is_saved_with_it(name, tmp_path):
    path = tmp_path / "result"
    for rng, seed in ((7, 7), (np.int64(7), 7), (np.random.default_rng(7), None), (None, None)):
        result = RUNS[name](rng)
        result.save(path)
        assert saved_record(path)["seed"] == seed
        again = load(path, result.model)
        for found in (result, again):
            noted = found.seed if name == "cavi" else found.settings["seed"]
            assert noted == seed and type(noted) is type(seed)
    result.save(path, seed=3)  # the caller knows where its Generator came from
    assert saved_record(path)["seed"] == 3
    exact(COAL).save(path)
    assert saved_record(path)["seed"] is None


def test_a_q_made_by_hand_with_a_batch_comes_back(tmp_path):
    model = problem("newcomb")
    q = Factorised(model, mu=Normal.of(mean=[26, 27], sd=1), tau=Gamma.of(shape=2, rate=200))
    q.save(tmp_path / "q")
    np.testing.assert_array_equal(load(tmp_path / "q", model).elbo, q.elbo)


def test_a_path_may_have_either_suffix_and_dots_of_its_own(tmp_path):
    q = MAKE["cavi"]()
    q.save(tmp_path / "rho=0.99.npz")
    assert {path.name for path in tmp_path.iterdir()} == {"rho=0.99.npz", "rho=0.99.json"}
    for name in ("rho=0.99", "rho=0.99.npz", "rho=0.99.json"):
        assert load(tmp_path / name, COAL).elbo == q.elbo


def test_the_json_says_how_the_numbers_came_about(tmp_path):
    MAKE["gibbs"]().save(tmp_path / "result", seed=7)
    record = saved_record(tmp_path / "result.npz")
    assert record["seed"] == 7
    assert record["model"] == "ChangePoint"
    assert {"vi_lab", "python", "numpy", "scipy", "command"} <= record["provenance"].keys()


@pytest.mark.parametrize("step", range(7))
def test_stopped_after_any_step_one_whole_pair_is_there(step, tmp_path, monkeypatch):
    """The old result until the new one counts; never numbers of one with words of the other."""
    old, new = (gibbs(COAL, rng=seed, draws=20) for seed in (0, 1))
    old.save(tmp_path / "result", seed=0)
    steps = iter(range(100))

    def until(name, call):
        def one(*arguments, **more):
            if next(steps) == step:
                raise KeyboardInterrupt
            return call(*arguments, **more)

        monkeypatch.setattr(storage.os, name, one)

    until("replace", storage.os.replace)
    until("fsync", storage.os.fsync)
    with contextlib.suppress(KeyboardInterrupt):
        new.save(tmp_path / "result", seed=1)
    monkeypatch.undo()
    found = load(tmp_path / "result")
    seed = saved_record(tmp_path / "result.json")["seed"]
    # npz: fsync, rename, fsync of the folder; the same of the JSON, whose rename is the fifth step
    assert seed == (step > 4)
    np.testing.assert_array_equal(found.values["s"], (old, new)[seed].values["s"])
    new.save(tmp_path / "result", seed=1)
    assert {path.name for path in tmp_path.iterdir()} == {"result.npz", "result.json"}
    np.testing.assert_array_equal(load(tmp_path / "result").values["s"], new.values["s"])


def test_the_numbers_of_one_result_do_not_go_with_the_words_of_another(tmp_path):
    for seed, name in enumerate(("one", "other")):
        gibbs(COAL, rng=seed, draws=20).save(tmp_path / name, seed=seed)
    (tmp_path / "other.npz").replace(tmp_path / "one.npz")
    with pytest.raises(
        ResultFileError, match=r"one\.npz is damaged, or not the file that .*one\.j"
    ):
        load(tmp_path / "one")


@pytest.mark.parametrize("kind", ["gibbs", "cavi", "exact"])
def test_another_model_is_refused(kind, tmp_path):
    MAKE[kind]().save(tmp_path / "result")
    with pytest.raises(ResultFileError, match="holds a result for ChangePoint, not NormalGamma"):
        load(tmp_path / "result", problem("newcomb"))


@pytest.mark.parametrize("kind", ["cavi", "exact"])
def test_a_density_needs_its_own_model(kind, tmp_path):
    MAKE[kind]().save(tmp_path / "result")
    with pytest.raises(ResultFileError, match="for ChangePoint: hand in model="):
        load(tmp_path / "result")
    other_priors = ChangePoint(COAL.model.counts, a=(2, 2), b=(1, 3))
    with pytest.raises(ResultFileError, match="other data or other priors"):
        load(tmp_path / "result", other_priors)
    with pytest.raises(ResultFileError):  # of another size
        load(tmp_path / "result", ChangePoint([3, 4, 0, 1], a=(2, 2), b=(1, 1)))


def test_what_is_no_model_is_the_callers_mistake_not_the_files(tmp_path):
    MAKE["cavi"]().save(tmp_path / "result")
    with pytest.raises(TypeError, match="needs a vi_lab model or problem"):
        load(tmp_path / "result", 3)
    with pytest.raises(InputError, match="unknown name 'coall'; did you mean 'coal'"):
        load(tmp_path / "result", "coall")


def test_damaged_and_foreign_files_are_refused_and_left_alone(result, tmp_path):
    result.save(tmp_path / "result", seed=0)
    arrays, record = tmp_path / "result.npz", tmp_path / "result.json"
    whole = {path: path.read_bytes() for path in (arrays, record)}

    class Pickled:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was opened",))

    def pickle_inside():
        np.savez(arrays, **{name: np.array([Pickled()]) for name in np.load(arrays).files})

    damages = {
        "truncated npz": lambda: arrays.write_bytes(whole[arrays][:-40]),
        "empty npz": lambda: arrays.write_bytes(b""),
        "no npz": lambda: arrays.unlink(),
        "a pickle inside": pickle_inside,
        "arrays of something else": lambda: np.savez(arrays, a=np.arange(3)),
        "corrupt JSON": lambda: record.write_bytes(whole[record][:-5]),
        "no JSON": lambda: record.unlink(),
        "foreign JSON": lambda: record.write_text('{"rows": []}'),
        "JSON that is no object": lambda: record.write_text("[1, 2]"),
        "unknown kind": lambda: rewrite(arrays, kind="Amortised"),
        "cost that is none": lambda: rewrite(arrays, cost={"euros": 3}),
        "settings that are none": lambda: rewrite(arrays, settings=[1], cost=3, log_evidence="x"),
    }
    if result.method == "exact":  # the truth is made again from the model: it reads no such thing
        del damages["arrays of something else"], damages["cost that is none"]
    for damage, inflict in damages.items():
        for path, content in whole.items():
            path.write_bytes(content)
        inflict()
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        with pytest.raises(ResultFileError):
            load(tmp_path / "result", COAL)
            pytest.fail(damage)
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before, damage


@pytest.mark.parametrize("key", ["kind", "model", "method", "seconds", "cost", "elbo", "converged"])
def test_a_missing_entry_is_named(key, tmp_path):
    MAKE["cavi"]().save(tmp_path / "result")
    rewrite(tmp_path / "result.json", **{key: None})
    with pytest.raises(ResultFileError, match=f"lacks '{key}'"):
        load(tmp_path / "result", COAL)


OF_ANOTHER_KIND = {
    "gibbs": {
        "kind": ([], {}, 3),
        "model": (3,),
        "method": ({},),
        "seconds": ("x", -1, True, 1e400, 10**400),
        "cost": ({"density_evaluations": "a"}, {"euros": 3}, 3),
        "settings": ([1],),
        "nominal": (3, ["s"], {"s": 0}),
        "auxiliary": ("rates", [3], ["rates"]),
        "interrupted": ("x",),
    },
    "cavi": {"elbo": ("x", [[1], 2]), "converged": ("x",)},
}


@pytest.mark.parametrize("kind", OF_ANOTHER_KIND)
def test_an_entry_of_another_kind_is_named(kind, tmp_path):
    MAKE[kind]().save(tmp_path / "result")
    whole = (tmp_path / "result.json").read_bytes()
    for key, values in OF_ANOTHER_KIND[kind].items():
        for value in values:
            (tmp_path / "result.json").write_bytes(whole)
            rewrite(tmp_path / "result", **{key: value})
            for model in [COAL] if kind == "cavi" or value == ["rates"] else [None, COAL]:
                with pytest.raises(ResultFileError, match=rf"result: '{key}' (needs|holds)"):
                    load(tmp_path / "result", model)
                    pytest.fail(f"{key}: {value}")


def test_draws_with_an_auxiliary_of_their_model_come_back(tmp_path):
    model = problem("eight-schools")
    draws = gibbs(model, rng=0, draws=5)
    draws.save(tmp_path / "draws")
    for again in (load(tmp_path / "draws", model), load(tmp_path / "draws")):
        assert again.auxiliary == draws.auxiliary
        assert again.names == draws.names


@pytest.mark.parametrize("kind", MAKE)
def test_arviz_gets_every_latent(kind):
    pytest.importorskip("arviz_base")
    result = MAKE[kind]()
    posterior = result.to_datatree()["posterior"]
    assert posterior["s"].dims == ("chain", "draw")
    draws = {"gibbs": (4, 50), "metropolis": (4, 50)}.get(kind, (1, 1000))
    assert posterior["s"].shape == draws
    assert posterior["rates"].shape == (*draws, 2)
    if kind == "gibbs":
        np.testing.assert_array_equal(posterior["rates"], result.values["rates"])
    else:
        assert result.to_datatree(7, rng=0)["posterior"]["s"].shape == (1, 7)
    assert posterior.attrs["inference_library"] == "vi_lab"
    assert posterior.attrs["method"] == result.method


def test_without_arviz_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "arviz_base", None)
    with pytest.raises(ImportError, match=r"pip install arviz-base"):
        exact(COAL).to_datatree()


# What a file may hold: numbers that fit together, of a size that was looked at


def handmade(folder, values, **record):
    """A saved result whose arrays are these; its JSON says so."""
    draws = gibbs(COAL, rng=0, draws=4)
    draws.save(folder / "whole")
    arrays = {"acceptance_rate": np.ones(4), **{f"values/{k}": v for k, v in values.items()}}
    kept = saved_record(folder / "whole") | {"nominal": {}, "auxiliary": []} | record
    kept.pop("arrays")
    kept.pop("crc32")
    storage.write_pair(folder / "it", arrays, kept)
    return folder / "it"


FINE = np.arange(8.0).reshape(4, 2)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"s": FINE.astype(complex)}, "real numbers, got complex128"),
        ({"s": FINE.astype("datetime64[D]")}, r"real numbers, got datetime64\[D\]"),
        ({"s": np.array(1.0)}, r"shape \(chains, draws, ...\), got \(\)"),
        ({"s": FINE[:, 0]}, r"shape \(chains, draws, ...\), got \(4,\)"),
        ({"s": np.empty((0, 5))}, "at least one chain and one draw"),
        ({"s": np.empty((4, 0))}, "at least one chain and one draw"),
        ({"s": FINE, "rates": np.ones((4, 3, 2))}, r"of \(4, 2\) chains and draws, got \(4, 3\)"),
        ({"s": FINE * np.nan}, "a draw of 's' is nan"),
        ({"s": FINE[:2]}, "acceptance rate of each chain"),
        ({}, "at least one latent"),
        ({"s": np.array([["a", "b"]] * 4)}, "real numbers, got <U1"),
    ],
)
def test_draws_that_do_not_fit_together_are_one_error(values, said, tmp_path):
    with pytest.raises(ResultFileError, match=said):
        load(handmade(tmp_path, values))


def test_draws_of_truth_values_are_those_of_zeros_and_ones(tmp_path):
    found = load(handmade(tmp_path, {"s": FINE > 3}))
    assert found.mean("s") == 0.5 and "0.5" in repr(found)


def test_an_archive_is_held_against_its_record_before_it_is_unpacked(tmp_path, monkeypatch):
    """2 MB that unpack to 2 GB: nothing of it is read."""
    gibbs(COAL, rng=0, draws=4).save(tmp_path / "it")
    with zipfile.ZipFile(tmp_path / "it.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("values/s.npy", "w") as member:
            np.lib.format.write_array_header_1_0(
                member, {"descr": "<f8", "fortran_order": False, "shape": (4, 8 * 2**20)}
            )
            for _ in range(256):
                member.write(bytes(2**20))
        for name in ("values/rates", "acceptance_rate"):
            archive.writestr(f"{name}.npy", b"")
    content = (tmp_path / "it.npz").read_bytes()
    rewrite(tmp_path / "it", crc32=storage.zlib.crc32(content))
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("it was unpacked"))
    with pytest.raises(ResultFileError, match=r"'values/s' is \['<f8', \[4, 8388608\]\], not"):
        load(tmp_path / "it")
    rewrite(tmp_path / "it", crc32=storage.zlib.crc32(content), arrays=None)  # as an older file
    with pytest.raises(ResultFileError, match="would unpack to 268,"):
        load(tmp_path / "it")


def test_what_a_newer_version_made_is_said_to_be_that(tmp_path):
    gibbs(COAL, rng=0, draws=4).save(tmp_path / "it")
    rewrite(tmp_path / "it", format="vi_lab result 2")
    with pytest.raises(ResultFileError, match=r"made by a newer vi_lab: .*'vi_lab result 2'"):
        load(tmp_path / "it")
    rewrite(tmp_path / "it", format="another result 2")
    with pytest.raises(ResultFileError, match="is not a vi_lab result"):
        load(tmp_path / "it")


def test_no_key_and_no_array_stands_in_a_file_twice(tmp_path):
    gibbs(COAL, rng=0, draws=4).save(tmp_path / "it")
    text = (tmp_path / "it.json").read_text("utf-8")
    with zipfile.ZipFile(tmp_path / "it.npz", "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's own, that the name is there
        archive.writestr("values/s.npy", archive.read("values/s.npy"))
    rewrite(tmp_path / "it", crc32=storage.zlib.crc32((tmp_path / "it.npz").read_bytes()))
    with pytest.raises(ResultFileError, match="'values/s' stands in it twice"):
        load(tmp_path / "it")
    (tmp_path / "it.json").write_text(text.replace("{", '{"method": "gibbs",', 1), "utf-8")
    with pytest.raises(ResultFileError, match="the key 'method' stands in it twice"):
        load(tmp_path / "it")


def test_a_header_of_ten_million_blanks_is_said_to_be_too_long(tmp_path):
    with zipfile.ZipFile(tmp_path / "it.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }" + b" " * 10**7 + b"\n"
        size = len(header).to_bytes(4, "little")
        archive.writestr("a.npy", b"\x93NUMPY\x02\x00" + size + header + bytes(8))
    with pytest.raises(ResultFileError, match="header is longer than 10,000 bytes"):
        reading.read_npz(tmp_path / "it.npz")


@pytest.mark.parametrize(("name", "said"), [("a\0b", "holds a NUL"), ("\ud800", "is no text")])
def test_what_could_not_be_loaded_is_not_saved(name, said, tmp_path):
    draws = gibbs(COAL, rng=0, draws=4)
    odd = replace(draws, values={name: draws.values["s"]})
    with pytest.raises(InputError, match=said):
        odd.save(tmp_path / "it")
    with pytest.raises(InputTypeError, match="surrogates not allowed"):
        draws.save(tmp_path / "it", seed="\ud800")
    assert list(tmp_path.iterdir()) == []


def test_what_a_result_holds_stays_read_only():
    found = [gibbs(COAL, rng=0, draws=4).values["s"], exact(COAL).mean("rates")]
    found += [cavi(COAL, rng=0).elbo_trace, problem("newcomb").model.x]
    for array in found:
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.setflags(write=True)


def test_draws_of_another_shape_than_the_models_are_none_of_it(tmp_path):
    """As of other data; without a model at hand they are read as they are."""
    gibbs(vi_lab.problem("cars"), rng=0, draws=4).save(tmp_path / "draws")
    other = vi_lab.LinearRegression(np.ones((3, 1)), np.arange(3.0), [0.0], [[1.0]], 1.0, 1.0)
    said = r"holds draws of 'beta' of shape \(2,\), and this LinearRegression has \(1,\)"
    with pytest.raises(ResultFileError, match=said):
        load(tmp_path / "draws", other)
    assert load(tmp_path / "draws").mean("beta").shape == (2,)
