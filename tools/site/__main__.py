"""Build the site, or some steps of it."""

from __future__ import annotations

import sys
import time

from tools.lab.build import build_lab
from tools.site.fixtures import write_fixtures
from tools.site.gallery import draw_gallery
from tools.site.pages import build_pages
from tools.site.places import LAB, OUT
from tools.site.results import compute_results

STEPS = {
    "results": compute_results,
    "gallery": draw_gallery,
    "pages": build_pages,
    "fixtures": write_fixtures,
    "lab": lambda: build_lab(OUT / LAB),
}


def main(asked: list[str]) -> None:
    """Run the steps that are asked for, or all."""
    unknown = [name for name in asked if name not in STEPS]
    if unknown:
        sys.exit(f"tools.site: there is no step {unknown[0]}; there are {', '.join(STEPS)}")
    for name, step in STEPS.items():
        if not asked or name in asked:
            began = time.perf_counter()
            step()
            print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
