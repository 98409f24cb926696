"""Starts a kernel, names its process and all below it, and dies at once without a word to them."""

import os
import sys

import psutil
from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name=sys.argv[1])
client.execute_interactive("1 + 1", output_hook=lambda message: None)
kernel = psutil.Process(manager.provisioner.pid)
print(*(process.pid for process in [kernel, *kernel.children(recursive=True)]))
sys.stdout.flush()
os._exit(0)
