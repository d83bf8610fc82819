//! The HTML: one file, nothing loaded, nothing run, hostile text as text.

use postern_report::{ReportModel, write_html};

use crate::pdf_content::{hostile, of_some, said_of_some};
use crate::sample;

fn html_of(model: &ReportModel) -> String {
    let mut out = Vec::new();
    write_html(model, &mut out).expect("HTML");
    String::from_utf8(out).expect("UTF-8")
}

/// The tags of a page, by name, without those that end.
fn tags(html: &str) -> Vec<&str> {
    let tags = html.split('<').skip(1);
    let names = tags.filter_map(|tag| tag.split(|it: char| !it.is_ascii_alphanumeric()).next());
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_finding_stands_in_it_once() {
    let model = sample::sample(300, 60);
    let html = html_of(&model);
    for finding in &model.findings {
        let head = format!("<th scope=\"row\">{}</th>", finding.id);
        assert_eq!(html.matches(&head).count(), 1, "{}", finding.id);
    }
    let open = model.findings.iter().filter(|finding| finding.is_open()).count();
    assert!(html.contains(&format!("{open} findings are open in Production")));
    assert!(html.contains("DEMO: the data is simulated."));
}

#[test]
fn nothing_is_loaded_and_nothing_is_run() {
    for model in [sample::empty(), sample::sample(30, 5), hostile()] {
        let html = html_of(&model);
        for tag in tags(&html) {
            let forbidden = ["script", "img", "link", "iframe", "object", "form", "base"];
            assert!(!forbidden.contains(&tag), "{tag}");
        }
        assert!(!html.contains(" onload=") && !html.contains("javascript:"));
        assert_eq!(html.matches("</style>").count(), 1);
        assert_eq!(html.matches("</html>").count(), 1);
    }
}

#[test]
fn hostile_text_is_shown_as_it_is() {
    let mut model = hostile();
    let nasty = "<script>alert(1)</script> \" onload=x ' & \u{202e}drow \u{0}株式会社";
    for finding in &mut model.findings {
        finding.summary = nasty.to_owned();
        finding.asset.name = nasty.to_owned();
    }
    let html = html_of(&model);
    assert!(!html.contains("<script"));
    assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "angles are escaped");
    assert!(
        html.contains("[U+202E]drow [U+0000]株式会社"),
        "what is hidden is named, the rest is kept"
    );
    assert!(html.contains("#panic() $x$ *Ünïcødé* 株式会社 [U+202E]drow"));
    // Evidence is whole here: a screen has room.
    assert!(html.contains(&"z".repeat(5_000)));
}

#[test]
fn an_empty_report_says_so() {
    let html = html_of(&sample::empty());
    for said in [
        "No finding stands.",
        "No finding has ended.",
        "No exception is in force.",
        "No pack has judged.",
    ] {
        assert!(html.contains(said), "{said}");
    }
}

#[test]
fn a_report_of_some_findings_says_nothing_of_the_others() {
    let model = of_some();
    let html = html_of(&model);
    for said in said_of_some(&model) {
        assert!(html.contains(&said), "{said}");
    }
    for of_all in ["No finding has ended.", "resolved so far"] {
        assert!(!html.contains(of_all), "{of_all}");
    }
}
