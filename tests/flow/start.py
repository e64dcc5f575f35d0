"""First and second starts, ports, the public URL, the schema's version."""
import os
import shutil
import sqlite3
import stat
import subprocess

from check import case, check, same
from node import EMPTY, HUTONG, ask, command, free_port, sha256


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


@case
def a_clean_stop_leaves_one_file(w):
    """hutong.db alone, without its log, has everything after a clean stop, of a server as of a command."""
    node = w.mine["files"] = w.node("files")
    node.party("bureau")
    product = node.publish("bureau", "urn:kept", b"kept")
    node.stop()
    for name, command_of in (("a server", None), ("a command", ("token", "new", "--role", "regulator", "--data", node.folder))):
        if command_of:
            same("the command", command(*command_of).code, 0)
        copy = w.path("copy of " + name)
        os.makedirs(copy)
        shutil.copy(node.folder + "/hutong.db", copy)
        db = sqlite3.connect(copy + "/hutong.db")
        same(f"{name}: parties", db.execute("SELECT id FROM party").fetchall(), [("bureau",)])
        same(f"{name}: products", db.execute("SELECT lower(hex(sha256)) FROM product").fetchall(), [(product["sha256"],)])
        tokens = db.execute("SELECT count(*) FROM token").fetchone()[0]
        same(f"{name}: tokens", tokens, 3 if command_of else 2)
        same(f"{name}: it is sound", db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        db.close()


@case
def files_that_are_not_what_they_must_be(w):
    """Each is named, with what to do, in both languages; none is followed or waited for."""
    node = w.mine["files"]
    outside = w.path("outside")
    os.makedirs(outside)
    key = "keys/" + os.listdir(node.folder + "/keys")[0]

    def link(path):
        os.symlink(outside, path)

    def garbage(path):
        with open(path, "w", encoding="ascii") as f:
            f.write("no key\n")

    plain, backup = ("plain file", "普通文件"), ("backup", "备份")
    rows = ((key, "a pipe", os.mkfifo, plain), (key, "a link", link, plain), (key, "damaged", garbage, backup), (key, "not there", lambda path: None, backup),
            (key, "a folder", os.mkdir, plain), ("keys", "a link", link, plain), ("products", "a link", link, plain), ("products", "a file", garbage, plain),
            ("hutong.db", "a link", link, plain), ("lock", "a pipe", os.mkfifo, plain), ("lock", "a link", link, plain),
            ("serve.url.new", "a folder", os.mkdir, plain))
    for name, what, spoil, words in rows:
        path = f"{node.folder}/{name}"
        if os.path.exists(path):
            os.rename(path, w.path("aside"))
        spoil(path)
        said = name.removesuffix(".new")
        for lang, word in zip(("C", "zh_CN.UTF-8"), words):
            got = command("serve", "--data", node.folder, "--listen", "127.0.0.1:0", env={"LANG": lang}, timeout=20)
            same(f"{name}, {what}, {lang}: exit status", (got.code, got.out), (3, ""))
            check(f"{name}, {what}, {lang}: named, and what to do", f"{node.folder}/{said}: " in got.err and word in got.err, got.err)
        if name in (key, "keys", "hutong.db"):
            got = command("party", "ls", "--data", node.folder, timeout=20)
            same(f"{name}, {what}: a command without a server", got.code, 3)
            check(f"{name}, {what}: named by it", f"{node.folder}/{said}: " in got.err, got.err)
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        elif os.path.lexists(path):
            os.remove(path)
        if os.path.lexists(w.path("aside")):
            os.rename(w.path("aside"), path)
    same("nothing is made outside", os.listdir(outside), [])
    for name in ("operator.token", "serve.url"):
        if os.path.exists(f"{node.folder}/{name}"):
            os.rename(f"{node.folder}/{name}", w.path(name))
        with open(w.path("elsewhere"), "w", encoding="ascii") as f:
            f.write("http://127.0.0.1:9\n")
        os.symlink(w.path("elsewhere"), f"{node.folder}/{name}")
    os.remove(node.folder + "/operator.token")
    shutil.copy(w.path("operator.token"), node.folder + "/operator.token")
    os.symlink(node.folder, w.path("linked"))
    node.folder = w.path("linked")
    node.start()
    same("the folder itself may be a link", node.get("/parties", "operator").status, 200)
    with open(w.path("elsewhere"), encoding="ascii") as f:
        same("serve.url was not written through", f.read(), "http://127.0.0.1:9\n")


@case
def a_product_file_that_is_lost(w):
    """The delivery says that it is gone, not that it may be tried again."""
    node = w.mine["files"]
    node.party("reader")
    deal = node.negotiate("reader", node.base("bureau"), "urn:kept")
    transfer = node.transfer("reader", deal.json["agreement"]).json
    address = transfer["dataAddress"]
    url, token = address["endpoint"], address["authorization"]
    same("while it is there", ask("GET", url, token).body, b"kept")
    path = f"{node.folder}/products/bureau/{sha256(b'kept')}"

    def cut():
        with open(path, "wb") as f:
            f.write(b"k")

    for row, spoil in (("not there", lambda: os.rename(path, w.path("lost"))), ("a link", lambda: os.symlink(w.path("lost"), path)),
                       ("another size", lambda: (os.remove(path), cut()))):
        spoil()
        for lang, word in (("en", "no longer at this node"), ("zh", "已不在此节点")):
            got = ask("GET", url, token, headers={"Accept-Language": lang})
            same(f"{row}, {lang}: status, code, later", (got.status, got.code, got.headers.get("Retry-After")), (500, "data_gone", None))
            check(f"{row}, {lang}: its words", word in got.json["text"], got)
    lines = [line for line in node.log().splitlines() if "product_file" in line]
    check("the log names the product", lines and all("urn:kept" in line and "bureau" in line for line in lines), lines)
    os.remove(path)
    os.rename(w.path("lost"), path)
    same("when it is back", ask("GET", url, token).body, b"kept")


@case
def localhost_for_everybody(w):
    """A node that listens for others but is named localhost says so in its log."""
    for name, listen, flags, warns in (("all", "0.0.0.0:0", (), True), ("here", "127.0.0.1:0", (), False),
                                       ("named", "0.0.0.0:0", ("--public-url", "http://node.example"), False)):
        node = w.node("url-" + name, *flags, start=False)
        node.listen = listen
        node.start()
        lines = [line for line in node.log().splitlines() if "public_url_is_localhost" in line]
        same(f"{listen} {flags}: warned", len(lines), int(warns))
        check(f"{listen}: what to set", not warns or "--public-url" in lines[0], lines)
        node.stop()


@case
def a_run_beside_a_run(w):
    """./run in a folder that a node has says where it runs and what a second one needs; with that the second one goes."""
    root = w.path("tree")
    os.makedirs(root + "/tools")
    os.makedirs(root + "/build")
    source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    shutil.copy(source + "/tools/trade", root + "/tools/trade")
    os.symlink(HUTONG, root + "/build/hutong")
    node = w.node("tree/data")

    def trade(**env):
        return subprocess.Popen([root + "/tools/trade", w.file("some.txt", b"some")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, **EMPTY, "PATH": os.environ["PATH"], **env})

    for lang, word in (("C", "running already"), ("zh_CN.UTF-8", "已在")):
        process = trade(LC_ALL=lang, HUTONG_LISTEN=f"127.0.0.1:{free_port()}")
        err = process.communicate(timeout=60)[1].decode()
        check(f"{lang}: says where, and how", process.returncode == 3 and word in err and node.url in err and "HUTONG_DATA=" in err, err)
    process = trade(HUTONG_DATA=w.path("second"), HUTONG_LISTEN=f"127.0.0.1:{free_port()}")
    lines = []
    while not lines or lines[-1] and "goes on at" not in lines[-1]:
        lines.append(process.stdout.readline().decode())
    check("another folder and another port", "goes on at" in lines[-1], lines)
    process.terminate()
    process.communicate(timeout=60)
    same("it stops", process.returncode, 0)
    check("its data are there", os.path.exists(w.path("second/hutong.db")))
