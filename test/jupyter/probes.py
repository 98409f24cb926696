"""Asks a kernel, through jupyter_client, what jupyter_kernel_test does not; prints as JSON what it did, by probe.

    python probes.py KERNEL

The same probes go to every kernel, with cells in its language. What is expected of it, the caller says.
"""

import json
import re
import sys
import time
import traceback

import zmq
from jupyter_client.manager import start_new_kernel

from cells import CELLS

kernel_name = sys.argv[1]
cells = CELLS[kernel_name]
manager, client = start_new_kernel(kernel_name=kernel_name)
patience = 10
probes = {}


def probe(function):
    probes[function.__name__.replace("_", " ")] = function
    return function


def send(kind, content=None, channel="shell", to=None):
    to = to or client
    message = to.session.msg(kind, content or {})
    (to.control_channel if channel == "control" else to.shell_channel).send(message)
    return message["header"]


def receive_reply(header, channel="shell", to=None):
    to = to or client
    get = to.get_control_msg if channel == "control" else to.get_shell_msg
    while True:
        reply = get(timeout=patience)
        if reply["parent_header"].get("msg_id") == header["msg_id"]:
            return reply


heard = []
"""Everything that came on iopub, in its order."""


def hear(until):
    """Listens to iopub until a message fits."""
    while True:
        message = client.get_iopub_msg(timeout=patience)
        heard.append(message)
        if until(message):
            return


def is_idle_after(header):
    return (
        lambda message: message["parent_header"].get("msg_id") == header["msg_id"]
        and message["content"].get("execution_state") == "idle"
    )


def said_because_of(header):
    if not any(is_idle_after(header)(message) for message in heard):
        hear(is_idle_after(header))
    return [message for message in heard if message["parent_header"].get("msg_id") == header["msg_id"]]


def ask(kind, content=None, channel="shell"):
    """The reply, and what was said because of the request."""
    header = send(kind, content, channel)
    reply = receive_reply(header, channel)
    said = said_because_of(header)
    return {"header": header, "reply": reply, "content": reply["content"], "said": said}


def execution(code, **options):
    return {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
        **options,
    }


def execute(code, **options):
    return ask("execute_request", execution(code, **options))


def types(said):
    """What was said, in order; states by their names."""
    return [message["content"].get("execution_state", message["msg_type"]) for message in said]


def text_of(message):
    content = message["content"]
    return content["text"] if message["msg_type"] == "stream" else content["data"]["text/plain"]


def result(code):
    """The text of a cell's result, or the reply where there is none."""
    exchange = execute(code)
    texts = [text_of(message) for message in exchange["said"] if message["msg_type"] == "execute_result"]
    return texts[0] if texts else exchange["content"]


def bracketed(exchange):
    """What was said, and whether all of it and the reply name the request they belong to."""
    header = exchange["header"]
    parents = [message["parent_header"] for message in [*exchange["said"], exchange["reply"]]]
    return {
        "said": types(exchange["said"]),
        "reply": exchange["reply"]["msg_type"],
        "status": exchange["content"].get("status"),
        "parents": all(
            parent[key] == header[key] for parent in parents for key in ("msg_id", "msg_type", "session", "username")
        ),
    }


@probe
def every_request():
    code = {"code": cells["fine"], "cursor_pos": 2}
    requests = {
        "kernel_info": {},
        "execute": execution(cells["declare"]),
        "complete": code,
        "inspect": {**code, "detail_level": 0},
        "is_complete": {"code": cells["fine"]},
        "history": {"hist_access_type": "tail", "n": 1, "raw": True, "output": False},
        "comm_info": {},
    }
    found = {name: bracketed(ask(f"{name}_request", content)) for name, content in requests.items()}
    found["kernel_info on control"] = bracketed(ask("kernel_info_request", {}, "control"))
    found["interrupt"] = bracketed(ask("interrupt_request", {}, "control"))
    return found


@probe
def redeclared():
    *before, last = cells["redeclared"]
    return [*(execute(code)["content"]["status"] for code in before), result(last)]


@probe
def live_bindings():
    first, *others = cells["live"]
    execute(first)
    return [result(code) for code in others]


@probe
def type_error():
    """Of a language that has none, nothing is asked."""
    if "mistyped" not in cells:
        return None
    exchange = execute(cells["mistyped"])
    return [types(exchange["said"]), exchange["content"]["ename"], exchange["content"]["evalue"].split(":")[0]]


