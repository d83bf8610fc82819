//! The PDF: templates and data through Typst, as PDF/A-2a and PDF/UA-1.

use typst::foundations::{Bytes, Smart};
use typst::text::Font;
use typst_as_lib::TypstEngine;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::ReportError;
use crate::document::Document;
use crate::model::ReportModel;

/// The fonts, by name; the first one is that of running text.
const FONTS: [(&str, &[u8]); 3] = [
    ("IBM Plex Sans Regular", include_bytes!("../fonts/IBMPlexSans-Regular.ttf")),
    ("IBM Plex Sans SemiBold", include_bytes!("../fonts/IBMPlexSans-SemiBold.ttf")),
    ("IBM Plex Mono Regular", include_bytes!("../fonts/IBMPlexMono-Regular.ttf")),
];

const TEMPLATES: [(&str, &str); 5] = [
    ("report.typ", include_str!("../templates/report.typ")),
    ("style.typ", include_str!("../templates/style.typ")),
    ("summary.typ", include_str!("../templates/summary.typ")),
    ("findings.typ", include_str!("../templates/findings.typ")),
    ("appendix.typ", include_str!("../templates/appendix.typ")),
];

/// Typesets the report: an archival and accessible PDF (PDF/A-2a and PDF/UA-1), every finding in it.
///
/// The data goes to the templates as JSON and is never part of their markup.
/// The metadata date is the model's `as_of` and the document's id is the data's digest,
/// so that the same model makes the same bytes.
pub fn render_pdf(model: &ReportModel) -> Result<Vec<u8>, ReportError> {
    let document = Document::of(model)?;
    let data = serde_json::to_vec(&document)?;
    let engine = TypstEngine::builder()
        .fonts(fonts()?)
        .with_static_source_file_resolver(TEMPLATES)
        .with_static_file_resolver([("data.json", data)])
        .build();
    let pages: PagedDocument = engine
        .compile("report.typ")
        .output
        .map_err(|error| ReportError::Typeset(error.to_string()))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|error| ReportError::Pdf(error.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(document.csv_digest.to_string()),
        creator: Smart::Custom(Some("Postern".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&pages, &options).map_err(|errors| {
        let messages: Vec<_> = errors.iter().map(|error| error.message.to_string()).collect();
        ReportError::Pdf(messages.join("; "))
    })
}

/// The font of running text, which every other one falls back to.
pub(crate) fn text_font() -> Option<Font> {
    let (_, bytes) = FONTS.first()?;
    Font::new(Bytes::new(*bytes), 0)
}

fn fonts() -> Result<Vec<Font>, ReportError> {
    FONTS
        .iter()
        .map(|(name, bytes)| Font::new(Bytes::new(*bytes), 0).ok_or(ReportError::Font(name)))
        .collect()
}
