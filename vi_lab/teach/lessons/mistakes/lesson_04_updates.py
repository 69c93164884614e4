"""Named mistakes of lesson 04: the two steps of CAVI in Newcomb's model (04.3, 04.4)."""

import numpy as np

from vi_lab.teach.lessons.solutions.lesson_04 import update_mu, update_tau


def mean_changed(mean):
    """A mistake of update_mu in the mean alone."""
    return lambda *given: (mean(*given), update_mu(*given)[1])


def variance_changed(variance):
    """A mistake of update_mu in the variance alone."""
    return lambda *given: (update_mu(*given)[0], variance(*given))


UPDATE_MU = {
    "The second number is a precision: v is one over it.": variance_changed(
        lambda x, t, mu0, k: (k + len(x)) * t
    ),
    "E[tau] was taken for a variance: it is a precision.": variance_changed(
        lambda x, t, mu0, k: t / (k + len(x))
    ),
    "The prior is missing.": lambda x, t, mu0, k: (np.mean(x), 1 / (len(x) * t)),
    "The prior is missing in the mean.": mean_changed(lambda x, t, mu0, k: np.mean(x)),
    "The prior is missing in the variance: kappa0 + n, not n.": variance_changed(
        lambda x, t, mu0, k: 1 / (len(x) * t)
    ),
    "The number of data is missing in the variance: n for 1.": variance_changed(
        lambda x, t, mu0, k: 1 / ((k + 1) * t)
    ),
    "The data are missing in the variance: this is the prior's.": variance_changed(
        lambda x, t, mu0, k: 1 / (k * t)
    ),
    "You added variances; precisions add.": variance_changed(
        lambda x, t, mu0, k: 1 / (len(x) * t) + 1 / (k * t)
    ),
    "You took one datum for all in the mean: n observations count.": mean_changed(
        lambda x, t, mu0, k: (k * mu0 + np.mean(x)) / (k + 1)
    ),
    "This is what multiplies mu: divide it by the precision.": mean_changed(
        lambda x, t, mu0, k: t * (k * mu0 + np.sum(x))
    ),
    "You took one datum for all: the mean of x stands where the sum belongs.": mean_changed(
        lambda x, t, mu0, k: (k * mu0 + np.mean(x)) / (k + len(x))
    ),
    "You took one datum for all: n is missing in mean and variance.": lambda x, t, mu0, k: (
        (k * mu0 + np.mean(x)) / (k + 1),
        1 / ((k + 1) * t),
    ),
    "A standard deviation where the variance belongs.": variance_changed(
        lambda x, t, mu0, k: 1 / np.sqrt((k + len(x)) * t)
    ),
    "tau is missing in the variance.": variance_changed(lambda x, t, mu0, k: 1 / (k + len(x))),
    "kappa0 is taken for the prior's precision: that is kappa0 tau.": lambda x, t, mu0, k: (
        (k * mu0 + t * np.sum(x)) / (k + t * len(x)),
        1 / (k + t * len(x)),
    ),
    "tau weighs the data alone in the mean: it weighs the prior too, and cancels.": mean_changed(
        lambda x, t, mu0, k: (k * mu0 + t * np.sum(x)) / (k + len(x))
    ),
    "tau stands in the mean: it cancels.": mean_changed(
        lambda *given: update_mu(*given)[0] * given[1]
    ),
    "kappa0 does not weigh mu0 in the mean.": mean_changed(
        lambda x, t, mu0, k: (mu0 + np.sum(x)) / (k + len(x))
    ),
    "You divided the sum by n: divide by kappa0 + n.": mean_changed(
        lambda x, t, mu0, k: (k * mu0 + np.sum(x)) / len(x)
    ),
    "You counted the prior as one datum: it counts as kappa0.": lambda x, t, mu0, k: (
        (mu0 + np.sum(x)) / (1 + len(x)),
        1 / ((1 + len(x)) * t),
    ),
    "mu0 is missing in the mean.": mean_changed(lambda x, t, mu0, k: np.sum(x) / (k + len(x))),
    "kappa0 is taken for a variance: it counts as so many data.": lambda x, t, mu0, k: update_mu(
        x, t, mu0, 1 / k
    ),
    "mu0 and the sample mean count alike: weigh them by kappa0 and n.": mean_changed(
        lambda x, t, mu0, k: (mu0 + np.mean(x)) / 2
    ),
    "The weights of mu0 and of the sample mean changed places.": mean_changed(
        lambda x, t, mu0, k: (len(x) * mu0 + k * np.mean(x)) / (k + len(x))
    ),
    "m and v changed places.": lambda *given: update_mu(*given)[::-1],
    "The mean is not divided by kappa0 + n.": mean_changed(
        lambda x, t, mu0, k: k * mu0 + np.sum(x)
    ),
}


def tau(count=1, halves=0.5, of_v=1.0, pull_of_v=1.0, data=1.0, pull=1.0):
    """An update_tau with what a mistake changes: counts, halves, weights of the terms."""

    def update(x, m, v, mu0, kappa0, a0, b0):
        squares = np.sum((x - m) ** 2 + of_v * v)
        to_prior = kappa0 * ((m - mu0) ** 2 + pull_of_v * v)
        return a0 + (len(x) + count) / 2, b0 + halves * (data * squares + pull * to_prior)

    return update


def shape_changed(shape):
    """A mistake of update_tau in the shape alone: shape(a0, n)."""
    return lambda x, m, v, mu0, k, a0, b0: (
        shape(a0, len(x)),
        update_tau(x, m, v, mu0, k, a0, b0)[1],
    )


