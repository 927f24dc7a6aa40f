"""The notebooks processed as for the site, into _proc, without Quarto; to be run in a copy."""
from nbdev.doclinks import _build_modidx
from nbdev.quarto import refresh_quarto_yml
from nbdev.serve import proc_nbs

if __name__ == "__main__": # nbdev's workers import this file again
    refresh_quarto_yml()
    _build_modidx()
    proc_nbs(n_workers=2)
