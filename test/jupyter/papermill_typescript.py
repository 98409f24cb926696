"""Runs papermill's own command with parameters written as TypeScript, a language it knows only once it is told.

    python papermill_typescript.py IN.ipynb OUT.ipynb -p NAME VALUE -y "{names: [a, b]}"
"""

import json

from papermill.cli import papermill
from papermill.translators import Translator, papermill_translators


class TypeScriptTranslator(Translator):
    @classmethod
    def translate(cls, val):
        # JSON is TypeScript, and so are the NaN and Infinity that Python adds to it.
        return json.dumps(val, default=str)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}"

    @classmethod
    def assign(cls, name, str_val):
        return f"let {name} = {str_val};"


papermill_translators.register("typescript", TypeScriptTranslator)
papermill()
