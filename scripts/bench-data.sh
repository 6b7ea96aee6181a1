#!/usr/bin/env bash
# Measures the cost of durability and of more shards, as ratios of figures taken in one run;
# docs/measurements/benchmarks.md explains each. Runs real servers on this machine's loopback, with the settings
# of the data tiers (an append-only file with an fsync for each write), without containers and balancers.
#
#   scripts/bench-data.sh [ROUNDS]     number of measurements of each pair (default: 3)
#
# Needs a machine without other load; takes about three minutes after the build.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/figures.sh
. "$root/scripts/figures.sh"
cd "$root"

rounds=${1:-3}
[[ $rounds =~ ^[1-9][0-9]?$ ]] || die "ROUNDS must be a whole number from 1 to 99, not $rounds"
need_cargo
need_redis
redis=$(redis_program)
cargo build --release --locked --package acd-cli
acd=$target/release/acd
work=$(mktemp -d)
first_port=${ACD_BENCH_PORT:-17401}
servers=()

finish() {
  stop_acd
  [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap finish EXIT

cli() {
  redis-cli -p "$@"
}

# server PORT ARGUMENT…: starts a server with the settings of the data tiers.
server() {
  local port=$1
  shift
  mkdir -p "$work/$port"
  "$redis" --port "$port" --bind 127.0.0.1 --dir "$work/$port" --save '' --appendonly yes \
    --appendfsync always --repl-diskless-sync-delay 0 --loglevel warning "$@" >>"$work/log" 2>&1 &
  servers+=($!)
  until_said 10 PONG cli "$port" ping
}

# until_said SECONDS WORDS COMMAND…: repeats the command until it prints the words.
until_said() {
  local end=$((SECONDS + $1)) words=$2
  shift 2
  until "$@" 2>/dev/null | grep -q "$words"; do
    [ $SECONDS -lt $end ] || die "timed out waiting for $words from $*"
    sleep 0.1
  done
}

end_servers() {
  kill "${servers[@]}"
  wait "${servers[@]}" 2>/dev/null || true
  servers=()
  first_port=$((first_port + 20))
}

start_single() {
  server "$first_port"
  ACD_REDIS_URL=redis://127.0.0.1:$first_port
}

start_sentinel() {
  local port urls=
  server "$first_port"
  for port in $((first_port + 1)) $((first_port + 2)); do
    server "$port" --replicaof 127.0.0.1 "$first_port"
    until_said 20 master_link_status:up cli "$port" info replication
  done
  for port in $((first_port + 10)) $((first_port + 11)) $((first_port + 12)); do
    echo "sentinel monitor acd 127.0.0.1 $first_port 2" >"$work/$port.conf"
    "$redis" "$work/$port.conf" --sentinel --port "$port" --bind 127.0.0.1 >>"$work/log" 2>&1 &
    servers+=($!)
    until_said 10 PONG cli "$port" ping
    urls=$urls,127.0.0.1:$port
  done
  ACD_REDIS_URL=redis+sentinel://${urls#,}/acd
}

start_cluster() {
  local port nodes=()
  for port in $(seq "$first_port" $((first_port + 5))); do
    server "$port" --cluster-enabled yes --cluster-port $((port + 10000))
    nodes+=("127.0.0.1:$port")
  done
  redis-cli --cluster create "${nodes[@]}" --cluster-replicas 1 --cluster-yes >>"$work/log"
  for port in $(seq "$first_port" $((first_port + 5))); do
    until_said 20 cluster_state:ok cli "$port" cluster info
    until_said 20 'role:master\|master_link_status:up' cli "$port" info replication
  done
  ACD_REDIS_URL=redis+cluster://127.0.0.1:$first_port
}

# measure DURABILITY: sets rate (lifecycles a second) and p99 (of a lifecycle, in ms).
measure() {
  local report=$work/report
  export ACD_REDIS_URL ACD_DURABILITY=$1
  mkdir -p "$work/acd"
  start_acd "$acd" "$work/acd"
  "$acd" simulator bench --json --url "$base" --clients 64 --agents 200 --seconds 5 \
    >"$report" 2>>"$work/log" || die "the load generator reported failures: $(tail -n 3 "$work/log")"
  stop_acd
  rate=$(figure per_second <"$report")
  rate=${rate%.*}
  p99=$(sed -n '/"lifecycle": {/,/}/p' "$report" | figure p99_ms)
}

say "lifecycles a second and their p99, by data tier and durability"
start_single
for _ in $(seq "$rounds"); do
  measure local
  echo "single    local $rate a second, p99 $p99 ms"
done
end_servers
for tier in sentinel cluster; do
  "start_$tier"
  ratios=()
  for _ in $(seq "$rounds"); do
    measure local
    local_rate=$rate local_p99=$p99
    measure replicated
    ratios+=("$(ratio "$rate" "$local_rate")")
    printf '%-9s local %s a second, p99 %s ms; replicated %s a second, p99 %s ms; ratio %s\n' \
      "$tier" "$local_rate" "$local_p99" "$rate" "$p99" "${ratios[-1]}"
  done
  echo "$tier replicated / local: median $(printf '%s\n' "${ratios[@]}" | median) (at least 0.67)"
  [ "$tier" = cluster ] || end_servers
done

# redis_us PORT: prints the time that the server has spent in scripts, in µs.
redis_us() {
  cli "$1" info commandstats | tr -d '\r' |
    sed -n 's/^cmdstat_eval\(sha\)\{0,1\}:.*usec=\([0-9]*\),.*/\2/p' | awk '{ sum += $1 } END { print sum + 0 }'
}

say "centers on one, two, three primaries at once (replicated)"
export ACD_DURABILITY=replicated
start_acd "$acd" "$work/acd"
primaries=("$first_port" $((first_port + 1)) $((first_port + 2)))
centers=() number=0
for port in "${primaries[@]}"; do
  while true; do
    center=c$((number += 1))
    [ $number -lt 100 ] || die "found no center on the primary at port $port"
    curl -sf -X PUT "$base/v1/centers/$center" -H 'content-type: application/json' -d '{}' >/dev/null
    [ -z "$(cli "$port" keys "acd:*:$center:config")" ] || break
  done
  centers+=("$center")
done
# together INDEX…: loads the centers on these primaries at the same time. Sets total (lifecycles a second of all)
# and shares (Redis time of a lifecycle in µs, by primary).
together() {
  local index before=() pids=() spent ended
  for index; do
    before+=("$(redis_us "${primaries[index]}")")
    "$acd" simulator bench --json --url "$base" --center "${centers[index]}" --clients 32 --agents 100 \
      --seconds 5 --warmup 0s >"$work/report$index" 2>>"$work/log" &
    pids+=($!)
  done
  wait "${pids[@]}"
  total=0 shares=()
  for index; do
    spent=$(($(redis_us "${primaries[index]}") - before[0]))
    before=("${before[@]:1}")
    ended=$(figure "done" <"$work/report$index")
    total=$(awk -v a="$total" -v b="$(figure per_second <"$work/report$index")" 'BEGIN { printf "%.0f", a + b }')
    shares+=("$(awk -v a="$spent" -v b="$ended" 'BEGIN { printf "%.0f", a / b }')")
  done
}

# Each primary is measured alone: with others on the same few cores, the measured time would include theirs.
model=0
for index in 0 1 2; do
  together $index
  model=$(awk -v sum="$model" -v us="${shares[0]}" 'BEGIN { printf "%.0f", sum + 1e6 / us }')
  echo "primary $((index + 1)) alone: $total lifecycles a second, ${shares[0]} µs of Redis time each;" \
    "$((index + 1)) of them with enough cores: $model a second"
done
for count in 2 3; do
  # Unquoted, because each number is a word.
  # shellcheck disable=SC2046
  together $(seq 0 $((count - 1)))
  echo "$count at the same time: $total lifecycles a second in total; Redis time of each, by primary: ${shares[*]} µs"
done
