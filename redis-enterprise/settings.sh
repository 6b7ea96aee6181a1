# shellcheck shell=bash disable=SC2034 # for those who source this
# What set-up.sh and verify/checks.sh share: messages, settings from the environment, node addresses.
# Sourced, not run.

say() {
  printf '==> %s\n' "$*"
}

warn() {
  printf '==> WARNING: %s\n' "$*"
}

die() {
  printf 'set-up: %s\n' "$*" >&2
  exit 1
}

for name in RE1_ADDRESS RE2_ADDRESS RE3_ADDRESS RE_ADMIN_PASSWORD RE_DATABASE_PASSWORD RE_HEALTH_PASSWORD; do
  [ -n "${!name:-}" ] || die "$name is not set: set it in .env"
done
export RE_CLUSTER_NAME=${RE_CLUSTER_NAME:-acd.local}
export RE_ADMIN_USER=${RE_ADMIN_USER:-admin@acd.local}
export RE_HEALTH_USER=${RE_HEALTH_USER:-balancer@acd.local}
export RE_ADMIN_PASSWORD RE_DATABASE_PASSWORD RE_HEALTH_PASSWORD
[ "$RE_HEALTH_USER" != "$RE_ADMIN_USER" ] \
  || die "RE_HEALTH_USER and RE_ADMIN_USER are the same: the balancer needs a user of its own"
for name in RE_CLUSTER_NAME RE_ADMIN_USER RE_ADMIN_PASSWORD RE_DATABASE_PASSWORD RE_HEALTH_USER RE_HEALTH_PASSWORD; do
  [[ ${!name} != *[[:cntrl:]]* ]] || die "$name has a line feed or another control character"
done
[[ ${RE_DATABASE_MEMORY:-1} =~ ^[1-9][0-9]{0,15}$ ]] \
  || die "RE_DATABASE_MEMORY=$RE_DATABASE_MEMORY is no number of bytes"
[[ ${RE_NODE_DEADLINE:-300} =~ ^[1-9][0-9]{0,4}$ ]] \
  || die "RE_NODE_DEADLINE=$RE_NODE_DEADLINE is no number of seconds"

nodes=("$RE1_ADDRESS" "$RE2_ADDRESS" "$RE3_ADDRESS")
first=$RE1_ADDRESS

# service_of ADDRESS: the Compose service that has this address.
service_of() {
  local number=1 address
  for address in "${nodes[@]}"; do
    [ "$address" != "$1" ] || printf 're%d' "$number"
    number=$((number + 1))
  done
}
