//! Help texts, as a newcomer reads them.

use crate::program::{postern, run};

#[test]
fn help_tells_a_newcomer_what_to_do() {
    let commands = [
        "",
        "demo",
        "serve",
        "worker",
        "scan",
        "doctor",
        "connections",
        "connections remove",
        "import",
        "check",
        "report",
        "evidence",
        "verify",
        "signing-key",
        "rules",
        "rules list",
        "rules show",
        "rules test",
        "rules new",
        "rules build",
        "rules compare",
        "rules activate",
        "rules settings",
        "frameworks",
        "frameworks assess",
        "teams",
        "teams preview",
        "trend",
        "diff",
        "storage",
        "retention",
        "retention set",
        "people",
        "tokens",
        "tokens create",
        "notifications",
        "audit",
        "audit verify",
        "export",
        "import-archive",
        "migrate",
        "simulate-azure",
    ];
    for command in commands {
        let arguments = command.split_whitespace().chain(["--help"]);
        let ended = run(postern(arguments).env("COLUMNS", "100"));
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command}");
        let name =
            if command.is_empty() { "postern".to_owned() } else { command.replace(' ', "_") };
        insta::assert_snapshot!(format!("help_{name}"), ended.stdout);
    }
}

#[test]
fn a_wrong_command_line_is_code_2() {
    let check = |arguments: &[&str], said: &str| {
        let ended = run(&mut postern(arguments.iter().copied()));
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
    };
    check(&[], "Usage: postern");
    check(&["serv"], "serve");
    check(&["report", "--format", "docx", "--out", "x"], "[possible values: pdf, html, xlsx, csv");
    check(&["check", "x.json", "--fail-on", "awful"], "critical, high, medium, low");
    check(&["report", "--format", "csv", "--out", "x", "--as-of", "yesterday"], "expected a date");
}
