#!/bin/bash
# Split a table without leaks, and evaluate predictions beside baselines.      Examples/splits.sh [FOLDER]
. "$(dirname "$0")/setup.sh"

# 110 responses of 16 cell lines to 8 drugs. Random folds: every cell line and drug is in several of them, and that is counted.
ligase split "$data/response.csv" --folds 5 --seed 1 > pairs.tsv

# All rows of a cell line in one fold: how good is a model for new cell lines? The row order does not matter.
ligase split "$data/response.csv" --group line --folds 4 --seed 1 > lines.tsv
head -n 3 lines.tsv

# Or fixed fractions for training, validation and test.
ligase split "$data/response.csv" --fractions 0.7,0.1,0.2 --seed 1 > fractions.tsv
cut -f 3 fractions.tsv | sort | uniq -c

# Train on three of the folds of cell lines; fold 0 is held out.
ligase train drug-response --expression "$data/lines.csv" --orientation samples-in-rows --drugs "$data/drugs.csv" \
  --response "$data/response.csv" --target value --split lines.tsv --epochs 30 --seed 1 -o model.safetensors
ligase predict model.safetensors --expression "$data/lines.csv" --orientation samples-in-rows --drugs "$data/drugs.csv" \
  --response "$data/response.csv" > predictions.tsv

# Evaluated on fold 0, beside baselines that are fitted on the other folds, with bootstrap intervals. Predictions of any
# other program can be evaluated in the same way.
ligase evaluate predictions.tsv --truth "$data/response.csv" --target value --split lines.tsv > scores.tsv
sed -n 1,3p scores.tsv
