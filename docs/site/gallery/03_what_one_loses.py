"""What the ELBO loses the KL gains: their sum is log p(x), whatever q."""

import numpy as np

import vi_lab
from vi_lab import Gamma, Normal, plots

model = vi_lab.problem("newcomb")
truth, means = vi_lab.exact(model), np.linspace(22, 30, 161)
many = vi_lab.Factorised(model, mu=Normal.of(mean=means, sd=1.3), tau=Gamma.of(shape=35, rate=3800))
bound, distance = vi_lab.elbo(model, many), vi_lab.kl(many, truth)
ax = plots.balance(means, bound, distance, truth.log_evidence, label="mean of q(mu), ns")
