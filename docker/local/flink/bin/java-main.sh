#!/usr/bin/env bash
# Runs a main class of Flink with the JVM options in the configuration: java-main.sh ROLE CLASS
# ARGS...
set -euo pipefail
role=$1
shift
option() { sed -n "s/^$1: *//p" /opt/flink/conf/config.yaml | tail -1; }
classpath=$(printf '%s:' /opt/flink/lib/*.jar)
logging=log4j-console.properties
memory=()
dynamic=()
case $role in
  jobmanager) command=GET_JM_RESOURCE_PARAMS ;;
  taskmanager) command=GET_TM_RESOURCE_PARAMS ;;
  *)
    command=
    logging=log4j-cli.properties
    ;;
esac
if [ -n "$command" ]; then
  # The utility prints two marked lines in its log: first JVM options, then -D options for the
  # process.
  mapfile -t found < <(java -cp "$classpath" org.apache.flink.runtime.util.bash.BashJavaUtils \
    "$command" --configDir /opt/flink/conf | sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p')
  read -ra memory <<<"${found[0]}"
  read -ra dynamic <<<"${found[1]:-}"
fi
read -ra all <<<"$(option env.java.opts.all)"
read -ra own <<<"$(option "env.java.opts.$role")"
exec java "${memory[@]}" "${all[@]}" "${own[@]}" \
  "-Dlog4j.configurationFile=/opt/flink/conf/$logging" "-Dlog.file=/opt/flink/log/$role.log" -cp "$classpath" "$@" "${dynamic[@]}"
