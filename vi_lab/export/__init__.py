"""Problems for other tools, with every constant kept: Stan programs, and posteriordb's JSON."""

from vi_lab.export.posteriordb_entry import posteriordb
from vi_lab.export.stan_program import StanProgram, stan

__all__ = ["StanProgram", "posteriordb", "stan"]
