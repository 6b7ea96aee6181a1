#!/usr/bin/env bash
# Runs every test: format, lints, documentation, unit and integration tests on real Redis servers, the HTTP
# contract, licences, the highly available stack in containers. Installs missing programs. Stops at the first
# part that fails; the last lines show the result and the duration of each part.
#
#   scripts/test.sh [--quick]
#
#   --quick   no containers: everything except the highly available stack
#
# Without Docker the stack is skipped, and the last line lists it. With CI=true that is a failure.
#
# ACD_TEST_REDISJSON is the path of a RedisJSON module (rejson.so, 2.6 or later). With it, the tests on Redis
# run a second time on servers with the module, which store documents as JSON, as on Redis Enterprise 8.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

quick=false
for argument; do
  case $argument in
    --quick) quick=true ;;
    -h | --help)
      sed -n '2,/^set -/s/^# \{0,1\}//p' "$0"
      exit
      ;;
    *) die "unknown argument $argument: scripts/test.sh --help" ;;
  esac
done

work=$(mktemp -d)
current='' times=() skipped=()

# part NAME COMMAND…: runs one part. The run ends if the command fails.
part() {
  local begun=$SECONDS
  current=$1
  shift
  say "$current"
  "$@"
  times+=("$((SECONDS - begun)) $current")
  current=
}

# skip NAME REASON: records that a part is skipped.
skip() {
  say "SKIPPED: $1 ($2)"
  skipped+=("$1")
}

finish() {
  local code=$? entry
  rm -rf "$work"
  if [ ${#times[@]} -gt 0 ]; then
    say "duration of each part in seconds"
    for entry in "${times[@]}" "$SECONDS in total"; do
      printf '%6d  %s\n' "${entry%% *}" "${entry#* }" >&2
    done
  fi
  if [ "$code" -ne 0 ]; then
    say "FAILED (exit code $code): ${current:-before the first part}"
  else
    say "every test passed$([ ${#skipped[@]} -eq 0 ] || printf ', SKIPPED: %s' "${skipped[@]}")"
  fi
}
trap finish EXIT

programs() {
  local program
  need_cargo
  need_redis
  for program in redis-server redis-cli; do
    have "$program" || die "the tests need a program named $program in PATH"
  done
  have openssl || install openssl openssl openssl openssl openssl openssl
  have shellcheck || install shellcheck shellcheck ShellCheck shellcheck shellcheck shellcheck
}

# in_emulator COMMAND ARGUMENT…: runs a cargo command in the emulator's workspace.
in_emulator() {
  local command=$1
  shift
  cargo "$command" --locked --manifest-path redis-enterprise/emulator/Cargo.toml --target-dir "$target/emulator" "$@"
}

formats() {
  cargo fmt --all --check
  cargo fmt --manifest-path redis-enterprise/emulator/Cargo.toml --check
}

shell_scripts() {
  shellcheck --external-sources scripts/*.sh haproxy/*.sh redis-enterprise/*.sh redis-enterprise/verify/*.sh \
    redis-open-source/*.sh docs/examples/*.sh .ci/run
}

lints() {
  cargo clippy --workspace --all-targets --locked -- -D warnings
  in_emulator clippy --all-targets -- -D warnings
}

# --examples selects the features of the tests, with which the lints were compiled. With other features cargo
# would check the dependencies again.
rustdoc_pages() {
  RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --lib --examples --locked --quiet
}

# Compiles everything that the later parts run. They run the executables that this makes: for a package
# or a target alone cargo chooses other features, and compiles the dependencies again.
compile_tests() {
  cargo test --workspace --locked --no-run --message-format json-render-diagnostics >"$work/artifacts"
  stack=$(sed -n 's/.*"name":"stack".*"executable":"\([^"]*\)".*/\1/p' "$work/artifacts")
  [ -x "$stack" ] || die "cargo named no executable of the stack's tests"
  [ -n "${ACD_TEST_BINARY:-}" ] || {
    # A copy, because a later build may replace the original.
    cp "$target/debug/acd" "$work/acd"
    export ACD_TEST_BINARY=$work/acd
  }
}

tests_on_json() {
  case $ACD_TEST_REDISJSON in
    /*) [ -r "$ACD_TEST_REDISJSON" ] || die "ACD_TEST_REDISJSON: there is no file $ACD_TEST_REDISJSON" ;;
    *) die "ACD_TEST_REDISJSON must be an absolute path" ;;
  esac
  cargo test --workspace --locked --test store --test api --test dispatcher --test processes
}

dependencies() {
  cargo deny --workspace --config services/deny.toml check licenses bans sources
  cargo deny --manifest-path redis-enterprise/emulator/Cargo.toml --config services/deny.toml \
    check licenses bans sources
}

container_programs() {
  docker compose version >/dev/null 2>&1 || have docker-compose ||
    install "Docker Compose" docker-compose docker-compose-plugin docker-cli-compose docker-compose docker-compose
  have chromium || install chromium chromium chromium chromium chromium chromium
  have curl || install curl curl curl curl curl curl
  # The tests create network partitions with these.
  have iptables || install iptables iptables iptables iptables iptables iptables
  have nsenter || install nsenter util-linux util-linux util-linux util-linux util-linux
}

# A part of its own: it compiles for minutes, which is not part of the tests' start time.
base_images() {
  ACD_BUILD_PROFILE=quick scripts/base-images.sh --emulator >/dev/null
}

stack_tests() {
  ACD_TEST_STACK=1 "$stack"
}

part "required programs" programs
part "format" formats
part "scripts" shell_scripts
part "documents" scripts/check-docs.sh
part "lints" lints
part "documentation of the code" rustdoc_pages
part "compiling the tests" compile_tests
part "generated documents" scripts/generate-docs.sh --check
part "unit and integration tests" env -u ACD_TEST_REDISJSON cargo test --workspace --locked
part "tests of the emulator" in_emulator test
if [ -n "${ACD_TEST_REDISJSON:-}" ]; then
  part "integration tests with JSON documents" tests_on_json
else
  skip "integration tests with JSON documents" "ACD_TEST_REDISJSON is not set"
fi
part "HTTP contract" scripts/contract.sh
part "contract of the emulator of Redis Enterprise" scripts/contract-redis-enterprise.sh
part "examples" scripts/test-examples.sh

if have cargo-deny; then
  part "licences, bans and sources of the dependencies" dependencies
else
  skip "licences, bans and sources of the dependencies" "cargo-deny is not installed"
fi

containers="the highly available stack, in containers"
if $quick; then
  skip "$containers" "--quick"
elif have docker && docker info >/dev/null 2>&1; then
  part "required programs for the stack's tests" container_programs
  part "base images" base_images
  part "$containers" stack_tests
elif [ -n "${CI:-}" ]; then
  current=$containers
  die "Docker does not answer, so the highly available stack can't be tested: install or start Docker Engine"
else
  skip "$containers" "Docker does not answer"
fi
