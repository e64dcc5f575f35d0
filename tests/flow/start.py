"""First and second starts, ports, the public URL, the schema's version."""
import os
import sqlite3
import stat

from check import case, check, same
from node import ask, command


def mode(path):
    return oct(stat.S_IMODE(os.stat(path).st_mode))


@case
def first_start(w):
    node = w.mine["node"] = w.node("first")
    check("the ready line is alone and says where it listens", node.ready_line == f"ready {node.url}\n", node.ready_line)
    check("on 127.0.0.1", node.url.startswith("http://127.0.0.1:"), node.url)
    for name, want in (("", 0o700), ("keys", 0o700), ("products", 0o700), ("operator.token", 0o600)):
        same(f"mode of {name or 'the folder'}", mode(os.path.join(node.folder, name)), oct(want))
    node.party("bureau")
    for name in os.listdir(node.folder + "/keys"):
        same(f"mode of keys/{name}", mode(f"{node.folder}/keys/{name}"), oct(0o600))
    same("one key", len(os.listdir(node.folder + "/keys")), 1)
    for name in os.listdir(node.folder):
        check(f"nobody else reads {name}", not os.stat(f"{node.folder}/{name}").st_mode & 0o077, mode(f"{node.folder}/{name}"))
    with open(node.folder + "/serve.url", encoding="ascii") as f:
        same("serve.url", f.read(), node.url + "\n")
    got = ask("GET", node.url + "/health")
    same("/health", (got.status, got.json.get("status")), (200, "ok"))
    same("who the operator is", node.get("/self", "operator").json["role"], "operator")
    same("the public URL", node.public, f"http://localhost:{node.url.rpartition(':')[2]}")


@case
def operator_by_folder(w):
    node = w.mine["node"]
    got = command("party", "ls", "--json", "--data", node.folder)
    same("a command finds the server by its folder", (got.code, [p["id"] for p in got.json["parties"]]), (0, ["bureau"]))


@case
def second_start_on_the_folder(w):
    node = w.mine["node"]
    for lang, word in (("C", "its node is running"), ("zh_CN.UTF-8", "已在运行")):
        got = command("serve", "--data", node.folder, "--listen", "127.0.0.1:0", env={"LANG": lang})
        same(f"{lang}: exit status", got.code, 3)
        check(f"{lang}: says why", word in got.err, got)
        same(f"{lang}: stdout", got.out, "")
    check("the first goes on", ask("GET", node.url + "/health").status == 200)
    with open(node.folder + "/serve.url", encoding="ascii") as f:
        same("serve.url is still the first one's", f.read(), node.url + "\n")


@case
def busy_port(w):
    node = w.mine["node"]
    got = command("serve", "--data", w.path("other"), "--listen", node.url.removeprefix("http://"))
    same("exit status", got.code, 3)
    check("says what to do", "--listen" in got.err, got)
    same("stdout", got.out, "")
    check("no serve.url", not os.path.exists(w.path("other") + "/serve.url"))
    got = command("serve", "--data", w.path("gate"), "--listen", "127.0.0.1:0", "--gate-listen", node.url.removeprefix("http://"))
    same("a busy gate: exit status", got.code, 3)


@case
def stop_and_start_again(w):
    node = w.mine["node"]
    public, token = node.public, node.operator
    node.stop()
    check("serve.url is gone", not os.path.exists(node.folder + "/serve.url"))
    got = command("party", "ls", "--json", "--data", node.folder)
    same("without a server the folder itself answers", (got.code, [p["id"] for p in got.json["parties"]]), (0, ["bureau"]))
    got = command("token", "new", "--role", "provider", "--party", "bureau", "--data", node.folder)
    same("a token without a server", (got.code, got.err), (0, ""))
    node.listen = "127.0.0.1:0"
    node.start()
    same("the public URL stays though the port is another", node.public, public)
    same("operator.token stays", node.operator, token)
    made = ask("GET", node.api + "/self", got.out.strip())
    same("the token that was made meanwhile", (made.status, made.json.get("party")), (200, "bureau"))
    node.stop()


@case
def another_public_url(w):
    node = w.mine["node"]
    for lang, word in (("C", "public-url"), ("zh_CN.UTF-8", "public-url")):
        got = command("serve", "--data", node.folder, "--listen", "127.0.0.1:0", "--public-url", "https://other.example", env={"LANG": lang})
        same(f"{lang}: exit status", got.code, 2)
        check(f"{lang}: names the flag and what is stored", word in got.err and "http://localhost:" in got.err, got)
    for url in ("ftp://x.example", "x.example", "http://u:p@x.example", "http://x.example/?q=1", "http:// x"):
        got = command("serve", "--data", w.path("bad-url"), "--listen", "127.0.0.1:0", "--public-url", url)
        same(f"--public-url {url}", got.code, 2)


def set_version(folder, version):
    db = sqlite3.connect(folder + "/hutong.db")
    before = db.execute("PRAGMA user_version").fetchone()[0]
    db.execute(f"PRAGMA user_version = {version}")
    db.commit()
    db.close()
    return before


@case
def newer_schema(w):
    node = w.mine["node"]
    before = set_version(node.folder, 99)
    check("the schema has a version", before >= 1, before)
    for args in (("serve", "--listen", "127.0.0.1:0"), ("party", "ls")):
        got = command(*args, "--data", node.folder)
        same(f"{args[0]}: exit status", got.code, 3)
        check(f"{args[0]}: says that it is newer", "newer" in got.err, got)
    same("nothing is changed", set_version(node.folder, before), 99)
    node.start()
    same("the same folder with its own version", node.get("/parties", "operator").status, 200)
    node.stop()


@case
def a_foreign_folder(w):
    folder = w.path("foreign")
    os.mkdir(folder, 0o700)
    w.file("foreign/hutong.db", b"this is not a database, and it is longer than a header of one" * 200)
    got = command("serve", "--data", folder, "--listen", "127.0.0.1:0")
    same("exit status of a store that is no database", got.code, 3)
    with open(folder + "/hutong.db", "rb") as f:
        check("it is left as it was", f.read().startswith(b"this is not"))
    got = command("serve", "--data", w.path("foreign/hutong.db/below"), "--listen", "127.0.0.1:0")
    same("exit status of a folder that cannot be made", got.code, 3)
