#!/usr/bin/env python3
"""Makes the shipped catalog from snapshots of public data.

    scripts/build-catalog.py DATA_FOLDER src/Catalog/Shipped/catalog.json.gz docs/catalog-crosscheck.md

The first output is (compressed) a configuration document like any an operator writes (docs/operations/configuration.md): facts only, in our own arrangement,
with the source and date of every file it was made from. Prices never pass through a binary float. Needs Python 3.10, nothing else.

Which file says what (docs/catalog.md explains why):
  openrouter_models, openrouter_model_endpoints   models, endpoints, limits, prices, parameters
  openrouter_endpoints_upstream                   the name a provider knows a model by, protocol, policies, by (model, variant, tag)
  providers.json, openrouter_providers            addresses, key variables, authentication, policies
  zdr_endpoints.csv, openrouter_catalog_index     zero-data-retention endpoints, by display name
  models.dev                                      holes only: knowledge cut-off dates
  litellm                                         nothing: compared with the result, in REPORT.md
"""
import csv
import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

DATES = {
    "openrouter_models.json": ("2026-08-22", "openrouter.ai/api/v1/models, archived by dthinkr/openrouter-uptime", "public API; archive MIT",
                               "model ids, names, limits, parameters, reasoning controls"),
    "openrouter_model_endpoints.json": ("2026-08-22", "openrouter.ai/api/v1/models/{id}/endpoints, archived by dthinkr/openrouter-uptime",
                                        "public API; archive MIT", "endpoints, prices, limits, parameters"),
    "openrouter_providers.json": ("2026-08-22", "openrouter.ai/api/v1/providers, archived by dthinkr/openrouter-uptime", "public API; archive MIT",
                                  "provider names and policy addresses"),
    "openrouter_endpoints_upstream.jsonl": ("2026-08-08", "sui414/openrouter-pricing-data", "no licence: single facts only",
                                            "upstream model ids, protocols, tool choice, policies"),
    "openrouter_catalog_index.jsonl": ("2026-08-08", "sui414/openrouter-pricing-data", "no licence: single facts only", "display names to ids"),
    "models_dev_providers.json": ("2026-07-02", "anomalyco/models.dev", "MIT", "knowledge cut-off dates where missing"),
    "providers.json": ("2026-08-08", "compiled from the directories above and providers' documentation", "facts",
                       "addresses, key variables, authentication, policies"),
    "zdr_endpoints.csv": ("2026-08-08", "public list of zero-data-retention endpoints", "facts", "zero data retention"),
}

FAMILY_PROTOCOL = {
    "openai_chat": "openai-chat", "mistral_chat": "openai-chat", "openai_responses": "openai-responses", "anthropic_messages": "anthropic-messages",
    "gemini": "gemini", "bedrock": "bedrock", "azure_openai": "azure-openai", "cohere_v2": "cohere", "ollama": "ollama",
}

# Hosts of the responses family that also speak openai-chat are reached that way until that dialect exists (operator contract).
ALSO_CHAT = {"openai", "xai"}

# OpenAI serves these only through its responses interface (its model pages; litellm's mode agrees): chat/completions answers 404.
RESPONSES_ONLY = re.compile(r"(-pro(-\d{4}-\d\d-\d\d)?$|codex)")

# How a host is asked for reasoning (providers contract §4.4). Hosts that are not named take reasoning_effort, as most vLLM-based ones do.
THINKING_TYPE = {"deepseek", "moonshotai", "z-ai", "seed", "minimax", "xiaomi"}
ENABLE_THINKING = {"alibaba", "siliconflow", "novita"}
TEMPLATE_KWARGS = {"coreweave", "nvidia", "friendli", "parasail", "chutes", "crusoe"}
TEMPLATE_ARGS = {"baseten"}
THINK_TAGS = {"minimax", "perplexity"}  # reasoning arrives as <think> in the content (§4.1)

# The same upstream model as another entry, but meant with a setting (speed, image tool, effort, search mode) that this version does not send:
# dispatching it would charge for what was not asked.
WITH_A_SETTING = re.compile(r"^(anthropic/.*-fast|openai/.*-image(-mini|-\d)?|openai/o\d-mini-high|perplexity/sonar-pro-search)$")

PLACEHOLDERS = {"{account_id}": "{CLOUDFLARE_ACCOUNT_ID}", "{resource}": "{AZURE_RESOURCE_NAME}", "{region}": "{AWS_REGION}",
                "{location}": "{GOOGLE_VERTEX_LOCATION}"}

