#!/bin/bash
# Learn the parts of a lesion in volumes, compare label maps, and see where they come from.      Examples/segmentation.sh [FOLDER]
. "$(dirname "$0")/setup.sh"
brains=$data/../../imaging/brains

# The column split of the table divides the cases; the mask leaves out what lies around the brain. Two epochs of 30.
ligase train segmentation "$brains/cases.tsv" --channels flair,t1c --labels labels --mask mask --architecture deepmedic-tiny \
  --epochs 2 --seed 1 -o brain.safetensors
ligase predict brain.safetensors "$brains/cases.tsv" --subset test -o maps/

# The model beside a fitted threshold, for regions that are sets of labels; green outlines are true, red ones predicted.
ligase evaluate maps/ --truth "$brains/cases.tsv" --region whole=1,2,3 --region core=2,3 --pictures outlines/ > scores.tsv
head -n 3 scores.tsv

# Grad-CAM: the places that speak for the enhancing rim.
ligase explain brain.safetensors "$brains/cases.tsv" --subset test --method grad-cam --class 3 --picture why/ > why.tsv
head -n 2 why.tsv
