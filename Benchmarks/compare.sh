#!/bin/sh
# Runs ligase-bench, then the same benchmarks in PyTorch, and prints both medians and their ratio.
#   Benchmarks/compare.sh [PYTHON] [NAME ...]     (default: python3; needs torch)
set -eu
cd "$(dirname "$0")"
python=${1:-python3}
[ $# -gt 0 ] && shift
threads=$(nproc)
swift build -c release --product ligase-bench >&2
ours=$(.build/release/ligase-bench --threads "$threads" "$@")
theirs=$("$python" peers.py --threads "$threads" "$@")
printf 'shape\tligase_ms\tpytorch_ms\tratio\n'
printf '%s\n%s\n' "$ours" "$theirs" | awk -F '\t' '
  $1 in first { printf "%s\t%s\t%s\t%.2f\n", $1, first[$1], $2, $2 / first[$1]; next }
  { first[$1] = $2 }'
