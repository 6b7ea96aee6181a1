#!/usr/bin/env bash
# Every test: format, lints, documentation, unit and integration tests on real Redis servers, the
# HTTP contract, licences. Installs what is missing; the first failure ends it.
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
shellcheck --external-sources scripts/*.sh .ci/run

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

say "every test passed"
