#!/usr/bin/env bash
# Clients of the database for verify.sh, each on one connection that it keeps as long as it can:
#
#   client.sh SECONDS NAME=ADDRESS=TAG…
#
# A client increments a key with its tag 20 times a second. At the end it says in a line what it met:
# NAME lost=N (connections that were closed to it) silent=N (given up after a second without an answer)
# gap=MS (the longest time without a good answer) good=N errors=TEXT.
set -euo pipefail

# RE_DATABASE_PASSWORD is the container's.
password=${RE_DATABASE_PASSWORD:?}
port=12000

# now: in milliseconds.
now() {
  printf '%s' $((${EPOCHREALTIME/[.,]/} / 1000))
}

# command WORD…: sends it; the answer's first line is in answer. 1: closed, 2: silent.
command() {
  local word request="*$#"$'\r\n' rc
  for word; do
    request+="\$${#word}"$'\r\n'"$word"$'\r\n'
  done
  printf '%s' "$request" 2>/dev/null >&3 || return 1
  answer=
  IFS= read -r -t 1 answer <&3 2>/dev/null || {
    rc=$?
    [ "$rc" -gt 128 ] && return 2
    return 1
  }
  answer=${answer%$'\r'}
}

connect() {
  exec 3>&- || true
  { exec 3<>"/dev/tcp/$1/$port"; } 2>/dev/null || return 1
  command AUTH "$password" && [ "$answer" = +OK ]
}

client() {
  local name=$1 address=$2 tag=$3 until=$(($(now) + seconds * 1000)) last lost=0 silent=0 gap=0 good=0 errors='' rc at
  last=$(now)
  trap '' PIPE
  until connect "$address" || [ "$(now)" -ge "$until" ]; do sleep 0.1; done
  while [ "$(now)" -lt "$until" ]; do
    rc=0
    command INCR "verify:{$tag}:count" || rc=$?
    case $rc:${answer:-} in
      0::*)
        at=$(now)
        [ $((at - last)) -le "$gap" ] || gap=$((at - last))
        last=$at good=$((good + 1))
        ;;
      0:*) [[ $errors == *"${answer:0:60}"* ]] || errors+="${errors:+ / }${answer:0:60}" ;;
      1:*) lost=$((lost + 1)) ;;
      2:*) silent=$((silent + 1)) ;;
    esac
    if [ "$rc" != 0 ]; then
      until connect "$address" || [ "$(now)" -ge "$until" ]; do sleep 0.1; done
    fi
    sleep 0.05
  done
  at=$(now)
  [ $((at - last)) -le "$gap" ] || gap=$((at - last))
  printf '%s lost=%d silent=%d gap=%d good=%d errors=%s\n' "$name" "$lost" "$silent" "$gap" "$good" "${errors:-none}"
}

seconds=$1
shift
for arguments; do
  IFS='=' read -r name address tag <<<"$arguments"
  client "$name" "$address" "$tag" &
done
wait
