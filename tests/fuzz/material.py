"""Models and results that are handed to functions, each as small as it can be."""

import functools

import numpy as np

import vi_lab

MODEL = vi_lab.NormalGamma([1.0, 2.0, 4.0], 0.0, 1.0, 2.0, 3.0)
CHANGE = vi_lab.ChangePoint([1, 2, 0], a=(1.0, 1.0), b=(1.0, 1.0))
MIXTURE = vi_lab.NormalMixture([0.0, 1.0, 5.0], 1.0, 0.0, 3.0, weights=[0.5, 0.5])
TRUTH, Q = vi_lab.exact(MODEL), vi_lab.cavi(MODEL, rng=0)
DRAWS = vi_lab.gibbs(MODEL, rng=0, chains=2, draws=100, warmup=0)
NORMAL, GAMMA = vi_lab.Normal.of(mean=0, sd=1), vi_lab.Gamma.of(shape=2, rate=1)
BATCH = vi_lab.Factorised(MODEL, mu=vi_lab.Normal.of(mean=[0, 1], sd=1), tau=GAMMA)
CHANGED = vi_lab.exact(CHANGE)
RESULTS = [Q, TRUTH, DRAWS, CHANGED, vi_lab.cavi(MIXTURE, rng=0)]


@functools.cache
def material():
    """What takes longer to make: results of larger models, trained VAEs, comparisons."""
    x = np.array([[0.0, 0.1], [0.2, 0.0], [3.0, 3.1], [3.2, 3.0], [1.0, 2.0]])
    mixture = vi_lab.GaussianMixture(
        x, 2, concentration=1.0, m0=[1.0, 1.0], beta0=1.0, nu0=4.0, w0_inv=np.eye(2)
    )
    pca = vi_lab.PPCA(np.c_[x, x[:, :1]], [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]], mu=0.0, sigma2=0.5)
    bits = (np.arange(24).reshape(6, 4) * 7 % 5 < 2).astype(float)
    fits = {
        k: vi_lab.VAE(4, k, hidden=(3,), likelihood=likelihood).fit(bits, epochs=2, rng=0)
        for k, likelihood in ((1, "bernoulli"), (2, "gaussian"), (3, "bernoulli"))
    }
    decoder = vi_lab.DecoderModel(fits[2], bits[:2])
    bars = vi_lab.LatentDirichletAllocation([[1, 2, 0], [0, 3, 1]], 2, alpha=1.0, eta=1.0)
    groups = vi_lab.HierarchicalNormal([0.0, 2.5, 4.0], 1.0, 2.0, vi_lab.HalfCauchy(1.0))
    problems = [vi_lab.problem("correlated", rho=rho) for rho in (0.0, 0.5)]
    comparison = vi_lab.compare("coin", methods=["exact", "exact-draws", "cavi"], rng=0)
    return {
        "mixture of rows": mixture,
        "clutter": vi_lab.Clutter([0.5, 1.5, -4.0], w=0.5, prior_var=100.0),
        "mixture": vi_lab.cavi(mixture, rng=0, max_sweeps=30),
        "truth of labels": vi_lab.exact(mixture),
        "pca": vi_lab.exact(pca),
        "q of pca": vi_lab.cavi(pca, rng=0),
        "fits": list(fits.values()),
        "bits": bits,
        "decoder": decoder,
        "decoded": vi_lab.exact(decoder),
        "q of decoder": vi_lab.gaussian_q(decoder, rng=0),
        "bars": bars,
        "q of bars": vi_lab.cavi(bars, rng=0),
        "groups": groups,
        "gaussian": vi_lab.gaussian_vi(MODEL, covariance="full", rng=0),
        "response": vi_lab.linear_response(Q),
        "comparison": comparison,
        "replay": vi_lab.replay("coin", methods=["cavi"]),
        "sweep": vi_lab.compare(problems, methods=["cavi", "gibbs"], rng=0),
        "ledger": vi_lab.ledger(MODEL, Q),
        "ledger of change": vi_lab.ledger(CHANGE, vi_lab.cavi(CHANGE, rng=0)),
        "gaps": fits[1].gaps(bits[:2], draws=5, k=5, rng=0),
        "row": comparison.rows[0],
    }
