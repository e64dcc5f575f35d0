"""Both languages: of the API by Accept-Language, of commands by the locale. Codes are the same words in both."""
import re

from check import case, check, same
from node import ask, command

HAN = re.compile(r"[\u4e00-\u9fff]")
ZH = {"LANG": "zh_CN.UTF-8"}


@case
def begin(w):
    node = w.mine["node"] = w.node("node")
    node.party("a", "b")
    w.mine["product"] = node.publish("a", "urn:p", b"bytes", title="市政图")


@case
def refusals_of_the_api(w):
    node = w.mine["node"]
    rows = (("GET", "/self", None, None), ("GET", "/none", "operator", None), ("POST", "/parties", "operator", {"id": "A", "name": "x"}),
            ("POST", "/parties", "operator", {"id": "a", "name": "x"}), ("GET", "/products", "consumer:a", None), ("PUT", "/parties", "operator", None),
            ("POST", "/parties", "operator", b"{"), ("POST", "/products", "provider:a", {"party": "a", "id": "x", "file": "f", "sha256": w.mine["product"]["sha256"],
             "policy": {"permission": [{"action": "sell"}]}}), ("GET", "/catalog?base=http://10.0.0.1/p/x/dsp/2025-1", "consumer:a", None))
    languages = (("zh", True), ("zh-CN,zh;q=0.9,en;q=0.8", True), ("en;q=0.5, zh-Hans-CN", True), ("en", False), ("en,zh;q=0.5", False), ("zh;q=0", False),
                 ("fr", False), ("*", False), ("", False), (None, False), (",,;q=;", False))
    for method, path, role, body in rows:
        codes = set()
        for accept, han in languages:
            got = ask(method, node.api + path, role and node.token(role), body, {} if accept is None else {"Accept-Language": accept})
            codes.add(got.code)
            same(f"{method} {path} with {accept!r}", bool(HAN.search(got.json.get("text", ""))), han)
        check(f"{method} {path}: one code", len(codes) == 1 and None not in codes, codes)


@case
def refusals_of_the_protocol(w):
    node = w.mine["node"]
    got = [ask("POST", node.url + "/p/a/dsp/2025-1/catalog/request", None, {"@type": "x"}, {"Accept-Language": lang}).json for lang in ("zh", "en")]
    same("one code", got[0]["code"], got[1]["code"])
    same("reasons", [bool(HAN.search(g["reason"][0])) for g in got], [True, False])


@case
def commands(w):
    node = w.mine["node"]
    rows = (
        ("list", "provider:a", ["product", "ls"], 0, "out"), ("empty list", "consumer:a", ["negotiation", "ls"], 0, "out"), ("catalog", "consumer:b", ["catalog", node.base("a")], 0, "out"),
        ("get", "consumer:b", ["get", node.base("a"), "urn:p", "--yes", "--force", "-o", w.path("p")], 0, "err"), ("history", "provider:a", ["history"], 0, "out"),
        ("refused", "consumer:a", ["negotiation", "show", "none"], 1, "err"), ("usage", "operator", ["party", "add", "x"], 2, "err"),
        ("unknown", "operator", ["frob"], 2, "err"), ("help", "operator", ["--help"], 0, "out"), ("help of one", "operator", ["get", "--help"], 0, "out"),
        ("publish", "provider:a", ["product", "publish", w.file("f", b"f"), "--id", "urn:f"], 0, "err"),
    )
    for row, role, args, want, where in rows:
        chinese, english = node.run(role, *args, env=ZH), node.run(role, *args, env={"LANG": "en_US.UTF-8"})
        same(f"{row}: exit status in both", (chinese.code, english.code), (want, want))
        text = getattr(chinese, where)
        check(f"{row}: Chinese", HAN.search(text.replace("市政图", "")), text)
        check(f"{row}: English", not HAN.search(getattr(english, where).replace("市政图", "")), getattr(english, where))
    for row, env, han in (("LC_ALL wins", {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, False), ("LC_MESSAGES", {"LC_MESSAGES": "zh_CN.UTF-8"}, True),
                          ("nothing set", {}, False), ("zh_TW", {"LANG": "zh_TW.UTF-8"}, True)):
        same(row, bool(HAN.search(command("--help", env=env).out)), han)


@case
def what_is_said(w):
    node = w.mine["node"]
    node.get("/history", "regulator")
    for row, role, args, words in (
            ("what a regulator read", "regulator", ["history"], "read=history"), ("sent", "consumer:b", ["history"], "message sent  request"),
            ("the help of --manual", "operator", ["product", "publish", "--help"], "negotiate --manual"), ("of --trust", "operator", ["serve", "--help"], "of these only the listed")):
        check(row, words in node.run(role, *args).out, words)
    for row, role, args, words in (("tokens", "operator", ["--help"], "不含令牌明文"), ("not found", "consumer:a", ["negotiation", "show", "none-at-all"], "找不到,或不属于您")):
        got = node.run(role, *args, env=ZH)
        check(row, words in got.out + got.err, got)
    same("not found in Chinese", ask("GET", node.api + "/none", node.token("consumer:a"), None, {"Accept-Language": "zh"}).json["text"], "找不到,或不属于您")


@case
def json_is_the_same_in_both(w):
    node = w.mine["node"]
    for role, args in (("provider:a", ["product", "ls"]), ("operator", ["party", "ls"]), ("provider:a", ["history"]), ("consumer:b", ["agreement", "ls"])):
        chinese, english = node.run(role, *args, "--json", env=ZH), node.run(role, *args, "--json")
        same(f"{' '.join(args)} --json", chinese.json, english.json)
        same(f"{' '.join(args)} --json: one document, nothing on stderr", (chinese.err, english.out.count("\n")), ("", 1))
    got = node.run("consumer:a", "negotiation", "show", "none", "--json", env=ZH)
    same("a refusal is a document too", (got.code, got.json["code"], bool(HAN.search(got.err))), (1, "not_found", True))
