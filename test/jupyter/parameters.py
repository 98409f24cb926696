"""Reads a file of parameters with the safetensors package and writes another; prints what the first one holds.

    python parameters.py FROM TO

In the second, numbers are halved and truth values turned round; whole numbers, which halves are not, grow by one.
"""

import json
import sys

import numpy
from safetensors.numpy import load_file, save_file

found = load_file(sys.argv[1])
changed = {}
for name, array in found.items():
    if array.dtype == numpy.bool_:
        other = ~array
    elif array.dtype == numpy.int32:
        other = array + numpy.int32(1)
    else:
        other = array / array.dtype.type(2)
    # Arithmetic on an array without axes gives a number, not an array.
    changed[name] = numpy.asarray(other)
save_file(changed, sys.argv[2], metadata={"format": "np"})
print(json.dumps({name: {"dtype": str(array.dtype), "shape": list(array.shape), "numbers": array.ravel().tolist()} for name, array in found.items()}))
