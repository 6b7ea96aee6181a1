# An index of the commands of this repository: `just --list`. Each recipe is one command, so just is
# not needed to run it (https://just.systems).

# Lists the recipes
default:
    @just --list

# Builds acd and runs API, dispatcher and a Redis of their own on this machine
[group('run')]
standalone *arguments:
    scripts/standalone.sh {{ arguments }}

# Plays forty agents and a hundred callers against the API at ACD_URL
[group('run')]
simulate *arguments:
    cargo run --profile quick --locked --package acd-cli -- simulator run {{ arguments }}

# Starts the highly available stack, or changes it: just start --data sentinel
[group('stack')]
start *arguments:
    scripts/start.sh {{ arguments }}

# Shows the stack on one screen
[group('stack')]
status:
    scripts/status.sh

# Shows the logs of the containers: just logs --follow api
[group('stack')]
logs *arguments:
    scripts/logs.sh {{ arguments }}

# Makes another node the primary of the data
[group('stack')]
failover *arguments:
    scripts/failover.sh {{ arguments }}

# Checks a running Redis Enterprise, and writes the report that a bug report needs
[group('stack')]
verify *arguments:
    redis-enterprise/verify.sh {{ arguments }}

# Stops the stack; with --volumes also removes its data
[group('stack')]
stop *arguments:
    scripts/stop.sh {{ arguments }}

# Runs every test; with --quick all but those in containers
[group('test')]
test *arguments:
    scripts/test.sh {{ arguments }}

# Checks format and lints
[group('test')]
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Checks the shell scripts
[group('test')]
shellcheck:
    shellcheck --external-sources scripts/*.sh haproxy/*.sh redis-enterprise/*.sh redis-open-source/*.sh .ci/run docs/examples/*.sh

# Runs one test: just one acd-api contacts::
[group('test')]
one package *filter:
    cargo test --locked --package {{ package }} -- --nocapture {{ filter }}

# Runs the tests in containers, or some of them: just stack-test sentinel::
[group('test')]
stack-test *filter:
    ACD_TEST_STACK=1 cargo test --locked --workspace --test stack -- {{ filter }}

# Tests the HTTP API against its own OpenAPI document
[group('test')]
contract *arguments:
    scripts/contract.sh {{ arguments }}

# Reads the emulator of Redis Enterprise with the vendor's own client
[group('test')]
contract-redis-enterprise:
    scripts/contract-redis-enterprise.sh

# Runs the examples of docs/examples
[group('test')]
examples:
    scripts/test-examples.sh

# Checks the links of the documentation
[group('test')]
docs:
    scripts/check-docs.sh

# Checks licences, bans and sources of the dependencies
[group('test')]
licences:
    cargo deny --workspace --config services/deny.toml check licenses bans sources

# Writes the OpenAPI document of the API to the committed file
[group('make')]
openapi:
    cargo run --quiet --locked --package acd-cli -- openapi > target/openapi.json
    mv target/openapi.json services/acd-api/openapi.json

# Writes the tables of docs/reference that are made from the code
[group('make')]
generate-docs *arguments:
    scripts/generate-docs.sh {{ arguments }}

# Builds the documentation of the crates
[group('make')]
rustdoc:
    cargo doc --workspace --no-deps --locked

# Makes what the images are built from, also without a registry
[group('make')]
base-images:
    scripts/base-images.sh

# Measures what routing costs; takes about eight minutes
[group('measure')]
bench:
    scripts/bench.sh

# Measures what durability and more shards cost; takes about three minutes
[group('measure')]
bench-data *rounds:
    scripts/bench-data.sh {{ rounds }}
