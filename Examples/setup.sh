# Read by every example: $data holds small simulated inputs, and the folder to work in is the first argument, or a temporary
# one that is removed at the end. `ligase` is taken from PATH.
set -euo pipefail
data=$(cd "$(dirname "$0")/../Fixtures/golden/inputs" && pwd)
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  cd "$1"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
fi
