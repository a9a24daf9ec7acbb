# The commands of this house, and exactly what each of them does. `make` alone lists them.
#
# Nothing here needs preparation: a target installs what it needs on its first run and says so. Later runs see from
# stamps inside .venv/ and node_modules/ that nothing changed and start at once, without the network.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# The scripted day of `make day`.
PEOPLE ?= 30
KIOSKS ?= 2
OUTAGE ?= 1
FAULTS ?= 0
# A broker of the site's own in `make demo`.
HUB ?= 0
# The crash images of `make powercut`.
IMAGES ?= 50000
# The outages of `make bench`: one kiosk's records; many kiosks and the records of each; kiosks that reconnect at once.
BIG ?= 10000
MANY ?= 500
EACH ?= 200
CROWD ?= 2000
# Records a second while `make bench` looks at the acknowledgement's latency.
PER_S ?= 500
# The simulation of `make sim`.
SCHEDULES ?= 20000
# The messages of `make fuzz`.
INPUTS ?= 20000
# The schedules of `make clones`.
FORKS ?= 1000
CLEAN ?= 10000
# The orders of `make orders`.
PERMUTATIONS ?= 1000
# The slips of `make slips`.
SLIPS ?= 10000
# The runs over true processes of `make faults`.
RUNS ?= 20
# The rounds of `make kills`.
ROUNDS ?= 5
SEED ?= 1

BIN := .venv/bin
VENV := .venv/pinned.stamp
# tests/conftest.py says what stays on one worker and what begins first.
SPREAD := --dist=loadscope --no-loadscope-reorder --numprocesses
NODE := tests/protocol/node_modules/pinned.stamp
AXE := tests/browser/node_modules/pinned.stamp
STAGES := lint default real micropython

.PHONY: help setup machine demo day test lint bench units powercut sim faults kills mutants clones postgresql fuzz orders slips format pins weaknesses clean $(addprefix stage-,$(STAGES) integration browser)

help: ## List these targets.
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## Broker, server and two virtual kiosks on this machine, with a small province to try: HUB=1 adds a site's hub.
	@exec $(BIN)/python -m provisioning.demo --hub $(HUB)

day: setup ## A scripted day over real processes: PEOPLE=30 KIOSKS=2 OUTAGE=1 FAULTS=0; the last line is its account as JSON.
	@exec $(BIN)/python -m provisioning.day --people $(PEOPLE) --kiosks $(KIOSKS) --outage $(OUTAGE) --faults $(FAULTS)

test: setup ## Every check and every test: lint, the three speeds of pytest, and the protocol on MicroPython.
	@said=''; failed=0; \
	for stage in $(STAGES); do \
	  begun=$$SECONDS; outcome=passed; \
	  $(MAKE) --no-print-directory "stage-$$stage" || { outcome=FAILED; failed=1; }; \
	  said+="$$(printf '  %-12s %s, %d s' "$$stage" "$$outcome" "$$((SECONDS - begun))")"$$'\n'; \
	done; \
	printf '\nStages:\n%s' "$$said"; exit "$$failed"

lint: stage-lint ## Only the checks that run no test: ruff, mypy, import contracts.

