# Everything lives in .venv; nothing global is touched, no root is needed.
PYTHON ?= python3
PORT ?= 8000
MARKET ?= okx:BTC/USDT:USDT
UV_VERSION := 0.13.9
BIN := .venv/bin
OPS_PACKAGES := prometheus buildah debootstrap
UV := UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv

# What the service depends on, by name, and the licences that let it do so.
DEPENDENCIES = $(UV) export --quiet --frozen --no-default-groups --extra collect --no-hashes \
	--no-emit-project --no-annotate --no-header | sed 's/[=; ].*//' | sort -u
LICENCES := MIT;Apache;BSD;PSF-2.0;Python Software Foundation License;Mozilla Public License 2.0;MPL-2.0

# No test uses these plugins, and loading them takes seconds in each process.
PYTEST_PLUGINS := -p no:schemathesis -p no:faker

FUZZ_EXAMPLES ?= 1000
FUZZ_SECONDS ?= 120
FUZZ_SEEDS ?= 1 2 3

.PHONY: help run run-redis run-collectors collect score test fuzz soak ops-test check lint types law audit licences sbom bench bench-million \
	bench-http bench-servers bench-store bench-scrape bench-imports mutation generated picture clean

help:  ## Say what there is to make.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

run: .venv/service  ## Serve on port 8000 (PORT=… for another) with the in-memory store.
	@echo "Once the server says it is running, paste this into another terminal:"
	@echo
	@echo "curl -s localhost:$(PORT)/score -H 'content-type: application/json' -d '$$(tr -s '\n ' ' ' < openapi/examples/score.request.json)'"
	@echo
	@exec $(BIN)/adlrisk serve --port $(PORT)

run-redis: .venv/tests  ## Serve with a Redis of its own, for a look: two replicas, on PORT and the port after it.
	@PYTHONPATH=tests exec $(BIN)/python tests/support/two_replicas.py $(PORT)

run-collectors: .venv/tests  ## Run two collectors, a made-up venue, a Redis and the service, for a look, from PORT on.
	@PYTHONPATH=tests exec $(BIN)/python tests/support/two_collectors.py $(PORT)

collect: .venv/collect  ## Show what would go on record of MARKET (okx:BTC/USDT:USDT), asking the venue once.
	@$(BIN)/adlrisk collect --once --market $(MARKET)

score: .venv/service  ## Score the worked example without a server.
	@$(BIN)/adlrisk score openapi/examples/score.request.json

test: .venv/tests  ## Run all tests, several at a time (TEST_OPTIONS="-n 0" for one after the other).
	$(BIN)/python -m pytest -n auto --maxschedchunk=2 $(PYTEST_PLUGINS) $(TEST_OPTIONS)

fuzz: .venv/fuzz  ## Fuzz for half an hour or so (FUZZ_EXAMPLES=1000 FUZZ_SECONDS=120 FUZZ_SEEDS="1 2 3").
	@set -e; for seed in $(FUZZ_SEEDS); do echo "requests drawn from the types, seed $$seed"; \
	  FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest tests/fuzz -q --hypothesis-seed=$$seed; done
	@mkdir -p .fuzz; if $(BIN)/python -c 'import atheris' 2>/dev/null; then set -e; for seed in $(FUZZ_SEEDS); do \
	  echo "led by coverage, seed $$seed, $(FUZZ_SECONDS) s"; PYTHONPATH=tests \
	  $(BIN)/python tests/support/fuzz/coverage_guided.py $(FUZZ_SECONDS) $$seed .fuzz/corpus > .fuzz/log 2>&1 \
	  || { tail -50 .fuzz/log; exit 1; }; grep -E 'DONE|stat::' .fuzz/log; done; \
	  else echo "atheris has no wheel here: left out"; fi
	@set -e; for seed in $(FUZZ_SEEDS); do echo "schemathesis without a socket, seed $$seed"; \
	  FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest tests/support/contract/in_process.py -q \
	  --hypothesis-seed=$$seed; done
	@PYTHONPATH=tests $(BIN)/python tests/support/contract/campaign.py $$(($(FUZZ_EXAMPLES) / 10)) $(FUZZ_SEEDS)

ops-test: .venv/tests  ## Test dashboard, rules, chart and image (as root, with Debian's packages).
	@command -v prometheus promtool >/dev/null || { echo "ops-test needs Debian's packages: $(OPS_PACKAGES)"; exit 1; }
	$(BIN)/python -m pytest helm/tests -n 3 --dist loadfile $(PYTEST_PLUGINS)

soak: .venv/tests  ## Break things under load for three minutes; every answer is checked (SOAK_SECONDS=… for longer).
	@PYTHONPATH=tests exec $(BIN)/python tests/support/soak/soak.py

