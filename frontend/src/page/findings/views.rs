//! Saved views of the list: links to them, and forms that save, rename and delete them.

use leptos::prelude::*;
use postern_domain::saved_view::ViewName;
use postern_service::view::{FindingQuery, SavedViewRow, SavedViewsView, ViewOwnerChoice};

use crate::address::{FINDINGS, VIEWS, connection_href, view_act_href, view_query};
use crate::part::{FieldMistake, Mistake, MistakeSummary, Notice, NoticeKind};

/// The names of the fields, which are their ids too where a page has one.
pub mod field {
    /// What the view is called.
    pub const NAME: &str = "name";
    /// Whose it is.
    pub const OWNER: &str = "owner";
    /// What it stands for.
    pub const QUERY: &str = "query";
    /// The connection that the list is shown of.
    pub const CONNECTION: &str = "connection";
    /// What is done to it.
    pub const ACT: &str = "act";
    /// The version that was seen.
    pub const VERSION: &str = "version";
    /// What makes a form another than the next one.
    pub const FORM_KEY: &str = "form_key";
}

/// The word of one's own views; teams are not called so, because theirs begin with `team:`.
pub const ME: &str = "me";
/// The word of everybody's views.
pub const ORGANISATION: &str = "organisation";
/// What the word of a team's views begins with.
pub const TEAM: &str = "team:";

/// What was just done to a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewDone {
    /// It was made.
    Saved,
    /// It stands for another list.
    Changed,
    /// It has another name.
    Renamed,
    /// It is gone.
    Deleted,
    /// The last change was taken back.
    Undone,
}

impl ViewDone {
    const ALL: [Self; 5] = [Self::Saved, Self::Changed, Self::Renamed, Self::Deleted, Self::Undone];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
            Self::Deleted => "deleted",
            Self::Undone => "undone",
        }
    }

    /// What an address says.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.as_str() == word)
    }
}

/// The views of the list, and how it stands to the one that it began with.
#[derive(Clone, Debug)]
pub struct ShownViews {
    /// All that there are.
    pub all: SavedViewsView,
    /// The one that the list began with.
    pub selected: Option<SavedViewRow>,
    /// What was just done, and to which.
    pub done: Option<(ViewDone, SavedViewRow)>,
    /// Whether the list is of now: nothing is saved in the past.
    pub is_now: bool,
}

/// What was just done to a view, with a way back.
#[component]
pub fn ViewNotice(
    /// The views.
    views: ShownViews,
    /// The connection's slug.
    connection: String,
) -> impl IntoView {
    let Some((done, view)) = views.done else { return ().into_any() };
    let name = &view.name;
    let words = match done {
        ViewDone::Saved => {
            format!("Saved the view \u{201c}{name}\u{201d} for {}.", for_whom(&view.owner))
        }
        ViewDone::Changed => format!("Saved the view \u{201c}{name}\u{201d} as the list is now."),
        ViewDone::Renamed => format!("The view is called \u{201c}{name}\u{201d} now."),
        ViewDone::Deleted => format!("Deleted the view \u{201c}{name}\u{201d}."),
        ViewDone::Undone => format!("Took back what was done to the view \u{201c}{name}\u{201d}."),
    };
    let undo = (done != ViewDone::Undone).then(|| {
        let label = format!("Undo: {words}");
        view! {
            <form class="in-line" method="post" action=view_act_href(view.id)>
                <input type="hidden" name=field::CONNECTION value=connection />
                <input type="hidden" name=field::VERSION value=view.version.to_string() />
                <button class="button" type="submit" name=field::ACT value="undo" aria-label=label>"Undo"</button>
            </form>
        }
    });
    view! { <Notice kind=NoticeKind::Done><p>{words}</p>{undo}</Notice> }.into_any()
}

fn for_whom(owner: &ViewOwnerChoice) -> String {
    match owner {
        ViewOwnerChoice::Me => "you".to_owned(),
        ViewOwnerChoice::Team(team) => team.name.clone(),
        ViewOwnerChoice::Organisation => "everybody".to_owned(),
    }
}

/// Links to the views, what the list changed of the one that it began with, and the forms.
#[component]
pub fn Views(
    /// The views.
    views: ShownViews,
    /// The list.
    query: FindingQuery,
    /// The connection's slug.
    connection: String,
) -> impl IntoView {
    let stood_for = view_query(&query);
    let changed = views.selected.as_ref().filter(|view| view.query != stood_for);
    let changed = changed.map(|view| changed_line(view, &stood_for, &connection, views.is_now));
    let links = (!views.all.views.is_empty()).then(|| links(&views, &query, &connection));
    let can_save = views.is_now && !views.all.owners.is_empty();
    let save = can_save.then(|| {
        view! {
            <details class="view-form">
                <summary>"Save as a view"</summary>
                <SaveForm
                    owners=views.all.owners.clone()
                    entered=EnteredView {
                        query: stood_for.clone(),
                        connection: connection.clone(),
                        form_key: views.all.form_key.clone(),
                        ..EnteredView::default()
                    }
                    mistake=FieldMistake::of(&[], field::NAME)
                />
            </details>
        }
    });
    let own = views.selected.as_ref().filter(|view| view.may_change && views.is_now);
    let own = own.map(|view| change_forms(view, &connection));
    view! { <div class="views">{links} {changed} {save} {own}</div> }.into_any()
}

