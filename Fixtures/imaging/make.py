"""Makes patches.npz and nodules.tsv: small simulated patches of lung with and without a nodule.

Background is smooth noise; vessels are bright lines, brighter than nodules; a nodule is a round blob with a soft border,
anywhere but near the border. Label 1 has a nodule. Split as MedMNIST's arrays. Needs numpy.
"""

import os

import numpy as np

SIZE, HERE = 32, os.path.dirname(os.path.abspath(__file__))
random = np.random.RandomState(7)
y, x = np.mgrid[0:SIZE, 0:SIZE].astype(float)


def smooth(image, times):
    for _ in range(times):
        image = (image + np.roll(image, 1, 0) + np.roll(image, -1, 0) + np.roll(image, 1, 1) + np.roll(image, -1, 1)) / 5
    return image


def vessel():
    angle, across = random.uniform(0, np.pi), random.uniform(-12, 12)
    width, light = random.uniform(0.6, 1.3), random.uniform(120, 190)
    distance = np.abs((x - SIZE / 2) * np.sin(angle) - (y - SIZE / 2) * np.cos(angle) - across)
    return light * np.exp(-((distance / width) ** 2))


def nodule():
    diameter = random.uniform(6, 10)
    cx, cy = random.uniform(6, SIZE - 7, 2)
    distance = np.hypot(x - cx, y - cy)
    return random.uniform(90, 140) / (1 + np.exp((distance - diameter / 2) / 0.7)), (cx, cy, diameter)


arrays, rows = {}, []
for subset, count in (("train", 160), ("val", 40), ("test", 40)):
    images, labels = [], []
    for i in range(count):
        image = 30 + smooth(random.normal(0, 30, (SIZE, SIZE)), 3)
        for _ in range(random.randint(1, 4)):
            image = np.maximum(image, vessel())
        if i % 2:
            blob, (cx, cy, diameter) = nodule()
            image = np.maximum(image, blob)
            rows.append(f"{subset}/{i}\t{cx:.2f}\t{cy:.2f}\t{diameter:.2f}")
        else:
            rows.append(f"{subset}/{i}\t\t\t")
        image += random.normal(0, 4, image.shape)
        images.append(np.clip(image.round(), 0, 255).astype(np.uint8))
        labels.append(i % 2)
    arrays[f"{subset}_images"], arrays[f"{subset}_labels"] = np.stack(images), np.array(labels, np.uint8)[:, None]
np.savez_compressed(os.path.join(HERE, "patches.npz"), **arrays)
with open(os.path.join(HERE, "nodules.tsv"), "w") as out:
    out.write("image\tx\ty\tdiameter_mm\n" + "\n".join(r for r in rows if r.startswith("test/")) + "\n")
