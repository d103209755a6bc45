#!/bin/bash
# Search the options of a model.      Examples/tune.sh [FOLDER]
. "$(dirname "$0")/setup.sh"

# What may be tried: a list, or a range. The names are those of `--print-config`.
cat > space.json <<'JSON'
{ "training.learningRate": { "low": 0.001, "high": 0.05, "log": true },
  "head.dropout": [0, 0.2, 0.4] }
JSON

# Nine trials by successive halving, each evaluated by its mean over three folds. Trial 0 has the defaults.
ligase tune expression "$data/expression.tsv" --orientation samples-in-rows \
  --labels "$data/expression-labels.tsv" --label class --architecture mlp --epochs 30 \
  --space space.json --trials 9 --folds 3 --seed 1 -o trials.tsv --best best.json
sort -t "$(printf '\t')" -k 5,5g trials.tsv | sed -n 1,4p

# Train with the best options. Options on the command line override those of the file.
ligase train expression "$data/expression.tsv" --orientation samples-in-rows \
  --labels "$data/expression-labels.tsv" --label class --config best.json --seed 1 -o best.safetensors
ligase info best.safetensors | sed -n 1,3p
