#!/usr/bin/env bash
# Makes what our images are built from, also without a registry (an air-gapped install).
#
#   scripts/base-images.sh [--emulator]
#
#   --emulator   for the emulator of Redis Enterprise, too
#
# debian:trixie-slim is pulled or, where that fails, made with debootstrap from its default mirror, this
# machine's own, or ACD_DEBIAN_MIRROR. The Rust image is pulled or, where that fails, the binaries
# are built by this machine's cargo into target/prebuilt/. ACD_BUILD_PROFILE names the cargo profile
# (default: release; the container tests use quick, which is compiled faster).
#
# The last line, on standard output, is the target for docker build: ACD_BUILD_TARGET=runtime, or
# =prebuilt where the binaries are this machine's own.
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

# to_be_had IMAGE: it is here, or a registry gives it.
to_be_had() {
  docker image inspect "$1" >/dev/null 2>&1 && return
  say "pulling $1"
  docker pull --quiet "$1" >&2
}

# Prints the mirrors that this machine installs from, if it is a Debian.
own_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n 's|^deb \(\[[^]]*\] \)\{0,1\}\(https\{0,1\}://[^ ]*/debian\)/\{0,1\} .*|\2|p'
  sed -n 's|^URIs: *\(https\{0,1\}://[^ ]*/debian\)/\{0,1\}$|\1|p' \
    /etc/apt/sources.list.d/*.sources 2>/dev/null
}

make_debian() {
  local mirror files
  mirror=${ACD_DEBIAN_MIRROR:-$(own_mirror | head -n 1)}
  say "no registry: making $debian from ${mirror:-the default mirror of debootstrap}"
  have debootstrap || install debootstrap debootstrap debootstrap debootstrap debootstrap debootstrap
  files=$(mktemp -d)
  # The tree belongs to root.
  # shellcheck disable=SC2064 # now, not when it is run
  trap "as_root rm -rf '$files'" EXIT
  if ! as_root debootstrap --variant=minbase "$suite" "$files/root" ${mirror:+"$mirror"} \
    >"$files/log" 2>&1; then
    tail -n 5 "$files/log" >&2
    die "debootstrap could not make $debian: name a Debian mirror in ACD_DEBIAN_MIRROR"
  fi
  # What the slim image leaves out, too.
  as_root sh -c "cd '$files/root' && rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/* \
    usr/share/doc/* usr/share/man/* usr/share/locale/*"
  as_root tar -C "$files/root" -c . | docker import - "$debian" >/dev/null
}

# build_here BINARY DIRECTORY ARGUMENT …: compiles a binary on this machine. An unchanged file is left alone, so that
# layers stay cached.
build_here() {
  local binary=$1 directory=$2
  shift 2
  say "no registry: building $binary with this machine's cargo"
  cargo build --profile "$profile" --locked --target-dir "$directory" "$@" >&2
  mkdir -p target/prebuilt
  cmp -s "$directory/$profile/$binary" "target/prebuilt/$binary" ||
    cp "$directory/$profile/$binary" "target/prebuilt/$binary"
  # Whatever the umask: in the image it is another user who runs it.
  chmod 755 "target/prebuilt/$binary"
  docker run --rm --network none -v "$root/target/prebuilt:/image:ro,z" "$debian" \
    "/image/$binary" --version >/dev/null ||
    die "$binary as built here does not run on $debian: its C library is older than this" \
      "machine's; build on a Debian, or where a registry is reachable"
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
