//! Numbers as people read them.

/// A count with commas between thousands.
pub fn count(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with the word for what is counted.
pub fn counted(number: impl Into<u64>, one: &str, many: &str) -> String {
    let number = number.into();
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// The size of a file, such as `24 bytes`, `3.1 KiB` or `9.9 MiB`.
pub fn size(bytes: u32) -> String {
    let tenths = |unit: u32| {
        let tenths = u64::from(bytes) * 10 / u64::from(unit);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match bytes {
        0..1_024 => counted(bytes, "byte", "bytes"),
        1_024..1_048_576 => format!("{} KiB", tenths(1_024)),
        _ => format!("{} MiB", tenths(1_048_576)),
    }
}

/// A change with its sign, such as `+12`, `−3` or `±0`.
pub fn signed(change: i64) -> String {
    let size = count(change.unsigned_abs());
    match change {
        0 => "±0".to_owned(),
        1.. => format!("+{size}"),
        _ => format!("\u{2212}{size}"),
    }
}

/// A share with one decimal, rounded down so that only a whole is ever 100 %; `None` of nothing.
pub fn percent(part: impl Into<u64>, whole: impl Into<u64>) -> Option<String> {
    let tenths = (part.into() * 1_000).checked_div(whole.into())?;
    Some(if tenths % 10 == 0 {
        format!("{} %", tenths / 10)
    } else {
        format!("{}.{} %", tenths / 10, tenths % 10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(count(7_u32), "7");
        assert_eq!(count(1_234_567_u32), "1,234,567");
        assert_eq!(size(1), "1 byte");
        assert_eq!(size(3_174), "3.0 KiB");
        assert_eq!(size(10_485_760), "10.0 MiB");
        assert_eq!(signed(-1_200), "\u{2212}1,200");
        assert_eq!(signed(0), "±0");
        assert_eq!(percent(1_204_u32, 1_479_u32).as_deref(), Some("81.4 %"));
        assert_eq!(percent(9_999_u32, 10_000_u32).as_deref(), Some("99.9 %"));
        assert_eq!(percent(3_u32, 3_u32).as_deref(), Some("100 %"));
        assert_eq!(percent(0_u32, 0_u32), None);
    }
}
