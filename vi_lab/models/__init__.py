"""Toy models, one file each: story, log joint, complete conditionals, truth."""

from vi_lab.models.bayes_net import BayesNet
from vi_lab.models.beta_bernoulli import BetaBernoulli
from vi_lab.models.change_point import ChangePoint
from vi_lab.models.clutter import Clutter
from vi_lab.models.correlated_gaussian import CorrelatedGaussian
from vi_lab.models.factor_analysis import FactorAnalysis
from vi_lab.models.gaussian_mixture import GaussianMixture
from vi_lab.models.hidden_markov import HiddenMarkov
from vi_lab.models.hierarchical_expanded import HierarchicalNormalExpanded
from vi_lab.models.hierarchical_normal import HierarchicalNormal
from vi_lab.models.ising import Ising, IsingDenoising
from vi_lab.models.latent_dirichlet import LatentDirichletAllocation
from vi_lab.models.linear_regression import LinearRegression
from vi_lab.models.linear_regression_known_noise import LinearRegressionKnownNoise
from vi_lab.models.local_level import LocalLevel
from vi_lab.models.logistic_regression import LogisticRegression
from vi_lab.models.normal_gamma import NormalGamma
from vi_lab.models.normal_mixture import NormalMixture
from vi_lab.models.normal_semi_conjugate import NormalSemiConjugate
from vi_lab.models.poisson_regression import PoissonRegression
from vi_lab.models.ppca import PPCA
from vi_lab.models.probit_regression import ProbitRegression

__all__ = [
    "BayesNet",
    "BetaBernoulli",
    "ChangePoint",
    "Clutter",
    "CorrelatedGaussian",
    "FactorAnalysis",
    "GaussianMixture",
    "HiddenMarkov",
    "HierarchicalNormal",
    "HierarchicalNormalExpanded",
    "Ising",
    "IsingDenoising",
    "LatentDirichletAllocation",
    "LinearRegression",
    "LinearRegressionKnownNoise",
    "LocalLevel",
    "LogisticRegression",
    "NormalGamma",
    "NormalMixture",
    "NormalSemiConjugate",
    "PPCA",
    "PoissonRegression",
    "ProbitRegression",
]
