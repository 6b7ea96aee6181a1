# shellcheck shell=bash
# What start.sh, stop.sh, status.sh, failover.sh and logs.sh share: the stack of compose.yaml and its settings.
# Sourced, not run.

# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

settings=$root/.env
# Every profile, so that Compose sees every service; those to start are always named.
export COMPOSE_PROFILES=redis,sentinel,cluster,single,loadbalancer,rest,dispatcher,simulator,monitoring

# shellcheck disable=SC2034 # these are for those who source this
nodes=(re1 re2 re3) redis_nodes=(redis1 redis2 redis3) sentinels=(sentinel1 sentinel2 sentinel3) balancers=(lb1 lb2)
# shellcheck disable=SC2034
set_ups=(cluster-setup redis-setup)
# shellcheck disable=SC2034
emulator=acd-redis-enterprise-emulator

# compose ARGUMENT…: Docker Compose of whichever kind is here, on this repository's stack.
compose() {
  if [ -z "${compose_program:-}" ]; then
    if docker compose version >/dev/null 2>&1; then
      compose_program="docker compose"
    elif have docker-compose; then
      compose_program=docker-compose
    else
      die "there is no Docker Compose: install the plugin (https://docs.docker.com/compose/install/)"
    fi
  fi
  # Two words, or one.
  # shellcheck disable=SC2086
  (cd "$root" && $compose_program "$@")
}

# setting NAME [DEFAULT]: what Compose will use: the environment's value, else that of .env.
setting() {
  local value=${!1:-}
  if [ -z "$value" ] && [ -f "$settings" ]; then
    value=$(sed -n "s/^$1=//p" "$settings" | tail -n 1)
  fi
  printf '%s' "${value:-${2:-}}"
}

# keep NAME DEFAULT: writes a setting to .env, unless it is there.
keep() {
  [ -z "$(sed -n "s/^$1=./&/p" "$settings" 2>/dev/null)" ] || return 0
  append "$1" "$(setting "$1" "$2")"
}

# append NAME VALUE: to .env, which nobody else may read.
append() {
  # Its last line may lack an end.
  [ ! -s "$settings" ] || [ -z "$(tail -c 1 "$settings")" ] || echo >>"$settings"
  (umask 077 && printf '%s=%s\n' "$1" "$2" >>"$settings")
}

# put NAME VALUE: writes a setting to .env, over what is there.
put() {
  [ "$(sed -n "s/^$1=//p" "$settings")" != "$2" ] || return 0
  forget "$1"
  append "$1" "$2"
}

# forget NAME…: takes settings out of .env.
forget() {
  local name
  [ -f "$settings" ] || return 0
  for name; do
    sed -i.old "/^$name=/d" "$settings"
    rm -f "$settings.old"
  done
}

# containers SERVICE…: the ids of their containers, running or not (by their labels: what `compose ps`
# leaves out differs from version to version).
containers() {
  local service
  for service; do
    docker ps --all --quiet --no-trunc --filter "label=com.docker.compose.project=$(setting COMPOSE_PROJECT_NAME acd)" \
      --filter "label=com.docker.compose.service=$service" --filter label=com.docker.compose.oneoff=False
  done
}

# running SERVICE: true when it has a container that runs.
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

# One at a time: two of these scripts on one stack would undo each other's work.
lock_stack() {
  have flock || return 0
  exec 9<"$root/compose.yaml"
  flock -n 9 || die "another start.sh or stop.sh is at work on this stack: wait for it"
}
