#!/usr/bin/env python3
"""Makes the request schemas in tests/Protocols.Tests/Contracts/data from the contracts vendors publish.

    scripts/vendor-contracts.py FOLDER

FOLDER holds clones named owner+name (with a work tree, bare, or with the repository in FOLDER/owner+name/repo). Each output is one JSON Schema: what is
needed for requests, without descriptions, with "$comment" naming repository, commit, date and licence. Objects are closed: a member that the contract does
not name is a fault, which the vendors' own files mostly leave open. Needs Python 3.11 and PyYAML. Only contracts under MIT or Apache-2.0 are taken.
"""
import ast
import json
import pathlib
import re
import subprocess
import sys

KEPT = ("type", "enum", "const", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "required")
OUTPUT = pathlib.Path(__file__).parent.parent / "tests/Protocols.Tests/Contracts/data"


class Repository:
    def __init__(self, folder, name, licence):
        self.name, self.licence = name, licence
        at = folder / name.replace("/", "+")
        self.at = at / "repo" if (at / "repo").exists() else at

    def git(self, *args):
        return subprocess.run(["git", "-C", self.at, *args], check=True, capture_output=True, text=True).stdout

    def text(self, path):
        return self.git("show", "HEAD:" + path)

    def files(self, folder):
        return self.git("ls-tree", "--name-only", "HEAD", folder + "/").split()

    def source(self, path):
        commit, date = self.git("log", "-1", "--format=%H %cs").split()
        return f"{self.name} {path}, commit {commit[:12]} of {date}, licence {self.licence}"


def write(name, source, defs, root):
    """Only what the root leads to."""
    used, todo = {}, [root]
    while todo:
        one = todo.pop()
        if one not in used:
            # What lies beyond the types of requests (blocks of answers that may come back) is not checked.
            used[one] = defs.get(one, {})
            todo += re.findall(r'"#/\$defs/([^"]+)"', json.dumps(used[one]))
    schema = {"$comment": source, "$ref": "#/$defs/" + root, "$defs": dict(sorted(used.items()))}
    OUTPUT.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in schema["$defs"].items())
    (OUTPUT / f"{name}.json").write_text(f'{{"$comment":{json.dumps(source)},"$ref":"#/$defs/{root}","$defs":{{\n{lines}\n}}}}\n', encoding="utf-8")
    print(f"{name}: {len(used)} definitions, {(OUTPUT / f'{name}.json').stat().st_size} bytes")


def reference(name):
    return {"$ref": "#/$defs/" + name}


def closed(properties, required=()):
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": sorted(required)} if required else {})


# OpenAPI ------------------------------------------------------------------------------------------------------------------------------------------------------

class OpenApi:
    def __init__(self, document):
        self.schemas = document["components"]["schemas"]

    def all(self):
        return {name: self.convert(schema) for name, schema in self.schemas.items()}

    def convert(self, schema):
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return reference(schema["$ref"].split("/")[-1])
        if "allOf" in schema:
            return self.merged(schema)
        out = {key: schema[key] for key in KEPT if key in schema}
        if "items" in schema:
            out["items"] = self.convert(schema["items"])
        choices = schema.get("oneOf") or schema.get("anyOf")
        # Alternatives of these documents overlap here and there, so "exactly one" would refuse good bodies.
        if choices:
            out["anyOf"] = [self.convert(one) for one in choices]
        if schema.get("properties"):
            out["properties"] = {name: self.convert(one) for name, one in schema["properties"].items()}
            out.setdefault("type", "object")
        if isinstance(schema.get("additionalProperties"), dict):
            out["additionalProperties"] = self.convert(schema["additionalProperties"])
        elif schema.get("properties") and not choices and schema.get("additionalProperties") is not True:
            out["additionalProperties"] = False
        if schema.get("nullable"):
            out = {"anyOf": [out, {"type": "null"}]}
        return out

    def merged(self, schema):
        parts = [self.resolved(part) for part in schema["allOf"]] + [{key: value for key, value in schema.items() if key != "allOf"}]
        if all(not (part.keys() & {"oneOf", "anyOf", "allOf"}) and part.get("type", "object") == "object" for part in parts):
            whole = {"type": "object", "properties": {}, "required": []}
            for part in parts:
                whole["properties"] |= part.get("properties", {})
                whole["required"] += part.get("required", [])
            if not whole["properties"]:
                return {"type": "object"}
            return self.convert(whole)
        if len(schema["allOf"]) == 1:
            return self.convert(schema["allOf"][0])
        return {"allOf": [self.opened(self.convert(part)) for part in schema["allOf"]]}

    def resolved(self, schema):
        seen = 0
        while "$ref" in schema and seen < 20:
            schema, seen = self.schemas[schema["$ref"].split("/")[-1]], seen + 1
        if "allOf" in schema:
            whole = self.merged(schema)
            return whole
        return schema

    @staticmethod
    def opened(schema):
        return {key: value for key, value in schema.items() if key != "additionalProperties" or value is not False}