stage-lint: $(VENV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# pytest's exit code 5 (nothing collected) is a failure too: a speed without tests is a broken suite.
stage-default: $(VENV)
	@$(BIN)/pytest $(SPREAD) 3

# Three workers keep two cores busy: tests wait for devices and timers. integration and browser share one pool.
stage-real: setup
	@$(BIN)/pytest $(SPREAD) 3 -m "(integration or browser) and not soak"

stage-integration: setup
	@$(BIN)/pytest $(SPREAD) 3 -m "integration and not soak"

stage-browser: setup
	@$(BIN)/pytest $(SPREAD) 3 -m browser

stage-micropython: setup
	@node tests/protocol/run_micropython.mjs

bench: setup ## Measure; the numbers and how they were taken stand in tests/bench/.
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.staff
	@exec $(BIN)/python -m tests.bench.backlog --big $(BIG) --many $(MANY) --each $(EACH) --crowd $(CROWD) --per-s $(PER_S)

sim: setup ## Simulated kiosks, wires and centre under planted faults: SCHEDULES=20000 SEED=1; the last line is JSON.
	@exec $(BIN)/python -m tests.simulation --schedules $(SCHEDULES) --seed $(SEED)

faults: setup ## True processes killed, frozen and cut off while people are served: RUNS=20 SEED=1; the last line is JSON.
	@exec $(BIN)/python -m tests.processes --runs $(RUNS) --seed $(SEED)

postgresql: setup ## The server's tests once more with PostgreSQL where they else have SQLite; make test has a choice of them on both.
	@TRAM_TESTS_ON=postgresql exec $(BIN)/pytest $(SPREAD) 2 tests/server

units: setup ## Install centre, kiosk and hub on machines with a real systemd, kill, hang and cut them: needs root.
	@exec $(BIN)/pytest -m soak tests/booted

kills: setup ## A centre in several processes on PostgreSQL, each killed in turn under load: ROUNDS=5; the last line is JSON.
	@exec $(BIN)/python -m tests.apart --rounds $(ROUNDS)

mutants: setup ## Plant every known bug into the simulation; fails unless each is caught. SEED=1.
	@exec $(BIN)/python -m tests.simulation.mutants --seed $(SEED)

clones: setup ## Copied cards: every planted fork found, no false alarm: FORKS=1000 CLEAN=10000 SEED=1; the last line is JSON.
	@exec $(BIN)/python -m tests.simulation.cloned --forks $(FORKS) --clean $(CLEAN) --seed $(SEED)

fuzz: setup ## Any bytes into ingest, planted bugs first: INPUTS=20000 SEED=1; the last line is JSON.
	@exec $(BIN)/python -m tests.fuzz --inputs $(INPUTS) --seed $(SEED)

orders: setup ## A day's records in many orders of arrival, the same tables each time: PERMUTATIONS=1000 SEED=1; the last line is JSON.
	@exec $(BIN)/python -m tests.orders --permutations $(PERMUTATIONS) --seed $(SEED)

slips: setup ## Slips drawn, spoiled, read back by the camera path, the register rebuilt from them: SLIPS=10000 SEED=1; the last line is JSON.
	@exec $(BIN)/python -m tests.slips --slips $(SLIPS) --seed $(SEED)

powercut: setup ## Build every disk a power cut could leave, open and judge it: IMAGES=50000 SEED=1.
	@exec $(BIN)/python -m tests.powercut --images $(IMAGES) --seed $(SEED)

format: $(VENV) ## Put the code into the house's layout and mend what ruff can mend by itself.
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

# Only the versions' hashes are written, never an address. PIP_CONFIG_FILE and PIP_FIND_LINKS are emptied because a
# local folder of wheels would leave the hashes of all other platforms out.
pins: export PIP_CONFIG_FILE := /dev/null
pins: export PIP_FIND_LINKS :=
pins: $(VENV) ## Choose newer versions of the pinned packages: requirements/*.in to *.txt.
	@cd requirements && for part in run dev; do \
	  ../$(BIN)/pip-compile --quiet --upgrade --strip-extras --generate-hashes --allow-unsafe --no-header \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --annotation-style line \
	    --output-file "$$part.txt" "$$part.in"; \
	  sed -i '/^#/d' "$$part.txt"; \
	done

weaknesses: $(VENV) ## Ask a list of known weaknesses about every pinned version: needs the network, and `pip install pip-audit` once.
	@$(BIN)/python -m pip_audit --version >/dev/null 2>&1 || { echo "pip-audit is not installed here: nothing was asked"; exit 1; }
	$(BIN)/python -m pip_audit --disable-pip --require-hashes --requirement requirements/run.txt

clean: ## Remove what was built, installed and recorded here; the repository's own files stay.
	rm -rf .venv tests/protocol/node_modules tests/browser/node_modules artefacts .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache .grimp_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +


# ---- set-up: what the machine must have, then what .venv and node_modules must have ----

setup: machine $(VENV) $(NODE) $(AXE)

# Debian packages, asked for by the command each one brings. PostgreSQL and mosquitto may start services of their own
# when installed; nothing here uses those: every test and the demo start their own, on ports of their own.
machine:
	@missing=''; \
	has() { command -v "$$@" >/dev/null 2>&1; }; \
	has mosquitto || [ -x /usr/sbin/mosquitto ] || missing+=' mosquitto'; \
	has chromium || has chromium-browser || has google-chrome || missing+=' chromium'; \
	has psql && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || has initdb || missing+=' postgresql'; \
	has node || missing+=' nodejs'; \
	has npm || missing+=' npm'; \
	has strace || missing+=' strace'; \
	{ PATH="$$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true; } | grep -q 'libzbar\.so\.0' || missing+=' libzbar0'; \
	[ -n "$$missing" ] || exit 0; \
	if ! has apt-get; then \
	  echo "Missing on this machine:$$missing. Without apt-get they cannot be installed from here; what needs them will say so." >&2; \
	  exit 0; \
	fi; \
	as_root=''; [ "$$(id -u)" = 0 ] || as_root='sudo'; \
	echo "Installing what this machine lacks:$$missing"; \
	export DEBIAN_FRONTEND=noninteractive; \
	$$as_root apt-get update -qq; \
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing </dev/null

# A linked folder belongs to another clone: making it anew from here would empty it for everybody there.
define not_through_a_link
if [ -L $(1) ]; then echo "$(1) is a link to $$(readlink -f $(1)), older than the pins here: renew it there." >&2; exit 1; fi
endef

# Debian's own Python where it is 3.11 or newer, as at sites: what a version manager builds from source runs a fourth slower. Else the
# first that really starts: a version manager may put a `python3.11` on the PATH that does not.
$(VENV): requirements/run.txt requirements/dev.txt
	@$(call not_through_a_link,.venv); \
	fits() { "$$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }; \
	whole() { "$$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }; \
	python=''; \
	for name in /usr/bin/python3 python3.11 python3 python3.12 python3.13; do \
	  if fits "$$name" && whole "$$name"; then python="$$name"; break; fi; \
	done; \
	for name in /usr/bin/python3 python3.11 python3 python3.12 python3.13; do \
	  if [ -z "$$python" ] && fits "$$name"; then python="$$name"; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Trạm needs Python 3.11 or newer; found: $$(python3 --version 2>&1 || echo none)." >&2; exit 1; \
	fi; \
	if ! whole "$$python"; then \
	  as_root=''; [ "$$(id -u)" = 0 ] || as_root='sudo'; \
	  echo 'Installing python3-venv'; \
	  $$as_root apt-get update -qq; \
	  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv </dev/null; \
	fi; \
	echo "Making .venv with $$("$$python" --version) and the pinned packages"; \
	"$$python" -m venv --clear .venv; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
	  --requirement requirements/run.txt --requirement requirements/dev.txt
	@touch $@

$(NODE): tests/protocol/package-lock.json | machine
	@$(call not_through_a_link,tests/protocol/node_modules)
	@echo 'Installing MicroPython for node'
	@cd tests/protocol && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

$(AXE): tests/browser/package-lock.json | machine
	@$(call not_through_a_link,tests/browser/node_modules)
	@echo 'Installing axe-core for the browser tests'
	@cd tests/browser && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@
