# Every target sets up what it needs; `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCKS := requirements-dev.txt requirements-build.txt

.PHONY: help install demo test up check bench chaos format lock clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(READY) ## create .venv and install exactly what is locked

$(READY): $(LOCKS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Muster needs Python 3.11 or newer; name one with: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes $(LOCKS:%=-r %)
	$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $(READY)

demo: $(READY) ## the whole story on this machine: 50 groups, every platform, two levels of leaders
	@$(BIN)/muster demo

test: $(READY) ## the whole test suite on real servers, a real homeserver and a real browser
	@out=; \
	.ci/browser & browser=$$!; \
	$(BIN)/python -m tests.synapse || out="not synapse"; \
	wait $$browser || out="$${out:+$$out and }not browser"; \
	if [ -n "$$out" ] && [ "$(CI)" = true ]; then \
		echo "CI leaves no test out." >&2; exit 1; \
	fi; \
	failed=0; \
	$(BIN)/python -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal \
		-m "not alone$${out:+ and $$out}" || failed=1; \
	$(BIN)/python -m pytest -m "alone$${out:+ and $$out}" || failed=1; \
	[ -z "$$out" ] || echo "TESTS WERE LEFT OUT ($$out); see above." >&2; \
	exit $$failed

up: $(READY) ## the embedded service on http://127.0.0.1:8000 until Ctrl-C
	@$(BIN)/muster up

check: $(READY) ## formatter, linter, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## benchmarks beside their floors, as a table and in bench/results/ (FULL=1: ten times the size)
	@$(BIN)/python -m bench $(if $(FULL),--full)

chaos: $(READY) ## processes and servers die at random: SEED=1 [DB=postgres] [KILLS=20] [GROUPS=300], or planted bugs: PLANT=all [SOUND=1]
	@$(BIN)/python -m tests.chaos $(if $(PLANT)$(PLANTS),plants --plant $(or $(PLANT),$(PLANTS)) $(if $(SOUND),--sound),run --seed $(or $(SEED),1) \
		--kills $(or $(KILLS),20) --groups $(or $(GROUPS),300)) --db $(or $(DB),sqlite)

format: $(READY) ## let the formatter and the linter mend what they can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## lock anew what pyproject.toml allows (needs uv)
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) pyproject.toml --extra dev -o requirements-dev.txt
	printf 'editables>=0.5,<0.6\nhatchling>=1.27,<2\n' | $(LOCK) --no-annotate - -c requirements-dev.txt -o requirements-build.txt
	printf 'matrix-synapse==1.163.2\n' | $(LOCK) --no-annotate - -o tests/synapse/requirements.txt

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

clean: ## remove what was built and installed
	rm -rf .venv .venv-synapse .venv-synapse.making build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
