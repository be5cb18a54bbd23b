# Facefolk. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# So many processes run tests, each with servers of its own; three keep two cores at work, as
# tests of stores and servers wait a good part of their time.
JOBS ?= 3
PHOTOS ?=
OUT ?= out

# A mirror of the model hubs beside the project is used in place of the hubs.
ifneq ($(wildcard ../shared/hub),)
export FACEFOLK_MODEL_MIRROR ?= $(abspath ../shared/hub)
endif

# Labelled albums beside the project are what benchmarks run on.
ALBUMS ?= $(abspath ../shared/photos)
QUICK ?=
export QUICK

.PHONY: help setup run demo test test-slow nightly check lint format protos protos-check lock \
	bench bench-large bench-peers clean

help: ## List the targets
	@if [ -t 1 ]; then bold='\033[1m' plain='\033[0m'; fi; \
	sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf "  $$bold%-14s$$plain %s\n" "$$name" "$$text"; done

.venv/.runtime: requirements/runtime.txt pyproject.toml requirements/setup.sh
	@requirements/setup.sh runtime

.venv/.dev: requirements/dev.txt .venv/.runtime
	@requirements/setup.sh dev

setup: .venv/.dev ## Build .venv from the hashed locks, with everything tests need

run: .venv/.runtime ## Start the server on ./data
	$(BIN)/facefolk-server serve --data ./data

demo: .venv/.runtime ## Gather an album into people and write a contact sheet: PHOTOS=~/Pictures, OUT=out
	@$(BIN)/facefolk demo --out $(OUT) $(if $(PHOTOS),"$(PHOTOS)")

# Modules are compiled once, not again by each server of a test.
test test-slow nightly: export PYTHONDONTWRITEBYTECODE :=

test: setup ## Run the tests (5 to 6 minutes on two cores; JOBS=3: processes)
	$(PYTEST) -n $(JOBS) --dist worksteal

test-slow: setup ## Run the slow tests (half an hour at most)
	$(PYTEST) -m "slow or drawn" --hypothesis-profile=thorough --timeout=900

nightly: setup ## Run soaks, fuzzing and hundreds of kills (hours)
	$(PYTEST) -m nightly --timeout=14400

check: lint protos-check ## Run everything that reads the code without running it

lint: setup ## Check style, types and the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

protos: setup ## Generate the code of the API again
	protos/generate.sh client

protos-check: setup ## Fail if the generated code is not that of the protos
	@out=$$(mktemp -d) && trap 'rm -rf "$$out"' EXIT && protos/generate.sh "$$out" 2>/dev/null && \
		diff -r -x __pycache__ "$$out/facefolk/v1" client/facefolk/v1 || \
		{ echo "The generated code is not that of protos/: run 'make protos' and commit both."; exit 1; }

lock: setup ## Solve the locks again
	requirements/lock.sh

.venv-peers/.ready: requirements/peers.txt
	python3 -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
		--require-hashes -r requirements/peers.txt
	touch $@

bench-peers: .venv-peers/.ready ## Build the environment of the libraries that serving is measured against

bench: setup .venv-peers/.ready ## Measure against peers and limits (15 minutes; QUICK=1: three; ALBUMS=folder)
	PEERS=.venv-peers/bin/python $(BIN)/python -m bench.serve $(ALBUMS)/preview
	$(BIN)/python -m bench.stages $(ALBUMS)/preview
	$(BIN)/python -m bench.ingest $(ALBUMS)/lfw
	$(BIN)/python -m bench.start
	$(BIN)/python -m bench.memory $(ALBUMS)/lfw
	$(BIN)/python -m bench.rounds
	$(BIN)/python -m bench.search
	$(if $(QUICK),,$(BIN)/python -m bench.people)

bench-large: setup ## Measure rounds, search and ingestion over a million faces (hours)
	$(BIN)/python -m bench.rounds --large
	$(BIN)/python -m bench.search --large --data $(OUT)/bench/million
	$(BIN)/python -m bench.stored_ingest $(ALBUMS)/preview --data $(OUT)/bench/million

clean: ## Remove what can be made again; data and models stay
	rm -rf .venv .venv-peers $(OUT) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
