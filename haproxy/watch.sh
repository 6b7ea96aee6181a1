#!/usr/bin/env bash
# watch.sh INTERFACE: probes HAProxy ten times a second, without starting a process, and reports to keepalived
# whether it answers. Exits with status 1 when only a restart of the container can help: PID 1 then exits, and
# the restart policy restarts the container.
set -euo pipefail

# shellcheck source=haproxy/probe.sh
source "${0%/*}/probe.sh"

interface=$1
# A single failed probe is tolerated. Three in a row are a fault, which is detected within 0.4 s.
misses_to_fault=3
# After about five seconds (0.1 s each) HAProxy is considered to hang permanently.
misses_to_give_up=50
# Successful probes in a row that end a fault, so that a single one between failures does not.
hits_to_heal=3
# About a second without the interface, which is then considered removed.
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
      tell 1 "does not answer: releasing the virtual address"
    fi
    if ((misses >= misses_to_give_up)); then
      say "HAProxy has not answered for about five seconds: restarting the container"
      exit 1
    fi
    # A refused probe returns at once, so pause; a probe that timed out has already waited.
    ((answer == 2)) || pause 0.05
  fi

  # Written again once a second, because keepalived overwrites the file with 1 when it starts.
  rounds=$((rounds + 1))
  if ((rounds % 10 == 0)); then
    tell "$fault" ''
  fi

  # When a network is disconnected and connected again, the container gets another interface, which keepalived
  # can't switch to. For a moment the old interface exists under another name.
  if [ -e "/sys/class/net/$interface" ]; then
    gone=0
  else
    gone=$((gone + 1))
    for other in /sys/class/net/*; do
      if ((gone >= gone_to_give_up)) && [ "${other##*/}" != lo ]; then
        say "the interface $interface was replaced by ${other##*/}: restarting the container"
        exit 1
      fi
    done
  fi
done
