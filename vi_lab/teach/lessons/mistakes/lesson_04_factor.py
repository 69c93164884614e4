"""Named mistakes of lesson 04: single factors and expectations (04.0 to 04.2, 04.6)."""

import numpy as np
from scipy.special import digamma, gammaln, polygamma, softmax

BEST_FACTOR = {
    "This is the logarithm of the mean; the mean of the logarithm, E[log p], is wanted.": (
        lambda t, q: softmax(np.log(np.exp(t) @ q))
    ),
    "The average runs over the other axis: the factor sought has one entry a row.": (
        lambda t, q: softmax(np.sum((t.T * q[:, None]).T, axis=0))
    ),
    "The table was transposed: the columns are the states of the other factor.": (
        lambda t, q: softmax(t.T @ q)
    ),
    "You took exp of each term, and then the sum: sum over the columns first, then exp.": (
        lambda t, q: np.exp(t * q).sum(axis=1) / np.exp(t * q).sum()
    ),
    "Each row was normalised over the columns, and then averaged.": (
        lambda t, q: softmax(t, axis=1) @ q
    ),
    "Divided by the sum of the joint: divide exp E[log p] by its own sum.": (
        lambda t, q: np.exp(t @ q) / np.exp(t).sum()
    ),
    "Not normalised: divide exp E[log p] by its sum.": lambda t, q: np.exp(t @ q),
    "Not normalised: the peak was subtracted, but the sum is not one.": (
        lambda t, q: np.exp(t @ q - (t @ q).max())
    ),
    "This is E[log p], the logarithm of the factor up to a constant: exponentiate, normalise.": (
        lambda t, q: t @ q
    ),
    "This is the logarithm of the factor: exponentiate it.": lambda t, q: np.log(softmax(t @ q)),
    "You took a plain mean over the other's states: weight each column by its q_other.": (
        lambda t, q: softmax(t.mean(axis=1))
    ),
    "You took a plain sum over the other's states: weight each column by its q_other.": (
        lambda t, q: softmax(t.sum(axis=1))
    ),
    "You took only the other's most probable state: average over all of its states.": (
        lambda t, q: softmax(t[:, np.argmax(q)])
    ),
    "The sign of the exponent is wrong: q is proportional to exp(+E[log p]).": lambda t, q: softmax(
        -t @ q
    ),
    "You took all mass on the best row: a factor is a distribution, not a maximum.": (
        lambda t, q: np.eye(len(t))[np.argmax(t @ q)]
    ),
    "This is the marginal of the rows under the joint: q_other plays no part.": (
        lambda t, q: softmax(np.log(np.exp(t).sum(axis=1)))
    ),
    "E[log p] was divided by its sum; exponentiate it first.": lambda t, q: t @ q / np.sum(t @ q),
    "The mean of the joint was exponentiated: average its logarithm, the table itself.": (
        lambda t, q: softmax(np.exp(t) @ q)
    ),
    "Divided by the number of columns too: the q_other sum to one already.": (
        lambda t, q: softmax(t @ q / len(q))
    ),
    "The columns are weighted by the logarithm of q_other, not by q_other.": (
        lambda t, q: softmax(t @ np.log(q))
    ),
    "q_other was squared: one weight a column.": lambda t, q: softmax(t @ q**2),
    "You took the mean of exp, normalised: each column was normalised before it was averaged.": (
        lambda t, q: softmax(t, axis=0) @ q
    ),
}

