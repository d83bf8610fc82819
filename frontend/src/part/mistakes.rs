//! What is wrong with what was entered into a form: told at its top and at its fields, in the same words.

use leptos::prelude::*;

/// Something that is wrong with what was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The id of the field; `None` where it is about the whole.
    pub field: Option<String>,
    /// What is wrong and what to do, as a sentence.
    pub sentence: String,
}

impl Mistake {
    /// At a field.
    pub fn at(field: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { field: Some(field.into()), sentence: sentence.into() }
    }

    /// Of the whole form.
    pub fn of_all(sentence: impl Into<String>) -> Self {
        Self { field: None, sentence: sentence.into() }
    }
}

/// All that is wrong, each with a link to its field; nothing where nothing is.
#[component]
pub fn MistakeSummary(
    /// What is wrong.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    if mistakes.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = mistakes
        .into_iter()
        .map(|Mistake { field, sentence }| match field {
            Some(field) => view! { <li><a href=format!("#{field}")>{sentence}</a></li> }.into_any(),
            None => view! { <li>{sentence}</li> }.into_any(),
        })
        .collect();
    view! {
        <div class="mistakes" role="alert" tabindex="-1" id="mistakes" aria-labelledby="mistakes-heading">
            <h2 id="mistakes-heading">"Nothing was recorded yet"</h2>
            <ul>{items}</ul>
        </div>
    }
    .into_any()
}

/// What is wrong with one field, where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMistake {
    id: String,
    sentence: Option<String>,
}

impl FieldMistake {
    /// Of all mistakes, that of a field.
    pub fn of(mistakes: &[Mistake], field: &str) -> Self {
        let found = mistakes.iter().find(|mistake| mistake.field.as_deref() == Some(field));
        Self {
            id: format!("{field}-mistake"),
            sentence: found.map(|mistake| mistake.sentence.clone()),
        }
    }

    /// Whether something is.
    pub fn is_there(&self) -> bool {
        self.sentence.is_some()
    }

    /// What `aria-invalid` says.
    pub fn invalid(&self) -> Option<&'static str> {
        self.is_there().then_some("true")
    }

    /// What `aria-describedby` names: the hint and, where there is one, the mistake.
    pub fn described_by(&self, hint: Option<&str>) -> String {
        let mistake = self.is_there().then_some(self.id.as_str());
        hint.into_iter().chain(mistake).collect::<Vec<_>>().join(" ")
    }

    /// The sentence, to stand before the field.
    pub fn view(&self) -> Option<AnyView> {
        let Self { id, sentence } = self.clone();
        sentence.map(|sentence| {
            view! {
                <p class="field-mistake" id=id><span class="unseen">"Error: "</span>{sentence}</p>
            }
            .into_any()
        })
    }
}
