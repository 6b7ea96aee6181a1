#!/usr/bin/env bash
# Measures the cost of routing, as ratios of figures taken in one run; docs/measurements/benchmarks.md explains
# each. Needs a machine without other load; takes about eight minutes after the build.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/figures.sh
. "$root/scripts/figures.sh"
cd "$root"

need_cargo
need_redis
cargo build --release --locked --package acd-cli
cargo bench --locked --package acd-store --bench redis_time -- --plot docs/measurements/freed-agent.svg

work=$(mktemp -d)
acd=$target/release/acd
loads=()
finish() {
  stop_loads
  stop_acd
  rm -rf "$work"
}
trap finish EXIT
export ACD_BENCH_ROUTE=true

# fresh: starts an ACD without data.
fresh() {
  stop_acd
  rm -rf "$work/data"
  start_acd "$acd" "$work"
  export ACD_URL=$base
}

# bench ARGUMENT…: runs the load generator and prints its report.
bench() {
  "$acd" simulator bench --json "$@" 2>>"$work/log"
}

# created: prints the number of POST requests that the API has answered with 201.
created() {
  curl -fsS "$base/metrics" |
    awk '/^acd_http_requests_total.*"POST".*"201"/ { sum += $NF } END { print sum + 0 }'
}

# stop_loads: ends the load generators, also the suspended ones.
stop_loads() {
  local pid
  for pid in "${loads[@]}"; do
    if kill -KILL "$pid"; then wait "$pid" || true; fi
  done 2>/dev/null
  loads=()
}

# turn PID: resumes a suspended load generator for a second; sets rate, the requests a second.
turn() {
  local before after began ended
  before=$(created)
  began=${EPOCHREALTIME/[.,]/}
  kill -CONT "$1"
  sleep 1
  kill -STOP "$1"
  ended=${EPOCHREALTIME/[.,]/}
  # Requests in flight are still answered.
  sleep 0.05
  after=$(created)
  [ "$after" -gt "$before" ] || die "the load generator sent no requests: $(tail -n 3 "$work/log")"
  rate=$(((after - before) * 1000000 / (ended - began)))
}

# compare CLIENTS: measures POST contacts and the constant route in alternate seconds, because the speed of a
# shared machine varies over time.
compare() {
  local mode constant
  fresh
  for mode in constant create; do
    # Not with the function bench, because this process must be the one that is suspended.
    "$acd" simulator bench --json --clients "$1" --seconds 600 --mode "$mode" >/dev/null 2>>"$work/log" &
    loads+=($!)
    sleep 2
    kill -STOP $!
  done
  for _ in {1..20}; do
    turn "${loads[0]}"
    constant=$rate
    turn "${loads[1]}"
    echo "$constant $rate"
  done >"$work/turns"
  stop_loads
  awk -v clients="$1" '
    { constants += $1; creates += $2; sum += $2 / $1; squares += ($2 / $1) ^ 2 }
    END {
      error = sqrt((squares / NR - (sum / NR) ^ 2) / (NR - 1))
      printf "%d clients: %.0f / %.0f a second = %.2f, standard error %.2f\n",
        clients, creates / NR, constants / NR, creates / constants, error
    }' "$work/turns"
}

say "POST contacts over HTTP, and a route that returns a constant (at full load at least 0.5)"
for clients in 64 256; do
  compare "$clients"
done

say "time to assign by the clock of Redis, at half of the full load"
fresh
full=$(bench --clients 64 --seconds 5 --agents 200 | figure per_second)
half=$(awk -v full="$full" 'BEGIN { printf "%.0f", full / 2 }')
bench --clients 64 --seconds 5 --agents 200 --rate "$half" >"$work/half"
p99=$(sed -n '/"reaction": {/,/}/p' "$work/half" | figure p99_ms)
printf 'full load %.0f lifecycles a second; at %s a second p99 %s ms (under 5)\n' "$full" "$half" "$p99"
