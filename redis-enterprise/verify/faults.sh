# shellcheck shell=bash disable=SC2154 # what verify.sh and stack.sh set
# The loss of nodes under load, for verify.sh, which sources this.

# Seconds that the clients work, and after how many of them the node is killed and started.
load_seconds=40
killed_after=5
down_for=15
# The longest that a client may be without an answer, in ms.
longest_gap=10000

# A hash tag of each half of the slots: of the 16384, bar has 5061 and foo 12182.
tag_of() {
  case $1 in
    lower) echo bar ;;
    upper) echo foo ;;
  esac
}

# fault_row VERDICT CHECK EXPECTED SEEN: as checks.sh writes them.
fault_row() {
  local text line=
  for text; do
    line+=${line:+$'\t'}${text//[$'\t\r\n|']/ }
  done
  printf '%s\n' "$line" >>"$rows"
}

# primary_node: the service of the node that is the cluster's primary, as rladmin tells.
primary_node() {
  local address node
  address=$(docker exec "$(containers re1)" rladmin status nodes 2>/dev/null |
    awk '$2 == "master" || $2 == "primary" { print $3; exit }')
  for node in "${nodes[@]}"; do
    [ "$(setting "${node^^}_ADDRESS")" != "$address" ] || echo "$node"
  done
}

# check_kills: the node of the lower primary shard, then that of the cluster's primary.
check_kills() {
  local layout lower upper primary
  layout=$(asks layout) || die "where the shards are can't be asked: $(tail -n 3 "$messages")"
  lower=$(sed -n 's/^lower=//p' <<<"$layout") upper=$(sed -n 's/^upper=//p' <<<"$layout")
  lose "$lower" lower "node of a primary shard" "$([ "$lower" = "$upper" ] || echo upper)"
  primary=$(primary_node)
  if [ -z "$primary" ]; then
    fault_row differs "The cluster's primary" "rladmin status nodes names one" "none"
    return
  fi
  layout=$(asks layout) || die "where the shards are can't be asked: $(tail -n 3 "$messages")"
  lower=$(sed -n 's/^lower=//p' <<<"$layout") upper=$(sed -n 's/^upper=//p' <<<"$layout")
  if [ "$lower" != "$primary" ]; then
    lose "$primary" "$([ "$upper" != "$primary" ] || echo upper)" "node of the cluster's primary" lower
  else
    lose "$primary" lower "node of the cluster's primary" "$([ "$upper" = "$primary" ] || echo upper)"
  fi
}

# lose NODE HIT WHAT HEALTHY: kills the node, whose primary shard is HIT, and looks at clients of both
# halves through the virtual IP and directly at a node that stays. HIT or HEALTHY may be nothing.
lose() {
  local victim=$1 hit=$2 what=$3 healthy=$4 stays node since half line seen answer code=0
  for node in "${nodes[@]}"; do
    [ "$node" = "$victim" ] || stays=$node
  done
  say "killing $victim, the $what, under load"
  since=$(date +%s)
  local clients=()
  for half in lower upper; do
    clients+=("$half-vip=$(setting ACD_VIP)=$(tag_of $half)")
    clients+=("$half-direct=$(setting "${stays^^}_ADDRESS")=$(tag_of $half)")
  done
  compose run --rm -T --entrypoint /opt/acd/redis-enterprise/verify/client.sh cluster-setup \
    "$load_seconds" "${clients[@]}" >"$work/clients" 2>"$messages" &
  local load=$!
  sleep "$killed_after"
  mapfile -t killed < <(containers "$victim")
  docker kill "${killed[@]}" >/dev/null
  sleep "$down_for"
  docker start "${killed[@]}" >/dev/null
  killed=()
  wait "$load" || die "the clients could not work: $(tail -n 3 "$messages")"
  while read -r line; do
    seen=${line#* }
    half=${line%%-*}
    code=agrees
    [ "$(sed -n 's/.* gap=\([0-9]*\).*/\1/p' <<<"$line")" -le "$longest_gap" ] || code=differs
    case ${line%% *} in
      "$healthy-direct")
        [[ $line == *" lost=0 silent=0 "* ]] || code=differs
        fault_row $code "Loss of the $what: a client of the other shard, at a node that stays" \
          "it loses no connection" "$seen"
        ;;
      *-direct) fault_row $code "Loss of the $what: a client of the $half half, at a node that stays" "an answer within 10 s" "$seen" ;;
      *) fault_row $code "Loss of the $what: a client of the $half half, through the virtual IP" "an answer within 10 s" "$seen" ;;
    esac
  done < <(sort "$work/clients")
  [ -n "$hit" ] || fault_row open "Loss of the $what" "it has a primary shard" "it has none"
  if answer=$(asks whole); then
    fault_row agrees "Loss of the $what: its return" "every endpoint available within 300 s" "after $answer s"
  else
    fault_row differs "Loss of the $what: its return" "every endpoint available within 300 s" "$(tail -n 1 "$messages")"
  fi
  for node in "${balancers[@]}"; do
    printf '%s, loss of %s:\n' "$node" "$victim"
    docker logs --since "$since" "$(containers "$node")" 2>&1 | grep -E 'Server (database|cluster|console)|backend .*(database|cluster)|no server' | tail -n 20 || true
  done >>"$work/balancers"
}

# check_restart: as after a power cut.
check_restart() {
  local value=$RANDOM$RANDOM$RANDOM
  asks keep "$value" || die "a value can't be kept: $(tail -n 3 "$messages")"
  # The append-only file is written through every second.
  sleep 3
  say "killing all three nodes, and starting them again"
  mapfile -t killed < <(containers "${nodes[@]}")
  docker kill "${killed[@]}" >/dev/null
  sleep 2
  docker start "${killed[@]}" >/dev/null
  killed=()
  asks returns "$value" >>"$rows" || die "not everything could be asked: $(tail -n 3 "$messages")"
}
