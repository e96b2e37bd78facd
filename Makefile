# Everything runs in the locked environment that uv keeps in .venv (https://docs.astral.sh/uv/).
RUN := uv run --locked
NOTEBOOKS := $(sort $(wildcard notebooks/*.py))

.DEFAULT_GOAL := help
.PHONY: help quickstart test check lint types floors cover notebooks bench docs

help:
	@echo "make quickstart | test | check | notebooks | bench | docs"

quickstart:
	$(RUN) python notebooks/quickstart.py

test:
	$(RUN) pytest --json-report --json-report-file=pytest_results.json

check: lint types floors cover notebooks

lint:
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) python docs/build.py --check

types:
	$(RUN) mypy

floors:
	$(RUN) lint-imports --no-logo

# `make check MEASURED=coverage.json` takes what a run of all tests has measured already.
cover:
ifndef MEASURED
	$(RUN) pytest -n 2 --cov --cov-report=term --cov-report=json:coverage.json
endif
	$(RUN) python .ci/coverage_gate.py $(or $(MEASURED),coverage.json)

notebooks:
	@set -e; for notebook in $(NOTEBOOKS); do echo "$$notebook"; $(RUN) --extra notebooks python "$$notebook"; done

bench:
	$(RUN) --extra bench python -m benchmarks

docs:
	$(RUN) python docs/build.py
