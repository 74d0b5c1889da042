# SPDX-License-Identifier: Apache-2.0
"""A TLS server for tls-alpn-01 that shows the certificates dehydrated leaves
in a folder:  acme_alpn.py ADDRESS FOLDER"""
import socket
import ssl
import sys

address, folder = sys.argv[1:3]


def choose(connection, name, _):
    """NAME.crt.pem and NAME.key.pem, by the server name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["acme-tls/1"])
    context.load_cert_chain("%s/%s.crt.pem" % (folder, name),
                            "%s/%s.key.pem" % (folder, name))
    connection.context = context


listener = socket.create_server((address, 443), family=socket.AF_INET6)
outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
outer.set_alpn_protocols(["acme-tls/1"])
outer.sni_callback = choose
while True:
    plain, _ = listener.accept()
    try:
        with outer.wrap_socket(plain, server_side=True) as connection:
            connection.recv(1)
    except OSError as e:
        print("handshake:", e, flush=True)
