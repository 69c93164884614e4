"""Toy models, one file each: story, log joint, complete conditionals, truth."""

from vi_lab.models.change_point import ChangePoint
from vi_lab.models.correlated_gaussian import CorrelatedGaussian
from vi_lab.models.normal_gamma import NormalGamma

__all__ = ["ChangePoint", "CorrelatedGaussian", "NormalGamma"]
