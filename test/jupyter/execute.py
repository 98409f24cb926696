"""Executes a notebook with nbclient, as nbconvert, papermill and nbgrader do; prints the executed notebook."""

import sys

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
allow_errors = "--allow-errors" in sys.argv
NotebookClient(notebook, timeout=120, kernel_name="gradbook", allow_errors=allow_errors).execute()
print(nbformat.writes(notebook))
