"""Executes a notebook with nbclient, as nbconvert, papermill and nbgrader do; prints the executed notebook."""

import argparse
import time

import nbformat
from nbclient import NotebookClient

parser = argparse.ArgumentParser()
parser.add_argument("notebook")
parser.add_argument("--allow-errors", action="store_true")
parser.add_argument("--kernel", default="gradbook", help="the kernel, whatever the notebook names")
parser.add_argument("--pause", type=float, default=0, help="seconds to wait after a cell that fails")
arguments = parser.parse_args()

notebook = nbformat.read(arguments.notebook, as_version=4)
client = NotebookClient(notebook, timeout=120, kernel_name=arguments.kernel, allow_errors=arguments.allow_errors)
client.on_cell_error = lambda **_: time.sleep(arguments.pause)
client.execute()
print(nbformat.writes(notebook))
