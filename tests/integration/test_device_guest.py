# SPDX-License-Identifier: GPL-2.0-or-later
"""Linux guests with as many devices as their boards take, by Debian's own virsh.

guests/*.xml are their documents. An element with `needs` is left out where the emulator lacks the
devices, character devices or displays that it names, or the host lacks what the test may use. Each
runs on the QEMU that is installed, and on that of VIR_TEST_EMULATOR. Their kernels tick without a
break (nohz=off): on a loaded machine TCG may lose a timer that fires once, and its processor sleeps on.
"""

import functools
import glob
import os
import pathlib
import re
import shutil
import socket
import xml.etree.ElementTree as ET

import pytest

import guest
from conftest import host_program, run, until
from namespace import Namespace
from terminal import Terminal

HERE = pathlib.Path(__file__).resolve().parent
BOOT_TIMEOUT = 300
TOP_SIZE = 16 << 20

VIRTIO = {"net": 1, "blk": 2, "console": 3, "rng": 4, "balloon": 5, "scsi": 8, "9p": 9, "gpu": 16,
          "input": 18, "vsock": 19, "crypto": 20, "iommu": 23, "mem": 24, "sound": 25, "fs": 26,
          "pmem": 27}
TRANSITIONAL = {"net": 0, "blk": 1, "balloon": 2, "console": 3, "scsi": 4, "rng": 5, "9p": 9,
                "vsock": 18}

PCI_IDS = {
    ("controller", "pci", "pcie-root-port"): "1b36:000c",
    ("controller", "pci", "pcie-switch-upstream-port"): "104c:8232",
    ("controller", "pci", "pcie-switch-downstream-port"): "104c:8233",
    ("controller", "pci", "pcie-to-pci-bridge"): "1b36:000e",
    ("controller", "pci", "pci-bridge"): "1b36:0001",
    ("controller", "pci", "dmi-to-pci-bridge"): "8086:244e",
    ("controller", "pci", "pcie-expander-bus"): "1b36:000b",
    ("controller", "pci", "pci-expander-bus"): "1b36:0009",
    ("controller", "scsi", "lsilogic"): "1000:0012",
    ("controller", "scsi", "lsisas1068"): "1000:0054",
    ("controller", "scsi", "lsisas1078"): "1000:0060",
    ("controller", "scsi", "vmpvscsi"): "15ad:07c0",
    ("controller", "scsi", "am53c974"): "1022:2020",
    ("controller", "scsi", "dc390"): "1022:2020",
    ("controller", "sata", None): "8086:2922",
    ("controller", "ide", None): "8086:7010",
    ("controller", "nvme", None): "1b36:0010",
    ("controller", "usb", "qemu-xhci"): "1b36:000d",
    ("controller", "usb", "nec-xhci"): "1033:0194",
    ("controller", "usb", "ehci"): "8086:24cd",
    ("controller", "usb", "ich9-ehci1"): "8086:293a",
    ("controller", "usb", "ich9-uhci1"): "8086:2934",
    ("controller", "usb", "ich9-uhci2"): "8086:2935",
    ("controller", "usb", "ich9-uhci3"): "8086:2936",
    ("controller", "usb", "piix3-uhci"): "8086:7020",
    ("controller", "usb", "piix4-uhci"): "8086:7112",
    ("controller", "usb", "pci-ohci"): "106b:003f",
    ("interface", "e1000"): "8086:100e",
    ("interface", "e1000e"): "8086:10d3",
    ("interface", "igb"): "8086:10c9",
    ("interface", "rtl8139"): "10ec:8139",
    ("interface", "vmxnet3"): "15ad:07b0",
    ("interface", "ne2k_pci"): "10ec:8029",
    ("interface", "pcnet"): "1022:2000",
    ("interface", "i82559c"): "8086:1229",
    ("serial", "pci-serial"): "1b36:0002",
    ("video", "vga"): "1234:1111",
    ("video", "bochs"): "1234:1111",
    ("video", "cirrus"): "1013:00b8",
    ("video", "vmvga"): "15ad:0405",
    ("video", "qxl"): "1b36:0100",
    ("sound", "ich6"): "8086:2668",
    ("sound", "ich7"): "8086:27d8",
    ("sound", "ich9"): "8086:293e",
    ("sound", "ac97"): "8086:2415",
    ("sound", "es1370"): "1274:5000",
    ("watchdog", "i6300esb"): "8086:25ab",
    ("panic", "pvpanic"): "1b36:0011",
    ("shmem", "ivshmem-plain"): "1af4:1110",
    ("pstore", "acpi-erst"): "1b36:0012",
}


