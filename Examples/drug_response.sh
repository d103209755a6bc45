#!/bin/sh
# A drug-response model from data to evaluation, on the small simulated screen in Fixtures/drug_response.
#
#   Examples/drug_response.sh [FOLDER]     (default: a temporary folder, removed at the end)
#
# `ligase` is taken from PATH. Every command is printed before it runs.
set -eu

data=$(cd "$(dirname "$0")/../Fixtures/drug_response" && pwd)
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  work=$1
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
cp "$data"/expression.csv "$data"/drugs.csv "$data"/response.csv "$work"
cd "$work"

say() { printf '\n# %s\n' "$*"; }
run() {
  printf '$ %s\n' "$1"
  eval "$1" 2>&1
}

say "Convert the inputs to strict TSV, so that other tools can read every step."
run "ligase parse expression expression.csv --orientation samples-in-rows > expression.tsv"
run "ligase parse table drugs.csv > drugs.tsv"
run "ligase parse table response.csv > response.tsv"

say "Assign pairs to five folds. The overlap is reported: no pairs; all cell lines and drugs."
run "ligase split response.tsv --folds 5 --seed 0 > split.tsv"

say "Train on four folds; fold 0 is the test subset."
run "ligase train drug-response --expression expression.tsv --drugs drugs.tsv --smiles-column CanonicalSMILES \\
    --response response.tsv --target ln_IC50 --split split.tsv \\
    --seed 1 -o model.safetensors"

say "Predict with the model file. The output has the key columns of the table of pairs; the matrix comes from a pipe."
run "ligase parse expression expression.csv --orientation samples-in-rows \\
    | ligase predict model.safetensors --expression - --drugs drugs.tsv --response response.tsv > predictions.tsv"
run "head -n 5 predictions.tsv"

say "Evaluate the pairs of fold 0, compared with baselines that are fitted on the other folds."
run "ligase evaluate predictions.tsv --truth response.tsv --split split.tsv --expression expression.tsv > scores.tsv"
run "head -n 3 scores.tsv"

say "Describe the model file."
run "ligase info model.safetensors"
