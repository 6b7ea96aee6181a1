#!/usr/bin/env bash
# Builds acd and runs API, dispatcher and their own Redis on this machine:
#
#   scripts/standalone.sh [--listen 127.0.0.1:8000] [--data-dir ./acd-data] [--redis-url URL] …
#
# Installs Redis and a C compiler if they are missing; needs Rust 1.90 or later. All arguments are passed to
# `acd standalone`, which replaces the process of this script and so receives its signals.
#
# The first run compiles for two to three minutes on two cores, with the cargo profile `quick`.
# ACD_BUILD_PROFILE=release builds the same binary as the images. That takes longer to compile, and a request
# then needs about three quarters of the processor time.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

profile=${ACD_BUILD_PROFILE:-quick}
case $profile in
  quick | release) ;;
  *) die "ACD_BUILD_PROFILE=$profile: must be quick or release" ;;
esac
case " ${ACD_REDIS_URL:+--redis-url} $* " in
  *" --redis-url"* | *" --redis-server"* | *" --help "* | *" -h "*) ;; # no Redis is started
  *) need_redis ;;
esac
need_cargo

cargo build --profile "$profile" --locked --package acd-cli --manifest-path "$root/Cargo.toml"
exec "$target/$profile/acd" standalone "$@"
