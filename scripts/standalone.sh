#!/usr/bin/env bash
# Builds acd and runs API, dispatcher and a Redis of their own on this machine:
#
#   scripts/standalone.sh [--listen 127.0.0.1:8000] [--data-dir ./acd-data] [--redis-url URL] …
#
# What is missing is installed first (Redis, a C compiler); Rust has to be there. All arguments are
# those of `acd standalone`, which replaces this script once it is built: signals reach it.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case " ${ACD_REDIS_URL:+--redis-url} $* " in
  *" --redis-url"* | *" --redis-server"* | *" --help "* | *" -h "*) ;; # no Redis of ours is needed
  *) need_redis ;;
esac
need_cargo

cargo build --release --locked --package acd-cli --manifest-path "$root/Cargo.toml"
exec "$target/release/acd" standalone "$@"
