#!/usr/bin/env bash
# Builds the image onepass-base, Debian with a Java runtime, from the package mirror of this
# machine, for use where no image can be pulled. Keeps the file system in $ONEPASS_CACHE (default:
# ~/.cache/onepass), so the next run takes seconds.
set -euo pipefail

image=onepass-base
cache=${ONEPASS_CACHE:-$HOME/.cache/onepass}
suite=bookworm
packages=openjdk-17-jre-headless,libstdc++6,procps
archive=$cache/base-$suite-$(echo "$packages" | sha256sum | cut -c1-12).tar

if docker image inspect "$image" >/dev/null 2>&1; then
  echo "image $image exists already"
  exit
fi
if [ ! -f "$archive" ]; then
  mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" | head -1)
  root=$(mktemp -d)
  trap 'rm -rf "$root"' EXIT
  debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/etc/apt/sources.list*
  mkdir -p "$cache"
  tar -C "$root" -cf "$archive.part" .
  mv "$archive.part" "$archive"
fi
docker import --change 'ENV JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64' "$archive" "$image" >/dev/null
echo "built image $image"