check: lint types law  ## Lint, types and import law.

lint: .venv/tools
	$(UV) lock --check --quiet
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: .venv/tools
	$(BIN)/mypy

law: .venv/tools
	$(BIN)/lint-imports

audit: .venv/audit  ## Look for weaknesses in the code and the workflows, and at the licences of all dependencies.
	$(BIN)/bandit --quiet --recursive service
	$(BIN)/zizmor --offline --quiet .github
	@$(BIN)/pip-licenses --python $(BIN)/python --packages $$($(DEPENDENCIES)) \
	  --partial-match --allow-only="$(LICENCES)" > /dev/null && echo "Licences: all among $(LICENCES)"

licences: .venv/audit  ## List the licences of everything the service depends on.
	@$(BIN)/pip-licenses --python $(BIN)/python --packages $$($(DEPENDENCIES)) --order license | cut -c1-80 | grep -E '^ [A-Za-z]'

sbom: .venv/uv-$(UV_VERSION)  ## Print the SBOM (CycloneDX) of what the service is locked to.
	@$(UV) export --quiet --frozen --no-default-groups --format cyclonedx1.5 --preview-features sbom-export

bench: .venv/service  ## Measure books against the floor (SIZES="1000 100000" for some sizes).
	$(BIN)/python benchmarks/books.py $(SIZES)
	$(BIN)/python benchmarks/allocation.py $(SIZES)

bench-http: .venv-bench/made  ## Measure POST /score over HTTP against its peers (ROUNDS=5 SECONDS_EACH=4).
	.venv-bench/service/bin/python benchmarks/http_peers.py

bench-servers: .venv-bench/made  ## Measure the servers, loops and parsers there are to choose from.
	.venv-bench/service/bin/python benchmarks/http_peers.py servers

bench-store: .venv/tests  ## Score while Redis is killed, stopped and slow; report latency and failures.
	PYTHONPATH=tests $(BIN)/python benchmarks/store.py

bench-scrape: .venv/service  ## Score while the metrics are read; report latency.
	$(BIN)/python benchmarks/scrape.py

bench-imports: .venv/service  ## Measure what importing the library costs.
	$(BIN)/python benchmarks/imports.py

bench-million: .venv/service  ## Rank a million positions (COUNT=… others) while scoring; report latency and memory.
	$(BIN)/python benchmarks/million.py $(COUNT)

generated: .venv/tests  ## Write what is generated anew: the OpenAPI document, examples, docs tables and picture.
	$(BIN)/python openapi/write.py
	PYTHONPATH=tests $(BIN)/python docs/write.py
	$(BIN)/python docs/draw.py
	PYTHONPATH=helm $(BIN)/python -m dashboard.grafana
	$(BIN)/python helm/chart_readme.py

mutation: .venv/mutation  ## Mutate the domain and print the mutants that no test notices.
	$(BIN)/python tests/support/mutation_score.py

picture: .venv/tests  ## Draw the dashboard with the data of six minutes of load (needs prometheus).
	PYTHONPATH=helm:helm/tests:tests $(BIN)/python helm/tests/draw_dashboard.py

clean:  ## Remove the environment and all caches.
	rm -rf .venv .venv-bench .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache .soak .mutation

# The environment is made with pip alone, so that a Python without ensurepip will do.
.venv/uv-$(UV_VERSION):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "adlrisk needs Python 3.11 or newer")'
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/service: .venv/uv-$(UV_VERSION) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups
	@touch $@

.venv/collect: .venv/uv-$(UV_VERSION) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --extra collect
	@touch $@ .venv/service

.venv/tests: .venv/uv-$(UV_VERSION) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --extra collect --group test
	@touch $@ .venv/service

.venv/fuzz: .venv/uv-$(UV_VERSION) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --extra collect --group fuzz
	@touch $@ .venv/tests .venv/service

.venv/audit: .venv/uv-$(UV_VERSION) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --group audit
	@touch $@ .venv/service

.venv/tools: .venv/uv-$(UV_VERSION) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --extra collect --group dev
	@touch $@ .venv/tests .venv/service

# Apart from all else, so that no test ever finds a peer there, and each peer only what it needs.
.venv-bench/made: .venv/uv-$(UV_VERSION) pyproject.toml uv.lock
	UV_PROJECT_ENVIRONMENT=.venv-bench/service $(BIN)/uv sync --frozen --quiet --no-default-groups --group bench-granian
	UV_PROJECT_ENVIRONMENT=.venv-bench/fastapi $(BIN)/uv sync --frozen --quiet --no-default-groups --group bench-fastapi
	@touch $@

.venv/mutation: .venv/uv-$(UV_VERSION) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --extra collect --group mutation
	@touch $@ .venv/tests .venv/service
