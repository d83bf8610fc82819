//! A field for several lines of text.

use leptos::prelude::*;

/// A field for several lines, with what was entered before.
#[component]
pub fn TextArea(
    /// Its id, which is its name in the form too.
    id: &'static str,
    /// What was entered.
    text: String,
    /// How many lines it shows.
    rows: u8,
    /// The ids of what describes it.
    described_by: String,
    /// Whether what was entered cannot be taken.
    is_wrong: bool,
) -> impl IntoView {
    view! {
        <textarea
            id=id
            name=id
            rows=rows.to_string()
            aria-describedby=(!described_by.is_empty()).then_some(described_by)
            aria-invalid=is_wrong.then_some("true")
        >
            {as_content(&text)}
        </textarea>
    }
    .into_any()
}

/// Text as the content of a `textarea`, which Leptos writes as it is: neither a reference to a character nor the end of
/// the element may be in it. A browser leaves out the first line break.
fn as_content(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_is_text_whatever_it_says() {
        let text = "</textarea><script>alert(1)</script>\n&lt; & \"it\"".to_owned();
        let owner = Owner::new_root(None);
        let html = owner.with(|| {
            view! { <TextArea id="why" text=text rows=3 described_by=String::new() is_wrong=false /> }
                .into_any()
                .to_html()
        });
        let content = "\n&lt;/textarea>&lt;script>alert(1)&lt;/script>\n&amp;lt; &amp; \"it\"";
        let (_, rest) = html.split_once('>').unwrap();
        let written = rest.split_once("</textarea>").unwrap().0;
        assert_eq!(written, content, "{html}");
    }
}
