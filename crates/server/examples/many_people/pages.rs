//! The pages that people open, as somebody finds them who follows links.

use reqwest::Client;

/// A kind of page.
pub struct Page {
    /// What the table calls it.
    pub name: String,
    /// What it answers.
    pub status: u16,
    addresses: Vec<String>,
}

impl Page {
    /// One of its addresses.
    pub fn address(&self, random: &mut fastrand::Rng) -> &str {
        &self.addresses[random.usize(..self.addresses.len())]
    }
}

/// A name, an address, and what begins the addresses of the pages of one thing that it links to.
type Kind = (&'static str, &'static str, Option<(&'static str, &'static str)>);

const KINDS: &[Kind] = &[
    ("overview", "/overview", None),
    ("findings", "/findings?limit=100", Some(("a finding", "/findings/F-"))),
    (
        "findings, three facets",
        "/findings?sev=high&topic=networking&type=microsoft.cognitiveservices/accounts",
        None,
    ),
    ("resources", "/resources", Some(("a resource", "/resources/R-"))),
    ("frameworks", "/frameworks", None),
    ("a framework", "/frameworks/mcsb-v2", None),
    ("rules", "/rules", Some(("a rule", "/rules/"))),
    ("reports", "/reports", None),
    ("search, in every name", "/search?q=ai-", None),
    ("search, in few names", "/search?q=0077", None),
    ("teams", "/admin/teams", None),
    ("trend", "/trend", None),
    ("trend of a topic", "/trend?topic=networking", None),
    ("exceptions", "/exceptions", None),
    ("scans", "/scans", Some(("what changed in a scan", "/diff?"))),
    ("decision log", "/decisions", None),
];

/// Every page there is to read; each kind of them is read as often as the others.
pub async fn find(client: &Client, url: &str) -> Vec<Page> {
    let mut pages = Vec::new();
    for (name, address, of_one) in KINDS {
        let answer = client.get(format!("{url}{address}")).send().await.unwrap();
        let status = answer.status().as_u16();
        assert_eq!(status, 200, "{address}");
        let html = answer.text().await.unwrap();
        pages.push(Page {
            name: (*name).to_owned(),
            status,
            addresses: vec![(*address).to_owned()],
        });
        if let Some((name, begin)) = of_one {
            let addresses = links(&html, begin);
            assert!(!addresses.is_empty(), "{address} links to no {name}");
            pages.push(Page { name: (*name).to_owned(), status, addresses });
        }
    }
    pages
}

/// The links of a page that begin so.
fn links(html: &str, begin: &str) -> Vec<String> {
    let ends = html.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let links = ends.filter(|(link, _)| link.starts_with(begin));
    let mut links: Vec<_> = links.map(|(link, _)| link.replace("&amp;", "&")).collect();
    links.sort_unstable();
    links.dedup();
    links
}
