//! Renders a made-up report and tells how long it took.
//!
//! `cargo run --release -p postern-report --example render_sample -- [FINDINGS] [PDF]`

use std::time::Instant;

use postern_report::{render_pdf, write_csv};

#[path = "sample/model.rs"]
mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let model = if count == 0 { sample::empty() } else { sample::sample(count, 60) };
    let started = Instant::now();
    let mut csv = Vec::new();
    write_csv(&model.head, model.rows(), &mut csv)?;
    println!("CSV: {count} findings, {} bytes, {:.2?}", csv.len(), started.elapsed());
    let started = Instant::now();
    let pdf = render_pdf(&model)?;
    println!("PDF: {count} findings, {} bytes, {:.2?}", pdf.len(), started.elapsed());
    if let Some(path) = arguments.next() {
        std::fs::write(&path, pdf)?;
        println!("written to {path}");
    }
    Ok(())
}
