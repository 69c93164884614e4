"""vi_lab: a laboratory for variational inference in which every approximation meets the truth.

log p(x) = ELBO(q) + KL(q || p(z|x))       each of the three computed by its own route
"""

from vi_lab._version import __version__
from vi_lab.comparison.audit import Audit, audit
from vi_lab.comparison.compare import Comparison, compare
from vi_lab.comparison.folder import load
from vi_lab.comparison.label_invariant import co_assignment
from vi_lab.comparison.topics import expected_words, held_out_score, matched_topics
from vi_lab.density_model import DensityModel, DensityRows
from vi_lab.errors import (
    ClusterError,
    ConvergenceWarning,
    InputError,
    InputTypeError,
    LostDigits,
    NoMode,
    NotApplicable,
    NumericalError,
    ResultFileError,
    ViLabError,
)
from vi_lab.families import (
    Beta,
    Bits,
    Categorical,
    Dirichlet,
    Distribution,
    Family,
    Gamma,
    GaussianChain,
    MarkovChain,
    Multinomial,
    MultivariateNormal,
    Normal,
    NormalWishart,
    PolyaGamma,
    Spin,
    TruncatedNormal,
)
from vi_lab.identity.bound import elbo
from vi_lab.identity.derivation import Derivation, derivation
from vi_lab.identity.divergence import kl
from vi_lab.identity.identity_check import check
from vi_lab.identity.ledger import Ledger, ledger
from vi_lab.identity.waterfall import Waterfall, waterfall
from vi_lab.inference.cavi import cavi
from vi_lab.inference.collapsed_gibbs import collapsed_gibbs
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.exact import exact
from vi_lab.inference.expectation_propagation import expectation_propagation
from vi_lab.inference.gaussian_vi import gaussian_vi
from vi_lab.inference.gibbs import gibbs
from vi_lab.inference.hmc import hmc
from vi_lab.inference.laplace import laplace
from vi_lab.inference.linear_response import linear_response
from vi_lab.inference.metropolis_hastings import metropolis_hastings
from vi_lab.inference.parameter_expanded_gibbs import gibbs_expanded
from vi_lab.inference.svi import svi
from vi_lab.marginal_likelihood.estimate import EvidenceEstimate
from vi_lab.marginal_likelihood.evidence import evidence
from vi_lab.model import Block, Model
from vi_lab.models import (
    PPCA,
    BayesNet,
    BetaBernoulli,
    ChangePoint,
    Clutter,
    CorrelatedGaussian,
    FactorAnalysis,
    GaussianMixture,
    HiddenMarkov,
    HierarchicalNormal,
    HierarchicalNormalExpanded,
    Ising,
    IsingDenoising,
    LatentDirichletAllocation,
    LinearRegression,
    LinearRegressionKnownNoise,
    LocalLevel,
    LogisticRegression,
    NormalGamma,
    NormalMixture,
    NormalSemiConjugate,
    PoissonRegression,
    ProbitRegression,
)
from vi_lab.models.priors import HalfCauchy, InverseGamma
from vi_lab.problems.named import list_problems, problem, sweep
from vi_lab.problems.problem import Problem
from vi_lab.replays.replay import Replay, replay
from vi_lab.results import Draws, Exact, Factorised, GaussianRows, LinearResponse
from vi_lab.studies.study import Study, read_study, study
from vi_lab.studies.trial.trial import Trial, read_trial, trial
from vi_lab.testing.validation import validate
from vi_lab.vae import VAE, Amortised, DecoderModel, amortised, gaussian_q

__all__ = [
    "PPCA",
    "Amortised",
    "Audit",
    "BayesNet",
    "Beta",
    "BetaBernoulli",
    "Bits",
    "VAE",
    "Waterfall",
    "Block",
    "Categorical",
    "ChangePoint",
    "ClusterError",
    "Clutter",
    "Comparison",
    "ConvergenceWarning",
    "CorrelatedGaussian",
    "DecoderModel",
    "DensityModel",
    "DensityRows",
    "Derivation",
    "Dirichlet",
    "Distribution",
    "Draws",
    "EvidenceEstimate",
    "Exact",
    "FactorAnalysis",
    "Factorised",
    "Family",
    "Gamma",
    "GaussianChain",
    "GaussianMixture",
    "GaussianPosterior",
    "GaussianRows",
    "HalfCauchy",
    "HiddenMarkov",
    "HierarchicalNormal",
    "HierarchicalNormalExpanded",
    "InputError",
    "InputTypeError",
    "InverseGamma",
    "Ising",
    "IsingDenoising",
    "LatentDirichletAllocation",
    "Ledger",
    "LinearRegression",
    "LinearRegressionKnownNoise",
    "LinearResponse",
    "LocalLevel",
    "LogisticRegression",
    "LostDigits",
    "MarkovChain",
    "Model",
    "Multinomial",
    "MultivariateNormal",
    "Normal",
    "NoMode",
    "NormalGamma",
    "NormalMixture",
    "NormalSemiConjugate",
    "NormalWishart",
    "NotApplicable",
    "NumericalError",
    "PoissonRegression",
    "PolyaGamma",
    "ProbitRegression",
    "Problem",
    "Replay",
    "ResultFileError",
    "Spin",
    "Study",
    "Trial",
    "TruncatedNormal",
    "ViLabError",
    "__version__",
    "amortised",
    "audit",
    "cavi",
    "check",
    "co_assignment",
    "collapsed_gibbs",
    "compare",
    "derivation",
    "elbo",
    "evidence",
    "exact",
    "expectation_propagation",
    "expected_words",
    "gaussian_q",
    "gaussian_vi",
    "gibbs",
    "gibbs_expanded",
    "held_out_score",
    "hmc",
    "kl",
    "laplace",
    "ledger",
    "linear_response",
    "list_problems",
    "load",
    "matched_topics",
    "metropolis_hastings",
    "problem",
    "read_study",
    "read_trial",
    "replay",
    "study",
    "svi",
    "sweep",
    "trial",
    "validate",
    "waterfall",
]
