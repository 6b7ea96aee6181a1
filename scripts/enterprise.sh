# shellcheck shell=bash
# shellcheck disable=SC2154 # what start.sh and stack.sh set
# The part of start.sh that is specific to Redis Enterprise: its image, its requirements on the machine, a
# custom database definition. Sourced by start.sh, not run; needs stack.sh.

gibibyte=1073741824

# Refuses to switch between Redis Enterprise and the emulator while there are nodes: neither can use the
# volumes of the other.
choose_redis_enterprise() {
  local image
  if $emulate; then
    if [ "$(setting REDIS_ENTERPRISE_IMAGE)" != "$emulator" ]; then
      [ -z "$(containers "${nodes[@]}")" ] || die "the nodes of this stack are not the emulator: to delete them and their data, run scripts/stop.sh --volumes"
      forget REDIS_ENTERPRISE_IMAGE RE_CAP RE_NOFILE RE_MEMORY
      keep REDIS_ENTERPRISE_IMAGE "$emulator"
      # The emulator needs no special capabilities or limits.
      keep RE_CAP CHOWN
      keep RE_NOFILE 16384
      keep RE_MEMORY 1g
    fi
    return
  fi
  check_host
  image=$(setting REDIS_ENTERPRISE_IMAGE "$(sed -n 's/.*REDIS_ENTERPRISE_IMAGE:-\([^}]*\)}.*/\1/p' compose.yaml)")
  [ "$image" != "$emulator" ] ||
    die "this stack was created with the emulator: use scripts/start.sh --emulator, or delete it with scripts/stop.sh --volumes"
  docker image inspect "$image" >/dev/null 2>&1 && return
  say "pulling $image"
  docker pull --quiet "$image" || die "the Redis Enterprise image $image can't be pulled: load it with docker load," \
    "set REDIS_ENTERPRISE_IMAGE to another one, or rehearse with scripts/start.sh --emulator"
}

# bytes AMOUNT: converts an amount of memory in Docker's notation (4g, 512m) to bytes; fails if it is invalid.
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

# check_host: refuses to create three nodes without enough memory, because they would fail later without a
# message about memory. Existing nodes are not checked.
check_host() {
  local wanted limit memory cores
  wanted=$(setting RE_MEMORY 4g)
  limit=$(bytes "$wanted") || die "RE_MEMORY=$wanted is not an amount of memory such as 4g or 6144m"
  case $(setting RE_HOST_CHECK on) in
    on) ;;
    off) return 0 ;;
    *) die "RE_HOST_CHECK=$(setting RE_HOST_CHECK): must be on or off" ;;
  esac
  [ -z "$(containers "${nodes[@]}")" ] || return 0
  read -r memory cores < <(docker info --format '{{.MemTotal}} {{.NCPU}}' 2>/dev/null) || true
  [[ ${memory:-} =~ ^[1-9][0-9]*$ && ${cores:-} =~ ^[1-9][0-9]*$ ]] || return 0
  [ $((3 * limit)) -le "$memory" ] || die "three nodes of Redis Enterprise with RE_MEMORY=$wanted each do not fit" \
    "into the $((memory * 10 / gibibyte / 10)).$((memory * 10 / gibibyte % 10)) GiB of memory that Docker has: add memory," \
    "lower RE_MEMORY in .env (the vendor asks for 4g a node, and a node uses 2g itself), use scripts/start.sh --emulator" \
    "or another tier (--data sentinel), or set RE_HOST_CHECK=off to try it anyway"
  if [ "$limit" -lt $((4 * gibibyte)) ]; then
    say "WARNING: RE_MEMORY=$wanted is less than the 4g a node that the vendor requires for development"
  fi
  if [ $((3 * limit + 2 * gibibyte)) -gt "$memory" ]; then
    say "WARNING: three nodes of $wanted leave less than 2 GiB of memory for balancers, API and dispatchers"
  fi
  if [ "$cores" -lt 6 ]; then
    say "WARNING: $cores cores for three nodes: the vendor requires 2 a node, so starts and failovers will take longer"
  fi
}

# choose_definition: checks the file in RE_DATABASE_FILE, which is mounted into the container of the set-up.
choose_definition() {
  local file
  file=$(setting RE_DATABASE_FILE)
  [ -n "$file" ] || return 0
  # Compose treats a name without a slash as that of a volume.
  [[ $file == /* ]] || file=$root/$file
  [[ $file != *:* ]] || die "RE_DATABASE_FILE=$file: Docker can't mount a file with a colon in its name"
  # Docker would create a directory in place of a missing file.
  [ -f "$file" ] || die "RE_DATABASE_FILE=$file: there is no such file"
  export RE_DATABASE_FILE=$file
  # Recorded, so that the next start uses the same definition.
  put RE_DATABASE_FILE "$file"
}