# ---------------------------------------------------------------------------- emulators

@pytest.fixture(params=["installed", "newer"])
def emulator(request):
    if request.param == "installed":
        return host_program("qemu-system-x86_64")
    path = os.environ.get("VIR_TEST_EMULATOR")
    if not path:
        pytest.skip("VIR_TEST_EMULATOR names no QEMU 10.0, such as that of the package "
                    "qemu-system-x86 of bookworm-backports")
    return path


@functools.cache
def offered(emulator):
    """Names of devices, displays and character devices that the emulator has."""
    found = set()
    for option in ("-device", "-chardev", "-display"):
        text = run([emulator, "-machine", "none", option, "help"], check=False).stdout
        found |= {f"{option[1:]}:{name}" for name in re.findall(r'name "([^"]+)"', text)}
        found |= {f"{option[1:]}:{name}" for name in re.findall(r"^ *([a-z-]+)$", text, re.M)}
    return found


# ---------------------------------------------------------------------------- documents

def free_ports(count, kind=socket.SOCK_STREAM):
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def make_files(folder):
    """What the documents name beneath {folder}."""
    with open(folder / "floppy.img", "wb") as out:
        out.truncate(1440 << 10)
    for end in ("in", "out"):
        os.mkfifo(folder / f"pipe.{end}")
    for number in range(5):
        (folder / f"raw{number}.img").write_bytes(b"\0" * (8 + number) * 1024 * 1024)
    (folder / "base.img").write_bytes(b"THE-BASE".ljust(8 << 20, b"\0"))
    create = ["qemu-img", "create", "-q", "-f", "qcow2"]
    run([*create, "-b", folder / "base.img", "-F", "raw", folder / "middle.qcow2"])
    run([*create, "-b", folder / "middle.qcow2", "-F", "qcow2", folder / "top.qcow2"])
    with open(folder / "top.qcow2", "ab") as out:
        out.truncate(TOP_SIZE)  # a slice has whole sectors
    run([*create, folder / "plain.qcow2", "16M"])
    for name in ("nvdimm.img", "pmem.img"):
        with open(folder / name, "wb") as out:
            out.truncate(128 << 20)
    (folder / "fwcfg.txt").write_text("from the file")
    for name in ("shared", "fat"):
        (folder / name).mkdir()
        (folder / name / "hello").write_text("hello from the host")


def document(board, emulator, folder, namespace):
    """The text of guests/<board>.xml with its places filled in, less what is not to be had."""
    kernel, initrd = guest.build(devices=True)
    ports = free_ports(12)
    text = (HERE / "guests" / f"{board}.xml").read_text().format(
        emulator=emulator, folder=folder, kernel=kernel, initrd=initrd, name=f"devices-{board}",
        top_size=TOP_SIZE,
        **{f"port{i}": port for i, port in enumerate(ports)})
    ET.register_namespace("qemu", "http://libvirt.org/schemas/domain/qemu/1.0")
    root = ET.fromstring(text)
    have = set(offered(emulator))
    if namespace:
        have.add("namespace")
    if os.path.exists("/sys/class/dmi/id"):
        have.add("host-smbios")
    if glob.glob("/dev/dri/renderD*"):
        have.add("render-node")
    for parent in list(root.iter()):
        for child in list(parent):
            needs = child.attrib.pop("needs", "").split()
            if not have.issuperset(needs):
                parent.remove(child)
    return ET.tostring(root, encoding="unicode")


# ---------------------------------------------------------------------- what a document promises

def virtio(kind, model=""):
    modern = f"1af4:{0x1040 + VIRTIO[kind]:04x}"
    if model.endswith("-non-transitional") or kind not in TRANSITIONAL:
        return {modern}
    transitional = f"1af4:{0x1000 + TRANSITIONAL[kind]:04x}"
    return {transitional} if model.endswith("-transitional") else {modern, transitional}


