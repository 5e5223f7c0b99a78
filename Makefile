# Everything runs from here; `make help` lists the targets.
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The newest Python of 3.11 and up that is found with its venv, one built with optimisations before others: those take
# half as long again. A system's own is built so whatever its flags say. PYTHON=... names another.
PROBE := import sys, ensurepip, venv, sysconfig; \
	fast = sys.base_prefix == "/usr" or "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS")); \
	sys.version_info < (3, 11) or print("fast" if fast else "plain", sys.executable)
PYTHON ?= $(shell for name in python3.14 python3.13 python3.12 python3.11 python3 /usr/bin/python3; do \
	$$name -c '$(PROBE)' 2>/dev/null; done | \
	awk '!found || $$1 == "fast" && !fast {found = $$2; fast = $$1 == "fast"} END {print found}')

# The version of the Python that .venv was made with stands in its .installed. Where that Python is gone or is another one
# now, or where PYTHON=... names one of another version, .venv is made anew.
VERSION := import sys; print("%d.%d" % sys.version_info[:2])
FOUND := $(shell $(BIN)/python -c '$(VERSION)' 2>/dev/null)
# What is missing in it, as scripts would say it: then it is made anew too, for pip takes what has its folder for installed.
LACKING := $(shell $(BIN)/python -c 'import sys; sys.path.insert(0, "src"); from foundation import environment; \
	print(environment.lacking())' 2>/dev/null)
WANTED := $(if $(filter file,$(origin PYTHON)),$(FOUND),$(shell "$(PYTHON)" -c '$(VERSION)' 2>/dev/null))

# The markers of tests that `make quick` leaves to `make test`; pyproject.toml says what they mean.
HEAVY := slow or script or browser or spark or reference or sdk or imports

SOURCES := $(shell find src viewer -name '*.py')

.DEFAULT_GOAL := help
.PHONY: help setup setup-quick setup-test simulate analyze reports serve quick test lint types unit docs screenshots clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(VENV)/.compiled ## create .venv with what the scripts need

setup-quick: $(VENV)/.installed-quick # what `make quick` needs: Python packages of a few MB each

setup-test: $(VENV)/.compiled $(VENV)/.installed-test ## add what the tests need: linters, Chromium, Java, FOCUS validator

ifneq ($(LACKING)$(WANTED) $(FOUND),$(shell cat $(VENV)/.installed $(VENV)/.installed 2>/dev/null))
.PHONY: $(VENV)/.installed
endif

$(VENV)/.installed: pyproject.toml setup.py checkout_backend.py constraints.txt
	@python="$(PYTHON)"; \
	test -n "$$python" || { echo "Python 3.11 or newer with its venv is needed: install it, or name it with 'make PYTHON=/path/to/python3 ...'."; exit 2; }; \
	if [ -e $(VENV)/pyvenv.cfg ] && [ "$$("$$python" -c '$(VERSION)')$(if $(LACKING),!)" != "$(FOUND)" ]; then clear=--clear; fi; \
	echo "Setting up $(VENV) with $$python ..." && "$$python" -m venv $$clear $(VENV)
	@$(PIP) install -c constraints.txt setuptools
	@$(PIP) install -c constraints.txt --no-build-isolation -e .
	@$(BIN)/python -c '$(VERSION)' > $@

# As installed packages are: else the first run compiles every module, and each run where Python may write none.
$(VENV)/.compiled: $(VENV)/.installed $(SOURCES)
	@$(BIN)/python -m compileall -qq src viewer || true
	@touch $@

$(VENV)/.installed-quick: $(VENV)/.installed
	@echo "Installing what the quick tests need ..."
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[quick]'
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed tests/install_tools.sh tests/focus_validator/install.sh tests/focus_validator/constraints.txt
	@echo "Installing what the tests need ..."
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[test]'
	@sh tests/install_tools.sh
	@sh tests/focus_validator/install.sh $(VENV)
	@touch $(VENV)/.installed-quick $@

simulate: setup ## write data/simulated_calls.csv: four traffic patterns
	@cd src && ../$(BIN)/python run_all_simulators.py

analyze: setup ## write the reports from data/simulated_calls.csv
	@cd src && ../$(BIN)/python run_all_analyzers.py

reports: setup ## the main job: simulate, analyze, say where to look
	@$(MAKE) --no-print-directory simulate
	@$(MAKE) --no-print-directory analyze
	@echo; echo "Open reports/html/index.html in a browser, or run 'make serve' and open http://localhost:8000"

serve: setup ## serve the reports at http://localhost:8000 and keep them fresh
	@cd viewer && ../$(BIN)/python serve.py

quick: setup-quick lint types ## style, types, the tests that need no browser, Spark, other process or whole import
	@$(BIN)/python -m pytest -n 2 --dist worksteal --durations 10 --durations-min 2 --hypothesis-profile quick \
		-m "not ($(HEAVY))"

test: setup-test lint types unit ## set-up and every check: style, types, tests

lint: setup-quick
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-quick
	@$(BIN)/mypy

unit: setup-test
	@$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

docs: setup-test ## renew what the documentation takes from the code
	@$(BIN)/python docs/generate.py

screenshots: setup-test ## pictures of all pages, and their prints, under screenshots/
	@$(BIN)/python benchmarks/screenshots.py

clean: ## remove the reports and the simulated calls; .venv stays
	@rm -rf reports/html reports/json reports/export reports/summary.txt screenshots data/simulated_calls.csv* data/.staged-*
