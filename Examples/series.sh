#!/bin/bash
# Learn an outcome from laboratory values over time.      Examples/series.sh [FOLDER]
. "$(dirname "$0")/setup.sh"

# A long table: a row for each day of a patient, in any order, on irregular days, with missing values.
head -n 4 "$data/labs.csv"
head -n 3 "$data/outcome.tsv"

# Cross-validation beside the nearest series by dynamic time warping. Inner folds of the training series choose the architecture.
ligase cv series "$data/labs.csv" --labels "$data/outcome.tsv" --label outcome --epochs 20 --folds 3 --seed 1 -o out-of-fold.tsv

# Train, and predict new patients.
ligase train series "$data/labs.csv" --labels "$data/outcome.tsv" --label outcome --epochs 20 --seed 1 -o relapse.safetensors
ligase info relapse.safetensors | sed -n 1,6p
ligase predict relapse.safetensors "$data/labs-new.csv" > predictions.tsv
head -n 4 predictions.tsv

ligase evaluate predictions.tsv --truth "$data/outcome-new.tsv" --target outcome > scores.tsv
