# shellcheck shell=bash
# Shared functions of the scripts in this directory. Sourced, not run.

run=/run/keepalived
# keepalived's track_file: 0 while HAProxy answers, else 1.
# shellcheck disable=SC2034 # for those who source this
fault_file=$run/fault

say() {
  # HAProxy sets the shared standard output to non-blocking, so writing fails when the pipe is full. That must not
  # end the script.
  printf '%s: %s\n' "${0##*/}" "$*" >&2 || true
}

# A pipe that is never written to: `read -t` on it waits without starting a process.
exec {never}<> <(:)

pause() {
  read -r -t "$1" -u "$never" || true
}

# haproxy_answers SECONDS: 0 if HAProxy answers within SECONDS; 1 if it refuses the connection or answers with an
# error, which shows at once; 2 after the time-out. An accepted connection is not enough, because the kernel
# accepts connections for a process that hangs.
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
