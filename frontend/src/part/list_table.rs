//! A table of things: wide in a region that scrolls, and a block for each row where there is little room.

use leptos::prelude::*;

/// What is over a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Words, over words.
    Text(&'static str),
    /// Words, over numbers.
    Number(&'static str),
    /// Words that are read aloud and not shown, such as over buttons.
    Unseen(&'static str),
}

/// A table. Roles are written out, because the styles of narrow screens would take them from the elements.
#[component]
pub fn ListTable(
    /// What the region that scrolls is called.
    #[prop(into)]
    label: String,
    /// What the table holds, and in which order.
    #[prop(into)]
    caption: String,
    /// Whether the caption is only read aloud, because a heading says the same.
    #[prop(optional)]
    hides_caption: bool,
    /// What tells it apart in styles.
    #[prop(optional)]
    class: &'static str,
    /// The columns.
    columns: &'static [Column],
    /// The rows, with `role="row"`, `role="rowheader"` and `role="cell"`.
    children: Children,
) -> impl IntoView {
    let head = |column: &Column| match *column {
        Column::Text(words) => {
            view! { <th scope="col" role="columnheader">{words}</th> }.into_any()
        }
        Column::Number(words) => {
            view! { <th scope="col" role="columnheader" class="number">{words}</th> }.into_any()
        }
        Column::Unseen(words) => {
            view! { <th scope="col" role="columnheader"><span class="unseen">{words}</span></th> }
                .into_any()
        }
    };
    let heads: Vec<_> = columns.iter().map(head).collect();
    let class = if class.is_empty() { "list".to_owned() } else { format!("list {class}") };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            <table class=class role="table">
                <caption class=hides_caption.then_some("hidden-caption")>{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">{heads}</tr>
                </thead>
                <tbody role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
