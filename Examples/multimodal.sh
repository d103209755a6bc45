#!/bin/bash
# Join expression and a clinical table in one model.      Examples/multimodal.sh [FOLDER]
. "$(dirname "$0")/setup.sh"
data=$(cd "$data/../../clinical" && pwd)

# Does the model with both inputs beat each of them? Patients of one hospital stay in one fold.
ligase cv multimodal "$data/patients.tsv" --label responder --group hospital --input tumour:expression="$data/genes.tsv" \
  --input clinic:table="$data/clinic.csv"@patient --folds 4 --ablate --seed 1 --scores cv-scores.tsv -o out-of-fold.tsv

# Train on all patients, and predict new ones.
ligase train multimodal "$data/patients.tsv" --label responder --group hospital --input tumour:expression="$data/genes.tsv" \
  --input clinic:table="$data/clinic.csv"@patient --seed 1 -o response.safetensors
ligase predict response.safetensors "$data/new-patients.tsv" --input tumour="$data/new-genes.tsv" \
  --input clinic="$data/new-clinic.csv" > predictions.tsv
head -n 4 predictions.tsv

ligase evaluate predictions.tsv --truth "$data/new-patients.tsv" --target responder > scores.tsv
