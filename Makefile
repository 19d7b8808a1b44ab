# Everything runs from .venv; nothing needs to be activated.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
# JupyterLab refuses root; in a container there is nobody else.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup audit test browser look print docs lint cover faults bench lab clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(READY) ## build the environment in .venv, with everything that tests need

# A part of the environment is named after the extra that it needs. Where all of it is installed, that serves.
part = $(or $(wildcard $(READY)),$(VENV)/$(1))

$(READY): EXTRA = dev
$(VENV)/demo $(VENV)/lab: EXTRA = $(@F)
$(READY) $(VENV)/demo $(VENV)/lab: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "iamaudit needs Python 3.11 or newer: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -c requirements.lock -e '.[$(EXTRA)]'
	@touch $@

audit: $(call part,demo) ## collect the embedded demo account and write its audit report
	@$(BIN)/iamaudit audit --params params/demo.yaml

test: $(READY) ## run every test that needs nothing but Python
	@$(BIN)/python -m pytest --nbval-lax -n auto --dist loadfile notebooks
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not browser and not benchmark and not faults and not libreoffice and not lab"

browser: $(READY) ## look at the report in headless Chromium
	@test -n "$(CHROMIUM)" || { echo "make $@ needs Chromium: apt-get install chromium" >&2; exit 2; }
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -m browser tests/browser

look: $(READY) ## work in JupyterLab in headless Chromium; LOOK=FOLDER keeps the pictures
	@test -n "$(CHROMIUM)" || { echo "make $@ needs Chromium: apt-get install chromium" >&2; exit 2; }
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -n 2 -m lab tests/lab

print: $(READY) ## print the workbook in LibreOffice
	@command -v soffice >/dev/null || { echo "make print needs LibreOffice: apt-get install libreoffice-calc poppler-utils" >&2; exit 2; }
	@$(BIN)/python -m pytest -m libreoffice tests/report

docs: $(READY) ## build the documentation as a site, in build/docs
	@$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs build/docs

lint: $(READY) ## style, types and the floors of the house
	@$(BIN)/ruff check . && $(BIN)/ruff format --check iamaudit tests
	@$(BIN)/mypy && $(BIN)/lint-imports

cover: $(READY) ## every branch of the language of IAM is tested
	@$(BIN)/python -m pytest -q -n auto tests/iam tests/account \
	  --cov=iamaudit.iam.policy --cov=iamaudit.iam.actions --cov=iamaudit.iam.evaluate --cov-branch \
	  --cov-report=term-missing:skip-covered --cov-fail-under=100

faults: $(READY) ## collect much, and while more goes wrong; FAULT_SCHEDULES=60 for a part of it
	@$(BIN)/python -m pytest -m faults -s tests/aws tests/benchmarks

bench: $(READY) ## measure, against the bounds in tests/benchmarks
	@test -n "$(CHROMIUM)" || { echo "make $@ needs Chromium: apt-get install chromium" >&2; exit 2; }
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -m benchmark -s tests/benchmarks

# Copies, in a folder that git ignores: what an analyst runs never stands in notebooks/. A copy that was not edited
# follows its original; what was copied last is kept beside it to tell. The links let README's relative paths work.
lab: $(call part,lab) ## open copies of the notebooks in JupyterLab, in lab/; ARGS="--no-browser --port 8899"
	@mkdir -p lab/.copied snapshots
	@ln -sfn ../snapshots lab/snapshots && ln -sfn ../params lab/params
	@for new in notebooks/[0-9]*.ipynb; do name=$${new##*/}; \
	  if test ! -e lab/$$name || cmp -s lab/$$name lab/.copied/$$name; then \
	    cp $$new lab/$$name && cp $$new lab/.copied/$$name; \
	  elif ! cmp -s $$new lab/.copied/$$name; then \
	    echo "lab/$$name was edited and stays, $$new has changed: rename yours to get the new one"; \
	  fi; done
	@cd lab && $(abspath $(BIN))/jupyter lab --ServerApp.root_dir=. $(AS_ROOT) $(ARGS)

clean: ## remove the environment and the caches; snapshots, reports and lab stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache __pycache__
	find iamaudit tests -name __pycache__ -type d -prune -exec rm -rf {} +