PRICE_KEYS = ["prompt", "completion", "request", "image", "image_token", "image_output", "audio", "audio_output", "input_audio_cache", "web_search",
              "internal_reasoning", "input_cache_read", "input_cache_write", "input_cache_write_1h"]


def load(folder, name):
    with open(folder / name, encoding="utf-8") as f:
        if name.endswith(".jsonl"):
            return [json.loads(line, parse_float=Decimal) for line in f]
        return json.load(f, parse_float=Decimal)


def price(text):
    """A price as plain decimal text."""
    value = Decimal(str(text))
    if value < 0:
        raise ValueError(f"negative price {text}")
    plain = format(value, "f")
    return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain


def pricing(source):
    out = {k: price(source[k]) for k in PRICE_KEYS if source.get(k) is not None}
    if source.get("discount"):
        out["discount"] = source["discount"]
    if source.get("overrides"):
        out["overrides"] = [{k: (price(v) if k in PRICE_KEYS else v) for k, v in o.items()} for o in source["overrides"]]
    return out


def tidy(record):
    """Without members that say nothing."""
    return {k: v for k, v in record.items() if v is not None and v != [] and v != {} and v is not False}


def policy(source, training, retains, days, publish):
    out = {"training": source.get(training), "retains_prompts": source.get(retains), "retention_days": source.get(days), "can_publish": source.get(publish)}
    return {k: v for k, v in out.items() if v is not None} or None


class Providers:
    def __init__(self, folder):
        self.known = {p["slug"]: p for p in load(folder, "providers.json")}
        self.listed = {p["slug"]: p for p in load(folder, "openrouter_providers.json")["data"]}
        self.records = {slug: self.record(p) for slug, p in self.known.items()}
        # The same host and key under a second name: a faster pool of its own.
        self.records["sambanova-turbo"] = dict(self.records["sambanova"], slug="sambanova-turbo")

    def get(self, slug):
        if slug not in self.records:
            p = self.listed[slug]
            self.records[slug] = tidy({
                "slug": slug, "name": p["name"], "protocol": "other", "key_required": True, "headquarters": p["headquarters"],
                "datacenters": p["datacenters"], "privacy_policy_url": p["privacy_policy_url"], "terms_of_service_url": p["terms_of_service_url"],
                "status_page_url": p["status_page_url"]})
        return self.records[slug]

    @staticmethod
    def record(p):
        slug, auth, url = p["slug"], p["auth"], p["base_url"]
        protocol = "openai-chat" if slug in ALSO_CHAT else FAMILY_PROTOCOL.get(p["protocol_family"], "other")
        if slug == "google-vertex":
            protocol = "vertex"
        local = auth == "none_or_bearer"
        for placeholder, variable in PLACEHOLDERS.items():
            url = url and url.replace(placeholder, variable)
        names = [n for n in [p["api_key_env"], *(p["env_vars"] or [])]
                 if n and re.search(r"KEY|TOKEN", n) and not re.search(r"ACCESS_KEY|SESSION_TOKEN", n)]
        if slug == "digitalocean":
            names = ["DIGITALOCEAN_ACCESS_TOKEN"]
        names = list(dict.fromkeys(names))
        record = tidy({
            "slug": slug, "name": p["name"], "protocol": protocol, "base_url": url, "api_key_env": names[0] if len(names) == 1 else names,
            "key_required": not local, "can_abort": p["supports_stream_cancellation"],
            "data_policy": policy(p["data_policy"] or {}, "trains_on_data", "retains_prompts", "retention_days", "can_publish"),
            "headquarters": p["headquarters"], "datacenters": p["datacenters"], "privacy_policy_url": p["privacy_policy_url"],
            "terms_of_service_url": p["terms_of_service_url"], "status_page_url": p["status_page_url"], "allow_private_network": local})
        if local:
            record["key_required"] = False
        return record


