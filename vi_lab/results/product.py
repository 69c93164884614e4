"""A posterior that is a product of distributions, one a block: the truth of a conjugate model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import put_back
from vi_lab.errors import InputError
from vi_lab.families import Distribution
from vi_lab.model_or_problem import model_behind
from vi_lab.numerics.rounding import Estimate, closed_form, rounding
from vi_lab.results.factor_densities import find_density


class ProductPosterior:
    """p(z|x) = prod_b p_b(z_b), each factor a Distribution of the block's own family.

    Parameters
    ----------
    q : Factorised
        Its factors are meant to be the posterior; nothing else of it is read.
    """

    def __init__(self, q: Any) -> None:
        self.model, self.factors = q.model, dict(q.q)

    @property
    def log_evidence(self) -> Estimate:
        """log p(x) = log joint at t = 0 + sum_b A_b(eta_b), every block integrated out of it.

        eta_b are the model's conditionals, not the factors. InputError where one depends on another
        block: then the posterior is no product.
        """
        model = model_behind(self)
        values = model.sample_latents(np.random.default_rng(0), (2,))
        stats = {n: block.family.stats(values[n]) for n, block in model.blocks.items()}
        terms = [model.log_joint({n: block.zeros for n, block in model.blocks.items()})]
        for name, block in model.blocks.items():
            eta = block.family.expand(block.complete_conditional(stats), (2, *block.plates))
            if not all(np.array_equal(*field) for field in eta):
                raise InputError(
                    f"product: the conditional of {name!r} depends on another block, and the "
                    "posterior is no product"
                )
            log_partition = block.family.log_partition(eta)
            terms.append(block.sum_over_plates(log_partition, (2,))[0])
        return closed_form(*map(float, terms))

    @property
    def mean(self) -> Mapping[str, Any]:
        return self.model.latents({name: p.mean for name, p in self.factors.items()})

    @property
    def sd(self) -> Mapping[str, Any]:
        """Of labels their probabilities stand in, which nobody asks for the sd of."""
        nominal = self.model.nominal
        sds = {n: p.mean if n in nominal else p.sd for n, p in self.factors.items()}
        return self.model.latents(sds)

    def log_density(self, values: Mapping[str, Any]) -> Any:
        values, model = put_back(self.model, values), model_behind(self)
        total: Any = 0.0
        for name, block in model.blocks.items():
            family, eta = self.factors[name].family, self.factors[name].eta
            each = family.log_density(values[name], eta)
            lead = np.ndim(each) - len(block.plates)
            total = total + block.sum_over_plates(each, np.shape(each)[:lead])
        return total

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        return find_density(self.model, self.factors, (name, index), x)

    def sample(self, rng: np.random.Generator, n: int) -> Mapping[str, Any]:
        return {name: p.sample(n, rng=rng) for name, p in self.factors.items()}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """The sum of the KLs of the factors, each in closed form."""
        total: Any = 0.0
        for name, block in self.model.blocks.items():
            p, factor = self.factors[name], q[name]
            each = factor.family.kl(factor.eta, factor.family.adopt(p).eta)
            lead = np.ndim(each) - len(block.plates)
            total = total + block.sum_over_plates(each, np.shape(each)[:lead])
        return Estimate(total, rounding(total), "closed form")
