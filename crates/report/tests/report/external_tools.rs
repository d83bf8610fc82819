//! The PDF as other programs read it: `qpdf`, Poppler, and the veraPDF engine beside the clone.
//!
//! Each is left out, in words, where the machine does not have it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use postern_report::{ReportModel, render_pdf};

use crate::pdf_content::{hostile, of_some, said_of_some};
use crate::sample;

/// The reports that every tool gets.
fn models() -> Vec<(&'static str, ReportModel)> {
    vec![
        ("empty", sample::empty()),
        ("small", sample::sample(3, 1)),
        ("big", sample::sample(300, 60)),
        ("hostile", hostile()),
        ("some", of_some()),
    ]
}

/// Writes the models' PDFs into `folder`.
fn written(folder: &Path) -> Vec<PathBuf> {
    let write = |(name, model): (&str, ReportModel)| {
        let path = folder.join(format!("{name}.pdf"));
        std::fs::write(&path, render_pdf(&model).expect("a PDF")).expect("a writable folder");
        path
    };
    models().into_iter().map(write).collect()
}

/// Runs the program; `None`, said plainly, where there is none.
fn run(program: &str, arguments: &[&Path]) -> Option<Output> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("left out: {program} could not be run ({error})");
            None
        }
    }
}

fn text_of(pdf: &Path) -> Option<String> {
    let output = run("pdftotext", &[Path::new("-layout"), pdf, Path::new("-")])?;
    Some(String::from_utf8(output.stdout).expect("pdftotext writes UTF-8"))
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn qpdf_finds_no_error() {
    let folder = tempfile::tempdir().unwrap();
    for path in written(folder.path()) {
        let Some(output) = run("qpdf", &[Path::new("--check"), &path]) else { return };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn every_finding_of_the_model_stands_in_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    let model = sample::sample(300, 60);
    std::fs::write(&path, render_pdf(&model).unwrap()).unwrap();
    let Some(text) = text_of(&path) else { return };
    let mut printed: Vec<&str> =
        text.split_whitespace().filter(|word| word.starts_with("F-")).collect();
    printed.sort_unstable();
    let mut expected: Vec<_> =
        model.findings.iter().map(|finding| finding.id.to_string()).collect();
    expected.sort_unstable();
    assert_eq!(printed, expected, "each id once, as in the CSV");
    assert!(text.contains("DEMO: simulated data"), "a demo says so");
    assert!(text.contains("page 1 of "), "pages are numbered");
    let accepted = model.findings.iter().filter(|it| it.exception.is_some()).count();
    let open = model.findings.iter().filter(|it| it.is_open()).count();
    assert!(accepted > 0);
    let words = in_one_line(&text);
    for said in [
        format!("{open} findings are open in Production"),
        format!(
            "{accepted} more findings fail and are accepted until a date; they are not counted as open."
        ),
    ] {
        assert!(words.contains(&said), "{said:?} is not in the text");
    }
    assert!(text.contains("properties.publicNetworkAccess"), "the property is not torn apart");
}

#[test]
fn a_report_of_some_findings_says_nothing_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    let model = of_some();
    std::fs::write(&path, render_pdf(&model).unwrap()).unwrap();
    let Some(text) = text_of(&path) else { return };
    let words = in_one_line(&text);
    for said in said_of_some(&model) {
        assert!(words.contains(&said), "{said:?} is not in the text");
    }
    for of_all in ["No finding has ended.", "resolved so far"] {
        assert!(!words.contains(of_all), "{of_all}");
    }
}

#[test]
fn what_has_no_glyph_is_named_in_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, render_pdf(&hostile()).unwrap()).unwrap();
    let Some(text) = text_of(&path) else { return };
    for expected in
        ["#panic() $x$ *Ünïcødé* [U+682A]", "[U+202E]drow", "= Not a heading", "(cut; all "]
    {
        assert!(text.contains(expected), "{expected:?} is not in the text");
    }
}

#[test]
fn the_document_has_a_title_a_language_and_tags() {
    let folder = tempfile::tempdir().unwrap();
    for path in written(folder.path()) {
        let Some(output) = run("pdfinfo", &[&path]) else { return };
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("findings with evidence, as of 12 May 2026, 04:31 UTC"), "{text}");
        assert!(
            text.lines().any(|line| line.starts_with("Tagged:") && line.ends_with("yes")),
            "{text}"
        );
        assert!(text.contains("2026"), "{text}");
    }
}

/// The real validation: the veraPDF engine with its own profiles.
#[test]
fn it_conforms_to_pdf_a_2a_and_pdf_ua_1() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/pdf/pdfcheck.sh");
    let needs = [script.as_path(), Path::new("/usr/share/java/jaxb-runtime.jar")];
    if let Some(missing) = needs.iter().find(|path| !path.exists()) {
        eprintln!("left out: validation by veraPDF, because {} is not there", missing.display());
        return;
    }
    if run("java", &[Path::new("-version")]).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path());
    // PDF/A-2b is contained in PDF/A-2a; one file shows that the validator agrees.
    for (flavour, files) in
        [("2a", files.as_slice()), ("ua1", files.as_slice()), ("2b", &files[1..2])]
    {
        let mut arguments = vec![Path::new(flavour)];
        arguments.extend(files.iter().map(PathBuf::as_path));
        let Some(output) = run(&script.to_string_lossy(), &arguments) else { return };
        let said = String::from_utf8_lossy(&output.stdout);
        // 2: the validator could not be set up, such as without network on its first run.
        if output.status.code() == Some(2) && said.is_empty() {
            eprintln!("left out: veraPDF: {}", String::from_utf8_lossy(&output.stderr));
            return;
        }
        assert!(output.status.success(), "{flavour}: {said}");
        assert_eq!(said.matches("PASS").count(), files.len(), "{flavour}: {said}");
    }
}