@probe
def outputs_in_order():
    said = execute(cells["outputs"])["said"]
    return [
        [name, message["content"].get("name"), text_of(message).strip(" \n'\"")]
        if (name := message["msg_type"]) in ("stream", "display_data", "execute_result")
        else types([message])[0]
        for message in said
    ]


@probe
def execution_counts():
    found = []
    for _ in range(2):
        exchange = execute(cells["fine"])
        told = {message["content"]["execution_count"] for message in exchange["said"] if "execution_count" in message["content"]}
        found.append([exchange["content"]["execution_count"], *told])
    [first, *_], _ = found
    return [[count - first for count in counts] for counts in found]


@probe
def error():
    first = execute(cells["thrower"])["content"]["execution_count"]
    exchange = execute(cells["throwing"])
    content = exchange["content"]
    told = [message["content"] for message in exchange["said"] if message["msg_type"] == "error"]
    same = ("ename", "evalue", "traceback")
    text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(content["traceback"]))
    places = re.findall(r"In ?\[(\d+)\](?:, line |:)(\d+)", text)
    return {
        "said": types(exchange["said"]),
        "status": content["status"],
        "ename": content["ename"],
        "evalue": content["evalue"],
        "same": [{key: error[key] for key in same} for error in told] == [{key: content[key] for key in same}],
        "places": sorted({(int(cell) - first, int(line)) for cell, line in places}),
        "text": text,
    }


@probe
def after_an_error():
    found = {}
    for stop in (True, False):
        # It fails when the others surely wait behind it.
        codes = (cells["slow error"], cells["fine"], cells["fine"])
        headers = [send("execute_request", execution(code, stop_on_error=stop)) for code in codes]
        statuses = [receive_reply(header)["content"]["status"] for header in headers]
        found[str(stop)] = [[status, types(said_because_of(header))] for status, header in zip(statuses, headers)]
        time.sleep(0.5)
    return {**found, "later": result(cells["fine"])}


@probe
def user_expressions():
    content = execute(cells["declare"], user_expressions=cells["expressions"])["content"]
    answers = content["user_expressions"]
    bad = answers["bad"]
    return {
        "status": content["status"],
        "good": [answers[name]["data"]["text/plain"] for name in ("good", "text")],
        "bad": [bad["status"], bad["ename"] != "", bad["traceback"] != []],
    }


@probe
def silent():
    before = execute(cells["declare"])["content"]["execution_count"]
    exchange = execute(cells["fine"], silent=True, user_expressions={"good": "1 + 1"})
    failing = execute(cells["error"], silent=True)
    after = execute(cells["declare"])["content"]["execution_count"]
    answer = exchange["content"]["user_expressions"]["good"]["data"]["text/plain"]
    return {
        "said": types(exchange["said"]),
        "expression": answer,
        "failing": failing["content"]["status"],
        "counted": after - before,
    }


@probe
def store_history():
    before = execute(cells["declare"])["content"]["execution_count"]
    unstored = cells["fine"] + " + 1"
    exchange = execute(unstored, store_history=False)
    after = execute(cells["declare"])["content"]["execution_count"]
    asked = ask("history_request", {"hist_access_type": "tail", "n": 10, "raw": True, "output": False})
    return {
        "said": types(exchange["said"]),
        "counted": after - before,
        "remembered": unstored in [entry[2] for entry in asked["content"]["history"]],
    }


@probe
def display():
    found = []
    for name in ("display", "update"):
        for message in execute(cells[name])["said"]:
            if message["msg_type"].endswith("display_data"):
                content = message["content"]
                found.append([message["msg_type"], content["transient"].get("display_id"), text_of(message).strip("'")])
    return found


@probe
def clear():
    said = execute(cells["clear"])["said"]
    return [
        message["content"]["wait"] if message["msg_type"] == "clear_output" else text_of(message).strip()
        for message in said
        if message["msg_type"] in ("clear_output", "stream")
    ]


def completions(code, cursor=None):
    """What each completion makes of the code, and its kind."""
    content = ask("complete_request", {"code": code, "cursor_pos": len(code) if cursor is None else cursor})["content"]
    start, end = content["cursor_start"], content["cursor_end"]
    kinds = {each["text"]: each["type"] for each in content["metadata"].get("_jupyter_types_experimental", [])}
    return {code[:start] + match + code[end:]: kinds.get(match) for match in content["matches"]}


@probe
def completion():
    found = completions(cells["unfinished"])
    return {"kind": found.get(cells["finished"]), "found": cells["finished"] in found}


