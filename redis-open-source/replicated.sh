# shellcheck shell=bash disable=SC2154 # own and start are node.sh's, the rest is common.sh's
# A node of the sentinel tier, for node.sh, which sources this.

# the_word: the primary's address, when two Sentinels name the same and none is at work on a failover.
the_word() {
  local sentinel answer named=()
  for sentinel in "${sentinels[@]}"; do
    answer=$(ask_sentinel "$sentinel" SENTINEL MASTER "$service")
    [[ $(pair flags <<<"$answer") != *failover_in_progress* ]] || return 0
    named+=("$(pair ip <<<"$answer")")
  done
  printf '%s\n' "${named[@]}" | sort | uniq -c | awk '$1 >= 2 && $2 != "" { print $2 }'
}

# ask_for_primary: sets primary. Without a majority nobody knows who it is, and a node that guessed
# could take writes that another does not have.
ask_for_primary() {
  local told=false
  primary=
  while [ -z "$primary" ]; do
    primary=$(the_word)
    [ -z "$primary" ] || return 0
    $told || say "waiting for two Sentinels that agree who is the primary"
    told=true
    sleep 0.2
  done
}

replicated_configuration() {
  cat <<END
# A primary that has lost its replicas takes no write: they may have another primary by now. Shorter
# than the Sentinels wait, so it has stopped before another begins.
min-replicas-to-write $1
min-replicas-max-lag 2
END
}

# wait_for_another: of the primary whose disk is empty, until the Sentinels have made another one the
# primary, or both others have said that they have nothing either. As the primary it would have them
# throw away what they have.
wait_for_another() {
  local address empty told=false
  [ -z "$(ls -A "$data/6379/appendonlydir" 2>/dev/null)" ] || return 0
  while [ "$primary" = "$own" ]; do
    empty=0
    for address in "${nodes[@]}"; do
      [ "$address" = "$own" ] || [ "$(ask "$address" 6379 DBSIZE)" != 0 ] || empty=$((empty + 1))
    done
    [ $empty -lt 2 ] || return 0
    $told || say "the disk is empty: waiting for the other nodes, or until another is the primary"
    told=true
    sleep 0.3
    ask_for_primary
  done
}

# insist COMMAND…: of the server here, until it has done it or has ended.
insist() {
  until [[ $(ask 127.0.0.1 6379 "$@") == OK ]]; do
    kill -0 "${servers[0]}" 2>/dev/null || return 0
    sleep 0.1
  done
}

start_replicated() {
  ask_for_primary
  [ "$primary" != "$own" ] || wait_for_another
  if [ "$primary" != "$own" ]; then
    say "$(node_of "$primary") is the primary"
    start 6379 "$data/6379" < <(replicated_configuration 1 && echo "replicaof $primary 6379")
    return
  fi
  # The primary is this one. But to read the data takes its time, in which another may be promoted: so
  # it asks for more replicas than there are, and takes no write, until the Sentinels have said it again.
  start 6379 "$data/6379" < <(replicated_configuration 9)
  until [[ $(ask 127.0.0.1 6379 PING) == PONG ]]; do
    kill -0 "${servers[0]}" 2>/dev/null || return 0
    sleep 0.1
  done
  ask_for_primary
  if [ "$primary" != "$own" ]; then
    insist REPLICAOF "$primary" 6379
  fi
  insist CONFIG SET min-replicas-to-write 1
  say "$(node_of "$primary") is the primary"
}
