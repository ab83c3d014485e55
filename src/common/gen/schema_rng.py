# SPDX-License-Identifier: LGPL-2.1-or-later
"""A document kind of a checked schema as RELAX NG (XML syntax).

Guards are not expressed: a row that some guard switches on may always be there. Everything else
is: which elements and attributes exist, how often, and what their values look like.
"""
from xml.sax.saxutils import quoteattr

XSD = "http://www.w3.org/2001/XMLSchema-datatypes"
PATTERNS = {
    "ip": r"[0-9.]+|[0-9A-Fa-f:.]+", "cpuset": r"[0-9,^\-\s]*",
    "uuid": r"\s*[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\s*",
    "mac": r"([0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}",
    "hex8": r"\s*(0[xX])?[0-9a-fA-F]+\s*", "hex16": r"\s*(0[xX])?[0-9a-fA-F]+\s*",
    "hex": r"\s*(0[xX])?[0-9a-fA-F]+\s*", "hex64": r"\s*(0[xX])?[0-9a-fA-F]+\s*",
    "oct": r"\s*[0-7]+\s*", "size": r"\s*[0-9]+\s*",
}
UNIT = r"([bB]([yY][tT][eE][sS]?)?)|([kKmMgGtTpPeE]([iI]?[bB])?)"


def any_case(*words):
    return "(" + "|".join("".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in word)
                          for word in words) + ")"


def listed(*words):
    one = rf"\s*{any_case(*words)}\s*"
    return f"{one}(,{one})*"


# Values with rules in C; a codec that is not here takes any text, or drops what it does not.
VARIABLE = r"[$][\sa-zA-Z0-9_\[\]@]+"
NUMBER = VARIABLE + "|0[xX][0-9a-fA-F]+|[0-9]+"
ETHERTYPE = NUMBER + "|" + any_case("arp", "rarp", "ipv4", "ipv6", "vlan")
TCP_FLAGS = listed("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ALL", "NONE")
CODECS = {
    "nwf_u6": NUMBER, "nwf_u8": NUMBER, "nwf_u12": NUMBER, "nwf_u16": NUMBER, "nwf_u32": NUMBER,
    "nwf_match": "yes|no",
    "nwf_protocol_id": ETHERTYPE, "nwf_encap_protocol": ETHERTYPE,
    "nwf_ip_protocol": NUMBER + "|" + any_case("tcp", "udp", "udplite", "esp", "ah", "icmp",
                                               "igmp", "sctp", "icmpv6"),
    "nwf_arp_opcode": NUMBER + "|" + any_case("Request", "Reply", "Request_Reverse",
                                              "Reply_Reverse", "DRARP_Request", "DRARP_Reply",
                                              "DRARP_Error", "InARP_Request", "ARP_NAK"),
    "nwf_mac": VARIABLE + "|([0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}",
    "nwf_ipv4": VARIABLE + "|[0-9.]+", "nwf_ipv6": VARIABLE + "|[0-9a-fA-F:.]+",
    "nwf_mask4": NUMBER + "|[0-9.]+", "nwf_mask6": NUMBER + "|[0-9a-fA-F:.]+",
    "nwf_state": listed("NEW", "ESTABLISHED", "RELATED", "INVALID", "NONE"),
    "nwf_ipset_flags": VARIABLE + "|" + listed("src", "dst"),
    "nwf_tcp_flags": TCP_FLAGS + "/" + TCP_FLAGS,
    "nwf_bool": any_case("yes", "true", "no", "false") + "|1|0",
}
INTEGERS = {"int", "uint", "u8", "u16", "i64", "u64"}


def pad(depth):
    return "  " * depth


def pattern(text, depth):
    return [f'{pad(depth)}<data type="string"><param name="pattern">'
            f'{text.replace("&", "&amp;").replace("<", "&lt;")}</param></data>']


def value(row, depth):
    p = pad(depth)
    if row.type in ("yesno", "onoff") or row.enum:
        words = row.enum.values if row.enum else \
            ["yes", "no"] if row.type == "yesno" else ["on", "off"]
        if row.enum and "drop-empty" in row.flags:
            words = words + [""]
        return [f"{p}<choice>"] + [f"{p}  <value>{w}</value>" for w in words] + [f"{p}</choice>"]
    if row.type in INTEGERS and "anybase" not in row.flags:
        out = [f'{p}<data type="integer">']
        if row.range:
            low, high = row.range
            out += [f'{p}  <param name="minInclusive">{min(low, 0)}</param>',
                    f'{p}  <param name="maxInclusive">{high}</param>']
        return out + [f"{p}</data>"]
    if row.type in PATTERNS or row.type in INTEGERS:
        text = PATTERNS.get(row.type, PATTERNS["hex"])
        return pattern(text + ("|" if "drop-empty" in row.flags else ""), depth)
    if row.type == "codec" and row.arg in CODECS:
        return pattern(CODECS[row.arg], depth)
    return [f"{p}<text/>"]


