//! A pack that says its rules read the name alone, and has one that looks elsewhere: what it was not handed must not
//! look absent to it. A second one takes the whole value, and so can judge nothing.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Pack, Rule, SEARCH_SERVICE,
};

static PACK: Pack = Pack {
    name: "reads-more",
    version: "0.1.0",
    description: "Reads more than it says.",
    reads_only: true,
    rules: &[&[
        &hostile::rule("READS-01", &[SEARCH_SERVICE], absent_is_fine),
        &hostile::rule("READS-02", &[SEARCH_SERVICE], named),
        &hostile::rule("READS-03", &[COGNITIVE_SERVICES_ACCOUNT], whole),
    ]],
};

fn absent_is_fine(asset: &AssetContext<'_>) -> Outcome {
    let keys = asset.flag("properties.disableLocalAuth")?;
    let evidence = keys.expected("true");
    Ok(if keys.is_absent() || keys.is_true() {
        Judgement::pass("Keys are refused.", evidence)
    } else {
        Judgement::fail("Keys are accepted.", evidence)
    })
}

fn named(asset: &AssetContext<'_>) -> Outcome {
    Ok(Judgement::pass("It has a name.", asset.text("name")?.expected("a name")))
}

fn whole(asset: &AssetContext<'_>) -> Outcome {
    let resource = asset.resource();
    let is_empty = resource.value().as_object().is_none();
    Ok(Judgement::pass(if is_empty { "Empty." } else { "Full." }, resource.expected("anything")))
}

postern_rules_sdk::export_pack!(crate::PACK);
