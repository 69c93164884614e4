"""Every public callable, each argument with its kind.

A name is that of `tests.fuzz.public`; what comes after a slash tells two entries of one callable
apart; those that take the same share an entry. In `x=real[n] keep`, x is of the kind real[n], and
keep of the kind keep.
"""

import contextlib
import operator
import re
import tempfile
from pathlib import Path

import vi_lab
import vi_lab.testing
from tests.fuzz.kinds import OWNERS, attempt, kind
from vi_lab import datasets
from vi_lab.identity import quadrature
from vi_lab.model_or_problem import as_model
from vi_lab.numerics import enumeration

ENTRIES = """
# models
NormalGamma: x=real[n] mu0=real kappa0=positive a0=positive b0=positive
NormalSemiConjugate: x=real[n] m0=real s0=positive a0=positive b0=positive
BetaBernoulli: x=bit[n] a=positive b=positive
ChangePoint: counts=whole[n] a=positive[2] b=positive[2]
CorrelatedGaussian: mean=real[d] cov=covariance blocks=partition
LinearRegression: X=real[nd] y=real[n] m0=real[|d] V0=covariance a0=positive b0=positive blocks
LinearRegressionKnownNoise: X=real[nd] y=real[n] noise_precision=positive a0=positive b0=positive
LogisticRegression: X=real[nd] successes=whole[n] trials prior_mean=real[|d] prior_cov=covariance
    binomial_coefficients=flag
ProbitRegression: X=real[nd] y=bit[n] prior_mean=real[|d] prior_cov=covariance
PoissonRegression: X=real[nd] counts=whole[n] prior_mean=real[|d] prior_cov=covariance
HiddenMarkov: counts=whole[n] rates=rates_of_states transition initial=weights blocks
Clutter: x=points w=share prior_var=positive
NormalMixture: x=real[n] sigma=positive m0=real[|2] s0=positive[|2] concentration=concentrations
NormalMixture/weights: x=real[n] sigma=positive m0=real[|2] s0=positive[|2] weights
GaussianMixture: x=real[nd] n_components=size concentration=positive[|2] m0=real[|d] beta0=positive
    nu0=degrees w0_inv=covariance
HierarchicalNormal HierarchicalNormalExpanded: y=real[n] sigma=positive[n] mu_sd=positive tau_prior
LocalLevel: y=series q=positive r=positive m0=real v0=positive blocks
PPCA: x=real[nd] W=real[dk] mu=real[|d] sigma2=positive blocks
FactorAnalysis: x=real[nd] W=real[dk] mu=real[|d] psi=positive[d] blocks
Ising: J=real h=real[nd] periodic=flag
IsingDenoising: image=spin[n3] J=real flip_prob=share
BayesNet: parents=network tables evidence
LatentDirichletAllocation: counts=words n_topics=size alpha=positive[|2] eta=positive[|2]
PPCA.maximum_likelihood: x=real[43] q=one rotation=real blocks
FactorAnalysis.maximum_likelihood: x=real[43] q=one max_iterations=size tol=tolerance blocks
DecoderModel: decoder=fit x=pixel[n4]
HalfCauchy: scale=positive
InverseGamma: a0=positive b0=positive
# families
Normal.of: mean=some sd=some_positive
Gamma.of: shape=some_positive rate=some_positive
Beta.of: a=some_positive b=some_positive
Dirichlet.of: concentration=many_positive
Categorical.of: probabilities=proportions first
Multinomial.of: total probabilities=proportions
Bits.of: probabilities=proportions
Spin.of: field=some
PolyaGamma.of: trials=total tilt=some
MultivariateNormal.of: mean=centre cov=scale
NormalWishart.of: mean=centre beta=some_positive w_inv=scale nu=degrees
GaussianChain.of: mean=three variance=variances covariance=correlations
TruncatedNormal.of: mean=some variance=some_positive
MarkovChain.of: probabilities=chances pairs
InverseGamma.of: shape=some_positive scale=some_positive
# methods and the identity
exact: model
gibbs: model rng chains=size draws=size warmup=length keep
metropolis_hastings: model rng chains=size draws=size warmup=length keep step parameterisation
cavi: model rng restarts=size max_sweeps=size tol=tolerance
hmc: model rng chains=size draws=size warmup=length keep parameterisation
laplace: model rng restarts=size parameterisation
svi: model=in_rows batch_size=size rng epochs=size delay=at_least_one forgetting
expectation_propagation: model=sited damping=share max_sweeps=length tol=tolerance
gaussian_vi: model rng restarts=size components=one covariance=full_or_not objective
    parameterisation
evidence: model method=estimator rng seeds=one draws=many_or_usual tails=tails
collapsed_gibbs: model=bars rng draws=size chains=size
gibbs_expanded: model=groups rng draws=size chains=size
gaussian_q: model=deep covariance=full_rank rng
amortised: model=deep
validate: model rng
ledger derivation testing.ledger: model q
waterfall: problem=shown_model q=q_or_none rng restarts=one
elbo: model q=batch
kl: q=density p=density
linear_response: q=response
co_assignment: result=assigned
expected_words: result=topics
held_out_score: result=topics counts=held_out
matched_topics: topics=any_array reference=any_array
audit: model=audited bound posterior=moments rng
compare: problem methods budget rng
check: problem=checked steps=flag rng
replay: problem=model rng
problem: name=problem_name
problem/rho: name=problem_name rho=correlation
sweep: item=problem_name
list_problems:
Problem.change: a=positive b=positive
# results
Factorised: model mu tau
WithMarginals.mean WithMarginals.sd Exact.mean Exact.sd Draws.mean Draws.sd: name
LinearResponse.mean LinearResponse.sd: name
HasMoments.mean HasMoments.sd: name
Amortised.mean Amortised.sd: name=latent
WithMarginals.quantile WithMarginals.quantile_error: name p=levels
WithMarginals.quantile_route: name
WithMarginals.interval: name mass=level
WithMarginals.density: name points=sample
WithMarginals.summary: mass=level
Marginal.quantile Marginal.quantile_error: p=levels
Marginal.interval: mass=level
Marginal.density: points=sample
Marginal.sample Posterior.to_pandas: n=size rng
WithMarginals.sample Exact.sample Draws.sample: n=size rng
LinearResponse.sample Amortised.sample Posterior.to_datatree: n=size rng
GaussianPosterior.sample: n=size rng
GaussianPosterior.log_density: values=state
Posterior.posterior_predictive Factorised.posterior_predictive: n=size rng
Amortised.posterior_predictive: n=size rng
prior_predictive: model=generative n=size rng
Posterior.for_model: model=of_model
Posterior.save: path seed
Replay.save: path
Exact.log_density: values=state
Exact.marginal_density: coordinate points=sample
LinearResponse.covariance: name other=second_name
GaussianRows.of: model=rowed mean=means cov=covariances
DecoderModel.ledger: q=rows_q
Comparison.text Comparison.summary: width=wide
Comparison.table: problem=of_comparison
load Amortised.load: path
read: content
results.diagnostics.rhat results.diagnostics.ess results.diagnostics.mcse: draws=drawings
results.diagnostics.tail_ess results.diagnostics.rhat_and_ess: draws=drawings
results.diagnostics.quantile_mcse: draws=drawings p=level
results.diagnostics.wasserstein: a=sample b=sample
results.diagnostics.khat: log_weights
results.diagnostics.khat_limit: draws=length
Nodes: q=factors
refusal: items=item classes=group
# data
datasets.load: name=dataset
datasets.load_fashion: part folder
datasets.load_observations: path
# testing
testing.monotone: trace=sample log_evidence=bound
testing.agreement: draws=chain truth=result alpha
testing.gradient: f=cube gradient=its_gradient x=sample
CurveReport.plot PointReport.plot: ax
# networks
VAE: n_inputs=size n_latent=size hidden likelihood beta=tolerance n_importance=one
VAE.init: rng
VAE.fit: x=pixel[n4] epochs=one batch_size=size learning_rate=positive rng
VAE.elbo VAE.elbo_and_gradients VAE.score_function_gradients: params x=pixel[n4] eps=epsilon
Amortised.encode Amortised.given Amortised.kl_by_latent Amortised.reconstruct Amortised.ledger:
    x=pixel[n4]
Amortised.for_model: model=own_rows
Amortised.decode: z=latents
Amortised.generate: n=size rng means=flag
Amortised.elbo: x=pixel[n4] n_draws=size rng
Amortised.importance_bound: x=pixel[n4] k=size rng
Amortised.log_evidence: x=pixel[n4] k=several rng
Amortised.gaps: x=pixel[n4] draws=several k=several rng
# pictures
plots.account: ledgers ax
plots.balance: values=seen elbo=seen kl=seen log_evidence=seen_one label ax
plots.elbo_trace: q=picture log_evidence=bound ax
plots.marginal: results=shown name=coordinate label legend=flag ax
plots.joint: results=shown x=coordinate y=other labels=label_pair legend=flag ax
plots.chains: draws=chain name=coordinate first=length truth=truth label ax
plots.change_point: results=changes start unit=text events=text ax
plots.predictive: draws=predicted model=observed name=data_name x=at_x label legend=flag ax
plots.components: q=mixture labels=label_pair ax
plots.co_assignment: result=assigned label ax
plots.bound_over: values=seen bounds=seen log_evidence=bounds label ax
plots.symmetry_gap: separations=seen gaps=seen copies=size ax
plots.latent_means: truth=linear q=linear_q ax
plots.latent_posterior: truth=decoded qs=decoded_qs row=index legend=flag ax
plots.topics: found=seen_table truth=seen_table shape=shape label=text ax
plots.sweep_gap plots.sweep_sd plots.sweep_ess: comparison=swept ax
plots.rho_of: comparison=swept row=measured
plots.dots: comparison=compared column legend=flag ax
plots.cost_accuracy: comparison=compared problem=shown_problem legend=flag ax
plots.reconstructions: fit x=seen_rows shape=shape ax
plots.samples: fit side=one rng shape=shape ax
plots.manifold: fit side=several shape=shape ax
plots.encoded: fit x=seen_rows labels=classes ax
plots.vae_trace: fit ax
plots.gap_waterfall: gaps ax
plots.panels: rows=one columns=one size=inches layout sharex
plots.show: ax=drawn alt=label
plots.png_bytes: figure=page alt=text title=label
plots.svg_bytes: figure=page alt=text title=text
plots.alt_text: ax=drawn
plots.describe: ax=sheet text
plots.style_of: method=text
plots.View: result
View.draws View.is_whole View.locate View.moments: text=coordinate
View.all_moments View.is_latent: name
View.is_smoothed: x=coordinate y=second
View.density: text=coordinate grid
View.joint: x=coordinate y=other x_grid=grid y_grid=grid
View.probabilities: text=coordinate labels
"""


