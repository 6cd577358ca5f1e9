# The repository's commands. Each does the set-up it needs; what is up to date is not made again.
#
#   make demo PORT=8001             another port
#   make test ARGS="-k discovery"   arguments for pytest, which has 2 processes (ARGS="-n 0" for one)
#   make setup PYTHON=python3.13    another Python for .venv

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PORT ?= 8000
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Tried in this order; PYTHON=… is tried alone.
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)

INSTALLED := $(VENV)/.installed
BENCH := benchmarks/.venv
BENCH_INSTALLED := $(BENCH)/.installed
VIEWER_PACKAGES := viewer/node_modules/.installed
PARSER_PACKAGES := tests/official_parser/node_modules/.installed
TYPESCRIPT_PACKAGES := tests/typescript/node_modules/.installed
COVERAGE := build/coverage
PAGE := src/chanspec/channels/static/chanspec/docs.js
PAGE_SOURCES := $(shell find viewer -path viewer/node_modules -prune -o -type f ! -name '*.test.ts' -print)
NPM_CI := npm ci --no-audit --no-fund --loglevel=error

.PHONY: help setup demo demo-chat test coverage lint format docs bench fuzz clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) $(PAGE) $(PARSER_PACKAGES) $(TYPESCRIPT_PACKAGES)  ## Make .venv, install what is needed, build the page

demo: $(INSTALLED) $(PAGE)  ## Run examples/dispatch on 127.0.0.1:8000 (PORT=… for another port)
	@cd examples/dispatch && PORT=$(PORT) exec ../../$(BIN)/python manage.py demo

demo-chat: $(INSTALLED) $(PAGE)  ## Run examples/chat on 127.0.0.1:8000 (PORT=… for another port)
	@cd examples/chat && PORT=$(PORT) exec ../../$(BIN)/python -m chat

test: setup  ## Run every test, on two cores (ARGS=… for pytest)
	npm --prefix viewer test
	$(BIN)/pytest --numprocesses 2 --dist loadfile $(ARGS)

# What counts blocks of memory is left out: coverage keeps some of its own.
coverage: setup  ## Run the tests slowly, and report which branches of src they miss
	rm -rf $(COVERAGE)
	$(BIN)/coverage run -m pytest --numprocesses 2 --dist loadfile --timeout 300 --ignore tests/hub/test_cycles.py $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage xml --quiet --fail-under 0
	$(BIN)/coverage html --quiet --fail-under 0
	$(BIN)/coverage report

lint: $(INSTALLED) $(VIEWER_PACKAGES)  ## Check style, types and layering
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	npm --prefix viewer run typecheck

format: $(INSTALLED)  ## Format the Python code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(INSTALLED)  ## Build docs/_build/html; a warning or a broken link inside is an error
	$(MAKE) --no-print-directory -C docs html

bench: $(BENCH_INSTALLED)  ## Measure against peers (ARGS=--help says how)
	@$(BENCH)/bin/python -m benchmarks $(ARGS)

fuzz: $(INSTALLED) $(PAGE)  ## Send everything a stranger may send (ARGS=--help says how)
	@$(BIN)/python -m fuzzing $(ARGS)

clean:  ## Remove everything that setup and the tests made
	rm -rf $(VENV) $(BENCH) .nox viewer/node_modules tests/*/node_modules src/chanspec/channels/static
	rm -rf build dist docs/_build test-results .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf fuzzing/failures
	rm -f examples/dispatch/*.sqlite3
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $(call make_venv,FOLDER) makes a virtual environment. A folder that a failed attempt left behind has no pip and is
# made anew.
define make_venv
	@if ! $(1)/bin/python -m pip --version >/dev/null 2>&1; then \
	  for python in $(PYTHONS); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$${found:-}" ]; then \
	    echo "chanspec needs Python 3.11 or newer; tried: $(PYTHONS). Install one, or name it: make setup PYTHON=/path/to/python" >&2; \
	    exit 1; \
	  fi; \
	  echo "Making $(1) with $$($$found --version)"; \
	  $$found -m venv --clear $(1) || { \
	    echo "$$found could not make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }; \
	fi
endef

$(INSTALLED): pyproject.toml dropin/pyproject.toml
	$(call make_venv,$(VENV))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]" -e ./dropin
	@touch $@

$(BENCH_INSTALLED): pyproject.toml benchmarks/requirements.txt
	$(call make_venv,$(BENCH))
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt -e ".[channels,fastapi,redis]"
	@touch $@

.PHONY: node
node:
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
	  && command -v npm >/dev/null \
	  || { echo "chanspec's page is built with Node 20.19 or newer and npm: install them" >&2; exit 1; }

$(VIEWER_PACKAGES): viewer/package.json viewer/package-lock.json | node
	cd viewer && $(NPM_CI)
	@touch $@

$(PARSER_PACKAGES): tests/official_parser/package.json tests/official_parser/package-lock.json | node
	cd tests/official_parser && $(NPM_CI)
	@touch $@

$(TYPESCRIPT_PACKAGES): tests/typescript/package.json tests/typescript/package-lock.json | node
	cd tests/typescript && $(NPM_CI)
	@touch $@

$(PAGE): $(PAGE_SOURCES) $(VIEWER_PACKAGES)
	npm --prefix viewer run build
	@touch $@
