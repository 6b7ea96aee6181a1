# shellcheck shell=bash
# shellcheck disable=SC2154 # what start.sh and stack.sh set
# The data tier in start.sh: its choice, settings, images and start. Sourced, not run; needs stack.sh, roll.sh,
# and `up`, `wait_for` and `wanted` of start.sh.

# recorded NAME: prints the value in .env, regardless of the environment.
recorded() {
  [ ! -f "$settings" ] || sed -n "s/^$1=//p" "$settings" | tail -n 1
}

# data_exists: whether a data tier has containers or volumes.
data_exists() {
  [ -z "$(containers "${nodes[@]}" "${redis_nodes[@]}" "${sentinels[@]}")" ] || return 0
  docker volume ls --quiet --filter "label=com.docker.compose.project=$(setting COMPOSE_PROJECT_NAME acd)" |
    grep -qE '_(re[123]_(persist|log)|redis[123]_data|sentinel[123]_conf)$'
}

# choose_data WANTED: sets data to the requested tier or, without one, to the existing tier. Fails on
# invalid settings before anything is changed.
choose_data() {
  local old impl was
  old=$(recorded ACD_DATA)
  if [ -z "$old" ] && data_exists; then
    if [ -f "$settings" ]; then
      # Early versions had no ACD_DATA: their tier is Redis Enterprise.
      old=enterprise
    elif [ -z "$1" ] && ! $emulate; then
      die "this stack has data, but the .env that records its tier is missing: restore it, or name the tier with --data"
    fi
  fi
  data=${1:-$(setting ACD_DATA "${old:-enterprise}")}
  case $data in
    enterprise | sentinel | cluster | single) ;;
    *) die "ACD_DATA=$data is not a data tier: enterprise, sentinel, cluster or single" ;;
  esac
  ! $emulate || [ "$data" = enterprise ] || die "--emulator replaces Redis Enterprise and can't be used with --data $data"
  impl=$(setting ACD_REDIS_IMPL redis)
  case $impl in
    redis | valkey) ;;
    *) die "ACD_REDIS_IMPL=$impl: must be redis or valkey" ;;
  esac
  check_data_settings
  if [ "${old:-$data}" != "$data" ]; then
    ! data_exists || die "the data of this stack is that of the tier $old, which $data can't read: to delete it, run scripts/stop.sh --volumes"
    forget ACD_DATA ACD_STACK_DURABILITY
  fi
  was=$(recorded ACD_REDIS_IMPL)
  if [ "$data" != enterprise ] && [ "${was:-$impl}" != "$impl" ]; then
    ! data_exists || die "the data of this stack was written by $was, and $impl can't read it: to delete it, run scripts/stop.sh --volumes"
    forget ACD_REDIS_IMPL
  fi
  # Overrides .env, for Compose, too.
  export ACD_DATA=$data ACD_REDIS_IMPL=$impl
}

check_data_settings() {
  local name value durability
  for name in REDIS_PASSWORD SENTINEL_PASSWORD REDIS_PROBE_PASSWORD; do
    value=$(setting $name unset)
    [[ $value =~ ^[A-Za-z0-9._~-]{1,256}$ ]] || die "$name: may contain letters, digits and . _ ~ - only"
  done
  case $(setting REDIS_FSYNC always) in
    always | everysec | no) ;;
    *) die "REDIS_FSYNC=$(setting REDIS_FSYNC): must be always, everysec or no" ;;
  esac
  [[ $(setting REDIS_MAXMEMORY 400mb) =~ ^[1-9][0-9]*(kb|mb|gb)?$ ]] ||
    die "REDIS_MAXMEMORY=$(setting REDIS_MAXMEMORY): must be a number of bytes, or a number with kb, mb or gb"
  durability=$(setting ACD_STACK_DURABILITY local)
  case $data:$durability in
    *:local | sentinel:replicated | cluster:replicated) ;;
    *:replicated)
      # A value in .env that belongs to the previous tier is removed with it.
      [[ -z ${ACD_STACK_DURABILITY:-} && $(recorded ACD_DATA) =~ ^(sentinel|cluster)$ ]] ||
        die "ACD_STACK_DURABILITY=replicated: WAIT is not available on the tier $data, use local"
      ;;
    *) die "ACD_STACK_DURABILITY=$durability: must be local or replicated" ;;
  esac
  # The message does not print the URL, which may contain a password.
  [[ ! $(setting ACD_REDIS_URL) =~ (^redis\+unix|[/@,](127\.[0-9]|localhost|\[::1\])) ]] ||
    die "ACD_REDIS_URL names this machine, which a container can't reach by that address: remove it from .env, or use an address that containers can reach"
  value=$(setting ACD_REDIS_BASE debian:trixie-slim)
  [[ $value =~ ^[a-z0-9][A-Za-z0-9._/:@-]{0,250}$ ]] || die "ACD_REDIS_BASE=$value is not the name of an image"
}