EXPECTED_LOG = {
    "This is the logarithm of the mean; E[log tau] is smaller (Jensen).": (
        lambda a, b: np.log(a / b)
    ),
    "The rate was taken for a scale: its logarithm is subtracted.": (
        lambda a, b: digamma(a) + np.log(b)
    ),
    "The rate is missing: subtract log(rate).": lambda a, b: digamma(a),
    "This is the digamma of the mean: digamma of the shape, then - log(rate).": (
        lambda a, b: digamma(a / b)
    ),
    "log Gamma stands for digamma: its derivative is wanted.": lambda a, b: gammaln(a) - np.log(b),
    "The rate itself was subtracted, not its logarithm.": lambda a, b: digamma(a) - b,
    "Divided by the rate: in a logarithm that becomes - log(rate).": lambda a, b: digamma(a) / b,
    "The sign is wrong: log(rate) - digamma(shape) is minus the answer.": (
        lambda a, b: np.log(b) - digamma(a)
    ),
    "Shape and rate changed places.": lambda a, b: digamma(b) - np.log(a),
    "You took digamma of both: the rate enters by its plain logarithm.": (
        lambda a, b: digamma(a) - digamma(b)
    ),
    "The shape is one too large: digamma(shape), not digamma(shape + 1).": (
        lambda a, b: digamma(a + 1) - np.log(b)
    ),
    "The shape is one too small: digamma(shape), not digamma(shape - 1).": (
        lambda a, b: digamma(a - 1) - np.log(b)
    ),
    "You took the logarithm of the density's peak, (shape - 1) / rate.": (
        lambda a, b: np.log((a - 1) / b)
    ),
    "This is E[tau], without any logarithm.": lambda a, b: a / b,
    "You multiplied log(rate) by the shape: the derivative by the shape is log(rate) alone.": (
        lambda a, b: digamma(a) - a * np.log(b)
    ),
    "This is log Gamma(shape) - shape log(rate): its derivative by the shape is wanted.": (
        lambda a, b: gammaln(a) - a * np.log(b)
    ),
    "Exponentiated: this is exp E[log tau].": lambda a, b: np.exp(digamma(a)) / b,
    "The trigamma function is the variance of log tau; its mean has the digamma.": (
        lambda a, b: polygamma(1, a) - np.log(b)
    ),
    "The digamma is missing: the logarithm of the rate alone.": lambda a, b: -np.log(b),
    "You took bits: log2 of the rate, nats want the natural logarithm.": (
        lambda a, b: digamma(a) - np.log2(b)
    ),
    "You took an approximation: log(mean) - 1/(2 shape) is the start of a series, use digamma.": (
        lambda a, b: np.log(a / b) - 1 / (2 * a)
    ),
    "An approximation, log(mean) - 1/shape, and its half is lost: use digamma.": (
        lambda a, b: np.log(a / b) - 1 / a
    ),
    "digamma and log changed places: digamma of the shape, log of the rate.": (
        lambda a, b: np.log(a) - digamma(b)
    ),
    "The logarithm was taken once more: digamma(shape) stands for a logarithm already.": (
        lambda a, b: np.log(digamma(a) / b)
    ),
}

EXPECTED_SQUARE = {
    "The mean was plugged in: the variance of mu is missing.": lambda x, m, v: (x - m) ** 2,
    "v was squared: it is a variance already.": lambda x, m, v: (x - m) ** 2 + v**2,
    "The variance was subtracted: uncertainty adds.": lambda x, m, v: (x - m) ** 2 - v,
    "A standard deviation was added; the variance v belongs there.": (
        lambda x, m, v: (x - m) ** 2 + np.sqrt(v)
    ),
    "Divided by v: that is no expectation of the square.": lambda x, m, v: (x - m) ** 2 / v,
    "Divided by v, and one added: this is E[(x - mu)^2] / v.": lambda x, m, v: (x - m) ** 2 / v + 1,
    "You took half of it: no half belongs to the expectation.": lambda x, m, v: (
        ((x - m) ** 2 + v) / 2
    ),
    "The m^2 is missing: E[mu^2] = m^2 + v.": lambda x, m, v: x**2 - 2 * x * m + v,
    "m stands where m^2 belongs: E[mu^2] = m^2 + v.": lambda x, m, v: x**2 - 2 * x * m + m + v,
    "You took a difference of squares: expand (x - mu)^2 with its cross term.": (
        lambda x, m, v: x**2 - m**2 + v
    ),
    "The squares were summed and v was added once: one number for each x is wanted.": (
        lambda x, m, v: np.sum((x - m) ** 2) + v
    ),
    "The cross term -2 x m is missing.": lambda x, m, v: x**2 + m**2 + v,
    "You counted the cross term once; it counts twice: -2 x m.": lambda x, m, v: (
        x**2 - x * m + m**2 + v
    ),
    "The sign of the cross term is wrong: x - mu, not x + mu.": lambda x, m, v: (x + m) ** 2 + v,
    "v stands inside the square: expand first, then take expectations.": (
        lambda x, m, v: (x - m + v) ** 2
    ),
    "You counted the variance twice.": lambda x, m, v: (x - m) ** 2 + 2 * v,
    "The square of mu was left out: this is E[x - mu]^2 with mu = 0, plus v.": (
        lambda x, m, v: x**2 + v
    ),
    "The square is missing: E|x - mu| is another thing.": lambda x, m, v: np.abs(x - m) + v,
    "This is the root of E[(x - mu)^2].": lambda x, m, v: np.sqrt((x - m) ** 2 + v),
    "Summed over the data: one number for each x is wanted.": (
        lambda x, m, v: np.sum((x - m) ** 2 + v)
    ),
    "Averaged over the data: one number for each x is wanted.": (
        lambda x, m, v: np.mean((x - m) ** 2 + v)
    ),
    "v was divided by the number of data: v is the variance of mu itself.": (
        lambda x, m, v: (x - m) ** 2 + v / len(x)
    ),
    "v was multiplied by the number of data: each x has one v.": (
        lambda x, m, v: (x - m) ** 2 + v * len(x)
    ),
    "v was multiplied: variances add.": lambda x, m, v: (x - m) ** 2 * v,
    "You took the variance of mu alone: the square of its distance is missing.": lambda x, m, v: (
        v + 0 * x
    ),
    "A precision was taken: v is a variance, add it.": lambda x, m, v: (x - m) ** 2 + 1 / v,
    "The data's own variance was added; v is that of mu.": (
        lambda x, m, v: (x - m) ** 2 + np.var(x)
    ),
    "You took squares about the sample mean, not about mu.": lambda x, m, v: (
        (x - x.mean()) ** 2 + v
    ),
}


