#!/usr/bin/env bash
# Supports the commands of the official image's entrypoint.
set -euo pipefail
# Rewritten at each start, because a container may be started again.
{
  cat /opt/flink/conf/defaults.yaml
  echo "${FLINK_PROPERTIES:-}"
} >/opt/flink/conf/config.yaml
word=${1:-help}
case $word in
  jobmanager)
    exec /opt/flink/bin/java-main.sh jobmanager \
      org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint --configDir /opt/flink/conf
    ;;
  taskmanager)
    exec /opt/flink/bin/java-main.sh taskmanager \
      org.apache.flink.runtime.taskexecutor.TaskManagerRunner --configDir /opt/flink/conf \
      -D "taskmanager.host=$(hostname -i)"
    ;;
  standalone-job)
    shift
    exec /opt/flink/bin/java-main.sh jobmanager \
      org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint --configDir /opt/flink/conf "$@"
    ;;
  help) echo "usage: docker-entrypoint.sh (jobmanager|taskmanager|standalone-job|COMMAND)" ;;
  *) exec "$@" ;;
esac
