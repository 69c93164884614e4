"""Quantiles, intervals and summaries, each held by something that shares nothing with it.

Closed forms against scipy.stats and against the integral of the family's own log density, inverted
densities against scipy.stats, quantiles of draws against their closed form.
"""

import pickle
import sys

import numpy as np
import pytest
from arviz_stats.base import array_stats
from numpy.testing import assert_allclose
from scipy import integrate, stats

import vi_lab
from tests.thinning import mostly_slow
from vi_lab import exact, families, gibbs, problem
from vi_lab.numerics.inverted_density import InvertedDensity, find_whole_quantiles
from vi_lab.results import Marginal, Summary, quantiles

LEVELS = np.array([1e-4, 0.055, 0.3, 0.5, 0.945, 0.9999])

CLOSED = {
    "normal": (vi_lab.Normal.of(mean=3.0, sd=2.0), stats.norm(3, 2)),
    "gamma": (vi_lab.Gamma.of(shape=0.7, rate=3.0), stats.gamma(0.7, scale=1 / 3)),
    "beta": (vi_lab.Beta.of(2.5, 0.8), stats.beta(2.5, 0.8)),
    "inverse gamma": (families.InverseGamma.of(1.3, 2.0), stats.invgamma(1.3, scale=2)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_a_family_of_one_number_has_the_quantiles_of_its_density(name):
    given, oracle = CLOSED[name]
    found = [given.family.quantile(given.eta, p) for p in LEVELS]
    assert_allclose(found, oracle.ppf(LEVELS), rtol=1e-9)
    for p, q in zip(LEVELS[1:4], found[1:4], strict=True):
        start = 3.0 - 40.0 if name == "normal" else 0.0
        mass = integrate.quad(lambda z: np.exp(given.log_density(z)), start, q, epsabs=1e-11)[0]
        assert mass == pytest.approx(p, abs=1e-7)


def test_vectors_have_the_quantiles_of_their_coordinates():
    cov = np.array([[2.0, 0.5], [0.5, 1.0]])
    normal = vi_lab.MultivariateNormal.of([1.0, -1.0], cov)
    chain = vi_lab.GaussianChain.of([1.0, -1.0], [2.0, 1.0], [0.5])
    shares = vi_lab.Dirichlet.of([0.5, 2.0, 3.0])
    for p in LEVELS:
        wanted = stats.norm([1, -1], np.sqrt([2, 1])).ppf(p)
        assert_allclose(normal.family.quantile(normal.eta, p), wanted, rtol=1e-9)
        assert_allclose(chain.family.quantile(chain.eta, p), wanted, rtol=1e-9)
        wanted = stats.beta([0.5, 2, 3], [5, 3.5, 2.5]).ppf(p)
        assert_allclose(shares.family.quantile(shares.eta, p), wanted, rtol=1e-8)
    assert vi_lab.Dirichlet(1).quantile(vi_lab.Dirichlet.of([2.0]).eta, 0.3) == 1.0


UP = 1 / (1 + np.exp(-0.8))
DISCRETE = [
    (vi_lab.Categorical.of([0.2, 0.1, 0.7], first=3), ([3, 4, 5], [0.2, 0.1, 0.7])),
    (vi_lab.Spin.of(field=0.4), ([-1, 1], [1 - UP, UP])),
]


@pytest.mark.parametrize(("given", "table"), DISCRETE)
def test_whole_numbers_have_whole_quantiles(given, table):
    oracle = stats.rv_discrete(values=table)
    for p in (0.01, 0.2, 0.25, 0.3, 0.31, 0.5, 0.99):
        assert given.family.quantile(given.eta, p) == oracle.ppf(p), p


def test_counts_and_bits():
    counts = vi_lab.Multinomial.of(total=[9, 2000], probabilities=[[0.2, 0.3, 0.5]] * 2)
    bits = vi_lab.Bits.of([0.1, 0.2, 0.3, 0.4])
    for p in LEVELS:
        wanted = stats.binom(np.array([[9], [2000]]), [0.2, 0.3, 0.5]).ppf(p)
        assert_allclose(counts.family.quantile(counts.eta, p), wanted)
        assert_allclose(bits.family.quantile(bits.eta, p), [p > 0.3, p > 0.4])


def test_the_entries_of_a_wishart():
    """Off the diagonal, of nu = 2 degrees and W = I, the sum of two products of standard normals:
    Laplace's distribution. On it, w_ii times a chi-square; of any W against draws."""
    plain = vi_lab.NormalWishart.of([0.0, 0.0], 1.5, np.eye(2), 2.0)
    tilted = vi_lab.NormalWishart.of([1.0, -2.0], 0.7, [[2.0, 0.6], [0.6, 1.0]], 4.3)
    w = np.linalg.inv([[2.0, 0.6], [0.6, 1.0]])
    draws = tilted.sample(200_000, rng=1).precision[:, 0, 1]
    for p in LEVELS[1:5]:
        assert plain.family.quantile(plain.eta, p).precision[0, 1] == pytest.approx(
            stats.laplace.ppf(p), abs=1e-9
        )
        found = tilted.family.quantile(tilted.eta, p)
        scale = np.sqrt([2.0 / (0.7 * 3.3), 1.0 / (0.7 * 3.3)])
        assert_allclose(found.mean, stats.t(3.3, [1, -2], scale).ppf(p), rtol=1e-9)
        diagonal = np.diagonal(found.precision)
        assert_allclose(diagonal, np.diag(w) * stats.chi2(4.3).ppf(p), rtol=1e-9)
        below = (draws < found.precision[1, 0]).mean()
        assert abs(below - p) < 5 * np.sqrt(p * (1 - p) / len(draws))


DENSITIES = {
    "far from 0": (stats.norm(1e6, 1), -np.inf, np.inf),
    "heavy tails": (stats.t(1.2), -np.inf, np.inf),
    "endless at 0": (stats.gamma(0.3), 0.0, np.inf),
    "both ends": (stats.beta(0.6, 0.7), 0.0, 1.0),
    "skewed": (stats.lognorm(2.0), 0.0, np.inf),
    "no mean": (stats.invgamma(0.7), 0.0, np.inf),
}


@pytest.mark.parametrize("name", DENSITIES)
def test_an_inverted_density_has_the_quantiles_of_scipy(name):
    oracle, low, high = DENSITIES[name]
    draws = oracle.rvs(500, random_state=np.random.default_rng(0))
    inverted = InvertedDensity(oracle.pdf, draws, low, high)
    assert inverted.holds
    found = [inverted.quantile(p) for p in LEVELS]
    assert_allclose(found, oracle.ppf(LEVELS), rtol=1e-6, atol=1e-12)
    assert_allclose(oracle.cdf(found), LEVELS, atol=1e-10)


def test_two_modes_far_apart_and_a_density_that_is_none():
    def pdf(x):
        return 0.5 * (stats.norm.pdf(x, -40, 0.1) + stats.norm.pdf(x, 30, 2.0))

    draws = np.concatenate([np.linspace(-40.2, -39.8, 50), np.linspace(26, 34, 50)])
    inverted = InvertedDensity(pdf, draws, -np.inf, np.inf)
    assert inverted.quantile(0.25) == pytest.approx(-40.0)
    assert inverted.quantile(0.75) == pytest.approx(30.0)
    lost = InvertedDensity(lambda x: 0.99 * pdf(x), draws, -np.inf, np.inf)
    assert lost.error == pytest.approx(0.01)
    assert not lost.holds


def test_quantiles_of_whole_numbers_by_their_probabilities():
    oracle = stats.nbinom(3, 0.2)
    draws = np.array([12, 13])  # the range is widened from there
    assert_allclose(find_whole_quantiles(oracle.pmf, draws, LEVELS), oracle.ppf(LEVELS))
    # 0.7 + 0.1 is less than 0.8 by a rounding
    three = lambda z: np.select([z == 0, z == 1, z == 2], [0.7, 0.1, 0.2])  # noqa: E731
    levels = np.array([0.69, 0.7, 0.71, 0.8, 0.81])
    assert find_whole_quantiles(three, np.array([1]), levels).tolist() == [0, 0, 1, 1, 2]
    asked = []

    def far(z):
        """Half of the probability is a thousand away from all draws."""
        asked.append(len(z))
        return np.where((z == draws[0]) | (z == draws[0] + 1000), 0.5, 0.0)

    assert find_whole_quantiles(far, draws[:3], np.array([0.4, 0.6])).tolist() == [
        draws[0], draws[0] + 1000,
    ]  # fmt: skip
    assert len(asked) < 15  # the range is doubled, not crept along


@pytest.fixture(scope="module")
def results():
    coal = problem("coal")
    return {
        "exact": exact(coal),
        "cavi": vi_lab.cavi(coal, rng=0),
        "gibbs": gibbs(coal, rng=0, draws=500),
        "linear response": vi_lab.linear_response(vi_lab.cavi(coal, rng=0)),
    }


def test_shapes_and_intervals(results):
    for result in results.values():
        assert isinstance(result.quantile("s", 0.5), float)
        assert result.quantile("rates", 0.5).shape == (2,)
        assert result.quantile("rates", [[0.1, 0.5, 0.9]]).shape == (1, 3, 2)
        low, high = result.interval("rates", mass=0.5)
        assert_allclose([low, high], result.quantile("rates", [0.25, 0.75]))
        assert np.all(np.diff(result.quantile("rates", LEVELS), axis=0) > 0)
        assert result.quantile_error("rates", LEVELS).shape == (6, 2)


def test_a_factorised_q_has_those_of_its_factors(results):
    q = results["cavi"]
    shape, rate = q.q["rates"].parameters.values()
    wanted = stats.gamma(shape, scale=1 / rate).ppf(LEVELS[:, None])
    assert_allclose(q.quantile("rates", LEVELS), wanted, rtol=1e-9)
    assert q["rates"].route == "closed form"
    assert np.all(q["rates"].quantile_error(LEVELS) == 0.0)


def test_a_factorised_q_has_the_densities_of_its_factors(results):
    q, points = results["cavi"], np.array([0.9, 3.0])
    shape, rate = q.q["rates"].parameters.values()
    wanted = stats.gamma(shape, scale=1 / rate).pdf(points[:, None])
    assert_allclose(q["rates"].density(points), wanted, rtol=1e-9)
    assert_allclose(q.density("s", [40.0, 40.5]), [q.q["s"].parameters["probabilities"][39], 0.0])
    rows = vi_lab.GaussianRows.of("digits", mean=[1.0, -1.0], cov=[[4.0, 1.0], [1.0, 1.0]])
    assert_allclose(rows.density("z", 0.5)[3], stats.norm([1, -1], [2, 1]).pdf(0.5))
    line = vi_lab.cavi("cars", rng=0)  # a block a coefficient
    wanted = [stats.norm(f.mean, f.sd).pdf(40.0) for name, f in line.q.items() if name != "tau"]
    assert_allclose(line.density("beta", 40.0), wanted, rtol=1e-9)
    with pytest.raises(vi_lab.NotApplicable, match="only draws tell"):
        results["gibbs"].density("rates", 1.0)


def test_a_latent_of_several_blocks_is_put_together():
    """Blocks of a lattice, pairs of a mixture, coefficients of a line, one after the other."""
    line = vi_lab.cavi("cars", rng=0)
    wanted = [stats.norm(q.mean, q.sd).ppf(0.1) for n, q in line.q.items() if n != "tau"]
    assert_allclose(line.quantile("beta", 0.1), wanted)
    chain = vi_lab.cavi("nile", rng=0)
    assert_allclose(chain.quantile("x", 0.9), stats.norm(chain.mean("x"), chain.sd("x")).ppf(0.9))
    spins = vi_lab.cavi("ising", rng=0)
    assert np.array_equal(spins.quantile("x", 0.5), np.where(spins.mean("x") < 0, -1, 1))
    mixture = vi_lab.cavi("old-faithful", rng=0)
    p = mixture.q["components"].parameters
    scale = np.sqrt(p["w_inv"][:, [0, 1], [0, 1]] / (p["beta"] * (p["nu"] - 1))[:, None])
    wanted = stats.t((p["nu"] - 1)[:, None], p["mean"], scale).ppf(0.2)
    assert_allclose(mixture.quantile("means", 0.2), wanted)
    assert mixture.quantile("precisions", 0.2).shape == mixture.mean("precisions").shape


def test_normal_rows():
    q = vi_lab.GaussianRows.of("digits", mean=np.array([1.0, -1.0]), cov=[[4.0, 1.0], [1.0, 1.0]])
    wanted = stats.norm([1, -1], [2, 1]).ppf(0.2)
    assert_allclose(q.quantile("z", 0.2), np.broadcast_to(wanted, (q.model.independent_rows, 2)))


def test_draws_have_the_quantiles_and_errors_of_order_statistics():
    """Of independent normal draws: the sorted ones, and sqrt(p (1 - p)/n) over the density."""
    run = gibbs(problem("newcomb"), rng=3, chains=4, draws=5000)  # draws of mu are independent
    for p in (0.055, 0.5):
        flat = np.sort(run.values["mu"].ravel())
        assert run.quantile("mu", p) == pytest.approx(flat[int(p * (len(flat) - 1))], abs=1e-2)
        density = stats.gaussian_kde(flat)(run.quantile("mu", p))[0]
        wanted = np.sqrt(p * (1 - p) / len(flat)) / density
        assert run.quantile_error("mu", p) == pytest.approx(wanted, rel=0.2)
    whole = gibbs("coal", rng=0, draws=200)
    assert whole.quantile("s", [0.2, 0.9]).dtype.kind in "iu"
    assert run["mu"] is run.values["mu"]


def test_where_only_draws_tell_their_error_is_said(monkeypatch):
    q = vi_lab.cavi("newcomb", rng=0)
    shape, rate = q.q["tau"].parameters.values()
    oracle = stats.gamma(shape, scale=1 / rate)
    monkeypatch.setattr(vi_lab.Gamma, "quantile", vi_lab.Family.quantile)
    levels = np.array([0.055, 0.5, 0.945])
    found, error = q.quantile("tau", levels), q.quantile_error("tau", levels)
    assert q["tau"].route == "20,000 draws"
    assert np.all(np.abs(found - oracle.ppf(levels)) < 5 * error)
    wanted = np.sqrt(levels * (1 - levels) / 20_000) / oracle.pdf(oracle.ppf(levels))
    assert_allclose(error, wanted, rtol=0.3)
    assert np.array_equal(found, q.quantile("tau", levels))  # always the same draws
    again = vi_lab.cavi("newcomb", rng=0)
    assert np.array_equal(found, again.quantile("tau", levels))
    assert "Quantiles of tau: from 20,000 draws, standard error" in repr(q.summary())


def split_rhat(draws):
    """Vehtari et al. 2021, section 4.1: of ranks as normal scores, and of the folded ones."""
    half = draws.shape[1] // 2
    split = np.concatenate([draws[:, :half], draws[:, -half:]])

    def plain(values):
        ranks = stats.rankdata(values).reshape(values.shape)
        z = stats.norm.ppf((ranks - 0.375) / (values.size + 0.25))
        within = z.var(1, ddof=1).mean()
        between = half * z.mean(1).var(ddof=1)
        return np.sqrt((half - 1) / half + between / within / half)

    return max(plain(split), plain(np.abs(split - np.median(split))))


def test_a_summary_has_arviz_numbers():
    run = gibbs("eight-schools", rng=0, draws=300)
    rows = {row["latent"]: row for row in run.summary()}
    assert len(rows) == len(run.summary()) == 10
    for name, draws in (("mu", run["mu"]), ("theta[3]", run["theta"][..., 3])):
        row = rows[name]
        assert list(row) == ["latent", "mean", "sd", "5.5 %", "94.5 %", "R-hat", "ESS", "MCSE"]
        assert row["mean"] == pytest.approx(draws.mean())
        assert row["sd"] == pytest.approx(draws.std())
        assert row["5.5 %"] == pytest.approx(np.quantile(draws, 0.055))
        assert row["R-hat"] == pytest.approx(split_rhat(draws))
        axes = {"chain_axis": 0, "draw_axis": 1}
        assert row["ESS"] == pytest.approx(float(array_stats.ess(draws, **axes)))
        assert row["MCSE"] == pytest.approx(float(array_stats.mcse(draws, **axes)))
    assert list(run.summary(mass=0.5)[0])[3:5] == ["25 %", "75 %"]


def test_a_summary_as_text_and_html(results):
    for result in results.values():
        summary = result.summary()
        assert isinstance(summary, Summary)
        assert repr(summary).splitlines()[0] == result._heading()
        assert "rates[1]" in repr(summary)
        assert summary._repr_html_().startswith("<table><caption>")
        with pytest.raises(TypeError):
            summary[0]["mean"] = 0.0
    labels = exact("tiny-mixture").summary()
    assert labels[0] == {"latent": "z[0] = 0", "probability": pytest.approx(0.5)}
    of_labels = [row["latent"] for row in labels if row["latent"].startswith("z[")]
    assert of_labels == [f"z[{i}] = {k}" for i in range(10) for k in range(2)]
    long = vi_lab.cavi("iris", rng=0).summary()
    assert repr(long).splitlines()[-1] == f"{len(long) - 40} more rows"
    assert len(repr(long).splitlines()) == 44
    shown = long._repr_html_()
    assert shown.count("<tr>") == 1 + 40 and f"<p>{len(long) - 40} more rows</p>" in shown


def test_one_latent_by_itself(results):
    truth = results["exact"]["rates"]
    assert isinstance(truth, Marginal)
    assert np.array_equal(truth.mean, results["exact"].mean("rates"))
    assert np.array_equal(truth.sd, results["exact"].sd("rates"))
    assert truth.sample(3, rng=0).shape == (3, 2)
    assert_allclose(truth.interval(0.5), truth.quantile([0.25, 0.75]))
    assert repr(truth) == "<marginal of rates, exact>"
    assert results["gibbs"]["rates"].shape == (4, 500, 2)


def test_frames(results, monkeypatch):
    run = results["gibbs"]
    frame = run.to_pandas()
    assert frame.index.names == ["chain", "draw"]
    assert list(frame.columns) == ["s", "rates[0]", "rates[1]"]
    assert np.array_equal(frame.loc[2, "rates[1]"], run["rates"][2, :, 1])
    drawn = results["exact"].to_pandas(7, rng=1)
    assert np.array_equal(drawn["rates[0]"], results["exact"].sample(7, rng=1)["rates"][:, 0])
    assert drawn.index.name == "draw" and drawn.index.tolist() == list(range(7))  # of one level
    table = results["exact"].summary().to_pandas()
    assert table.loc["rates[1]", "mean"] == results["exact"].mean("rates")[1]
    assert list(table.columns) == ["mean", "sd", "5.5 %", "94.5 %"]
    monkeypatch.setitem(sys.modules, "pandas", None)
    for call in (run.to_pandas, results["exact"].to_pandas, run.summary().to_pandas):
        with pytest.raises(ImportError, match=r"pip install pandas$"):
            call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda r: r["ratse"], "'ratse'; did you mean 'rates'"),
        (lambda r: r.quantile("rates", [0.5, -1.0]), "got -1 at index 1"),
        (lambda r: r.quantile("rates", []), "p: needs at least one value"),
    ],
)
def test_bad_input(results, call, words):
    for result in results.values():
        with pytest.raises(vi_lab.InputError, match=words):
            call(result)


