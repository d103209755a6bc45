#!/usr/bin/env python3
"""Writes the inputs of the golden tests into `inputs`: small simulated data for each task.

Only the standard library is used, and all randomness comes from one seed for each file, so that the files can be made again:

    python3 Fixtures/golden/make.py

What is to be predicted follows from the inputs with some noise, so that a network of a few hundred weights learns it:

  sequence.tsv, -new.fa, -truth.tsv     24 bases, class `site` where GATTACA stands among more A and T; labels `active`
                                        and `stable`
  ragged.tsv, -new.fa, -truth.tsv       10 to 30 amino acids; the value is the share of hydrophobic ones
  proteins.fa, structure.fa, resolved.fa  structure by letter and neighbours; the headers name the subsets
  proteins-new.fa, structure-new.fa
  expression.tsv, -labels.tsv, -new.tsv, -truth.tsv   16 genes of three classes, and a value `dose`
  cohort.vcf, panel.tsv, cohort-new.vcf, panel-new.tsv  24 sites of two populations, some genotypes missing
  labs.csv, outcome.tsv, labs-new.csv, outcome-new.tsv  two laboratory values of patients on irregular days, some missing; one
                                                      rises in patients who relapse
  genome.fa, variants.vcf               a contig of 400 bases; substitutions, insertions and deletions in it
  lines.csv, drugs.csv, response.csv, split-*.tsv     16 cell lines, 10 genes, 8 drugs, 110 responses; folds of pairs, cell
                                                      lines and drugs, and a split that parts both
"""
import os
import random

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inputs")
AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"


def write(name, lines):
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)


def table(name, rows, separator="\t"):
    write(name, (separator.join(str(cell) for cell in row) for row in rows))


def letters(draw, count, alphabet="ACGT"):
    return "".join(draw.choice(alphabet) for _ in range(count))


def sequences():
    draw = random.Random(1)
    rows = []
    for i in range(60):
        text = letters(draw, 24, "AACGTT" if i % 2 == 0 else "ACCGGT")
        if i % 2 == 0:
            at = draw.randrange(8, 11)
            text = text[:at] + "GATTACA" + text[at + 7:]
        kind = "site" if i % 2 == 0 else "other"
        rows.append([f"s{i}", text, kind, int(text.count("G") > 5), int(text.count("T") > 6)])
    rows[50][1] = rows[50][1][:3].lower() + rows[50][1][3:20] + "N" + rows[50][1][21:]
    header = ["id", "seq", "class", "active", "stable"]
    table("sequence.tsv", [header] + rows[:48])
    write("sequence-new.fa", (f">{row[0]}\n{row[1]}" for row in rows[48:]))
    table("sequence-truth.tsv", [header[:1] + header[2:]] + [row[:1] + row[2:] for row in rows[48:]])
    # Which examples train, choose the epoch and are held out.
    table("sequence-split.tsv", [["id", "split"]] + [
        [row[0], "val" if i % 6 == 4 else "test" if i % 6 == 5 else "train"] for i, row in enumerate(rows[:48])])


def ragged():
    draw = random.Random(2)
    rows = []
    for i in range(52):
        text = letters(draw, draw.randrange(10, 31), AMINO_ACIDS)
        share = sum(text.count(letter) for letter in "AILMFVWY") / len(text)
        rows.append([f"p{i}", text, f"{10 * share + draw.gauss(0, 0.2):.3f}"])
    table("ragged.tsv", [["id", "seq", "value"]] + rows[:40])
    write("ragged-new.fa", (f">{row[0]}\n{row[1]}" for row in rows[40:]))
    table("ragged-truth.tsv", [["id", "value"]] + [[row[0], row[2]] for row in rows[40:]])


def residues():
    draw = random.Random(3)
    proteins = []
    for i in range(36):
        text = letters(draw, draw.randrange(8, 22), AMINO_ACIDS)
        kind = "".join("H" if letter < "G" else "E" if letter < "P" else "C" for letter in text)
        kind = kind[0] + "".join(b if draw.random() < 0.9 else a for a, b in zip(kind, kind[1:]))
        proteins.append((f"q{i}", text, kind, "".join("0" if draw.random() < 0.1 else "1" for _ in text)))
    known, new = proteins[:28], proteins[28:]
    write("proteins.fa", (f">{name}\n{text}" for name, text, _, _ in known))
    write("structure.fa", (
        f">{name} SET={'test' if i % 7 == 6 else 'train'} VALIDATION={i % 7 == 5}\n{kind}"
        for i, (name, _, kind, _) in enumerate(known)))
    write("resolved.fa", (f">{name}\n{mask}" for name, _, _, mask in known))
    write("proteins-new.fa", (f">{name}\n{text}" for name, text, _, _ in new))
    write("structure-new.fa", (f">{name}\n{kind}" for name, _, kind, _ in new))


def expression():
    draw = random.Random(4)
    genes = [f"GENE{g + 1}" for g in range(16)]
    rows, labels = [], []
    for i in range(48):
        dose = draw.uniform(0, 4)
        level = lambda g: (2 + 2 * (g % 3 == i % 3) + dose * (g in (3, 7))) + draw.gauss(0, 0.7)
        rows.append([f"t{i}"] + [f"{max(0.0, level(g)):.3f}" for g in range(16)])
        labels.append([f"t{i}", "ABC"[i % 3], f"{dose:.3f}"])
    table("expression.tsv", [["sample"] + genes] + rows[:36])
    table("expression-labels.tsv", [["sample", "class", "dose"]] + labels[:36])
    # New profiles lack a gene, have another one, and hold the rest in another order.
    turn = lambda row: [row[0]] + row[16:2:-1] + row[1:2]
    table("expression-new.tsv", [turn(["sample"] + genes) + ["EXTRA"]] + [turn(row) + ["1.5"] for row in rows[36:]])
    table("expression-truth.tsv", [["sample", "class", "dose"]] + labels[36:])


