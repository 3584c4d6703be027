# `make demo` and `make test` are all that a newcomer needs; both install what they lack.

PYTHON ?= python3
export PYTHON

BIN := .venv/bin
WITH_BIN := PATH="$(CURDIR)/$(BIN):$$PATH"
NPM := $(WITH_BIN) npm --prefix web --silent

.DEFAULT_GOAL := help
.PHONY: help demo test setup setup-run lint format pytest vitest quick fuzz web bench requirements clean

help:  ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)$$/make \1|\2/' | \
		awk -F'|' '{ printf "  %-18s %s\n", $$1, $$2 }'

demo: setup-run  ## Run a whole centre on this machine, with invented people.
	@$(BIN)/causeway demo

test: setup lint vitest pytest  ## Check everything: what CI runs, and nothing less.

setup-run:
	@tools/setup.sh run

setup:  ## Install what the tests need.
	@tools/setup.sh test

lint: setup  ## Check style, types, imports between layers, and that the built bundle is current.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run lint

format: setup  ## Write the format that `make lint` asks for.
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

vitest: setup
	$(NPM) test

pytest: setup
	$(BIN)/python -m pytest

quick: setup  ## Run the quick tests only.
	$(BIN)/python -m pytest -m "not slow and not browser and not tor"

fuzz: setup  ## Throw bytes at every parser of what comes from outside; SECONDS=600 for each, ARGS="--target board".
	$(BIN)/python -m tests.fuzz.run --seconds $(or $(SECONDS),60) $(ARGS)

web: setup  ## Build the browser bundle into the package.
	$(NPM) run build

bench: setup  ## Measure, and print numbers as JSON.
	@for one in line desk record door page routes count; do $(BIN)/python bench/$$one.py --json $(ARGS); done

requirements: setup  ## Bring the locked libraries up to date; ARGS="--upgrade-package x" moves one.
	@tools/requirements.sh $(ARGS)

clean:  ## Remove what setup and the tools made.
	rm -rf .venv web/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
