//! What people say about it, and the files that they add as evidence.

use leptos::prelude::*;
use postern_domain::exception::evidence_file::{FileKind, MOST_BYTES};
use postern_service::view::{CommentView, EvidenceFileView, ExceptionView};

use crate::address::{evidence_file_href, exception_act_href};
use crate::part::{FieldMistake, Mistake, Moment, TextArea, size};

/// The names of the fields, which are their ids too.
pub const SAID: &str = "said";
/// The name of the field for a file.
pub const FILE: &str = "file";
/// The key of the form for a comment.
pub const FORM_KEY: &str = "form_key";

/// The files and what people said, with the forms for adding to both.
#[component]
pub fn Thread(
    /// The exception.
    view: ExceptionView,
    /// What was entered as a comment.
    said: String,
    /// What is wrong with that, or with a file.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let files: Vec<_> = view.files.iter().map(|file| file_item(&view, file)).collect();
    let comments: Vec<_> = view.comments.iter().map(comment).collect();
    let files = if files.is_empty() {
        view! { <p>"No file was added."</p> }.into_any()
    } else {
        view! { <ul class="plain rows" aria-label="Files">{files}</ul> }.into_any()
    };
    let comments = if comments.is_empty() {
        view! { <p>"Nobody said anything yet."</p> }.into_any()
    } else {
        view! { <ol class="plain rows" aria-label="Comments">{comments}</ol> }.into_any()
    };
    view! {
        <section class="panel" aria-labelledby="files-heading">
            <h2 id="files-heading">"Files"</h2>
            {files}
            {view.may.discuss.then(|| file_form(&view, &mistakes))}
        </section>
        <section class="panel" aria-labelledby="comments-heading">
            <h2 id="comments-heading">"Comments"</h2>
            {comments}
            {view.may.discuss.then(|| comment_form(&view, said, &mistakes))}
        </section>
    }
    .into_any()
}

fn file_item(view: &ExceptionView, file: &EvidenceFileView) -> AnyView {
    let address = evidence_file_href(view.row.id, file.id);
    view! {
        <li>
            <a href=address download=file.name.clone()>{file.name.clone()}</a>
            <span class="below">
                {format!("{} · {} · ", size(file.bytes), file.by)}
                <Moment at=file.at />
            </span>
            <span class="below id">{format!("SHA-256 {}", file.hash)}</span>
        </li>
    }
    .into_any()
}

fn comment(comment: &CommentView) -> AnyView {
    view! {
        <li>
            <p class="said">{comment.text.clone()}</p>
            <span class="below">{format!("{} · ", comment.by)}<Moment at=comment.at /></span>
        </li>
    }
    .into_any()
}

fn file_form(view: &ExceptionView, mistakes: &[Mistake]) -> AnyView {
    let mistake = FieldMistake::of(mistakes, FILE);
    let accept: Vec<String> =
        FileKind::ALL.iter().map(|kind| format!(".{}", kind.ending())).collect();
    let hint = format!(
        "One of {}; at most {} MiB. It cannot be taken away again.",
        FileKind::endings(),
        MOST_BYTES / 1024 / 1024
    );
    let action = exception_act_href(view.row.id, "files");
    view! {
        <form class="request" method="post" action=action enctype="multipart/form-data" novalidate="" aria-label="Add a file">
            <div class="field">
                <label for=FILE>"Add a file as evidence"</label>
                <p class="hint" id="file-hint">{hint}</p>
                {mistake.view()}
                <input
                    type="file" id=FILE name=FILE accept=accept.join(",")
                    aria-describedby=mistake.described_by(Some("file-hint"))
                    aria-invalid=mistake.is_there().then_some("true")
                />
            </div>
            <div class="form-actions"><button class="button" type="submit">"Add file"</button></div>
        </form>
    }
    .into_any()
}

fn comment_form(view: &ExceptionView, said: String, mistakes: &[Mistake]) -> AnyView {
    let mistake = FieldMistake::of(mistakes, SAID);
    view! {
        <form class="request" method="post" action=exception_act_href(view.row.id, "comment") novalidate="" aria-label="Add a comment">
            <input type="hidden" name=FORM_KEY value=view.form_key.clone() />
            <div class="field">
                <label for=SAID>"Comment"</label>
                <p class="hint" id="said-hint">"Everybody who sees the exception reads it, auditors included. It cannot be changed or taken away."</p>
                {mistake.view()}
                <TextArea id=SAID text=said rows=4 described_by=mistake.described_by(Some("said-hint")) is_wrong=mistake.is_there() />
            </div>
            <div class="form-actions"><button class="button" type="submit">"Add comment"</button></div>
        </form>
    }
    .into_any()
}