def genotypes():
    draw = random.Random(5)
    frequencies = [(draw.uniform(0.05, 0.95), draw.uniform(0.05, 0.95)) for _ in range(24)]

    def genotype(i, site):
        if draw.random() < 0.04:
            return "./."
        return "/".join(str(int(draw.random() < frequencies[site][i % 2])) for _ in range(2))

    calls = [[genotype(i, site) for i in range(60)] for site in range(24)]
    for name, part in [("cohort", range(48)), ("cohort-new", range(48, 60))]:
        write(f"{name}.vcf", [
            "##fileformat=VCFv4.3", "##contig=<ID=1>", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(f"i{i}" for i in part),
        ] + [
            f"1\t{10 * site + 1}\trs{site}\tA\tG\t.\t.\t.\tGT\t" + "\t".join(calls[site][i] for i in part)
            for site in range(24) if name == "cohort" or site not in (5, 11)])
    panel = [[f"i{i}", "AFR" if i % 2 == 0 else "EUR"] for i in range(60)]
    table("panel.tsv", [["sample", "population"]] + panel[:48])
    table("panel-new.tsv", [["sample", "population"]] + panel[48:])


def series():
    draw = random.Random(8)
    patients, rows = [f"P{i:02d}" for i in range(60)], []
    for i, patient in enumerate(patients):
        day, level = 0, draw.gauss(0, 1)
        for step in range(draw.randrange(5, 13)):
            day += draw.randrange(2, 8)
            rise = 0.6 * step if i % 2 == 0 else 0
            crp = f"{8 + level + rise + draw.gauss(0, 0.7):.2f}" if draw.random() > 0.1 else ""
            sodium = f"{140 + draw.gauss(0, 2):.1f}" if draw.random() > 0.1 else "NA"
            rows.append((i, patient, f"2024-{1 + day // 28:02d}-{1 + day % 28:02d}", crp, sodium))
    kinds = ["relapse", "remission"]
    for name, part in [("", range(48)), ("-new", range(48, 60))]:
        own = [row[1:] for row in rows if row[0] in part]
        # The order of rows means nothing.
        draw.shuffle(own)
        table(f"labs{name}.csv", [["patient", "date", "crp", "sodium"]] + own, ",")
        table(f"outcome{name}.tsv", [["patient", "outcome"]] + [[patients[i], kinds[i % 2]] for i in part])


def variants():
    draw = random.Random(7)
    genome = letters(draw, 400)
    write("genome.fa", [">c1", genome])
    rows = []
    for i, position in enumerate(range(7, 400, 21)):
        base = genome[position - 1]
        other = draw.choice([x for x in "ACGT" if x != base])
        reference = genome[position - 1:position + 2] if i % 4 == 3 else base
        alternate = base + letters(draw, 2) if i % 4 == 2 else base if i % 4 == 3 else other
        rows.append(f"c1\t{position}\tv{i}\t{reference}\t{alternate}\t.\t.\t.")
    write("variants.vcf", ["##fileformat=VCFv4.3", "##contig=<ID=c1,length=400>",
                           "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"] + rows)


def drug_response():
    draw = random.Random(6)
    lines, genes = [f"L{i}" for i in range(16)], [f"G{g}" for g in range(10)]
    smiles = [
        "CC(=O)Oc1ccccc1C(=O)O", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "CC(=O)Nc1ccc(O)cc1",
        "CN1CCC[C@H]1c1cccnc1", "CN(C)C(=N)NC(N)=N.Cl", "O=c1[nH]cc(F)c(=O)[nH]1", "OC(=O)CCCc1ccc(cc1)N(CCCl)CCCl"]
    values = [[draw.uniform(0, 8) for _ in genes] for _ in lines]
    potency = [draw.gauss(0, 2) for _ in smiles]
    table("lines.csv", [["line"] + genes] + [
        [line] + [f"{value:.3f}" for value in row] for line, row in zip(lines, values)], ",")
    table("drugs.csv", [["drug", "CanonicalSMILES"]] + [[f"D{d}", text] for d, text in enumerate(smiles)], ",")
    pairs = sorted(draw.sample([(i, d) for i in range(16) for d in range(8)], 110))
    table("response.csv", [["line", "drug", "value"]] + [
        [lines[i], f"D{d}", f"{potency[d] + 0.5 * (values[i][d] - 4) + 0.3 * values[i][8] + draw.gauss(0, 0.3):.4f}"]
        for i, d in pairs], ",")
    table("split-pairs.tsv", [["line", "drug", "fold"]] + [
        [lines[i], f"D{d}", draw.randrange(4)] for i, d in pairs])
    table("split-lines.tsv", [["line", "fold"]] + [[line, i % 4] for i, line in enumerate(lines)])
    table("split-drugs.tsv", [["drug", "fold"]] + [[f"D{d}", d % 4] for d in range(8)])
    part = lambda number: "test" if number == 0 else "val" if number == 1 else "train"
    table("split-both.tsv", [["line", "drug", "split"]] + [
        [lines[i], f"D{d}", part(i % 4)] for i, d in pairs if part(i % 4) == part(d % 4)])


for write_inputs in [sequences, ragged, residues, expression, genotypes, series, variants, drug_response]:
    write_inputs()
