# Five plain checks on an account, the same as in `rules-wasm/five-checks`: the same verdicts, summaries and evidence.
package five

import rego.v1

judgements := [
	{"rule": "FIVE-01", "verdict": verdict(public_disabled), "summary": summary(public_disabled, "Public network access is disabled.", "Public network access is not disabled."), "evidence": [{"path": "properties.publicNetworkAccess", "actual": public, "expected": "Disabled"}]},
	{"rule": "FIVE-02", "verdict": verdict(keys_refused), "summary": summary(keys_refused, "Keys are refused.", "Keys are accepted."), "evidence": [{"path": "properties.disableLocalAuth", "actual": keys, "expected": "true"}]},
	{"rule": "FIVE-03", "verdict": verdict(denied), "summary": summary(denied, "What no rule names is denied.", "What no rule names is let in."), "evidence": [{"path": "properties.networkAcls.defaultAction", "actual": action, "expected": "Deny"}]},
	{"rule": "FIVE-04", "verdict": verdict(has_identity), "summary": summary(has_identity, "The account has a managed identity.", "The account has no managed identity."), "evidence": [{"path": "identity.type", "actual": identity, "expected": "a managed identity"}]},
	{"rule": "FIVE-05", "verdict": verdict(approved), "summary": summary(approved, "A private endpoint is approved.", "No private endpoint is approved."), "evidence": [{"path": "properties.privateEndpointConnections", "actual": count(connections), "expected": "an approved private endpoint"}]},
]

resource := input.resource

default public := null

public := resource.properties.publicNetworkAccess

default keys := null

keys := resource.properties.disableLocalAuth

default action := null

action := resource.properties.networkAcls.defaultAction

default identity := null

identity := resource.identity.type

default connections := []

connections := resource.properties.privateEndpointConnections

default public_disabled := false

public_disabled if {
	is_string(public)
	lower(public) == "disabled"
}

default keys_refused := false

keys_refused if keys == true

default denied := false

denied if {
	is_string(action)
	lower(action) == "deny"
}

default has_identity := false

has_identity if {
	is_string(identity)
	identity != ""
	lower(identity) != "none"
}

default approved := false

approved if {
	some connection in connections
	lower(connection.properties.privateLinkServiceConnectionState.status) == "approved"
}

verdict(good) := "pass" if good

verdict(good) := "fail" if not good

summary(good, yes, no) := yes if good

summary(good, yes, no) := no if not good
