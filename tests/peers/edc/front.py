"""nginx in front of a node, as one would put it there: below a path prefix, or with TLS by a certificate authority of our own."""
import os
import shutil
import signal
import socket
import subprocess
import time

CONFIG = """daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
	access_log off;
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	client_max_body_size 0;
	server {{
		listen 127.0.0.1:{port}{ssl};
		{certificate}
		location {prefix}/ {{
			proxy_pass http://127.0.0.1:{behind}/;
			proxy_http_version 1.1;
			proxy_set_header Host $http_host;
			proxy_buffering off;
		}}
	}}
}}
"""
PASSWORD = "changeit"


def openssl(folder, *arguments):
    made = subprocess.run(["openssl", *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {made.stdout.decode(errors='replace')[-800:]}")


class Authority:
    """A certificate authority for a day, a certificate of it for localhost, and the trust store that Java takes."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "1", "-subj", "/CN=hutong test authority")
        openssl(folder, "req", *key, "-keyout", "node.key", "-out", "node.csr", "-subj", "/CN=localhost")
        with open(os.path.join(folder, "node.ext"), "w", encoding="ascii") as f:
            f.write("subjectAltName=DNS:localhost\n")
        openssl(folder, "x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "node.pem", "-days", "1",
                "-extfile", "node.ext")
        self.trust = os.path.join(folder, "trust.p12")
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", os.path.join(folder, "ca.pem"), "-keystore", self.trust,
                        "-storetype", "PKCS12", "-storepass", PASSWORD], check=True, stdin=subprocess.DEVNULL, capture_output=True)

    def properties(self):
        return [f"javax.net.ssl.trustStore={self.trust}", "javax.net.ssl.trustStoreType=PKCS12", f"javax.net.ssl.trustStorePassword={PASSWORD}"]


class Front:
    """port: where it listens; behind: the port of the node; prefix: stripped from the path; authority: with TLS by it."""

    def __init__(self, folder, port, behind, prefix="", authority=None):
        os.makedirs(folder)
        certificate = ""
        if authority:
            certificate = f"ssl_certificate {authority.folder}/node.pem; ssl_certificate_key {authority.folder}/node.key;"
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as f:
            f.write(CONFIG.format(folder=folder, port=port, behind=behind, prefix=prefix, ssl=" ssl" if authority else "", certificate=certificate))
        self.process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-p", folder, "-e", os.path.join(folder, "error.log"), "-c", path],
                                        stdin=subprocess.DEVNULL)
        self.wait_for_start(port)

    def wait_for_start(self, port):
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", port), 1):
                    return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
        raise RuntimeError("nginx does not start")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
