# shellcheck shell=bash
# shellcheck disable=SC2154 # what start.sh and stack.sh set
# What is Redis Enterprise's own in the start of the stack: its image, the machine it wants, a database
# definition. Sourced by start.sh, not run; needs stack.sh.

gibibyte=1073741824

# The emulator's volumes are no use to Redis Enterprise, nor the other way round: no change by accident.
choose_redis_enterprise() {
  local image
  if $emulate; then
    if [ "$(setting REDIS_ENTERPRISE_IMAGE)" != "$emulator" ]; then
      [ -z "$(containers "${nodes[@]}")" ] || die "this stack's nodes are not the emulator: scripts/stop.sh --volumes first"
      forget REDIS_ENTERPRISE_IMAGE RE_CAP RE_NOFILE RE_MEMORY
      keep REDIS_ENTERPRISE_IMAGE "$emulator"
      # It needs no more than any container gets.
      keep RE_CAP CHOWN
      keep RE_NOFILE 16384
      keep RE_MEMORY 1g
    fi
    return
  fi
  check_host
  image=$(setting REDIS_ENTERPRISE_IMAGE "$(sed -n 's/.*REDIS_ENTERPRISE_IMAGE:-\([^}]*\)}.*/\1/p' compose.yaml)")
  [ "$image" != "$emulator" ] ||
    die "this stack was made with the emulator: scripts/start.sh --emulator, or scripts/stop.sh --volumes first"
  docker image inspect "$image" >/dev/null 2>&1 && return
  say "pulling $image"
  docker pull --quiet "$image" || die "the Redis Enterprise image $image can't be had: docker load it," \
    "name another in REDIS_ENTERPRISE_IMAGE, or rehearse with scripts/start.sh --emulator"
}

# bytes AMOUNT: an amount of memory as Docker writes it (4g, 512m) in bytes; fails when it is none.
bytes() {
  local power
  [[ $1 =~ ^([0-9]{1,12})([bBkKmMgGtT]?)[bB]?$ ]] || return 1
  case ${BASH_REMATCH[2]} in
    [kK]) power=1 ;;
    [mM]) power=2 ;;
    [gG]) power=3 ;;
    [tT]) power=4 ;;
    *) power=0 ;;
  esac
  echo $((BASH_REMATCH[1] * 1024 ** power))
}

# check_host: refuses to make three nodes where their memory can't be had: short of it they fail later,
# and without a word that names it. Those that are there already are started whatever this says.
check_host() {
  local wanted limit memory cores
  wanted=$(setting RE_MEMORY 4g)
  limit=$(bytes "$wanted") || die "RE_MEMORY=$wanted is no amount of memory: write it as 4g or 6144m"
  case $(setting RE_HOST_CHECK on) in
    on) ;;
    off) return 0 ;;
    *) die "RE_HOST_CHECK=$(setting RE_HOST_CHECK): on or off" ;;
  esac
  [ -z "$(containers "${nodes[@]}")" ] || return 0
  read -r memory cores < <(docker info --format '{{.MemTotal}} {{.NCPU}}' 2>/dev/null) || true
  [[ ${memory:-} =~ ^[1-9][0-9]*$ && ${cores:-} =~ ^[1-9][0-9]*$ ]] || return 0
  [ $((3 * limit)) -le "$memory" ] || die "three nodes of Redis Enterprise with RE_MEMORY=$wanted each do not fit" \
    "into the $((memory * 10 / gibibyte / 10)).$((memory * 10 / gibibyte % 10)) GiB that Docker has here: give it more," \
    "lower RE_MEMORY in .env (the product wants 4g a node, and takes 2g for itself), use scripts/start.sh --emulator" \
    "or another tier (--data sentinel), or set RE_HOST_CHECK=off to try it"
  if [ "$limit" -lt $((4 * gibibyte)) ]; then
    say "WARNING: RE_MEMORY=$wanted is less than the 4g that the vendor asks for a node in development"
  fi
  if [ $((3 * limit + 2 * gibibyte)) -gt "$memory" ]; then
    say "WARNING: beside three nodes of $wanted less than 2 GiB are left for balancers, API and dispatchers"
  fi
  if [ "$cores" -lt 6 ]; then
    say "WARNING: $cores cores for three nodes: the vendor asks for 2 a node, so starts and failovers take longer here"
  fi
}

# choose_definition: sees to it that the set-up's container gets the file that RE_DATABASE_FILE names.
choose_definition() {
  local file
  file=$(setting RE_DATABASE_FILE)
  [ -n "$file" ] || return 0
  # Compose takes a name without a slash for that of a volume.
  [[ $file == /* ]] || file=$root/$file
  [[ $file != *:* ]] || die "RE_DATABASE_FILE=$file: Docker can't mount a file with a colon in its name"
  # It would make a folder of what is not there.
  [ -f "$file" ] || die "RE_DATABASE_FILE=$file: there is no such file"
  export RE_DATABASE_FILE=$file
  # Another start has to find the same database.
  put RE_DATABASE_FILE "$file"
}
