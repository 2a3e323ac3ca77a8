# `make demo` and `make test` are all a new machine needs: Python 3.11 or later, git and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
LOCK   := requirements/dev.txt

.PHONY: help setup demo claims test test-slow test-browser screenshots verification fuzz kill-test mutants wheel-check check format docs notebooks forecasts posteriors self-check repeatability lock clean

help:            ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP)  ## make .venv with calor and its dev extra, from the hashed lock

$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("calor needs Python 3.11 or later, this is " + sys.version.split()[0] + "; name another with: make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup      ## predict the LIPS trial of immunoglobulin in long-standing CRPS
	$(BIN)/calor trial goebel-2017-lips

claims: setup    ## freeze the answers to the ten claims anew (POSTERIOR=name or file)
	$(BIN)/calor claims --run $(if $(POSTERIOR),--posterior $(POSTERIOR)) --out src/calor/trial/claims/answers.json

test: setup      ## run the tests (about 15 minutes at most on 2 cores)
	$(BIN)/python -m pytest -n 2

test-slow: setup ## run the long tests too
	$(BIN)/python -m pytest -n 2 -m "not browser"

test-browser: setup ## click through every page in Debian's Chromium, its reports too, and try the API with 1,000s of requests
	@test -x /usr/bin/chromium || { echo "Debian's Chromium is missing: sudo apt-get install --no-install-recommends chromium"; exit 1; }
	$(BIN)/python -c 'import playwright, axe_playwright_python, schemathesis' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/browser.txt
	$(BIN)/python -m pytest -m browser tests/browser

screenshots: setup ## take the screenshots of the documentation anew (after make test-browser)
	$(BIN)/python -m scripts.browser.screenshots

verification: setup ## count the tests and the numbers of other tools, for the reports
	$(BIN)/python -m scripts.verification

fuzz: setup      ## give the readers and the command line 10,000 mutated inputs (INPUTS=n; a few minutes)
	CALOR_FUZZ_INPUTS=$(or $(INPUTS),10000) $(BIN)/python -m pytest -n 2 tests/fuzz

kill-test: setup ## kill 1,000 small runs at random moments and resume each (KILLS=n; about an hour on 2 cores)
	$(BIN)/python -m scripts.kill_test --kills $(or $(KILLS),1000)

mutants: setup   ## break the code in small ways: do tests notice? (hours; MUTANTS=200 a sample, MODULE=bank one module)
	$(BIN)/python -c 'import cosmic_ray' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/mutants.txt
	$(BIN)/python -m scripts.mutants $(if $(MUTANTS),--sample $(MUTANTS)) $(if $(MODULE),--only $(MODULE))

check: setup     ## format, lint, types, import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup    ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup      ## build the documentation into docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

notebooks: setup ## run the notebooks of the documentation anew (NOTEBOOK=name one of them; about two minutes)
	$(BIN)/python -m scripts.documentation.notebooks $(NOTEBOOK)

wheel-check: setup ## install the wheel into empty environments, Python 3.11 to 3.13 where there is one, and use it
	$(BIN)/python -m scripts.wheel_check $(INTERPRETERS)

forecasts: setup ## forecast every published and registered trial, frozen in a file of today (about 5 minutes)
	$(BIN)/calor trials --freeze src/calor/trial/forecast/frozen

posteriors: setup ## fit the shipped posteriors again (about an hour on 2 cores; goes on where it was stopped)
	$(BIN)/calor calibrate --for validation --out calibration
	cp calibration/posterior.parquet src/calor/population/posteriors/validation.parquet
	cp calibration/report.json src/calor/population/posteriors/validation.json
	$(BIN)/calor calibrate --for product --earlier calibration --out calibration-product
	cp calibration-product/posterior.parquet src/calor/population/posteriors/product.parquet
	cp calibration-product/report.json src/calor/population/posteriors/product.json
	$(BIN)/calor calibrate --known-before 2013 --out calibration-2012
	cp calibration-2012/posterior.parquet src/calor/population/posteriors/known-before-2013.parquet

repeatability: setup ## do whole fits with two other seeds say the same? (about half an hour)
	$(BIN)/calor calibrate --out calibration
	$(BIN)/calor calibrate --seed 2 --out calibration-2
	$(BIN)/calor calibrate --seed 3 --out calibration-3
	$(BIN)/python scripts/calibration/repeatability.py calibration calibration-2 calibration-3

self-check: setup ## does the calibration find the truth of 200 synthetic data sets? (about half an hour)
	$(BIN)/python scripts/calibration/self_check.py --data-sets 200
	$(BIN)/python scripts/calibration/refit_check.py --refits 5

lock:            ## renew the lock files (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --output-file requirements/dev.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --output-file requirements/core.txt
	uv pip compile pyproject.toml --extra browser --constraint requirements/dev.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --output-file requirements/browser.txt
	uv pip compile pyproject.toml --extra mutants --constraint requirements/dev.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --output-file requirements/mutants.txt

clean:           ## remove what was built
	rm -rf $(VENV) build dist docs/_build .pytest_cache .mypy_cache .ruff_cache