def pci_ids(device):
    """vendor:device that a guest may see of this element."""
    model = device.find("model")
    name = device.get("model") or ""
    if model is not None:
        name = name or model.get("type") or model.get("name") or ""
    if device.tag == "controller":
        kind = device.get("type")
        if kind == "virtio-serial" or name.startswith("virtio"):
            return virtio("scsi" if kind == "scsi" else "console", name)
        exact = PCI_IDS.get(("controller", kind, name or None))
        return {exact or PCI_IDS[("controller", kind, None)]}
    if device.tag == "serial":
        return {PCI_IDS[("serial", device.find("target").get("type"))]}
    kinds = {"disk": "blk", "interface": "net", "filesystem": "9p", "input": "input", "rng": "rng",
             "memballoon": "balloon", "crypto": "crypto", "iommu": "iommu", "vsock": "vsock"}
    if device.tag == "memory":
        return virtio(name.removeprefix("virtio-"))
    if device.tag == "pstore":
        return {PCI_IDS["pstore", device.get("backend")]}
    if device.tag == "input" or name.startswith("virtio") or not name:
        return virtio({"video": "gpu", "sound": "sound", **kinds}[device.tag], name)
    return {PCI_IDS[(device.tag, name)]}


def place(address):
    return f"{int(address.get('slot'), 16):02x}.{int(address.get('function'), 16):x}"


def promised(live):
    """{path beneath /sys/devices: (element, ids)} of each PCI device of a running guest's document.

    Numbers of buses are the guest's own affair, so a place is the chain of slots from a root down.
    """
    devices = live.find("devices")
    buses = {}
    for controller in devices.findall("controller[@type='pci']"):
        buses[int(controller.get("index"))] = controller

    def chain(bus):
        controller = buses[bus]
        if controller.get("model") in ("pci-root", "pcie-root"):
            return ["00"]
        if controller.get("model").endswith("expander-bus"):
            root = f"{int(controller.find('target').get('busNr')):02x}"
            # The conventional one has a bridge of its own.
            return [root] + (["00.0"] if controller.get("model") == "pci-expander-bus" else [])
        address = controller.find("address")
        return chain(int(address.get("bus"), 16)) + [place(address)]

    found = {}
    for device in devices:
        address = device.find("address")
        if address is None or address.get("type") != "pci":
            continue
        path = "/".join(chain(int(address.get("bus"), 16)) + [place(address)])
        assert path not in found
        found[path] = (ET.tostring(device, encoding="unicode").strip(), pci_ids(device))
    return found


# ---------------------------------------------------------------------- what the guest reports

class Report:
    """Lines between REPORT-BEGIN and REPORT-END: `kind words`."""

    def __init__(self, text):
        self.text = text
        self.lines = [line.strip() for line in text.splitlines() if line.strip()]

    def all(self, kind):
        return [line[len(kind) + 1:] for line in self.lines if line.startswith(kind + " ")]

    def one(self, kind):
        found = self.all(kind)
        assert len(found) == 1, f"{kind}: {found}"
        return found[0]

    def pci(self):
        """{path as in promised(): vendor:device}"""
        found = {}
        for line in self.all("pci"):
            path, ids = line.split()
            root, *rest = path.removeprefix("/sys/devices/pci0000:").split("/")
            found["/".join([root] + [word.split(":")[-1] for word in rest])] = ids
        return found


class Guest:
    """A defined guest of a daemon, by virsh."""

    def __init__(self, daemon, name):
        self.daemon, self.name = daemon, name
        self.env = {**os.environ, "TERM": "dumb", "LC_ALL": "C.UTF-8"}

    def virsh(self, *args, **kwargs):
        return run([host_program("virsh"), "-c", self.daemon.uri(), *args], **kwargs).stdout

    def console(self):
        return Terminal([host_program("virsh"), "-c", self.daemon.uri(), "console", self.name],
                        self.env)

    def live(self):
        return ET.fromstring(self.virsh("dumpxml", self.name))

    def pid(self):
        return int((self.daemon.run_dir / "qemu" / f"{self.name}.pid").read_text())

    def monitor(self, command):
        return self.virsh("qemu-monitor-command", "--hmp", self.name, command)


@pytest.fixture
def namespace():
    """One with a bridge br0 and a device low0; None where there is no right to make it."""
    if (os.geteuid() != 0 or not os.access("/dev/net/tun", os.W_OK)
            or not all(map(shutil.which, ("unshare", "nsenter", "ip")))):
        yield None
        return
    made = Namespace()
    made.ip("link", "set", "lo", "up")
    made.ip("link", "add", "br0", "type", "bridge")
    # Names resolve only where a device that is no loopback has an address.
    made.ip("addr", "add", "192.0.2.1/24", "dev", "br0")
    made.ip("link", "set", "br0", "up")
    made.ip("route", "add", "224.0.0.0/4", "dev", "br0")
    made.ip("link", "add", "low0", "type", "veth", "peer", "name", "low1")
    yield made
    made.end()


