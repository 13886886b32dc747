# Needs Python 3.11 or newer and make. Everything else is set up in .venv, node_modules and static/vendor.
SHELL = /bin/sh
PYTHON = .venv/bin/python

.PHONY: help setup demo test soak lint bench bench-full pictures lock

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile

setup: ## set up everything for working on the code (.venv, browser libraries)
	@sh .ci/setup test

demo: ## fill a demo city and serve it (FLAGS="--port 8100" is passed on)
	@sh .ci/setup run
	@.venv/bin/fieldapp demo $(FLAGS)

test: setup ## run all checks and tests (FLAGS="tests/sync -k seal" is passed on)
	@$(PYTHON) tests/browser/chromium.py
	@$(PYTHON) -m pytest $(FLAGS)

COUNT = 1000
soak: setup ## try to lose data, COUNT=1000 times in each way (FLAGS="-k sqlite" is passed on)
	@$(PYTHON) tests/browser/chromium.py
	@SOAK=$(COUNT) $(PYTHON) -m pytest tests/proof tests/browser/test_fleet.py $(FLAGS)

lint: setup ## put imports and layout in order, then run the checks of tests/quality
	@$(PYTHON) -m ruff check --quiet --fix . || true
	@$(PYTHON) -m ruff format --quiet .
	@$(PYTHON) -m pytest -q tests/quality

bench: setup ## measure how fast the archive is, against a baseline of the same run (FLAGS="idle herd" measures only those)
	@$(PYTHON) -m bench $(FLAGS)

bench-full: setup ## measure the desk on 1,000,000 visits (most of an hour and 50 GB for each database)
	@$(PYTHON) -m bench million

pictures: setup ## take the pictures of README and docs anew, on real screens
	@$(PYTHON) tests/browser/chromium.py
	@$(PYTHON) -m docs.pictures.take

lock: ## rewrite the lock files with the newest versions (needs uv and npm)
	@python3 .ci/lock
