"""Talks to the kernel through jupyter_client; prints as JSON what came back. The expectations are the caller's."""

import json
import time

from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="gradbook")


def reply_to(request):
    while True:
        reply = client.get_shell_msg(timeout=30)
        if reply["parent_header"].get("msg_id") == request:
            return reply["content"]


def outputs_of(request):
    """Everything said because of a request, until the kernel is idle after it."""
    said = []
    while True:
        message = client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") != request:
            continue
        content = message["content"]
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            return said
        if message["msg_type"] not in ("status", "execute_input"):
            said.append({"type": message["msg_type"], **content})


def result_of(code):
    request = client.execute(code)
    reply = reply_to(request)
    texts = [each["data"]["text/plain"] for each in outputs_of(request) if each["type"] == "execute_result"]
    return texts[0] if texts else reply


def interrupt(code):
    """Interrupts a cell that never ends and asks for the state it left."""
    request = client.execute(f"reached = true; {code}")
    time.sleep(0.7)
    started = time.time()
    manager.interrupt_kernel()
    reply = reply_to(request)
    took = time.time() - started
    errors = [each["ename"] for each in outputs_of(request) if each["type"] == "error"]
    return {"ename": reply["ename"], "errors": errors, "seconds": took, "state": result_of("kept + 1")}


def stop_on_error(stop):
    # It fails when the next one surely waits behind it.
    code = "await new Promise((resolve) => setTimeout(resolve, 300)); throw new Error('stop')"
    failing = client.execute(code, stop_on_error=stop)
    following = client.execute("'ran'", stop_on_error=stop)
    return [reply_to(request)["status"] for request in (failing, following)]


def many_lines(count):
    request = client.execute(f"for (let i = 0; i < {count}; i++) console.log('line', i)")
    streams = [each["text"] for each in outputs_of(request)]
    reply_to(request)
    lines = "".join(streams).splitlines()
    return {
        "complete": lines == [f"line {i}" for i in range(count)],
        "lines": len(lines),
        "messages": len(streams),
    }


def malformed():
    """Frames that no kernel should take; then whether it still runs cells."""
    socket = client.shell_channel.socket
    header = b'{"msg_id": "m", "msg_type": "execute_request"}'
    for frames in (
        [b""],
        [b"<IDS|MSG>"],
        [b"nonsense"],
        [b"<IDS|MSG>", b"forged", header, b"{}", b"{}", b'{"code": "forged = true"}'],
        [b"<IDS|MSG>", b"", b"\xff", b"[]", b"null", b"1"],
    ):
        socket.send_multipart(frames)
    for part in ("execute_request", "complete_request", "history_request", "no_such_request"):
        client.session.send(socket, part, content={"code": 7, "hist_access_type": "?"})
    replies = []
    for _ in range(4):
        replies.append(client.get_shell_msg(timeout=30)["content"]["evalue"])
    return {"replies": replies, "after": result_of("typeof kept")}


def shutdown():
    request = client.session.msg("shutdown_request", {"restart": False})
    client.control_channel.send(request)
    reply = client.get_control_msg(timeout=10)["content"]
    deadline = time.time() + 10
    while manager.is_alive() and time.time() < deadline:
        time.sleep(0.01)
    return {"reply": reply, "alive": manager.is_alive()}


report = {"info": client.kernel_info(reply=True, timeout=30)["content"]}
report["start"] = result_of("let kept = 41; let reached = false; kept")
report["interrupts"] = {
    name: interrupt(code)
    for name, code in {
        "loop": "while (true) {}",
        "pending await": "await new Promise(() => {})",
        "loop after await": "await null; while (true) {}",
        "microtasks": "while (true) await null",
        "timer": "setTimeout(() => { while (true) {} }, 10); await new Promise(() => {})",
    }.items()
}
report["stop_on_error"] = {str(stop): stop_on_error(stop) for stop in (True, False)}
report["lines"] = many_lines(100_000)
report["heartbeat"] = client.hb_channel.is_beating()
report["malformed"] = malformed()
report["shutdown"] = shutdown()
client.stop_channels()
print(json.dumps(report))
