# Two commands do everything on a fresh machine: `make map` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE :=  # what a test or a command starts need not compile the package anew
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))  # of tests; some wait for a browser
READY := $(VENV)/.ready

.PHONY: map demo-sources test lint fuzz attack audit wheel-test interop format bench mutants docs boundaries clean

map: $(READY)  ## Write the example pages into outputs/maps/
	$(BIN)/sahel-geo report --out outputs/maps

demo-sources: $(READY)  ## Play the weekly job against publishers on this machine, with invented rows
	$(BIN)/python tools/demo_sources.py outputs/demo-sources

test: $(READY)  ## Run the tests; ONLY="not browser" for some of them
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(if $(ONLY),-m "$(ONLY)")

lint: $(READY)  ## Style, types, who may import whom, and what lacks its French
	$(BIN)/ruff check .
	$(BIN)/ruff check --quiet --preview --select PLW1514 .  # systems differ in their encoding
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/catalogue.py check
	$(BIN)/python tools/check_advisories.py

fuzz: $(READY)  ## Feed the readers damaged files for an hour, guided by what their code reaches
	$(BIN)/python -m pip install --quiet --group fuzz --constraint tools/constraints.txt
	$(BIN)/python tests/fuzz/hours.py 3600

attack: $(READY)  ## Damaged files and bombs, as docs/security.md counts them
	$(BIN)/python -m tests.attack 10

wheel-test: $(READY)  ## From the wheel to a brief in an empty environment, and by pipx and uvx
	$(BIN)/python tools/wheel_test.py

interop: $(READY)  ## Open the exports in QGIS, GDAL, DuckDB, R and others; installs them where apt-get can
	bash tools/install_programs.sh
	$(BIN)/python -m pip install --quiet --group interop --constraint tools/constraints.txt
	$(BIN)/python -m pytest -rs tests/interoperability

audit: $(READY)  ## Ask the published databases for faults of what is installed; needs the network
	$(BIN)/python -m pip install --quiet --group audit --constraint tools/constraints.txt
	$(BIN)/pip-audit --requirement tools/constraints.txt --no-deps --disable-pip

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## Time the package beside its peers
	$(BIN)/python -m pip install --quiet --group bench --constraint tools/constraints.txt
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

mutants: $(READY)  ## Change the package in small ways and count what the tests notice; ONLY=file
	$(BIN)/python tools/mutants.py $(ONLY)

docs: $(READY)  ## Build the documentation into site/
	$(BIN)/python -m pip install --quiet --group docs --constraint tools/constraints.txt
	$(BIN)/python tools/render_notebooks.py
	$(BIN)/python tools/documentation/build.py site
	$(BIN)/python tools/documentation/links.py site
	$(BIN)/python tools/check_offline.py site

boundaries: $(READY)  ## Build the shipped boundaries again from their sources
	$(BIN)/python tools/build_boundaries.py

$(READY): pyproject.toml tools/constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say for example: make PYTHON=python3.12 map")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev --constraint tools/constraints.txt
	touch $(READY)

clean:
	rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .fuzz
