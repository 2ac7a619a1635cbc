# SPDX-License-Identifier: MIT
"""A tiny web server on a loopback address of its own: files from a dictionary, ranges, and
the ways in which a server or the way to it can fail."""

import http.server
import ssl
import threading


CHANGED = "Sun, 06 Nov 1994 08:49:37 GMT"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        web = self.server.web
        if self.path.startswith("http://"):
            host, _, path = self.path[7:].partition("/")
            web.proxied.append(host)
            self.path = "/" + path
        web.asked.append((self.path, self.headers.get("Range")))
        if self.path in web.redirects:
            self.send_response(302)
            self.send_header("Location", web.redirects[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        data = web.files.get(self.path)
        if data is None:
            self.send_error(404)
            return
        start, tag = 0, '"%d"' % hash(data)
        if self.path in web.dated:
            tag = CHANGED
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") == tag:
            start = int(asked.split("=")[1].rstrip("-"))
        lie = web.lies[self.path].pop(0) if web.lies.get(self.path) else ""
        end = (start + len(data)) // 2 if lie else len(data)
        self.send_response(206 if start else 200)
        if lie != "no length":
            self.send_header("Content-Length", str(end - start))
        self.send_header("Last-Modified" if self.path in web.dated else "ETag", tag)
        if start:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (
                start, len(data) - 1, len(data)))
        self.end_headers()
        rest = data[start:end]
        self.close_connection = bool(lie)
        if self.path in web.held:
            self.wfile.write(rest[:len(rest) // 2])
            self.wfile.flush()
            web.let_go.wait()
            return
        if not lie and web.breaks.get(self.path, 0) > 0:
            web.breaks[self.path] -= 1
            self.wfile.write(rest[:len(rest) // 2])
            self.close_connection = True
            return
        self.wfile.write(rest)


class Web:
    """files: path to bytes; breaks: path to how often it ends in the middle; lies: path to a
    list, for each request "no length" or "short" (half of the rest, as if that were all);
    dated: paths with the date of a change instead of an ETag; held: paths that
    stand still in the middle; redirects: path to where; asked: (path, range) of every request
    so far; proxied: the hosts that it was asked for as a proxy, of which it has all files."""

    def __init__(self, tls=None):
        self.files, self.breaks, self.redirects, self.asked = {}, {}, {}, []
        self.proxied, self.lies, self.dated = [], {}, set()
        self.held, self.let_go = set(), threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.web = self
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if tls else "http"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return "%s://127.0.0.1:%d%s" % (self.scheme, self.server.server_address[1], path)

    def close(self):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()