# make_data_settings PREFIX: adds the settings of the data tier to .env, after those of the stack.
make_data_settings() {
  local prefix=$1 number name url password
  keep ACD_DATA "$data"
  for number in 1 2 3; do
    keep REDIS${number}_ADDRESS "$prefix.3$number"
    keep SENTINEL${number}_ADDRESS "$prefix.3$((number + 3))"
  done
  # Also those of other tiers, because Compose reads the whole compose.yaml.
  for name in REDIS_PASSWORD SENTINEL_PASSWORD REDIS_PROBE_PASSWORD; do
    keep "$name" "$(openssl rand -hex 16)"
  done
  if [ "$data" != enterprise ]; then
    keep ACD_REDIS_IMPL "$ACD_REDIS_IMPL"
    # Recorded, because an older server may be unable to read the data that this one has written.
    put ACD_REDIS_BASE "$(setting ACD_REDIS_BASE debian:trixie-slim)"
  fi
  case $data in
    sentinel | cluster) keep ACD_STACK_DURABILITY replicated ;;
    *) keep ACD_STACK_DURABILITY local ;;
  esac
  password=$(setting REDIS_PASSWORD)
  case $data in
    enterprise)
      url=redis://$(setting ACD_VIP):12000
      password=$(setting RE_DATABASE_PASSWORD)
      ;;
    cluster) url=redis+cluster://$(setting ACD_VIP):7010 ;;
    sentinel)
      url=redis+sentinel://$(setting SENTINEL1_ADDRESS),$(setting SENTINEL2_ADDRESS),$(setting SENTINEL3_ADDRESS)
      url="$url/acd?sentinel_password=$(setting SENTINEL_PASSWORD)&through=$(setting ACD_VIP):6379"
      ;;
    single) url=redis://$(setting ACD_VIP):6379 ;;
  esac
  # Derived from other settings.
  put ACD_STACK_REDIS_URL "$(setting ACD_REDIS_URL "$url")"
  put ACD_STACK_REDIS_PASSWORD "$password"
}

# data_services: prints the services of the chosen tier.
data_services() {
  case $data in
    enterprise) echo "${nodes[*]}" ;;
    sentinel) echo "${sentinels[*]} ${redis_nodes[*]}" ;;
    cluster) echo "${redis_nodes[*]}" ;;
    single) echo redis1 ;;
  esac
}

# set_up [ARGUMENT…]: runs the set-up of the tier in a temporary container.
# shellcheck disable=SC2120 # roll.sh gives it some
set_up() {
  local service=redis-setup left
  [ "$data" != enterprise ] || service=cluster-setup
  # Removes the set-up of an interrupted run of this script, which may still be running, and that of plain
  # Compose, whose result is obsolete.
  left=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$(setting COMPOSE_PROJECT_NAME)" \
    --filter label=com.docker.compose.service=$service)
  # Unquoted, because each id is a word.
  # shellcheck disable=SC2086
  [ -z "$left" ] || docker rm --force $left >/dev/null
  compose run --rm -T $service "$@"
}

# shellcheck disable=SC2119
start_data() {
  local services
  read -r -a services <<<"$(data_services)"
  if [ "$data" != enterprise ]; then
    say "$ACD_REDIS_IMPL, tier $data: starting ${services[*]}"
    roll_data "${services[@]}"
    set_up || die "the set-up of the data tier failed: see above, and scripts/logs.sh redis1"
    return
  fi
  if $emulate; then
    say "the EMULATOR of Redis Enterprise: starting ${services[*]}"
  else
    say "Redis Enterprise: starting ${services[*]}"
  fi
  # --no-recreate, because a recreated node is no longer a member of its cluster.
  up --no-recreate "${services[@]}"
  set_up || die "the set-up of the cluster failed: see above, and scripts/logs.sh re1"
}
