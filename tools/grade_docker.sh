#!/usr/bin/env bash
# Grades a folder or a zip of submissions in the image; `make grade-docker` calls it.
#   grade_docker.sh SUBMISSIONS RESULTS [options of `autograder grade` ...]
# From the environment: DOCKER (docker or podman), IMAGE, MEMORY.
set -euo pipefail
if [ $# -lt 2 ] || [ ! -e "$1" ]; then
    echo "which submissions? make grade-docker SUBMISSIONS=FOLDER [RESULTS=results] [GRADE=--regrade]" >&2
    exit 2
fi
submissions=$(realpath "$1")
mkdir -p "$2"
results=$(realpath "$2")
shift 2
docker=${DOCKER:-docker} inside=/submissions
[ -d "$submissions" ] || inside+=/$(basename "$submissions")

# Results belong to whom calls, through sudo too. Nothing is graded as root: what root grades belongs to user 1000.
uid=${SUDO_UID:-$(id -u)} gid=${SUDO_GID:-$(id -g)}
[ "$uid" != 0 ] || uid=1000 gid=1000
[ "$(id -u)" != 0 ] || chown "$uid:$gid" "$results"

options=(--user "$uid:$gid")
[ "$($docker info --format '{{.Host.Security.Rootless}}' 2>/dev/null)" != true ] || options+=(--userns keep-id)
if [ -t 0 ] && [ -t 1 ]; then options+=(-it); fi # the progress bar, and Ctrl-C

exec $docker run --rm --network none --cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp \
    --pids-limit 1024 --memory "${MEMORY:-8g}" "${options[@]}" \
    -v "$submissions:$inside:ro" -v "$results:/results" "${IMAGE:-cnn-autograder}" "$@"
