#!/usr/bin/env python3
"""Writes the edge cases generated_*.json beside this script, from integers and hashlib only: no backend has a hand
in its own expectations. The same scripts (edges_*.py) give the same bytes.

    generate.py            write the files
    generate.py --check    write nothing; exit with 1 if a file differs
"""
import sys

sys.dont_write_bytecode = True

from common import finish
from edges_aes_ctr import aes_ctr_cases
from edges_dsa import dsa_cases
from edges_hash import hash_cases
from edges_modexp import modexp_cases

SOURCE = {"source": "generate.py: Python integers and hashlib", "licence": "as this project"}

if __name__ == "__main__":
    groups = {"hash": hash_cases, "aes_ctr": aes_ctr_cases, "modexp": modexp_cases, "dsa": dsa_cases}
    records = {f"generated_{name}": SOURCE | cases() for name, cases in groups.items()}
    sys.exit(finish(records, sys.argv[1:], __doc__))
