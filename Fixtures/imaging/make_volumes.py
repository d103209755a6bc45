"""Writes simulated brains with lesions as NIfTI files: two channels, labels and a mask for each case, and the table of cases.

The skull is left out. FLAIR shows oedema bright, and some bright spots that are none; T1 after contrast shows the rim of the core
bright, and vessels. Labels: 1 oedema, 2 core, 3 enhancing rim. Values are drawn with a fixed seed; nothing is of a person.

    python3 Fixtures/imaging/make_volumes.py        (numpy)
"""
import gzip
import pathlib
import struct

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "brains"
SHAPE, SPACING = (36, 52, 44), 4.0  # z, y, x; millimetres


def smooth(field, times):
    for _ in range(times):
        for axis in range(3):
            field = (np.roll(field, 1, axis) + 2 * field + np.roll(field, -1, axis)) / 4
    return field


def noise(random, times):
    field = smooth(random.normal(size=SHAPE), times)
    return field / field.std()


def ellipsoid(centre, radii):
    grid = np.indices(SHAPE, dtype=float)
    return sum(((g - c) / r) ** 2 for g, c, r in zip(grid, centre, radii))


def brain(random):
    middle = (np.array(SHAPE) - 1) / 2
    inside = ellipsoid(middle, (15.5, 23, 18.5)) + 0.05 * noise(random, 6) < 1
    inside &= ~(ellipsoid(middle - [12, 0, 0], (8, 26, 22)) < 0.5)
    depth = ellipsoid(middle, (15.5, 23, 18.5))
    folds = noise(random, 2)
    grey = (depth > 0.62) & (folds > -0.4)
    sulci = (depth > 0.55) & (folds < -0.9)
    ventricles = np.zeros(SHAPE, bool)
    for side in (-1, 1):
        ventricles |= ellipsoid(middle + [2, 1, 3.5 * side], (4, 9, 2)) < 1
    while True:
        centre = middle + random.uniform(-1, 1, 3) * [7, 14, 10]
        if ellipsoid(centre, (1, 1, 1))[tuple(np.int64(middle))] > 40:
            break
    size = random.uniform(4, 6)
    lesion = ellipsoid(centre, (size, size * 1.3, size)) + 0.25 * noise(random, 3)
    inner = ellipsoid(centre + random.uniform(-1, 1, 3), (size * 0.6,) * 3) + 0.2 * noise(random, 3)
    oedema, rim, core = lesion < 1, inner < 1, inner < 0.45
    labels = np.zeros(SHAPE, np.uint8)
    labels[oedema & ~ventricles] = 1
    labels[rim] = 3
    labels[core] = 2
    labels[~inside] = 0
    flair = 90 + 22 * grey - 60 * ventricles - 40 * sulci + 8 * noise(random, 4)
    t1c = 110 - 18 * grey - 60 * ventricles - 50 * sulci + 8 * noise(random, 4)
    for _ in range(4):  # bright spots that are no oedema, and vessels
        spot = middle + random.uniform(-1, 1, 3) * [8, 15, 12]
        flair[ellipsoid(spot, (1.5, 2, 1.5)) < 1] += 50
        t1c[ellipsoid(middle + random.uniform(-1, 1, 3) * [8, 15, 12], (5, 1, 1)) < 1] += 70
    flair += 55 * (labels == 1) + 25 * (labels == 2) + 40 * (labels == 3)
    t1c += -20 * (labels == 1) - 35 * (labels == 2) + 75 * (labels == 3)
    for channel in (flair, t1c):
        channel += random.normal(size=SHAPE) * 5
        channel *= random.uniform(0.7, 1.4)
        channel[~inside] = 0
    return flair, t1c, labels, inside.astype(np.uint8)


def write(path, values):
    # Steps of 4 keep the files small.
    data = np.clip(np.round(values / 4) * 4, 0, 255).astype(np.uint8) if values.dtype != np.uint8 else values
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *SHAPE[::-1], 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 2, 8)
    struct.pack_into("<8f", header, 76, 1, SPACING, SPACING, SPACING, 1, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    header[123] = 2
    struct.pack_into("<2h", header, 252, 0, 1)
    for axis in range(3):
        row = [0.0] * 4
        row[axis], row[3] = SPACING, -SPACING * (SHAPE[2 - axis] - 1) / 2
        struct.pack_into("<4f", header, 280 + 16 * axis, *row)
    header[344:348] = b"n+1\0"
    with open(path, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
        file.write(bytes(header) + data.tobytes())


def main():
    FOLDER.mkdir(exist_ok=True)
    lines = ["id\tsplit\tflair\tt1c\tlabels\tmask"]
    for number in range(6):
        parts = brain(np.random.default_rng([2026, number]))
        names = [f"b{number + 1}_{part}.nii.gz" for part in ("flair", "t1c", "labels", "mask")]
        for name, values in zip(names, parts):
            write(FOLDER / name, values)
        lines.append("\t".join([f"b{number + 1}", "train" if number < 4 else "test"] + names))
    (FOLDER / "cases.tsv").write_text("\n".join(lines) + "\n")


main()
