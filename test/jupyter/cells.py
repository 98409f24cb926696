"""The cells of probes.py, the same in the language of each kernel."""

TYPESCRIPT = {
    "declare": "const marker = 1;",
    "redeclared": [
        "const a = 1; class P { x = 1 } function f() { return 1 } let l = 1;",
        "const a = 'two'; class P { y = 2 } function f() { return 'f' } const l = 'l';",
        "a.length + new P().y + f().length + l.length",
    ],
    "live": ["let c = 0; const inc = () => ++c;", "inc(); inc()", "c = 10; inc()", "c"],
    "mistyped": "console.log('ran');\nconst n: number = 'text';",
    "outputs": """console.log("one");
console.error("two");
display("three");
console.log("four");
5""",
    "thrower": "function thrower() {\n  throw new RangeError('too far');\n}",
    "throwing": "1 + 1;\n\nthrower()",
    "error": "throw new Error('as asked')",
    "slow error": "await new Promise((resolve) => setTimeout(resolve, 300)); throw new Error('as asked')",
    "fine": "'fine'.length",
    "expressions": {"good": "1 + 1", "text": "'a' + 'b'", "bad": "nowhere"},
    "print": "console.log('printed')",
    "display": "display('first', { id: 'd' })",
    "update": "display('second', { id: 'd', update: true })",
    "clear": "console.log('gone'); clearOutput({ wait: true }); console.log('there'); clearOutput()",
    "unfinished": "const fresh = 'x';\nfresh.toUpperC",
    "finished": "const fresh = 'x';\nfresh.toUpperCase",
    "emoji unfinished": "const face = '😀😀';\nface.toUpperC",
    "emoji finished": "const face = '😀😀';\nface.toUpperCase",
    "emoji inspected": "'😀😀'; Math.hypot",
    "middle unfinished": "const face = '😀';\nface.toUpperC; const after = '😀';",
    "nowhere": "nowhere",
    "loops": {
        "sync loop": "while (true) {}",
        "pending await": "await new Promise(() => {})",
        "loop after await": "await null; while (true) {}",
        "microtask loop": "while (true) await null",
        "timer loop": "setTimeout(() => { while (true) {} }, 10); await new Promise(() => {})",
    },
    "keep": "let kept = 41;",
    "kept": "kept + 1",
    "input": "await prompt('name? ')",
    "forged": "var forged = true;",
    "is forged": "forged",
    "late": "setTimeout(() => console.log('late'), 300)",
    "meanwhile": "await new Promise((resolve) => setTimeout(resolve, 700)); console.log('meanwhile')",
    "history": ["const alpha = 1;", "alpha + 1", "const beta = 2;", "alpha + 1"],
    "complete": {
        "complete": ["1 + 1", "const x = [\n  1,\n]", "function f() { return 1 }", "if (x) { y }"],
        "incomplete": ["function f() {", "const x = [1,", "`open", "if (true) {\n  let y = 1;"],
        "invalid": ["const = 1", "1 +* 2", "f(]"],
    },
}

PYTHON = {
    "declare": "marker = 1",
    "redeclared": [
        "a = 1\nclass P: x = 1\ndef f(): return 1\nl = 1",
        "a = 'two'\nclass P: y = 2\ndef f(): return 'f'\nl = 'l'",
        "len(a) + P().y + len(f()) + len(l)",
    ],
    "live": ["c = 0\ndef inc():\n    global c\n    c += 1\n    return c", "inc(); inc()", "c = 10; inc()", "c"],
    "outputs": """import sys
print("one", flush=True)
print("two", file=sys.stderr, flush=True)
display("three")
print("four", flush=True)
5""",
    "thrower": "def thrower():\n  raise ValueError('too far')",
    "throwing": "1 + 1\n\nthrower()",
    "error": "raise Exception('as asked')",
    "slow error": "import time\ntime.sleep(0.3)\nraise Exception('as asked')",
    "fine": "len('fine')",
    "expressions": {"good": "1 + 1", "text": "'a' + 'b'", "bad": "nowhere"},
    "print": "print('printed')",
    "display": "display('first', display_id='d')",
    "update": "display('second', display_id='d', update=True)",
    "clear": "from IPython.display import clear_output\nprint('gone'); clear_output(wait=True); print('there'); clear_output()",
    "unfinished": "fresh = 'x'\nfresh.upp",
    "finished": "fresh = 'x'\nfresh.upper",
    "emoji unfinished": "face = '😀😀'\nface.upp",
    "emoji finished": "face = '😀😀'\nface.upper",
    "emoji inspected": "'😀😀'; print",
    "middle unfinished": "face = '😀'\nface.upp; after = '😀'",
    "nowhere": "nowhere",
    # The other loops ipykernel does not get out of.
    "loops": {"sync loop": "while True: pass", "microtask loop": "import asyncio\nwhile True: await asyncio.sleep(0)"},
    "keep": "kept = 41",
    "kept": "kept + 1",
    "input": "input('name? ')",
    "forged": "forged = True",
    "is forged": "forged",
    "late": "import asyncio\nasync def speak():\n    await asyncio.sleep(0.3)\n    print('late')\ntask = asyncio.create_task(speak())",
    "meanwhile": "await asyncio.sleep(0.7)\nprint('meanwhile')",
    "history": ["alpha = 1", "alpha + 1", "beta = 2", "alpha + 1"],
    "complete": {
        "complete": ["1 + 1", "x = [\n  1,\n]", "def f(): return 1\n", "x = 1"],
        "incomplete": ["def f():", "x = [1,", "'''open", "if True:\n  y = 1"],
        "invalid": ["= 1", "1 +* 2", "f(]"],
    },
}

CELLS = {"gradbook": TYPESCRIPT, "python3": PYTHON}
