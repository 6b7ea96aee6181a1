# shellcheck shell=bash disable=SC2154 # the arrays are common.sh's
# The sentinel tier, for set-up.sh, which sources this.

# look: sets primary to the address of the one node that says it is, or fails with why not.
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
    echo "${#others[@]} nodes say that they are the primary"
    return 1
  }
  primary=${others[0]}
}

# in_sync: both other nodes follow the primary closely.
in_sync() {
  local address info
  look || return 1
  for address in "${nodes[@]}"; do
    [ "$address" != "$primary" ] || continue
    info=$(ask "$address" 6379 INFO replication)
    [ "$(line master_host <<<"$info") $(line master_link_status <<<"$info")" = "$primary up" ] || {
      echo "$(node_of "$address") is not in sync with $(node_of "$primary")"
      return 1
    }
  done
  # What it takes for a write.
  [ "$(ask "$primary" 6379 INFO replication | line min_slaves_good_slaves)" = 2 ] || {
    echo "$(node_of "$primary") misses a replica"
    return 1
  }
}

# agreed: every Sentinel names the primary, and knows both replicas and both other Sentinels.
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

# catch_up: a switch by hand that was interrupted has left the Sentinels with the old primary.
catch_up() {
  local sentinel named info
  look >/dev/null || return 0
  for sentinel in "${sentinels[@]}"; do
    named=$(ask_sentinel "$sentinel" SENTINEL MASTER "$service" | pair ip)
    [ "${named:-$primary}" != "$primary" ] || continue
    info=$(ask "$named" 6379 INFO replication)
    if [ "$(line role <<<"$info") $(line master_host <<<"$info")" = "slave $primary" ]; then
      say "telling the Sentinels that $(node_of "$primary") is the primary"
      tell_sentinels "$primary"
      return 0
    fi
  done
}

set_up() {
  catch_up
  until_ok 120 "one primary, two replicas and three Sentinels that agree" whole
  look
  say "$(node_of "$primary") is the primary, the others are in sync, three Sentinels agree"
}

# leave NODE
leave() {
  local address=${1^^}_ADDRESS
  look || die "there is not one primary"
  [ "$primary" = "${!address}" ] || return 0
  switch ''
}

# switch NODE: FAILOVER holds writes back until the replica has everything, and so loses nothing; a
# failover of the Sentinels' own (SENTINEL FAILOVER) does not wait. But it leaves the Sentinels with the
# old primary, which they would take for lost after half a minute: so they are told.
switch() {
  local to=${1:+${1^^}_ADDRESS} address third='' why begun answer hurry
  catch_up
  why=$(whole) || die "not now: $why"
  look
  to=${to:+${!to}}
  for address in "${nodes[@]}"; do
    [ "$address" != "$primary" ] || continue
    if [ "${to:=$address}" != "$address" ]; then
      third=$address
    fi
  done
  [ "$to" != "$primary" ] || {
    say "$(node_of "$to") is the primary already"
    return 0
  }
  begun=$(date +%s%N)
  hurry "$to" &
  hurry=$!
  answer=$(ask "$primary" 6379 FAILOVER TO "$to" 6379 TIMEOUT 2000)
  [ "$answer" = OK ] || die "$(node_of "$primary") refuses: ${answer:-no answer}"
  # Half a switch would leave the other replica with the old one.
  trap : TERM INT
  for _ in {1..100}; do
    [ "$(ask "$to" 6379 INFO replication | line role)" != master ] || break
    sleep 0.02
  done
  kill "$hurry" 2>/dev/null || true
  [ "$(ask "$to" 6379 INFO replication | line role)" = master ] ||
    die "$(node_of "$to") did not catch up within two seconds: $(node_of "$primary") goes on as the primary"
  say "$(node_of "$to") is the primary after $((($(date +%s%N) - begun) / 1000000)) ms"
  ask "$third" 6379 REPLICAOF "$to" 6379 >/dev/null
  tell_sentinels "$to"
  end_when_told
  until_ok 60 "the others follow $(node_of "$to")" whole
  say "replicas and Sentinels follow after $((($(date +%s%N) - begun) / 1000000)) ms"
}

# hurry REPLICA: a primary goes when the replica has said that it has everything, which it says once a
# second, or when it is asked to.
hurry() {
  exec 3<>"/dev/tcp/$1/6379"
  printf 'AUTH %s\r\n' "$REDIS_PASSWORD" >&3
  for _ in {1..100}; do
    printf 'REPLCONF GETACK *\r\n' >&3
    sleep 0.02
  done
} 2>/dev/null

# tell_sentinels ADDRESS: who is the primary now, in their own words: the hello with which they tell each
# other of a failover. It counts when its epoch is the newest and it comes from another Sentinel, so
# each hears it as if from another. Unlike SENTINEL REMOVE and MONITOR this leaves them knowing each
# other: there is no moment in which they could not agree on a failover.
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
