#!/bin/bash
# Tell patches of lung with a nodule from patches without, and see where the network looks.      Examples/imaging.sh [FOLDER]
. "$(dirname "$0")/setup.sh"
images=$data/../../imaging

# The arrays of the archive are the split; which flips and turns are drawn follows from the training images.
ligase train image "$images/patches.npz" --seed 1 -o nodule.safetensors
ligase info nodule.safetensors | sed -n 1,12p
ligase predict nodule.safetensors "$images/patches.npz" --subset test > predictions.tsv
head -n 4 predictions.tsv
ligase evaluate predictions.tsv --truth "$images/patches.npz" > scores.tsv

# Grad-CAM: the places that speak for a nodule, as pictures and as a table, judged as LUNA16 does.
ligase explain nodule.safetensors "$images/patches.npz" --subset test --method grad-cam --class 1 --picture pictures \
  --boxes boxes.tsv > places.tsv
head -n 4 boxes.tsv
ligase evaluate boxes.tsv --truth "$images/nodules.tsv" > froc.tsv
