"""Writes the data of the test of workflows into the folder given: sequences, variants, reads and intervals from one seed.

train.tsv     sequences with and without GATTACA, for models of any length
cohort.fa     sequences to predict; few.fa, the first of them, to explain and mutate
genome.fa     two contigs; variants.vcf, substitutions, insertions and deletions in them, some with two alleles
reads.fq, intervals.bed
larger.fa     sequences that take a second or two, for measuring
"""
import random
import sys

draw = random.Random(7)


def letters(count):
    return "".join(draw.choice("ACGT") for _ in range(count))


def write(name, lines):
    with open(f"{sys.argv[1]}/{name}", "w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)


rows = ["id\tsequence\tclass"]
for i in range(120):
    text = letters(draw.randrange(40, 120))
    if i % 2 == 0:
        at = draw.randrange(len(text) - 7)
        text = text[:at] + "GATTACA" + text[at + 7:]
    rows.append(f"s{i}\t{text}\t{'other' if i % 2 else 'site'}")
write("train.tsv", rows)

cohort = [f">person{i} of the cohort\n{letters(draw.randrange(24, 150))}" for i in range(300)]
write("cohort.fa", cohort)
write("few.fa", cohort[:9])
write("larger.fa", [f">long{i}\n{letters(400)}" for i in range(3000)])

contigs = {"c1": letters(12000), "c2": letters(8000)}
write("genome.fa", [f">{name}\n" + "\n".join(text[i:i + 60] for i in range(0, len(text), 60)) for name, text in contigs.items()])
lines = ["##fileformat=VCFv4.3"]
lines += [f"##contig=<ID={name},length={len(text)}>" for name, text in contigs.items()]
lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
for name, text in contigs.items():
    for position in sorted(draw.sample(range(100, len(text) - 100), 300)):
        here, kind = text[position - 1], draw.random()
        others = [letter for letter in "ACGT" if letter != here]
        if kind < 0.7:
            alleles = here, draw.choice(others)
        elif kind < 0.8:
            alleles = here, ",".join(draw.sample(others, 2))
        elif kind < 0.9:
            alleles = here, here + letters(2)
        else:
            alleles = text[position - 1:position + 1], here
        lines.append(f"{name}\t{position}\t.\t{alleles[0]}\t{alleles[1]}\t.\tPASS\t.")
write("variants.vcf", lines)
write("reads.fq", [f"@read{i}\n{letters(50)}\n+\n{'I' * 50}" for i in range(200)])
write("intervals.bed", [f"c1\t{start}\t{start + 50}\tpeak{start}" for start in range(0, 9000, 75)])
write("space.json", ['{"training.learningRate": {"low": 0.001, "high": 0.05, "log": true}, "head.dropout": [0, 0.2, 0.4]}'])
