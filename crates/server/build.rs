//! Has release builds embed the packs and pages again when they change: their hashed names do.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Debug builds read them from disk.
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../../dist");
    }
}
