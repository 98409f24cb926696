"""Runs jupyter_kernel_test with every sample set and prints what came of it as JSON."""

import json
import sys
import unittest

import jupyter_kernel_test


class Kernel(jupyter_kernel_test.KernelTests):
    kernel_name = "gradbook"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('careful')"
    completion_samples = [
        {"text": "Math.cbr", "matches": ["cbrt"]},
        {"text": "const word = ''; word.toUpperC", "matches": ["toUpperCase"]},
    ]
    complete_code_samples = ["1", "const x = [\n  1,\n]", "function f() { return 1 }"]
    incomplete_code_samples = ["function f() {", "const x = [1,", "`open"]
    invalid_code_samples = ["const = 1", "1 +* 2"]
    code_page_something = "Math.hypot?"
    code_generate_error = "throw new Error('as asked')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "1 + 1", "result": "2"},
        {"code": "[1, 2].map((n) => n * n)"},
    ]
    code_display_data = [
        {"code": "display([1, 2, 3])", "mime": "text/plain"},
    ]
    code_history_pattern = "1?+*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.hypot"
    code_clear_output = "clearOutput()"


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "gradbook"
    support_iopub_welcome = True


loader = unittest.defaultTestLoader
suite = unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in (Kernel, Welcome))
result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
problems = result.failures + result.errors
print(
    json.dumps(
        {
            "run": result.testsRun,
            "failed": [f"{test}: {text}" for test, text in problems],
            "skipped": [f"{test}: {reason}" for test, reason in result.skipped],
        }
    )
)