def read(content):
    """Load files with that in them."""
    for end in ("json", "npz", "csv"):
        Path(f"made.{end}").write_bytes(content)
    return attempt(vi_lab.load, "made"), datasets.load_observations("made.csv")


def prior_predictive(model, n, rng):
    """A method of every model, which the contract of models hides from the table."""
    return as_model(model).prior_predictive(n, rng=rng)


# of modules that are not public: handed what they may be handed
LOCAL = {
    "read": read,
    "prior_predictive": prior_predictive,
    "refusal": enumeration.refusal,
    "Nodes": lambda q: quadrature.Nodes(q).route,
}
NOTHING = [
    f"datasets.{name}"
    for name in datasets.__all__
    if name.startswith(("load_", "list_")) and name not in ("load_fashion", "load_observations")
]
# by its name: the arguments of a callable, each with its kind
DOORS = {
    name: {word.split("=")[0]: kind(word.split("=")[-1]) for word in entry.split()}
    for names, entry in re.findall(r"^(\w.*?):(.*(?:\n +.*)*)$", ENTRIES, re.MULTILINE)
    for name in names.split()
} | {name: {} for name in NOTHING}


def owner_of(name):
    """The kind of thing whose method that is, or None."""
    return OWNERS.get(name.split(".")[0]) if "." in name else None


def right(name):
    """Right arguments of a callable."""
    return {argument: kind.right() for argument, kind in DOORS[name].items()}


def call(name, keywords, owner=None):
    """Call it, in a folder of its own if it may write or read."""
    bare = name.split("/")[0]
    if owner is None and owner_of(name):
        owner = owner_of(name).right()
    if owner is not None:
        function = getattr(owner, bare.split(".")[1])
    else:
        function = LOCAL.get(bare) or operator.attrgetter(bare)(vi_lab)
    if {"path", "folder", "content"}.isdisjoint(DOORS[name]):
        return function(**keywords)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            return function(**keywords)
        except vi_lab.ViLabError:
            assert bare == "read" or not any(Path().iterdir()), "half of a file is left"
            raise