class Upstream:
    """Facts of the upstream snapshot by (model, variant, tag); it is two weeks older than the listing, in which some tags were renamed."""

    def __init__(self, folder, listing):
        self.by_tag, self.by_provider = defaultdict(list), defaultdict(list)
        for e in load(folder, "openrouter_endpoints_upstream.jsonl"):
            self.by_tag[(e["model"], e["variant"], e["tag"])].append(e)
            self.by_provider[(e["model"], e["variant"], e["tag"].split("/")[0])].append(e)
        self.listed_tags = {(*split(m), e["tag"]) for m, answer in listing.items() for e in answer["data"]["endpoints"]}
        self.counts = Counter()

    def find(self, model, endpoint):
        base, variant = split(model)
        tag = endpoint["tag"]
        if records := self.by_tag.get((base, variant, tag)):
            self.counts["joined by model, variant and tag"] += 1
            # Two endpoints under one tag are told apart by their price.
            return next((r for r in records if r["pricing"]["prompt"] == endpoint["pricing"]["prompt"]), records[0])
        siblings = self.by_provider[(base, variant, tag.split("/")[0])]
        # A renamed tag: the provider had exactly one endpoint of the model, that tag is gone, and the quantization does not contradict.
        if len(siblings) == 1 and (base, variant, siblings[0]["tag"]) not in self.listed_tags and not tier(tag):
            both = {endpoint["quantization"], siblings[0]["quantization"]} - {"unknown", None}
            if len(both) < 2 and region(tag) == region(siblings[0]["tag"]):
                self.counts["joined by a renamed tag"] += 1
                return siblings[0]
        self.counts["without upstream record"] += 1
        return None


def split(model):
    base, _, variant = model.partition(":")
    return base, variant or "standard"


def tier(tag):
    return tag.split("/")[-1] if tag.split("/")[-1] in ("flex", "priority") else None


def region(tag):
    """The part of a tag that is neither provider nor quantization."""
    return [part for part in tag.split("/")[1:] if not re.fullmatch(r"(fp|int|bf|mxfp|nvfp)\d+", part)]


def protocol_of(provider, upstream):
    """Where an endpoint speaks something else than its provider."""
    adapter = upstream["adapter"]
    if provider == "openai" and adapter == "OpenAIResponsesAdapter" and RESPONSES_ONLY.search(upstream["model"]):
        return "openai-responses"
    return None


def why_not(model, endpoint, provider, upstream):
    """What the program cannot see for itself from the other members."""
    tag = endpoint["tag"]
    if tier(tag):
        return f"it is the {tier(tag)} service tier, which not every account with a provider has. An endpoint of your own file with this tag is dispatched."
    if "zdr" in tag.split("/")[1:]:
        return "it needs a zero-data-retention agreement of your own account with the provider."
    if provider == "claude-on-aws" or (upstream and "ClaudeOnAws" in upstream["adapter"]):
        return "it needs the workspace header of Claude on AWS, which this version does not send."
    if WITH_A_SETTING.match(model):
        return "it is another entry's upstream model with a setting that this version does not send."
    if upstream and not upstream["has_chat_completions"]:
        return "the provider serves it only through text completions, which this version does not offer."
    return None


def reasoning_form(provider, protocol, model, parameters):
    if protocol != "openai-chat" or not {"reasoning", "reasoning_effort", "include_reasoning"} & set(parameters):
        return None
    if provider in THINKING_TYPE:
        return "thinking"
    if provider in ENABLE_THINKING:
        return "enable_thinking"
    if provider in TEMPLATE_KWARGS:
        return "chat_template_kwargs"
    if provider in TEMPLATE_ARGS:
        return "chat_template_args"
    if provider == "together" and "gpt-oss" not in model:
        return "reasoning"
    if provider in ("xai", "mistral", "perplexity") and "reasoning_effort" not in parameters:
        return "none"  # these refuse what a model does not list
    return "reasoning_effort"


def tool_choice(upstream):
    forms = upstream["supports_tool_choice"] or {}
    taken = [name for name, key in (("none", "literal_none"), ("auto", "literal_auto"), ("required", "literal_required"), ("function", "type_function"))
             if forms.get(key, True)]
    return None if len(taken) == 4 else taken


class Zdr:
    def __init__(self, folder, providers):
        display = defaultdict(set)
        for m in load(folder, "openrouter_catalog_index.jsonl"):
            display[m["name"]].add(m["slug"])
        for m in load(folder, "openrouter_models.json")["data"]:
            display[re.sub(r" \((free|batch)\)$", "", m["name"])].add(split(m["id"])[0])
        slugs = {p["openrouter_display_name"]: p["slug"] for p in providers.known.values() if p["openrouter_display_name"]}
        self.pairs, self.rows, self.unknown = set(), 0, 0
        with open(folder / "zdr_endpoints.csv", encoding="utf-8") as f:
            for row in csv.DictReader(f):
                self.rows += 1
                models, provider = display.get(row["model"]), slugs.get(row["provider"])
                if models and provider:
                    self.pairs |= {(m, provider) for m in models}
                else:
                    self.unknown += 1


