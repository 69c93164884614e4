"""The posterior of a model of a density alone, over up to three coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.model_hooks import ask_once
from vi_lab.arguments.public import require
from vi_lab.arguments.user_models import is_real, read_density
from vi_lab.automatic.integrated import STARTS
from vi_lab.automatic.posterior import far_out
from vi_lab.errors import InputError
from vi_lab.numerics.cells import integrate
from vi_lab.numerics.rounding import Estimate


class DensityPosterior:
    """exp(log_density) over z in R^D, integrated by cells, and normalised by another rule on these:
    a ledger holds only where the two agree."""

    @far_out
    def __init__(self, model: Any) -> None:
        self.model = model
        starts = initial_values(model, np.random.default_rng(0), STARTS).get("z")
        require(is_real(starts), "sample_latents: needs z of real numbers", starts, InputError)
        starts = np.asarray(starts, float)
        size = model.dimension
        if starts.shape != (STARTS, size):
            raise InputError(
                f"sample_latents: needs z of shape {(STARTS, size)}, gave {starts.shape}"
            )
        self._is_new = True
        self.cells = integrate(self._evaluate, starts)
        self._z, log_weights = self.cells.other_rule()
        log_p = self._evaluate(self._z) + log_weights
        top = log_p.max()
        self._constant = float(np.log(np.exp(log_p - top).sum()) + top)
        self._weights = np.exp(log_p - self._constant)
        coordinates = "one coordinate" if size == 1 else f"{size} coordinates"
        route = f"adaptive quadrature over {coordinates}"
        self.log_evidence = Estimate(self.cells.log_integral, self.cells.error, route)

    def _evaluate(self, z: np.ndarray) -> np.ndarray:
        new, self._is_new = self._is_new, False
        density = self.model.log_density
        found = ask_once("log_density", density, z) if new else density(z)
        return read_density(found, z.shape[:-1], "log_density")

    @property
    def mean(self) -> Mapping[str, Any]:
        return {"z": self._weights @ self._z}

    @property
    def sd(self) -> Mapping[str, Any]:
        return {"z": np.sqrt(self._weights @ (self._z - self.mean["z"]) ** 2)}

    @far_out
    def log_density(self, values: Mapping[str, Any]) -> Any:
        found = self._evaluate(np.asarray(values["z"], dtype=np.float64))
        return np.where(np.isnan(found), -np.inf, found - self._constant)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        return np.exp(self.log_density({"z": x[:, None]})) if self.model.dimension == 1 else None

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        if self.model.dimension != 2:
            return None
        z = np.empty((len(x), len(y), 2))
        z[..., one[1][0]], z[..., two[1][0]] = x[:, None], y
        return np.exp(self.log_density({"z": z.reshape(-1, 2)})).reshape(len(x), len(y))

    @far_out
    def sample(self, rng: np.random.Generator, n: int) -> Mapping[str, Any]:
        return {"z": self.cells.draw(rng, n)}
