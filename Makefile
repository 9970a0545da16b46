# Everything a reader needs: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
ARGS   ?=
FAST   := -m "not slow and not browser"
RUNS   := $(addprefix tests/notebooks/test_execution.py::,test_nbval test_other_parameters_with_capped_steps)
LESSONS := $(basename $(notdir $(wildcard notebooks/[0-9]*.py)))

.DEFAULT_GOAL := help
.PHONY: help run test $(LESSONS:%=test-%) test-slow test-browser site lab notebooks bench lint clean

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

# The constraints hold the exact versions CI runs; a change of either file installs again.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "affectkit needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "No virtual environment could be made: on Debian and Ubuntu, apt install python3-venv"; rm -rf $(VENV); exit 1; }
	@echo "Installing what the lessons need into $(VENV) (once, a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[notebooks,app,test,browser,site]'
	@touch $@

run: $(READY)    ## run every lesson (quick profile), leave reports/index.html; ARGS="--only 01,09 --profile bench"
	@$(BIN)/affectkit run $(ARGS)

test: $(READY)   ## everything CI checks
	@$(BIN)/ruff check .
	@$(BIN)/python -m pytest $(FAST) $(or $(ARGS),$(RUNS:%=--deselect=%))
ifndef ARGS
# Two lessons at a time, each on one core: threads beside another training's wait more than they work.
	@OMP_NUM_THREADS=1 $(MAKE) --no-print-directory -k -j2 $(LESSONS:%=test-%)
	@$(MAKE) --no-print-directory test-browser
endif

# A lesson as it is stored, and with other parameters.
$(LESSONS:%=test-%): test-%: $(READY)
	@$(BIN)/python -m pytest -q $(FAST) -k "$*" $(RUNS)

test-slow: $(READY) ## kill, fuzz and many-seed tests
	@$(BIN)/python -m pytest -m slow $(ARGS)

test-browser: $(READY) ## the apps in a real browser, pictures of them in reports/browser/
	@bash tests/browser/install.sh $(BIN)/python
	@$(BIN)/python -m pytest -m browser tests/browser $(ARGS)

site: $(READY)   ## the lessons and docs/ as a website that needs no network, in reports/site
	@$(BIN)/python -m sphinx -q -W --keep-going -c docs -d reports/doctrees . reports/site
	@echo "Look here: reports/site/index.html"

lab: $(READY)    ## open the lessons in JupyterLab
	@$(BIN)/affectkit lab

notebooks: $(READY) ## make the stored .ipynb from the .py sources: sync, execute on twins, keep outputs; and exercises/
	@$(BIN)/affectkit notebooks $(ARGS)

bench: $(READY)  ## time the kit against what tutorials do; ARGS="--curves" shows how cost grows
	@$(BIN)/affectkit bench $(ARGS)

lint: $(READY)   ## ruff
	@$(BIN)/ruff check .

clean:           ## remove the environment and the reports
	@rm -rf $(VENV) reports
