// Run with `npm test`: the rules without WebAssembly.

import assert from "node:assert/strict";
import { test } from "node:test";

import { judge, rules } from "./rules.js";

const forbidden = { state: "unreadable", reason: { message: "Forbidden.", action: "a/b/read" } };
const read = (...value) => ({ state: "read", value });
const deployment = (capacity) => ({ name: "chat", sku: { name: "Standard", capacity } });
const account = ({ kind = "OpenAI", tags, deployments = read() } = {}) => ({
  resource: { kind, tags, properties: {} },
  related: { deployments },
});

const cases = [
  ["HOUSE-01", account({ tags: { CostCentre: "4711" } }), {}, "pass"],
  ["HOUSE-01", account({ tags: { costCentre: " " } }), {}, "fail"],
  ["HOUSE-01", account(), {}, "fail"],
  ["HOUSE-01", account({ tags: null }), {}, "fail"],
  ["HOUSE-01", account({ tags: { kst: "4711" } }), { costCentreTag: "kst" }, "pass"],
  ["HOUSE-01", account({ tags: ["costCentre"] }), {}, "unknown"],
  ["HOUSE-02", account({ deployments: read(deployment(100)) }), {}, "pass"],
  ["HOUSE-02", account({ deployments: read(deployment(101)) }), {}, "fail"],
  ["HOUSE-02", account({ deployments: read(deployment(101)) }), { maximumDeploymentCapacity: 200 }, "pass"],
  ["HOUSE-02", account({ deployments: read(deployment(null)) }), {}, "unknown"],
  ["HOUSE-02", account({ deployments: read(deployment("10")) }), {}, "unknown"],
  ["HOUSE-02", account({ deployments: forbidden }), {}, "unknown"],
  ["HOUSE-02", account({ deployments: { ...forbidden, partial: [deployment(1)] } }), {}, "unknown"],
  ["HOUSE-02", account({ deployments: { ...forbidden, partial: [deployment(101)] } }), {}, "fail"],
  ["HOUSE-02", account(), {}, "not-applicable"],
  ["HOUSE-02", account({ kind: "SpeechServices" }), {}, "not-applicable"],
  ["HOUSE-02", null, {}, "unknown"],
];

for (const [id, document, set, verdict] of cases) {
  test(`${id} says ${verdict} of ${JSON.stringify(document)}`, () => {
    const rule = rules.find((rule) => rule.manifest.id === id);
    const judged = judge(rule, JSON.stringify(document), set);
    assert.equal(judged.verdict, verdict);
    assert.ok(judged.evidence.length > 0);
  });
}
