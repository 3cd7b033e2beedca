# One word each; bare `make` prints them.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SIZES ?= 30000 1000000
PORT ?= $(or $(UNLISTED_PORT),8000)
CLIENTS := .clients
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"
LOCK_PROJECT := $(LOCK) --extra build --extra postgresql pyproject.toml

.PHONY: help serve publish test check lint types seed unit clients lock sbom datapackage bench soak fuzz migration clean

help: ## print this
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

serve: $(VENV)/installed ## install what is needed, publish the seed where it is new, serve on 127.0.0.1:8000 (PORT=8123)
	@$(BIN)/unlisted serve --publish --port $(PORT)

publish: $(VENV)/installed ## publish the seed as a dataset
	@$(BIN)/unlisted publish

# The check of the types leaves a core to the other checks.
test: $(VENV)/installed-dev ## install what is needed, then every check and every test
	@$(MAKE) --no-print-directory --jobs=2 --output-sync check
	@$(MAKE) --no-print-directory unit

check: types lint seed ## lint, format, types, import layers, migrations, seed

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/zizmor --offline --quiet .github/workflows

types: $(VENV)/installed-dev
	$(BIN)/mypy

seed: $(VENV)/installed-dev
	$(BIN)/unlisted check
	$(BIN)/frictionless validate seed/datapackage.json

# The many processes that tests start read their modules compiled.
unit: export PYTHONDONTWRITEBYTECODE =
unit: $(VENV)/installed-dev
	$(BIN)/pytest --cov --cov-report=term --numprocesses=auto --maxprocesses=4 --dist=worksteal $(PYTEST_OPTIONS)

clients: $(CLIENTS)/installed ## install the programs of others that tests/clients runs: generators, linters, newman

lock: $(VENV)/installed-dev ## pin every dependency with its hashes
	$(LOCK_PROJECT) $(UPGRADE) -o requirements.txt
	$(LOCK_PROJECT) $(UPGRADE) --extra dev -c requirements.txt -o requirements-dev.txt
	$(LOCK) $(UPGRADE) tests/clients/requirements.in -o tests/clients/requirements.txt

sbom: $(VENV)/installed-dev ## list every package of the image in sbom.json (CycloneDX)
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-reproducible --output-file sbom.json

datapackage: $(VENV)/installed-dev ## describe the seed anew in seed/datapackage.json
	$(BIN)/python -m app.publishing.datapackage > seed/datapackage.json

bench: $(VENV)/installed-dev publish ## measure: beside other servers, behind caches, with a million more ships (an hour)
	$(BIN)/python -m benchmarks.http.run --write docs/benchmarks.md
	$(BIN)/python -m benchmarks.http.caches --write docs/benchmarks.md
	$(BIN)/python -m benchmarks.growth.run --sizes $(SIZES) --write docs/benchmarks.md

soak: $(VENV)/installed-dev publish ## load, overload and hostile clients: a minute, or SECONDS=600
	$(BIN)/python -m benchmarks.soak.run --seconds $(or $(SECONDS),60) --write docs/reliability.md

fuzz: $(VENV)/installed-dev ## the fuzzing of `make test`, far longer (an hour), and atheris on the parsers: SECONDS=60 each
	FUZZ_EXAMPLES=20000 $(BIN)/pytest tests/test_fuzz.py --numprocesses=auto
	FUZZ_EXAMPLES=400 $(BIN)/pytest tests/api/test_openapi.py --numprocesses=auto
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[fuzz]'
	$(BIN)/python -m benchmarks.fuzz.run --seconds $(or $(SECONDS),60)

migration: $(VENV)/installed-dev ## write a migration: make migration ID=20270101 ABOUT="what changes"
	$(BIN)/python -m app.publishing.schema "$(ID)" "$(ABOUT)"

clean: ## remove what the other words made
	rm -rf $(VENV) $(CLIENTS) data sbom.json .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "unlisted needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python requirements.txt pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/pip check --disable-pip-version-check
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	$(BIN)/pip check --disable-pip-version-check
	@touch $@

# An environment of their own: Node.js comes as a wheel, npm installs beside it, and no script of a package is run.
$(CLIENTS)/installed: tests/clients/requirements.txt tests/clients/package.json tests/clients/package-lock.json tests/clients/.npmrc
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/clients/requirements.txt
	$(CLIENTS)/bin/pip check --disable-pip-version-check
	cp tests/clients/package.json tests/clients/package-lock.json tests/clients/.npmrc $(CLIENTS)
	cd $(CLIENTS) && PATH="$$PWD/bin:$$PATH" npm ci --ignore-scripts --loglevel=error
	@touch $@
