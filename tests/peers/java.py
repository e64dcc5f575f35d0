"""What the Java peers stand on: a class path that Maven puts together, kept in the user's cache, and processes on it.

The cache is $HT_PEERS_CACHE, else ~/.cache/hutong/peers; the jars themselves are where Maven keeps them.
"""
import hashlib
import os
import signal
import subprocess
import sys

STOP_S = 10


def cache(*names):
    """A folder in the cache."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(os.environ.get("HT_PEERS_CACHE") or os.path.join(home, "hutong", "peers"), *names)
    os.makedirs(folder, exist_ok=True)
    return folder


def _read(path):
    with open(path, "rb") as f:
        return f.read()


def class_path(pom):
    """The class path that a pom.xml describes. Maven is asked when the pom is another than before, or a jar is gone."""
    kept = os.path.join(cache(), hashlib.sha256(_read(pom)).hexdigest()[:16] + ".classpath")
    for try_ in range(3):
        if os.path.exists(kept):
            text = _read(kept).decode().strip()
            if text and all(os.path.exists(jar) for jar in text.split(":")):
                return text
        print(f"Maven looks for what {os.path.basename(os.path.dirname(pom))} needs", file=sys.stderr, flush=True)
        made = subprocess.run(["mvn", "-q", "-B", "-Dstyle.color=never", "-f", pom, "dependency:build-classpath", "-Dmdep.outputFile=" + kept],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sys.exit(f"no class path of {pom}:\n{made.stdout.decode(errors='replace')[-3000:]}")


def compiled(source, path):
    """The folder of the classes of one Java file that is a service extension of EDC, and is named as such."""
    name = os.path.basename(source).removesuffix(".java")
    folder = cache("classes", hashlib.sha256(_read(source) + path.encode()).hexdigest()[:16])
    service = os.path.join(folder, "META-INF", "services", "org.eclipse.edc.spi.system.ServiceExtension")
    if not os.path.exists(service):
        subprocess.run(["javac", "-cp", path, "-d", folder, source], check=True)
        os.makedirs(os.path.dirname(service), exist_ok=True)
        with open(service, "w", encoding="ascii") as f:
            f.write(name + "\n")
    return folder


class Java:
    """One Java process, with its output in a file."""

    def __init__(self, path, main, log, *properties, arguments=()):
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(["java", *("-D" + p for p in properties), "-cp", path, main, *arguments], stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=subprocess.STDOUT)

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def said(self):
        return _read(self.log).decode(errors="replace")
