# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls libvirt-admin.so.0: admin_calls.py SOCKET prints a line per call."""

import ctypes
import sys

URI = f"libvirtd:///session?socket={sys.argv[1]}".encode()
P = ctypes.c_void_p


class Value(ctypes.Union):
    _fields_ = [("i", ctypes.c_int), ("ui", ctypes.c_uint), ("l", ctypes.c_longlong),
                ("ul", ctypes.c_ulonglong), ("d", ctypes.c_double), ("b", ctypes.c_char),
                ("s", ctypes.c_char_p)]


class Param(ctypes.Structure):
    _fields_ = [("field", ctypes.c_char * 80), ("type", ctypes.c_int), ("value", Value)]

    def text(self):
        name = {1: "i", 2: "ui", 3: "l", 4: "ul", 5: "d", 6: "b", 7: "s"}[self.type]
        value = getattr(self.value, name)
        # the client's process and its time differ from run to run
        return self.field, self.type, "n" if self.field in (b"unix_process_id",) else value


adm = ctypes.CDLL("libvirt-admin.so.0")
vir = ctypes.CDLL("libvirt.so.0")
vir.virGetLastErrorMessage.restype = ctypes.c_char_p
for func in ("virAdmConnectOpen", "virAdmConnectLookupServer", "virAdmServerLookupClient"):
    getattr(adm, func).restype = P
for func in ("virAdmConnectGetURI", "virAdmServerGetName"):
    getattr(adm, func).restype = ctypes.c_char_p
adm.virAdmServerLookupClient.argtypes = [P, ctypes.c_ulonglong, ctypes.c_uint]
HANDLER = ctypes.CFUNCTYPE(None, P, P)(lambda data, error: None)
vir.virSetErrorFunc(None, HANDLER)


def error():
    return vir.virGetLastErrorCode(), vir.virGetLastErrorMessage()


def get_params(name, func, handle):
    params, n = ctypes.POINTER(Param)(), ctypes.c_int(0)
    if func(handle, ctypes.byref(params), ctypes.byref(n), 0) < 0:
        print(name, "fails", error())
    else:
        print(name, [params[i].text() for i in range(n.value)])


def texts(name, func, conn):
    text = ctypes.c_char_p()
    print(name, func(conn, ctypes.byref(text), 0), text.value)


def main():
    version = ctypes.c_ulonglong()
    conn = P(adm.virAdmConnectOpen(URI, 0))
    print("alive", adm.virAdmConnectIsAlive(conn), adm.virAdmConnectGetURI(conn))
    print("version", adm.virAdmConnectGetLibVersion(conn, ctypes.byref(version)), version.value)
    servers = ctypes.POINTER(P)()
    n = adm.virAdmConnectListServers(conn, ctypes.byref(servers), 0)
    print("servers", n, [adm.virAdmServerGetName(P(servers[i])) for i in range(n)])
    print("count", adm.virAdmConnectListServers(conn, None, 0))
    server = P(adm.virAdmConnectLookupServer(conn, b"libvirtd", 0))
    get_params("pool", adm.virAdmServerGetThreadPoolParameters, server)
    new = (Param * 1)(Param(b"maxWorkers", 2, Value(ui=21)))
    print("set", adm.virAdmServerSetThreadPoolParameters(server, new, 1, 0))
    get_params("pool", adm.virAdmServerGetThreadPoolParameters, server)
    new[0].value.ui = 20
    print("set back", adm.virAdmServerSetThreadPoolParameters(server, new, 1, 0))
    new[0].field = b"nonsense"
    print("set", adm.virAdmServerSetThreadPoolParameters(server, new, 1, 0), error())
    get_params("limits", adm.virAdmServerGetClientLimits, server)
    admin = P(adm.virAdmConnectLookupServer(conn, b"admin", 0))
    clients = ctypes.POINTER(P)()
    print("clients", adm.virAdmServerListClients(admin, ctypes.byref(clients), 0))
    client = P(clients[0])
    print("transport", adm.virAdmClientGetTransport(client))
    get_params("client", adm.virAdmClientGetInfo, client)
    print("no client", adm.virAdmServerLookupClient(admin, 9999, 0), error())
    print("no server", adm.virAdmConnectLookupServer(conn, b"nobody", 0), error())
    print("NULL", adm.virAdmConnectLookupServer(conn, None, 0), error()[0])
    print("filters", adm.virAdmConnectSetLoggingFilters(conn, b"3:rpc", 0))
    texts("filters", adm.virAdmConnectGetLoggingFilters, conn)
    print("filters", adm.virAdmConnectSetLoggingFilters(conn, None, 0))
    texts("filters", adm.virAdmConnectGetLoggingFilters, conn)
    texts("outputs", adm.virAdmConnectGetLoggingOutputs, conn)
    for handle in (client,):
        print("free", adm.virAdmClientFree(handle))
    for handle in (server, admin):
        print("free", adm.virAdmServerFree(handle))
    for i in range(n):
        adm.virAdmServerFree(P(servers[i]))
    print("close", adm.virAdmConnectClose(conn))


main()
