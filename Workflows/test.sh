#!/bin/bash
# Tests the workflows on a Slurm of three nodes on this machine (make workflows): every workflow through Snakemake and through its
# array script, a node lost and jobs stopped on the way, every way of cutting, and what must be refused. All bytes must be those
# of one run on one machine. LIGASE names the command; KEEP=1 keeps the folder of the test.
set -euo pipefail
SECONDS=0
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
export LIGASE=${LIGASE:-$root/.build/release/ligase} LIGASE_THREADS=1
tools=$root/.build/workflow-tools/bin
. "$here/testing/cluster.sh"
. "$here/testing/checks.sh"
[ -x "$LIGASE" ] || stop "$LIGASE is missing: make command builds it"
[ -x "$tools/snakemake" ] || stop "$tools/snakemake is missing: make workflow-tools installs it"
export PATH=$tools:$PATH
# Other settings of the user's Slurm or Snakemake must not reach the test.
unset SNAKEMAKE_PROFILE ${!SLURM_@} ${!SBATCH_@}

work=$(mktemp -d "${TMPDIR:-/tmp}/ligase-workflows.XXXXXX")
cluster=$work
finish() {
  local code=$?
  trap - EXIT
  cluster_stop
  kill $(jobs -p) 2> /dev/null || true
  wait 2> /dev/null || true
  if [ $code != 0 ] || [ -n "${KEEP:-}" ]; then
    echo "workflows: files and logs are in $work" >&2
  else
    rm -rf "$work"
  fi
  exit $code
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "data and a Slurm of three nodes"
cluster_start
mkdir "$work/data"
python3 "$here/testing/data.py" "$work/data"
cp "$root"/Fixtures/drug_response/*.csv "$work/data"
. "$here/testing/workflows.sh"
. "$here/testing/shards.sh"
. "$here/testing/refusals.sh"

start_snakemake slurm  # in the background, while the rest runs
single_runs
array_twins
every_cut
overhead
finish_snakemake slurm
start_snakemake local
missing_file_system
full_disk
refusals
configurations
finish_snakemake local

[ "$failures" = 0 ] || stop "$failures of $((comparisons + refused)) checks failed, $SECONDS s"
echo "workflows: 4 workflows, $comparisons comparisons, all the same bytes; $refused refusals, each with its error; $SECONDS s"
