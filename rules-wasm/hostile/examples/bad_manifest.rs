//! A pack that names the same rule twice.

fn describe() -> String {
    let mut manifest = hostile::PACK.manifest();
    if let Some(rule) = manifest.rules.first().cloned() {
        manifest.rules.push(rule);
    }
    serde_json::to_string(&manifest).unwrap_or_default()
}

hostile::export!(describe, hostile::honest);
