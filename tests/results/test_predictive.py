"""Data drawn again, from the prior and from posteriors: their moments by formulas written here."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import vi_lab
from tests.contract.models import KNOWN, MODELS
from tests.contract.tolerances import assert_averages
from tests.tables import table
from tests.thinning import mostly_slow
from tests.users import DensityAlone
from vi_lab import plots, problem
from vi_lab.model_or_problem import as_model

DRAWS = 400
EVERY = {**MODELS, **KNOWN}


def assert_moments(drawn, mean, variance, what):
    assert_averages(drawn, mean, what)
    assert_averages((drawn - mean) ** 2, variance, f"the variance of {what}")


def parts(value):
    return value if isinstance(value, tuple) else (value,)


OURS = [n for n, case in EVERY.items() if type(case.model).__module__.startswith("vi_lab.")]


@table("name", OURS)
def test_block_values_are_latents_put_back(name):
    """Of every model, whatever rearrangement: the inverse of `latents`, and the same data."""
    model = as_model(EVERY[name].model)
    values = model.sample_latents(np.random.default_rng(0), (5,))
    shown = {b: v for b, v in values.items() if b not in model.auxiliary}
    again = model.block_values(model.latents(values))
    for block, value in shown.items():
        for one, two in zip(parts(value), parts(again[block]), strict=True):
            assert np.array_equal(np.broadcast_to(one, np.shape(two)), two), block


@table("name", EVERY)
def test_predictive_draws_have_the_shape_of_the_data(name):
    model = as_model(EVERY[name].model)
    try:
        drawn = model.prior_predictive(3, rng=0)
    except vi_lab.NotApplicable as reason:
        assert "no data to draw" in str(reason) or "no prior to draw from" in str(reason)
        return
    data = model.read_data(model)
    assert drawn.keys() == data.keys()
    for key, value in data.items():
        assert drawn[key].shape == (3, *np.shape(value)), key
    again = model.prior_predictive(3, rng=0)
    assert all(np.array_equal(drawn[key], again[key]) for key in drawn)


def test_a_normal_sample():
    """x_i = mu + e_i / sqrt(tau): with E[1/tau] = b/(a - 1) and Var mu = E[1/tau]/kappa, the
    variance is E[1/tau] (1 + 1/kappa), and the covariance of two E[1/tau]/kappa."""
    model = vi_lab.NormalGamma([1.0, 2.0], mu0=3.0, kappa0=0.5, a0=6.0, b0=10.0)
    x = model.prior_predictive(DRAWS, rng=1)["x"]
    assert_moments(x[:, 0], 3.0, 2.0 * 3.0, "x")
    assert_averages((x[:, 0] - 3.0) * (x[:, 1] - 3.0), 4.0, "the covariance")


def test_tosses_to_come_are_beta_binomial():
    truth = vi_lab.exact("coin")  # Beta(1 + 14, 1 + 6), and 20 more tosses
    heads = truth.posterior_predictive(DRAWS, rng=2)["x"].sum(-1)
    oracle = stats.betabinom(20, 15, 7)
    assert_moments(heads, oracle.mean(), oracle.var(), "heads")


def test_counts_before_a_change_are_negative_binomial():
    model = vi_lab.ChangePoint([1, 2, 0, 3], a=(3, 2), b=(0.5, 1))
    first = model.prior_predictive(DRAWS, rng=3)["counts"][:, 0]
    oracle = stats.nbinom(3, 0.5 / 1.5)  # a gamma mixture of Poissons
    assert_moments(first, oracle.mean(), oracle.var(), "the first count")


@pytest.mark.parametrize("blocks", mostly_slow(["joint", "coordinates"]))
def test_a_line(blocks):
    """y = X beta + e: mean X m0, variance E[1/tau] (1 + x' V0 x); from a posterior, its mean."""
    X, y = np.array([[1.0, 0.5], [1.0, -2.0], [1.0, 3.0]]), [1.0, 2.0, 3.0]
    V0 = np.array([[1.0, 0.3], [0.3, 0.5]])
    model = vi_lab.LinearRegression(X, y, m0=[1, 2], V0=V0, a0=6, b0=5, blocks=blocks)
    drawn = model.prior_predictive(DRAWS, rng=4)["y"]
    assert_moments(drawn, X @ [1, 2], 1.0 * (1.0 + np.einsum("ni,ij,nj->n", X, V0, X)), "y")
    for result in (vi_lab.exact(model), vi_lab.cavi(model, rng=0)):
        found = result.posterior_predictive(DRAWS, rng=5)["y"]
        assert_averages(found, X @ result.mean("beta"), "y given the data")


@pytest.mark.parametrize("blocks", mostly_slow(["joint", "even-odd"]))
def test_a_random_walk(blocks):
    """The level starts with variance v0 and gains q a step; a measurement adds r."""
    model = vi_lab.LocalLevel([1.0, 2.0, 0.0], q=0.5, r=0.3, m0=2.0, v0=1.5, blocks=blocks)
    drawn = model.prior_predictive(DRAWS, rng=6)["y"]
    assert_moments(drawn, 2.0, 1.5 + 0.5 * np.arange(3) + 0.3, "y")
    found = vi_lab.exact(model).posterior_predictive(DRAWS, rng=7)["y"]
    truth = vi_lab.exact(model)
    assert_moments(found, truth.mean("x"), truth.sd("x") ** 2 + 0.3, "y given the data")


def test_pictures_networks_and_mixtures():
    """A pixel is flipped with probability f: E[y] = (1 - 2 f) E[x]. The evidence of a network: its
    own probability given the rest. A mixture of known components: their weighted mean."""
    noisy = vi_lab.IsingDenoising([[1, -1], [1, 1]], J=0.4, flip_prob=0.2)
    truth = vi_lab.exact(noisy)
    drawn = truth.posterior_predictive(DRAWS, rng=8)["image"]
    assert_averages(drawn.astype(float), 0.6 * truth.mean("x"), "a pixel")
    parents = {"rain": (), "wet": ("rain",)}
    net = vi_lab.BayesNet(parents, {"rain": 0.3, "wet": [0.1, 0.9]}, {"wet": 1})
    rain = 0.3 * 0.9 / (0.3 * 0.9 + 0.7 * 0.1)
    wet = vi_lab.exact(net).posterior_predictive(DRAWS, rng=9)["wet"]
    assert_averages(wet.astype(float), rain * 0.9 + (1 - rain) * 0.1, "wet")
    mixture = vi_lab.NormalMixture(
        [0.0, 1.0], sigma=0.5, m0=[-2.0, 3.0], s0=[0.1, 0.1], weights=[0.25, 0.75]
    )
    x = mixture.prior_predictive(DRAWS, rng=10)["x"]
    spread = 0.25 + 0.01 + 0.25 * 0.75 * 25.0
    assert_moments(x, 0.25 * -2.0 + 0.75 * 3.0, spread, "x")


def test_a_decoder_and_a_trained_network():
    model = as_model("digits")
    q = vi_lab.amortised(model)
    drawn = q.posterior_predictive(200, rng=0)["x"]
    assert drawn.shape == (200, *model.x.shape)
    z = q.sample(200, rng=1)["z"]
    expected = model.fit.decode(z)
    assert set(np.unique(drawn)) <= {0.0, 1.0}
    apart = drawn.mean(0) - expected.mean(0)  # of two independent averages over q
    allowed = 6 * np.sqrt((drawn.var(0) + expected.var(0)) / 200) + 0.02
    assert np.all(np.abs(apart) < allowed)
    held = model.fit.given(model.x).posterior_predictive(200, rng=0)["x"]
    assert np.array_equal(held, drawn)  # the same q, the same draws


def test_a_markov_chain_needs_every_latent():
    run = vi_lab.gibbs("newcomb", rng=0, draws=200)
    found = run.posterior_predictive(DRAWS, rng=0)["x"]
    mean = run.mean("mu")
    assert_averages(found[:, 0], mean, "x")
    some = vi_lab.gibbs("newcomb", rng=0, draws=20, keep=["mu"])
    with pytest.raises(vi_lab.InputError, match=r"every latent, and has none of \['tau'\]"):
        some.posterior_predictive(3)
    schools = vi_lab.gibbs("eight-schools", rng=0, draws=20)
    assert schools.posterior_predictive(4, rng=0)["y"].shape == (4, 8)


class Own(vi_lab.NormalGamma):
    """A model of a user's own, whose data go by another name."""

    def __init__(self, heights):
        super().__init__(heights, mu0=0, kappa0=1, a0=3, b0=2)
        self.heights = heights

    def sample_data(self, rng, values):
        return Own(values["mu"] + rng.standard_normal(len(self.heights)) / values["tau"] ** 0.5)


def test_a_model_of_ones_own():
    with pytest.raises(vi_lab.InputError, match="drawing data raised TypeError"):
        broken = Own([1.0, 2.0])
        broken.heights = 3
        broken.prior_predictive(2)
    named = type("Named", (Own,), {"data_names": ("heights",)})
    assert named([1.0, 2.0]).prior_predictive(3, rng=0)["heights"].shape == (3, 2)
    unnamed = type("Unnamed", (Own,), {"data_names": ()})
    with pytest.raises(vi_lab.NotApplicable, match=r"no data to draw: .* names them in data_names"):
        unnamed([1.0, 2.0]).prior_predictive(2)
    with pytest.raises(vi_lab.NotApplicable, match="has no data to draw"):
        as_model(DensityAlone()).prior_predictive(2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: problem("coin").model.prior_predictive(0), "n: needs a whole number of at"),
        (lambda: vi_lab.exact("coin").posterior_predictive(0), "n: needs a whole number of at"),
        (lambda: vi_lab.exact("coin").posterior_predictive(10**15), "above the limit"),
        (lambda: problem("ising").model.prior_predictive(2), "has no prior to draw from"),
        (lambda: vi_lab.exact("ising").posterior_predictive(2), "has no data to draw"),
        (lambda: vi_lab.linear_response(vi_lab.cavi("newcomb", rng=0)).posterior_predictive(2),
         "two moments and no density"),
    ],
)  # fmt: skip
def test_bad_input(call, words):
    with pytest.raises(vi_lab.InputError, match=words):
        call()


