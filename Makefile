# `make run` and `make test` are all that a newcomer needs; each sets up what it uses, once.

VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run demo test test-all test-postgres check fuzz audit format pictures

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: $(VENV)/.installed-run ## Start the bot; without a DISCORD_TOKEN, open the local demo
	@exec $(BIN)/python -m bot run --or-demo

demo: $(VENV)/.installed-run ## Open the local demo in the browser
	@exec $(BIN)/python -m bot demo

test: $(VENV)/.installed-dev ## Run the tests, but for those that take minutes
	@$(BIN)/python -m pytest -n auto

test-all: $(VENV)/.installed-dev ## Run all tests: whole processes, a browser, and both kinds of database too
	@$(BIN)/python -m pytest -n auto --everything

test-postgres: $(VENV)/.installed-dev ## Run all tests on PostgreSQL
	@$(BIN)/python -m pytest -n auto --everything --database postgresql

check: $(VENV)/.installed-dev ## What every commit passes: format, lint, types, all tests with coverage
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -n auto --everything --cov --cov-report=term

fuzz: $(VENV)/.installed-dev ## Hand the bot 100,000 hostile payloads
	@$(BIN)/python -m benchmarks.fuzz --payloads 100000

audit: $(VENV)/.installed-run ## Look for known weaknesses of the pinned packages; needs the network
	@$(BIN)/python -m venv $(VENV)/audit && $(VENV)/audit/bin/pip install -q pip-audit && $(VENV)/audit/bin/pip-audit -r constraints.txt --no-deps --disable-pip

pictures: $(VENV)/.installed-dev ## Take the README's pictures anew, from the tests in the browser
	@$(BIN)/python -m pytest tests/browser --pictures docs/pictures

format: $(VENV)/.installed-dev ## Put the code in shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

$(VENV)/.installed-run: pyproject.toml constraints.txt scripts/setup
	@scripts/setup run '.[demo,postgres]'

$(VENV)/.installed-dev: pyproject.toml constraints.txt scripts/setup
	@scripts/setup dev '.[demo,dev,postgres]'
