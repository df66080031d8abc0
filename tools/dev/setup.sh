# Sourced by demo and check: the set-up that both do on a bare Debian 12. Expects `root`, the repository.
# Everything it does is said on stderr, and nothing is done twice.

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# Installs the packages of packages.txt that are missing, as root or by sudo.
install_packages() {
  local wanted missing
  wanted=$(sed 's/#.*//' "$root/tools/dev/packages.txt")
  missing=$(for package in $wanted; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done)
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "expects Debian 12 with apt-get; install by hand:" $missing
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "missing packages need root or sudo:" $missing
    as_root=(sudo)
  fi
  say "installing" $missing
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
}

# configure_and_build PRESET TARGET...
configure_and_build() {
  local preset=$1 log=$root/build/$1.configure.log
  shift
  mkdir -p "$root/build"
  if [ ! -f "$root/build/$preset/build.ninja" ]; then
    say "configuring build/$preset"
    (cd "$root" && cmake --preset "$preset") >"$log" 2>&1 || { tail -n 40 "$log" >&2; die "cmake failed, see $log"; }
  fi
  say "building build/$preset: $*"
  ninja -C "$root/build/$preset" "$@" >&2
}