def test_labels_have_no_quantile():
    for result in (exact("tiny-mixture"), gibbs("tiny-mixture", rng=0, draws=20)):
        with pytest.raises(vi_lab.InputError, match="'z' holds labels, which have no quantile"):
            result.quantile("z", 0.5)
    with pytest.raises(vi_lab.InputError, match="they have no quantile"):
        vi_lab.Categorical(2).quantile(vi_lab.Categorical.of([0.5, 0.5]).eta, 0.5)


TRUTHS = {
    "newcomb": {"mu": None, "tau": None},
    "coal": {"s": None, "rates": None},
    "coin": {"theta": stats.beta(15, 7)},
    "cars": {"beta": None},
    "polynomial": {"w": None, "alpha": None},
    "clutter": {"theta": None},
    "tiny-mixture": {"mu": None, "weights": None},
    "eight-schools": {"mu": None, "tau2": None},
    "bioassay": {"beta": None},
    "beetles": {"beta": None},
    "asia": {"smoking": None},
}


@pytest.mark.parametrize("name", mostly_slow(TRUTHS, TRUTHS.keys() - {"bioassay", "tiny-mixture"}))
def test_the_truth_has_exact_quantiles(name):
    """Held against independent draws of it, which know nothing of its marginal densities."""
    truth = exact(name)
    draws = truth.sample(20_000, rng=5)
    for latent, oracle in TRUTHS[name].items():
        assert truth.quantile_route(latent) == "its density, integrated"
        levels = LEVELS[1:5]
        found = truth.quantile(latent, levels)
        assert np.all(truth.quantile_error(latent, levels) == 0.0)
        if oracle is not None:
            assert_allclose(found, oracle.ppf(levels), rtol=1e-6)
        for p, q in zip(levels, found, strict=True):
            below, least = (draws[latent] < q).mean(0), (draws[latent] <= q).mean(0)
            allowed = 5 * np.sqrt(p * (1 - p) / 20_000)
            assert np.all(below <= p + allowed), latent
            assert np.all(least >= p - allowed), latent


