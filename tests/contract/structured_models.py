"""Models whose latents have a structure, each beside an independent log joint."""

import numpy as np
from scipy import stats

from tests.contract.case import Case, Known, even
from vi_lab import LocalLevel


def local_level(blocks):
    y, q, r, m0, v0 = np.array([4.1, 5.6, 3.0, 2.2, 4.4]), 0.6, 0.9, 3.5, 1.7
    size = len(y)

    def log_joint(values):
        x = values.get("x")
        if x is None:
            x = np.empty((len(values["x.even"]), size))
            x[:, ::2], x[:, 1::2] = values["x.even"], values["x.odd"]
        steps = stats.norm.logpdf(x[:, 1:], x[:, :-1], np.sqrt(q)).sum(-1)
        start = stats.norm.logpdf(x[:, 0], m0, np.sqrt(v0))
        return start + steps + stats.norm.logpdf(y, x, np.sqrt(r)).sum(-1)

    # the level's covariance: two steps share the variance of all there was up to the earlier
    cov = v0 + q * np.minimum.outer(np.arange(size), np.arange(size))
    marginal = cov + r * np.eye(size)

    def known():
        gain = np.linalg.solve(marginal, cov)
        log_evidence = stats.multivariate_normal.logpdf(y, np.full(size, m0), marginal)
        sd = np.sqrt(np.diag(cov - cov @ gain))
        return Known(log_evidence, {"x": m0 + (y - m0) @ gain}, {"x": sd})

    wide = even(-25, 35, 2401)
    plate_axes = {"x.even": wide, "x.odd": wide}
    collapsed = {"x": lambda values: known().log_evidence}
    return Case(
        LocalLevel(y, q, r, m0, v0, blocks=blocks), log_joint, {}, known=known, quadratic=True,
        **({"collapsed": collapsed} if blocks == "joint" else {"plate_axes": plate_axes}),
    )  # fmt: skip


STRUCTURED = {
    "local level": local_level("even-odd"),
    "local level, joint": local_level("joint"),
}
