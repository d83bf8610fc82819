//! Pages that say why there is no page: plain words, and one way on.

use leptos::prelude::*;
use postern_domain::id::ExceptionId;
use postern_domain::person::{Actor, Denied};

use crate::address::{SEARCH, exception_href};
use crate::frame::PersonView;
use crate::page::welcome::WELCOME;

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The address names nothing that is there.
    NotFound {
        /// What was looked for, such as `finding F-7`.
        what: String,
    },
    /// There is no connection yet.
    NoConnection,
    /// The address asks for a moment that cannot be shown.
    NotThen {
        /// Why, as a sentence.
        reason: String,
        /// The same page as of now.
        now: String,
    },
    /// Whoever asks may not.
    Denied {
        /// Who may, as a sentence.
        reason: String,
        /// Who asks.
        person: Option<PersonView>,
    },
    /// Whoever asks is known and has no role.
    NoRole,
    /// Reading failed.
    Failed,
    /// A form could not be understood or done.
    Refused {
        /// Why, as a sentence.
        reason: String,
    },
    /// Something was not done to an exception, or cannot be.
    NotExcepted {
        /// Why, as a sentence.
        reason: String,
        /// The exception that it is about.
        about: Option<ExceptionId>,
    },
}

impl Problem {
    /// Somebody may not do what they asked for.
    pub fn denied(denied: Denied, actor: &Actor) -> Self {
        Self::Denied { reason: sentence(&denied.to_string()), person: PersonView::of(actor) }
    }

    /// The page's heading and title.
    pub fn title(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "Not found",
            Self::NoConnection => "No connection yet",
            Self::NotThen { .. } => "Nothing is known of that moment",
            Self::NoRole => "No role yet",
            Self::Denied { .. } => "Not with your roles",
            Self::Failed => "This page could not be loaded",
            Self::Refused { .. } | Self::NotExcepted { .. } => "Nothing was done",
        }
    }
}

/// The page of a problem.
#[component]
pub fn ProblemPage(
    /// Why there is no page.
    problem: Problem,
) -> impl IntoView {
    let title = problem.title();
    let body = match problem {
        Problem::NotFound { what } => view! {
            <p>{format!("There is no {what} here. The address may be mistyped, or the data was removed.")}</p>
            <p><a href=SEARCH>"Search by name or id"</a></p>
        }
        .into_any(),
        Problem::NoConnection => view! {
            <p>"Postern reads Azure through a connection, or takes files that you already have. There is neither yet."</p>
            <p>"To look at files, run this with a folder of ARM JSON:"</p>
            <pre class="code" tabindex="0" aria-label="Command">"postern import PATH"</pre>
            <p>"To scan a tenant, start Postern with a way to sign in to it; the help names them all:"</p>
            <pre class="code" tabindex="0" aria-label="Command for a tenant">"postern serve --azure-credential azure-cli"</pre>
            <p><a href=WELCOME>"See the first steps"</a></p>
        }
        .into_any(),
        Problem::NotThen { reason, now } => view! {
            <p>{reason}</p>
            <p><a href=now>"Show now"</a></p>
        }
        .into_any(),
        Problem::Denied { reason, person } => view! {
            <p>{reason}" Nothing was changed."</p>
            {person.map(|person| view! {
                <p>{format!("You are signed in as {} ({}). ", person.name, person.roles_in_words())}
                "Who gives out roles in your organisation can change that."</p>
            })}
            <p><a href="/overview">"Go to the overview"</a></p>
        }
        .into_any(),
        Problem::NoRole => view! {
            <p>"Nothing that your identity provider says of you is a role in Postern."</p>
            <p>"Whoever gives out groups and roles in your organisation can change that; sign out and in again afterwards."</p>
        }
        .into_any(),
        Problem::Failed => view! {
            <p>"Postern could not read its database. Nothing was changed; the cause is in the server's log."</p>
            <p><a href="">"Try again"</a></p>
        }
        .into_any(),
        Problem::Refused { reason } => view! {
            <p>{reason}</p>
            <p><a href="/scans">"Open scans"</a></p>
        }
        .into_any(),
        Problem::NotExcepted { reason, about: None } => view! {
            <p>{reason}</p>
            <p><a href="/findings">"See all findings"</a></p>
        }
        .into_any(),
        Problem::NotExcepted { reason, about: Some(about) } => view! {
            <p>{reason}</p>
            <p><a href=exception_href(about, None)>{format!("Open {about}")}</a></p>
        }
        .into_any(),
    };
    view! {
        <div class="page-head"><h1>{title}</h1></div>
        <div class="problem">{body}</div>
    }
    .into_any()
}

/// A phrase as a sentence.
pub fn sentence(phrase: &str) -> String {
    let mut sentence = format!("{phrase}.");
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_says_is_shown_as_text() {
        let problem = Problem::NotFound { what: "finding \u{201c}<script>\u{201d}".to_owned() };
        let owner = Owner::new_root(None);
        let html = owner.with(|| view! { <ProblemPage problem=problem /> }.into_any().to_html());
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"), "{html}");
    }
}