# Python's TypedDicts, as generated clients have them ----------------------------------------------------------------------------------------------------------

class TypedDicts:
    PLAIN = {"str": {"type": "string"}, "bool": {"type": "boolean"}, "int": {"type": "integer"}, "float": {"type": "number"}, "object": {}, "Any": {}, "None": {"type": "null"},
             "Base64FileInput": {"type": "string"}, "datetime": {"type": "string"}, "date": {"type": "string"}}
    LISTS = {"List", "Iterable", "Sequence", "SequenceNotStr", "list"}

    def __init__(self, repository, folders):
        self.defs = {}
        for folder in folders:
            for path in repository.files(folder):
                if path.endswith(("_param.py", "_params.py")):
                    self.read(pathlib.PurePosixPath(path).stem, ast.parse(repository.text(path)))

    def read(self, module, tree):
        """Definitions are named module.Name: many modules have a Content or a Source of their own."""
        names = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {name.asname or name.name: f"{node.module.split('.')[-1]}.{name.name}" for name in node.names}
        local = lambda name: f"{module}.{name}"
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                names[node.name] = local(node.name)
            elif isinstance(node, ast.AnnAssign):
                names[node.target.id] = local(node.target.id)
            elif isinstance(node, ast.Assign):
                names[node.targets[0].id] = local(node.targets[0].id)
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                self.defs[local(node.name)] = self.of_class(node, names)
            elif isinstance(node, ast.AnnAssign) and getattr(node.annotation, "id", "") == "TypeAlias":
                self.defs[local(node.target.id)] = self.of(node.value, names)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "TypedDict":
                fields = node.value.args[1]
                self.defs[local(node.targets[0].id)] = self.of_fields(zip((key.value for key in fields.keys), fields.values), names)

    def of_class(self, node, aliases):
        own = self.of_fields(((item.target.id, item.annotation) for item in node.body if isinstance(item, ast.AnnAssign)), aliases)
        for base in node.bases:
            name = aliases.get(getattr(base, "id", ""))
            if name in self.defs and "properties" in self.defs[name]:
                inherited = self.defs[name]
                own = closed(inherited["properties"] | own["properties"], set(inherited.get("required", ())) | set(own.get("required", ())))
        return own

    def of_fields(self, fields, aliases):
        properties, required = {}, []
        for name, annotation in fields:
            if isinstance(annotation, ast.Subscript) and getattr(annotation.value, "id", "") == "Required":
                required.append(name)
                annotation = annotation.slice
            properties[name] = self.of(annotation, aliases)
        return closed(properties, required)

    def of(self, node, aliases):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                return self.of(ast.parse(node.value, mode="eval").body, aliases)
            return {"type": "null"}
        if isinstance(node, ast.Name):
            return self.PLAIN.get(node.id) or ({} if node.id in self.PLAIN else reference(aliases.get(node.id, node.id)))
        if isinstance(node, ast.Attribute):
            return reference(node.attr)
        head = getattr(node.value, "id", "")
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if head == "Union":
            return {"anyOf": [self.of(one, aliases) for one in inner]}
        if head == "Optional":
            return {"anyOf": [self.of(inner[0], aliases), {"type": "null"}]}
        if head == "Literal":
            return {"enum": [one.value for one in inner]}
        if head in self.LISTS:
            return {"type": "array", "items": self.of(inner[0], aliases)}
        if head in ("Dict", "Mapping"):
            return {"type": "object", "additionalProperties": self.of(inner[1], aliases)}
        if head in ("Annotated", "Required"):
            return self.of(inner[0], aliases)
        raise ValueError(f"unknown type {ast.unparse(node)}")


