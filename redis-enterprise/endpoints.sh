# shellcheck shell=bash disable=SC2154 # what set-up.sh and the other parts set or read
# The database's endpoints, for set-up.sh, which sources this.

# answer_of ADDRESS COMMAND …: what a database's endpoint says.
answer_of() {
  local address=$1
  shift
  REDISCLI_AUTH=$RE_DATABASE_PASSWORD timeout 5 redis-cli -h "$address" -p "$port" "$@" 2>&1 || true
}

# check_endpoints: each node as the balancer and a client will see it.
check_endpoints() {
  local address until
  for address in "${nodes[@]}"; do
    until=$((SECONDS + database_deadline))
    while true; do
      api health GET "$address" "/v1/local/bdbs/$uid/endpoint/availability"
      [ "$status" != 200 ] || break
      # Five of them lock the user, and the balancers would lose the database.
      [ "$status" != 401 ] || die "node $address refuses $RE_HEALTH_USER with RE_HEALTH_PASSWORD, and is not asked again: $locked." \
        "If the node has just come back, run this again; else put the password back, or set another RE_HEALTH_USER"
      [ "$SECONDS" -lt "$until" ] || die "the endpoint of node $address is not available to $RE_HEALTH_USER: $(reason)"
      sleep 1
    done
    smoke_test "$address"
    say "node $address: endpoint available, reads, writes and runs scripts"
  done
}

# smoke_test ADDRESS: keys of different slots, written and read and removed.
smoke_test() {
  local address=$1 tag key answer call
  for tag in one two; do
    key="set-up:{$tag}:$RANDOM$RANDOM"
    for call in "PONG|PING" "OK|SET $key $tag EX 60" "$tag|GET $key" "1|DEL $key"; do
      # The words of a command, on purpose.
      # shellcheck disable=SC2086
      answer=$(answer_of "$address" ${call#*|})
      if [[ $answer == OOM* ]]; then
        warn "the database is full: it takes nothing new until something has ended, or its memory is raised in the console"
        return
      fi
      [ "$answer" = "${call%%|*}" ] || die "the database at $address:$port answers ${call#*|} with: $answer"
    done
    # Scripts use several keys with one tag: whatever the definition's shard_key_regex, they have to
    # be in one slot.
    answer=$(answer_of "$address" EVAL 'return #KEYS' 2 "$key:1" "$key:2")
    [ "$answer" = 2 ] || die "the database at $address:$port answers EVAL with two keys of one tag with: $answer"
  done
}
