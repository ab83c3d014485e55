# SPDX-License-Identifier: GPL-2.0-or-later
"""Our library against upstream's daemon: what a program sees is what upstream's library shows."""

import os
import pathlib

import pytest
from conftest import BUILD, Daemon, host_program, run

HERE = pathlib.Path(__file__).resolve().parent
NOBODY = 65534


class Upstream(Daemon):
    """Upstream's libvirtd as an ordinary user, for its test driver."""

    def command(self):
        return [host_program("libvirtd"), "-f", str(self.root / "libvirtd.conf")]

    def environment(self):
        env = super().environment()
        env.update({name: str(self.root) for name in
                    ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")})
        return env

    def socket(self, kind="sock"):
        return self.root / "libvirt" / f"libvirt-{kind}"


@pytest.fixture
def upstream(private_root):
    user = NOBODY if os.geteuid() == 0 else None
    (private_root / "libvirtd.conf").write_text('auth_unix_rw = "none"\n')
    daemon = Upstream("libvirtd", private_root, user=user)
    if user is not None:
        os.chown(private_root, user, user)
    daemon.start()
    yield daemon
    daemon.stop()


def calls(upstream, library=None):
    env = {"LD_LIBRARY_PATH": str(library)} if library else {}
    result = run(["/usr/bin/python3", HERE / "library_calls.py", upstream.socket()], env=env)
    return result.stdout.splitlines()


def test_same_answers(upstream, libvirt):
    library = BUILD / "src/libvirt"
    assert (library / "libvirt.so.0").exists()
    expected = calls(upstream)
    assert len(expected) > 150
    assert calls(upstream, library) == expected


def admin_calls(upstream, library=None):
    env = {"LD_LIBRARY_PATH": str(library)} if library else {}
    # an admin socket is for the daemon's own user
    who = {} if upstream.user is None else {"user": upstream.user, "group": upstream.user,
                                            "extra_groups": []}
    result = run(["/usr/bin/python3", "-B", HERE / "admin_calls.py", upstream.socket("admin-sock")],
                 env=env, **who)
    return result.stdout.splitlines()


def test_admin_same_answers(upstream):
    expected = admin_calls(upstream)
    assert len(expected) > 20
    assert admin_calls(upstream, BUILD / "src/libvirt") == expected
