// One contact from creation to completion, with fetch (Node 18 or later): node contact.mjs [URL]
import { randomUUID } from "node:crypto";

const base = (process.argv[2] ?? "http://127.0.0.1:8000") + "/v1/centers/main";
const run = randomUUID();
const [agent, contact, skill] = [`ada-${run}`, `call-${run}`, `js-${run}`];

async function call(method, path, body, accept = "application/json") {
  const headers = { "content-type": "application/json", accept };
  const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

// The text of each `data:` line of a stream of server-sent events.
async function* events(response) {
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data:")) yield JSON.parse(line.slice(5));
  }
}

await call("POST", "/agents", { id: agent, first_name: "Ada", skills: [skill] });
await call("PUT", `/agents/${agent}/state`, { presence: "ready" });
// The id is ours, so the call may be sent again when its answer is lost.
await call("POST", "/contacts", { id: contact, skills: [skill] });

for await (const event of events(await call("GET", "/events?after=0", undefined, "text/event-stream"))) {
  if (event.contact !== contact) continue;
  console.log(event.at, event.type, event.agent ?? "");
  if (event.type === "contact.assigned") break;
}

const now = await (await call("GET", `/contacts/${contact}`)).json();
if (now.state !== "assigned" || now.agent !== agent) throw new Error(JSON.stringify(now));
console.log((await (await call("GET", `/contacts/${contact}/explain`)).json()).decision);
const end = await (await call("POST", `/contacts/${contact}/complete`)).json();
if (end.state !== "completed") throw new Error(JSON.stringify(end));
await call("DELETE", `/agents/${agent}`);
console.log("completed");
process.exit(0); // leaves the event stream
