"""hutong get when something goes wrong: other bytes, a full disk, an interruption, a provider that is gone or points elsewhere."""
import os
import signal
import socket
import subprocess
import threading
import time

from check import case, check, need, same, say, soon
from node import EMPTY, HUTONG, ask
from peer import Seller

CONTENT = os.urandom(200_000)


@case
def begin(w):
    buy = w.mine["buy"] = w.node("buy")
    buy.party("fleet")
    w.mine["seller"] = Seller(w)


def leftovers(w):
    return [n for n in os.listdir(w.folder) if n.startswith(".hutong")]


def settled(buy):
    """The states of the transfers when nothing is pending."""
    def look():
        transfers = buy.get("/transfers?most=1000", "consumer:fleet").json["transfers"]
        return not any(t["pending"] for t in transfers) and ([t["state"] for t in transfers] or ["none"])
    return soon(look) or ["pending"]


def fetch(w, product, name, *more, **env):
    return w.mine["buy"].run("consumer:fleet", "get", w.mine["seller"].base, product, "--yes", "-o", w.path(name), *more, **env)


@case
def what_a_provider_serves(w):
    """A provider in Python whose description and bytes differ in every way."""
    seller, buy = w.mine["seller"], w.mine["buy"]
    other = bytes([CONTENT[0] ^ 1]) + CONTENT[1:]
    stream = {"Content-Type": "application/octet-stream"}
    plain = seller.dataset("urn:nohash", CONTENT)
    del plain["distribution"][0]["spdx:checksum"]
    bad_hash = seller.dataset("urn:badhash", CONTENT)
    bad_hash["distribution"][0]["spdx:checksum"]["spdx:checksumValue"] = "xyz"
    rows = (
        # row, served, exit status, a word of stderr
        ("as described", CONTENT, 0, "as described"),
        ("one bit", other, 4, "WRONG CONTENT"),
        ("shorter", CONTENT[:-1], 4, "WRONG LENGTH"),
        ("longer", CONTENT + b"x", 4, "WRONG LENGTH"),
        ("nothing", b"", 4, "WRONG LENGTH"),
        ("an error page with 200", b"<html>no</html>", 4, "WRONG LENGTH"),
        ("404", lambda r: (404, {}, b"{}"), 1, "404"),
        ("500", lambda r: (500, {}, b"{}"), 3, "500"),
        ("redirect", lambda r: (302, {"Location": seller.url + "/elsewhere"}, b""), 1, "302"),
        ("no answer", lambda r: (None, None, None), 3, "seller/data"),
        ("part of it", lambda r: (206, stream, CONTENT[:100]), 1, "206"),
    )
    for row, served, want, word in rows:
        product = "urn:" + row.replace(" ", "-")
        seller.sell(product, CONTENT, served)
        seller.now_served = served
        name = product.replace(":", "_")
        got = fetch(w, product, name)
        same(f"{row}: exit status", got.code, want)
        check(f"{row}: says {word}", word in got.err, got.err)
        same(f"{row}: the file is there", os.path.exists(w.path(name)), want == 0)
        same(f"{row}: the sidecar is there", os.path.exists(w.path(name) + ".hutong.json"), want == 0)
        same(f"{row}: nothing is left", leftovers(w), [])
        same(f"{row}: the transfer", settled(buy)[-1:], ["COMPLETED" if want == 0 else "TERMINATED"])
    check("a redirect is not followed", not seller.came("elsewhere"), seller.came("elsewhere"))
    seller.sell("urn:nohash", CONTENT, CONTENT, dataset=plain)
    seller.now_served = CONTENT
    got = fetch(w, "urn:nohash", "nohash", "--json")
    same("a description without hash", (got.code, got.code == 0 and got.json["checked"]), (0, False))
    check("is said", "warning" in got.err, got.err)
    tokens = [r.headers.get("Authorization") for r in seller.came("/data/")]
    check("the token of the data address goes there", all(t and "secret-urn:uuid:" in t for t in tokens), tokens[:3])


