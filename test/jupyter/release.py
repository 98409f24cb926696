"""What nbformat and nbgrader say about the notebooks given: whether they are valid, and nbgrader's own checksums."""

import json
import sys

import nbformat
from nbgrader.nbgraderformat.v3 import MetadataValidatorV3
from nbgrader.utils import compute_checksum

report = []
for file in sys.argv[1:]:
    try:
        with open(file, encoding="utf8") as text:
            data = json.load(text)
        nbformat.validate(data, relax_add_props=False)
        notebook = nbformat.from_dict(data)
        for cell in notebook.cells:
            cell.source = "".join(cell.source)
        MetadataValidatorV3().validate_nb(notebook)
        sums = {
            cell.metadata.nbgrader["grade_id"]: compute_checksum(cell)
            for cell in notebook.cells
            if "nbgrader" in cell.metadata
        }
        report.append({"valid": True, "checksums": sums})
    except Exception as error:
        report.append({"valid": False, "error": str(error).splitlines()[0]})
print(json.dumps(report))
