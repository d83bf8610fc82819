//! Parts that several pages share.

mod badge;
mod gaps;
mod mistakes;
mod moment;
mod notice;
mod number;
mod pack;
mod progress;
mod property_change;
mod text_area;

pub use badge::{SeverityBadge, StandingBadge, Tone, ToneBadge};
pub use gaps::{GapTable, gap_word};
pub use mistakes::{FieldMistake, Mistake, MistakeSummary};
pub use moment::{Day, Moment, day, day_and_time, end, length};
pub use notice::{Notice, NoticeKind};
pub use number::{count, counted, percent, signed, size};
pub use pack::PackName;
pub use progress::progress_text;
pub use property_change::{PropertyChangeItem, property_value};
pub use text_area::TextArea;
