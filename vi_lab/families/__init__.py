"""Exponential families, one file each. Imports run one way: nothing here knows of models."""

from vi_lab.families.beta import Beta, BetaStats
from vi_lab.families.bits import Bits
from vi_lab.families.categorical import Categorical, CategoricalStats
from vi_lab.families.dirichlet import Dirichlet, DirichletStats
from vi_lab.families.distribution import Distribution
from vi_lab.families.family import Family
from vi_lab.families.gamma import Gamma, GammaStats
from vi_lab.families.gaussian_chain import GaussianChain, GaussianChainStats
from vi_lab.families.inverse_gamma import InverseGamma, InverseGammaStats
from vi_lab.families.mean_precision import MeanPrecision
from vi_lab.families.multinomial import Multinomial, MultinomialStats
from vi_lab.families.multivariate_normal import MultivariateNormal, MultivariateNormalStats
from vi_lab.families.normal import Normal, NormalStats
from vi_lab.families.normal_wishart import NormalWishart, NormalWishartStats
from vi_lab.families.polya_gamma import PolyaGamma, PolyaGammaStats
from vi_lab.families.spin import Spin, SpinStats

__all__ = [
    "Beta",
    "BetaStats",
    "Bits",
    "Categorical",
    "CategoricalStats",
    "Dirichlet",
    "DirichletStats",
    "Distribution",
    "Family",
    "Gamma",
    "GammaStats",
    "GaussianChain",
    "GaussianChainStats",
    "InverseGamma",
    "InverseGammaStats",
    "MeanPrecision",
    "Multinomial",
    "MultinomialStats",
    "MultivariateNormal",
    "MultivariateNormalStats",
    "Normal",
    "NormalStats",
    "NormalWishart",
    "NormalWishartStats",
    "PolyaGamma",
    "PolyaGammaStats",
    "Spin",
    "SpinStats",
]