def convert(folder):
    models = load(folder, "openrouter_models.json")["data"]
    listing = load(folder, "openrouter_model_endpoints.json")
    providers = Providers(folder)
    upstream = Upstream(folder, listing)
    zdr = Zdr(folder, providers)
    cutoffs = knowledge(folder)
    out = []
    for m in sorted(models, key=lambda m: m["id"]):
        endpoints = [endpoint(m, e, providers, upstream, zdr) for e in listing[m["id"]]["data"]["endpoints"]]
        a, r = m["architecture"], m.get("reasoning")
        out.append(tidy({
            "id": m["id"], "canonical_slug": m["canonical_slug"], "name": m["name"], "hugging_face_id": m["hugging_face_id"] or None,
            "created": m["created"], "context_length": m["context_length"],
            "architecture": tidy({k: a[k] for k in ("modality", "input_modalities", "output_modalities", "tokenizer", "instruct_type")}),
            "supported_parameters": m["supported_parameters"] if not endpoints else None,
            "default_parameters": {k: v for k, v in (m["default_parameters"] or {}).items() if v is not None},
            "reasoning": r and {k: r[k] for k in ("mandatory", "default_effort", "default_enabled", "supported_efforts", "supports_max_tokens")
                                if r.get(k) is not None},
            "knowledge_cutoff": m["knowledge_cutoff"] or cutoffs.get(split(m["id"])[0]), "expiration_date": m["expiration_date"],
            "alias_target": (m.get("alias_target") or {}).get("slug"), "endpoints": endpoints}))
    sources = [{"file": f, "date": d, "origin": o, "licence": l, "facts": w} for f, (d, o, l, w) in DATES.items()]
    records = sorted(providers.records.values(), key=lambda p: p["slug"])
    return {"sources": sources, "providers": records, "models": out}, upstream, zdr


def endpoint(m, e, providers, upstreams, zdr):
    slug = e["tag"].split("/")[0]
    provider = providers.get(slug)
    u = upstreams.find(m["id"], e)
    protocol = (u and protocol_of(slug, u)) or None
    parameters = sorted(e["supported_parameters"])
    if u:  # what the listing names and the upstream record excludes is not sent
        parameters = [p for p in parameters if p not in set(u["excluded_parameters"] or [])]
    own_policy = u and policy(u["data_policy"] or {}, "training", "retainsPrompts", "retentionDays", "canPublish")
    features = (u or {}).get("features") or {}
    abort = u["can_abort"] if u else None
    thinks = "reasoning" in parameters
    record = tidy({
        "id": u and u["endpoint_id"], "provider": slug, "tag": e["tag"], "model": u and (u["provider_model_id"] or "").strip() or None, "protocol": protocol,
        "quantization": None if e["quantization"] == "unknown" else e["quantization"], "context_length": e["context_length"] or None,
        "max_completion_tokens": e["max_completion_tokens"] or None, "max_prompt_tokens": e["max_prompt_tokens"] or None,
        "pricing": pricing(e["pricing"]), "supported_parameters": parameters,
        "allowed_passthrough_parameters": u and u["allowed_passthrough_parameters"],
        "supports_implicit_caching": e["supports_implicit_caching"],
        "is_moderated": u["moderation_required"] if u else m["top_provider"]["is_moderated"],
        "data_policy": own_policy if own_policy and own_policy != provider.get("data_policy") else None,
        "zdr": (split(m["id"])[0], slug) in zdr.pairs,
        "reasoning_form": reasoning_form(slug, protocol or provider["protocol"], m["id"], parameters),
        "reasoning_mandatory": features.get("is_mandatory_reasoning"),
        "reasoning_in_content": features.get("reasoning_return_mechanism") == "content-string" or (thinks and slug in THINK_TAGS),
        "tool_choice": u and tool_choice(u), "not_dispatchable": why_not(m["id"], e, slug, u)})
    if abort is not None and abort != provider.get("can_abort", False):
        record["can_abort"] = abort
    return record


def knowledge(folder):
    """models.dev fills a hole where the same model under the same maker's name states its cut-off."""
    makers = {"openai": "openai", "anthropic": "anthropic", "google": "google", "mistral": "mistralai", "xai": "x-ai", "deepseek": "deepseek"}
    found = {}
    for maker, author in makers.items():
        for key, m in load(folder, "models_dev_providers.json").get(maker, {}).get("models", {}).items():
            if m.get("knowledge"):
                found[f"{author}/{key}"] = m["knowledge"]
    return found


