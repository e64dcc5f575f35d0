"""Settings of serve: flags, environment, file; unknown ones; --help from the table."""
from check import case, check, same
from node import command

# Flags of the first issue's interface and of the limits: --help names each, with its variable, in both languages.
FLAGS = ["data", "listen", "public-url", "trust", "allow-net", "peers", "gate-listen", "gate-url", "config", "connections-max", "streams-max", "queue-max",
         "courier-max", "body-max", "upload-max", "answer-timeout", "idle-timeout", "request-timeout", "stop-timeout", "retry-first",
         "retry-most", "retry-horizon", "repeat-for", "quiet"]


@case
def help_of_serve(w):
    for lang, word in (("C", "how others reach this node"), ("zh_CN.UTF-8", "外部访问地址")):
        got = command("serve", "--help", env={"LC_ALL": lang})
        same(f"{lang}: exit status", (got.code, got.err), (0, ""))
        for flag in FLAGS:
            check(f"{lang}: --{flag}", f"--{flag}" in got.out)
            check(f"{lang}: variable of --{flag}", f"HUTONG_{flag.upper().replace('-', '_')}" in got.out)
        check(f"{lang}: in its language", word in got.out, got.out[:300])


@case
def wrong_settings(w):
    unknown_key = w.file("unknown.conf", "listen = 127.0.0.1:0\nlissten = 127.0.0.1:1\n")
    bad_value = w.file("value.conf", "queue-max = many\n")
    rows = (
        ("unknown flag", ["--colour", "red"], {}, "--colour"),
        ("unknown flag with a value", ["--colour=red"], {}, "--colour"),
        ("unknown variable", [], {"HUTONG_COLOUR": "red"}, "HUTONG_COLOUR"),
        ("unknown key of the file", ["--config", unknown_key], {}, "line 2"),
        ("file by its variable", [], {"HUTONG_CONFIG": unknown_key}, "line 2"),
        ("wrong value in the file", ["--config", bad_value], {}, "line 1"),
        ("file that is not there", ["--config", w.path("none")], {}, "--config"),
        ("flag without value", ["--trust"], {}, "--trust"),
        ("a word more", ["surplus"], {}, "surplus"),
        ("no port", ["--listen", "127.0.0.1"], {}, "--listen"),
        ("port too large", ["--listen", "127.0.0.1:65536"], {}, "--listen"),
        ("trust", ["--trust", "nobody"], {}, "--trust"),
        ("range", ["--allow-net", "10.0.0.0/33"], {}, "--allow-net"),
        ("range with host bits", ["--allow-net", "10.0.0.1/8"], {}, "--allow-net"),
        ("count", ["--queue-max", "0"], {}, "--queue-max"),
        ("count in the environment", [], {"HUTONG_QUEUE_MAX": "-1"}, "HUTONG_QUEUE_MAX"),
        ("duration", ["--retry-first", "soon"], {}, "--retry-first"),
        ("bytes", ["--body-max", "12Q"], {}, "--body-max"),
        ("gate URL without gate", ["--gate-url", "http://x.example"], {}, "--gate-url"),
        ("gate URL that is none", ["--gate-listen", "127.0.0.1:0", "--gate-url", "x.example"], {}, "--gate-url"),
        ("peers file that is no JSON", ["--peers", w.file("peers.json", "[{]")], {}, "--peers"),
        ("peers file with an unknown member", ["--peers", w.file("peers2.json", '[{"id":"x","base":"http://x","send":"jwt","accept":"jwt","y":1}]')],
         {}, "--peers"),
        ("peers file with a wrong way", ["--peers", w.file("peers3.json", '[{"id":"x","base":"http://x","send":"smoke","accept":"jwt"}]')], {}, "--peers"),
    )
    for n, (row, args, env, word) in enumerate(rows):
        listen = [] if "--listen" in args else ["--listen", "127.0.0.1:0"]
        got = command("serve", "--data", w.path(f"bad{n}"), *listen, *args, env=env)
        same(f"{row}: exit status", got.code, 2)
        check(f"{row}: names {word}", word in got.err, got.err)
        same(f"{row}: stdout", got.out, "")


@case
def a_peers_file_that_is_not_there(w):
    got = command("serve", "--data", w.path("nopeers"), "--listen", "127.0.0.1:0", "--peers", w.path("gone.json"))
    same("exit status", got.code, 3)
    check("names it, not the data folder", w.path("gone.json") in got.err and "nopeers" not in got.err, got.err)
    node = w.node("offline")
    node.stop()
    got = command("party", "add", "x", "--name", "X", "--data", node.folder, env={"HUTONG_PEERS": w.path("gone.json")})
    same("no matter where no peer is talked to: exit status", got.code, 0)


@case
def which_one_wins(w):
    config = w.file("good.conf", "# a comment\nlisten = 127.0.0.1:0   # and another\nbody-max = 2K\npublic-url = http://file.example\n")
    node = w.node("wins", "--config", config, env={"HUTONG_PUBLIC_URL": "http://variable.example"})
    same("the environment over the file", node.public, "http://variable.example")
    got = node.post("/parties", "operator", {"id": "a", "name": "x" * 3000})
    same("the file over the default", got.status, 413)


@case
def commands_and_their_usage(w):
    rows = (
        ("no command", [], 2), ("unknown command", ["frobnicate"], 2), ("a word missing", ["party"], 2), ("a word that is wrong", ["party", "lst"], 2), ("unknown flag", ["party", "ls", "--x"], 2),
        ("argument missing", ["get", "http://x"], 2), ("one too many", ["party", "ls", "x"], 2), ("flag missing", ["party", "add", "x"], 2),
        ("no address", ["negotiation", "ls"], 2), ("version", ["--version"], 0), ("help", ["--help"], 0), ("help of a group", ["product", "--help"], 0),
        ("help of a command", ["product", "publish", "--help"], 0),
    )
    for row, args, want in rows:
        got = command(*args)
        same(f"{row}: exit status", got.code, want)
        check(f"{row}: where it is said", (got.out == "") == bool(want) and (got.err == "") != bool(want), got)
    got = command("product", "publsh", "f", "--id", "x")
    check("a second word that is wrong: named, with those that there are", "'publsh'" in got.err and "publish, ls" in got.err, got)
    got = command("negotiation", "ls", env={"HUTONG_URL": "http://127.0.0.1:9"})
    same("no server there", got.code, 3)
