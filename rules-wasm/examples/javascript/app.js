// The component: what Postern calls, on top of `rules.js`.

import { judge, manifest, rules } from "./rules.js";

/** The export's name is the interface's, `rule-pack`, in camel case. */
export const rulePack = {
  describe() {
    return JSON.stringify(manifest);
  },

  evaluate(assets, settings, takenAt) {
    const texts = new Texts();
    const scopes = settings.map((scope) => JSON.parse(scope));
    const judgements = [];
    const evidence = [];
    assets.forEach((asset, position) => {
      rules.forEach((rule, number) => {
        if (rule.manifest.asset_types.includes(asset.assetType)) {
          const judged = judge(rule, asset.document, scopes[asset.settings]);
          judgements.push({
            asset: position,
            rule: number,
            verdict: judged.verdict,
            severity: rule.manifest.severity,
            summary: texts.position(judged.summary),
            evidence: judged.evidence.length,
          });
          for (const item of judged.evidence) {
            evidence.push({
              path: texts.position(item.path),
              // JSON text; undefined where the value is absent.
              actual: item.actual === undefined ? undefined : texts.position(JSON.stringify(item.actual)),
              expected: texts.position(item.expected),
              note: item.note === undefined ? undefined : texts.position(item.note),
            });
          }
        }
      });
    });
    return { texts: texts.texts, judgements, evidence };
  },
};

/** Each text once, with its position: that is how texts cross to Postern. */
class Texts {
  texts = [];
  #positions = new Map();

  position(text) {
    let position = this.#positions.get(text);
    if (position === undefined) {
      position = this.texts.push(text) - 1;
      this.#positions.set(text, position);
    }
    return position;
  }
}
