#!/bin/bash
# Learn a response and the time to death from a clinical table.      Examples/clinical.sh [FOLDER]
. "$(dirname "$0")/setup.sh"
data=$(cd "$data/../../clinical" && pwd)

# 120 patients: a table of labels, and a clinical table with numbers, categories and missing values.
head -n 3 "$data/patients.tsv" "$data/clinic.csv"

# Who responds? Kinds of columns are found by their values and reported.
ligase train table "$data/clinic.csv" --labels "$data/patients.tsv" --label responder --seed 1 -o response.safetensors
ligase predict response.safetensors "$data/new-clinic.csv" > response.tsv
ligase evaluate response.tsv --truth "$data/new-patients.tsv" --target responder > response-scores.tsv

# How long do patients live? Times are right-censored.
ligase cv table "$data/clinic.csv" --labels "$data/patients.tsv" --time months --event died --seed 1 -o out-of-fold.tsv
ligase train table "$data/clinic.csv" --labels "$data/patients.tsv" --time months --event died --seed 1 -o risk.safetensors
ligase predict risk.safetensors "$data/new-clinic.csv" --at 12,24,36 > risk.tsv
head -n 4 risk.tsv

ligase evaluate risk.tsv --truth "$data/new-patients.tsv" --time months --event died > scores.tsv
