#!/usr/bin/env bash
# Provides the base images of the project's images, with or without a registry (air-gapped installation).
#
#   scripts/base-images.sh [--emulator]
#
#   --emulator   also for the emulator of Redis Enterprise
#
# debian:trixie-slim is pulled. If that fails, it is created with debootstrap from ACD_DEBIAN_MIRROR, from the
# mirror in the apt sources of this machine, or from debootstrap's default mirror. The Rust image is pulled. If
# that fails, this machine's cargo builds the binaries into target/prebuilt/. ACD_BUILD_PROFILE names the cargo
# profile (default: release; the container tests use quick, which compiles sooner).
#
# The last line of standard output is the build target for docker build: ACD_BUILD_TARGET=runtime, or
# ACD_BUILD_TARGET=prebuilt if the binaries were built on this machine.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

emulate=false
for argument; do
  case $argument in
    --emulator) emulate=true ;;
    *) die "usage: scripts/base-images.sh [--emulator]" ;;
  esac
done

debian=$(sed -n 's/^ARG DEBIAN_IMAGE=//p' services/Dockerfile)
rust=$(sed -n 's/^ARG RUST_IMAGE=//p' services/Dockerfile)
suite=${debian#*:}
suite=${suite%-slim}
profile=${ACD_BUILD_PROFILE:-release}
[[ $profile =~ ^(release|quick)$ ]] || die "ACD_BUILD_PROFILE=$profile: release or quick"

need_docker

# to_be_had IMAGE: whether the image exists here or could be pulled.
to_be_had() {
  docker image inspect "$1" >/dev/null 2>&1 && return
  say "pulling $1"
  docker pull --quiet "$1" >&2
}

# Prints the Debian mirrors in the apt sources of this machine.
own_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n 's|^deb \(\[[^]]*\] \)\{0,1\}\(https\{0,1\}://[^ ]*/debian\)/\{0,1\} .*|\2|p'
  sed -n 's|^URIs: *\(https\{0,1\}://[^ ]*/debian\)/\{0,1\}$|\1|p' \
    /etc/apt/sources.list.d/*.sources 2>/dev/null
}

make_debian() {
  local mirror files
  mirror=${ACD_DEBIAN_MIRROR:-$(own_mirror | head -n 1)}
  say "no registry: creating $debian from ${mirror:-the default mirror of debootstrap}"
  have debootstrap || install debootstrap debootstrap debootstrap debootstrap debootstrap debootstrap
  files=$(mktemp -d)
  # The files belong to root.
  # shellcheck disable=SC2064 # expanded now, because the variable is local
  trap "as_root rm -rf '$files'" EXIT
  if ! as_root debootstrap --variant=minbase "$suite" "$files/root" ${mirror:+"$mirror"} \
    >"$files/log" 2>&1; then
    tail -n 5 "$files/log" >&2
    die "debootstrap could not create $debian: set ACD_DEBIAN_MIRROR to a Debian mirror"
  fi
  # The official slim image leaves these out, too.
  as_root sh -c "cd '$files/root' && rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/* \
    usr/share/doc/* usr/share/man/* usr/share/locale/*"
  as_root tar -C "$files/root" -c . | docker import - "$debian" >/dev/null
}

# build_here BINARY DIRECTORY ARGUMENT…: compiles a binary on this machine. An unchanged binary is not copied again,
# so that image layers stay cached.
build_here() {
  local binary=$1 directory=$2
  shift 2
  say "no registry: building $binary with this machine's cargo"
  cargo build --profile "$profile" --locked --target-dir "$directory" "$@" >&2
  mkdir -p target/prebuilt
  cmp -s "$directory/$profile/$binary" "target/prebuilt/$binary" ||
    cp "$directory/$profile/$binary" "target/prebuilt/$binary"
  # Independent of the umask, because another user runs it in the image.
  chmod 755 "target/prebuilt/$binary"
  docker run --rm --network none -v "$root/target/prebuilt:/image:ro,z" "$debian" \
    "/image/$binary" --version >/dev/null ||
    die "$binary as built here does not run on $debian, whose C library is older than that of this" \
      "machine: build on Debian, or where a registry is reachable"
}

to_be_had "$debian" || make_debian
if to_be_had "$rust"; then
  echo ACD_BUILD_TARGET=runtime
else
  need_cargo
  build_here acd "$target" --package acd-cli
  ! $emulate || build_here redis-enterprise-emulator "$target/emulator" \
    --manifest-path redis-enterprise/emulator/Cargo.toml
  echo ACD_BUILD_TARGET=prebuilt
fi
