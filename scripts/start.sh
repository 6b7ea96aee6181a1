#!/usr/bin/env bash
# Starts the highly available stack of compose.yaml with Docker Compose, in the right order, and checks each
# step before the next one. Idempotent: a further run changes only what differs from the settings, and
# completes an interrupted run.
#
#   scripts/start.sh [--data TIER] [--emulator] [--no-build] [--prepare] [PROFILE…]
#
#   --data TIER  the data tier: enterprise (Redis Enterprise, the default) or, with Redis or Valkey,
#                sentinel (a primary, two replicas, three Sentinels), cluster (three primaries, three
#                replicas) or single. Kept in .env; to change it, first run scripts/stop.sh --volumes
#   --emulator   use the emulator instead of Redis Enterprise, for rehearsals without its image
#   --no-build   use the existing images
#   --prepare    create the missing files (see below) and the images, start nothing, and print the command that
#                starts the stack with plain Docker Compose
#   PROFILE      redis (the data tier), loadbalancer, rest, dispatcher (default: these four), simulator, monitoring
#
# Creates missing files: .env (addresses and random secrets) and haproxy/certificate/server.pem
# (self-signed; replace it with your own). ACD_SUBNET=10.1.2.0/24 moves the stack to another subnet.
set -euo pipefail
# shellcheck source=scripts/stack.sh
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
# shellcheck source=scripts/roll.sh
. "$root/scripts/roll.sh"
# shellcheck source=scripts/data.sh
. "$root/scripts/data.sh"
# shellcheck source=scripts/enterprise.sh
. "$root/scripts/enterprise.sh"
cd "$root"

emulate=false build=true prepare=false tier='' profiles=()
while [ $# -gt 0 ]; do
  argument=$1
  shift
  case $argument in
    --data)
      [ $# -gt 0 ] || die "--data needs a value: enterprise, sentinel, cluster or single"
      tier=$1
      shift
      ;;
    --data=*) tier=${argument#*=} ;;
    --emulator) emulate=true ;;
    --no-build) build=false ;;
    --prepare) prepare=true ;;
    -h | --help)
      sed -n '2,/^set -/s/^# \{0,1\}//p' "$0"
      exit
      ;;
    redis | loadbalancer | rest | dispatcher | simulator | monitoring) profiles+=("$argument") ;;
    *) die "unknown argument $argument: scripts/start.sh --help" ;;
  esac
