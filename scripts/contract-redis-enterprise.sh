#!/usr/bin/env bash
# Tests the contract of the Redis Enterprise emulator: the vendor's typed client reads a cluster of one node,
# which runs here without a container. Uses the emulator's ports on this machine for some seconds.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

address=127.0.0.1

need_cargo
need_redis
need_venv "$target/contract-redis-enterprise-venv" scripts/requirements-redis-enterprise.txt
cargo build --locked --manifest-path redis-enterprise/emulator/Cargo.toml --target-dir "$target/emulator"

# The ports of the node and of its database.
for port in 3333 3334 8443 9443 12000 20001 20002; do
  if (: <"/dev/tcp/$address/$port") 2>/dev/null; then
    die "port $port is in use: stop the process that listens there (a Redis Enterprise or an emulator)"
  fi
done

work=$(mktemp -d)
node=
finish() {
  local code=$?
  if [ -n "$node" ] && kill "$node" 2>/dev/null; then
    wait "$node" || true
  fi
  if [ "$code" -ne 0 ]; then
    printf '\nThe last lines of the log:\n' >&2
    tail -n 20 "$work/log.txt" >&2
  fi
  rm -rf "$work"
}
trap finish EXIT

# With the RedisJSON module, the emulator's databases support JSON, as those of the product.
[ -z "${ACD_TEST_REDISJSON:-}" ] || export RE_REDISJSON=$ACD_TEST_REDISJSON
mkdir "$work/persist" "$work/log" "$work/config"
RE_PERSIST_DIR=$work/persist RE_LOG_DIR=$work/log RE_CONFIG_DIR=$work/config \
  RE_REDIS_SERVER=$(redis_program) RE_START_SECONDS=0 RE_NODE_ADDRESS=$address \
  "$target/emulator/debug/redis-enterprise-emulator" >"$work/log.txt" 2>&1 &
node=$!

RE_ADDRESS=$address RE_DATABASE_FILE=redis-enterprise/database.json \
  "$venv/bin/python" scripts/contract-redis-enterprise.py
