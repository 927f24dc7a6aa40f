"""Transfer learning on brain MRI: the names of `face.FACE`, each loaded at its first use."""
__version__ = "0.1.0"

import sys

from .face import FACE, offer

__all__ = list(FACE)
offer(sys.modules[__name__])
