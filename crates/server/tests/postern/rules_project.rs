//! `postern rules new` and `postern rules build`: from nothing to a pack that the engine takes.

use std::path::Path;
use std::process::Command;

use crate::program::{Ended, folder, postern, run};

fn failed(ended: &Ended, said: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains(&format!("postern: {said}")), "expected \"{said}\" in {ended:?}");
}

fn done(ended: Ended) -> String {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

/// Without a network, and with everything that is built in one place.
fn offline(mut command: Command, project: &Path) -> Command {
    let target = project.parent().unwrap().join("target");
    command
        .current_dir(project)
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TARGET_DIR", target)
        // What is tested is the way; the project's own profile takes minutes on a small machine.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

fn cargo(arguments: &[&str], project: &Path) -> Ended {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments);
    run(&mut offline(command, project))
}

#[test]
fn a_new_project_passes_its_tests_and_becomes_a_pack() {
    let folder = folder();
    let project = folder.path().join("contoso-rules");
    let said = done(run(postern(["rules", "new", "contoso-rules"]).current_dir(folder.path())));
    assert!(said.contains("CONTOSO-RULES-01"), "{said}");
    let lock = std::fs::read(project.join("Cargo.lock")).unwrap();

    done(cargo(&["test", "--offline", "--locked", "--workspace", "--all-targets"], &project));
    let build = || done(run(&mut offline(postern(["rules", "build"]), &project)));
    let said = build();
    for part in ["contoso-rules", "0.1.0", "rules    1\n", "dist/contoso-rules.wasm"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(std::fs::read(project.join("Cargo.lock")).unwrap(), lock, "the lock file was whole");
    let test = ["rules", "test", "--pack", "dist/contoso-rules.wasm"];
    let report = done(run(postern(test).current_dir(&project)));
    assert!(report.contains("CONTOSO-RULES-01"), "{report}");

    let pack = project.join("dist/contoso-rules.wasm");
    let bytes = std::fs::read(&pack).unwrap();
    let machine = folder.path().to_str().unwrap();
    let knows = String::from_utf8_lossy(&bytes).contains(machine);
    assert!(!knows, "the pack knows where it was built");

    refused_packs_are_said_at_once(&project);
}

/// What compiles is not yet a pack.
fn refused_packs_are_said_at_once(project: &Path) {
    let source = project.join("src/lib.rs");
    let whole = std::fs::read_to_string(&source).unwrap();
    let build = || run(&mut offline(postern(["rules", "build"]), project));
    std::fs::write(&source, whole.replace("&[&[&SEARCH_REPLICAS]]", "&[]")).unwrap();
    let pack = project.join("dist/contoso-rules.wasm");
    let before = std::fs::read(&pack).unwrap();
    let ended = build();
    failed(
        &ended,
        "the pack compiles, but Postern refuses it, so ./dist/contoso-rules.wasm was not written",
    );
    assert!(std::fs::read(&pack).unwrap() == before, "the pack before stays");
    assert!(ended.stderr.contains("it has no rule"), "{ended:?}");
    std::fs::write(&source, whole.replace("Ok(if", "Ok(when")).unwrap();
    failed(&build(), "the pack does not compile");
    let manifest = project.join("Cargo.toml");
    let package = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, package.replace("\"cdylib\", ", "")).unwrap();
    failed(&build(), "./Cargo.toml is not the project of a pack");
}

#[test]
fn what_is_in_the_way_is_said() {
    let folder = folder();
    let new = |arguments: &[&str]| {
        let arguments = ["rules", "new"].iter().chain(arguments).copied();
        run(postern(arguments).current_dir(folder.path()))
    };
    for name in ["Contoso", "contoso_rules", "../contoso", "match"] {
        let ended = new(&[name]);
        assert_eq!(ended.code, Some(2), "{name}: {ended:?}");
    }
    failed(&new(&["serde-json"]), "\"serde-json\" is the name of a crate");
    failed(&new(&["contoso", "--path", "nowhere/contoso"]), "the folder nowhere does not exist");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    done(new(&["contoso", "--path", "."]));
    failed(&new(&["contoso", "--path", "."]), ". is not empty");
}

#[test]
fn a_build_says_what_it_lacks() {
    let folder = folder();
    let build = |cargo: &str, path: &Path| {
        let mut command = postern(["rules", "build", "--cargo", cargo]);
        run(command.current_dir(folder.path()).env("PATH", path))
    };
    let tools = folder.path().join("tools");
    std::fs::create_dir(&tools).unwrap();
    failed(&build("cargo", &tools), "./Cargo.toml is not there");
    std::fs::write(folder.path().join("Cargo.toml"), "").unwrap();
    failed(&build("cargo", &tools), "cargo is not installed");

    let tool = |name: &str, script: &str| {
        let written = folder.path().join(name);
        std::fs::write(&written, format!("#!/bin/sh\n{script}\n")).unwrap();
        // By another process: a file that this one has open for writing while it starts a program cannot be run.
        let mut install = Command::new("install");
        install.args(["-m", "755"]).arg(written).arg(tools.join(name));
        assert!(install.status().unwrap().success());
    };
    let metadata = r#"{"packages": [{"id": "p", "name": "p", "manifest_path": "/p/Cargo.toml", "source": null,
        "targets": [{"name": "p", "crate_types": ["cdylib"]}]}],
        "resolve": {"root": "p"}, "target_directory": "/p/target", "workspace_root": "/p"}"#;
    tool("cargo", &format!("[ \"$1\" = metadata ] && echo '{metadata}'"));
    tool("rustc", "echo /no/such/folder");
    failed(&build("cargo", &tools), "Rust's target wasm32-unknown-unknown is not installed");
    tool("rustc", "exit 1");
    failed(&build("cargo", &tools), "the pack does not compile");
}
