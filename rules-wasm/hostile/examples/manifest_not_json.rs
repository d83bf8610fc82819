//! A pack whose manifest breaks off: the other half of `wrong_json`.

fn describe() -> String {
    let mut manifest = hostile::PACK.describe();
    manifest.truncate(manifest.len() / 2);
    manifest
}

hostile::export!(describe, hostile::honest);
