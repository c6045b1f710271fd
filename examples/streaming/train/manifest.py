"""The text of a model.yaml: what the product reads, with comments for the people who read it too."""

import json
import re
import textwrap

WIDTH = 110
WRITTEN_BY = "Written by examples/streaming/train/build.sh."
# What needs no quotes, in YAML 1.1 either. A hash does: with few letters it might pass for a number.
PLAIN = re.compile(r"(?![0-9a-f]{64}$)[A-Za-z_][A-Za-z0-9_ .@/+()-]*")
RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def manifest_text(release, graph, vocabulary_hashes, schema, tools):
    """`schema` is the path of model.schema.json from the version's folder, `tools` the versions that trained it."""
    vocabularies = {name: {"file": f"{name}.json", "sha256": digest} for name, digest in vocabulary_hashes.items()}
    parts = [
        [
            f"# yaml-language-server: $schema={schema}",
            *comment(f"{WRITTEN_BY} A published version never changes: train a new one."),
        ],
        [
            *entry("name", release.name),
            f"version: {json.dumps(release.version)}",
            *entry("serves", [release.serves]),
            *entry("owner", release.owner),
            *entry("description", f"{release.summary}. {release.algorithm}"),
            *entry("licence", release.data["licence"]),
            *metrics_entry(release.quality["metrics"]),
        ],
        paragraphs(
            *(comment(note) for note in release.notes),
            quality_comment(release.quality),
            data_comment(release.data, tools),
        ),
        ["platform: onnx", *entry("graph", graph), *(section("vocabularies", vocabularies) if vocabularies else [])],
        section("features", release.features),
        ["preprocess:", *(line for item in release.preprocess.items() for line in tensor(*item, release.features))],
        section("postprocess", release.postprocess),
        [
            *entry("batching", {"maxRows": release.max_rows}),
            *entry("warmUp", list(release.warm_up)),
            "golden: golden.json",
        ],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def metrics_entry(metrics):
    """As the comment on quality has them, for programs."""
    return entry("metrics", {scalar(metric["name"]): round(metric["value"], 3) for metric in metrics}) if metrics else []


def comment(text):
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def paragraphs(*blocks):
    """Comments one below the other, each parted from the next by an empty comment."""
    lines = [line for block in blocks if block for line in ["#", *block]]
    return lines[1:]


def quality_comment(quality):
    """What was measured on held-out rows, and the gate below which the version is not released."""
    if not quality["metrics"]:
        return []
    lines = comment(f"Measured on {quality['rows']:,} rows: {quality['evaluatedOn']}.")
    for metric in quality["metrics"]:
        facts = [f"released from {metric['atLeast']} on"] if "atLeast" in metric else []
        facts += [f"released up to {metric['atMost']}"] if "atMost" in metric else []
        if "baseline" in metric:
            facts.append(f"{metric['baseline']['name']}: {metric['baseline']['value']:.3f}")
        lines.append(f"#   {metric['name']}: {metric['value']:.3f}" + (f" ({'; '.join(facts)})" if facts else ""))
    return lines


def data_comment(data, tools):
    if data["package"] is None:
        return comment(f"No training data: {data['name']}. Made with {tools}.")
    origin = f"Training data: {data['name']}, from {data['package']} {data['packageVersion']}. Trained with {tools}."
    return [*comment(origin), *comment(f"Citation: {data['citation']}")]


def section(key, entries):
    return [f"{key}:", *(line for name, value in entries.items() for line in entry(name, value, "  "))]


def tensor(name, steps, features):
    """A graph input: one step, or column steps side by side, one a line."""
    if not isinstance(steps, list):
        return entry(name, steps, "  ")
    columns = sum(width(step, features) for step in steps)
    return [f"  {name}: # {columns} columns, side by side", *(line for step in steps for line in item(step, "    "))]


def width(step, features):
    if "vector" in step:
        return features[step["vector"]]["length"]
    return len(step["categories"]) if "categories" in step else 1


def entry(key, value, indent=""):
    """The lines of `key: value`: one if they fit, else a nested block. A "note" in a value becomes a comment."""
    note = ""
    if isinstance(value, dict) and "note" in value:
        note = f" # {value['note']}"
        value = {name: item for name, item in value.items() if name != "note"}
    line = f"{indent}{key}: {flow(value)}{note}"
    if len(line) <= WIDTH or isinstance(value, (int, float)):
        return [line]
    if isinstance(value, dict):
        inner = [line for name, item in value.items() for line in entry(name, item, indent + "  ")]
        return [f"{indent}{key}:{note}", *inner]
    if isinstance(value, list):
        return wrapped(f"{indent}{key}: [", ", ".join(map(flow, value)) + "]", indent + "  ")
    return [f"{indent}{key}: >-", *wrapped(f"{indent}  ", value, indent + "  ")]


def item(value, indent):
    """A mapping as an item of a list."""
    line = f"{indent}- {flow(value)}"
    if len(line) <= WIDTH:
        return [line]
    first, *rest = (line for name, part in value.items() for line in entry(name, part, indent + "  "))
    return [f"{indent}- {first.lstrip()}", *rest]


def wrapped(start, text, indent):
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def flow(value):
    """A value in YAML's one-line form."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def scalar(value):
    """Text without quotes where nothing in it could be mistaken; whole numbers without a fraction."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in RESERVED and value == value.strip():
        return value
    return json.dumps(value, ensure_ascii=False)
