"""Reals: special functions, rounding, textbook densities, enumeration, quadrature on a line."""