def test_the_truth_of_a_normal_sample_is_students_t():
    truth = exact("newcomb")
    posterior = truth.posterior
    scale = np.sqrt(posterior.rate / posterior.shape) / abs(float(posterior.root[0, 0]))
    oracle = stats.t(2 * posterior.shape, posterior.mean["mu"], scale)
    assert_allclose(truth["mu"].quantile(LEVELS), oracle.ppf(LEVELS), rtol=1e-7)
    oracle = stats.gamma(posterior.shape, scale=1 / posterior.rate)
    assert_allclose(truth["tau"].quantile(LEVELS), oracle.ppf(LEVELS), rtol=1e-6)
    assert_allclose(truth.density("tau", [0.008, 0.01]), oracle.pdf([0.008, 0.01]), rtol=1e-9)


def test_a_truth_without_densities_has_draws_and_is_pickled_without_inverses():
    truth = exact("newcomb")
    truth.quantile("mu", 0.5)
    again = pickle.loads(pickle.dumps(truth))
    assert again.quantile("mu", 0.5) == truth.quantile("mu", 0.5)


def test_rows_of_a_table_are_named_by_the_places_of_their_coordinates():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 2))
    q = vi_lab.cavi(vi_lab.PPCA(x, [[1.0], [0.5]], (0.0, 0.0), 0.3), rng=0)
    assert [row["latent"] for row in q.table()] == [f"z[{i},0]" for i in range(4)]
    one = vi_lab.cavi("newcomb", rng=0)
    assert [row["latent"] for row in one.table()] == ["mu", "tau"]
    assert [row["latent"] for row in vi_lab.cavi("cars", rng=0).table()][:2] == [
        "beta[0]",
        "beta[1]",
    ]


