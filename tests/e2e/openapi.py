# SPDX-License-Identifier: MIT
"""docs/openapi.yaml as tests use it, and as much of JSON Schema as it needs. An answer
must be described to the last key: one that the file does not know is a fault."""

import os
import re

try:
    import yaml
except ImportError:
    yaml = None

METHODS = ("get", "post", "put", "patch", "delete")
KNOWN = {"$ref", "additionalProperties", "allOf", "anyOf", "default", "description",
         "enum", "format", "items", "maximum", "maxLength", "minimum", "pattern",
         "properties", "required", "type"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
         "null": type(None)}


class Openapi:
    def __init__(self, source):
        path = os.path.join(source, "docs/openapi.yaml")
        with open(path, encoding="utf-8") as file:
            # Plain times in examples would become dates: only what JSON has.
            self.file = yaml.load(file, Loader=yaml.CSafeLoader
                                  if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)
        self.paths = self.file["paths"]

    def deref(self, value):
        while "$ref" in value:
            at = self.file
            for word in value["$ref"].removeprefix("#/").split("/"):
                at = at[word]
            value = at
        return value

    def operations(self):
        for path, item in self.paths.items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def find(self, method, path):
        """(template, operation) of a path with its names filled in; the one that names
        more of it goes first."""
        path = path.split("?")[0]
        fits = [template for template in self.paths if method.lower() in
                self.paths[template] and
                re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)]
        template = min(fits, key=lambda text: text.count("{"))
        return template, self.paths[template][method.lower()]

    def problems(self, operation):
        """{status: [code]} of what it names."""
        return {status: re.findall(r"`([a-z-]+)`", self.deref(answer)["description"])
                for status, answer in operation["responses"].items()
                if status[0] in "45"}

    def faults(self, method, path, status, body):
        """Of an answer in JSON; [] if the file describes it."""
        _, operation = self.find(method, path)
        answers = operation["responses"]
        if status < 400 and str(status) not in answers:
            return ["%s %s: no answer %d in the file" % (method, path, status)]
        answer = self.deref(answers.get(str(status), answers["default"]))
        media = "application/json" if status < 400 else "application/problem+json"
        return list(self.check(body, answer["content"][media]["schema"],
                               method + " " + path))

    def members(self, schema):
        """The properties, needed keys and whether others may be, of all of allOf."""
        schema = self.deref(schema)
        known, needed = dict(schema.get("properties", {})), list(schema.get("required", ()))
        others = schema.get("additionalProperties")
        for part in schema.get("allOf", ()):
            more, also, rest = self.members(part)
            known.update(more)
            needed += also
            others = rest if others is None else others
        return known, needed, others

    def check(self, value, schema, where):
        schema = self.deref(schema)
        if "anyOf" in schema:
            tried = [list(self.check(value, one, where)) for one in schema["anyOf"]]
            if all(tried):
                # The one that came closest, not that it is no null.
                yield from max(tried, key=lambda faults: faults[0].count("/"))
            return
        types = schema.get("type", "object" if "allOf" in schema else None)
        types = types if isinstance(types, list) else [types]
        if not any(type(value) is TYPES[name] for name in types):
            yield "%s: %s is not %s" % (where, repr(value)[:60], " or ".join(types))
            return
        if "enum" in schema and value not in schema["enum"]:
            yield "%s: %r is none of %s" % (where, value, schema["enum"])
        if isinstance(value, str):
            if not re.search(schema.get("pattern", ""), value):
                yield "%s: %r is not %s" % (where, value, schema["pattern"])
            if len(value.encode()) > schema.get("maxLength", len(value.encode())):
                yield "%s: %r is too long" % (where, value)
        elif isinstance(value, list):
            for i, item in enumerate(value):
                yield from self.check(item, schema["items"], "%s/%d" % (where, i))
        elif isinstance(value, dict):
            yield from self.check_object(value, schema, where)

    def check_object(self, value, schema, where):
        known, needed, others = self.members(schema)
        for key in needed:
            if key not in value:
                yield "%s: no %s" % (where, key)
        for key, item in value.items():
            if key in known:
                yield from self.check(item, known[key], where + "/" + key)
            elif isinstance(others, dict):
                yield from self.check(item, others, where + "/" + key)
            else:
                yield "%s: %s is not in the file" % (where, key)

    def schemas(self, node=None):
        """Every schema in the file."""
        node = self.file if node is None else node
        if isinstance(node, list):
            for item in node:
                yield from self.schemas(item)
        elif isinstance(node, dict):
            for key, item in node.items():
                if key in ("schema", "items") and isinstance(item, dict):
                    yield item
                if key in ("properties", "schemas"):
                    yield from item.values()
                if key in ("anyOf", "allOf"):
                    yield from item
                yield from self.schemas(item)
