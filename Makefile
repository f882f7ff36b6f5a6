# payflows. `make help` lists what there is; each target first sets up what it needs.
# All that is written lies in this folder or in the user's cache folder.

PYTHON ?= python3
BIN := .venv/bin

# The stamp is named after the lock's content and this folder: another lock, a moved clone or a set-up that was
# broken off means a new .venv.
STAMP := .venv/made-from-$(shell { pwd; cat requirements.lock; } | cksum | tr ' ' '-')
LAB_STAMP := $(STAMP)-with-$(shell cksum < requirements-lab.lock | tr ' ' '-')

NBVAL := --nbval --nbval-sanitize-with=tests/nbval_sanitize.cfg

# Jupyter, IPython, matplotlib and rustup (pip asks rustc for its version) would write to the home folder.
export JUPYTER_CONFIG_DIR := $(CURDIR)/.cache/jupyter/config
export JUPYTER_DATA_DIR := $(CURDIR)/.cache/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CURDIR)/.cache/jupyter/runtime
export IPYTHONDIR := $(CURDIR)/.cache/ipython
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export NUMBA_CACHE_DIR := $(CURDIR)/.cache/numba
export RUSTUP_HOME := $(CURDIR)/.cache/rustup
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Modules are compiled when first imported, not all at set-up: that takes half the time.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo lab desk browser test lint bench events-all search calibrate soak mutants format notebooks-run set-up set-up-lab lock clean

help:           ## list the targets
	@echo 'make TARGET, where TARGET is'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

demo: set-up    ## buy from stripe-mock, then run a shop for a simulated day; saves its figures
	@$(BIN)/payflows demo

lab: set-up-lab ## open the notebooks in JupyterLab, with stripe-mock beside it
	@$(BIN)/payflows mock run $(BIN)/jupyter-lab --ip=127.0.0.1 notebooks

desk: set-up-lab ## the dunning lab and the fee lab as a page, for people who read no code: http://127.0.0.1:8866
	@$(BIN)/voila --no-browser --Voila.ip=127.0.0.1 --port=8866 --strip_sources=True notebooks/70_desk.ipynb

test: lint      ## check everything: rules, types, tests, notebooks
	@$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder $(NBVAL) tests notebooks

lint: set-up-lab ## check the rules and the types only
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: set-up-lab ## measure what the flow and the gateway cost, as ratios
	@$(BIN)/python -m tests.bench

events-all: set-up  ## five webhooks of a payment, then of a renewal, each twice, in all 113,400 sequences: do all end alike? (an hour)
	@$(BIN)/payflows webhooks payment
	@$(BIN)/payflows webhooks renewal

search: set-up-lab ## all that is too long for `make test`: pairs and triples of faults, races, HTTP, storms (an hour or two); simulations/search/COUNTS.md
	@$(BIN)/payflows search --faults 2 \
		out_of_stock paid answer_lost declined_then_another_card cancelled refunded
	@$(BIN)/payflows search --faults 3 out_of_stock out_of_stock_with_handlers
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --on-demand tests
	@$(BIN)/payflows races
	@$(BIN)/payflows races --faults 1 --switches 1 --at-most 0
	@$(BIN)/payflows storm --seeds 10000
	@$(BIN)/payflows storm --seeds 10000 --wire
	@$(BIN)/payflows trace-hashes --seeds 10000

calibrate: set-up  ## draw 21,423 sets of the dunning model's parameters, keep those that agree with what is published, compare (a quarter of an hour)
	@$(BIN)/python -m simulations.models.calibrate

browser: set-up-lab ## use the desk in a browser, and keep what it looks like in .cache/desk; needs Debian's chromium
	@command -v chromium >/dev/null || { echo 'the desk is tested in a browser: on Debian, apt install chromium' >&2; exit 1; }
	@$(BIN)/python -m pytest -q --browser tests/test_desk_in_a_browser.py

soak: set-up    ## a hundred shops, each open for a year under faults, bad webhook conditions and failing handlers (an hour)
	@$(BIN)/payflows soak --years 100

mutants: set-up  ## change every statement of checkout, payments and queues, and say what notices it (an hour or two; MODULES=...)
	@$(BIN)/python -m tests.mutants.systematic $(MODULES)

format: set-up  ## put code and notebooks into the house's form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

notebooks-run: set-up-lab  ## run all notebooks but the desk, and keep what they show
	@$(BIN)/jupyter-nbconvert --to notebook --execute --inplace \
		--ExecutePreprocessor.record_timing=False notebooks/[0-6]*.ipynb

set-up: $(STAMP)  ## make .venv and stripe-mock ready; the other targets do it by themselves

set-up-lab: $(LAB_STAMP)  ## the same, with what the dunning lab needs

$(LAB_STAMP): $(STAMP)
	@echo 'payflows: installing what requirements-lab.lock names ...'
	@$(BIN)/pip install --quiet --no-deps --no-compile --require-hashes -r requirements-lab.lock
	@touch $@

$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'payflows needs Python 3.11 or newer: make PYTHON=python3.13, say' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'this Python cannot make a venv; on Debian: apt install python3-venv' >&2; exit 1; }
	@echo 'payflows: first time here, or the lock has changed; this takes two or three minutes'
	@rm -rf .venv && mkdir -p .cache
	@echo 'payflows: making .venv ...'
	@$(PYTHON) -m venv .venv
	@echo 'payflows: installing what requirements.lock names (a minute or two) ...'
	@$(BIN)/pip install --quiet --no-deps --no-compile --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/payflows mock install
	@touch $@
	@echo 'payflows: ready'

UV_COMPILE := env -u PIP_FIND_LINKS UV_PYTHON_DOWNLOADS=never .cache/uv/bin/uv pip compile --quiet --upgrade \
	--universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command 'make lock'

lock:           ## write both locks anew from pyproject.toml, with the newest releases
	@$(PYTHON) -m venv .cache/uv
	@.cache/uv/bin/pip install --quiet uv==0.13.9
	@$(UV_COMPILE) --extra stripe --extra simulations --extra notebooks --extra sql --extra mock --extra test \
		--output-file requirements.lock pyproject.toml
	@$(UV_COMPILE) --extra lab --extra desk --constraint requirements.lock --output-file requirements-lab.lock pyproject.toml

clean:          ## remove .venv and the caches in this folder
	@rm -rf .venv .cache .hypothesis