def test_the_error_of_a_quantile_of_independent_draws_is_half_of_what_lies_between_two_ranks():
    """Of 0, 1, ..., 99: at p = 1/2 ranks 45 and 55, at p = 0.1 7 and 13, at an end one."""
    draws = np.random.default_rng(0).permutation(100.0 * np.arange(100)).reshape(1, 100)
    assert quantiles._find_independent_error(draws, 0.5) == 500.0
    assert quantiles._find_independent_error(draws, 0.1) == 300.0
    assert quantiles._find_independent_error(draws, 1.0) == 0.0
    both = np.stack([draws, 2 * draws], axis=-1)
    assert quantiles._find_independent_error(both, 0.5).tolist() == [500.0, 1000.0]


def test_a_step_goes_half_of_the_way_to_a_limit():
    """From 1 towards a limit at 0.2 where the step would go beyond: to 0.6, then 0.4 ..."""
    inverted = InvertedDensity(stats.norm.pdf, stats.norm.ppf(np.linspace(0.01, 0.99, 99)),
                               -np.inf, np.inf)  # fmt: skip
    inverted._integrate = lambda cuts: (None, np.ones(1))
    cuts = inverted._extend(1.0, -100.0, 0.2)
    np.testing.assert_allclose(cuts[:3], [0.6, 0.4, 0.3], rtol=1e-12)
