# Every target does all of its own set-up: it needs Python 3.10 to 3.13 and make, nothing else.
#   make demo    a sample class, graded: what this project does, on one screen
#   make picture the demo's class page, photographed for the README
#   make test    the test suite, in two processes (make test ARGS="-n 4", or ARGS="tests/unit")
#   make check   ruff, mypy --strict, import-linter, built notebooks, and that the assessment is right
#   make lint    the same without the last, which `make test` looks at too
#   make bench   speed against otter-grader and nbgrader (several minutes)
#   make setup   the environment alone, made once in VENV and used again

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo

.PHONY: setup demo test check lint bench clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

setup: $(READY)

# Made anew where what it is made of has changed; an environment that was half made is made again.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; ok = (3, 10) <= sys.version_info < (3, 14); sys.exit(0 if ok else "Python 3.10 to 3.13 is needed, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV): PyTorch, TensorFlow and the tools. A few minutes, once."
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup
	@rm -rf $(DEMO)
	@$(BIN)/autograder sample $(DEMO)/submissions 1 2 3 4 5
	@$(BIN)/autograder grade $(DEMO)/submissions --output $(DEMO)/results --allow-weak-sandbox || test $$? -eq 1
	@$(BIN)/autograder report $(DEMO)/results
	@echo
	@echo "Look at:  $(DEMO)/results/site/index.html   the class, and a page for each submission"
	@echo "          $(DEMO)/results/scores.csv"
	@echo "          $(DEMO)/results/feedback/q1_pads_one_end_only/01_output_size.md   a hint that names the misconception"
	@echo "          $(DEMO)/results/reports/hostile_reads_the_tests/01_output_size.json   what a hostile notebook met"

test: ARGS ?= -n 2 --dist worksteal
test: setup
	@$(BIN)/python -m pytest $(ARGS)

check: lint
	@$(BIN)/autograder validate

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/autograder build --check

.PHONY: picture
picture: demo
	@$(BIN)/python tools/make_picture.py $(DEMO)/results/site/index.html docs/images/class.png

bench: setup
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python bench/compare.py $(ARGS)
	@$(BIN)/python bench/jobs.py
	@$(BIN)/python bench/training.py

clean:
	rm -rf $(VENV) $(DEMO) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