# Protocol buffers, in their JSON form -------------------------------------------------------------------------------------------------------------------------

class Protos:
    WHOLE = {"type": ["integer", "string"]}
    PLAIN = {"string": {"type": "string"}, "bytes": {"type": "string"}, "bool": {"type": "boolean"}, "float": {"type": "number"}, "double": {"type": "number"},
             "int32": WHOLE, "int64": WHOLE, "uint32": WHOLE, "uint64": WHOLE, "google.protobuf.Struct": {"type": "object"}, "google.protobuf.Value": {},
             "google.protobuf.Duration": {"type": "string"}, "google.protobuf.Timestamp": {"type": "string"}, "google.type.Interval": {"type": "object"},
             "google.protobuf.ListValue": {"type": "array"}, "google.protobuf.Any": {"type": "object"}, "google.type.LatLng": {"type": "object"}}

    def __init__(self, texts):
        self.defs = {}
        for text in texts:
            text = re.sub(r"//[^\n]*", "", text)
            text = re.sub(r'\[[^\[\]]*\]', "", text)
            self.tokens = re.findall(r'"[^"]*"|[\w.]+|[{}<>;=,()\[\]]', text)
            self.at = 0
            while self.at < len(self.tokens):
                self.top("")

    def top(self, scope):
        word = self.take()
        if word == "message":
            self.message(scope)
        elif word == "enum":
            self.enum(scope)
        elif word in ("service", "rpc", "option", "extend"):
            self.skip()
        elif word != "}":
            self.skip()

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def skip(self):
        """Past the statement: a semicolon, or the end of its braces."""
        depth = 0
        while self.at < len(self.tokens):
            word = self.take()
            depth += (word == "{") - (word == "}")
            if depth == 0 and word in (";", "}"):
                return

    def enum(self, scope):
        name = scope + self.take()
        self.take()
        values = []
        while (word := self.take()) != "}":
            if word == "option":
                self.skip()
                continue
            values.append(word)
            self.skip()
        self.defs[name] = {"enum": values}

    def message(self, scope):
        name = scope + self.take()
        self.take()
        fields = {}
        self.defs[name] = {"fields": fields, "scope": name + "."}
        while (word := self.take()) != "}":
            if word == "message":
                self.message(name + ".")
            elif word == "enum":
                self.enum(name + ".")
            elif word == "oneof":
                self.at += 2
                while self.tokens[self.at] != "}":
                    self.field(self.take(), fields)
                self.at += 1
            elif word in ("reserved", "option"):
                self.skip()
            else:
                self.field(word, fields)

    def field(self, word, fields):
        if word == "option":
            self.skip()
            return
        repeated = word == "repeated"
        kind = self.take() if word in ("repeated", "optional") else word
        if kind == "map":
            self.take()
            self.take()
            self.take()
            kind = ("map", self.take())
            self.take()
        name = self.take()
        parts = name.split("_")
        fields[parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:])] = (kind, repeated)
        self.skip()

    def all(self):
        return {name: value if "enum" in value else closed({field: self.of(kind, repeated, value["scope"]) for field, (kind, repeated) in value["fields"].items()})
                for name, value in self.defs.items()}

    def of(self, kind, repeated, scope):
        if isinstance(kind, tuple):
            return {"type": "object", "additionalProperties": self.of(kind[1], False, scope)}
        schema = self.PLAIN.get(kind)
        if schema is None:
            schema = {}
            while True:
                if scope + kind in self.defs:
                    schema = reference(scope + kind)
                    break
                if not scope:
                    break
                scope = scope[:-1].rpartition(".")[0]
                scope += "." if scope else ""
        return {"type": "array", "items": schema} if repeated else schema


# Amazon's service models --------------------------------------------------------------------------------------------------------------------------------------

