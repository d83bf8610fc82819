// Every screen there is, with who looks at it: what the tests of accessibility and weight and the screenshots go through.
import { dayOfFirst, firstDiff, firstFinding, scanWithGaps } from "./browser.mjs";

/** Name, address, status, who looks (a role of the demo; nobody is null). */
const TABLE = [
  ["overview", () => "/overview"],
  ["findings", () => "/findings"],
  ["findings with filters", () => "/findings?sev=critical&sev=high&nonsense=1"],
  ["nothing matches", () => "/findings?q=no-such-asset-anywhere"],
  ["unknown findings", () => "/findings?status=unknown"],
  ["finding", firstFinding],
  ["trend", () => "/trend"],
  ["trend of a part", () => "/trend?of=owner:none&topic=networking&control=nonsense"],
  ["exceptions", () => "/exceptions"],
  ["all exceptions", () => "/exceptions?tab=all"],
  ["file an exception", newException],
  ["file an exception for nothing", () => "/exceptions/new", 422],
  ["no such exception", () => "/exceptions/X-999999999", 404],
  ["scans", () => "/scans"],
  ["scan", scanWithGaps],
  ["no such scan", () => "/scans/S-999999999", 404],
  ["what changed", firstDiff],
  ["reports", () => "/reports", 200, "auditor"],
  ["reports of a day", async () => `/reports?as_of=${await dayOfFirst()}`, 200, "auditor"],
  ["decision log", () => "/decisions", 200, "auditor"],
  ["as of a day", async () => `/overview?as_of=${await dayOfFirst()}`],
  ["findings as of a day", async () => `/findings?as_of=${await dayOfFirst()}`],
  ["before anything was known", () => "/overview?as_of=2001-01-01", 422],
  ["no such finding", () => "/findings/F-999999999", 404],
  ["no such connection", () => "/overview?connection=nowhere", 404],
  ["sign in", () => "/sign-in", 200, null],
  ["overview of a team", () => "/overview", 200, "contributor"],
  ["findings of a team", () => "/findings", 200, "contributor"],
  ["file an exception to an auditor", newException, 403, "auditor"],
  ["trend of a team", () => "/trend", 200, "contributor"],
  ["scans to a viewer", () => "/scans", 200, "viewer"],
  ["decisions of a kind", () => "/decisions?action=routing", 200, "auditor"],
  ["administration", () => "/admin", 200, "administrator"],
  ["administration to an auditor", () => "/admin", 200, "auditor"],
  ["connections", () => "/admin/connections", 200, "administrator"],
  ["schedule", () => "/admin/connections/schedule?connection=contoso-ai", 200, "administrator"],
  ["teams", () => "/admin/teams", 200, "administrator"],
  ["change teams", () => "/admin/teams/edit", 200, "administrator"],
  ["people", () => "/admin/people", 200, "administrator"],
  ["tokens", () => "/admin/tokens", 200, "administrator"],
  ["create a token", () => "/admin/tokens/new", 200, "administrator"],
  ["no such token", () => "/admin/tokens/revoke?token=T-999999999", 404, "administrator"],
  ["notifications", () => "/admin/notifications", 200, "administrator"],
  ["notifications of a team", () => "/admin/notifications", 200, "contributor"],
  ["policy", () => "/admin/policy"],
  ["change what is allowed", () => "/admin/policy/exceptions"],
  ["room", () => "/admin/policy/storage", 200, "viewer"],
  ["tokens to an engineer", () => "/admin/tokens", 403],
  ["not with your roles", () => "/scans", 403, "contributor"],
];

async function newException() {
  return (await firstFinding()).replace("/findings/", "/exceptions/new?finding=");
}

export const SCREENS = TABLE.map(([name, address, status = 200, as = "engineer"]) => ({ name, address, status, as }));
