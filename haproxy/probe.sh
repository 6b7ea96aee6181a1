# shellcheck shell=bash
# Functions that the scripts beside this one share. Sourced, not run.

run=/run/keepalived
# 0 while HAProxy answers, 1 when not: keepalived's track_file.
# shellcheck disable=SC2034 # for those who source this
fault_file=$run/fault

say() {
  # HAProxy sets standard output, which we share, to non-blocking: a full pipe must not end us.
  printf '%s: %s\n' "${0##*/}" "$*" >&2 || true
}

# The shell's own read is the timer, so that a wait needs no process; nothing is ever written here.
exec {never}<> <(:)

pause() {
  read -r -t "$1" -u "$never" || true
}

# Whether HAProxy answers within $1 seconds: 0, or 1 at once when nobody listens, or 2. A listener
# alone proves nothing: the kernel goes on accepting connections for a process that hangs.
haproxy_answers() {
  local answer=2 line=''
  { exec {asked}<>/dev/tcp/127.0.0.1/1937; } 2>/dev/null || return 1
  if printf 'GET /alive HTTP/1.0\r\n\r\n' >&"$asked" && IFS= read -r -t "$1" -u "$asked" line; then
    case $line in
      'HTTP/1.'?' 200 '*) answer=0 ;;
      *) answer=1 ;;
    esac
  fi 2>/dev/null
  exec {asked}>&-
  return "$answer"
}
