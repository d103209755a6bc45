# Checks of the test: each counts, says what failed, and lets the rest run. Read by test.sh.

comparisons=0 refused=0 failures=0

stop() { echo "workflows: $*" >&2; exit 1; }
say() { echo "workflows: $SECONDS s: $*"; }
failed() { failures=$((failures + 1)); echo "workflows: FAILED: $*" >&2; }

# same FILE FILE: the same bytes.
same() {
  comparisons=$((comparisons + 1))
  cmp "$1" "$2" || failed "$1 differs from $2"
}

# refuses CODE PATTERN COMMAND…: the exit code, one line of error that matches the pattern.
refuses() {
  local code=0 expected=$1 pattern=$2
  shift 2
  refused=$((refused + 1))
  "$@" > "$work/out" 2> "$work/err" || code=$?
  [ $code = "$expected" ] || failed "exit $code instead of $expected: $*"
  [ "$(grep -c 'error: ' "$work/err")" = 1 ] && grep -q -- "$pattern" "$work/err" || failed "no '$pattern' in: $(cat "$work/err")"
}

# absent PATTERN…: nothing half-written.
absent() {
  refused=$((refused + 1))
  [ $# = 0 ] || [ -z "$(ls -d "$@" 2> /dev/null)" ] || failed "left behind: $(ls -d "$@" 2> /dev/null | tr '\n' ' ')"
}

# await SECONDS WHAT COMMAND…: until the command is true.
await() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" 2> /dev/null; do
    [ $SECONDS -lt $end ] || { squeue >&2; stop "$what did not come"; }
    release_requeued
    sleep 0.05
  done
}
