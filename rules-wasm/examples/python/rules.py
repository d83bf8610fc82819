"""The rules: plain functions from an asset's document and settings to a judgement.

Nothing here knows WebAssembly, so `python -m unittest` runs it as it is.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Callable

ACCOUNT = "microsoft.cognitiveservices/accounts"
SEARCH = "microsoft.search/searchservices"


@dataclass
class Evidence:
    """One property that a judgement rests on."""

    path: str
    actual: Any
    expected: str
    note: str | None = None


@dataclass
class Judgement:
    """`verdict` is pass, fail, unknown or not-applicable; `evidence` is never empty."""

    verdict: str
    summary: str
    evidence: list[Evidence]


@dataclass
class Rule:
    """What a rule says of itself, and how it judges."""

    manifest: dict
    judge: Callable[[dict, dict], Judgement]

    @property
    def id(self) -> str:
        return self.manifest["id"]

    def concerns(self, asset_type: str) -> bool:
        return asset_type in self.manifest["asset_types"]


SETTINGS = [
    {
        "name": "costCentreTag",
        "schema": {
            "type": "string",
            "pattern": "\\S",
            "description": "The name of the tag that holds the cost centre.",
            "default": "costCentre",
        },
        "default": "costCentre",
    },
    {
        "name": "maximumDeploymentCapacity",
        "schema": {
            "type": "integer",
            "minimum": 1,
            "description": "The largest capacity of a deployment, in thousands of tokens a minute.",
            "default": 100,
        },
        "default": 100,
    },
]
DEFAULTS = {setting["name"]: setting["default"] for setting in SETTINGS}


def judge_cost_centre(document: dict, settings: dict) -> Judgement:
    """HOUSE-01."""
    wanted = settings["costCentreTag"]
    tags = document.get("resource", {}).get("tags")
    if tags is not None and not isinstance(tags, dict):
        return unknown(Evidence("tags", tags, "an object", "This is not an object."))
    for name, value in (tags or {}).items():
        # Azure compares the names of tags without regard to case.
        if name.lower() == wanted.lower() and isinstance(value, str) and value.strip():
            evidence = Evidence(f'tags["{name}"]', value, "a cost centre")
            return Judgement("pass", "The resource names its cost centre.", [evidence])
    evidence = Evidence("tags", tags, f"a tag {wanted}")
    return Judgement("fail", "The resource does not name its cost centre.", [evidence])


def judge_capacity(document: dict, settings: dict) -> Judgement:
    """HOUSE-02."""
    kind = document.get("resource", {}).get("kind")
    if not isinstance(kind, str) or kind.lower() not in ("openai", "aiservices"):
        evidence = Evidence("kind", kind, "OpenAI or AIServices")
        return Judgement("not-applicable", "An account of this kind has no deployments.", [evidence])

    deployments, gap = related(document, "deployments")
    if deployments is None:
        return unknown(gap)
    most = settings["maximumDeploymentCapacity"]
    good, bad, unread = [], [], gap
    for position, deployment in enumerate(deployments):
        sku = deployment.get("sku") if isinstance(deployment, dict) else None
        capacity = sku.get("capacity") if isinstance(sku, dict) else None
        evidence = Evidence(f"deployments[{position}].sku.capacity", capacity, f"at most {most}")
        # `type` and not `isinstance`: in Python true and false are integers too.
        if type(capacity) is not int:
            evidence.note = "Azure does not give the capacity."
            unread = unread or evidence
        elif capacity > most:
            bad.append(evidence)
        else:
            good.append(evidence)
    # What was not read to its end is enough to fail, never to pass.
    if bad:
        return Judgement("fail", "A deployment has more capacity than agreed.", bad[:20])
    if unread:
        return unknown(unread)
    if not good:
        evidence = Evidence("deployments", [], "a deployment")
        return Judgement("not-applicable", "The account has no deployments.", [evidence])
    return Judgement("pass", "Every deployment is within the agreed capacity.", good[:20])


def related(document: dict, name: str) -> tuple[list | None, Evidence | None]:
    """A related fact: its entries as far as they were read, and what is missing if anything is."""
    fact = document.get("related", {}).get(name)
    wanted = "a list that could be read"
    if fact is None:
        return None, Evidence(name, None, wanted, "It was not read in this snapshot.")
    if fact.get("state") == "read":
        entries = fact.get("value")
        if not isinstance(entries, list):
            return None, Evidence(name, None, wanted, "Azure's answer is not a list.")
        return entries, None
    reason = fact.get("reason", {})
    note = reason.get("message", "Azure did not answer.")
    if "action" in reason:
        note += f" (needs the action {reason['action']})"
    return fact.get("partial"), Evidence(name, None, wanted, note)


def unknown(evidence: Evidence) -> Judgement:
    summary = f"{evidence.path} could not be read, so this cannot be judged."
    return Judgement("unknown", summary, [evidence])


RULES = [
    Rule(
        {
            "id": "HOUSE-01",
            "title": "The resource names its cost centre",
            "topic": "policy",
            "severity": "low",
            "severity_reason": "our own convention",
            "rationale": "Costs of AI services are shared out by cost centre. Without the tag nobody pays.",
            "asset_types": [ACCOUNT, SEARCH],
            "verdicts": ["pass", "fail", "unknown"],
            "reads": [{"path": "tags", "source": "Accounts_List 2025-06-01", "absent": "no tags"}],
            "settings": ["costCentreTag"],
            "remediation": {
                "summary": "Tag the resource.",
                "az": "az tag update --resource-id $ID --operation Merge --tags costCentre=<number>",
            },
        },
        judge_cost_centre,
    ),
    Rule(
        {
            "id": "HOUSE-02",
            "title": "Deployments are within the agreed capacity",
            "topic": "models",
            "severity": "medium",
            "severity_reason": "our own convention",
            "rationale": "Capacity bounds what a stolen key can cost. More needs an agreement.",
            "asset_types": [ACCOUNT],
            "exceptions": ["Accounts of other kinds than OpenAI and AIServices.", "Accounts without deployments."],
            "reads": [
                {
                    "path": "deployments[].sku.capacity",
                    "source": "Deployments_List 2025-06-01",
                    "absent": "not documented",
                }
            ],
            "settings": ["maximumDeploymentCapacity"],
            "remediation": {"summary": "Lower the capacity of the deployment."},
        },
        judge_capacity,
    ),
]
# Judgements name a rule by its position in the manifest.
RULES.sort(key=lambda rule: rule.id)


def manifest() -> dict:
    return {
        "name": "example-python",
        "version": "1.0.0",
        "description": "An example of a rule pack in Python.",
        "settings": SETTINGS,
        "rules": [rule.manifest for rule in RULES],
    }


@dataclass
class Texts:
    """Each text once, with its position: that is how texts cross to Postern."""

    texts: list[str] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)

    def position(self, text: str) -> int:
        if text not in self.positions:
            self.positions[text] = len(self.texts)
            self.texts.append(text)
        return self.positions[text]


def judge(rule: Rule, document: str, settings: dict) -> Judgement:
    """One rule on one asset; never raises, because that would lose the whole batch."""
    try:
        return rule.judge(json.loads(document), DEFAULTS | settings)
    except Exception as error:
        evidence = Evidence("document", None, "a document that the rule understands", repr(error))
        return unknown(evidence)
