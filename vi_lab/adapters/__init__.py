"""Other libraries on the lab's problems: each `run` gives Draws, which `audit` and `compare` take.

PyMC and NumPyro are handed the log density and its gradient in real coordinates; Stan a program of
its own (`vi_lab.export.stan`). None is imported before it is asked to run.
"""
