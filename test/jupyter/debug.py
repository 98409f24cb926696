"""Debugs a cell as JupyterLab does, through jupyter_client; prints as JSON what came back."""

import json

from ipykernel.compiler import murmur2_x86
from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="gradbook")
sequence = 0
events = []


def ask(command, arguments=None):
    global sequence
    sequence += 1
    content = {"type": "request", "seq": sequence, "command": command, "arguments": arguments or {}}
    request = client.session.msg("debug_request", content)
    client.control_channel.send(request)
    while True:
        reply = client.get_control_msg(timeout=30)
        if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            assert reply["msg_type"] == "debug_reply", reply
            assert reply["content"]["request_seq"] == sequence, reply
            return reply["content"]


def event(name):
    """The next event of a kind; what else is said on iopub passes by."""
    while True:
        message = client.get_iopub_msg(timeout=30)
        if message["msg_type"] != "debug_event":
            continue
        events.append(message["content"]["event"])
        if message["content"]["event"] == name:
            return message["content"]["body"]


def start():
    ask("initialize", {"clientID": "jupyterlab", "adapterID": "gradbook", "pathFormat": "path", "linesStartAt1": True})
    return ask("attach")


def reply_to(request):
    while True:
        reply = client.get_shell_msg(timeout=30)
        if reply["parent_header"].get("msg_id") == request:
            return reply["content"]


def shown(request):
    """The cell's result; waits until the kernel is idle after it."""
    result = None
    while True:
        message = client.get_iopub_msg(timeout=30)
        if message["msg_type"] == "debug_event":
            events.append(message["content"]["event"])
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "execute_result":
            result = message["content"]["data"]["text/plain"]
        if message["content"].get("execution_state") == "idle":
            return result


def variables(reference):
    listed = ask("variables", {"variablesReference": reference})["body"]["variables"]
    return {each["name"]: each["value"] for each in listed}


code = """import { variable } from "gradbook";
const x = variable(2), w = variable(4);
const double = (factor: number) => {
  const doubled = 2 * factor;
  return x * doubled;
};
const z = double(3) + w;
z.item()"""

kernel_info = client.kernel_info(reply=True, timeout=30)["content"]
report = {"debugger": kernel_info["debugger"], "features": kernel_info["supported_features"]}
info = ask("debugInfo")["body"]
report["started"] = [info["isStarted"]]
start()
report["started"].append(ask("debugInfo")["body"]["isStarted"])
path = ask("dumpCell", {"code": code})["body"]["sourcePath"]
report["same name"] = path == f"{info['tmpFilePrefix']}{murmur2_x86(code, info['hashSeed'])}{info['tmpFileSuffix']}"
report["breakpoints"] = [
    [each["verified"], each["line"]]
    for each in ask("setBreakpoints", {"source": {"path": path}, "breakpoints": [{"line": 4}], "sourceModified": False})[
        "body"
    ]["breakpoints"]
]
ask("configurationDone")
request = client.execute(code)
stopped = event("stopped")
report["stopped"] = stopped["reason"]


def look():
    frames = ask("stackTrace", {"threadId": stopped["threadId"]})["body"]["stackFrames"]
    scopes = ask("scopes", {"frameId": frames[0]["id"]})["body"]["scopes"]
    return {
        "frames": [[frame["name"], frame["line"], frame["source"]["path"] == path] for frame in frames],
        "scopes": {scope["name"]: variables(scope["variablesReference"]) for scope in scopes},
    }


ask("next", {"threadId": stopped["threadId"]})
event("stopped")
report["step"] = look()
frame = ask("stackTrace", {"threadId": 1})["body"]["stackFrames"][0]["id"]
evaluated = ask("evaluate", {"expression": "x * doubled + w", "frameId": frame, "context": "repl"})
report["evaluated"] = evaluated["body"]["result"]
report["source"] = ask("source", {"source": {"path": path}})["body"]["content"] == code
report["info while stopped"] = ask("debugInfo")["body"]["stoppedThreads"]
ask("continue", {"threadId": 1})
report["reply"] = reply_to(request)["status"]
report["shown"] = shown(request)
report["inspected"] = {
    each["name"]: each["value"] for each in ask("inspectVariables")["body"]["variables"] if each["value"].startswith("Value")
}
rich = ask("richInspectVariables", {"variableName": "z"})["body"]
report["rich"] = sorted(rich["data"])
report["disconnected"] = ask("disconnect", {"restart": False, "terminateDebuggee": False})["success"]
report["unhindered"] = shown(client.execute(code))

start()
ask("setBreakpoints", {"source": {"path": path}, "breakpoints": [{"line": 7}]})
request = client.execute(code)
event("stopped")
manager.interrupt_kernel()
report["interrupted"] = reply_to(request)["ename"]
shown(request)
report["after"] = shown(client.execute("w.item()"))
report["events"] = events
client.stop_channels()
manager.shutdown_kernel()
print(json.dumps(report))
