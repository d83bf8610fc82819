//! Saved views: who is shown which, who changes which, what is undone, and what of it is written down.

use postern_domain::id::{PersonId, ViewId};
use postern_domain::person::{Actor, Claims, Grant, GrantRules, Role};
use postern_service::Postern;
use postern_service::decision::list_decisions;
use postern_service::saved_view::{
    MOST_VIEWS, NewSavedView, Screen, SharedOwner, ViewChange, ViewError, change_view,
    changed_view, list_views, save_view,
};
use postern_service::session::{Identity, SessionLimits, Vouched, begin_session};
use postern_service::team::set_routing;
use postern_service::view::{SavedViewRow, ViewOwnerChoice};
use serde_json::{Value, json};
use time::Duration;

use crate::world::World;

async fn office() -> World {
    let world = World::new().await;
    let routing = json!({
        "teams": [{"id": "nlp", "name": "NLP"}, {"id": "vision", "name": "Vision"}],
        "rules": [],
    });
    set_routing(&world.postern, &serde_json::from_value(routing).unwrap(), "a test").await.unwrap();
    world
}

/// Postern on behalf of somebody who signed in.
async fn somebody(world: &World, name: &str, grants: Vec<Grant>) -> Postern {
    let vouched = Vouched {
        identity: Identity {
            issuer: "https://login.example".to_owned(),
            subject: name.to_owned(),
            name: name.to_owned(),
            email: None,
        },
        claims: Claims::default(),
    };
    let limits = SessionLimits { idle: Duration::HOUR, longest: Duration::HOUR };
    let rules = GrantRules::default();
    let id: PersonId = begin_session(&world.postern, name, vouched, &rules, limits).await.unwrap();
    let actor = Actor::Person { id, name: name.to_owned(), grants, address: None };
    world.postern.acting_as(actor)
}

fn in_team(role: Role, team: &str) -> Vec<Grant> {
    vec![Grant::in_team(role, team.parse().unwrap())]
}

fn new(name: &str, owner: Option<SharedOwner>) -> NewSavedView {
    NewSavedView {
        screen: Screen::Findings,
        owner,
        name: name.to_owned(),
        query: "sev=critical".to_owned(),
        form_key: name.to_owned(),
    }
}

fn nlp() -> SharedOwner {
    SharedOwner::Team("nlp".parse().unwrap())
}

async fn names(postern: &Postern) -> Vec<String> {
    let shown = list_views(postern, Screen::Findings).await.unwrap();
    shown.views.into_iter().map(|view| view.name).collect()
}

/// What the decision log says of views, the oldest first.
async fn log(world: &World) -> Vec<(String, Value)> {
    let view = list_decisions(&world.postern, None, 100).await.unwrap();
    let of_views = view.entries.iter().rev().filter(|it| it.action.as_str().starts_with("view."));
    let after = |text: &Option<String>| serde_json::from_str(text.as_deref().unwrap()).unwrap();
    of_views.map(|it| (it.action.to_string(), after(&it.after))).collect()
}

async fn change(postern: &Postern, view: &SavedViewRow, change: ViewChange) -> SavedViewRow {
    change_view(postern, view.id, view.version, change).await.unwrap()
}

#[tokio::test]
async fn views_are_shown_to_whom_they_are_for_and_changed_by_who_works_with_them() {
    let world = office().await;
    let nora = somebody(&world, "Nora", in_team(Role::Contributor, "nlp")).await;
    let nils = somebody(&world, "Nils", in_team(Role::Viewer, "nlp")).await;
    let tomas = somebody(&world, "Tomas", in_team(Role::Contributor, "vision")).await;
    let vera = somebody(&world, "Vera", vec![Grant::of(Role::Auditor)]).await;
    let kim = somebody(&world, "Kim", vec![Grant::of(Role::Engineer)]).await;

    let mine = save_view(&nora, new("Mine", None)).await.unwrap();
    let ours = save_view(&nora, new("Ours", Some(nlp()))).await.unwrap();
    save_view(&kim, new("All", Some(SharedOwner::Organisation))).await.unwrap();
    assert_eq!(mine.owner, ViewOwnerChoice::Me);
    assert_eq!(names(&nora).await, ["All", "Mine", "Ours"]);
    assert_eq!(names(&nils).await, ["All", "Ours"]);
    assert_eq!(names(&tomas).await, ["All"]);
    assert_eq!(names(&vera).await, ["All", "Ours"]);
    assert_eq!(names(&world.postern).await, ["All", "Ours"], "an operator keeps none");

    let offered =
        async |postern: &Postern| list_views(postern, Screen::Findings).await.unwrap().owners.len();
    assert_eq!(offered(&nora).await, 2);
    assert_eq!((offered(&nils).await, offered(&vera).await), (1, 1));
    assert_eq!((offered(&kim).await, offered(&world.postern).await), (4, 0));

    for (postern, owner) in [
        (&nils, Some(nlp())),
        (&tomas, Some(nlp())),
        (&vera, Some(nlp())),
        (&nora, Some(SharedOwner::Organisation)),
    ] {
        let refused = save_view(postern, new("No", owner)).await;
        assert!(matches!(refused, Err(ViewError::NotYours)), "{refused:?}");
    }
    let gone = Some(SharedOwner::Team("nowhere".parse().unwrap()));
    assert!(matches!(save_view(&kim, new("No", gone)).await, Err(ViewError::NotYours)));
    assert!(matches!(save_view(&world.postern, new("No", None)).await, Err(ViewError::Nobody)));

    let rename = async |postern: &Postern, view: &SavedViewRow| {
        let to = ViewChange::Rename("Renamed".to_owned());
        change_view(postern, view.id, view.version, to).await
    };
    // What is another's own is not even there.
    assert!(matches!(rename(&kim, &mine).await, Err(ViewError::NotThere(_))));
    assert!(matches!(rename(&tomas, &ours).await, Err(ViewError::NotThere(_))));
    assert!(matches!(rename(&nils, &ours).await, Err(ViewError::NotYours)));
    assert!(changed_view(&nils, ours.id).await.unwrap().is_none());
    assert_eq!(rename(&kim, &ours).await.unwrap().name, "Renamed");

    // What is shared is written down, one's own is not.
    let written: Vec<_> = log(&world).await;
    let actions: Vec<_> = written.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["view.save", "view.save", "view.rename"]);
    let expected = json!({"owner": {"team": "nlp"}, "name": "Renamed", "query": "sev=critical", "deleted": false});
    assert_eq!(written[2].1, expected);
}

