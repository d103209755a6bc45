#!/bin/sh
# The journey of a drug-response model, on the small simulated screen in Fixtures/drug_response.
#
#   Examples/drug_response.sh [FOLDER]     (default: a temporary folder, removed at the end)
#
# `ligase` is taken from PATH. Every line that is run is printed first.
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

say "Any table becomes plain tab-separated text, so that other tools can read every step."
run "ligase parse expression expression.csv --orientation samples-in-rows > expression.tsv"
run "ligase parse table drugs.csv > drugs.tsv"
run "ligase parse table response.csv > response.tsv"

say "Five folds of pairs. What the folds share is counted: no pair; lines and drugs are in all of them."
run "ligase split response.tsv --folds 5 --seed 0 > split.tsv"

say "Train on four folds; fold 0 is kept for the test."
run "ligase train drug-response --expression expression.tsv --drugs drugs.tsv --smiles-column CanonicalSMILES \\
    --response response.tsv --target ln_IC50 --split split.tsv \\
    --seed 1 -o model.safetensors"

say "The model file is all that predict needs. A table of pairs keeps its key columns; a pipe works as well as a file."
run "ligase parse expression expression.csv --orientation samples-in-rows \\
    | ligase predict model.safetensors --expression - --drugs drugs.tsv --response response.tsv > predictions.tsv"
run "head -n 5 predictions.tsv"

say "Judge the pairs of fold 0, beside baselines that are fitted on the other folds."
run "ligase evaluate predictions.tsv --truth response.tsv --split split.tsv --expression expression.tsv > scores.tsv"
run "head -n 3 scores.tsv"

say "What the model file holds."
run "ligase info model.safetensors"