@pytest.fixture
def folder(private_root):
    """For the files of a guest: a short path, as there are sockets in it."""
    path = private_root / "files"
    path.mkdir()
    make_files(path)
    return path


@pytest.fixture
def qemud(daemon_factory, namespace):
    how = {"preexec_fn": namespace.enter} if namespace else {}
    return daemon_factory("virtqemud", **how)


def listing(root):
    """What is in a root, but for the files of the test and what belongs to no guest's run."""
    kept = ("files", "var/log", "virtqemud.stderr", "notify", "var/lib/libvirt/qemu/nvram")
    return {str(path.relative_to(root)) for path in root.rglob("*")
            if not str(path.relative_to(root)).startswith(kept)}


def text_of(path):
    return path.read_text(errors="replace")


def check_pci(report, live):
    """Each PCI device of the document is in the guest, of its kind and at its place."""
    seen = report.pci()
    wrong = [f"{where}: {seen.get(where)} rather than {ids} for {element}"
             for where, (element, ids) in promised(live).items() if seen.get(where) not in ids]
    assert not wrong, "\n".join(wrong)


def check_usb(this, live):
    """The cloud kernel has no USB: QEMU tells what is in which port."""
    plugged = re.findall(r"Port ([0-9.]+), .* ID: (\S+)", this.monitor("info usb"))
    promises = [(device.find("address").get("port"), device.find("alias").get("name"))
                for device in live.find("devices")
                if device.find("address[@type='usb']") is not None]
    assert sorted(plugged) == sorted(promises) and promises


def check_common(report, folder, this):
    """What the documents of all boards have."""
    assert report.one("vdb") == "THE-BASE"  # through the whole chain of images
    assert {"through the console\n", "through the channel\n", "through the port\n"} == {
        text_of(folder / name).replace("\r", "")
        for name in ("hvc.out", "channel.out", "serial1.out")}
    assert "QEMU Virtio Keyboard" in report.all("input")
    assert "org.example.file" in [port.partition(" ")[2] for port in report.all("port")]
    stats = this.virsh("dommemstat", this.name)
    assert re.search(r"^available \d+$", stats, re.M), stats


def check_q35(report, folder, this):
    assert report.one("firmware") == "efi"
    blocks = dict(line.split(" ", 1) for line in report.all("block"))
    assert re.match("16384 ro=0 queues=2 .*serial=RAW-VDA$", blocks["vda"])
    assert "physical=4096 serial=CHAIN-VDB" in blocks["vdb"]
    assert "ro=1" in blocks["vdc"] and "ro=1" in blocks["sr0"]
    assert "0:0:0:3 TESTVEND TESTPRODUCT naa.5000c50015ea71aa" in report.all("scsi")
    assert "0:0:0:1 QEMU QEMU CD-ROM" in [line.strip() for line in report.all("scsi")]
    cards = {line.split()[0]: line for line in report.all("net")}
    assert "52:54:00:35:00:04" in cards and "52:54:00:35:00:07" in cards
    if "52:54:00:35:00:0a" in this.virsh("dumpxml", this.name):
        assert cards["52:54:00:35:00:0a"].endswith("mtu=1400 queues=4")
        assert cards["52:54:00:35:00:0c"].endswith("mtu=1500 queues=2")
    assert {"QEMU Virtio Tablet", "QEMU Virtio Mouse"} <= set(report.all("input"))
    assert [line.split()[0] for line in report.all("uart")] == ["0", "1", "2", "3"]
    ports = [port.partition(" ")[2] for port in report.all("port")]
    assert {"org.qemu.guest_agent.0", "org.example.pty", "org.example.null"} <= set(ports)
    dmi = dict(line.partition(" ")[::2] for line in report.all("dmi"))
    assert (dmi["bios_vendor"], dmi["bios_version"]) == ("Test BIOS", "2.5")
    assert (dmi["sys_vendor"], dmi["product_serial"]) == ("Test Works", "SYS-0042")
    assert (dmi["board_name"], dmi["chassis_asset_tag"]) == ("Test Board", "ASSET-3")
    assert report.one("oem").startswith("first oem string|second, with a comma|")
    assert sorted(report.all("fwcfg")) == ["file from the file", "value from the document"]
    assert {"DMAR", "ERST", "HMAT", "HPET", "NFIT", "SLIT", "SRAT"} <= set(report.all("acpi"))
    # vmgenid, fw_cfg, pvpanic, parallel port, floppy, NVDIMM
    assert {"QEMUVGID", "QEMU0002", "QEMU0001", "PNP0400", "PNP0700",
            "ACPI0012"} <= set(report.all("hid"))
    assert report.all("node") == ["0 cpus=0-1 distance=10,21,31 latency=5",
                                  "1 cpus=2-3 distance=21,10,31 latency=5",
                                  "2 cpus= distance=31,31,10 latency=20"]
    assert ["namespace0.0", "namespace1.0"] == [line.split()[0] for line in report.all("nd")]
    assert report.one("rng").split() == ["virtio_rng.0", "virtio_rng.1"]
    assert report.one("iommu").strip() == "dmar0" and int(report.one("groups")) > 10
    assert report.one("cpus") == "0-3" and "hpet" in report.one("clocksource")

    memory = this.monitor("info memory-devices")
    for kind in ("dimm", "nvdimm", "virtio-mem", "virtio-pmem"):
        assert re.search(rf"Memory device \[{kind}\]", memory), memory
    blocks = this.monitor("info block")
    for alias, limit in (("virtio-disk1/virtio-backend", "bps=10000000"),
                         ("virtio-disk2/virtio-backend", "group=shared"),
                         ("usb-disk4/usb-disk4.0/legacy", "bps=7000000"),
                         ("sata0-0-2", "bps=6000000")):
        assert re.search(rf"Attached to: .*{alias}.*\n(?:    .*\n)*?    I/O throttling: .*{limit}",
                         blocks), blocks
    assert "VIR_TEST=1" in text_of(pathlib.Path(f"/proc/{this.pid()}/environ")).split("\0")


