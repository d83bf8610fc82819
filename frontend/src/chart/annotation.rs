//! Annotations: where the rules changed, so that a step of a line is not taken for work.

use leptos::prelude::*;
use postern_domain::trend::TrendPoint;
use postern_service::view::{JudgedOtherwiseView, RuleChangeView, RuleChangeWhat, VersionView};
use time::OffsetDateTime;

use super::geometry::round;
use crate::part::Moment;

/// More marks than this would hide what they mark, so neighbours share one.
const MOST_MARKS: usize = 8;

/// The room that the numbers take above the drawing.
pub const HEAD: f64 = 24.0;

/// The radius of a number's circle.
const RADIUS: f64 = 8.0;

/// A change of the rules, at the first point that it judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// The number of its mark, from 1; neighbours may share one.
    pub number: usize,
    /// The point's position.
    pub point: usize,
    /// The time of the point.
    pub at: OffsetDateTime,
    /// What changed, a sentence each.
    pub texts: Vec<String>,
}

/// The changes that lie within the points; at the first one there is no step that a change could have made.
pub fn annotations(points: &[TrendPoint], changes: &[JudgedOtherwiseView]) -> Vec<Annotation> {
    let of_point = |(point, shown): (usize, &TrendPoint)| {
        let change = changes.iter().find(|change| change.evaluation == shown.evaluation)?;
        let texts = change.changes.iter().map(sentence).collect();
        Some(Annotation { number: 0, point, at: shown.at, texts })
    };
    let mut found: Vec<_> = points.iter().enumerate().skip(1).filter_map(of_point).collect();
    let spans: [fn(OffsetDateTime) -> i64; 4] = [
        |at| at.unix_timestamp(),
        |at| i64::from(at.year()) * 54 + i64::from(at.iso_week()),
        |at| i64::from(at.year()) * 12 + i64::from(u8::from(at.month())),
        |at| i64::from(at.year()),
    ];
    for span in spans {
        number(&mut found, span);
        if found.last().is_none_or(|last| last.number <= MOST_MARKS) {
            break;
        }
    }
    found
}

/// Numbers the annotations; those of the same span follow each other and share a number.
fn number(annotations: &mut [Annotation], span: fn(OffsetDateTime) -> i64) {
    let (mut number, mut before) = (0, None);
    for annotation in annotations {
        let now = span(annotation.at);
        if before != Some(now) {
            number += 1;
            before = Some(now);
        }
        annotation.number = number;
    }
}

fn sentence(change: &RuleChangeView) -> String {
    let pack = &change.pack;
    let what = match &change.what {
        RuleChangeWhat::Version { before: None, now: Some(now) } => {
            format!("Pack {pack} {} was added", now.version)
        }
        RuleChangeWhat::Version { before: Some(before), now: None } => {
            format!("Pack {pack} {} was taken out of use", before.version)
        }
        RuleChangeWhat::Version { before: Some(before), now: Some(now) }
            if before.version == now.version =>
        {
            let (before, now) = (before.digest.short(), now.digest.short());
            format!("Pack {pack} changed from sha256:{before} to sha256:{now}")
        }
        RuleChangeWhat::Version { before, now } => {
            format!(
                "Pack {pack} changed from {} to {}",
                version(before.as_ref()),
                version(now.as_ref())
            )
        }
        RuleChangeWhat::Settings { names } if names.is_empty() => {
            format!("Settings of {pack} changed")
        }
        RuleChangeWhat::Settings { names } => {
            format!("Settings of {pack} changed: {}", names.join(", "))
        }
    };
    match &change.reason {
        Some(reason) => format!("{what}. Reason given: {}.", reason.trim().trim_end_matches('.')),
        None => format!("{what}."),
    }
}

fn version(side: Option<&VersionView>) -> &str {
    side.map_or("none", |version| &version.version)
}

/// The marks of a drawing: a line at the first point that a change judged, with its number on top.
pub fn marks(
    annotations: &[Annotation],
    x: impl Fn(usize) -> f64,
    ends: (f64, f64),
    bottom: f64,
) -> AnyView {
    let mut firsts: Vec<&Annotation> = annotations.iter().collect();
    firsts.dedup_by_key(|annotation| annotation.number);
    let places: Vec<f64> = firsts.iter().map(|first| x(first.point)).collect();
    let marks: Vec<_> = firsts
        .iter()
        .zip(&places)
        .zip(apart(&places, ends))
        .map(|((first, place), circle)| {
            let (place, circle) = (round(*place), round(circle));
            let path = format!("M{circle} {}L{place} {HEAD}V{}", 1.0 + 2.0 * RADIUS, round(bottom));
            view! {
                <g class="chart-mark">
                    <path d=path></path>
                    <circle cx=circle cy=1.0 + RADIUS r=RADIUS></circle>
                    <text x=circle y=5.0 + RADIUS text-anchor="middle">{first.number}</text>
                </g>
            }
        })
        .collect();
    marks.into_any()
}

