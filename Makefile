# Everything runs from .venv; nothing needs to be activated.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup audit test browser lint cover bench lab clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(READY) ## build the environment in .venv

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "iamaudit needs Python 3.11 or newer: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -r requirements.lock -e '.[dev]'
	@touch $@

audit: $(READY) ## write the audit report of the embedded demo account
	@$(BIN)/iamaudit audit --params params/demo.yaml

test: $(READY) ## run every test that needs nothing but Python
	@$(BIN)/python -m pytest --nbval-lax -n auto --dist loadfile notebooks
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not browser and not benchmark"

browser: $(READY) ## look at the report in headless Chromium
	@test -n "$(CHROMIUM)" || { echo "make browser needs Chromium: apt-get install chromium" >&2; exit 2; }
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -m browser

lint: $(READY) ## style, types and the floors of the house
	@$(BIN)/ruff check . && $(BIN)/ruff format --check iamaudit tests
	@$(BIN)/mypy && $(BIN)/lint-imports

cover: $(READY) ## every branch of the language of IAM is tested
	@$(BIN)/python -m pytest -q -n auto tests/iam tests/account \
	  --cov=iamaudit.iam.policy --cov=iamaudit.iam.actions --cov=iamaudit.iam.evaluate --cov-branch \
	  --cov-report=term-missing:skip-covered --cov-fail-under=100

bench: $(READY) ## measure, against the bounds in tests/benchmarks
	@$(BIN)/python -m pytest -m benchmark -s

lab: $(READY) ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir=notebooks

clean: ## remove the environment and the caches; snapshots and reports stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find iamaudit tests -name __pycache__ -type d -prune -exec rm -rf {} +
