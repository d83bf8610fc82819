//! The first steps: what has to be there before Postern is of use, each with how it stands.
//!
//! Nothing is ticked by hand: each step says what was found.

pub mod steps;

use leptos::prelude::*;

/// The address of the page.
pub const WELCOME: &str = "/welcome";

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It is there.
    Done,
    /// It is not there yet.
    ToDo,
    /// It cannot be there before a step above.
    Later,
    /// Somebody else can see it.
    NotSeen,
}

impl StepState {
    /// The word that pages have for it.
    fn label(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::ToDo => "To do",
            Self::Later => "Later",
            Self::NotSeen => "Not shown to you",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Done => "step done",
            Self::ToDo => "step todo",
            Self::Later | Self::NotSeen => "step later",
        }
    }
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is to be done.
    pub name: &'static str,
    /// How it stands.
    pub state: StepState,
    /// What was found, as sentences.
    pub said: String,
    /// Where it is done: an address, and what the link says.
    pub link: Option<(String, &'static str)>,
    /// What is written on a command line, each with what it is for.
    pub commands: Vec<(&'static str, &'static str)>,
}

/// The first steps.
#[component]
pub fn WelcomePage(
    /// In their order.
    steps: Vec<Step>,
) -> impl IntoView {
    let done = steps.iter().filter(|step| step.state == StepState::Done).count();
    let lead = if done == steps.len() {
        "All of it is there. Postern reads, judges and reminds by itself.".to_owned()
    } else {
        format!("{done} of {} steps are done. Each is looked up when this page opens.", steps.len())
    };
    let items: Vec<_> = steps.into_iter().map(item).collect();
    view! {
        <div class="page-head">
            <div>
                <h1>"First steps"</h1>
                <p class="lead">{lead}</p>
            </div>
        </div>
        <ol class="plain steps">{items}</ol>
    }
    .into_any()
}

fn item(step: Step) -> AnyView {
    let link = step.link.map(|(address, said)| view! { <p><a href=address>{said}</a></p> });
    let commands: Vec<_> = step
        .commands
        .into_iter()
        .map(|(what, command)| {
            view! {
                <p>{what}</p>
                <pre class="code" tabindex="0" aria-label=what>{command}</pre>
            }
        })
        .collect();
    view! {
        <li class=step.state.class()>
            <h2>{step.name} " " <span class="step-state">{step.state.label()}</span></h2>
            <p>{step.said}</p>
            {commands}
            {link}
        </li>
    }
    .into_any()
}
