#!/usr/bin/env python3
"""How often the peak of a Grad-CAM map lies in a nodule that is off the centre, beside the centre and the brightest point.

    python3 Benchmarks/localisation.py [--ligase PATH] [--seed N] [--size N] [--keep FOLDER] [--architecture NAME]

Nodules of LIDC, whose pixels are known, are set at random places into lung patches of LUNA16 without a nodule; examples without one get
a piece of another such patch, of the shape of a nodule, so that the border of what was set in tells nothing. The network learns the
class alone. Nodules are dealt to training, validation and test by exam, patches by blocks of scans. Needs numpy; the data are read
from LIGASE_DATA (imaging/luna16_by_block_50x50.npz, imaging/lidc_nodule_slices_64x64.npz).
"""
import argparse
import csv
import os
import subprocess
import tempfile

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--ligase", default="ligase")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--architecture", default="resnet")
parser.add_argument("--method", default="grad-cam")
parser.add_argument("--keep", help="folder for the archive, the model and the table")
options = parser.parse_args()
DATA = os.path.join(os.environ.get("LIGASE_DATA", "../shared/data"), "imaging")
SUBSETS = ("train", "val", "test")
draw = np.random.default_rng(options.seed)
patches = np.load(os.path.join(DATA, "luna16_by_block_50x50.npz"))
slices = np.load(os.path.join(DATA, "lidc_nodule_slices_64x64.npz"))
SIZE = patches["train_images"].shape[1]


def nodules():
    """The slices of each subset: pixels and what belongs to the nodule, cut to its rectangle; 4 to 24 pixels wide."""
    exams = draw.permutation(np.unique(slices["exam"]))
    dealt = dict(zip(exams, np.searchsorted([0.65, 0.8], np.arange(len(exams)) / len(exams), side="right")))
    found = ([], [], [])
    for image, exam in zip(slices["images"], slices["exam"]):
        rows, columns = np.nonzero(image)
        if len(rows) == 0:
            continue
        cut = image[rows.min():rows.max() + 1, columns.min():columns.max() + 1]
        if 4 <= min(cut.shape) and max(cut.shape) <= 24:
            found[dealt[exam]].append(cut)
    return found


def place(shape):
    """A corner for the rectangle, such that the centre of the patch is outside it."""
    while True:
        row, column = (draw.integers(0, SIZE - n + 1) for n in shape)
        if not (row <= SIZE // 2 < row + shape[0] and column <= SIZE // 2 < column + shape[1]):
            return row, column


def examples(subset, cuts):
    """Half of the patches with a nodule, half with a piece of another patch."""
    free = patches[f"{subset}_images"][patches[f"{subset}_labels"].ravel() == 0]
    images, masks = free.copy(), np.zeros(free.shape, bool)
    labels = np.arange(len(free)) % 2
    for i, label in enumerate(labels):
        cut = cuts[draw.integers(len(cuts))]
        row, column = place(cut.shape)
        part = np.s_[i, row:row + cut.shape[0], column:column + cut.shape[1]]
        masks[part] = cut > 0
        other = free[draw.integers(len(free))][part[1:]]
        images[part] = np.where(cut > 0, cut if label else other, images[part])
    return images, labels.astype(np.uint8), masks


def hits(points, masks):
    return np.array([masks[i, y, x] for i, (y, x) in enumerate(points)])


def interval(values):
    means = [values[draw.integers(0, len(values), len(values))].mean() for _ in range(2000)]
    return "{:.3f} ({:.3f} to {:.3f})".format(values.mean(), *np.percentile(means, [2.5, 97.5]))


with tempfile.TemporaryDirectory() as temporary:
    folder = options.keep or temporary
    os.makedirs(folder, exist_ok=True)
    archive, model, table = (os.path.join(folder, n) for n in ("set.npz", "model.safetensors", "map.tsv"))
    arrays = {}
    for subset, cuts in zip(SUBSETS, nodules()):
        arrays[f"{subset}_images"], arrays[f"{subset}_labels"], masks = examples(subset, cuts)
    np.savez_compressed(archive, **arrays)
    np.save(os.path.join(folder, "masks.npy"), masks)

    def run(*arguments):
        subprocess.run([options.ligase, *arguments, "-q", "--overwrite"], check=True)

    if not os.path.exists(model):
        run("train", "image", archive, "--architecture", options.architecture, "--seed", str(options.seed), "-o", model)
    run("explain", model, archive, "--subset", "test", "--method", options.method, "--class", "1", "-o", table)
    rows = list(csv.DictReader(open(table), delimiter="\t"))

shown = arrays["test_labels"] == 1
images, masks = arrays["test_images"][shown], masks[shown]
rows = [row for row, is_shown in zip(rows, shown) if is_shown]
peaks = [(int(float(r["y"]) + 0.5), int(float(r["x"]) + 0.5)) for r in rows]
brightest = np.array([masks[i][image == image.max()].mean() for i, image in enumerate(images)])
print("test patches with a nodule\t{}\nits pixels, median\t{:.0f}".format(len(images), np.median(masks.sum((1, 2)))))
print("peak of the map\t" + interval(hits(peaks, masks).astype(float)))
print("centre\t" + interval(hits([(SIZE // 2, SIZE // 2)] * len(images), masks).astype(float)))
print("brightest point, mean over equals\t" + interval(brightest))
print("a place at random\t" + interval(masks.mean((1, 2))))
