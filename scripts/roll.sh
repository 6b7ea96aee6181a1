# shellcheck shell=bash disable=SC2154 # data is start.sh's
# How start.sh replaces what runs by what it should be (another image, other settings) without a
# failed request. Sourced, not run; needs stack.sh, and `up` and `wait_for` of start.sh.

# outdated SERVICE: those of its running containers that Compose would make otherwise today.
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

# roll SERVICE READY…: replicas. The new ones come beside the old, and READY must succeed before the
# old ones are told to finish.
roll() {
  local service=$1 old all twice
  shift
  old=$(outdated "$service")
  if [ -n "$old" ]; then
    all=$(containers "$service" | wc -l)
    say "$service: new replicas beside the old, then the old ones finish"
    # One for each that goes; an earlier run that was interrupted may have made them already.
    twice=$(($(wc -w <<<"$old") * 2))
    [ "$all" -gt "$twice" ] || all=$twice
    up --no-recreate --scale "$service=$all" "$service"
    wait_for 60 "$service: the new replicas are ready" "$service" "$@"
    # Ids, a word each.
    # shellcheck disable=SC2086
    docker stop --time 15 $old >/dev/null
    # shellcheck disable=SC2086
    docker rm $old >/dev/null
  fi
  up "$service"
}

# roll_balancers: one at a time, the one without the virtual IP first, so that it moves only once.
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

# roll_data SERVICE…: of an open-source tier, the Sentinels first. All at once where they are new;
# what is to be made anew goes one at a time, when everything is in sync and after its primaries have
# gone to another node.
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
          die "a new $name is for all of them at once: scripts/stop.sh, then this again"
      done
    done
    # Also made anew where it does not run: nobody misses it.
    [ ${#rest[@]} -eq 0 ] || up "${rest[@]}"
    for service in "${old[@]}"; do
      set_up || die "$service is to be made anew, but not while the data tier is not whole: see above"
      case $service in
        redis*) set_up leave "$service" ;;
      esac
      say "$service: made anew"
      up "$service"
    done
    # Each node that went left its primary with another.
    if [ "$data" = cluster ]; then
      set_up
      set_up home
    fi
  fi
  up "$@"
}
