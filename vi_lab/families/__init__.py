"""Exponential families, one file each. Imports run one way: nothing here knows of models."""

from vi_lab.families.base import Distribution, Family
from vi_lab.families.bits import Bits
from vi_lab.families.categorical import Categorical, CategoricalStats
from vi_lab.families.dirichlet import Dirichlet, DirichletStats
from vi_lab.families.gamma import Gamma, GammaStats
from vi_lab.families.multinomial import Multinomial, MultinomialStats
from vi_lab.families.multivariate_normal import MultivariateNormal, MultivariateNormalStats
from vi_lab.families.normal import Normal, NormalStats
from vi_lab.families.normal_wishart import MeanPrecision, NormalWishart, NormalWishartStats
from vi_lab.families.spin import Spin, SpinStats

__all__ = [
    "Bits",
    "Categorical",
    "CategoricalStats",
    "Dirichlet",
    "DirichletStats",
    "Distribution",
    "Family",
    "Gamma",
    "GammaStats",
    "MeanPrecision",
    "Multinomial",
    "MultinomialStats",
    "MultivariateNormal",
    "MultivariateNormalStats",
    "Normal",
    "NormalStats",
    "NormalWishart",
    "NormalWishartStats",
    "Spin",
    "SpinStats",
]
