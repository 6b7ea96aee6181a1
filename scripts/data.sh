# shellcheck shell=bash
# shellcheck disable=SC2154 # what start.sh and stack.sh set
# The data tiers, for start.sh: which one it is, its settings, its images, its start. Sourced, not run;
# needs stack.sh, roll.sh, and `up`, `wait_for` and `wanted` of start.sh.

# recorded NAME: what .env says, whatever the environment does.
recorded() {
  [ ! -f "$settings" ] || sed -n "s/^$1=//p" "$settings" | tail -n 1
}

# data_exists: whether a data tier has containers or volumes.
data_exists() {
  [ -z "$(containers "${nodes[@]}" "${redis_nodes[@]}" "${sentinels[@]}")" ] || return 0
  docker volume ls --quiet --filter "label=com.docker.compose.project=$(setting COMPOSE_PROJECT_NAME acd)" |
    grep -qE '_(re[123]_(persist|log)|redis[123]_data|sentinel[123]_conf)$'
}

# choose_data WANTED: the tier that is asked for or, where none is, the one there is. Sets data.
# Refuses what can't be before anything is changed.
choose_data() {
  local old impl was
  old=$(recorded ACD_DATA)
  if [ -z "$old" ] && data_exists; then
    if [ -f "$settings" ]; then
      # Before there was a choice it was Redis Enterprise.
      old=enterprise
    elif [ -z "$1" ] && ! $emulate; then
      die "there is data of this stack but no .env, which says on what tier: put it back, name the tier with --data, or scripts/stop.sh --volumes"
    fi
  fi
  data=${1:-$(setting ACD_DATA "${old:-enterprise}")}
  case $data in
    enterprise | sentinel | cluster | single) ;;
    *) die "ACD_DATA=$data is no data tier: enterprise, sentinel, cluster or single" ;;
  esac
  ! $emulate || [ "$data" = enterprise ] || die "--emulator stands in for Redis Enterprise: not with --data $data"
  impl=$(setting ACD_REDIS_IMPL redis)
  case $impl in
    redis | valkey) ;;
    *) die "ACD_REDIS_IMPL=$impl: redis or valkey" ;;
  esac
  check_data_settings
  if [ "${old:-$data}" != "$data" ]; then
    ! data_exists || die "this stack's data is on the tier $old, which $data can't read: scripts/stop.sh --volumes first"
    forget ACD_DATA ACD_STACK_DURABILITY
  fi
  was=$(recorded ACD_REDIS_IMPL)
  if [ "$data" != enterprise ] && [ "${was:-$impl}" != "$impl" ]; then
    ! data_exists || die "this stack's data was written by $was, which $impl can't read: scripts/stop.sh --volumes first"
    forget ACD_REDIS_IMPL
  fi
  # Over what is in .env, also for Compose.
  export ACD_DATA=$data ACD_REDIS_IMPL=$impl
}

check_data_settings() {
  local name value durability
  for name in REDIS_PASSWORD SENTINEL_PASSWORD REDIS_PROBE_PASSWORD; do
    value=$(setting $name unset)
    [[ $value =~ ^[A-Za-z0-9._~-]{1,256}$ ]] || die "$name: letters, digits and . _ ~ - only"
  done
  case $(setting REDIS_FSYNC always) in
    always | everysec | no) ;;
    *) die "REDIS_FSYNC=$(setting REDIS_FSYNC): always, everysec or no" ;;
  esac
  [[ $(setting REDIS_MAXMEMORY 400mb) =~ ^[1-9][0-9]*(kb|mb|gb)?$ ]] ||
    die "REDIS_MAXMEMORY=$(setting REDIS_MAXMEMORY): bytes, or a number and kb, mb or gb"
  durability=$(setting ACD_STACK_DURABILITY local)
  case $data:$durability in
    *:local | sentinel:replicated | cluster:replicated) ;;
    *:replicated)
      # What .env says for the tier that was before goes with it.
      [[ -z ${ACD_STACK_DURABILITY:-} && $(recorded ACD_DATA) =~ ^(sentinel|cluster)$ ]] ||
        die "ACD_STACK_DURABILITY=replicated: the tier $data has no replica that could be waited for"
      ;;
    *) die "ACD_STACK_DURABILITY=$durability: local or replicated" ;;
  esac
  # It may have a password.
  [[ ! $(setting ACD_REDIS_URL) =~ (^redis\+unix|[/@,](127\.[0-9]|localhost|\[::1\])) ]] ||
    die "ACD_REDIS_URL names this machine, which is no use in a container: take it out of .env, or name a server that containers reach"
  value=$(setting ACD_REDIS_BASE debian:trixie-slim)
  [[ $value =~ ^[a-z0-9][A-Za-z0-9._/:@-]{0,250}$ ]] || die "ACD_REDIS_BASE=$value is no name of an image"
}

# make_data_settings PREFIX: after those of the stack.
make_data_settings() {
  local prefix=$1 number name url password
  keep ACD_DATA "$data"
  for number in 1 2 3; do
    keep REDIS${number}_ADDRESS "$prefix.3$number"
    keep SENTINEL${number}_ADDRESS "$prefix.3$((number + 3))"
  done
  # All of them, because Compose reads the whole file.
  for name in REDIS_PASSWORD SENTINEL_PASSWORD REDIS_PROBE_PASSWORD; do
    keep "$name" "$(openssl rand -hex 16)"
  done
  if [ "$data" != enterprise ]; then
    keep ACD_REDIS_IMPL "$ACD_REDIS_IMPL"
    # An older server might not read what the one of this image has written.
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
  # These follow from others.
  put ACD_STACK_REDIS_URL "$(setting ACD_REDIS_URL "$url")"
  put ACD_STACK_REDIS_PASSWORD "$password"
}

# data_services: those of the tier that is chosen.
data_services() {
  case $data in
    enterprise) echo "${nodes[*]}" ;;
    sentinel) echo "${sentinels[*]} ${redis_nodes[*]}" ;;
    cluster) echo "${redis_nodes[*]}" ;;
    single) echo redis1 ;;
  esac
}

# set_up [ARGUMENT…]: the tier's set-up, in a container that goes again.
# shellcheck disable=SC2120 # roll.sh gives it some
set_up() {
  local service=redis-setup left
  [ "$data" != enterprise ] || service=cluster-setup
  # A run of this script that was killed may have left its set-up at work, and plain Compose has one of its
  # own, whose outcome counts no more.
  left=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$(setting COMPOSE_PROJECT_NAME)" \
    --filter label=com.docker.compose.service=$service)
  # Ids, a word each.
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
    set_up || die "the data tier is not as it should be: see above; scripts/logs.sh redis1 tells more"
    return
  fi
  if $emulate; then
    say "the EMULATOR of Redis Enterprise: starting ${services[*]}"
  else
    say "Redis Enterprise: starting ${services[*]}"
  fi
  # A node that is made anew has forgotten the cluster it was in.
  up --no-recreate "${services[@]}"
  set_up || die "the cluster was not built: see above; scripts/logs.sh re1 tells more"
}
