# `make demo` and `make test` need nothing but python3 (3.11 or newer), its venv module and make.
PYTHON ?= python3
BIN := .venv/bin
# Test processes; as many as cores. `make test WORKERS=0` runs all in one.
WORKERS ?= auto
# The release that has a small CPU build; plain `torch` brings gigabytes of CUDA.
TORCH := torch==2.13.0

.PHONY: demo test test-bare check install install-dev clean

demo: install
	$(BIN)/platestream run src/platestream/demo/street.mp4 --out demo --annotate
	@echo "Look at demo/report.html and demo/annotated/street.mp4; demo/events.jsonl has it all"

test: install-dev check
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --cov -m "not bare"

# The steps of the Dockerfile in a bare Debian root; needs root, and a mirror of Debian.
test-bare: install-dev
	$(BIN)/pytest -m bare tests/test_bare_root.py

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

install: .venv/installed
install-dev: .venv/installed-dev

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "platestream needs Python 3.11 or newer; set PYTHON=python3.12, say"; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@ .venv/installed

clean:
	rm -rf .venv demo
