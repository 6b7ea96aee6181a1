#!/usr/bin/env bash
# Every test: format, lints, documentation, unit and integration tests on real Redis servers, the
# HTTP contract, licences, the highly available stack in containers. Installs what is missing; the
# first failure ends it. Where there is no Docker the stack is skipped, and that said; with CI=true
# it is a failure.
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

say "format"
cargo fmt --all --check

say "scripts"
shellcheck --external-sources scripts/*.sh haproxy/*.sh redis-enterprise/*.sh redis-enterprise/verify/*.sh redis-open-source/*.sh .ci/run

say "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings

say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet

say "unit and integration tests"
cargo test --workspace --locked

say "HTTP contract"
scripts/contract.sh

if have cargo-deny; then
  say "licences, bans and sources of the dependencies"
  cargo deny --workspace --config services/deny.toml check licenses bans sources
else
  say "SKIPPED: licences, bans and sources of the dependencies (there is no cargo-deny)"
fi

skipped=
if have docker && docker info >/dev/null 2>&1; then
  docker compose version >/dev/null 2>&1 || have docker-compose ||
    install "Docker Compose" docker-compose docker-compose-plugin docker-cli-compose docker-compose docker-compose
  have chromium || install chromium chromium chromium chromium chromium chromium
  have curl || install curl curl curl curl curl curl
  # The tests cut networks with them.
  have iptables || install iptables iptables iptables iptables iptables iptables
  have nsenter || install nsenter util-linux util-linux util-linux util-linux util-linux
  # What is compiled once takes minutes, and is no part of a start.
  scripts/base-images.sh >/dev/null
  say "the highly available stack, in containers"
  ACD_TEST_STACK=1 cargo test --locked --workspace --test stack -- --test-threads=1 --nocapture
elif [ -n "${CI:-}" ]; then
  die "there is no Docker, so the highly available stack can't be tested: install Docker Engine"
else
  skipped=", EXCEPT the highly available stack, for want of Docker"
  say "SKIPPED: the highly available stack in containers (there is no Docker that answers)"
fi

say "every test passed$skipped"
