# Every target makes its own environment first, from nothing, with exactly the locked packages.
# A changed lock makes the environment anew; a changed pyproject.toml only installs this checkout again.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
DIST ?= dist
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --no-strip-extras \
	--no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
DEV := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")

.PHONY: demo test lint types check dx wheel lock
.DELETE_ON_ERROR:

demo: $(VENV)/.ready
	$(BIN)/revloop demo $(ARGS)

test: $(VENV)/.ready
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready
	$(BIN)/mypy

check: lint types test

# The Salesforce DX folder and docs/fields.md, out of the field dictionary and the default rules.
dx: $(VENV)/.ready
	$(BIN)/python -m connector.install.dx
	$(BIN)/python docs/field_list.py

wheel: $(VENV)/.ready
	rm -rf $(DIST)
	$(BIN)/python -m build --wheel --no-isolation --outdir $(DIST)

# Newer versions: make lock ARGS=--upgrade
lock: $(VENV)/.ready
	$(COMPILE) $(ARGS) --output-file requirements.lock pyproject.toml
	$(BIN)/python -c '$(DEV)' | $(COMPILE) $(ARGS) --allow-unsafe --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml -

$(VENV)/.locked: requirements-dev.lock
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --requirement requirements-dev.lock
	touch $@

$(VENV)/.ready: $(VENV)/.locked pyproject.toml
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@
