# Framsyn. `make` alone lists what can be done. Nothing is assumed but make and Python 3.11 or newer.
#
#   PYTHON=python3.12   another python for the virtual environment
#   ARGS="…"            passed on to framsyn demo, pytest or the benchmarks
#   WORKERS=0           `make test` in one process (as a debugger needs it) instead of two
#   FRAMSYN_NO_SERVE=1  `make demo` ends after the report

PYTHON ?= python3
VENV ?= .venv
UV ?= uv
ARGS ?=
WORKERS ?= 2
# A file's tests stay together, for they share their runs. In the order of the folders, so that no long file comes last.
SHARED = -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Does nothing unless css, script or words have changed since; a warning is no failure.
BUILD_ASSETS = $(BIN)/python tools/build_assets.py --quiet || true

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test lint types format bench docs lock messages golden clean

help: ## this list
	@echo "Framsyn: make TARGET"
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv with what a run needs, from requirements.lock (does nothing if it is up to date)
	@$(PYTHON) tools/setup_venv.py --venv $(VENV)
	@$(BUILD_ASSETS)

setup-dev: ## the same with tests, linters and docs, from requirements-dev.lock
	@$(PYTHON) tools/setup_venv.py --dev --venv $(VENV)
	@$(BUILD_ASSETS)

demo: setup ## the plan against pure demography to 2040: tables here, a report in out/, then the site on port 8000
	$(BIN)/framsyn demo $(ARGS)

test: setup-dev ## ruff, import contract, tests and every doctest; ends with what was skipped and why
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(SHARED) $(ARGS)

lint: setup-dev ## ruff, format, import contract and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: setup-dev ## lay the code out and mend what ruff can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## every promise of speed and memory, measured here; JSON lines in out/bench.jsonl
	$(BIN)/python -m benchmarks $(ARGS)

docs: setup-dev ## the documentation as plain files in site/ (opens without a network)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --clean $(ARGS)

# Only for those who change pyproject.toml; needs uv. The locks carry hashes and neither an index address nor a path, and
# the small one is a part of the large one, pin by pin.
LOCK = $(UV) pip compile pyproject.toml --group build --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --quiet
lock: ## solve the dependencies anew and write the lock files (UPGRADE=1 takes newer versions)
	$(LOCK) --extra web --extra postgres --extra microdata --extra sources --extra own-data --extra dev --extra docs $(if $(UPGRADE),--upgrade) --output-file requirements-dev.lock
	$(LOCK) --extra web --extra postgres --extra sources --extra own-data --constraint requirements-dev.lock --output-file requirements.lock
	$(LOCK) --extra spark --constraint requirements-dev.lock --output-file requirements-spark.lock

messages: setup-dev ## bring the site's message catalogues up to date, and compile them
	$(BIN)/python tools/messages.py
	$(BIN)/python tools/messages.py --compile

golden: setup-dev ## write the golden files anew (then read the diff, line by line)
	$(BIN)/python tests/golden/refresh.py

clean: ## remove what was built: .venv, out, site, caches
	rm -rf $(VENV) out site dist build .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find src tests tools benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +
