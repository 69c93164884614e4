"""The data that vi_lab is tried on, described in README.md; `vi_lab.datasets` reads them."""
