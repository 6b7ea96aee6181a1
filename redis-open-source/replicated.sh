# shellcheck shell=bash disable=SC2154 # own and start are node.sh's, the rest is common.sh's
# A node of the tier sentinel. Sourced by node.sh.

# agreed_primary: prints the address of the primary if two Sentinels report the same one and no failover is in
# progress.
agreed_primary() {
  local sentinel answer named=()
  for sentinel in "${sentinels[@]}"; do
    answer=$(ask_sentinel "$sentinel" SENTINEL MASTER "$service")
    [[ $(pair flags <<<"$answer") != *failover_in_progress* ]] || return 0
    named+=("$(pair ip <<<"$answer")")
  done
  printf '%s\n' "${named[@]}" | sort | uniq -c | awk '$1 >= 2 && $2 != "" { print $2 }'
}

# ask_for_primary: waits for a majority of the Sentinels and sets primary. Without a majority the primary is
# unknown, and a node that guessed could accept writes that the real primary does not have.
ask_for_primary() {
  local told=false
  primary=
  while [ -z "$primary" ]; do
    primary=$(agreed_primary)
    [ -z "$primary" ] || return 0
    $told || say "waiting until two Sentinels agree on the primary"
    told=true
    sleep 0.2
  done
}

replicated_configuration() {
  cat <<END
# A primary without replicas accepts no writes, because the replicas may have another primary. The limit is
# shorter than down-after-milliseconds of the Sentinels, so it stops before another one is promoted.
min-replicas-to-write $1
min-replicas-max-lag 2
END
}

# wait_for_another: for a primary whose disk is empty. Its replicas would synchronise from it and so delete
# their data. So it waits until the Sentinels have promoted another node, or until both other nodes have
# reported that they are empty, too.
wait_for_another() {
  local address empty told=false
  [ -z "$(ls -A "$data/6379/appendonlydir" 2>/dev/null)" ] || return 0
  while [ "$primary" = "$own" ]; do
    empty=0
    for address in "${nodes[@]}"; do
      [ "$address" = "$own" ] || [ "$(ask "$address" 6379 DBSIZE)" != 0 ] || empty=$((empty + 1))
    done
    [ $empty -lt 2 ] || return 0
    $told || say "the disk is empty: waiting until another node is promoted, or until both others are empty, too"
    told=true
    sleep 0.3
    ask_for_primary
  done
}

# insist COMMAND…: repeats a command to the local server until it succeeds or the server has ended.
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
  # This node is the primary. But another may be promoted while it loads its data. So it starts with more
  # required replicas than there are, which makes it refuse writes, until the Sentinels have confirmed again.
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
