// One process and one order: asking for a scan changes what the other tests read, so it comes last.
import "./accessibility.mjs";
import "./weight.mjs";
import "./overview.mjs";
import "./trend.mjs";
import "./findings.mjs";
import "./resources.mjs";
import "./as_of.mjs";
import "./frameworks.mjs";
import "./rules.mjs";
import "./search.mjs";
import "./noscript.mjs";
import "./sign_in.mjs";
import "./provider_sign_in.mjs";
import "./tasks.mjs";
import "./exceptions_flow.mjs";
import "./admin.mjs";
import "./scan.mjs";
