//! What people say about an exception, files as evidence, and decisions on several.

use postern_domain::exception::evidence_file::{
    EvidenceFileError, FileName, MOST_BYTES, MOST_FILES,
};
use postern_service::decision::{list_decisions, verify_decisions};
use postern_service::exception::{
    BulkDecision, MOST_AT_ONCE, attach_file, comment_on_exception, decide_exceptions,
    evidence_file, show_exception,
};

use super::*;

fn name(text: &str) -> FileName {
    text.parse().unwrap()
}

#[tokio::test]
async fn who_sees_it_and_has_a_part_in_it_says_something_once() {
    let office = Office::new().await;
    let id = office.file(Nora, "oai-1").await.unwrap();
    let text = "Until when?\n<script>alert(1)</script> =HYPERLINK(\"x\")".parse().unwrap();
    let amal = office.at(Amal, 2).await;
    for _ in 0..2 {
        comment_on_exception(&amal, id, "one form", &text).await.unwrap();
    }
    comment_on_exception(&office.at(Nils, 3).await, id, "one form", &"In May.".parse().unwrap())
        .await
        .unwrap();
    let said: Vec<_> =
        office.show(Vera, 4, id).await.comments.into_iter().map(|it| (it.by, it.text)).collect();
    let expected = [("Amal", text.as_str()), ("Nils", "In May.")];
    assert_eq!(said, expected.map(|(by, text)| (by.to_owned(), text.to_owned())));
    let refused = comment_on_exception(&office.at(Vera, 4).await, id, "a", &text).await;
    let expected = "only contributors, approvers, engineers and administrators may discuss exceptions and add evidence";
    assert_eq!(refused.unwrap_err().to_string(), expected);
    let unseen = comment_on_exception(&office.at(Tomas, 4).await, id, "a", &text).await;
    assert!(matches!(unseen, Err(ExceptionError::NotThere(_))));
    // As of a moment, what had been said.
    let vera = office.at(Vera, 4).await;
    let then = show_exception(&vera, id, Some(day(2) + Duration::HOUR)).await.unwrap().unwrap();
    assert_eq!(then.comments.len(), 1);
    // Saying something changes nothing else.
    assert_eq!(office.acts(id).await, ["drafted", "filed"]);
    let log = list_decisions(&vera, None, 20).await.unwrap();
    let comments = log.entries.iter().filter(|it| it.action.as_str() == "exception.comment");
    assert_eq!(comments.count(), 2);
    assert!(verify_decisions(&vera, Vec::new()).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn files_are_kept_as_they_are_and_shown_to_who_sees_the_exception() {
    let office = Office::new().await;
    let id = office.file(Nora, "oai-1").await.unwrap();
    let nora = office.at(Nora, 2).await;
    let content = b"%PDF-1.7 of the firewall";
    for _ in 0..2 {
        attach_file(&nora, id, &name("Firewall (1).pdf"), content).await.unwrap();
    }
    let files = office.show(Vera, 3, id).await.files;
    assert_eq!(files.len(), 1, "the same file is there once");
    assert_eq!((files[0].name.as_str(), files[0].bytes), ("Firewall (1).pdf", 24));
    let vera = office.at(Vera, 3).await;
    let (found, kind, bytes) = evidence_file(&vera, id, files[0].id).await.unwrap().unwrap();
    assert_eq!(
        (found.as_str(), kind.ending(), &bytes[..]),
        ("Firewall (1).pdf", "pdf", &content[..])
    );
    let tomas = office.at(Tomas, 3).await;
    assert!(evidence_file(&tomas, id, files[0].id).await.unwrap().is_none());
    // A file of one exception is none of another.
    let other = office.file(Nora, "oai-2").await.unwrap();
    assert!(evidence_file(&vera, other, files[0].id).await.unwrap().is_none());

    let refused = async |text: &str, content: &[u8]| {
        attach_file(&nora, id, &name(text), content).await.unwrap_err()
    };
    let large = vec![b'a'; MOST_BYTES + 1];
    let file = |error| matches!(error, ExceptionError::File(_));
    assert!(file(refused("page.html", b"<script>").await));
    assert!(file(refused("page.pdf", b"<script>").await));
    assert!(file(refused("large.txt", &large).await));
    assert!(matches!(
        attach_file(&vera, id, &name("a.pdf"), content).await,
        Err(ExceptionError::Denied(_))
    ));
    for number in 1..MOST_FILES {
        attach_file(&nora, id, &name(&format!("{number}.txt")), b"text").await.unwrap();
    }
    let full = refused("one more.txt", b"text").await;
    assert!(matches!(full, ExceptionError::File(EvidenceFileError::TooMany)), "{full}");
    let number = i64::try_from(MOST_FILES).unwrap();
    assert_eq!(office.world.count("SELECT count(*) FROM exception_files").await, number);
}

#[tokio::test]
async fn several_are_decided_with_one_reason_and_each_for_itself() {
    let office = Office::new().await;
    let (one, two) =
        (office.file(Nora, "oai-1").await.unwrap(), office.file(Nora, "oai-2").await.unwrap());
    let withdrawn = office.file(Nora, "oai-2").await.unwrap();
    let nora = office.at(Nora, 2).await;
    postern_service::exception::withdraw_exception(&nora, withdrawn).await.unwrap();
    let amal = office.at(Amal, 2).await;
    let conditions = Some("Restrict it to the build agents.".parse().unwrap());
    let requests = [(one, 1), (withdrawn, 1), (two, 7)];
    let decided = decide_exceptions(&amal, &requests, &BulkDecision::Approve { conditions }).await;
    let said: Vec<String> = decided
        .iter()
        .map(|(_, outcome)| match outcome {
            Ok(status) => status.as_str().to_owned(),
            Err(error) => error.to_string(),
        })
        .collect();
    let expected = [
        "approved",
        "this exception is withdrawn, so it cannot be approved",
        "the request was changed after you opened it: read it again",
    ];
    assert_eq!(said, expected);
    let conditions = office.show(Vera, 3, one).await.approvals[0].conditions.clone();
    assert_eq!(conditions.as_deref(), Some("Restrict it to the build agents."));
    // What is beyond the most is answered too, and not passed over.
    let many = vec![(withdrawn, 1); MOST_AT_ONCE + 1];
    let decided =
        decide_exceptions(&nora, &many, &BulkDecision::Approve { conditions: None }).await;
    assert_eq!(decided.len(), many.len());
    assert!(matches!(decided.last(), Some((_, Err(ExceptionError::TooManyAtOnce)))));
    let reject = BulkDecision::Reject { reason: "Fix it.".parse().unwrap() };
    let decided = decide_exceptions(&amal, &[(two, 1)], &reject).await;
    assert!(matches!(decided[0].1, Ok(ExceptionStatus::Rejected)));
    assert!(decide_exceptions(&nora, &[(two, 1)], &reject).await[0].1.is_err());
}
