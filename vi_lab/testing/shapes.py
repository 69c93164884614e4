"""Densities on R^D known on paper, each hard in its own way."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import Estimate, rounding

NORMALISED = Estimate(0.0, float(rounding()), "closed form")


class Funnel:
    """Neal's funnel: v ~ N(0, 3**2), x_j | v ~ N(0, e**v), j = 1..9 (Neal 2003, section 8)."""

    dimension, names, evidence, scale = 10, ("v", "x"), NORMALISED, 3.0

    def log_density(self, y: np.ndarray) -> Any:
        v, x = y[..., 0], y[..., 1:]
        log_v = -0.5 * (v / self.scale) ** 2 - np.log(self.scale)
        return log_v - 0.5 * (9 * v + np.exp(-v) * (x**2).sum(-1) + 10 * LOG_2PI)

    def gradient(self, y: np.ndarray) -> Any:
        v, x = y[..., :1], y[..., 1:]
        square = np.exp(-v) * (x**2).sum(-1, keepdims=True)
        return np.concatenate([-v / self.scale**2 - 4.5 + 0.5 * square, -np.exp(-v) * x], axis=-1)

    def constrain(self, y: np.ndarray) -> dict[str, Any]:
        return {"v": y[..., 0], "x": y[..., 1:]}

    @property
    def moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        sd = np.exp(self.scale**2 / 4.0)  # E[e**v] = e**(9/2)
        means = {"v": 0.0, "x": np.zeros(9)}
        return means, {"v": self.scale, "x": np.full(9, sd)}

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        v = self.scale * rng.standard_normal((n, 1))
        return np.concatenate([v, np.exp(0.5 * v) * rng.standard_normal((n, 9))], axis=-1)


class Banana:
    """a ~ N(0, 1), b | a ~ N(a**2, 0.3**2): a curved ridge (Haario, Saksman & Tamminen 1999)."""

    dimension, names, evidence, width = 2, ("a", "b"), NORMALISED, 0.3

    def log_density(self, y: np.ndarray) -> Any:
        a, apart = y[..., 0], (y[..., 1] - y[..., 0] ** 2) / self.width
        return -0.5 * (a**2 + apart**2) - np.log(self.width) - LOG_2PI

    def gradient(self, y: np.ndarray) -> Any:
        a, apart = y[..., 0], (y[..., 1] - y[..., 0] ** 2) / self.width**2
        return np.stack([-a + 2.0 * a * apart, -apart], axis=-1)

    def constrain(self, y: np.ndarray) -> dict[str, Any]:
        return {"a": y[..., 0], "b": y[..., 1]}

    @property
    def moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"a": 0.0, "b": 1.0}, {"a": 1.0, "b": np.sqrt(2.0 + self.width**2)}

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        a = rng.standard_normal(n)
        return np.stack([a, a**2 + self.width * rng.standard_normal(n)], axis=-1)


class TwoHills:
    """A third of N(-3, I) and two thirds of N(3, I) in two dimensions."""

    dimension, names, evidence = 2, ("y",), NORMALISED
    weights, centres = np.array([1.0, 2.0]) / 3.0, np.array([-3.0, 3.0])

    def _parts(self, y: np.ndarray) -> Any:
        apart = y[..., None, :] - self.centres[:, None]
        return np.log(self.weights) - 0.5 * (apart**2).sum(-1) - LOG_2PI

    def log_density(self, y: np.ndarray) -> Any:
        return np.logaddexp.reduce(self._parts(y), axis=-1)

    def gradient(self, y: np.ndarray) -> Any:
        parts = self._parts(y)
        share = np.exp(parts - np.logaddexp.reduce(parts, axis=-1)[..., None])
        return (share @ self.centres)[..., None] - y

    def constrain(self, y: np.ndarray) -> dict[str, Any]:
        return {"y": y}

    @property
    def moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        mean = self.weights @ self.centres
        sd = np.sqrt(1.0 + self.weights @ self.centres**2 - mean**2)
        return {"y": np.full(2, mean)}, {"y": np.full(2, sd)}

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        centre = rng.choice(self.centres, n, p=self.weights)
        return centre[:, None] + rng.standard_normal((n, 2))
