//! Many people who read pages at the same time, against the real binary: what a page takes, and what memory the server has.
//!
//! ```sh
//! cargo build --release --workspace
//! export DATABASE_URL=postgres://…/the_database_of_three_years
//! cargo run --release --workspace --example many_people -- target/release/postern
//! ```
//!
//! Each of them opens a page, reads it for a while (exponentially distributed, so that now and then several ask at once),
//! and opens the next. `README.md` beside this says what the options mean.
#![expect(clippy::unwrap_used, reason = "an example that cannot go on panics")]

mod pages;
mod server;

use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use reqwest::Client;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use tokio::time::Instant;

use crate::pages::Page;
use crate::server::Server;

/// How many people read what, and for how long.
#[derive(Debug, Parser)]
struct Arguments {
    /// The binary that is measured.
    postern: std::path::PathBuf,
    /// How many people read at the same time.
    #[arg(long, default_value_t = 50)]
    people: u32,
    /// For how many seconds a page is read on average; 0 asks for the next one at once.
    #[arg(long, default_value_t = 3.0)]
    reading: f64,
    /// For how many seconds requests count; as many as a third of it go before, uncounted.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only pages whose name has this in it.
    #[arg(long, default_value = "")]
    only: String,
}

/// What one answer took.
struct Answer {
    page: usize,
    took: Duration,
    bytes: usize,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let server = Server::start(&arguments.postern).await;
    let mut headers = HeaderMap::new();
    // What browsers accept: compressing is part of the work.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
    let client = Client::builder().default_headers(headers).build().unwrap();
    let mut pages = pages::find(&Client::new(), &server.url).await;
    pages.retain(|page| page.name.contains(&arguments.only));
    let pages: Arc<[Page]> = pages.into();
    let at_rest = server.memory();

    let before = Duration::from_secs(arguments.seconds / 3);
    let counted_from = Instant::now() + before;
    let until = counted_from + Duration::from_secs(arguments.seconds);
    let people = (0..arguments.people).map(|number| {
        let (client, pages, url) = (client.clone(), Arc::clone(&pages), server.url.clone());
        let reading = arguments.reading;
        tokio::spawn(async move {
            let mut random = fastrand::Rng::with_seed(number.into());
            let mut answers = Vec::new();
            loop {
                let pause = -reading * (1.0 - random.f64()).ln();
                tokio::time::sleep(Duration::from_secs_f64(pause)).await;
                let asked = Instant::now();
                if asked >= until {
                    return answers;
                }
                let page = random.usize(..pages.len());
                let address = pages[page].address(&mut random);
                let answer = client.get(format!("{url}{address}")).send().await.unwrap();
                assert_eq!(answer.status(), pages[page].status, "{address}");
                let bytes = answer.bytes().await.unwrap().len();
                if asked >= counted_from {
                    answers.push(Answer { page, took: asked.elapsed(), bytes });
                }
            }
        })
    });
    let people: Vec<_> = people.collect();
    let mut answers = Vec::new();
    for person in people {
        answers.extend(person.await.unwrap());
    }
    let under_load = server.memory();
    server.stop().await;
    report(&arguments, &pages, &answers);
    println!("memory of the server, resident: {at_rest} before; at most {under_load}");
}

fn report(arguments: &Arguments, pages: &[Page], answers: &[Answer]) {
    println!(
        "{} people, a page read for {} s on average, {} s: {:.1} answers a second",
        arguments.people,
        arguments.reading,
        arguments.seconds,
        per_second(answers.len(), arguments.seconds),
    );
    let head = ["milliseconds", "answers", "p50", "p99", "worst", "kB"];
    println!(
        "{:<36} {:>8} {:>8} {:>8} {:>8} {:>7}",
        head[0], head[1], head[2], head[3], head[4], head[5]
    );
    for (number, page) in pages.iter().enumerate() {
        line(&page.name, answers.iter().filter(|answer| answer.page == number));
    }
    line("all", answers.iter());
}

fn line<'a>(name: &str, answers: impl Iterator<Item = &'a Answer>) {
    let answers: Vec<_> = answers.collect();
    let mut took: Vec<Duration> = answers.iter().map(|answer| answer.took).collect();
    if took.is_empty() {
        return println!("{name:<36} {:>8}", 0);
    }
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() * percent).div_ceil(100).saturating_sub(1)];
    let ms = |took: Duration| took.as_secs_f64() * 1_000.0;
    let kilobytes =
        answers.iter().map(|answer| answer.bytes).max().unwrap_or_default().div_ceil(1_000);
    let (p50, p99, worst) = (ms(at(50)), ms(at(99)), ms(at(100)));
    println!("{name:<36} {:>8} {p50:>8.1} {p99:>8.1} {worst:>8.1} {kilobytes:>7}", took.len());
}

#[expect(clippy::cast_precision_loss, reason = "a number of answers")]
fn per_second(answers: usize, seconds: u64) -> f64 {
    answers as f64 / seconds as f64
}
