#!/usr/bin/env bash
# ask COMMAND…: sends a command to HAProxy's socket, for example `docker exec lb1 ask show servers state`.
set -euo pipefail

printf '%s\n' "$*" | socat -t 5 - UNIX-CONNECT:/run/haproxy/stats.sock