#[tokio::test]
async fn every_change_is_undone_and_of_two_at_once_one_counts() {
    let world = office().await;
    let nora = somebody(&world, "Nora", in_team(Role::Contributor, "nlp")).await;
    let kim = somebody(&world, "Kim", vec![Grant::of(Role::Engineer)]).await;
    let made = save_view(&nora, new("Ours", Some(nlp()))).await.unwrap();
    assert_eq!(save_view(&nora, new("Ours", Some(nlp()))).await.unwrap().id, made.id, "sent twice");

    let other = change(&nora, &made, ViewChange::Query("sev=high".to_owned())).await;
    assert_eq!((other.query.as_str(), other.slug == made.slug), ("sev=high", true));
    let again = change_view(&nora, made.id, made.version, ViewChange::Query("sev=high".to_owned()));
    assert_eq!(again.await.unwrap(), other, "sent twice");
    let stale = change_view(&kim, made.id, made.version, ViewChange::Delete).await;
    assert!(matches!(stale, Err(ViewError::Changed)), "{stale:?}");
    let back = change(&nora, &other, ViewChange::Undo).await;
    assert_eq!(back.query, "sev=critical");

    let gone = change(&kim, &back, ViewChange::Delete).await;
    assert!(gone.is_deleted);
    assert!(names(&nora).await.is_empty());
    let change_of_gone = ViewChange::Rename("x".to_owned());
    let refused = change_view(&nora, gone.id, gone.version, change_of_gone).await;
    assert!(matches!(refused, Err(ViewError::NotThere(_))), "{refused:?}");
    let restored = change(&nora, &gone, ViewChange::Undo).await;
    assert_eq!((names(&nora).await, restored.is_deleted), (vec!["Ours".to_owned()], false));

    // Saving is undone by deleting.
    let mine = save_view(&nora, new("Mine", None)).await.unwrap();
    let undone = change(&nora, &mine, ViewChange::Undo).await;
    assert!(undone.is_deleted);
    assert_eq!(names(&nora).await, ["Ours"]);

    // Two people at the same time: the later is told.
    let (one, two) = tokio::join!(
        change_view(&nora, restored.id, restored.version, ViewChange::Rename("A".to_owned())),
        change_view(&kim, restored.id, restored.version, ViewChange::Rename("B".to_owned())),
    );
    let done = [&one, &two].into_iter().filter(|it| it.is_ok()).count();
    assert_eq!(done, 1, "{one:?} {two:?}");
    let missing = ViewId::from_number(999);
    let refused = change_view(&nora, missing, 1, ViewChange::Delete).await;
    assert!(matches!(refused, Err(ViewError::NotThere(_))));
}

#[tokio::test]
async fn names_and_numbers_have_bounds() {
    let world = office().await;
    let nora = somebody(&world, "Nora", in_team(Role::Contributor, "nlp")).await;
    for wrong in ["", " ", "a\nb", &"x".repeat(61)] {
        let refused = save_view(&nora, new(wrong, None)).await;
        assert!(matches!(refused, Err(ViewError::Name(_))), "{wrong:?}");
    }
    let long = NewSavedView { query: "q=".to_owned() + &"x".repeat(5_000), ..new("Long", None) };
    assert!(matches!(save_view(&nora, long).await, Err(ViewError::Query)));
    for number in 0..MOST_VIEWS {
        save_view(&nora, new(&format!("View {number}"), None)).await.unwrap();
    }
    let refused = save_view(&nora, new("One more", None)).await;
    assert!(matches!(refused, Err(ViewError::TooMany)), "{refused:?}");
    save_view(&nora, new("<b>One</b> for the team", Some(nlp()))).await.unwrap();
    assert_eq!(names(&nora).await.len(), usize::try_from(MOST_VIEWS).unwrap() + 1);
}