@case
def a_provider_points_elsewhere(w):
    seller, buy = w.mine["seller"], w.mine["buy"]
    good = seller.address
    for row, url in (("private", "http://10.0.0.1/data"), ("link-local", "http://169.254.169.254/latest"), ("mapped", "http://[::ffff:10.0.0.1]/x"),
                     ("user info", f"http://u:p@localhost:{seller.port}/x"), ("a file", "file:///etc/passwd")):
        seller.address = lambda ours, url=url: url
        product = "urn:elsewhere:" + row.replace(" ", "-")
        seller.sell(product, CONTENT)
        seller.now_served = CONTENT
        began = time.monotonic()
        got = fetch(w, product, "elsewhere", timeout=40)
        check(f"{row}: exit status", got.code in (1, 3), got)
        check(f"{row}: at once", time.monotonic() - began < 20)
        check(f"{row}: no file", not os.path.exists(w.path("elsewhere")) and not leftovers(w))
    seller.address = good


@case
def a_corrupted_file_of_a_node(w):
    """The bytes in products/ are not the published ones any more."""
    buy = w.mine["buy"]
    sell = w.mine["sell"] = w.node("sell")
    sell.party("bureau")
    product = sell.publish("bureau", "urn:rotten", CONTENT)
    path = f"{sell.folder}/products/bureau/{product['sha256']}"
    with open(path, "r+b") as f:
        f.seek(1000)
        f.write(b"rotten")
    got = buy.run("consumer:fleet", "get", sell.base("bureau"), "urn:rotten", "--yes", "-o", w.path("rotten"))
    same("other bytes: exit status", got.code, 4)
    check("no file", not os.path.exists(w.path("rotten")) and not leftovers(w))
    os.truncate(path, 10)
    got = buy.run("consumer:fleet", "get", sell.base("bureau"), "urn:rotten", "--yes", "-o", w.path("rotten"))
    same("a shorter file is not served: exit status", got.code, 3)
    check("the provider's log tells", "product_file" in sell.log())
    os.remove(path)
    got = buy.run("consumer:fleet", "get", sell.base("bureau"), "urn:rotten", "--yes", "-o", w.path("rotten"))
    same("nor one that is gone: exit status", got.code, 3)


class SmallDisk:
    """A tmpfs of that size; .path is None where that is not allowed."""

    def __init__(self, path, size):
        os.makedirs(path, exist_ok=True)
        done = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", path], capture_output=True).returncode == 0
        self.path = path if done else None

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        if self.path:
            subprocess.run(["umount", "-l", self.path], check=False)


@case
def a_full_disk_at_the_consumer(w):
    sell = w.mine["sell"]
    sell.publish("bureau", "urn:big", os.urandom(3 << 20))
    with SmallDisk(w.path("small"), "1m") as small:
        if not small:
            say("  skipped: no small disk can be mounted here")
            return
        got = w.mine["buy"].run("consumer:fleet", "get", sell.base("bureau"), "urn:big", "--yes", "-o", small + "/big")
        same("exit status", got.code, 3)
        check("says that the disk is full", "disk" in got.err, got.err)
        same("nothing is left", os.listdir(small), [])
        same("the transfer is ended", settled(w.mine["buy"])[-1], "TERMINATED")
    got = w.mine["buy"].run("consumer:fleet", "get", sell.base("bureau"), "urn:big", "--yes", "-o", w.path("big"), "--json")
    same("the same agreement where there is room", (got.code, got.code == 0 and got.json["size"]), (0, 3 << 20))


