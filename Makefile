# Needs Python 3.11 to 3.13 with pip, or uv. Every target makes .venv first, and again when the requirements change.
#   make demo   train on made-up data, export, and recommend from the exported bundle
#   make test   everything that CI runs: lint, types, import directions, all tests
#   make lint   the checks without the tests
#   make docs   write the generated reference
#   make proto  write the generated code of recframe/proto
#   make bench  run the benchmarks and write benchmarks/RESULTS.md; PEERS=PYTHON has the libraries to compare with

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
# recframe-web fetches LiteRT.js through npm. Without npm it is left out, and its tests say so.
WEB := $(if $(shell command -v npm 2>/dev/null),-e plugins/recframe-web)
REQUIREMENTS := -c constraints.txt -e '.[train,optuna,joblib]' -e plugins/recframe-attention -e plugins/recframe-gru -e plugins/recframe-lru -e plugins/recframe-onnx $(WEB) --group dev
UV := $(shell command -v uv 2>/dev/null)
ifdef UV
INSTALL = "$(UV)" pip install --python $(PY) $(REQUIREMENTS)
else
INSTALL = { $(PY) -m pip install -c constraints.txt pip && $(PY) -m pip install $(REQUIREMENTS); }
endif
# A command of that name may exist and still not run (a pyenv shim), so each is tried.
SUITABLE := import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

# Made by: python3 -m venv .venv-peers && .venv-peers/bin/pip install -r benchmarks/peers/requirements.txt
PEERS := .venv-peers/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs proto bench venv clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(INSTALLED)
	$(VENV)/bin/recframe hydra.run.dir=runs/demo overwrite=true
	$(VENV)/bin/recframe recommend runs/demo/export --history 1 2 3

test: lint
	$(PY) -m pytest -m "" -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --durations=40

lint: $(INSTALLED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

docs: $(INSTALLED)
	$(PY) docs/reference.py

proto: $(INSTALLED)
	$(VENV)/bin/protoc --proto_path=. --python_out=. --pyi_out=. recframe/proto/recframe.proto

bench: $(INSTALLED)
	$(PY) -m benchmarks --peers $(PEERS) --results benchmarks/RESULTS.md

venv: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt plugins/recframe-attention/pyproject.toml plugins/recframe-gru/pyproject.toml plugins/recframe-lru/pyproject.toml plugins/recframe-onnx/pyproject.toml plugins/recframe-web/pyproject.toml plugins/recframe-web/package-lock.json
	@set -e; \
	if ! $(PY) -c '$(SUITABLE)' 2>/dev/null; then \
	  for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	    if "$$python" -c '$(SUITABLE)' 2>/dev/null; then found="$$python"; break; fi; \
	  done; \
	  if [ -n "$(UV)" ]; then \
	    "$(UV)" venv --quiet --clear --seed --python "$${found:->=3.11,<3.14}" $(VENV); \
	  elif [ -n "$$found" ]; then \
	    "$$found" -m venv --clear $(VENV); \
	  else \
	    echo "recframe needs Python 3.11, 3.12 or 3.13: install one, or name it with make PYTHON=/path/to/python" >&2; exit 1; \
	  fi; \
	fi; \
	echo "Installing into $(VENV) (TensorFlow is large: the first time takes some minutes)"; \
	if ! $(INSTALL) >$(VENV)/install.log 2>&1; then cat $(VENV)/install.log >&2; exit 1; fi; \
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info plugins/*/build plugins/*/*.egg-info plugins/*/node_modules plugins/recframe-web/recframe_web/vendor
