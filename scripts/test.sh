#!/usr/bin/env bash
# Every test: format, lints, documentation, unit and integration tests on real Redis servers, the
# HTTP contract, licences, the highly available stack in containers. Installs what is missing; the
# first failure ends it. Where there is no Docker the stack is skipped, and that said; with CI=true
# it is a failure.
#
# ACD_TEST_REDISJSON names the file of a RedisJSON module (rejson.so, 2.6 or later): the tests on Redis
# then run once more, on servers that load it, so that documents are JSON as on Redis Enterprise 8.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

need_cargo
need_redis
for program in redis-server redis-cli; do
  have "$program" || die "the tests run $program by this name"
done
have openssl || install openssl openssl openssl openssl openssl openssl
have shellcheck || install shellcheck shellcheck ShellCheck shellcheck shellcheck shellcheck

# in_emulator COMMAND ARGUMENT …: of cargo, in the emulator's workspace.
in_emulator() {
  local command=$1
  shift
  cargo "$command" --locked --manifest-path redis-enterprise/emulator/Cargo.toml --target-dir "$target/emulator" "$@"
}

say "format"
cargo fmt --all --check
cargo fmt --manifest-path redis-enterprise/emulator/Cargo.toml --check

say "scripts"
shellcheck --external-sources scripts/*.sh haproxy/*.sh redis-enterprise/*.sh redis-open-source/*.sh .ci/run

say "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings
in_emulator clippy --all-targets -- -D warnings

say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet

skipped=
say "unit and integration tests"
env -u ACD_TEST_REDISJSON cargo test --workspace --locked
in_emulator test

if [ -n "${ACD_TEST_REDISJSON:-}" ]; then
  case $ACD_TEST_REDISJSON in
    /*) [ -r "$ACD_TEST_REDISJSON" ] || die "ACD_TEST_REDISJSON: there is no file $ACD_TEST_REDISJSON" ;;
    *) die "ACD_TEST_REDISJSON is a path that begins with /" ;;
  esac
  say "integration tests with JSON documents"
  cargo test --workspace --locked --test store --test api --test dispatcher --test e2e
else
  skipped+=", EXCEPT those with JSON documents, for want of ACD_TEST_REDISJSON"
  say "SKIPPED: the integration tests with JSON documents (ACD_TEST_REDISJSON names no RedisJSON module)"
fi

say "HTTP contract"
scripts/contract.sh

say "contract of the Redis Enterprise emulator"
scripts/contract-redis-enterprise.sh

if have cargo-deny; then
  say "licences, bans and sources of the dependencies"
  cargo deny --workspace --config services/deny.toml check licenses bans sources
  cargo deny --manifest-path redis-enterprise/emulator/Cargo.toml --config services/deny.toml \
    check licenses bans sources
else
  say "SKIPPED: licences, bans and sources of the dependencies (there is no cargo-deny)"
fi

if have docker && docker info >/dev/null 2>&1; then
  docker compose version >/dev/null 2>&1 || have docker-compose ||
    install "Docker Compose" docker-compose docker-compose-plugin docker-cli-compose docker-compose docker-compose
  have chromium || install chromium chromium chromium chromium chromium chromium
  have curl || install curl curl curl curl curl curl
  # The tests cut networks with them.
  have iptables || install iptables iptables iptables iptables iptables iptables
  have nsenter || install nsenter util-linux util-linux util-linux util-linux util-linux
  # What is compiled once takes minutes, and is no part of a start.
  scripts/base-images.sh --emulator >/dev/null
  say "the highly available stack, in containers"
  ACD_TEST_STACK=1 cargo test --locked --workspace --test stack -- --test-threads=1 --nocapture
elif [ -n "${CI:-}" ]; then
  die "there is no Docker, so the highly available stack can't be tested: install Docker Engine"
else
  skipped+=", EXCEPT the highly available stack, for want of Docker"
  say "SKIPPED: the highly available stack in containers (there is no Docker that answers)"
fi

say "every test passed$skipped"
