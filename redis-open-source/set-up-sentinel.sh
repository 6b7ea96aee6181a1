# shellcheck shell=bash disable=SC2154 # the arrays are common.sh's
# The sentinel tier, for set-up.sh, which sources this.

# look: sets primary to the address of the node with the role of primary. Fails with a reason unless there
# is exactly one.
look() {
  local address role others=()
  primary=
  for address in "${nodes[@]}"; do
    role=$(ask "$address" 6379 INFO replication | line role)
    case $role in
      master) others+=("$address") ;;
      slave) ;;
      *)
        echo "$(node_of "$address") does not answer"
        return 1
        ;;
    esac
  done
  [ ${#others[@]} -eq 1 ] || {
    echo "${#others[@]} nodes have the role of primary"
    return 1
  }
  primary=${others[0]}
}

# in_sync: both other nodes replicate from the primary.
in_sync() {
  local address info
  look || return 1
  for address in "${nodes[@]}"; do
    [ "$address" != "$primary" ] || continue
    info=$(ask "$address" 6379 INFO replication)
    [ "$(line master_host <<<"$info") $(line master_link_status <<<"$info")" = "$primary up" ] || {
      echo "$(node_of "$address") does not replicate from $(node_of "$primary")"
      return 1
    }
  done
  # The replicas that count for min-replicas-to-write.
  [ "$(ask "$primary" 6379 INFO replication | line min_slaves_good_slaves)" = 2 ] || {
    echo "$(node_of "$primary") has fewer than two replicas in sync"
    return 1
  }
}

# agreed: every Sentinel reports the primary, and knows both replicas and both other Sentinels.
agreed() {
  local sentinel answer named
  for sentinel in "${sentinels[@]}"; do
    answer=$(ask_sentinel "$sentinel" SENTINEL MASTER "$service")
    named=$(pair ip <<<"$answer")
    [ "$named $(pair num-slaves <<<"$answer") $(pair num-other-sentinels <<<"$answer") $(pair flags <<<"$answer")" = "$primary 2 2 master" ] || {
      echo "the Sentinel at $sentinel: $(node_of "$named"), $(pair flags <<<"$answer"), $(pair num-slaves <<<"$answer") replicas, $(pair num-other-sentinels <<<"$answer") other Sentinels"
      return 1
    }
  done
}

whole() {
  in_sync && agreed
}

# catch_up: after a manual switch that was interrupted, the Sentinels still monitor the old primary. This
# completes the switch.
catch_up() {
  local sentinel named info
  look >/dev/null || return 0
  for sentinel in "${sentinels[@]}"; do
    named=$(ask_sentinel "$sentinel" SENTINEL MASTER "$service" | pair ip)
    [ "${named:-$primary}" != "$primary" ] || continue
    info=$(ask "$named" 6379 INFO replication)
    if [ "$(line role <<<"$info") $(line master_host <<<"$info")" = "slave $primary" ]; then
      say "announcing $(node_of "$primary") to the Sentinels as the primary"
      tell_sentinels "$primary"
      return 0
    fi
  done
}

set_up() {
  catch_up
  until_ok 120 "there is one primary with two replicas in sync, and three Sentinels agree on it" whole
  look
  say "$(node_of "$primary") is the primary, two replicas are in sync, three Sentinels agree"
}

# leave NODE: moves the primary away from NODE, if it is there.
leave() {
  local address=${1^^}_ADDRESS
  look || die "there is not exactly one primary"
  [ "$primary" = "${!address}" ] || return 0
  switch ''
}

# switch NODE: makes NODE the primary with the command FAILOVER, which pauses writes until the replica has
# caught up, so no write is lost. SENTINEL FAILOVER does not wait for that. But FAILOVER does not inform the
# Sentinels: they would keep monitoring the old primary and, after half a minute, treat it as failed. So the
# new primary is announced to them.
switch() {
  local to=${1:+${1^^}_ADDRESS} address third='' why begun answer hurry
  catch_up
  why=$(whole) || die "a switch is not possible now: $why"
  look
  to=${to:+${!to}}
  for address in "${nodes[@]}"; do
    [ "$address" != "$primary" ] || continue
    if [ "${to:=$address}" != "$address" ]; then
      third=$address
    fi
  done
  [ "$to" != "$primary" ] || {
    say "$(node_of "$to") is already the primary"
    return 0
  }
  begun=$(date +%s%N)
  hurry "$to" &
  hurry=$!
  answer=$(ask "$primary" 6379 FAILOVER TO "$to" 6379 TIMEOUT 2000)
  [ "$answer" = OK ] || die "$(node_of "$primary") refused FAILOVER: ${answer:-no answer}"
  # Not interruptible from here: the other replica would keep replicating from the old primary.
  trap : TERM INT
  for _ in {1..100}; do
    [ "$(ask "$to" 6379 INFO replication | line role)" != master ] || break
    sleep 0.02
  done
  kill "$hurry" 2>/dev/null || true
  [ "$(ask "$to" 6379 INFO replication | line role)" = master ] ||
    die "$(node_of "$to") did not catch up within two seconds: $(node_of "$primary") stays the primary"
  say "$(node_of "$to") is the primary after $((($(date +%s%N) - begun) / 1000000)) ms"
  ask "$third" 6379 REPLICAOF "$to" 6379 >/dev/null
  tell_sentinels "$to"
  end_when_told
  until_ok 60 "replicas and Sentinels follow $(node_of "$to")" whole
  say "replicas and Sentinels follow after $((($(date +%s%N) - begun) / 1000000)) ms"
}

# hurry REPLICA: asks the replica for its offset every 20 ms. The primary hands over when the replica has
# acknowledged everything. Unasked, a replica acknowledges once a second.
hurry() {
  exec 3<>"/dev/tcp/$1/6379"
  printf 'AUTH %s\r\n' "$REDIS_PASSWORD" >&3
  for _ in {1..100}; do
    printf 'REPLCONF GETACK *\r\n' >&3
    sleep 0.02
  done
} 2>/dev/null

# tell_sentinels ADDRESS: announces the new primary with the hello message that Sentinels send to each
# other after a failover. A Sentinel accepts it if its epoch is the newest and its sender is another
# Sentinel, so each receives it with the id of another one. Unlike SENTINEL REMOVE and MONITOR, this keeps
# the Sentinels' knowledge of each other, so they can agree on a failover at any time.
tell_sentinels() {
  local index from id epoch=0 seen
  for index in 0 1 2; do
    seen=$(ask_sentinel "${sentinels[index]}" SENTINEL MASTER "$service" | pair config-epoch)
    [ "${seen:-0}" -le "$epoch" ] || epoch=$seen
  done
  epoch=$((epoch + 1))
  for index in 0 1 2; do
    from=${sentinels[(index + 1) % 3]}
    id=$(ask_sentinel "$from" SENTINEL MYID)
    ask_sentinel "${sentinels[index]}" PUBLISH __sentinel__:hello \
      "$from,26379,$id,$epoch,$service,$1,6379,$epoch" >/dev/null
  done
}
