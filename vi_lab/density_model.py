"""What every model offers, and the models that offer a log density and no conditionals.

`BaseModel` holds a default for everything that a kind of model may have nothing to say about, so
that whoever is handed a model asks it and never of which kind it is. `Model`, the subject of
`model.py`, adds blocks in exponential families; the two kinds below have none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import Axes, name_axes
from vi_lab.arguments.block_values import draw_data
from vi_lab.arguments.public import public, short_repr
from vi_lab.arguments.read_only import FrozenOnceMade, freeze_after_init
from vi_lab.arguments.types import Rng
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.families import Categorical

Batch = tuple[int, ...]  # the leading axes of arrays: chains, restarts, points of a plot
Values = Mapping[str, Any]  # block or latent name -> array (*batch, *plates, *event)
Z_ALONE = MappingProxyType({"z": ("z",)})


class BaseModel(ABC, FrozenOnceMade):
    """A model of any kind: only where chains may begin has no default.

    Attributes
    ----------
    blocks : mapping of str to Block
        Latents in exponential families, in the order of a sweep; none for a density alone.
    generative : bool
        Whether `sample_latents` draws from the prior.
    no_exact_because : str or None
        Why there is no exact posterior, in a sentence that a learner can use; None where there is.
    no_expansion_because, no_collapse_because : str or None
        Why expanded Gibbs, and collapsed Gibbs, do not apply; None where `parameter_expansion`
        gives a model, and where the model is one of the topics of tokens.
    no_sites_because : str or None
        Why expectation propagation does not apply; None where `sites` names the model's factors.
    no_rows_because : str or None
        Why SVI does not apply; None where the model has `rows`, the number of its data,
        `row_blocks`, with a plate for each, and `take_rows`.
    no_conditional_because : mapping of str to str
        Why methods that need complete conditionals do not apply to a model without blocks, by their
        names, each completing "... does not apply, because".
    no_log_prior_because : str
        Why `log_prior` is not known, where it is not.
    independent_rows : int or None
        The number of rows, where the latents are rows that are independent given the data: then
        Metropolis-Hastings accepts and rejects each row by itself.
    latents_fit_fresh_data : bool
        False where the very shape of the latents hangs on the data.
    named_labels : tuple of str
        Nominal latents whose classes cannot be renamed.
    data_names : tuple of str
        The attributes that hold what `sample_data` draws, named as in the constructor.
    axes : mapping of str to mapping
        By latent, its axes: the name of each and what stands along it, None where that is counted.
    costly : bool
        Whether the long run that stands in for an exact answer costs too much, as for a corpus of
        thousands of tokens; a comparison gives such a model a tenth of its draws and restarts.
    """

    blocks: Mapping[str, Any] = MappingProxyType({})
    generative: bool = True
    no_exact_because: str | None = "neither a closed form, enumeration nor quadrature is known here"
    no_expansion_because: str | None = (
        "it multiplies the groups' deviations of a HierarchicalNormal by a parameter more; gibbs "
        "applies to every model with complete conditionals"
    )
    no_collapse_because: str | None = (
        "it integrates the Dirichlets out of a LatentDirichletAllocation and counts its tokens; "
        "gibbs applies to every model with complete conditionals"
    )
    no_sites_because: str | None = (
        "it needs a Gaussian prior and factors of one linear combination each, named in `sites`"
    )
    no_rows_because: str | None = "it needs a model that says how its data scale, in `take_rows`"
    no_conditional_because: Mapping[str, str] = MappingProxyType({})
    no_log_prior_because: str = "it does not say log p(z) apart from its log joint"
    rows: Any = 0
    row_blocks: tuple[str, ...] = ()
    independent_rows: int | None = None
    latents_fit_fresh_data: bool = True
    named_labels: tuple[str, ...] = ()
    data_names: tuple[str, ...] = ()
    axes: Axes = name_axes()
    costly: bool = False

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if cls.__module__.startswith("vi_lab."):  # a user's model is the user's affair
            freeze_after_init(cls)

    @abstractmethod
    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Block values drawn from the prior; over-dispersed starts where not generative."""

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Where chains and restarts begin: `sample_latents` unless a model knows better."""
        return self.sample_latents(rng, batch)

    def sample_data(self, rng: np.random.Generator, values: Values) -> Any:
        """The same model holding fresh data drawn given the block values."""
        raise NotImplementedError(f"{type(self).__name__} has no data to draw")

    def read_data(self, model: Any) -> dict[str, Any]:
        """The data that a model of this kind holds, by `data_names`, unless they lie deeper."""
        return {name: getattr(model, name) for name in self.data_names}

    def why_no_data(self) -> str | None:
        """Why no fresh data can be drawn, in a sentence, or None."""
        draws = getattr(self.sample_data, "__func__", None) is not BaseModel.sample_data
        if draws and self.read_data(self):
            return None
        how = "a model that has some draws them in sample_data and names them in data_names"
        return f"{short_repr(self)} has no data to draw: {how}"

    @public
    def prior_predictive(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """n data sets, each given latents drawn from the prior: by name, (n, *shape of the data).

        NotApplicable where there is no prior to draw from, or no data.
        """
        n, rng = checks.integer("n", n, 1), checks.generator(rng)
        reason = f"prior_predictive does not apply: {short_repr(self)} has no prior to draw from"
        refuse_if(not self.generative, reason, NotApplicable)
        return draw_data(self, lambda: self.sample_latents(rng, (n,)), n, rng)

    def block_values(self, latents: Values) -> dict[str, Any]:
        """Latents back as block values, the inverse of `latents`; identity by default."""
        return dict(latents)

    def latents(self, values: Values) -> dict[str, Any]:
        """Block values as users see them, by latent name; a rearrangement, identity by default."""
        return dict(values)

    def summaries(self, latents: Values) -> dict[str, Any]:
        """Label-invariant quantities worth comparing, by name.

        By default the latents themselves, without labels and auxiliaries.
        """
        left_out = {*self.nominal, *self.auxiliary}
        return {name: value for name, value in latents.items() if name not in left_out}

    def log_prior(self, stats: dict[str, Any]) -> Any:
        """log p(z) in nats at statistics of single values, (*batch,): the log joint without
        log p(x | z). Where there is none, `no_log_prior_because` says why."""
        raise NotApplicable(f"log_prior does not apply, because {self.no_log_prior_because}")

    def log_prior_given(self, stats: dict[str, Any]) -> Any:
        """log p of the blocks without a prior of their own, given those that have, (*batch,)."""
        if all(block.prior is not None for block in self.blocks.values()):
            return 0.0
        raise NotApplicable(f"log_prior does not apply, because {self.no_log_prior_because}")

    def exact_posterior(self) -> Any:
        """The truth, as `results.Exact`; models that have one set `no_exact_because` to None."""
        raise NotApplicable(f"exact does not apply: {self.no_exact_because}")

    def parameter_expansion(self) -> Any:
        """The model in redundant coordinates that Gibbs mixes in; its `original` rearranges its
        latents to this one's. Models that have one set `no_expansion_because` to None."""
        raise NotApplicable(f"expanded Gibbs does not apply, because {self.no_expansion_because}")

    def sites(self) -> Any:
        """Its prior and its factors, as `numerics.sites.Sites`; models that have some set
        `no_sites_because` to None."""
        raise NotApplicable(f"EP does not apply, because {self.no_sites_because}")

    def take_rows(self, rows: np.ndarray) -> Any:
        """The same model of some of its data, the blocks' statistics as they are here."""
        raise NotApplicable(f"SVI does not apply, because {self.no_rows_because}")

    def why_not_conjugate(self, method: str) -> str | None:
        """Why a method that needs complete conditionals does not apply, in a sentence, or None."""
        if self.blocks:
            return None
        reason = self.no_conditional_because.get(
            method,
            "it needs each block's complete conditional in closed form and this model offers its "
            "log density alone",
        )
        return f"{method} does not apply, because {reason}"

    def why_reducible(self) -> str | None:
        """Why no sequence of moves of one block at a time visits the whole posterior, or None."""
        return None

    @property
    def parameterisations(self) -> Mapping[str, Any]:
        """Real coordinates that Metropolis-Hastings may walk in besides the blocks' own."""
        return {}

    @property
    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """The blocks each latent is made of: by default each of its own, and where the model writes
        a `latents`, of those whose names begin with the latent's and a dot."""
        if getattr(self.latents, "__func__", None) is BaseModel.latents:
            return {name: (name,) for name in self.blocks}
        latents = dict.fromkeys(name.split(".")[0] for name in self.blocks)
        return {z: tuple(b for b in self.blocks if b.split(".")[0] == z) for z in latents}

    @property
    def auxiliary(self) -> tuple[str, ...]:
        """The blocks that were added only to make the model conjugate."""
        return tuple(name for name, block in self.blocks.items() if block.auxiliary)

    @property
    def nominal(self) -> dict[str, int]:
        """Latents that are labels without an order, with their number of classes."""
        return {
            name: block.family.size
            for name, block in self.blocks.items()
            if isinstance(block.family, Categorical) and block.family.first is None
        }