fn links(views: &ShownViews, query: &FindingQuery, connection: &str) -> AnyView {
    let to = |view: Option<&SavedViewRow>| {
        let slug = view.map(|view| view.slug.clone());
        let base = connection_href(FINDINGS, Some(connection), query.as_of);
        slug.map_or(base.clone(), |slug| format!("{base}&view={slug}"))
    };
    let is_selected = |view: Option<&SavedViewRow>| {
        let selected = views.selected.as_ref().map(|it| it.id);
        (selected == view.map(|it| it.id)).then_some("true")
    };
    let items: Vec<_> = views
        .all
        .views
        .iter()
        .map(|view| {
            let whose = match &view.owner {
                ViewOwnerChoice::Me => None,
                owner => Some(for_whom(owner)),
            };
            let whose = whose.map(|whose| view! { <span class="hint">{format!(" · {whose}")}</span> });
            let current = is_selected(Some(view));
            view! {
                <li><a class="name" href=to(Some(view)) aria-current=current>{view.name.clone()}{whose}</a></li>
            }
        })
        .collect();
    view! {
        <nav class="group-by" aria-labelledby="views">
            <span id="views">"View"</span>
            <ul>
                <li><a href=to(None) aria-current=is_selected(None)>"None"</a></li>
                {items}
            </ul>
        </nav>
    }
    .into_any()
}

/// That the list is not what the view stands for any more.
fn changed_line(view: &SavedViewRow, stood_for: &str, connection: &str, is_now: bool) -> AnyView {
    let reset = format!("{}&view={}", connection_href(FINDINGS, Some(connection), None), view.slug);
    let save = (view.may_change && is_now).then(|| {
        view! {
            <input type="hidden" name=field::CONNECTION value=connection.to_owned() />
            <input type="hidden" name=field::VERSION value=view.version.to_string() />
            <input type="hidden" name=field::QUERY value=stood_for.to_owned() />
            <button class="button" type="submit" name=field::ACT value="save">"Save"</button>
        }
    });
    view! {
        <form class="in-line" method="post" action=view_act_href(view.id)>
            <span>{format!("View \u{201c}{}\u{201d} changed", view.name)}</span>
            {save}
            <a href=reset>"Reset"</a>
        </form>
    }
    .into_any()
}

/// The forms that rename and delete a view.
fn change_forms(view: &SavedViewRow, connection: &str) -> AnyView {
    let kept = |connection: &str| {
        view! {
            <input type="hidden" name=field::CONNECTION value=connection.to_owned() />
            <input type="hidden" name=field::VERSION value=view.version.to_string() />
        }
    };
    let most = ViewName::MOST.to_string();
    view! {
        <details class="view-form">
            <summary>{format!("Rename or delete \u{201c}{}\u{201d}", view.name)}</summary>
            <form class="in-line" method="post" action=view_act_href(view.id)>
                {kept(connection)}
                <label for="rename">"Name"</label>
                <input id="rename" type="text" name=field::NAME value=view.name.clone() maxlength=most autocomplete="off" />
                <button class="button" type="submit" name=field::ACT value="rename">"Rename view"</button>
            </form>
            <form class="in-line" method="post" action=view_act_href(view.id)>
                {kept(connection)}
                <button class="button" type="submit" name=field::ACT value="delete">"Delete view"</button>
            </form>
        </details>
    }
    .into_any()
}

/// What somebody entered of a view that they save.
#[derive(Clone, Debug, Default)]
pub struct EnteredView {
    /// What it shall be called.
    pub name: String,
    /// The word of whose it shall be.
    pub owner: String,
    /// What it stands for.
    pub query: String,
    /// The connection that the list is shown of.
    pub connection: String,
    /// What makes the form another than the next one.
    pub form_key: String,
}

#[component]
fn SaveForm(
    owners: Vec<ViewOwnerChoice>,
    entered: EnteredView,
    mistake: FieldMistake,
) -> impl IntoView {
    let options: Vec<_> = owners
        .iter()
        .map(|owner| {
            let (word, label) = match owner {
                ViewOwnerChoice::Me => (ME.to_owned(), "Me".to_owned()),
                ViewOwnerChoice::Team(team) => (format!("{TEAM}{}", team.id), team.name.clone()),
                ViewOwnerChoice::Organisation => {
                    (ORGANISATION.to_owned(), "Everybody in the organisation".to_owned())
                }
            };
            let selected = word == entered.owner;
            view! { <option value=word selected=selected>{label}</option> }
        })
        .collect();
    let most = ViewName::MOST.to_string();
    let described = mistake.described_by(None);
    view! {
        <form class="in-line" method="post" action=VIEWS novalidate="">
            <input type="hidden" name=field::QUERY value=entered.query />
            <input type="hidden" name=field::CONNECTION value=entered.connection />
            <input type="hidden" name=field::FORM_KEY value=entered.form_key />
            {mistake.view()}
            <label for=field::NAME>"Name"</label>
            <input
                id=field::NAME
                type="text"
                name=field::NAME
                value=entered.name
                maxlength=most
                autocomplete="off"
                aria-invalid=mistake.is_there().then_some("true")
                aria-describedby=(!described.is_empty()).then_some(described)
            />
            <label for=field::OWNER>"For"</label>
            <select id=field::OWNER name=field::OWNER>{options}</select>
            <button class="button" type="submit">"Save view"</button>
        </form>
    }
    .into_any()
}

/// The form alone, with why nothing was saved.
#[component]
pub fn SaveViewPage(
    /// Whose it can be.
    owners: Vec<ViewOwnerChoice>,
    /// What was entered.
    entered: EnteredView,
    /// What is wrong with it.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let list = format!("{FINDINGS}?{}", entered.query);
    let mistake = FieldMistake::of(&mistakes, field::NAME);
    view! {
        <h1>"Save as a view"</h1>
        <MistakeSummary mistakes=mistakes />
        <SaveForm owners=owners entered=entered mistake=mistake />
        <p><a href=list>"Back to the list"</a></p>
    }
    .into_any()
}
