# Everything runs in .venv, made from the hash-pinned requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 4
# Every worker and every process that a test starts would otherwise compile all modules anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install run test check format lint types docs cards torture bench mutants lock clean

help:  ## list what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(READY)  ## create the environment

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Vigie needs Python 3.11 or newer: make PYTHON=python3.12 …'; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: $(READY)  ## run the bot; without a token and a config.toml, the demo
	@$(BIN)/vigie run --or-demo

test: $(READY)  ## run the whole suite
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: format lint types test  ## everything that a change must pass

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

docs: $(READY)  ## write what is made from the sources: their pages, their tables in config.example.toml
	$(BIN)/python -m tests.documents

cards: $(READY)  ## draw each card that the bot sends, dark and light, into docs/images (needs Chromium and npm)
	$(BIN)/python -m tests.cards_shown $(CARDS)

torture: $(READY)  ## kill the bot at random under faults, for a long time (TORTURE_RUNS=6)
	$(BIN)/python -m pytest -m torture -n $(WORKERS) tests

bench: $(READY)  ## print what the costly steps take, as ratios to a floor
	$(BIN)/python -m tests.bench

mutants: $(READY)  ## break the bot on purpose and name the test that notices
	$(BIN)/python -m tests.mutants

lock:  ## resolve requirements.lock anew, for every supported Python
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links --no-annotate --upgrade --output-file requirements.lock

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
