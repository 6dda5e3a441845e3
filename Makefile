# The commands of the house. `make` alone lists them; what each installs is in scripts/setup.sh.
.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/bash
PY := .venv/bin/python
# Extra words for pytest, bench and the server: make test ARGS="tests/core -x"
ARGS ?=

.PHONY: help install run test lint fmt type check e2e bench bench-tv stb clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

install: ## build .venv with the pinned runtime and the cuntai command
	@scripts/setup.sh run

run: ## install what is missing, load the demo on the first run, start everything (PORT, CUNTAI_HOME)
	@scripts/setup.sh run && exec .venv/bin/cuntai run $(ARGS)

test: ## install what the tests need and run them all
	@scripts/setup.sh test && exec $(PY) -m pytest -n auto $(ARGS)

lint: ## ruff, mypy, the order of the floors, ES5 and the browsers of the boxes
	@scripts/setup.sh lint && exec scripts/lint.sh

fmt: ## put the code in its format and mend what ruff can mend
	@scripts/setup.sh lint-python && $(PY) -m ruff check --fix . ; $(PY) -m ruff format .

type: ## mypy alone
	@scripts/setup.sh lint-python && exec $(PY) -m mypy

check: lint test ## lint, then test

e2e: ## only the tests that drive a real browser
	@scripts/setup.sh test && exec $(PY) -m pytest -m e2e $(ARGS)

bench: ## measure against the goals: a table and build/bench.json (ARGS="--only delivery")
	@scripts/setup.sh test && exec $(PY) -m bench $(ARGS)

bench-tv: ## measure the TV app: first page, keys, zapping, a large county
	@scripts/setup.sh test && exec $(PY) -m bench --only tv --only television --only zap $(ARGS)

stb: ## bundle the TV app into build/stb, to host or to flash (API=https://…)
	@scripts/setup.sh run && exec $(PY) -m stb_app.flashing $(if $(API),--api $(API))

clean: ## remove what can be made again (var/, .venv and node_modules stay)
	@rm -rf build dist test-results .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find . \( -path ./.venv -o -path ./node_modules -o -path ./var -o -path ./.git \) -prune \
	  -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