def test_latents_that_cannot_be_put_back_are_told():
    class Turned(vi_lab.NormalGamma):
        def latents(self, values):
            return {"mean": values["mu"], "tau": values["tau"]}

        @property
        def sources(self):
            return {"mean": ("mu",), "tau": ("tau",)}

    run = vi_lab.gibbs(Turned([1.0, 2.0], 0, 1, 2, 3), rng=0, draws=20)
    with pytest.raises(vi_lab.InputError, match=r"no value for block 'mu'; `block_values` puts"):
        run.posterior_predictive(2)


def test_results_without_their_model_say_so(tmp_path):
    vi_lab.gibbs("newcomb", rng=0, draws=20).save(tmp_path / "run")
    with pytest.raises(vi_lab.NotApplicable, match="no data to draw"):
        vi_lab.load(tmp_path / "run").posterior_predictive(2)
    whole = vi_lab.load(tmp_path / "run", model="newcomb")
    assert whole.posterior_predictive(2, rng=0)["x"].shape == (2, 66)


def test_the_picture():
    """Its numbers: the median and the band of shares in bins, and how many observed lie outside."""
    truth = vi_lab.exact("coin")
    draws = truth.posterior_predictive(500, rng=0)
    ax = plots.predictive(draws, "coin")
    assert "In 0 of the bins" in plots.alt_text(ax)
    share = draws["x"].mean(-1)
    middle = ax.patches[1].get_data()
    assert_allclose(middle.values, [np.median(1 - share), np.median(share)])
    assert_allclose(ax.lines[0].get_ydata(), [0.3, 0.7])
    low = ax.patches[0].get_data()
    assert_allclose(low.baseline[1], np.quantile(share, 0.055))
    far = problem("newcomb").model
    text = plots.alt_text(plots.predictive(far.prior_predictive(200, rng=0), far, label="ns"))
    assert text.startswith("ns: the observed values in 24 bins, beside 200 data sets")
    with pytest.raises(vi_lab.InputError, match="needs shape"):
        plots.predictive({"x": draws["x"][:, 1:]}, "coin")
    with pytest.raises(vi_lab.InputError, match="did you mean 'x'"):
        plots.predictive(draws, "coin", "xx")
    with pytest.raises(vi_lab.InputTypeError, match="dict of draws"):
        plots.predictive([1.0], "coin")


