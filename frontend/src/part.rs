//! Parts that several pages share.

mod badge;
mod filter;
mod gaps;
mod list_table;
mod mistakes;
mod moment;
mod notice;
mod number;
mod pack;
mod paging;
mod progress;
mod property_change;
mod text_area;

pub use badge::{SeverityBadge, StandingBadge, Tone, ToneBadge};
pub use filter::{CountsText, FilterChips, FilterForm, NoMatch, SetFilter, choices, owner_name};
pub use gaps::{GapTable, gap_word};
pub use list_table::{Column, ListTable};
pub use mistakes::{FieldMistake, Mistake, MistakeSummary};
pub use moment::{Day, Moment, day, day_and_time, end, length};
pub use notice::{FirstInstead, Ignored, Notice, NoticeKind};
pub use number::{count, counted, percent, signed, size};
pub use pack::PackName;
pub use paging::{Pages, rows_of};
pub use progress::progress_text;
pub use property_change::{PropertyChangeItem, property_value};
pub use text_area::TextArea;
