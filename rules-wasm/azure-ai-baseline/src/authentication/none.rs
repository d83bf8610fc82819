//! Lists in which nothing may stand that should not: an empty list is as wanted.

use postern_rules_sdk::{Entries, Evidence, Judgement, Node, Outcome, Unreadable, Words, failing};

/// Fails where the check finds something wrong with an entry; passes where it does with none.
///
/// What is wrong fails, whatever else could not be read; an entry that could not be read, or a list that was cut,
/// is unknown. `words.none` is what is expected of the list as a whole.
pub fn none<'a>(
    entries: &Entries<'a>,
    words: Words,
    mut wrong: impl FnMut(&Node<'a>) -> Result<Option<Evidence>, Unreadable>,
) -> Outcome {
    let (mut found, mut unreadable) = (Vec::new(), None);
    for node in entries.nodes() {
        match wrong(&node) {
            Ok(evidence) => found.extend(evidence),
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    if let Some(failed) = failing(words.fail, found) {
        return Ok(failed);
    }
    if let Some(error) = unreadable {
        return Err(error);
    }
    entries.complete()?;
    Ok(Judgement::pass(words.pass, entries.expected(words.none)))
}
