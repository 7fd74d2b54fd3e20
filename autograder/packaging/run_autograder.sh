#!/usr/bin/env bash
# Grades the submission in /autograder/submission as @exercise. Gradescope runs it, as root, for each submission; what it
# prints is shown to staff alone. There is a results.json from the first moment on, so that whatever ends this, the student
# reads why there are no points.
set -uo pipefail

root=${AUTOGRADER_ROOT:-/autograder}
place=${AUTOGRADER_PLACE:-/opt/autograder}
results=$root/results/results.json

mkdir -p "$root/results"
cat >"$results.new" <<'JSON'
@began
JSON
mv "$results.new" "$results"

# Student code has a user id of its own, to which these are closed even where nothing else holds.
chmod -R go= "$root/source" "$root/results"
chmod go= "$root/submission" "$root/submission_metadata.json" 2>/dev/null

# Gradescope ends what takes too long, with a zero and a message of its own: we end before it does. It does not say its
# limit here; @minutes minutes is what `autograder package` named for the assignment's settings.
seconds=$((${TIMEOUT_SECONDS:-@minutes * 60} - 20))
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
[ -d "$place/cache" ] && export XDG_CACHE_HOME=$place/cache

cd /
timeout --kill-after=5 "$seconds" "$place/bin/python" -m autograder gradescope \
    --root "$root" --course "$root/source/course" --exercise @exercise @options
code=$?

if [ "$code" = 124 ] || [ "$code" = 137 ]; then
    echo "ended after $SECONDS s (exit code $code): the time limit of $seconds s, or the container's memory"
fi
exit "$code"