done
[ ${#profiles[@]} -gt 0 ] || profiles=(redis loadbalancer rest dispatcher)

wanted() {
  [[ " ${profiles[*]} " == *" $1 "* ]]
}

# wait_for SECONDS WHAT SERVICE COMMAND…: repeats the command until it succeeds, then prints WHAT. After
# SECONDS it fails with the last log lines of the service.
wait_for() {
  local seconds=$1 what=$2 service=$3 end
  shift 3
  end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then
      compose logs --no-color --tail 3 "$service" >&2 || true
      die "timed out after $seconds seconds waiting until $what: see scripts/logs.sh $service"
    fi
    sleep 0.5
  done
  say "$what"
}

make_settings() {
  local subnet prefix name address fixed='' octet='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
  subnet=$(setting ACD_SUBNET 192.168.20.0/24)
  [[ $subnet =~ ^($octet\.$octet\.$octet)\.0/24$ ]] ||
    die "ACD_SUBNET=$subnet: must be a /24 network, such as 192.168.20.0/24"
  prefix=${BASH_REMATCH[1]}
  keep COMPOSE_PROJECT_NAME acd
  keep ACD_SUBNET "$subnet"
  keep ACD_IP_RANGE "$prefix.128/25"
  keep ACD_VIP "$prefix.100"
  keep ACD_LB1_ADDRESS "$prefix.11"
  keep ACD_LB2_ADDRESS "$prefix.12"
  keep ACD_PROMETHEUS_ADDRESS "$prefix.21"
  keep ACD_GRAFANA_ADDRESS "$prefix.22"
  keep RE1_ADDRESS "$prefix.2"
  keep RE2_ADDRESS "$prefix.3"
  keep RE3_ADDRESS "$prefix.4"
  for name in RE_ADMIN_PASSWORD RE_DATABASE_PASSWORD RE_HEALTH_PASSWORD ACD_STATS_PASSWORD \
    ACD_GRAFANA_PASSWORD; do
    keep "$name" "$(openssl rand -hex 16)"
  done
  make_data_settings "$prefix"
  chmod 600 "$settings"
  for name in ACD_IP_RANGE ACD_VIP ACD_LB1_ADDRESS ACD_LB2_ADDRESS RE1_ADDRESS RE2_ADDRESS RE3_ADDRESS \
    REDIS{1,2,3}_ADDRESS SENTINEL{1,2,3}_ADDRESS ACD_PROMETHEUS_ADDRESS ACD_GRAFANA_ADDRESS; do
    address=$(setting "$name")
    [[ $address =~ ^$octet(\.$octet){3}(/[0-9]{1,2})?$ ]] || die "$name=$address is not an IPv4 address"
    [[ $address == "$prefix".* ]] ||
      die "$name=$address is not in ACD_SUBNET=$subnet: change it in .env, or remove its line"
    [[ " $fixed " != *" $address "* ]] || die "$name=$address is used twice: each address must be unique"
    fixed="$fixed $address"
  done
  for name in ACD_API_REPLICAS ACD_DISPATCHER_REPLICAS; do
    [[ $(setting $name 2) =~ ^([1-9]|1[0-6])$ ]] || die "$name=$(setting $name): must be a whole number from 1 to 16"
  done
  [[ $(setting ACD_RATE_LIMIT 5000) =~ ^[0-9]{1,8}$ ]] ||
    die "ACD_RATE_LIMIT=$(setting ACD_RATE_LIMIT): must be a whole number of requests a second"
}

make_certificate() {
  local folder=haproxy/certificate file=haproxy/certificate/server.pem vip lb
  vip=$(setting ACD_VIP)
  mkdir -p $folder
  if [ ! -s $file ]; then
    say "creating $file, self-signed"
    (
      umask 077
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -sha256 \
        -subj "/O=acd/CN=$vip" -addext "subjectAltName=IP:$vip,DNS:localhost" \
        -keyout $folder/new.key -out $folder/new.pem 2>/dev/null || die "openssl could not create $file"
      cat $folder/new.key >>$folder/new.pem
      mv $folder/new.pem $file
      rm -f $folder/new.key
    )
    for lb in "${balancers[@]}"; do
      ! running "$lb" || compose kill -s HUP "$lb" >/dev/null 2>&1
    done
  fi
  openssl x509 -in $file -noout -checkend 0 >/dev/null 2>&1 ||
    die "$file is not a certificate, or has expired: replace it (certificate, then key), or remove it"
  [ "$(openssl x509 -in $file -noout -pubkey 2>/dev/null)" = "$(openssl pkey -in $file -passin pass: -pubout 2>/dev/null)" ] ||
    die "$file does not contain the private key of its certificate: it needs the certificate, then the key, without a passphrase"
}

build_images() {
  local made target services=() also=()
  ! $emulate || also=(--emulator)
  # Without the lock's descriptor: a process started there would keep the lock.
  made=$(scripts/base-images.sh "${also[@]}" 9<&-)
  target=${made##*=}
  export ACD_BUILD_TARGET=$target
  put ACD_BUILD_TARGET "$target"
  if $emulate && wanted redis; then
    say "building the emulator of Redis Enterprise"
    docker build --quiet --file redis-enterprise/emulator/Dockerfile --target "$target" \
      --tag "$emulator" . >/dev/null
  fi
  if wanted redis; then
    [ "$data" = enterprise ] && services+=(cluster-setup) || services+=(redis1)
  fi
  ! wanted loadbalancer || services+=(lb1)
  # All roles use the same image.
  if wanted rest || wanted dispatcher || wanted simulator; then
    services+=(api)
  fi
  [ ${#services[@]} -gt 0 ] || return 0
  say "building ${services[*]}"
  compose build --quiet "${services[@]}" >&2
}

# up SERVICE…: creates and starts services. Prints nothing if that succeeds.
up() {
  local output
  if ! output=$(compose up --detach --no-build "$@" 2>&1); then
    printf '%s\n' "$output" >&2
    case $output in
      *[Pp]ool\ overlaps*) die "another network of this machine uses $(setting ACD_SUBNET): set ACD_SUBNET" ;;
      *"operation not permitted"* | *rlimit*) die "Docker refused the capability or limit of the container:" \
        "set RE_CAP (to an allowed capability, such as CHOWN) and RE_NOFILE (such as 10000) in .env" ;;
      *) die "Docker Compose could not start: $*" ;;
    esac
  fi
}

vip_answers() {
  local lb
  for lb in "${balancers[@]}"; do
    ! holds_vip "$lb" || return 0
  done
  return 1
}

start_balancers() {
  say "balancers: starting ${balancers[*]}"
  roll_balancers
  wait_for 30 "a balancer has the virtual IP $(setting ACD_VIP)" lb1 vip_answers
  if wanted redis; then
    set_up through-balancer ||
      die "the data tier does not answer at the virtual IP: scripts/status.sh shows the backends"
  fi
}

# show_command: prints the plain Docker Compose command that starts the chosen profiles.
show_command() {
  local name options=''
  for name in "${profiles[@]}"; do
    [ "$name" != redis ] || [ "$data" = enterprise ] || name=$data
    options+=" --profile $name"
  done
  compose version >/dev/null
  cat <<END

  Nothing was started. This command starts the stack. The profiles can also be started one by one, in any order:

    $compose_program$options up -d

  scripts/status.sh shows the state of the stack.
END
}

# asks SERVICE URL: whether the URL answers with success, asked from each container of a service.
asks() {
  local id none=1
  for id in $(containers "$1"); do
    none=0
    docker exec "$id" /opt/acd/acd healthcheck --url "$2" || return 1
  done
  return $none
}

start_api() {
  say "API: starting"
  roll api asks api http://127.0.0.1:8000/readyz
  wait_for 60 "every API replica is ready" api asks api http://127.0.0.1:8000/readyz
  if running lb1 || running lb2; then
    wait_for 30 "the API answers through the virtual IP" lb1 \
      asks api "http://$(setting ACD_VIP):8000/readyz"
  fi
}

start_dispatchers() {
  say "dispatchers: starting"
  roll dispatcher asks dispatcher http://127.0.0.1:8001/readyz
  wait_for 60 "every dispatcher reaches every partition" dispatcher asks dispatcher http://127.0.0.1:8001/readyz
}

start_monitoring() {
  say "monitoring: starting prometheus and grafana"
  up prometheus grafana
  wait_for 60 "Prometheus is ready" prometheus compose exec -T prometheus \
    wget -q -O /dev/null http://127.0.0.1:9090/-/ready
  wait_for 90 "Grafana is ready" grafana compose exec -T grafana \
    wget -q -O /dev/null http://127.0.0.1:3000/api/health
}

need_docker
have openssl || install openssl openssl openssl openssl openssl openssl
lock_stack
choose_data "$tier"
make_settings
make_certificate
if wanted redis && [ "$data" = enterprise ]; then
  choose_redis_enterprise
  choose_definition
fi
! $build || build_images
if $prepare; then
  show_command
  exit
fi
! wanted redis || start_data
! wanted loadbalancer || start_balancers
! wanted rest || start_api
! wanted dispatcher || start_dispatchers
! wanted monitoring || start_monitoring
if wanted simulator; then
  say "simulator: running callers and agents against the virtual IP"
  compose run --rm -T simulator
fi

vip=$(setting ACD_VIP)
case $data in
  enterprise) where="Console     https://$vip:8443   $(setting RE_ADMIN_USER admin@acd.local), RE_ADMIN_PASSWORD in .env" ;;
  cluster) where="Data        $ACD_REDIS_IMPL cluster, entry at $vip:7010, REDIS_PASSWORD in .env" ;;
  *) where="Data        $ACD_REDIS_IMPL, the primary at $vip:6379, REDIS_PASSWORD in .env" ;;
esac
cat <<END

  API         http://$vip:8000/v1/centers/main    https://$vip:8001
  Browse it   http://$vip:8000/docs
  $where
  Statistics  http://$vip:1936/stats   $(setting ACD_STATS_USER admin), ACD_STATS_PASSWORD in .env
  Dashboard   http://$(setting ACD_GRAFANA_ADDRESS):3000   admin, ACD_GRAFANA_PASSWORD in .env (profile monitoring)

  scripts/status.sh shows the state, scripts/logs.sh the logs, scripts/stop.sh stops the stack.
END
