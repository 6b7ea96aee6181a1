# shellcheck shell=bash
# Functions of the benchmarks that read reports and calculate ratios. Sourced, not run.

# figure NAME: prints the first figure of that name in the report on standard input.
figure() {
  sed -n "s/^ *\"$1\": \([0-9.]*\),*\$/\1/p" | head -n 1
}

ratio() {
  awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# median: prints the median of the figures on standard input, one a line.
median() {
  sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}
