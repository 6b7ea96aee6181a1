#!/usr/bin/env bash
# Builds acd and runs API, dispatcher and a Redis of their own on this machine:
#
#   scripts/standalone.sh [--listen 127.0.0.1:8000] [--data-dir ./acd-data] [--redis-url URL] …
#
# What is missing is installed first (Redis, a C compiler); Rust 1.90 or later has to be there. All
# arguments are those of `acd standalone`, which replaces this script once it is built: signals reach it.
#
# The cargo profile `quick` builds it: on two cores a first run compiles for two to three minutes.
# ACD_BUILD_PROFILE=release builds what the images contain: that compiles longer, and a request then takes
# about three quarters of the processor time.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

profile=${ACD_BUILD_PROFILE:-quick}
case $profile in
  quick | release) ;;
  *) die "ACD_BUILD_PROFILE=$profile: quick or release" ;;
esac
case " ${ACD_REDIS_URL:+--redis-url} $* " in
  *" --redis-url"* | *" --redis-server"* | *" --help "* | *" -h "*) ;; # no Redis of ours is needed
  *) need_redis ;;
esac
need_cargo

cargo build --profile "$profile" --locked --package acd-cli --manifest-path "$root/Cargo.toml"
exec "$target/$profile/acd" standalone "$@"
