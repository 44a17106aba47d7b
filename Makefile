# Everything a person runs. Each target does its own set-up; `make` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

export PATH := $(CURDIR)/.cache/tools/bin:$(PATH):$(HOME)/.cargo/bin

TARGET := $(or $(CARGO_TARGET_DIR),target)
BENCH := rig/benches/numbers
# What a change is judged by is the same for every change; by hand the property tests draw anew each time.
SEEDED := PROPTEST_RNG_SEED=1

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## Build once, then see it work: two issues become two live changes (ARGS="--json" is passed on)
	@bin/rig demo $(ARGS) || (($$? == 130)) # Ctrl-C is how it ends

.PHONY: up
up: build ## Build once, then run the Rig in the foreground until Ctrl-C (ARGS="--fresh" is passed on)
	@bin/rig up $(ARGS) || (($$? == 130)) # Ctrl-C is how it ends

.PHONY: build
build: ## Build bin/rig (release)
	@test -e $(TARGET)/release/rig || echo "First build: about 5 minutes on two cores and 1.5 GB of disk (once)."
	cargo build --release --locked --package rig
	@mkdir -p bin && cp $(TARGET)/release/rig bin/.rig.new && mv bin/.rig.new bin/rig

.PHONY: test
test: tools-test tools-bench ## Run every test, and the benchmark at a hundredth of its size
	@test -e $(TARGET)/debug/deps || echo "First build of the tests: about 6 minutes on two cores and 4 GB of disk (once)."
	cargo test --workspace --doc --locked --quiet
	$(SEEDED) cargo nextest run --workspace --locked
	$(if $(wildcard $(BENCH)),cargo test --workspace --bench numbers --locked -- --scale 0.01)

.PHONY: lint
lint: tools-lint fmt words deny shear clippy rustdoc ## Check format, words, licences, unused dependencies, clippy and docs

.PHONY: docs
docs: tools-test ## Write the generated docs anew
	UPDATE_DOCS=1 cargo nextest run --workspace --locked -E 'test(/generated/)'

.PHONY: bench
bench: tools-bench ## Measure against raw NATS, raw SQL and probot (release build; table, and target/bench.json)
	cargo bench --package rig --bench numbers --locked

.PHONY: soak
soak: tools-test ## Run the soak tests at full size (an hour; memory and disk in proportion)
	RIG_SOAK=full cargo nextest run --workspace --locked --profile soak -E 'test(/(^|::)soak_slice_/)'

.PHONY: sqlx
sqlx: ## Write the SQL metadata in .sqlx anew, from the migrations
	tools/sqlx-prepare

.PHONY: tools
tools: tools-lint tools-test tools-bench ## Install the pinned programs and corpora under .cache/
	@echo "tools: all in place under .cache/"

# The parts of the above, for those who want one.

.PHONY: tools-lint tools-test tools-bench fmt words deny shear clippy rustdoc
tools-lint:
	@tools/install lint

tools-test:
	@tools/install test

tools-bench:
	@tools/install bench

fmt:
	@cargo fmt --all -- --check -l || { echo "the files above are not formatted: run cargo fmt"; exit 1; }

words:
	tools/check-words

deny: tools-lint
	cargo deny --log-level error --locked check licenses bans sources

shear: tools-lint
	cargo shear --locked

clippy:
	cargo clippy --workspace --all-targets --locked -- -D warnings

rustdoc:
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked
