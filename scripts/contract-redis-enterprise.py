"""Holds the Redis Enterprise emulator against the vendor's own typed client.

Builds a cluster of one node with a database, a role and a user over the REST API, then reads all of it
through the package redis-enterprise. It fails where an answer does not fit a model of the client, where
the client reads another value than the one that was sent, and where a model loses a field.

Reads RE_ADDRESS, the address of a node in no cluster, and RE_DATABASE_FILE, the definition of a database.
"""

import base64
import json
import os
import secrets
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from redis_enterprise import EnterpriseClient, RedisEnterpriseError

ADDRESS = os.environ["RE_ADDRESS"]
BASE = f"https://{ADDRESS}:9443"
ADMIN = ("admin@acd.local", secrets.token_hex(16))
VIEWER = ("viewer@acd.local", secrets.token_hex(16))
# Seconds until the node, its cluster, or its database must be there.
DEADLINE = 60

# Fields of a licence that real clusters show and the client's model lacks. The other models take what
# they do not know as it is.
NOT_IN_THE_LICENSE = {
    "activation_date",
    "cluster_name",
    "flash_shards_in_use",
    "flash_shards_limit",
    "key",
    "license",
    "owner",
    "ram_shards_in_use",
    "ram_shards_limit",
}
# Fields that are another from one answer to the next.
ALIVE = {"system_time", "uptime"}


class Wrong(Exception):
    """What the contract does not hold, as a sentence."""


def expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Wrong(f"{what} is {found!r}, expected {expected!r}")