@probe
def code_points():
    code, inspected = cells["emoji unfinished"], cells["emoji inspected"]
    middle = cells["middle unfinished"]
    end = middle.index("; ")
    member = cells["finished"].rsplit(".", 1)[1]
    content = ask("inspect_request", {"code": inspected, "cursor_pos": len(inspected), "detail_level": 0})["content"]
    return {
        "at the end": cells["emoji finished"] in completions(code),
        "in the middle": any(
            made.split(".", 1)[1].startswith(member + middle[end:]) for made in completions(middle, end)
        ),
        "inspected": content["found"],
    }


@probe
def inspection():
    unknown = ask("inspect_request", {"code": "qqq", "cursor_pos": 3, "detail_level": 0})["content"]
    return [unknown["status"], unknown["found"], unknown["data"]]


@probe
def interrupts():
    context = zmq.Context.instance()
    heart = context.socket(zmq.REQ)
    heart.connect(f"tcp://{client.ip}:{client.hb_port}")
    execute(cells["keep"])
    found = {}
    for name, code in cells["loops"].items():
        times, answers, beats, ends = [], [], [], set()
        for _ in range(7):
            header = send("execute_request", execution(code))
            time.sleep(0.3)
            for _ in range(3):
                started = time.perf_counter()
                receive_reply(send("kernel_info_request", {}, "control"), "control")
                answers.append(time.perf_counter() - started)
                started = time.perf_counter()
                heart.send(b"ping")
                assert heart.poll(5000), f"no heartbeat in a {name}"
                heart.recv()
                beats.append(time.perf_counter() - started)
            started = time.perf_counter()
            by_message = manager.kernel_spec.interrupt_mode == "message"
            if by_message:
                request = send("interrupt_request", {}, "control")
            else:
                manager.interrupt_kernel()
            reply = receive_reply(header)
            times.append(time.perf_counter() - started)
            if by_message:
                receive_reply(request, "control")
            ends.add((reply["content"]["status"], types(said_because_of(header))[-2]))
        found[name] = {
            "milliseconds": 1000 * sorted(times)[len(times) // 2],
            "control": 1000 * sorted(answers)[len(answers) // 2],
            "heartbeat": 1000 * sorted(beats)[len(beats) // 2],
            "ends": sorted(ends),
            "kept": result(cells["kept"]),
        }
    heart.close(0)
    return found


@probe
def stdin_refused():
    exchange = execute(cells["input"], allow_stdin=False)
    return {
        "status": exchange["content"]["status"],
        "said": types(exchange["said"])[-2:],
        "asked": client.stdin_channel.msg_ready(),
        "after": result(cells["fine"]),
    }


@probe
def forged():
    session = client.session
    header = session.msg("execute_request", execution(cells["forged"]))
    signed = session.serialize(header)
    whole = signed.index(b"<IDS|MSG>")
    signature, parts = signed[whole + 1], signed[whole + 2 :]
    frames = [
        [b""],
        [b"<IDS|MSG>"],
        [b"nonsense"],
        [b"<IDS|MSG>", b"", *parts],
        [b"<IDS|MSG>", b"0" * 64, *parts],
        [b"<IDS|MSG>", signature, *parts[:3], parts[3].replace(b"false", b"true")],
        [b"<IDS|MSG>", signature, *parts[:3]],
        [b"<IDS|MSG>", session.sign([b"\xff", b"[]", b"null", b"1"]), b"\xff", b"[]", b"null", b"1"],
        [b"<IDS|MSG>", session.sign([b"{}"] * 4), *[b"{}"] * 4],
    ]
    for channel in (client.shell_channel, client.control_channel):
        for each in frames:
            channel.socket.send_multipart(each)
    return {
        "answered": [kind for kind in ("shell", "control") if getattr(client, f"{kind}_channel").socket.poll(500)],
        "forged": execute(cells["is forged"])["content"]["status"],
        "control": ask("kernel_info_request", {}, "control")["content"]["status"],
    }


def connected():
    """Another client of the kernel, with a session of its own."""
    other = type(client)()
    other.load_connection_info(manager.get_connection_info(session=False))
    other.start_channels()
    other.wait_for_ready(timeout=patience)
    return other


@probe
def two_clients():
    other = connected()
    try:
        header = send("execute_request", execution(cells["print"]))
        receive_reply(header)
        said = said_because_of(header)
        others = []
        while not others or not is_idle_after(header)(others[-1]):
            others.append(other.get_iopub_msg(timeout=patience))
        because = [message for message in others if message["parent_header"].get("msg_id") == header["msg_id"]]
        return {
            "heard": types(said),
            "heard by the other": types(because),
            "answered the other": other.shell_channel.msg_ready(),
        }
    finally:
        other.stop_channels()


@probe
def reconnected():
    """A client that comes back before the kernel has noticed that it was gone: the identity of its sockets is the same."""
    global client
    again = manager.client()
    again.start_channels()
    again.wait_for_ready(timeout=patience)
    client.stop_channels()
    client = again
    # It counts its messages anew, so their names are those of earlier ones.
    heard.clear()
    return result(cells["fine"])


@probe
def comms():
    identity = "of-nobody"
    header = send("comm_open", {"comm_id": identity, "target_name": "nobody", "data": {}})
    said = said_because_of(header)
    info = ask("comm_info_request", {})["content"]
    named = ask("comm_info_request", {"target_name": "nobody"})["content"]
    closed = [message["content"]["comm_id"] for message in said if message["msg_type"] == "comm_close"]
    return {
        "comms": [info["status"], info["comms"], named["comms"]],
        "closed": closed == [identity],
        "states": [types(said)[0], types(said)[-1]],
    }


@probe
def history():
    first = None
    for code in cells["history"]:
        count = execute(code)["content"]["execution_count"]
        first = first or count
    alpha, sum_, beta, _ = cells["history"]

    names = {alpha: "alpha", sum_: "sum", beta: "beta"}

    def entries(**query):
        content = {"raw": True, "output": False, "session": 0, **query}
        found = ask("history_request", content)["content"]["history"]
        named = [[names[entry[0]], entry[1]] if query.get("output") else names[entry] for _, _, entry in found]
        return [[line - first, entry] for (_, line, _), entry in zip(found, named)]

    return {
        "tail": entries(hist_access_type="tail", n=2),
        "range": entries(hist_access_type="range", start=first, stop=first + 2),
        "range with output": entries(hist_access_type="range", start=first, stop=first + 2, output=True),
        "search": entries(hist_access_type="search", pattern="*lpha + ?", n=5),
        "search, one": entries(hist_access_type="search", pattern="*lpha + ?", n=1),
        "search, unique": entries(hist_access_type="search", pattern="*lpha + ?", n=5, unique=True),
        "search, none": entries(hist_access_type="search", pattern="lpha", n=5),
    }


@probe
def is_complete():
    found = {}
    for status, codes in cells["complete"].items():
        answers = [ask("is_complete_request", {"code": code})["content"] for code in codes]
        found[status] = [answer["status"] for answer in answers]
        found[f"{status}, indent"] = all(("indent" in answer) == (answer["status"] == "incomplete") for answer in answers)
    return found


@probe
def late_output():
    late = send("execute_request", execution(cells["late"]))
    meanwhile = send("execute_request", execution(cells["meanwhile"]))
    for header in (late, meanwhile):
        receive_reply(header)
        said_because_of(header)
    found = {}
    for name, header in (("late", late), ("meanwhile", meanwhile)):
        said = [message for message in heard if message["parent_header"].get("msg_id") == header["msg_id"]]
        found[name] = "".join(text_of(message) for message in said if message["msg_type"] == "stream")
    return found


@probe
def restart():
    """Jupyter's restart and a shutdown, last: each ends the kernel."""
    execute(cells["keep"])
    before = manager.provisioner.pid
    manager.restart_kernel(now=False)
    client.wait_for_ready(timeout=patience)
    after = execute(cells["kept"], stop_on_error=False)["content"]
    again = execute(cells["fine"])["content"]
    return {
        "another process": manager.provisioner.pid != before,
        "state": [after["status"], after["execution_count"]],
        "afterwards": [again["status"], again["execution_count"]],
    }


@probe
def shutdown():
    header = send("shutdown_request", {"restart": False}, "control")
    reply = receive_reply(header, "control")
    heard_of = []
    deadline = time.time() + 10
    while time.time() < deadline and (manager.is_alive() or client.iopub_channel.msg_ready()):
        if client.iopub_channel.msg_ready():
            heard_of.append(client.get_iopub_msg(timeout=1))
        time.sleep(0.01)
    return {
        "reply": reply["content"],
        "said": [each["content"] for each in heard_of if each["msg_type"] == "shutdown_reply"],
        "alive": manager.is_alive(),
    }


report = {}
for name, function in probes.items():
    try:
        report[name] = function()
    except Exception:
        # The others still tell something.
        report[name] = {"exception": traceback.format_exc()}
client.stop_channels()
if manager.is_alive():
    manager.shutdown_kernel(now=True)
print(json.dumps(report))
