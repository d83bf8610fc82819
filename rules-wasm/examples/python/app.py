"""The component: what Postern calls, on top of `rules`."""

import json

import rules
from wit_world import exports
from wit_world.exports.rule_pack import Answer, Asset, Evidence, Judgement, Severity, Verdict

VERDICTS = {
    "pass": Verdict.PASS,
    "fail": Verdict.FAIL,
    "unknown": Verdict.UNKNOWN,
    "not-applicable": Verdict.NOT_APPLICABLE,
}
SEVERITIES = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
}


class RulePack(exports.RulePack):
    def describe(self) -> str:
        return json.dumps(rules.manifest())

    def evaluate(self, assets: list[Asset], settings: list[str], taken_at: str) -> Answer:
        texts = rules.Texts()
        scopes = [json.loads(scope) for scope in settings]
        judgements, evidence = [], []
        for position, asset in enumerate(assets):
            for number, rule in enumerate(rules.RULES):
                if rule.concerns(asset.asset_type):
                    judged = rules.judge(rule, asset.document, scopes[asset.settings])
                    severity = SEVERITIES[rule.manifest["severity"]]
                    judgements.append(as_wire(position, number, severity, judged, texts))
                    evidence.extend(evidence_as_wire(item, texts) for item in judged.evidence)
        return Answer(texts.texts, judgements, evidence)


def as_wire(
    asset: int, rule: int, severity: Severity, judged: rules.Judgement, texts: rules.Texts
) -> Judgement:
    summary = texts.position(judged.summary)
    count = len(judged.evidence)
    return Judgement(asset, rule, VERDICTS[judged.verdict], severity, summary, count)


def evidence_as_wire(item: rules.Evidence, texts: rules.Texts) -> Evidence:
    return Evidence(
        path=texts.position(item.path),
        # JSON text; none where the value is absent.
        actual=None if item.actual is None else texts.position(json.dumps(item.actual)),
        expected=texts.position(item.expected),
        note=None if item.note is None else texts.position(item.note),
    )
