"""Run with `python -m unittest`: the rules without WebAssembly."""

import json
import unittest

import rules

FORBIDDEN = {"state": "unreadable", "reason": {"message": "Forbidden.", "action": "a/b/read"}}


def account(kind="OpenAI", tags=None, deployments=None):
    fact = deployments if isinstance(deployments, dict) else {"state": "read", "value": deployments or []}
    return {"resource": {"kind": kind, "tags": tags, "properties": {}}, "related": {"deployments": fact}}


def deployment(capacity):
    return {"name": "chat", "sku": {"name": "Standard", "capacity": capacity}}


CASES = [
    ("HOUSE-01", account(tags={"CostCentre": "4711"}), {}, "pass"),
    ("HOUSE-01", account(tags={"costCentre": " "}), {}, "fail"),
    ("HOUSE-01", account(), {}, "fail"),
    ("HOUSE-01", account(tags={"kst": "4711"}), {"costCentreTag": "kst"}, "pass"),
    ("HOUSE-01", account(tags=["costCentre"]), {}, "unknown"),
    ("HOUSE-02", account(deployments=[deployment(100)]), {}, "pass"),
    ("HOUSE-02", account(deployments=[deployment(101)]), {}, "fail"),
    ("HOUSE-02", account(deployments=[deployment(101)]), {"maximumDeploymentCapacity": 200}, "pass"),
    ("HOUSE-02", account(deployments=[deployment(None)]), {}, "unknown"),
    ("HOUSE-02", account(deployments=[deployment(True)]), {}, "unknown"),
    ("HOUSE-02", account(deployments=FORBIDDEN), {}, "unknown"),
    ("HOUSE-02", account(deployments=FORBIDDEN | {"partial": [deployment(1)]}), {}, "unknown"),
    ("HOUSE-02", account(deployments=FORBIDDEN | {"partial": [deployment(101)]}), {}, "fail"),
    ("HOUSE-02", account(deployments=[]), {}, "not-applicable"),
    ("HOUSE-02", account(kind="SpeechServices"), {}, "not-applicable"),
    ("HOUSE-02", [], {}, "unknown"),
]


class Rules(unittest.TestCase):
    def test_cases(self):
        by_id = {rule.id: rule for rule in rules.RULES}
        for id, document, settings, verdict in CASES:
            with self.subTest(id=id, document=document):
                judged = rules.judge(by_id[id], json.dumps(document), settings)
                self.assertEqual(judged.verdict, verdict, judged)
                self.assertTrue(judged.evidence)


if __name__ == "__main__":
    unittest.main()