@case
def a_full_disk_at_a_node(w):
    with SmallDisk(w.path("tight"), "6m") as tight:
        if not tight:
            say("  skipped: no small disk can be mounted here")
            return
        node = w.node("tight/data", log=w.path("tight.log"))
        node.party("a", "b")
        got = ask("POST", node.api + "/uploads", node.token("provider:a"), os.urandom(8 << 20), {"Content-Type": "application/octet-stream"})
        same("an upload larger than the disk", got.status, 507)
        same("no temporary file is left", soon(lambda: os.listdir(node.folder + "/products/a") == []), True)
        ballast = os.open(tight + "/ballast", os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(ballast, b"x" * 4096):
                pass
        except OSError:
            pass
        os.close(ballast)
        statuses = [node.post("/parties", "operator", {"id": f"p{n}", "name": "n" * 200}).status for n in range(30)]
        check("steps on a full disk: done, or 507", set(statuses) <= {201, 507} and 507 in statuses, statuses)
        same("reads go on", node.get("/parties", "operator").status, 200)
        os.remove(tight + "/ballast")
        same("with room again", node.post("/parties", "operator", {"id": "later", "name": "n"}).status, 201)
        listed = {p["id"] for p in node.get("/parties?most=1000", "operator").json["parties"]}
        same("what was answered 201 is there, what was answered 507 is not", listed, {"a", "b", "later"} | {f"p{n}" for n, s in enumerate(statuses) if s == 201})
        indexes = [r[0] for r in node.rows("SELECT idx FROM leaf ORDER BY idx")]
        same("leaves without a gap", indexes, list(range(len(indexes))))
        keys = len(os.listdir(node.folder + "/keys"))
        same("a key for each party, no other", keys, len(listed))
        node.stop()


def slow_data(release):
    """A server that gives half of the bytes and then waits."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def give(s):
        s.recv(65536)
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(CONTENT) + CONTENT[:len(CONTENT) // 2])
        release.wait(60)
        s.close()

    def run():
        while True:
            try:
                s, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=give, args=(s,), daemon=True).start()
    threading.Thread(target=run, daemon=True).start()
    return listener


@case
def an_interrupted_get(w):
    seller, buy = w.mine["seller"], w.mine["buy"]
    release = threading.Event()
    listener = slow_data(release)
    good, seller.address = seller.address, lambda ours: f"http://localhost:{listener.getsockname()[1]}/slow"
    seller.sell("urn:slow", CONTENT)
    seller.now_served = CONTENT
    for number, row in ((signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")):
        process = subprocess.Popen([HUTONG, "get", seller.base, "urn:slow", "--yes", "-o", w.path("slow")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env={**EMPTY, "HUTONG_URL": buy.url, "HUTONG_TOKEN": buy.token("consumer:fleet")})
        need(f"{row}: it is under way", soon(lambda: [n for n in leftovers(w) if os.path.getsize(w.path(n)) > 0]))
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        same(f"{row}: exit status", process.returncode, 3)
        check(f"{row}: says what to do", "same agreement" in err.decode(), err)
        same(f"{row}: nothing is left", (leftovers(w), os.path.exists(w.path("slow"))), ([], False))
        same(f"{row}: the transfer is ended", settled(buy)[-1], "TERMINATED")
    release.set()
    got = fetch(w, "urn:slow", "slow")
    same("a connection that breaks: exit status", got.code, 3)
    check("a connection that breaks: no file", not os.path.exists(w.path("slow")) and not leftovers(w))
    listener.close()
    seller.address = good
    before = len(buy.get("/agreements?most=1000", "consumer:fleet").json["agreements"])
    got = fetch(w, "urn:slow", "slow")
    same("the same command again", (got.code, len(buy.get("/agreements?most=1000", "consumer:fleet").json["agreements"])), (0, before))


@case
def where_the_file_goes(w):
    sell, buy = w.mine["sell"], w.mine["buy"]
    sell.publish("bureau", "urn:x/../../name.txt", b"named")
    os.mkdir(w.path("folder"))
    rows = (("into a folder", ["-o", w.path("folder")], 0), ("into a folder that is not there", ["-o", w.path("none/x")], 3),
            ("over a folder", ["-o", w.path("folder/..")], 0))
    for row, args, want in rows:
        got = buy.run("consumer:fleet", "get", sell.base("bureau"), "urn:x/../../name.txt", "--yes", *args, "--force")
        same(f"{row}: exit status", got.code, want)
    same("the name is the last part of the id", sorted(os.listdir(w.path("folder"))), ["name.txt", "name.txt.hutong.json"])


@case
def to_standard_output(w):
    """-o -: only what was checked comes out, and no file stays."""
    seller, buy = w.mine["seller"], w.mine["buy"]
    os.mkdir(w.path("room"))

    def fetch_out(product, *more, **env):
        return subprocess.run([HUTONG, "get", seller.base, product, "--yes", "-o", "-", *more], capture_output=True, cwd=w.folder, timeout=60,
                              env={**EMPTY, "HUTONG_URL": buy.url, "HUTONG_TOKEN": buy.token("consumer:fleet"), "TMPDIR": w.path("room"), **env})
    seller.sell("urn:pipe", CONTENT)
    before = sorted(os.listdir(w.folder))
    for row, served, want in (("as described", CONTENT, 0), ("one bit", bytes([CONTENT[0] ^ 1]) + CONTENT[1:], 4)):
        seller.now_served = served
        got = fetch_out("urn:pipe")
        same(f"{row}: exit status", got.returncode, want)
        check(f"{row}: the bytes", got.stdout == (CONTENT if want == 0 else b""), len(got.stdout))
        same(f"{row}: no file", (os.listdir(w.path("room")), sorted(os.listdir(w.folder))), ([], before))
        same(f"{row}: the transfer", settled(buy)[-1:], ["COMPLETED" if want == 0 else "TERMINATED"])
    seller.now_served = CONTENT
    process = subprocess.Popen([HUTONG, "get", seller.base, "urn:pipe", "--yes", "-o", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={**EMPTY, "HUTONG_URL": buy.url, "HUTONG_TOKEN": buy.token("consumer:fleet"), "TMPDIR": w.path("room")})
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    same("a pipe that is closed: exit status", process.wait(60), 3)
    check("a pipe that is closed: is said", b"standard output" in err, err)
    same("a pipe that is closed: no file, not completed", (os.listdir(w.path("room")), settled(buy)[-1:]), ([], ["TERMINATED"]))
    same("--json cannot be there too", fetch_out("urn:pipe", "--json").returncode, 2)
    same("no room for the temporary file", fetch_out("urn:pipe", TMPDIR=w.path("nowhere")).returncode, 3)


@case
def a_new_version_under_an_old_agreement(w):
    """The agreement is on the version that was offered; the catalog describes the newest."""
    sell, buy = w.mine["sell"], w.mine["buy"]
    sell.publish("bureau", "urn:versions", b"the first")
    same("the first version", buy.run("consumer:fleet", "get", sell.base("bureau"), "urn:versions", "--yes", "-o", w.path("v1")).code, 0)
    sell.publish("bureau", "urn:versions", b"the second one")
    got = buy.run("consumer:fleet", "get", sell.base("bureau"), "urn:versions", "--yes", "-o", w.path("v2"))
    same("an agreement on another version is not used: exit status", got.code, 0)
    with open(w.path("v2"), "rb") as f:
        same("its bytes", f.read(), b"the second one")


@case
def formats(w):
    """What cannot be taken is said before anything is sent."""
    sell, buy = w.mine["sell"], w.mine["buy"]
    count = lambda: tuple(len(buy.get(f"/{kind}?most=1000", "consumer:fleet").json[kind]) for kind in ("negotiations", "transfers"))
    before = count()
    got = buy.run("consumer:fleet", "get", sell.base("bureau"), "urn:versions", "--yes", "--new", "--format", "FTP", "-o", w.path("ftp"))
    check("unknown: exit 2, with those that are allowed", got.code == 2 and "HttpData-PULL, HttpData-PUSH" in got.err, got)
    got = buy.run("consumer:fleet", "transfer", "request", "urn:none", "--format", "FTP")
    check("of a request too", got.code == 2 and "HttpData-PULL, HttpData-PUSH" in got.err, got)
    got = buy.run("consumer:fleet", "get", sell.base("bureau"), "urn:versions", "--yes", "--new", "--format", "HttpData-PUSH", "-o", w.path("push"))
    check("push that is not offered: one line of an error", got.code == 1 and "does not offer to push" in got.err and got.err.count("hutong get:") == 1, got)
    same("nothing was begun", count(), before)


def started(w, *args):
    buy = w.mine["buy"]
    return subprocess.Popen([HUTONG, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=w.folder,
                            env={**EMPTY, "HUTONG_URL": buy.url, "HUTONG_TOKEN": buy.token("consumer:fleet")})


def of_product(w, product):
    return [n for n in w.mine["buy"].get("/negotiations?most=1000", "consumer:fleet").json["negotiations"] if n["product"] == product]


@case
def a_provider_that_decides_by_hand(w):
    """What is waited for is said once; Ctrl-C leaves it open, and the next get waits for the same."""
    sell, buy = w.mine["sell"], w.mine["buy"]
    sell.publish("bureau", "urn:slowly", b"by hand", manual=True)
    base = sell.base("bureau")
    rows = (("get", ("get", base, "urn:slowly", "--yes", "-o", w.path("slowly"))),
            ("get again", ("get", base, "urn:slowly", "--yes", "-o", w.path("slowly"))),
            ("negotiate --wait", ("negotiate", base, "--product", "urn:slowly", "--yes", "--wait")))
    for row, args in rows:
        process = started(w, *args)
        lines = []
        while not any("Ctrl-C" in line for line in lines):
            lines.append(process.stderr.readline().decode())
            need(f"{row}: goes on", lines[-1], lines)
        mine = of_product(w, "urn:slowly")[-1]
        check(f"{row}: the process, its state, who decides, and the command", mine["id"] in lines[-1] and "REQUESTED" in lines[-1] and "has to decide" in lines[-1] and
              f"hutong negotiation terminate {mine['id']}" in lines[-1], lines)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=60)[1].decode()
        check(f"{row}: Ctrl-C names what stays", process.returncode == 3 and f"negotiation {mine['id']} goes on" in err, err)
        same(f"{row}: it is said once", "has to decide" in err, False)
        same(f"{row}: negotiations", len(of_product(w, "urn:slowly")), 2 if row == "negotiate --wait" else 1)
        check(f"{row}: the second waits for the first", ("open already" in "".join(lines)) == (row == "get again"), lines)
        same(f"{row}: it stays open", of_product(w, "urn:slowly")[-1]["state"], "REQUESTED")
    first, second = of_product(w, "urn:slowly")
    same("one is ended", buy.run("consumer:fleet", "negotiation", "terminate", second["id"], "--wait").code, 0)
    process = started(w, *rows[0][1])
    theirs = first["peerId"]
    for verb in ("agree", "finalize"):
        need(verb, soon(lambda: sell.run("provider:bureau", "negotiation", verb, theirs, *(["--yes"] if verb == "agree" else [])).code == 0))
        need("verified" if verb == "agree" else "finalized", soon(lambda: of_product(w, "urn:slowly")[0]["state"] == ("VERIFIED" if verb == "agree" else "FINALIZED")))
    need("its transfer waits", soon(lambda: [t for t in buy.get("/transfers?most=1000", "consumer:fleet").json["transfers"] if t["product"] == "urn:slowly" and not t["pending"]]))
    lines = b""
    while b"hutong transfer terminate" not in lines:
        lines += process.stderr.readline() or b"hutong transfer terminate: the end"
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=60)[1].decode()
    transfer = [t for t in buy.get("/transfers?most=1000", "consumer:fleet").json["transfers"] if t["product"] == "urn:slowly"][-1]
    check("a transfer stays too, and how to get at it", process.returncode == 3 and f"hutong transfer fetch {transfer['id']}" in err and transfer["state"] == "REQUESTED", (err, transfer))
    got = buy.run("consumer:fleet", "transfer", "fetch", transfer["id"], "-o", w.path("slowly"))
    check("there are no data yet", got.code == 1 and "(state)" in got.err and not os.path.exists(w.path("slowly")), got)
    same("started", sell.run("provider:bureau", "transfer", "start", transfer["peerId"], "--wait").code, 0)
    got = buy.run("consumer:fleet", "transfer", "fetch", transfer["peerId"][-12:], "-o", w.path("slowly"), "--json")
    same("fetched, by a part of the peer's id", (got.code, got.code == 0 and (got.json["checked"], got.json["transfer"])), (0, (True, transfer["id"])))
    with open(w.path("slowly"), "rb") as f:
        same("its bytes", f.read(), b"by hand")
    same("completed", settled(buy)[-1], "COMPLETED")
    got = sell.run("provider:bureau", "transfer", "fetch", transfer["peerId"], "-o", w.path("not"))
    check("the provider has no data to fetch", got.code == 1 and "only the consumer" in got.err, got)


@case
def an_agreement_made_by_hand(w):
    """Its offer is in no catalog: it is named, and used when it is asked for."""
    sell, buy = w.mine["sell"], w.mine["buy"]
    sell.publish("bureau", "urn:countered", b"other terms", manual=True)
    base = sell.base("bureau")
    policy = w.file("countered.json", '{"permission":[{"action":"use","constraint":[{"leftOperand":"count","operator":"lteq","rightOperand":5}]}]}')
    got = buy.run("consumer:fleet", "negotiate", base, "--product", "urn:countered", "--yes", "--json")
    need("negotiate", got.code == 0, got)
    mine = lambda: of_product(w, "urn:countered")[0]
    theirs = soon(lambda: mine()["peerId"])
    for act, verb, more, state in ((sell, "offer", ["--policy", policy], "OFFERED"), (buy, "accept", ["--yes"], "ACCEPTED"), (sell, "agree", ["--yes"], "VERIFIED"),
                                   (sell, "finalize", [], "FINALIZED")):
        who, pid = ("provider:bureau", theirs) if act is sell else ("consumer:fleet", mine()["id"])
        need(verb, act.run(who, "negotiation", verb, pid, *more, "--wait").code == 0)
        need(state, soon(lambda: mine()["state"] == state and not mine()["pending"]), mine())
    agreement = mine()["agreement"]
    got = buy.run("consumer:fleet", "get", base, "urn:countered", "-o", w.path("countered"))
    check("it is named, not used", got.code == 2 and f"agreement {agreement} is valid too; --agreement uses it" in got.err, got)
    for row, args, code, word in (("with --new", ("urn:countered", "--agreement", agreement, "--new"), 2, "--new"), ("another product", ("urn:versions", "--agreement", agreement), 2, "is on urn:countered"),
                                  ("none", ("urn:countered", "--agreement", "urn:uuid:none"), 1, "not_found")):
        got = buy.run("consumer:fleet", "get", base, *args, "-o", w.path("countered"))
        check(row, got.code == code and word in got.err, got)
    process = started(w, "get", base, "urn:countered", "--agreement", agreement[-12:], "-o", w.path("countered"))
    transfers = lambda: [t for t in sell.get("/transfers?most=1000", "provider:bureau").json["transfers"] if t["product"] == "urn:countered"]
    need("it asks for the data", soon(transfers))
    same("started", sell.run("provider:bureau", "transfer", "start", transfers()[0]["id"]).code, 0)
    err = process.communicate(timeout=60)[1].decode()
    check("under this agreement", process.returncode == 0 and agreement in err and "as described" in err, err)
    same("no other negotiation", len(of_product(w, "urn:countered")), 1)
    sell.publish("bureau", "urn:countered", b"hidden from now on", audience=["did:web:nobody.example"])
    got = buy.run("consumer:fleet", "transfer", "request", agreement, "--json")
    need("another transfer", got.code == 0 and soon(lambda: len(transfers()) == 2), got)
    same("started", sell.run("provider:bureau", "transfer", "start", transfers()[1]["id"], "--wait").code, 0)
    got = buy.run("consumer:fleet", "transfer", "fetch", got.json["id"], "-o", w.path("undescribed"), "--json")
    check("without a description it is said, and not checked", got.code == 0 and got.json["checked"] is False and "cannot be checked" in got.err, got)


@case
def the_own_base(w):
    sell = w.mine["sell"]
    got = sell.run("provider:bureau", "negotiate", sell.base("bureau") + "/", "--product", "urn:versions", "--yes")
    check("is said", got.code == 2 and "your own party" in got.err, got)
