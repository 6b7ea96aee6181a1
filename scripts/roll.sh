# shellcheck shell=bash disable=SC2154 # data is start.sh's
# Rolling replacement of outdated containers (another image, other settings) without failed requests. Sourced by
# start.sh, not run; needs stack.sh, and `up` and `wait_for` of start.sh.

# outdated SERVICE: prints its running containers whose image or settings differ from the current ones.
outdated() {
  local wanted id running hash image tag
  wanted=$(compose config --hash="$1" | awk -v service="$1" '$1 == service { print $2 }')
  for id in $(containers "$1"); do
    IFS='|' read -r running hash image tag < <(docker inspect --format \
      '{{.State.Running}}|{{index .Config.Labels "com.docker.compose.config-hash"}}|{{.Image}}|{{.Config.Image}}' "$id")
    [ "$running" = true ] || continue
    if [ "$hash" != "$wanted" ] || [ "$image" != "$(docker image inspect --format '{{.Id}}' "$tag" 2>/dev/null)" ]; then
      echo "$id"
    fi
  done
}

# roll SERVICE READY…: replaces the outdated replicas of a service. New replicas start beside the old ones, and
# READY must succeed before the old ones are stopped.
roll() {
  local service=$1 old all twice
  shift
  old=$(outdated "$service")
  if [ -n "$old" ]; then
    all=$(containers "$service" | wc -l)
    say "$service: starting new replicas, then stopping the old ones"
    # A new one for each old one. An interrupted run may have started them already.
    twice=$(($(wc -w <<<"$old") * 2))
    [ "$all" -gt "$twice" ] || all=$twice
    up --no-recreate --scale "$service=$all" "$service"
    wait_for 60 "$service: the new replicas are ready" "$service" "$@"
    # Unquoted, because each id is a word.
    # shellcheck disable=SC2086
    docker stop --time 15 $old >/dev/null
    # shellcheck disable=SC2086
    docker rm $old >/dev/null
  fi
  up "$service"
}

# roll_balancers: replaces the balancers one at a time, the one without the virtual IP first, so that the
# address moves only once.
roll_balancers() {
  local lb order=("${balancers[@]}")
  if running "${balancers[0]}" && holds_vip "${balancers[0]}"; then
    order=("${balancers[1]}" "${balancers[0]}")
  fi
  for lb in "${order[@]}"; do
    up "$lb"
    wait_for 30 "$lb answers" "$lb" compose exec -T "$lb" /opt/balancer/healthcheck.sh
  done
}

# roll_data SERVICE…: starts or replaces the services of an open-source tier, Sentinels first. New services
# start at the same time. Outdated ones are recreated one at a time, when all replicas are in sync and after
# the primaries of the node have moved to another node.
roll_data() {
  local service old=() rest=() id name was
  for service; do
    if [ -n "$(outdated "$service")" ]; then old+=("$service"); else rest+=("$service"); fi
  done
  if [ ${#old[@]} -gt 0 ]; then
    for name in REDIS_PASSWORD SENTINEL_PASSWORD REDIS_PROBE_PASSWORD; do
      for id in $(containers "${redis_nodes[@]}" "${sentinels[@]}"); do
        was=$(docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$id" | sed -n "s/^$name=//p")
        [ "$was" = "$(setting $name)" ] ||
          die "$name has changed, which needs a restart of all nodes at once: run scripts/stop.sh, then scripts/start.sh"
      done
    done
    # Services that are new, up to date or stopped need no order.
    [ ${#rest[@]} -eq 0 ] || up "${rest[@]}"
    for service in "${old[@]}"; do
      set_up || die "$service can't be recreated, because the data tier is not completely in sync: see above"
      case $service in
        redis*) set_up leave "$service" ;;
      esac
      say "$service: recreating it"
      up "$service"
    done
    # Each node that was recreated has left its primary with another node.
    if [ "$data" = cluster ]; then
      set_up
      set_up home
    fi
  fi
  up "$@"
}