def diagonal(matrix):
    """The inverse's diagonal."""
    return np.diag(np.linalg.inv(matrix))


MEAN_FIELD_VARIANCES = {
    "These are the true variances: mean field does not reach them.": lambda c: np.diag(c),
    "These are precisions: a variance is one over the entry.": lambda c: diagonal(c),
    "These are standard deviations: variances are wanted.": lambda c: 1 / np.sqrt(diagonal(c)),
    "You took one over the true variances: invert the matrix first, then take the diagonal.": (
        lambda c: 1 / np.diag(c)
    ),
    "These are the true standard deviations.": lambda c: np.sqrt(np.diag(c)),
    "The whole precision matrix came back: one over its diagonal is wanted.": np.linalg.inv,
    "The inverse was taken entry by entry.": lambda c: 1 / np.linalg.inv(c),
    "The whole matrix came back: the variances are K numbers.": lambda c: np.diag(1 / diagonal(c)),
    "These are the eigenvalues: variances along the long axes, not along the coordinates.": (
        lambda c: np.linalg.eigvalsh(c)
    ),
    "These are the eigenvalues of the precision.": lambda c: np.linalg.eigvalsh(np.linalg.inv(c)),
    "You took a matrix with the true variances: mean field does not reach them.": lambda c: np.diag(
        np.diag(c)
    ),
    "These are the pivots of the covariance: each is given those before it, not all others.": (
        lambda c: np.diag(np.linalg.cholesky(c)) ** 2
    ),
    "You took off one squared covariance after another: right for two coordinates, not for more.": (
        lambda c: 2 * np.diag(c) - (c**2 / np.diag(c)).sum(axis=1)
    ),
    "You took the strongest correlation alone: all the others count together.": lambda c: (
        np.diag(c) * (1 - np.max(c**2 / np.outer(np.diag(c), np.diag(c)) - np.eye(len(c)), axis=1))
    ),
    "You took one over the row sums of the precision: its diagonal alone counts.": (
        lambda c: 1 / np.linalg.inv(c).sum(axis=1)
    ),
    "You took the root of one correlation: the variance is divided by L_jj, not multiplied.": (
        lambda c: np.diag(c) * diagonal(c)
    ),
    "You took the conditional sd times the true one: 1/L_jj alone is the variance.": (
        lambda c: np.sqrt(np.diag(c) / diagonal(c))
    ),
    "This is 1 - 1/(variance x precision), a squared correlation.": (
        lambda c: 1 - 1 / (np.diag(c) * diagonal(c))
    ),
    "Squared: one over the square of the precision's diagonal.": lambda c: 1 / diagonal(c) ** 2,
    "You made all equal, the determinant shared out: each coordinate has its own variance.": (
        lambda c: np.full(len(c), np.linalg.det(c) ** (1 / len(c)))
    ),
    "You made all equal, the smallest eigenvalue: each coordinate has its own variance.": (
        lambda c: np.full(len(c), np.linalg.eigvalsh(c)[0])
    ),
    "These are shares of the true variances: multiply by them.": (
        lambda c: 1 / (diagonal(c) * np.diag(c))
    ),
}