class Smithy:
    def __init__(self, document):
        self.shapes = document["shapes"]

    def all(self):
        return {name: self.of(shape) for name, shape in self.shapes.items()}

    def of(self, shape):
        kind = shape["type"]
        if kind == "structure":
            if shape.get("document"):
                return {}
            members = {member.get("locationName", name): member for name, member in shape["members"].items() if member.get("location") not in ("uri", "header", "querystring")}
            schema = closed({name: reference(member["shape"]) for name, member in members.items()}, [name for name in shape.get("required", ()) if name in members])
            return schema | ({"minProperties": 1, "maxProperties": 1} if shape.get("union") else {})
        if kind == "list":
            return {"type": "array", "items": reference(shape["member"]["shape"])} | self.bounds(shape, "Items")
        if kind == "map":
            return {"type": "object", "additionalProperties": reference(shape["value"]["shape"])}
        if kind in ("string", "blob"):
            schema = {"type": "string"} | ({"enum": shape["enum"]} if "enum" in shape else {}) | ({"pattern": f"^(?:{shape['pattern']})$"} if "pattern" in shape else {})
            return schema | (self.bounds(shape, "Length") if kind == "string" else {})
        if kind in ("integer", "long"):
            return {"type": "integer"} | self.limits(shape)
        if kind in ("float", "double"):
            return {"type": "number"} | self.limits(shape)
        return {"type": "boolean"} if kind == "boolean" else {}

    @staticmethod
    def bounds(shape, word):
        return {f"{end}{word}": shape[end] for end in ("min", "max") if end in shape}

    @staticmethod
    def limits(shape):
        return {name: shape[end] for end, name in (("min", "minimum"), ("max", "maximum")) if end in shape}


def loosen(schemas):
    """
    An assistant's turn sent back to Responses is an answer's item by the contract, with the id and annotations of the answer. Where nothing is stored there are
    none to send; the API takes such turns without them, and clients have long sent them so (vercel/ai, packages/openai/src/responses).
    """
    for name, optional in (("OutputMessage", ("id", "status")), ("OutputTextContent", ("annotations", "logprobs")), ("ReasoningItem", ("id",))):
        schemas[name]["required"] = [member for member in schemas[name]["required"] if member not in optional]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])

    openai = Repository(folder, "openai/openai-openapi", "MIT")
    schemas = OpenApi(json.loads(openai.text("openapi.json"))).all()
    loosen(schemas)
    for name, root in (("openai-chat", "CreateChatCompletionRequest"), ("openai-responses", "CreateResponse"), ("openai-embeddings", "CreateEmbeddingRequest")):
        write(name, openai.source("openapi.json"), schemas, root)

    anthropic = Repository(folder, "anthropics/anthropic-sdk-python", "MIT")
    types = TypedDicts(anthropic, ["src/anthropic/types"])
    bases = types.defs["message_create_params.MessageCreateParamsBase"]
    types.defs["MessageCreateParams"] = closed(bases["properties"] | {"stream": {"type": "boolean"}}, bases["required"])
    write("anthropic-messages", anthropic.source("src/anthropic/types/*.py"), types.defs, "MessageCreateParams")

    google = Repository(folder, "googleapis/googleapis", "Apache-2.0")
    for name, at, files in (
            ("gemini", "google/ai/generativelanguage/v1beta", ("content", "safety", "generative_service", "cached_content", "retriever", "citation")),
            ("vertex-gemini", "google/cloud/aiplatform/v1", ("content", "tool", "openapi", "prediction_service"))):
        messages = Protos([google.text(f"{at}/{file}.proto") for file in files]).all()
        if name == "gemini":
            # Newer than the protos of this surface; Google's own client sends the names that Vertex declares (googleapis/python-genai, types.ThinkingLevel).
            messages["ThinkingConfig"]["properties"]["thinkingLevel"] = {"enum": ["MINIMAL", "LOW", "MEDIUM", "HIGH"]}
        write(name, google.source(at + "/*.proto"), messages, "GenerateContentRequest")
        if name == "gemini":
            write("gemini-embeddings", google.source(at + "/*.proto"), messages, "BatchEmbedContentsRequest")

    amazon = Repository(folder, "boto/botocore", "Apache-2.0")
    model = "botocore/data/bedrock-runtime/2023-09-30/service-2.json"
    write("bedrock-converse", amazon.source(model), Smithy(json.loads(amazon.text(model))).all(), "ConverseRequest")

    import yaml
    mistral = Repository(folder, "mistralai/platform-docs-public", "Apache-2.0")
    write("mistral-chat", mistral.source("openapi.yaml"), OpenApi(yaml.safe_load(mistral.text("openapi.yaml"))).all(), "ChatCompletionRequest")


if __name__ == "__main__":
    main()
