# make run     serve the example on real MicroPython (PORT=8080)
# make test    all tests and checks
# make check   ruff's format, ruff, mypy
# make build   the example's bundle, and routes.json
# make bench   picoweb beside its peers: docs/benchmarks.md (some minutes)
# make docs    the documentation as a site: build/docs
# make clean   remove what was made

PYTHON ?= python3
PORT ?= 8080
SITE ?= sites/example
BIN = .venv/bin
READY = .venv/.ready

.PHONY: run test check build bench docs clean

run: $(READY)
	$(BIN)/picoweb serve $(SITE) --port $(PORT)

test: $(READY) check
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

build: $(READY)
	$(BIN)/picoweb build $(SITE)
	cp $(SITE)/build/routes.json routes.json

bench: $(READY) .venv-bench/.ready
	$(BIN)/python -m bench

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

clean:
	rm -rf .venv .venv-bench build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis sites/*/build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): setup.py
	@echo "Setting up .venv: it takes a minute or two, and is done once."
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

.venv-bench/.ready: bench/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	touch $@
