"""The classifier two-sample test: can a logistic regression tell two samples apart?

Half of the draws of each train it, on the coordinates, their squares and products; the other half
are classified. Two samples of one distribution are told apart half of the time (Lopez-Paz & Oquab
2017, section 3). It needs a second sample that is right: here exact draws, in practice a long run.
"""

from __future__ import annotations

import numpy as np

from vi_lab.numerics.quadratic_features import QuadraticFeatures

RIDGE = 1.0  # half of it times |weights|^2 is added to the loss, summed over draws


def classify(one: np.ndarray, two: np.ndarray) -> float:
    """The share of held-out draws that are told apart, about 0.5 where the samples are alike.

    Parameters
    ----------
    one, two : array (n, D)
        Independent draws, of the same number.
    """
    both = np.concatenate([one, two])
    sd = both.std(0)
    x = (both - both.mean(0)) / np.where(sd > 0, sd, 1.0)
    features = QuadraticFeatures(x).evaluate(np.eye(1 + x.shape[1] * (x.shape[1] + 3) // 2))
    label = np.repeat([0.0, 1.0], [len(one), len(two)])
    train = np.arange(len(x)) % 2 == 0
    weights = fit_logistic(features[train], label[train])
    guess = features[~train] @ weights > 0
    return float((guess == label[~train]).mean())


def fit_logistic(features: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Weights (F,) of least loss -sum log p(label | features) + RIDGE/2 |w without the first|^2."""
    from scipy.optimize import minimize
    from scipy.special import expit

    ridge = np.full(features.shape[1], RIDGE)
    ridge[0] = 0.0  # the constant

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logit = features @ weights
        value = np.logaddexp(0.0, logit).sum() - label @ logit + 0.5 * ridge @ weights**2
        return float(value), features.T @ (expit(logit) - label) + ridge * weights

    found: np.ndarray = minimize(
        loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    ).x
    return found
