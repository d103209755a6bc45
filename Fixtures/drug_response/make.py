#!/usr/bin/env python3
"""Writes expression.csv, drugs.csv and response.csv beside itself: a small simulated drug screen.

Only the standard library is used, and all randomness comes from one seed, so that the files can be made again:

    python3 Fixtures/drug_response/make.py

80 cell lines have six latent factors, from which the expression of 60 genes is drawn. 24 drugs have a potency and
a weight for each factor; both follow from the drug's structure (counts of atoms) and noise of its own. A response is
like ln IC50:

    potency(drug) + frailty(line) + sum over factors of factor(line) * weight(drug) + noise

About four fifths of all pairs are measured.
"""
import math
import os
import random

LINES, GENES, FACTORS, SEED = 80, 60, 6, 20240601

# Names and SMILES of well-known small molecules, salts and charged forms among them.
DRUGS = [
    ("aspirin", "CC(=O)Oc1ccccc1C(=O)O"),
    ("caffeine", "Cn1cnc2c1c(=O)n(C)c(=O)n2C"),
    ("ibuprofen", "CC(C)Cc1ccc(cc1)[C@@H](C)C(=O)O"),
    ("paracetamol", "CC(=O)Nc1ccc(O)cc1"),
    ("nicotine", "CN1CCC[C@H]1c1cccnc1"),
    ("metformin hydrochloride", "CN(C)C(=N)NC(N)=N.Cl"),
    ("fluorouracil", "O=c1[nH]cc(F)c(=O)[nH]1"),
    ("hydroxyurea", "NC(=O)NO"),
    ("temozolomide", "Cn1nnc2c(ncn2c1=O)C(N)=O"),
    ("chlorambucil", "OC(=O)CCCc1ccc(cc1)N(CCCl)CCCl"),
    ("melphalan", "N[C@@H](Cc1ccc(cc1)N(CCCl)CCCl)C(=O)O"),
    ("cisplatin", "[NH3][Pt]([NH3])(Cl)Cl"),
    ("bromhexine", "CN(Cc1cc(Br)cc(Br)c1N)C1CCCCC1"),
    ("diclofenac sodium", "[Na+].[O-]C(=O)Cc1ccccc1Nc1c(Cl)cccc1Cl"),
    ("warfarin", "CC(=O)CC(c1ccccc1)c1c(O)c2ccccc2oc1=O"),
    ("sulfamethoxazole", "Cc1onc(c1)NS(=O)(=O)c1ccc(N)cc1"),
    ("haloperidol", "OC1(CCN(CCCC(=O)c2ccc(F)cc2)CC1)c1ccc(Cl)cc1"),
    ("diazepam", "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc12"),
    ("propranolol", "CC(C)NCC(O)COc1cccc2ccccc12"),
    ("erlotinib", "C#Cc1cccc(c1)Nc1ncnc2cc(OCCOC)c(OCCOC)cc12"),
    ("gefitinib", "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1"),
    ("imatinib", "Cc1ccc(cc1Nc1nccc(n1)-c1cccnc1)NC(=O)c1ccc(cc1)CN1CCN(C)CC1"),
    ("sorafenib", "CNC(=O)c1cc(ccn1)Oc1ccc(cc1)NC(=O)Nc1ccc(Cl)c(c1)C(F)(F)F"),
    ("vorinostat", "ONC(=O)CCCCCCC(=O)Nc1ccccc1"),
]


def structure(smiles):
    """Counts that a reader of the SMILES can see: the square roots of six kinds of atom and bond."""
    kinds = ["c", "N", "O", "Cl", "F", "="]
    return [math.sqrt(smiles.count(kind)) for kind in kinds]


def main():
    draw = random.Random(SEED)
    normal = lambda deviation=1.0: draw.gauss(0, deviation)
    lines = [f"LINE-{i + 1:03d}" for i in range(LINES)]
    genes = [f"GENE{i + 1:02d}" for i in range(GENES)]

    factors = [[normal() for _ in range(FACTORS)] for _ in lines]
    loadings = [[normal(0.6) if draw.random() < 0.5 else 0.0 for _ in range(FACTORS)] for _ in genes]
    level = [draw.uniform(2, 9) for _ in genes]
    expression = [
        [max(0.0, level[g] + sum(f * a for f, a in zip(line, loadings[g])) + normal(0.4)) for g in range(GENES)]
        for line in factors]

    counts = [structure(smiles) for _, smiles in DRUGS]
    means = [sum(row[k] for row in counts) / len(counts) for k in range(6)]
    mixing = [[normal(0.35) for _ in range(6)] for _ in range(FACTORS)]
    weights = [
        [sum(m * (c - mean) for m, c, mean in zip(row, count, means)) + normal(0.5) for row in mixing]
        for count in counts]
    potency = [1.5 + 1.2 * (means[0] - count[0]) + normal(1.2) for count in counts]
    frailty = [0.7 * line[0] + normal(0.3) for line in factors]

    folder = os.path.dirname(os.path.abspath(__file__))

    def write(name, header, rows):
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as file:
            file.write(",".join(header) + "\n")
            for row in rows:
                file.write(",".join(row) + "\n")

    write("expression.csv", ["cell_line"] + genes, ([l] + [f"{v:.3f}" for v in row] for l, row in zip(lines, expression)))
    write("drugs.csv", ["drug_name", "CanonicalSMILES"], ([name, smiles] for name, smiles in DRUGS))
    responses = []
    for i, line in enumerate(lines):
        for d, (name, _) in enumerate(DRUGS):
            noise, isMeasured = normal(0.5), draw.random() < 0.79
            interaction = sum(f * w for f, w in zip(factors[i], weights[d]))
            if isMeasured:
                responses.append([line, name, f"{potency[d] + frailty[i] + interaction + noise:.4f}"])
    write("response.csv", ["cell_line", "drug_name", "ln_IC50"], responses)


main()
