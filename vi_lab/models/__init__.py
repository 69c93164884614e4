"""Toy models, one file each: story, log joint, complete conditionals, truth."""

from vi_lab.models.bayes_net import BayesNet
from vi_lab.models.change_point import ChangePoint
from vi_lab.models.correlated_gaussian import CorrelatedGaussian
from vi_lab.models.factor_analysis import FactorAnalysis
from vi_lab.models.gaussian_mixture import GaussianMixture
from vi_lab.models.ising import Ising, IsingDenoising
from vi_lab.models.latent_dirichlet import LatentDirichletAllocation
from vi_lab.models.normal_gamma import NormalGamma
from vi_lab.models.normal_mixture import NormalMixture
from vi_lab.models.ppca import PPCA

__all__ = [
    "BayesNet",
    "ChangePoint",
    "CorrelatedGaussian",
    "FactorAnalysis",
    "GaussianMixture",
    "Ising",
    "IsingDenoising",
    "LatentDirichletAllocation",
    "NormalGamma",
    "NormalMixture",
    "PPCA",
]