def crosscheck(folder, catalog, upstream, zdr):
    """Compares prices with litellm's file by (provider, upstream id). Short on purpose: counts and the largest differences."""
    names = {"openai": "openai", "anthropic": "anthropic", "gemini": "google-ai-studio", "groq": "groq", "mistral": "mistral", "deepseek": "deepseek",
             "xai": "xai", "together_ai": "together", "fireworks_ai": "fireworks", "deepinfra": "deepinfra", "cerebras": "cerebras", "novita": "novita",
             "perplexity": "perplexity", "sambanova": "sambanova", "moonshot": "moonshotai", "nebius": "nebius", "dashscope": "alibaba"}
    other = {}
    for key, v in load(folder, "litellm_model_prices_and_context_window.json").items():
        provider = names.get(v.get("litellm_provider")) if isinstance(v, dict) else None
        if provider and v.get("input_cost_per_token") is not None and v.get("output_cost_per_token") is not None:
            other[(provider, key.split("/", 1)[1] if "/" in key and provider != "openai" else key)] = v
    same, rows, only_responses, agree = 0, [], 0, 0
    for m in catalog["models"]:
        for e in m.get("endpoints", []):
            v = other.get((e["provider"], e.get("model")))
            if v is None or m["id"].endswith(":batch") or tier(e["tag"]):
                continue
            if e.get("protocol") == "openai-responses":
                only_responses += 1
                agree += v.get("mode") == "responses"
            ours = (Decimal(e["pricing"]["prompt"]), Decimal(e["pricing"]["completion"]))
            theirs = (Decimal(str(v["input_cost_per_token"])), Decimal(str(v["output_cost_per_token"])))
            if ours == theirs:
                same += 1
            else:
                rows.append((max(abs(a - b) / max(a, b) for a, b in zip(ours, theirs) if max(a, b) > 0), m["id"], e["tag"], ours, theirs))
    rows.sort(key=lambda r: (-r[0], r[1], r[2]))
    million = lambda d: format((d * 1_000_000).normalize(), "f")
    endpoints = [e for m in catalog["models"] for e in m.get("endpoints", [])]
    lines = ["# Catalog cross-check", "", "Written by `scripts/build-catalog.py`; the second opinion is litellm's price file (MIT, 2026-08-01). It is never a source.", "",
             "| | |", "|---|---|", f"| models, endpoints, providers | {len(catalog['models'])}, {len(endpoints)}, {len(catalog['providers'])} |"]
    lines += [f"| endpoints {what} | {n} |" for what, n in sorted(upstream.counts.items())]
    lines += [f"| zero-data-retention rows, of which not in the catalog's names | {zdr.rows}, {zdr.unknown} |",
              f"| endpoints marked zero-data-retention by that list | {sum(1 for e in endpoints if e.get('zdr'))} |",
              f"| endpoints found in litellm by provider and upstream id | {same + len(rows)} |", f"| … with equal prompt and completion price | {same} |",
              f"| OpenAI models marked as responses-only, of which litellm agrees | {only_responses}, {agree} |", "",
              "The twenty largest differences, US dollars per million tokens, prompt / completion (a free variant is meant to differ):", "",
              "| Model | Endpoint | Here | litellm |", "|---|---|---|---|"]
    lines += [f"| {i} | {t} | {million(o[0])} / {million(o[1])} | {million(l[0])} / {million(l[1])} |" for _, i, t, o, l in rows[:20]]
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    catalog, upstream, zdr = convert(folder)
    # Decimals appear only as discounts and default parameters; both are small plain numbers.
    text = json.dumps(catalog, ensure_ascii=False, separators=(",", ":"), default=float)
    # One line per entry: a difference between two versions can be read, and a mistake has a line.
    text = text.replace('{"slug":', '\n{"slug":').replace('{"id":"', '\n{"id":"')
    out.write_bytes(gzip.compress((text + "\n").encode(), 9, mtime=0))
    Path(sys.argv[3]).write_text(crosscheck(folder, catalog, upstream, zdr), encoding="utf-8")
    print(f"{len(catalog['models'])} models, {sum(len(m.get('endpoints', [])) for m in catalog['models'])} endpoints, "
          f"{len(catalog['providers'])} providers, {len(text):,} bytes; {dict(upstream.counts)}")


if __name__ == "__main__":
    main()
