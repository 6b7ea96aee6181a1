# shellcheck shell=bash
# Shared functions of start.sh, stop.sh, status.sh, failover.sh and logs.sh, for the stack of compose.yaml and
# its settings. Sourced, not run.

# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

settings=$root/.env
# All profiles, so that Compose knows every service. Commands name the services that they start.
export COMPOSE_PROFILES=redis,sentinel,cluster,single,loadbalancer,rest,dispatcher,simulator,monitoring

# shellcheck disable=SC2034 # these are for those who source this
nodes=(re1 re2 re3) redis_nodes=(redis1 redis2 redis3) sentinels=(sentinel1 sentinel2 sentinel3) balancers=(lb1 lb2)
# shellcheck disable=SC2034
set_ups=(cluster-setup redis-setup)
# shellcheck disable=SC2034
emulator=acd-redis-enterprise-emulator

# compose ARGUMENT…: runs the installed Docker Compose (plugin or docker-compose) on this repository's stack.
compose() {
  if [ -z "${compose_program:-}" ]; then
    if docker compose version >/dev/null 2>&1; then
      compose_program="docker compose"
    elif have docker-compose; then
      compose_program=docker-compose
    else
      die "Docker Compose is not installed: install the plugin (https://docs.docker.com/compose/install/)"
    fi
  fi
  # Unquoted, because it may be two words.
  # shellcheck disable=SC2086
  (cd "$root" && $compose_program "$@")
}

# setting NAME [DEFAULT]: prints the value that Compose will use: that of the environment, else that of .env.
setting() {
  local value=${!1:-}
  if [ -z "$value" ] && [ -f "$settings" ]; then
    value=$(sed -n "s/^$1=//p" "$settings" | tail -n 1)
  fi
  printf '%s' "${value:-${2:-}}"
}

# keep NAME DEFAULT: adds a setting to .env unless it is already there.
keep() {
  [ -z "$(sed -n "s/^$1=./&/p" "$settings" 2>/dev/null)" ] || return 0
  append "$1" "$(setting "$1" "$2")"
}

# append NAME VALUE: appends a setting to .env. The file is readable by its owner only.
append() {
  # The last line may lack a line break.
  [ ! -s "$settings" ] || [ -z "$(tail -c 1 "$settings")" ] || echo >>"$settings"
  (umask 077 && printf '%s=%s\n' "$1" "$2" >>"$settings")
}

# put NAME VALUE: sets or replaces a setting in .env.
put() {
  [ "$(sed -n "s/^$1=//p" "$settings")" != "$2" ] || return 0
  forget "$1"
  append "$1" "$2"
}

# forget NAME…: removes settings from .env.
forget() {
  local name
  [ -f "$settings" ] || return 0
  for name; do
    sed -i.old "/^$name=/d" "$settings"
    rm -f "$settings.old"
  done
}

# containers SERVICE…: prints the ids of their containers, running or not. They are found by their labels,
# because versions of `compose ps` differ in which containers they list.
containers() {
  local service
  for service; do
    docker ps --all --quiet --no-trunc --filter "label=com.docker.compose.project=$(setting COMPOSE_PROJECT_NAME acd)" \
      --filter "label=com.docker.compose.service=$service" --filter label=com.docker.compose.oneoff=False
  done
}

# running SERVICE: whether it has a running container.
running() {
  local id
  for id in $(containers "$1"); do
    [ "$(docker inspect --format '{{.State.Running}}' "$id" 2>/dev/null)" != true ] || return 0
  done
  return 1
}

# holds_vip BALANCER: whether it has the virtual IP.
holds_vip() {
  compose exec -T "$1" ip -4 -oneline address show 2>/dev/null | grep -qF " $(setting ACD_VIP)/"
}

# Locks the stack: two of these scripts at the same time would interfere.
lock_stack() {
  have flock || return 0
  exec 9<"$root/compose.yaml"
  flock -n 9 || die "another start.sh, stop.sh or failover.sh is running on this stack: wait until it has finished"
}
