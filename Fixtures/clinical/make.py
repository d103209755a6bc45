#!/usr/bin/env python3
"""Writes the simulated cohort of this folder: 160 patients of eight hospitals, 40 of them new.

The response depends on the first of eight genes and on the grade; the time to death on both and on the age.
"""
import math
import os
import random

random.seed(7)
folder = os.path.dirname(os.path.abspath(__file__))
genes = [f"GENE{i}" for i in range(1, 9)]
rows = {"": [], "new-": []}
for i in range(160):
    profile = [random.gauss(0, 1) for _ in genes]
    grade, age = random.choice(["I", "II", "III"]), round(random.gauss(60, 10))
    score = profile[0] + ("I", "II", "III").index(grade) - 1
    hazard = 0.5 * profile[0] + 1.2 * (score - profile[0]) + 0.06 * (age - 60)
    time = 30 * math.exp(-hazard) * random.expovariate(1)
    end = random.uniform(5, 60)
    patient = {
        "patient": f"P{i + 1:03}",
        "hospital": f"H{i % 8 + 1}",
        "months": f"{min(time, end):.1f}",
        "died": int(time <= end),
        "responder": "yes" if score + random.gauss(0, 0.4) > 0 else "no",
        "age": age,
        "grade": grade,
        "smoker": random.choice(["yes", "no", ""]),
        "marker": f"{math.exp(random.gauss(0, 1.5)):.3f}",
        "profile": profile,
    }
    rows["new-" if i >= 120 else ""].append(patient)


def write(name, separator, columns, patients):
    with open(os.path.join(folder, name), "w") as file:
        file.write(separator.join(columns) + "\n")
        for patient in patients:
            values = [f"{x:.3f}" for x in patient["profile"]] if columns[1] == genes[0] else []
            fields = [patient["patient"], *values] if values else [str(patient[c]) for c in columns]
            file.write(separator.join(fields) + "\n")


for prefix, patients in rows.items():
    write(prefix + "patients.tsv", "\t", ["patient", "hospital", "responder", "months", "died"], patients)
    write(prefix + "clinic.csv", ",", ["patient", "age", "grade", "smoker", "marker"], patients)
    write(prefix + "genes.tsv", "\t", ["patient", *genes], patients)