class DensityModel(BaseModel):
    """A model outside the exponential families: a log density on R^D and over-dispersed starts.

    Its one latent is `z`, of shape (D,). It may also have `gradient`, z (*batch, D) -> the gradient
    of the log density, (*batch, D); without one methods differentiate the density. And
    `expected_log_density`, mean (D,), root (D, D) -> the mean of log_density under
    N(mean, root root') and its derivatives over both: then a Gaussian q needs no nodes for it.

    A class need not inherit from it: what has `dimension`, `log_density`, `sample_latents` is one.
    """

    dimension: int
    no_exact_because: str | None = "no exact answer is known: it offers its log density alone"
    sources, axes = Z_ALONE, name_axes(z="coordinate")

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        """Whether a class has the two methods; whatever it inherits from."""
        if cls is not DensityModel:
            return NotImplemented
        methods = ("log_density", "sample_latents")
        return all(callable(getattr(other, name, None)) for name in methods) or NotImplemented

    @abstractmethod
    def log_density(self, z: np.ndarray) -> np.ndarray:
        """log of the (possibly unnormalised) density, (*batch, D) -> (*batch,)."""

    @abstractmethod
    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Starting points {"z": (*batch, D)}."""


class DensityRows(BaseModel):
    """A model outside the exponential families whose rows are independent given the data.

    One latent, `z` (independent_rows, dimension), a row for each observation: what is known of it
    is the log joint, row by row. Metropolis-Hastings accepts and rejects each row by itself; a
    Gaussian q for each row (`GaussianRows`) is judged by the row's own ELBO.
    """

    independent_rows: int
    dimension: int
    no_exact_because: str | None = "neither a closed form nor quadrature is known here"
    sources, axes = Z_ALONE, name_axes(z="observation coordinate")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} over z ({self.independent_rows} × {self.dimension})>"

    @abstractmethod
    def log_density_rows(self, z: np.ndarray) -> np.ndarray:
        """log p(x_n, z_n) of each row in nats, normalised: (*batch, rows, D) -> (*batch, rows)."""

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """log p(x, z), (*batch, rows, D) -> (*batch,)."""
        return self.log_density_rows(z).sum(-1)

    @abstractmethod
    def elbo_rows(self, mean: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
        """The ELBO of N(mean_n, root_n root_n') for each row, its numerical error, the route.

        mean (rows, D), root (rows, D, D) lower triangular -> (rows,), (rows,), str.
        """

    @abstractmethod
    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """{"z": (*batch, rows, D)} drawn from the prior."""
