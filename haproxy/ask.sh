#!/usr/bin/env bash
# ask COMMAND…: what HAProxy answers on its socket, e.g. `docker exec lb1 ask show servers state`.
set -euo pipefail

printf '%s\n' "$*" | socat -t 5 - UNIX-CONNECT:/run/haproxy/stats.sock
