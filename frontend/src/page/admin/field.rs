//! Fields of the forms of administration.

use leptos::prelude::*;

use crate::part::{FieldMistake, Mistake};

/// What a field of one line is.
pub struct Line<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name in the form.
    pub name: &'static str,
    /// What it asks for.
    pub label: &'a str,
    /// What helps to fill it in; empty where nothing has to.
    pub hint: &'a str,
    /// What was entered.
    pub value: &'a str,
}

impl Line<'_> {
    /// The field, with what is wrong with it.
    pub fn view(self, mistakes: &[Mistake]) -> AnyView {
        let Self { id, name, label, hint, value } = self;
        let mistake = FieldMistake::of(mistakes, id);
        let hint_id = format!("{id}-hint");
        let described = mistake.described_by((!hint.is_empty()).then_some(hint_id.as_str()));
        let hint = (!hint.is_empty())
            .then(|| view! { <p class="hint" id=hint_id.clone()>{hint.to_owned()}</p> });
        view! {
            <div class="field narrow">
                <label for=id.to_owned()>{label.to_owned()}</label>
                {hint}
                {mistake.view()}
                <input
                    id=id.to_owned()
                    type="text"
                    name=name
                    value=value.to_owned()
                    autocomplete="off"
                    aria-describedby=(!described.is_empty()).then_some(described)
                    aria-invalid=mistake.invalid()
                />
            </div>
        }
        .into_any()
    }
}

/// A field with choices.
pub struct Choice<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name in the form.
    pub name: &'static str,
    /// What it asks for.
    pub label: &'a str,
    /// The choices: what the form sends, and what people read.
    pub options: Vec<(String, String)>,
    /// What was chosen.
    pub value: &'a str,
}

impl Choice<'_> {
    /// The field, with what is wrong with it.
    pub fn view(self, mistakes: &[Mistake]) -> AnyView {
        let Self { id, name, label, options, value } = self;
        let mistake = FieldMistake::of(mistakes, id);
        let described = mistake.described_by(None);
        let options: Vec<_> = options
            .into_iter()
            .map(|(word, text)| {
                let is_chosen = word == value;
                view! { <option value=word selected=is_chosen>{text}</option> }
            })
            .collect();
        view! {
            <div class="field narrow">
                <label for=id.to_owned()>{label.to_owned()}</label>
                {mistake.view()}
                <select
                    id=id.to_owned()
                    name=name
                    aria-describedby=(!described.is_empty()).then_some(described)
                    aria-invalid=mistake.invalid()
                >
                    {options}
                </select>
            </div>
        }
        .into_any()
    }
}

/// What a form keeps.
pub fn hidden(kept: Vec<(&'static str, String)>) -> Vec<AnyView> {
    let field = |(name, value)| view! { <input type="hidden" name=name value=value /> }.into_any();
    kept.into_iter().map(field).collect()
}
