#!/usr/bin/env python3
"""One contact from creation to completion, with the standard library: contact.py [URL]"""
import json
import sys
import urllib.request
import uuid

BASE = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000") + "/v1/centers/main"
RUN = uuid.uuid4().hex
AGENT, CONTACT, SKILL = f"ada-{RUN}", f"call-{RUN}", f"py-{RUN}"


def call(method, path, body=None, accept="application/json"):
    headers = {"content-type": "application/json", "accept": accept}
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.urlopen(urllib.request.Request(BASE + path, data, headers, method=method), timeout=10)


call("POST", "/agents", {"id": AGENT, "first_name": "Ada", "skills": [SKILL]})
call("PUT", f"/agents/{AGENT}/state", {"presence": "ready"})
# The id is ours, so the call may be sent again when its answer is lost.
call("POST", "/contacts", {"id": CONTACT, "skills": [SKILL]})

# The event log as server-sent events, from its beginning.
with call("GET", "/events?after=0", accept="text/event-stream") as stream:
    for line in stream:
        if not line.startswith(b"data:"):
            continue
        event = json.loads(line[5:])
        if event.get("contact") == CONTACT:
            print(event["at"], event["type"], event.get("agent", ""))
            if event["type"] == "contact.assigned":
                break

contact = json.load(call("GET", f"/contacts/{CONTACT}"))
assert (contact["state"], contact["agent"]) == ("assigned", AGENT), contact
print(json.load(call("GET", f"/contacts/{CONTACT}/explain"))["decision"])
assert json.load(call("POST", f"/contacts/{CONTACT}/complete"))["state"] == "completed"
call("DELETE", f"/agents/{AGENT}")
print("completed")
