//! What is read of an export.

use super::*;

fn sample() -> String {
    line(&log(1)[0])
}

#[test]
fn a_line_is_the_content_with_its_hash() {
    let entry = log(1).remove(0);
    let content = entry.content();
    let text = line(&entry);
    assert_eq!(text.replace(&format!(",\"hash\":\"{}\"", entry.hash), ""), content);
    assert_eq!(read_line(&text).unwrap(), entry);
}

#[test]
fn nothing_is_read_that_an_export_would_not_write() {
    let line = sample();
    let hash = log(1)[0].hash.to_string();
    let replaced = |from: &str, to: &str| {
        let other = line.replacen(from, to, 1);
        assert_ne!(other, line, "{from}");
        other
    };
    for spelt_otherwise in [
        format!(" {line}"),
        format!("{line}\r"),
        replaced("\":", "\": "),
        replaced("\"X-1\"", "\"\\u0058-1\""),
        replaced("Zoë", "Zo\\u00eb"),
        replaced("\\n", "\\u000a"),
        replaced("12:00:01.000000Z", "12:00:01Z"),
        replaced("12:00:01.000000Z", "12:00:01.0000000Z"),
        replaced("12:00:01.000000Z", "12:00:01.000000+00:00"),
        replaced("T12:00:01.000000Z", "T14:00:01.000000+02:00"),
        replaced("T12", "t12"),
        replaced("P-7", "P-07"),
        replaced("P-7", "P-+7"),
        replaced("\"address\":\"192.0.2.10\",", ""),
        replaced(&hash, &hash.to_uppercase()),
        replaced(&format!(",\"hash\":\"{hash}\""), "").replacen(
            '{',
            &format!("{{\"hash\":\"{hash}\","),
            1,
        ),
    ] {
        let error = read_line(&spelt_otherwise).unwrap_err();
        assert!(matches!(error, LineError::SpeltOtherwise), "{spelt_otherwise}: {error:?}");
    }
    for no_entry in [
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        format!("[{line}]"),
        format!("{line}{line}"),
        line[..line.len() - 1].to_owned(),
        replaced("\"number\":1", "\"number\":\"1\""),
        replaced("\"number\":1", "\"number\":1.0"),
        replaced("\"number\":1", "\"number\":1,\"number\":1"),
        replaced("\"number\":1", "\"number\":9223372036854775808"),
        replaced("\"number\":1,", ""),
        replaced("exception.approve", "Exception.approve"),
        replaced("P-7", "Q-7"),
        replaced("2026-06-30", "2026-06-31"),
        replaced("\"previous\":\"", "\"previous\":\"0"),
    ] {
        let error = read_line(&no_entry).unwrap_err();
        assert!(matches!(error, LineError::NotAnEntry(_)), "{no_entry}: {error:?}");
    }
}

#[test]
fn a_member_that_no_entry_has_is_refused_by_name() {
    let mut line = sample();
    line.pop();
    line.push_str(r#","note":null}"#);
    let Err(LineError::NotAnEntry(cause)) = read_line(&line) else { panic!("{line}") };
    assert!(cause.to_string().contains("unknown field `note`"), "{cause}");
}
