"""Exponential families, one file each. Imports run one way: nothing here knows of models."""

from vi_lab.families.base import Distribution, Family
from vi_lab.families.categorical import Categorical, CategoricalStats
from vi_lab.families.gamma import Gamma, GammaStats
from vi_lab.families.multivariate_normal import MultivariateNormal, MultivariateNormalStats
from vi_lab.families.normal import Normal, NormalStats

__all__ = [
    "Categorical",
    "CategoricalStats",
    "Distribution",
    "Family",
    "Gamma",
    "GammaStats",
    "MultivariateNormal",
    "MultivariateNormalStats",
    "Normal",
    "NormalStats",
]
