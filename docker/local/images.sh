#!/usr/bin/env bash
# Builds local images with the public names that docker-compose.yml and the tests use, without
# pulling anything, so the same files run without access to a registry. Replaces images that were
# pulled under these names.
#
# Needs a running Docker daemon, debootstrap, root rights, and a build of the project (mvn package).
set -euo pipefail
cd "$(dirname "$0")"
root=../..

./base.sh
docker tag onepass-base eclipse-temurin:17-jre

build() { # IMAGE FOLDER LIB
  local context
  context=$(mktemp -d)
  cp -r "$2"/. "$context"
  cp -rL "$3" "$context/lib"
  docker build -q -t "$1" "$context" >/dev/null
  rm -rf "$context"
  echo "built image $1"
}
build apache/kafka:4.2.0 kafka "$root/it-tests/kafka-lib/target/lib"
build flink:2.3.0-java17 flink "$root/it-tests/flink-lib/target/lib"