def rate_changed(twice):
    """A mistake of update_tau in the rate alone: b0 + twice(x, m, v, mu0, kappa0) / 2."""
    return lambda x, m, v, mu0, k, a0, b0: (
        a0 + (len(x) + 1) / 2,
        b0 + twice(x, m, v, mu0, k) / 2,
    )


UPDATE_TAU = {
    "E[tau] stands where the shape belongs.": lambda *given: (
        update_tau(*given)[0] / update_tau(*given)[1],
        update_tau(*given)[1],
    ),
    "The mean was plugged in: E[(x - mu)^2] has the variance of mu.": tau(of_v=0, pull_of_v=0),
    "The variance of mu is missing in the squares of the data.": tau(of_v=0),
    "You counted the variance of mu once; it counts once for every datum.": rate_changed(
        lambda x, m, v, mu0, k: np.sum((x - m) ** 2) + v + k * ((m - mu0) ** 2 + v)
    ),
    "The variance is missing in the pull of the prior.": tau(pull_of_v=0),
    "kappa0 does not multiply the variance in the pull of the prior.": rate_changed(
        lambda x, m, v, mu0, k: np.sum((x - m) ** 2 + v) + k * (m - mu0) ** 2 + v
    ),
    "v was squared: it is a variance.": lambda x, m, v, *prior: update_tau(x, m, v**2, *prior),
    "The root of v was taken: v is a variance.": lambda x, m, v, *prior: update_tau(
        x, m, np.sqrt(v), *prior
    ),
    "The variance was subtracted: uncertainty adds.": tau(of_v=-1, pull_of_v=-1),
    "Half a count lost: the prior of mu has tau in it too.": tau(count=0),
    "You took n for n/2: each density has the square root of tau.": shape_changed(
        lambda a0, n: a0 + n + 1
    ),
    "n for n/2, and the prior of mu has tau in it too.": shape_changed(lambda a0, n: a0 + n),
    "You took n for n/2: the half for the prior of mu is right.": shape_changed(
        lambda a0, n: a0 + n + 0.5
    ),
    "You took a whole count for the prior of mu: its density has the square root of tau.": tau(
        count=2
    ),
    "You took (n - 1)/2 for (n + 1)/2: no count is lost, and a shape is one more than the "
    "exponent of tau.": tau(count=-1),
    "The number of data is missing in the shape.": shape_changed(lambda a0, n: a0 + 0.5),
    "This is a scale, not a rate.": lambda *given: (
        update_tau(*given)[0],
        1 / update_tau(*given)[1],
    ),
    "The half of the squares is missing.": tau(halves=1.0),
    "The half of the prior's pull is missing.": tau(pull=2.0),
    "The half of the data's squares is missing.": tau(data=2.0),
    "The pull of the prior on mu is missing.": tau(pull=0.0),
    "The prior of mu is missing, in the shape and in the rate.": tau(count=0, pull=0.0),
    "The squares of the data are missing.": tau(data=0.0),
    "kappa0 is missing in the pull of the prior.": rate_changed(
        lambda x, m, v, mu0, k: np.sum((x - m) ** 2 + v) + (m - mu0) ** 2 + v
    ),
    "You divided the pull by kappa0: its variance is 1/(kappa0 tau).": rate_changed(
        lambda x, m, v, mu0, k: np.sum((x - m) ** 2 + v) + ((m - mu0) ** 2 + v) / k
    ),
    "The prior of tau is missing.": lambda x, m, v, mu0, k, a0, b0: update_tau(
        x, m, v, mu0, k, 0.0, 0.0
    ),
    "a0 is missing in the shape.": shape_changed(lambda a0, n: (n + 1) / 2),
    "b0 is missing in the rate.": lambda x, m, v, mu0, k, a0, b0: update_tau(
        x, m, v, mu0, k, a0, 0.0
    ),
    "b0 was taken for a scale: it is a rate.": lambda x, m, v, mu0, k, a0, b0: update_tau(
        x, m, v, mu0, k, a0, 1 / b0
    ),
    "a0 and b0 changed places.": lambda x, m, v, mu0, k, a0, b0: update_tau(
        x, m, v, mu0, k, b0, a0
    ),
    "Shape and rate changed places.": lambda *given: update_tau(*given)[::-1],
    "You took squares about the sample mean, not about mu.": rate_changed(
        lambda x, m, v, mu0, k: np.sum((x - x.mean()) ** 2 + v) + k * ((m - mu0) ** 2 + v)
    ),
    "The data's squares are taken about the prior mean, not about mu.": rate_changed(
        lambda x, m, v, mu0, k: np.sum((x - mu0) ** 2 + v) + k * ((m - mu0) ** 2 + v)
    ),
    "The prior pulls on the data here, not on mu: (m - mu0)^2.": rate_changed(
        lambda x, m, v, mu0, k: np.sum((x - m) ** 2 + v) + k * np.sum((x - mu0) ** 2 + v)
    ),
    "A mean of the squares stands where their sum belongs.": rate_changed(
        lambda x, m, v, mu0, k: np.mean((x - m) ** 2 + v) + k * ((m - mu0) ** 2 + v)
    ),
    "The sum was squared: square each distance, then sum.": rate_changed(
        lambda x, m, v, mu0, k: np.sum(x - m) ** 2 + len(x) * v + k * ((m - mu0) ** 2 + v)
    ),
    "You counted the pull once for every datum: mu has one prior.": rate_changed(
        lambda x, m, v, mu0, k: np.sum((x - m) ** 2 + v + k * ((m - mu0) ** 2 + v))
    ),
    "The squares were subtracted: the rate grows with them.": tau(halves=-0.5),
    "The distances are not squared.": rate_changed(
        lambda x, m, v, mu0, k: np.sum(np.abs(x - m) + v) + k * (np.abs(m - mu0) + v)
    ),
}
