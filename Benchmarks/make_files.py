#!/usr/bin/env python3
"""Writes the large input files of formats.py. The same seed gives the same bytes.

    python3 make_files.py FOLDER [--scale 1] [--seed 1]          (needs numpy)

    genome.fa        300 MB: 20 sequences, 60 residues per line, stretches of N, some lower case
    genome.fa.gz     the same as BGZF
    cohort.vcf.gz    280 MB of text as BGZF: 40,000 variants x 1,000 samples, GT and GQ
    expression.tsv   265 MB: 20,000 genes x 1,000 samples, values with twelve decimals
"""
import argparse
import os
import struct
import zlib

import numpy as np

END_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


class BGZF:
    """Gzip blocks with the block size in an extra field (SAM specification, section 4.1)."""

    def __init__(self, path):
        self.file, self.rest = open(path, "wb"), b""

    def write(self, data):
        data = self.rest + data
        at = 0
        while len(data) - at >= 0xFF00:
            self.block(data[at:at + 0xFF00])
            at += 0xFF00
        self.rest = data[at:]

    def block(self, data):
        squeezer = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = squeezer.compress(data) + squeezer.flush()
        self.file.write(bytes.fromhex("1f8b08040000000000ff060042430200"))
        self.file.write(struct.pack("<H", len(body) + 25) + body)
        self.file.write(struct.pack("<II", zlib.crc32(data), len(data)))

    def close(self):
        if self.rest:
            self.block(self.rest)
        self.file.write(END_BLOCK)
        self.file.close()


def genome(folder, random, scale):
    with open(f"{folder}/genome.fa", "wb") as plain:
        packed = BGZF(f"{folder}/genome.fa.gz")
        for number in range(20):
            count = int(14_750_000 * scale) + 7 * number
            bases = np.frombuffer(b"ACGT", np.uint8)[random.choice(4, count, p=[0.3, 0.2, 0.2, 0.3])].copy()
            for start in random.integers(0, count, 20):
                bases[start:start + int(random.integers(10, 5000))] = ord("N")
            for start in random.integers(0, count, count // 10_000):
                bases[start:start + 500] |= 0x20
            whole = count // 60 * 60
            lines = np.full((whole // 60, 61), ord("\n"), np.uint8)
            lines[:, :60] = bases[:whole].reshape(-1, 60)
            text = f">chr{number + 1} made of random bases\n".encode() + lines.tobytes()
            if count > whole:
                text += bases[whole:].tobytes() + b"\n"
            plain.write(text)
            packed.write(text)
        packed.close()


def cohort(folder, random, scale):
    variants, samples = int(40_000 * scale), 1000
    out = BGZF(f"{folder}/cohort.vcf.gz")
    names = "\t".join(f"S{i:04}" for i in range(samples))
    out.write(
        "##fileformat=VCFv4.2\n##contig=<ID=1,length=248956422>\n"
        '##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">\n'
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n".encode())
    calls = np.frombuffer(b"0|0:0|1:1|0:1|1:./.:", np.uint8).reshape(5, 4)
    position = 10_000
    for number in range(variants):
        position += int(random.integers(1, 500))
        frequency = random.beta(0.4, 1.6)
        first, second = random.random((2, samples)) < frequency
        kinds = np.where(random.random(samples) < 0.002, 4, first * 2 + second)
        base, other = random.choice(4, 2, replace=False)
        quality = random.integers(10, 100, samples)
        row = np.full((samples, 7), ord("\t"), np.uint8)
        row[:, :4] = calls[kinds]
        row[:, 4] = ord("0") + quality // 10
        row[:, 5] = ord("0") + quality % 10
        row = row.tobytes()[:-1]
        out.write(
            f"1\t{position}\trs{number}\t{'ACGT'[base]}\t{'ACGT'[other]}\t100\tPASS\tAF={frequency:.4f}\tGT:GQ\t".encode()
            + row + b"\n")
    out.close()


def expression(folder, random, scale):
    genes, samples = int(20_000 * scale), 1000
    with open(f"{folder}/expression.tsv", "w") as out:
        out.write("gene\t" + "\t".join(f"sample{i}" for i in range(samples)) + "\n")
        for gene in range(genes):
            values = np.round(np.maximum(0, random.normal(random.uniform(-1, 8), 2, samples)), 12)
            out.write(f"GENE{gene}\t" + "\t".join(map(repr, values.tolist())) + "\n")


parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--scale", type=float, default=1)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
os.makedirs(options.folder, exist_ok=True)
for number, make in enumerate([genome, cohort, expression]):
    make(options.folder, np.random.default_rng([options.seed, number]), options.scale)
