"""CAVI for the Gaussian mixture against scikit-learn's and bayespy's, with the same priors.

Seconds an iteration of one restart: the difference of the fastest long run and short one. On Old
Faithful ten restarts run together here and one after another there (n_init = 10).

On the 100,000 points both are also run to the end from the same k-means, and the true ELBO of each
solution is printed: scikit-learn's own figure is no bound, so its parameters are put into our q.
"""

import resource
import warnings

import _common as common
import numpy as np

import vi_lab

TARGETS = {
    ("100,000 x 8, K = 10", "scikit-learn"): 6.0,
    ("Old Faithful, K = 6", "scikit-learn"): 5.0,
    ("Old Faithful, K = 6", "bayespy"): 20.0,
}


def prior(size):
    """One prior in each package's words."""
    return dict(
        concentration=1.0, m0=np.zeros(size), beta0=1.0, nu0=size + 1.0, w0_inv=np.eye(size)
    )


def ours(x, k, iterations, restarts):
    model = vi_lab.GaussianMixture(x, k, **prior(x.shape[1]))
    q = vi_lab.cavi(model, rng=0, restarts=restarts, max_sweeps=iterations, tol=0.0)
    return np.sort(q.mean("weights")), len(q.elbo_trace)


def scikit_learn(x, k, iterations, restarts):
    from sklearn.mixture import BayesianGaussianMixture

    size = x.shape[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is told not to converge
        fit = BayesianGaussianMixture(
            n_components=k, n_init=restarts, max_iter=iterations, tol=0.0, random_state=0,
            init_params="random_from_data", reg_covar=0.0,
            weight_concentration_prior_type="dirichlet_distribution",
            weight_concentration_prior=1.0, mean_precision_prior=1.0, mean_prior=np.zeros(size),
            degrees_of_freedom_prior=size + 1.0, covariance_prior=np.eye(size),
        ).fit(x)  # fmt: skip
    return np.sort(fit.weights_), fit.n_iter_


def bayespy(x, k, iterations, restarts):
    size = x.shape[1]
    for _ in range(restarts):
        weights = bayespy_run(x, k, iterations, size)
    return np.sort(weights / weights.sum()), iterations


def bayespy_run(x, k, iterations, size):
    """One run from random labels: the weights, not yet divided by their sum."""
    from bayespy.inference import VB
    from bayespy.nodes import Categorical, Dirichlet, Gaussian, Mixture, Wishart

    alpha = Dirichlet(np.ones(k), name="alpha")
    z = Categorical(alpha, plates=(len(x),), name="z")
    precision = Wishart(size + 1.0, np.eye(size), plates=(k,), name="Lambda")
    # bayespy has no normal-Wishart node: the means are independent of the precisions
    mean = Gaussian(np.zeros(size), np.eye(size), plates=(k,), name="mu")
    y = Mixture(z, Gaussian, mean, precision, name="y")
    y.observe(x)
    z.initialize_from_random()
    engine = VB(y, mean, precision, z, alpha)
    engine.update(repeat=iterations, tol=0.0, verbose=False)
    return np.exp(alpha.u[0])


def race(label, x, k, peers, few, many, repeats, restarts):
    """Seconds an iteration of one restart, in turn: what the fastest long run took more than the
    fastest short one. The smallest difference of two runs is no such thing: a short run that was
    disturbed makes it too small."""
    runs, done, weights = {"vi_lab": ours, **peers}, {}, {}

    def job(name, iterations):
        def run():
            weights[name], done[name, iterations] = runs[name](x, k, iterations, restarts)

        return run

    jobs = {(name, length): job(name, length) for name in runs for length in (few, many)}
    spent = {which: min(seconds) for which, seconds in common.in_turn(repeats, jobs).items()}
    seconds = {
        name: (spent[name, many] - spent[name, few])
        / (done[name, many] - done[name, few])
        / restarts
        for name in runs
    }
    return [
        {
            "data": label,
            "restarts": restarts,
            "package": name,
            "ms an iteration": round(1e3 * one, 3),
            "vi_lab is faster": round(one / seconds["vi_lab"], 1),
            "target": TARGETS.get((label, name)),
            "largest weights": " ".join(f"{w:.4f}" for w in weights[name][::-1][:3]),
        }
        for name, one in seconds.items()
    ]


def same_solution(x, k):
    """Print the true ELBO of both packages' solutions from one k-means."""
    from sklearn.cluster import KMeans
    from sklearn.mixture import BayesianGaussianMixture

    size = x.shape[1]
    start = KMeans(k, n_init=1, random_state=0).fit(x)
    model = vi_lab.GaussianMixture(x, k, **prior(size))
    model.sample_initial_values = lambda rng, batch=(): {
        "z": np.broadcast_to(start.labels_, (*batch, len(x))),
        "weights": np.full((*batch, k), 1.0 / k),
        "components": vi_lab.families.MeanPrecision(
            np.broadcast_to(start.cluster_centers_, (*batch, k, size)),
            np.broadcast_to(np.eye(size), (*batch, k, size, size)),
        ),
    }
    q = vi_lab.cavi(model, restarts=1)
    fit = BayesianGaussianMixture(
        n_components=k, max_iter=500, tol=1e-10, random_state=0, init_params="kmeans",
        reg_covar=0.0, weight_concentration_prior_type="dirichlet_distribution",
        weight_concentration_prior=1.0, mean_precision_prior=1.0, mean_prior=np.zeros(size),
        degrees_of_freedom_prior=size + 1.0, covariance_prior=np.eye(size),
    ).fit(x)  # fmt: skip
    w_inv = fit.covariances_ * fit.degrees_of_freedom_[:, None, None]
    theirs = vi_lab.Factorised(
        model,
        z=vi_lab.Categorical.of(probabilities=fit.predict_proba(x)),
        weights=vi_lab.Dirichlet.of(concentration=fit.weight_concentration_),
        components=vi_lab.NormalWishart.of(
            mean=fit.means_, beta=fit.mean_precision_, w_inv=w_inv, nu=fit.degrees_of_freedom_
        ),
    )
    apart = np.abs(np.sort(q.mean("weights")) - np.sort(theirs.mean("weights"))).max()
    print(
        f"  100,000 x 8 from one k-means, to the end: ELBO {q.elbo:.6f} here, "
        f"{theirs.elbo:.6f} of scikit-learn's solution; weights differ by {apart:.1g}"
    )


def main():
    """Both data sets, and the memory of the large one."""
    print(__doc__.splitlines()[0])
    peers = {}
    if not common.module_is_absent("sklearn"):
        peers["scikit-learn"] = scikit_learn
    rng = np.random.default_rng(0)
    centres = 4.0 * rng.standard_normal((10, 8))
    large = np.concatenate([c + rng.standard_normal((10_000, 8)) for c in centres])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours(large, 10, 3, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"  memory of the 100,000-point fit: {peak / 1024:.0f} MB at its peak, "
          f"{before / 1024:.0f} MB before it")  # fmt: skip
    if peers:
        same_solution(large, 10)
    rows = race("100,000 x 8, K = 10", large, 10, peers, 3, 9, 5, 1)
    if not common.module_is_absent("bayespy"):
        peers["bayespy"] = bayespy
    small = vi_lab.problem("old-faithful").model.x
    rows += race("Old Faithful, K = 6", small, 6, peers, 20, 60, 3, 10)
    common.report("mixture_cavi", rows)


if __name__ == "__main__":
    main()
