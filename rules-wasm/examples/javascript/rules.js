// The rules: plain functions from an asset's document and settings to a judgement.
// Nothing here knows WebAssembly, so `node --test` runs it as it is.

const ACCOUNT = "microsoft.cognitiveservices/accounts";
const SEARCH = "microsoft.search/searchservices";

export const settings = [
  {
    name: "costCentreTag",
    schema: {
      type: "string",
      pattern: "\\S",
      description: "The name of the tag that holds the cost centre.",
      default: "costCentre",
    },
    default: "costCentre",
  },
  {
    name: "maximumDeploymentCapacity",
    schema: {
      type: "integer",
      minimum: 1,
      description: "The largest capacity of a deployment, in thousands of tokens a minute.",
      default: 100,
    },
    default: 100,
  },
];
const defaults = Object.fromEntries(settings.map((setting) => [setting.name, setting.default]));

/** HOUSE-01. */
function judgeCostCentre(document, { costCentreTag }) {
  const tags = document.resource?.tags ?? undefined;
  if (tags !== undefined && (typeof tags !== "object" || Array.isArray(tags))) {
    return unknown({ path: "tags", actual: tags, expected: "an object", note: "This is not an object." });
  }
  for (const [name, value] of Object.entries(tags ?? {})) {
    // Azure compares the names of tags without regard to case.
    const isIt = name.toLowerCase() === costCentreTag.toLowerCase();
    if (isIt && typeof value === "string" && value.trim() !== "") {
      const evidence = [{ path: `tags["${name}"]`, actual: value, expected: "a cost centre" }];
      return { verdict: "pass", summary: "The resource names its cost centre.", evidence };
    }
  }
  const evidence = [{ path: "tags", actual: tags, expected: `a tag ${costCentreTag}` }];
  return { verdict: "fail", summary: "The resource does not name its cost centre.", evidence };
}

/** HOUSE-02. */
function judgeCapacity(document, { maximumDeploymentCapacity: most }) {
  const kind = document.resource?.kind ?? undefined;
  if (typeof kind !== "string" || !["openai", "aiservices"].includes(kind.toLowerCase())) {
    const evidence = [{ path: "kind", actual: kind, expected: "OpenAI or AIServices" }];
    return { verdict: "not-applicable", summary: "An account of this kind has no deployments.", evidence };
  }
  const { entries, gap } = related(document, "deployments");
  if (entries === undefined) {
    return unknown(gap);
  }
  const good = [];
  const bad = [];
  let unread = gap;
  entries.forEach((deployment, position) => {
    const capacity = deployment?.sku?.capacity ?? undefined;
    const evidence = {
      path: `deployments[${position}].sku.capacity`,
      actual: capacity,
      expected: `at most ${most}`,
    };
    if (!Number.isInteger(capacity)) {
      unread ??= { ...evidence, note: "Azure does not give the capacity." };
    } else {
      (capacity > most ? bad : good).push(evidence);
    }
  });
  // What was not read to its end is enough to fail, never to pass.
  if (bad.length > 0) {
    const summary = "A deployment has more capacity than agreed.";
    return { verdict: "fail", summary, evidence: bad.slice(0, 20) };
  }
  if (unread !== undefined) {
    return unknown(unread);
  }
  if (good.length === 0) {
    const evidence = [{ path: "deployments", actual: [], expected: "a deployment" }];
    return { verdict: "not-applicable", summary: "The account has no deployments.", evidence };
  }
  const summary = "Every deployment is within the agreed capacity.";
  return { verdict: "pass", summary, evidence: good.slice(0, 20) };
}

/** A related fact: its entries as far as they were read, and what is missing if anything is. */
function related(document, name) {
  const fact = document.related?.[name];
  const missing = (note) => ({ path: name, expected: "a list that could be read", note });
  if (fact === undefined) {
    return { gap: missing("It was not read in this snapshot.") };
  }
  if (fact.state === "read") {
    const isList = Array.isArray(fact.value);
    return isList ? { entries: fact.value } : { gap: missing("Azure's answer is not a list.") };
  }
  const { message = "Azure did not answer.", action } = fact.reason ?? {};
  const note = action === undefined ? message : `${message} (needs the action ${action})`;
  return { entries: fact.partial ?? undefined, gap: missing(note) };
}

function unknown(evidence) {
  const summary = `${evidence.path} could not be read, so this cannot be judged.`;
  return { verdict: "unknown", summary, evidence: [evidence] };
}

// Judgements name a rule by its position in the manifest.
export const rules = [
  {
    manifest: {
      id: "HOUSE-01",
      title: "The resource names its cost centre",
      topic: "policy",
      severity: "low",
      severity_reason: "our own convention",
      rationale: "Costs of AI services are shared out by cost centre. Without the tag nobody pays.",
      asset_types: [ACCOUNT, SEARCH],
      verdicts: ["pass", "fail", "unknown"],
      reads: [{ path: "tags", source: "Accounts_List 2025-06-01", absent: "no tags" }],
      settings: ["costCentreTag"],
      remediation: {
        summary: "Tag the resource.",
        az: "az tag update --resource-id $ID --operation Merge --tags costCentre=<number>",
      },
    },
    judge: judgeCostCentre,
  },
  {
    manifest: {
      id: "HOUSE-02",
      title: "Deployments are within the agreed capacity",
      topic: "models",
      severity: "medium",
      severity_reason: "our own convention",
      rationale: "Capacity bounds what a stolen key can cost. More needs an agreement.",
      asset_types: [ACCOUNT],
      exceptions: ["Accounts of other kinds than OpenAI and AIServices.", "Accounts without deployments."],
      reads: [
        {
          path: "deployments[].sku.capacity",
          source: "Deployments_List 2025-06-01",
          absent: "not documented",
        },
      ],
      settings: ["maximumDeploymentCapacity"],
      remediation: { summary: "Lower the capacity of the deployment." },
    },
    judge: judgeCapacity,
  },
].sort((one, other) => (one.manifest.id < other.manifest.id ? -1 : 1));

export const manifest = {
  name: "example-javascript",
  version: "1.0.0",
  description: "An example of a rule pack in JavaScript.",
  settings,
  rules: rules.map((rule) => rule.manifest),
};

/** One rule on one asset; never throws, because that would lose the whole batch. */
export function judge(rule, document, set) {
  try {
    return rule.judge(JSON.parse(document), { ...defaults, ...set });
  } catch (error) {
    const expected = "a document that the rule understands";
    return unknown({ path: "document", expected, note: String(error) });
  }
}
