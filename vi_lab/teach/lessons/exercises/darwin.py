"""The judge of exercise 01.9: a q(mu) q(tau) for Darwin's plants, made by hand."""

import numpy as np

import vi_lab as vl

NO_PRODUCT = "This is the posterior itself, in which mu and tau hang together: a product is wanted."
LIMIT = 0.035  # nats; the best factorised q is 0.0261 away, one with the posterior's moments 0.0300
NEAR = 0.1  # nats; what is left is the width, which this KL wants smaller


def q_of(mean, sd, shape, rate):
    """A function that makes the q with these numbers."""
    return lambda: vl.Factorised(
        vl.problem("darwin"),
        mu=vl.Normal.of(mean=mean, sd=sd),
        tau=vl.Gamma.of(shape=shape, rate=rate),
    )


def judge_darwin(answer):
    """Status and message for a q, or for a function that makes one."""
    q = answer() if callable(answer) else answer
    if q is None or q is ...:
        return "not attempted", "Not attempted yet."
    if isinstance(q, vl.Exact):
        return "named", NO_PRODUCT
    if not isinstance(q, vl.Factorised):
        return "shape", f"A vl.Factorised is wanted; this is of type {type(q).__name__}."
    if set(q.names) != {"mu", "tau"} or q.model.n != vl.problem("darwin").n:
        return "shape", 'The q is wanted for vl.problem("darwin"), with factors mu and tau.'
    truth = vl.exact(vl.problem("darwin"))
    nats = float(vl.kl(q, truth))
    if nats < LIMIT:
        return "right", f"Right: KL[q || p] is {nats:.4f} nats."
    mean, sd = float(q.mean("mu")), float(q.sd("mu"))
    shape = (float(q.mean("tau")) / float(q.sd("tau"))) ** 2
    rate = shape / float(q.mean("tau"))
    spread = sd * vl.problem("darwin").n ** -0.5  # of the mean of the data, were sd theirs
    slips = {
        "tau's rate: this is a scale, one over the rate.": (mean, sd, shape, 1 / rate),
        "mu's sd: this is a variance.": (mean, np.sqrt(sd), shape, rate),
        "mu's sd: this is a precision.": (mean, 1 / np.sqrt(sd), shape, rate),
        "mu's sd: this is the spread of the data, not of what they say about mu.": (
            mean,
            spread,
            shape,
            rate,
        ),
    }
    left = {s: float(vl.kl(q_of(*numbers)(), truth)) for s, numbers in slips.items()}
    sentence = min(left, key=lambda slip: left[slip])
    if left[sentence] < min(1.0, nats / 10):
        return "named", sentence
    parts = {
        "the mean of mu": (mean - truth.mean("mu")) / truth.sd("mu"),
        "the sd of mu": np.log(sd / truth.sd("mu")),
        "the mean of tau": (q.mean("tau") - truth.mean("tau")) / truth.sd("tau"),
        "the sd of tau": np.log(q.sd("tau") / truth.sd("tau")),
    }
    worst = max(parts, key=lambda part: abs(parts[part]))
    side = "large" if parts[worst] > 0 else "small"
    wide = nats < NEAR and sd >= truth.sd("mu")
    nearly = " The best q is a little narrower than the truth in mu." if wide else ""
    return "related", (
        f"KL[q || p] is {nats:.4f} nats, and under {LIMIT} is wanted. "
        f"Farthest from the truth is {worst}: it is too {side}.{nearly}"
    )
