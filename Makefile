# Everything runs in a virtual environment of its own, .venv. PYTHON=... chooses the Python to make
# it from, VENV=... another place for it, PYTEST_ARGS=... goes to pytest in place of "on all processors".

VENV ?= .venv
MINUTES ?= 10
KILLS ?= 100
PYTEST_ARGS ?= --numprocesses=auto --dist=worksteal

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALLED_FROM := pyproject.toml constraints.txt hatch_build.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test browser lint format bench bench-live torture docs fuzz pins dist console clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed  ## install Seavigil into .venv and show it at work on invented ships
	$(BIN)/seavigil demo

test: $(VENV)/.installed-test  ## install what the tests need and run them all
	$(BIN)/python -m pytest $(PYTEST_ARGS)

browser: $(VENV)/.installed-test console  ## walk the console in a browser; screens are kept in build/screenshots
	$(BIN)/python -m pytest -n0 tests/browser

lint: $(VENV)/.installed-lint  ## style, types and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-lint  ## put the source into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-bench  ## measure speed and memory (BENCH="tracks ..." for some)
	$(BIN)/python -m bench $(BENCH)

bench-live: $(VENV)/.installed-test  ## how many reports a second the live watch keeps up with (MINUTES, 10)
	$(BIN)/python -m bench.bench_live --minutes $(MINUTES)

torture: $(VENV)/.installed-test  ## kill a replay KILLS (100) times and see that nothing is lost or told twice
	SEAVIGIL_KILLS=$(KILLS) $(BIN)/python -m pytest -n0 -s tests/replay/test_kill.py

docs: $(VENV)/.installed-docs  ## build the documentation into site/
	$(BIN)/mkdocs build --strict
	@echo "documentation is in site/index.html"

fuzz: $(VENV)/.installed-fuzz  ## feed the formats nonsense for MINUTES (10)
	$(BIN)/python -m fuzz --minutes $(MINUTES)

pins:  ## renew constraints.txt from fresh installs on every Python found
	@python=$$(./tools/python.sh) && $$python tools/pins.py $(PYTHONS) > constraints.txt.new
	mv constraints.txt.new constraints.txt

console: $(VENV)/.installed  ## fetch and make the console's map, where that failed when installing
	$(BIN)/python -m seavigil.console.build

dist: $(VENV)/.installed  ## build the wheel into dist/
	$(PIP) wheel --quiet --no-deps --wheel-dir dist .

clean:  ## remove everything that make made
	rm -rf $(VENV) build dist site src/seavigil/console/vendor .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@python=$$(./tools/python.sh) && echo "making $(VENV) with $$($$python --version)" && $$python -m venv --clear $(VENV)

$(VENV)/.installed: $(BIN)/python $(INSTALLED_FROM)
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@./tools/debian.sh chromium fonts-dejavu-core git mosquitto nats-server openssl postgresql postgresql-postgis
	$(PIP) install --quiet --constraint constraints.txt --editable '.[test,docs]'
	@touch $@

$(VENV)/.installed-%: $(VENV)/.installed
	$(PIP) install --quiet --constraint constraints.txt --editable '.[$*]'
	@touch $@
