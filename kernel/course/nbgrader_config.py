"""nbgrader's settings for gradbook's notebooks: put this file into the course's folder, or load_subconfig() it there."""

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    IncludeHeaderFooter,
    InstantiateTests,
    LockCells,
    NbGraderPreprocessor,
    SaveCells,
)


class AuthorsOwn(NbGraderPreprocessor):
    """Leaves away what only the author may read: the instructor's cells, planted mistakes, reasons."""

    def preprocess(self, nb, resources):
        kept = [cell for cell in nb.cells if cell.metadata.get("gradbook", {}).get("role") != "instructor"]
        for cell in kept:
            for own in ("mistakes", "invisible"):
                cell.metadata.get("gradbook", {}).pop(own, None)
        nb.cells = kept
        return nb, resources


c = get_config()  # noqa: F821

# What stands for a solution of code; gradbook release writes the same, and leaves answers as forms to be filled in.
c.ClearSolutions.code_stub = {"typescript": '// YOUR CODE HERE\nthrow new Error("Not written yet.");'}
c.GenerateAssignment.preprocessors = [
    IncludeHeaderFooter,
    AuthorsOwn,
    InstantiateTests,
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
]

# Tests written by AUTOTEST need to know how the language comments, and how its results read as text.
c.InstantiateTests.comment_strs = {"gradbook": "//"}
c.InstantiateTests.sanitizers = {"gradbook": lambda text: text.strip("'\"")}

# A cell that trains something takes its time; one that loops must not hold up the class.
c.Execute.timeout = 120
# A graded cell that a learner deleted comes back and counts.
c.OverwriteCells.add_missing_cells = True
