"""Executes a notebook with nbclient, as nbconvert, papermill and nbgrader do; prints the executed notebook.

Its metadata have a list "displays": every display and every update of one, in order.
"""

import argparse
import time

import nbformat
from nbclient import NotebookClient


class Client(NotebookClient):
    def process_message(self, message, cell, cell_index):
        if message["msg_type"] in ("display_data", "update_display_data"):
            displays.append({"cell": cell["id"], "message": message["msg_type"], **message["content"]})
        return super().process_message(message, cell, cell_index)


displays = []
parser = argparse.ArgumentParser()
parser.add_argument("notebook")
parser.add_argument("--allow-errors", action="store_true")
parser.add_argument("--kernel", default="gradbook", help="the kernel, whatever the notebook names")
parser.add_argument("--pause", type=float, default=0, help="seconds to wait after a cell that fails")
arguments = parser.parse_args()

notebook = nbformat.read(arguments.notebook, as_version=4)
client = Client(notebook, timeout=120, kernel_name=arguments.kernel, allow_errors=arguments.allow_errors)
client.on_cell_error = lambda **_: time.sleep(arguments.pause)
client.execute()
notebook.metadata["displays"] = displays
print(nbformat.writes(notebook))