class Document:
    def __init__(self, schema):
        self.schema = schema
        self.defines = {}
        self.queue = []

    def ref(self, struct, ns_schema):
        name = struct.ctype
        if name not in self.defines:
            self.defines[name] = None
            self.queue.append(struct)
        return name

    def full_name(self, row):
        return f"{row.ns}:{row.name}" if row.ns else row.name

    def flatten(self, rows):
        """Rows with those of embedded structs at the same element in their place."""
        for row in rows:
            if row.kind in ("self", "aside"):
                for inner in self.flatten(row.struct.rows):
                    yield inner, True
            elif row.kind != "field":
                yield row if isinstance(row, tuple) else (row, bool(row.guards))

    def split(self, rows):
        attrs, elements, texts = {}, {}, []
        for item in self.flatten(rows):
            row, guarded = item
            while isinstance(row, tuple):
                row, guarded = row[0], True
            guarded = guarded or bool(row.guards)
            if row.kind == "attr":
                attrs.setdefault(self.full_name(row), []).append((row, guarded))
            elif row.kind == "text":
                texts.append(row)
            else:
                elements.setdefault(self.full_name(row), []).append((row, guarded))
            if row.type == "size" and row.kind in ("attr", "text"):
                attrs.setdefault(row.unit, []).append((None, True))
        return attrs, elements, texts

    def attribute(self, name, rows, depth):
        p = pad(depth)
        optional = len(rows) > 1 or rows[0][1] or rows[0][0] is None or \
            not rows[0][0].flags & {"required", "needed"}
        inner = [f"{p}  <attribute name={quoteattr(name)}>"]
        bodies = [pattern(UNIT, depth + 3) if r is None else value(r, depth + 3) for r, _ in rows]
        bodies = [b for i, b in enumerate(bodies) if b not in bodies[:i]]
        inner += self.choice(bodies, depth + 2) + [f"{p}  </attribute>"]
        return [f"{p}<optional>"] + inner + [f"{p}</optional>"] if optional else inner

    def choice(self, bodies, depth):
        if len(bodies) == 1:
            return [line[2:] for line in bodies[0]]
        if any("<text/>" in line for b in bodies for line in b):
            return [f"{pad(depth)}<text/>"]
        return [f"{pad(depth)}<choice>"] + [x for b in bodies for x in b] + \
            [f"{pad(depth)}</choice>"]

    def content(self, rows, depth):
        attrs, elements, texts = self.split(rows)
        out = []
        # A group would say the same, but libxml2 then tries every subset of optional attributes.
        for name, found in attrs.items():
            out += self.attribute(name, found, depth + 1)
        if out:
            out = [f"{pad(depth)}<interleave>"] + out + [f"{pad(depth)}</interleave>"]
        if texts:
            body = value(texts[0], depth) if texts[0].type != "size" else \
                pattern(r"\s*[0-9]+\s*", depth)
            if elements or "required" not in texts[0].flags or texts[0].guards:
                body = [f"{pad(depth)}<text/>"] if texts[0].type == "string" else \
                    [f"{pad(depth)}<optional>"] + body + [f"{pad(depth)}</optional>"]
            if elements:
                body = [f"{pad(depth)}<text/>"]
            out += body
        if elements:
            out.append(f"{pad(depth)}<interleave>")
            for name, found in elements.items():
                if "alternative" not in found[0][0].flags:
                    out += self.element(name, found, depth + 1)
            out += self.alternatives(elements, depth + 1)
            out.append(f"{pad(depth)}</interleave>")
        return out or [f"{pad(depth)}<empty/>"]

    def alternatives(self, elements, depth):
        out = [line for name, found in elements.items() if "alternative" in found[0][0].flags
               for line in self.element(name, found, depth + 1)]
        return [f"{pad(depth)}<choice>"] + out + [f"{pad(depth)}</choice>"] if out else []

    def element(self, name, found, depth):
        p = pad(depth)
        row = found[0][0]
        many = any(r.kind in ("children", "leaves") for r, _ in found)
        needed = row.kind != "group" and "required" in row.flags and not found[0][1] \
            and len(found) == 1
        wrap = "zeroOrMore" if many else None if needed else "optional"
        bodies = []
        for r, _ in found:
            body = self.body(r, depth + 3)
            if body not in bodies:
                bodies.append(body)
        inner = [f"{p}  <element name={quoteattr(name)}>"]
        if len(bodies) == 1:
            inner += bodies[0]
        else:
            inner.append(f"{p}    <choice>")
            for b in bodies:
                inner += [f"{p}      <group>"] + b + [f"{p}      </group>"]
            inner.append(f"{p}    </choice>")
        inner.append(f"{p}  </element>")
        return [f"{p}<{wrap}>"] + inner + [f"{p}</{wrap}>"] if wrap else inner

    def body(self, row, depth):
        p = pad(depth)
        if row.kind == "verbatim":
            return [f'{p}<ref name="anything"/>']
        if row.struct:
            return [f'{p}<ref name="{self.ref(row.struct, self.schema)}"/>']
        if row.kind == "group":
            return self.content(row.rows, depth)
        if row.type == "present":
            return [f"{p}<empty/>"]
        out = []
        if row.type == "size":
            out = [f"{p}<optional><attribute name={quoteattr(row.unit)}>"] + \
                pattern(UNIT, depth + 1) + [f"{p}</attribute></optional>"]
        return out + value(row, depth)


ANYTHING = """  <define name="anything">
    <zeroOrMore>
      <choice>
        <attribute><anyName/></attribute>
        <text/>
        <element><anyName/><ref name="anything"/></element>
      </choice>
    </zeroOrMore>
  </define>
"""


def document(schema, doc):
    d = Document(schema)
    names = "".join(f' xmlns:{p}="{u}"' for p, u in schema.namespaces.items())
    head = ['<?xml version="1.0" encoding="UTF-8"?>',
            f'<grammar xmlns="http://relaxng.org/ns/structure/1.0"{names}',
            f'         datatypeLibrary="{XSD}">',
            "  <start>", f'    <element name="{doc.root}">',
            f'      <ref name="{d.ref(doc.struct, schema)}"/>', "    </element>", "  </start>"]
    body = []
    while d.queue:
        struct = d.queue.pop(0)
        body += [f'  <define name="{struct.ctype}">'] + d.content(struct.rows, 2) + ["  </define>"]
    return "\n".join(head + body) + "\n" + ANYTHING + "</grammar>\n"
