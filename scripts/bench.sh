#!/usr/bin/env bash
# What routing costs, as ratios of figures taken in one run: docs/benchmarks.md says what each means.
# Needs a machine that does nothing else meanwhile; takes about eight minutes after the build.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/figures.sh
. "$root/scripts/figures.sh"
cd "$root"

need_cargo
need_redis
cargo build --release --locked --package acd-cli
cargo bench --locked --package acd --bench redis_time -- --plot docs/freed-agent.svg

work=$(mktemp -d)
acd=$target/release/acd
finish() {
  stop_acd
  rm -rf "$work"
}
trap finish EXIT
export ACD_BENCH_ROUTE=true
start_acd "$acd" "$work"
export ACD_URL=$base

# bench ARGUMENTS: a report of the load generator.
bench() {
  "$acd" simulator bench --json --clients 64 --seconds 5 "$@" 2>>"$work/log"
}

say "POST contacts over HTTP, and a route that returns a constant"
for _ in 1 2 3; do
  constant=$(bench --mode constant | figure per_second)
  create=$(bench --mode create | figure per_second)
  printf '%.0f / %.0f a second = %s (at least 0.5)\n' "$create" "$constant" "$(ratio "$create" "$constant")"
done

say "time to assign by Redis's clock, at half of full load"
full=$(bench --agents 200 | figure per_second)
half=$(awk -v full="$full" 'BEGIN { printf "%.0f", full / 2 }')
bench --agents 200 --rate "$half" >"$work/half"
p99=$(sed -n '/"reaction": {/,/}/p' "$work/half" | figure p99_ms)
printf 'full load %.0f lifecycles a second; at %s a second p99 %s ms (under 5)\n' "$full" "$half" "$p99"