def call(method: str, path: str, body: object = None, user: tuple[str, str] | None = None):
    """One request as nobody or as a user: the status and the decoded body, None for an empty one."""
    request = urllib.request.Request(BASE + path, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if user:
        token = base64.b64encode(":".join(user).encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    # The certificate of a node is self-signed.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    try:
        return status, json.loads(text) if text else None
    except ValueError:
        raise Wrong(f"{method} {path}: status {status}, and no JSON: {text[:200]!r}") from None


def sent(path: str, body: object, user: tuple[str, str] | None = ADMIN):
    """What a POST answers that must succeed."""
    status, answer = call("POST", path, body, user)
    expect(f"the status of POST {path} ({answer})", status, 200)
    return answer


def wait(what: str, is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + DEADLINE
    while True:
        try:
            if is_so():
                return
        except OSError:
            pass  # The node does not listen yet.
        if time.monotonic() > until:
            raise Wrong(f"{what}: not within {DEADLINE} s")
        time.sleep(0.2)


def bootstrap_is(state: str, user: tuple[str, str] | None = None) -> bool:
    status, answer = call("GET", "/v1/bootstrap", user=user)
    return status == 200 and answer["bootstrap_status"]["state"] == state


def build() -> dict:
    """Makes the cluster, a role, a user with it, and the database; returns the database's request."""
    wait("the node starts", lambda: bootstrap_is("idle"))
    bootstrap = {
        "action": "create_cluster",
        "cluster": {"nodes": [], "name": "acd.local"},
        "node": {"identity": {"addr": ADDRESS}},
        "credentials": dict(zip(("username", "password"), ADMIN, strict=True)),
    }
    sent("/v1/bootstrap/create_cluster", bootstrap, None)
    wait("the cluster is made", lambda: bootstrap_is("completed", ADMIN))

    role = sent("/v1/roles", {"name": "acd-viewer", "management": "db_viewer"})["uid"]
    email, password = VIEWER
    user = {"email": email, "name": "Viewer", "password": password, "role_uids": [role]}
    sent("/v1/users", user | {"email_alerts": False})

    with open(os.environ["RE_DATABASE_FILE"], encoding="utf-8") as file:
        database = json.load(file)
    # One node has no room for the copy of a shard.
    database |= {"replication": False, "authentication_redis_pass": secrets.token_hex(16)}
    sent("/v1/bdbs", database)
    path = f"/v1/bdbs/{database['uid']}"
    wait("the database is active", lambda: call("GET", path, user=ADMIN)[1]["status"] == "active")
    return database


def hold(what: str, read: object, answer: object) -> None:
    """Fails unless the client read all of an answer; what it adds is a field of its own without a value."""
    if isinstance(answer, dict) and isinstance(read, dict):
        unknown = answer.keys() - read.keys() - NOT_IN_THE_LICENSE
        if unknown:
            raise Wrong(f"{what} shows fields that the client's model lacks: {sorted(unknown)}")
        for field in answer.keys() & read.keys() - ALIVE:
            hold(f"{field} of {what}", read[field], answer[field])
    elif isinstance(answer, list) and isinstance(read, list):
        expect(f"the length of {what}", len(read), len(answer))
        for number, both in enumerate(zip(read, answer, strict=True)):
            hold(f"element {number} of {what}", *both)
    else:
        expect(f"{what} in the client", read, answer)


def agree(read: dict, path: str, pick: Callable[[object], dict] = lambda all: all):
    """Holds what the client read against the answer that it read it from."""
    answer = pick(call("GET", path, user=ADMIN)[1])
    hold(f"GET {path}", read, answer)


def raises(error: type[Exception], what: str, read: Callable[[], object]) -> None:
    try:
        found = read()
    except error:
        return
    raise Wrong(f"{what}: {error.__name__} expected, found {found!r}")


def client_of(user: tuple[str, str]) -> EnterpriseClient:
    return EnterpriseClient(BASE, *user, insecure=True, timeout_secs=10)


def read_all(database: dict) -> None:
    client = client_of(ADMIN)

    cluster = client.cluster_info_sync()
    expect("the cluster's name", cluster["name"], "acd.local")
    agree(cluster, "/v1/cluster")

    [node] = client.nodes_sync()
    expect("the node", (node["uid"], node["addr"], node["status"]), (1, ADDRESS, "active"))
    expect("the node's shards", node["shard_count"], database["shards_count"])
    agree(node, "/v1/nodes", lambda all: all[0])
    agree(client.node_sync(1), "/v1/nodes/1")

    uid = database["uid"]
    [listed] = client.databases_sync()
    read = client.database_sync(uid)
    for field, value in database.items():
        expect(f"{field} of the database", read[field], value)
    expect("the database's shards", len(read["shard_list"]), database["shards_count"])
    [endpoint] = read["endpoints"]
    expect("the database's endpoint", endpoint["port"], database["port"])
    agree(listed, "/v1/bdbs", lambda all: all[0])
    agree(read, f"/v1/bdbs/{uid}")

    licence = client.license_sync()
    expect("whether the licence has expired", licence["expired"], False)
    expect("the shards of a trial", licence["shards_limit"], 4)
    agree(licence, "/v1/license")

    users = client.users_sync()
    expect("the users", [user["email"] for user in users], [ADMIN[0], VIEWER[0]])
    roles = {role["name"]: role for role in client.get_sync("/v1/roles")}
    expect("the roles", sorted(roles), ["Admin", "acd-viewer"])
    for number, (user, role) in enumerate(zip(users, ("Admin", "acd-viewer"), strict=True)):
        expect(f"the roles of {user['email']}", user["role_uids"], [roles[role]["uid"]])
        agree(user, "/v1/users", lambda all, number=number: all[number])

    # The client has no models of these in Python: their shape is that of its Rust models.
    for role in roles.values():
        expect("the types of a role", (type(role["uid"]), type(role["management"])), (int, str))
    for module in client.get_sync("/v1/modules"):
        fields = ("uid", "module_name", "semantic_version")
        expect("the types of a module", {type(module[field]) for field in fields}, {str})
    bootstrap = client.get_sync("/v1/bootstrap")
    expect("the bootstrap", bootstrap["bootstrap_status"]["state"], "completed")

    raises(ValueError, "a database that is not there", lambda: client.database_sync(uid + 1))
    stranger = client_of((ADMIN[0], "wrong"))
    raises(RedisEnterpriseError, "a wrong password", stranger.cluster_info_sync)
    viewer = client_of(VIEWER)
    expect("what a viewer sees", viewer.database_sync(uid)["status"], "active")
    # The client has no exception of its own for 403.
    raises(RuntimeError, "a viewer that lists the users", viewer.users_sync)


def main() -> int:
    try:
        read_all(build())
    except (Wrong, RuntimeError, ValueError, ConnectionError, RedisEnterpriseError) as wrong:
        print(f"{type(wrong).__name__}: {wrong}", file=sys.stderr)
        return 1
    print("The vendor's client reads cluster, node, database, users, roles, licence, modules, bootstrap.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
