//! Patterns of file names: text with `{date}`, `{user_id}` and `{resource_id}` in it, each of which may be cut,
//! as `{user_id:8}`, to so many characters.

/// What a file name may be made of.
const PLACEHOLDERS: [&str; 3] = ["date", "user_id", "resource_id"];

/// What stands between the parts of a name.
const SEPARATORS: [char; 4] = ['-', '_', '.', ' '];

/// Whether all placeholders of a pattern are known, and closed.
pub(super) fn is_valid(pattern: &str) -> bool {
    let mut known = true;
    parts(pattern, |plain, placeholder| {
        known &= !plain.contains('}');
        known &= placeholder.is_none_or(|(name, _)| PLACEHOLDERS.contains(&name));
    });
    known
}

/// A name of a pattern. A placeholder whose value is empty takes the separator before it along.
pub(super) fn filled(pattern: &str, date: &str, user_id: &str, resource_id: &str) -> String {
    let mut name = String::new();
    parts(pattern, |plain, placeholder| {
        name.push_str(plain);
        let Some((placeholder, most)) = placeholder else {
            return;
        };
        let value = match placeholder {
            "user_id" => user_id,
            "resource_id" => resource_id,
            _ => date,
        };
        if value.is_empty() {
            name.truncate(name.trim_end_matches(SEPARATORS).len());
        }
        name.extend(value.chars().take(most));
    });
    name.trim_matches(SEPARATORS).into()
}

/// Goes through a pattern: gives each plain text and the placeholder behind it, with how many characters
/// of its value are wanted.
fn parts<'a>(pattern: &'a str, mut each: impl FnMut(&'a str, Option<(&'a str, usize)>)) {
    let mut rest = pattern;
    while let Some((plain, behind)) = rest.split_once('{') {
        // What is not closed makes no placeholder that is known.
        let (placeholder, behind) = behind.split_once('}').unwrap_or_default();
        let (name, most) = match placeholder.split_once(':') {
            // Nor does what is no number, or none of up to three digits.
            Some((name, digits)) if digits.len() <= 3 && !digits.starts_with('+') => {
                digits.parse().map_or(("", 0), |most| (name, most))
            }
            Some(_) => ("", 0),
            None => (placeholder, usize::MAX),
        };
        each(plain, Some((name, most)));
        rest = behind;
    }
    each(rest, None);
}
