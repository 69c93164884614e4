"""vi_lab: a laboratory for variational inference in which every approximation meets the truth.

    log p(x) = ELBO(q) + KL(q || p(z|x))       each of the three computed by its own route
"""

from vi_lab.check import check
from vi_lab.compare import Comparison, compare
from vi_lab.errors import (
    InputError,
    InputTypeError,
    NotApplicable,
    NumericalError,
    ResultFileError,
    ViLabError,
)
from vi_lab.families import (
    Categorical,
    Distribution,
    Family,
    Gamma,
    MultivariateNormal,
    Normal,
)
from vi_lab.inference import cavi, exact, gibbs, metropolis_hastings
from vi_lab.ledger import Derivation, Ledger, derivation, kl, ledger
from vi_lab.model import Block, DensityModel, Model, Problem, elbo
from vi_lab.models import ChangePoint, CorrelatedGaussian, NormalGamma
from vi_lab.problems import list_problems, problem, sweep
from vi_lab.results import Draws, Exact, Factorised
from vi_lab.results.archive import load
from vi_lab.version import __version__
