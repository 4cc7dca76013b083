# Two commands do all the set-up on a fresh machine that has Python >= 3.11 and make.
#   make play   the game            make test   ruff, mypy, tests, levels
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: play test lint types unit levels bench clean generate docs pictures applications

play: $(VENV)/installed
	$(BIN)/kubesim

test: lint types unit levels

lint: $(VENV)/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/developed
	$(BIN)/mypy

unit: $(VENV)/developed
	$(BIN)/pytest -n auto

levels: $(VENV)/developed
	$(BIN)/kubesim check

bench: $(VENV)/installed
	$(BIN)/kubesim bench

generate: $(VENV)/developed
	$(BIN)/python tools/generate_api.py

docs: $(VENV)/developed
	$(BIN)/python tools/docs.py

applications: $(VENV)/developed
	$(BIN)/python tools/applications.py

pictures: $(VENV)/developed
	$(BIN)/python tools/pictures.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kubesim needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/developed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
