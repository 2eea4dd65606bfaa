# Every target sets up what it needs; `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help install demo test up check bench format clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(READY) ## create .venv and install exactly what is locked

$(READY): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(READY)

demo: $(READY) ## the whole story on this machine: 50 groups, several platforms, two levels of leaders
	@$(BIN)/muster demo

test: $(READY) ## the whole test suite on real servers
	@$(BIN)/python -m pytest

up: $(READY) ## the embedded service on http://127.0.0.1:8000 until Ctrl-C
	@$(BIN)/muster up

check: $(READY) ## formatter, linter, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## benchmarks beside their floors, as a table and in bench/results/
	@$(BIN)/python -m bench

format: $(READY) ## let the formatter and the linter mend what they can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what was built and installed
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