def test_the_picture_of_each_observation_at_its_place():
    """A line of y on x: each interval is the predictive t's; a gap in a series is in no picture."""
    cars = problem("cars")
    draws = vi_lab.exact(cars).posterior_predictive(400, rng=0)
    speed = cars.model.X[:, 1]
    ax = plots.predictive(draws, cars, x=speed, label="feet")
    (bars,), (middle, points) = ax.collections, ax.lines
    ends = np.array([[start[1], end[1]] for start, end in bars.get_segments()])
    assert_allclose(ends, np.quantile(draws["y"], [0.055, 0.945], axis=0).T)
    assert_allclose(middle.get_ydata(), np.median(draws["y"], axis=0))
    assert_allclose(points.get_xydata(), np.column_stack([speed, cars.model.y]))
    outside = ((cars.model.y < ends[:, 0]) | (cars.model.y > ends[:, 1])).sum()
    told = plots.alt_text(ax)
    assert told.startswith("feet: the observed values one by one, beside 400 data sets")
    assert f"In {outside} of the 50 the observed value lies outside" in told
    assert [text.get_text() for text in ax.get_legend().get_texts()][2] == "observed"

    gappy = vi_lab.LocalLevel([1.0, np.nan, 3.0, 2.0], q=1.0, r=1.0, m0=0.0, v0=10.0)
    drawn = vi_lab.exact(gappy).posterior_predictive(50, rng=0)
    ax = plots.predictive(drawn, gappy, x=range(4))
    assert list(ax.lines[1].get_xdata()) == [0, 2, 3]
    assert "in 24 bins" in plots.alt_text(plots.predictive(drawn, gappy))
    with pytest.raises(vi_lab.InputError, match=r"x: needs shape \(4,\), got \(3,\)"):
        plots.predictive(drawn, gappy, x=range(3))
