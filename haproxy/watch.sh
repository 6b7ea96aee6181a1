#!/usr/bin/env bash
# Tells keepalived whether HAProxy answers, ten times a second and without starting a process.
# Ends with 1 when only a new container can help: PID 1 then ends, and the restart policy does the rest.
# watch.sh INTERFACE
set -euo pipefail

# shellcheck source=haproxy/probe.sh
source "${0%/*}/probe.sh"

interface=$1
# One miss is a hiccup; three in a row are noticed within 0.4 s.
misses_to_fault=3
# HAProxy hangs for good: about five seconds, at 0.1 s each.
misses_to_give_up=50
# So that it is not taken for healthy between two hiccups.
hits_to_heal=3
# A second, for an interface that does not come back.
gone_to_give_up=10

fault=1 misses=0 hits=0 rounds=0 gone=0

tell() {
  [ "$fault" = "$1" ] || say "HAProxy $2"
  fault=$1
  printf '%s\n' "$fault" >"$fault_file"
}

while :; do
  answer=0
  haproxy_answers 0.1 || answer=$?
  if ((answer == 0)); then
    misses=0 hits=$((hits + 1))
    if ((fault && hits >= hits_to_heal)); then
      tell 0 "answers"
    fi
    pause 0.1
  else
    misses=$((misses + 1)) hits=0
    if ((!fault && misses >= misses_to_fault)); then
      tell 1 "does not answer: the virtual address goes"
    fi
    if ((misses >= misses_to_give_up)); then
      say "HAProxy has not answered for too long"
      exit 1
    fi
    # A refusal comes at once, a hang has taken its time already.
    ((answer == 2)) || pause 0.05
  fi

  # keepalived sets the file to 1 when it starts, perhaps after we wrote it.
  rounds=$((rounds + 1))
  if ((rounds % 10 == 0)); then
    tell "$fault" ''
  fi

  # A network that was taken away and given back has another interface: keepalived can't follow. For
  # a moment the old one is there under another name.
  if [ -e "/sys/class/net/$interface" ]; then
    gone=0
  else
    gone=$((gone + 1))
    for other in /sys/class/net/*; do
      if ((gone >= gone_to_give_up)) && [ "${other##*/}" != lo ]; then
        say "$interface is gone, ${other##*/} came"
        exit 1
      fi
    done
  fi
done
