"""vi_lab: a laboratory for variational inference in which every approximation meets the truth.

log p(x) = ELBO(q) + KL(q || p(z|x))       each of the three computed by its own route
"""

from vi_lab.check import check
from vi_lab.collapsed import collapsed_gibbs
from vi_lab.compare import Comparison, compare
from vi_lab.derivation import Derivation, derivation
from vi_lab.entry import Problem
from vi_lab.errors import (
    InputError,
    InputTypeError,
    NotApplicable,
    NumericalError,
    ResultFileError,
    ViLabError,
)
from vi_lab.families import (
    Bits,
    Categorical,
    Dirichlet,
    Distribution,
    Family,
    Gamma,
    Multinomial,
    MultivariateNormal,
    Normal,
    NormalWishart,
    Spin,
)
from vi_lab.inference.cavi import cavi
from vi_lab.inference.exact import exact
from vi_lab.inference.gibbs import gibbs
from vi_lab.inference.metropolis_hastings import metropolis_hastings
from vi_lab.labels import co_assignment
from vi_lab.ledger import Ledger, kl, ledger
from vi_lab.model import Block, DensityModel, Model, elbo
from vi_lab.models import (
    PPCA,
    BayesNet,
    ChangePoint,
    CorrelatedGaussian,
    FactorAnalysis,
    GaussianMixture,
    Ising,
    IsingDenoising,
    LatentDirichletAllocation,
    NormalGamma,
    NormalMixture,
)
from vi_lab.problems import list_problems, problem, sweep
from vi_lab.results import Draws, Exact, Factorised
from vi_lab.results.archive import load
from vi_lab.topics import expected_words, held_out_score, matched_topics
from vi_lab.version import __version__

__all__ = [
    "PPCA",
    "BayesNet",
    "Bits",
    "Block",
    "Categorical",
    "ChangePoint",
    "Comparison",
    "CorrelatedGaussian",
    "DensityModel",
    "Derivation",
    "Dirichlet",
    "Distribution",
    "Draws",
    "Exact",
    "FactorAnalysis",
    "Factorised",
    "Family",
    "Gamma",
    "GaussianMixture",
    "InputError",
    "InputTypeError",
    "Ising",
    "IsingDenoising",
    "LatentDirichletAllocation",
    "Ledger",
    "Model",
    "Multinomial",
    "MultivariateNormal",
    "Normal",
    "NormalGamma",
    "NormalMixture",
    "NormalWishart",
    "NotApplicable",
    "NumericalError",
    "Problem",
    "ResultFileError",
    "Spin",
    "ViLabError",
    "__version__",
    "cavi",
    "check",
    "co_assignment",
    "collapsed_gibbs",
    "compare",
    "derivation",
    "elbo",
    "exact",
    "expected_words",
    "gibbs",
    "held_out_score",
    "kl",
    "ledger",
    "list_problems",
    "load",
    "matched_topics",
    "metropolis_hastings",
    "problem",
    "sweep",
]