/// Places for circles so that none covers another: moved to the right, then back from the right end.
fn apart(places: &[f64], (left, right): (f64, f64)) -> Vec<f64> {
    let step = 2.0 * RADIUS + 2.0;
    let mut apart = places.to_vec();
    let mut least = left;
    for place in &mut apart {
        *place = place.max(least);
        least = *place + step;
    }
    let mut most = right;
    for place in apart.iter_mut().rev() {
        *place = place.min(most);
        most = *place - step;
    }
    apart
}

/// The texts of the marks, under the drawing.
#[component]
pub fn AnnotationList(
    /// The annotations, oldest first.
    annotations: Vec<Annotation>,
) -> impl IntoView {
    if annotations.is_empty() {
        return None;
    }
    let items: Vec<_> = annotations
        .into_iter()
        .map(|annotation| {
            view! {
                <li>
                    <span class="mark">{annotation.number}</span>
                    <span>
                        <Moment at=annotation.at />
                        {format!(": {}", annotation.texts.join(" "))}
                    </span>
                </li>
            }
        })
        .collect();
    Some(view! {
        <p class="chart-subject">"The rules changed at these scans, so a step there need not be work:"</p>
        <ol class="annotations">{items}</ol>
    }.into_any())
}

#[cfg(test)]
mod tests {
    use postern_domain::digest::Digest;
    use postern_domain::id::EvaluationId;
    use postern_domain::trend::{CheckCounts, SeverityCounts};
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    fn points(number: i64) -> Vec<TrendPoint> {
        (0..number)
            .map(|day| TrendPoint {
                evaluation: EvaluationId::from_number(day + 1),
                at: datetime!(2026-03-02 02:00 UTC) + Duration::days(day),
                severities: SeverityCounts::all_none(),
                checks: CheckCounts::default(),
                assets: 1,
                assets_unread: 0,
                gaps: 0,
            })
            .collect()
    }

    fn change(what: RuleChangeWhat, reason: Option<&str>) -> RuleChangeView {
        RuleChangeView { pack: "house".to_owned(), what, reason: reason.map(str::to_owned) }
    }

    fn at(evaluation: i64) -> JudgedOtherwiseView {
        let names = vec!["keyRotationDays".to_owned()];
        JudgedOtherwiseView {
            evaluation: EvaluationId::from_number(evaluation),
            at: datetime!(2026-03-02 02:00 UTC),
            changes: vec![change(RuleChangeWhat::Settings { names }, None)],
        }
    }

    #[test]
    fn changes_stand_at_their_points_and_those_out_of_sight_do_not() {
        let found = annotations(&points(4), &[at(1), at(3), at(4), at(99)]);
        let places: Vec<_> = found.iter().map(|one| (one.number, one.point)).collect();
        assert_eq!(places, [(1, 2), (2, 3)]);
        assert_eq!(found[0].texts, ["Settings of house changed: keyRotationDays."]);
    }

    #[test]
    fn more_than_eight_marks_are_shared_by_week_then_by_month_then_by_year() {
        let check = |points: &[TrendPoint], most: usize| {
            let changes: Vec<_> =
                points.iter().map(|point| at(point.evaluation.number())).collect();
            let found = annotations(points, &changes);
            assert_eq!(found.len(), points.len() - 1, "each keeps its own text");
            assert!(found.is_sorted_by_key(|one| one.number));
            assert_eq!(found.last().unwrap().number, most);
        };
        check(&points(9), 8);
        check(&points(14), 2);
        check(&points(70), 3);
        check(&points(400), 2);
    }

    #[test]
    fn a_change_reads_as_a_sentence() {
        let version = |number: &str, bytes: &[u8]| {
            Some(VersionView { version: number.to_owned(), digest: Digest::of(bytes) })
        };
        let check = |before, now, reason, text: &str| {
            assert_eq!(sentence(&change(RuleChangeWhat::Version { before, now }, reason)), text);
        };
        let (old, new) = (version("1.0.0", b"old"), version("1.1.0", b"new"));
        check(None, new.clone(), None, "Pack house 1.1.0 was added.");
        check(
            old.clone(),
            None,
            Some("too strict."),
            "Pack house 1.0.0 was taken out of use. Reason given: too strict.",
        );
        check(old.clone(), new, None, "Pack house changed from 1.0.0 to 1.1.0.");
        let rebuilt = version("1.0.0", b"rebuilt");
        let (one, other) = (Digest::of(b"old").short(), Digest::of(b"rebuilt").short());
        check(
            old,
            rebuilt,
            None,
            &format!("Pack house changed from sha256:{one} to sha256:{other}."),
        );
    }

    #[test]
    fn circles_stand_apart_and_within_the_drawing() {
        for places in
            [vec![0.0, 1.0, 2.0], vec![99.0, 100.0, 100.0], vec![0.0, 50.0, 100.0], vec![]]
        {
            let apart = apart(&places, (0.0, 100.0));
            assert_eq!(apart.len(), places.len());
            assert!(apart.iter().all(|place| (0.0..=100.0).contains(place)), "{apart:?}");
            assert!(apart.windows(2).all(|pair| pair[1] - pair[0] >= 2.0 * RADIUS), "{apart:?}");
        }
    }
}
