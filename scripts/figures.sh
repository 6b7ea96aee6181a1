# shellcheck shell=bash
# How the benchmarks read reports and print ratios. Sourced, not run.

# figure NAME: the first figure of that name in a report on standard input.
figure() {
  sed -n "s/^ *\"$1\": \([0-9.]*\),*\$/\1/p" | head -n 1
}

ratio() {
  awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# median: of the figures on standard input, one a line.
median() {
  sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}
