"""The atlas as another library's fixture: read with json, csv and numpy, and no vi_lab at all."""

import ast
import csv
import hashlib
import itertools
import json
from pathlib import Path

import numpy as np
from scipy import integrate, special, stats

DATA = Path(__file__).resolve().parents[2] / "data"
ATLAS = json.loads((DATA / "atlas.json").read_text(encoding="utf-8"))["problems"]


def columns(entry):
    """The columns of a problem's table as numbers, where they are; its checksum is looked at."""
    (file,) = entry["data"]["files"]
    raw = (DATA / file["file"]).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == file["sha256"]
    header, *rows = csv.reader(raw.decode().splitlines())
    return dict(zip(header, zip(*rows, strict=True), strict=True))


def test_this_file_knows_nothing_of_vi_lab():
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    names = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert names and not [name for name in names if "vi_lab" in name or "tests" in name]


def test_eight_schools_by_scipy():
    """tau by adaptive quadrature; given tau, y is one normal vector (mu and theta left unnamed)."""
    entry = ATLAS["eight-schools"]
    table, prior = columns(entry), entry["prior"]["hyperparameters"]
    y, sigma = (np.array(table[name], float) for name in ("y", "sigma"))
    assert y.sum() == entry["data"]["inputs"]["y"]["sum"]

    def density(tau, power=0):
        cov = np.diag(sigma**2 + tau**2) + prior["mu_sd"] ** 2
        log_y = stats.multivariate_normal.logpdf(y, np.zeros(len(y)), cov)
        return tau**power * np.exp(log_y + 30) * stats.halfcauchy.pdf(tau, scale=prior["scale"])

    def integral(power):
        ends = itertools.pairwise((0, 5, 20, 100, np.inf))
        return sum(integrate.quad(density, *e, (power,), epsabs=0, epsrel=1e-11)[0] for e in ends)

    mass = integral(0)
    np.testing.assert_allclose(np.log(mass) - 30, entry["log_evidence"]["value"], rtol=1e-10)
    tau = entry["moments"]["latents"]["tau"]
    np.testing.assert_allclose(integral(1) / mass, tau["mean"][0], rtol=1e-8)
    variance = integral(2) / mass - tau["mean"][0] ** 2
    np.testing.assert_allclose(np.sqrt(variance), tau["sd"][0], rtol=1e-7)


def test_the_bound_of_newcomb_from_its_natural_parameters():
    """E_q[log p(x, z)] - E_q[log q] by a rule over the two factors, with scipy's densities."""
    entry = ATLAS["newcomb"]
    x = np.array(columns(entry)["deviation_ns"], float)
    p, (bound,) = entry["prior"]["hyperparameters"], entry["bounds"]
    normal, gamma = bound["q"]["mu"], bound["q"]["tau"]
    variance = -0.5 / normal["natural"]["square"]
    mean = normal["centre"] + variance * normal["natural"]["value"]
    q_mu = stats.norm(mean, np.sqrt(variance))
    q_tau = stats.gamma(1 + gamma["natural"]["log"], scale=-1 / gamma["natural"]["value"])
    mu = q_mu.mean() + q_mu.std() * np.linspace(-9, 9, 121)[:, None]
    s = np.linspace(np.log(q_tau.mean()) - 2, np.log(q_tau.mean()) + 1.6, 241)
    tau = np.exp(s)
    log_p = stats.gamma.logpdf(tau, p["a0"], scale=1 / p["b0"])
    log_p = log_p + stats.norm.logpdf(mu, p["mu0"], (p["kappa0"] * tau) ** -0.5)
    log_p = log_p + sum(stats.norm.logpdf(point, mu, tau**-0.5) for point in x)
    log_q = q_mu.logpdf(mu) + q_tau.logpdf(tau)
    weights = np.exp(log_q) * tau * (s[1] - s[0]) * (mu[1, 0] - mu[0, 0])
    np.testing.assert_allclose((weights * (log_p - log_q)).sum(), bound["elbo"], rtol=1e-10)
    np.testing.assert_allclose(
        entry["log_evidence"]["value"] - bound["elbo"], bound["gap"], rtol=1e-8
    )


def test_the_sprinkler_by_a_loop():
    entry = ATLAS["sprinkler"]
    net = entry["prior"]["hyperparameters"]
    total = 0.0
    for values in itertools.product((0, 1), repeat=len(net["parents"])):
        x = dict(zip(net["parents"], values, strict=True))
        if any(x[name] != value for name, value in net["evidence"].items()):
            continue
        p = 1.0
        for name, of in net["parents"].items():
            on = np.asarray(net["tables"][name])[tuple(x[parent] for parent in of)]
            p *= on if x[name] else 1 - on
        total += p
    np.testing.assert_allclose(np.log(total), entry["log_evidence"]["value"], rtol=1e-10)
    q = entry["bounds"][0]["q"]["sprinkler+rain"]["natural"]["indicator"]
    assert q[0] is None  # neither is impossible: the grass is wet
    weights = np.array([-np.inf if value is None else value for value in q])
    assert special.softmax(weights)[0] == 0


def test_the_labels_left_out_of_galaxies_are_one_update_away():
    """E[log weight_k] + E[log N(x_i; mu_k, sigma**2)], by digamma and the moments of q(mu)."""
    entry = ATLAS["galaxies"]
    (bound,) = entry["bounds"]
    assert bound["one_update_away"] == ["z"] and set(bound["q"]) == {"mu", "weights"}
    x = np.array(columns(entry)["velocity_km_s"], float) / 1000
    prior = entry["prior"]["hyperparameters"]
    concentration = 1 + np.array(bound["q"]["weights"]["natural"]["log"])
    natural = bound["q"]["mu"]["natural"]
    variance = -0.5 / np.array(natural["square"])
    mean = bound["q"]["mu"]["centre"] + variance * np.array(natural["value"])
    log_weights = special.digamma(concentration) - special.digamma(concentration.sum())
    square = (x[:, None] - mean) ** 2 + variance
    eta = log_weights - 0.5 * square - 0.5 * np.log(2 * np.pi)
    assert prior["sigma"] == 1
    r = special.softmax(eta, axis=1)
    # at the optimum those labels give back the means that are stored
    precision = np.array(prior["s0"]) ** -2.0 + r.sum(0)
    again = (np.array(prior["m0"]) * np.array(prior["s0"]) ** -2.0 + r.T @ x) / precision
    np.testing.assert_allclose(again, mean, atol=1e-6)
    np.testing.assert_allclose(1 / precision, variance, rtol=1e-6)
