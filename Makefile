# Needs only make and Python 3.11 or newer; everything is installed into .venv, here.
# Another interpreter: make lab PYTHON=python3.13

PYTHON ?= python3
BIN    := .venv/bin

# Two processes share the work; more threads in each would only be in the way.
lab test slow mutants battery adapters calibration atlas site bench: export OMP_NUM_THREADS = 1
lab test slow mutants battery adapters calibration atlas site bench: export OPENBLAS_NUM_THREADS = 1
lab test slow mutants battery adapters calibration atlas site bench: export MKL_NUM_THREADS = 1
test slow: export PYTEST_ADDOPTS = --numprocesses 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
# Two pips must not write into one .venv, even under `make -j`.
.NOTPARALLEL:

.PHONY: help lab test slow mutants battery adapters calibration atlas notebooks site browser wasm bench lint format types clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

lab: .venv/installed-report ## the main job: compare every method on every problem: results/index.html
	$(BIN)/vi-lab compare --out results

test: .venv/installed-dev ## the test suite
	$(BIN)/python -m pytest

slow: .venv/installed-dev ## the tests that take minutes
	$(BIN)/python -m pytest -m slow

N    ?= 400
SEED ?= 0

mutants: .venv/installed-mutants ## plant N=400 small mistakes, SEED=0; which does no test notice? An hour
	$(BIN)/python -m tools.mutants --number $(N) --seed $(SEED)

battery: .venv/installed-core ## exact tests of the samplers and bounds on a few problems, in four minutes
	$(BIN)/python -m vi_lab.testing

adapters: .venv/installed-adapters ## tests with PyMC, NumPyro, Stan, emcee and blackjax
	$(BIN)/python -m pytest tests/adapters tests/export

calibration: .venv/installed-core ## how often the errors of estimates of log p(x) hold, in ten minutes
	$(BIN)/python -m tools.calibration

atlas: .venv/installed-core ## recompute data/atlas.json, in minutes; fails if anything changed
	$(BIN)/python -m tools.atlas

notebooks: .venv/installed-lessons ## open the lessons in a browser
	$(BIN)/jupyter lab $(AS_ROOT) notebooks

site: .venv/installed-site tools/lab/node_modules/.package-lock.json ## the site, with the lab in the browser: site/index.html
	$(BIN)/python -m tools.site

browser: tools/browser/node_modules/.package-lock.json ## open every page of the site in Chromium
	node tools/browser/main.mjs site

wasm: .venv/installed-wasm ## the worked lessons and the core tests on a browser's kind of Python, without a browser
	$(BIN)/python -m tools.wasm

bench: .venv/installed-bench ## race against other tools, one thread each
	@for script in benchmarks/[a-z]*.py; do \
	  echo "$$script"; \
	  $(BIN)/python "$$script" || exit 1; \
	done

lint: .venv/installed-dev ## style: ruff check and ruff format --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .venv/installed-dev ## let ruff put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: .venv/installed-dev ## static types: mypy
	$(BIN)/mypy

clean: ## remove .venv, builds and caches; results/ stays
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name .git -prune -o -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -exec rm -rf {} +

# Jupyter refuses to run as root unless told that this is meant, as in a container.
AS_ROOT = $(shell [ "$$(id -u)" != 0 ] || echo --allow-root)

# One stamp for each extra (`core` is the package alone), so that pip runs again only when the
# metadata change. Every extra brings the core with it. A .venv made elsewhere may lack pip.
# pip compiles what it installs, but not what it only links to: uncompiled, every start would take
# twice as long.
.venv/installed-%: setup.cfg setup.py pyproject.toml | $(BIN)/python
	@$(BIN)/python -c '$(CHECK_VERSION)'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	$(BIN)/python -m pip install --no-input --disable-pip-version-check \
	  --editable '.$(patsubst %,[%],$(filter-out core,$*))'
	@$(BIN)/python -m compileall -q vi_lab
	@touch .venv/installed-core $@

# What a folder's package-lock.json names, with its checksums.
tools/%/node_modules/.package-lock.json: tools/%/package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed: sudo apt-get install -y npm" >&2; exit 1; }
	npm ci --no-audit --no-fund --prefix tools/$*
	@touch $@

# Debian keeps ensurepip in a package of its own. Asking for it before the first try matters:
# `python3 -m venv` without it fails half-way and leaves a .venv that looks finished. What is left of
# a .venv whose interpreter is gone (an upgraded system) makes way.
$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo "vi_lab needs Python 3.11 or newer; there is no $(PYTHON) here" >&2; exit 1; }
	@"$(PYTHON)" -c '$(CHECK_VERSION)'
	@"$(PYTHON)" -c 'import venv; from ensurepip import version' 2>/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update </dev/null && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(VENV_PACKAGE) </dev/null; \
	else \
	  echo "Python cannot make a virtual environment yet. On Debian or Ubuntu, run this, then make again:" >&2; \
	  echo "    sudo apt-get update && sudo apt-get install -y $(VENV_PACKAGE)" >&2; \
	  exit 1; \
	fi
	rm -rf .venv/bin .venv/installed-*
	"$(PYTHON)" -m venv .venv

# Debian names the package after the interpreter: python3-venv, python3.13-venv.
VENV_PACKAGE = $(notdir $(PYTHON))-venv

# Understood by every Python, so that an old one can say that it is old.
CHECK_VERSION = import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
  "vi_lab needs Python 3.11 or newer; %s is %d.%d. With a newer one:" \
  " make clean; make lab PYTHON=python3.13" \
  % (sys.executable, v[0], v[1]))