def check_pc(report, folder, this):
    assert report.one("firmware") == "bios"
    blocks = dict(line.split(" ", 1) for line in report.all("block"))
    assert "serial=RAW-VDA" in blocks["vda"]
    assert {"sda", "sdb", "sr0", "sr1"} <= set(blocks)
    assert report.one("cpus") == "0-1"
    assert {"PNP0400", "PNP0700", "QEMU0001"} <= set(report.all("hid"))
    assert "hpet" not in report.one("clocksource")
    path = this.live().find("devices/channel/source[@mode='bind']").get("path")
    assert path.endswith("/channel/1-devices-pc/org.qemu.guest_agent.0") and os.path.exists(path)
    cards = {line.split()[0] for line in report.all("net")}
    assert {"52:54:00:01:00:01", "52:54:00:01:00:07"} <= cards
    assert report.one("rng").split() == ["virtio_rng.0", "virtio_rng.1"]


@pytest.mark.slow
@pytest.mark.parametrize("board", ["q35", "pc"])
def test_every_device(board, emulator, qemud, namespace, folder, private_root):
    this = Guest(qemud, f"devices-{board}")
    path = folder / "guest.xml"
    path.write_text(document(board, emulator, folder, namespace))
    this.virsh("define", "--validate", str(path))
    before = listing(private_root)
    this.virsh("start", this.name, "--paused")
    console = this.console()
    console.until("Escape character")
    this.virsh("resume", this.name)
    console.until("REPORT-BEGIN", timeout=BOOT_TIMEOUT)
    report = Report(console.until("REPORT-END", timeout=BOOT_TIMEOUT))
    print(report.text)
    console.until("guest#", timeout=BOOT_TIMEOUT)
    check_pci(report, this.live())
    check_usb(this, this.live())
    check_common(report, folder, this)
    {"q35": check_q35, "pc": check_pc}[board](report, folder, this)
    console.kill()

    # The guest wrote to it and closed it, of which QEMU tells within a second.
    port = "devices/channel/target[@name='org.example.file']"
    until(lambda: this.live().find(port).get("state") == "disconnected", "the closed port",
          BOOT_TIMEOUT)

    # A daemon that was killed finds all of it again.
    text, pid = this.virsh("dumpxml", this.name), this.pid()
    qemud.kill()
    qemud.start(**({"preexec_fn": namespace.enter} if namespace else {}))
    assert this.virsh("dumpxml", this.name) == text
    assert this.pid() == pid
    console = this.console()
    console.until("Escape character")
    console.ask("\r", "guest#")
    console.send("echo $((6*7))-alive\r")
    console.until("42-alive", timeout=BOOT_TIMEOUT)

    # Nothing is left of a guest that ended.
    this.virsh("destroy", this.name)
    assert console.end() == 0
    assert this.virsh("domstate", this.name).strip() == "shut off"
    assert listing(private_root) - before == set() and not list(folder.glob("*.sock"))
    this.virsh("undefine", this.name, "--nvram")
    assert not list(private_root.glob("var/lib/libvirt/qemu/nvram/*"))
