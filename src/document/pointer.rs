//! Where in the text of a document a JSON pointer leads.

/// The byte at which the value of a pointer begins in a text that is JSON; where it leads nowhere, the last value on its
/// way. Keys on the way have no escapes.
pub(crate) fn place(text: &str, pointer: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = behind_blanks(bytes, 0);
    for step in pointer.split('/').skip(1) {
        match enter(bytes, at, step) {
            Some(next) => at = next,
            None => return at,
        }
    }
    at
}

/// The value at a key or position of the object or list that begins at `at`.
fn enter(bytes: &[u8], at: usize, step: &str) -> Option<usize> {
    let is_object = match bytes.get(at)? {
        b'{' => true,
        b'[' => false,
        _ => return None,
    };
    let mut next = behind_blanks(bytes, at + 1);
    for position in 0.. {
        if matches!(bytes.get(next)?, b'}' | b']') {
            return None;
        }
        let mut is_meant = !is_object && position.to_string() == step;
        if is_object {
            let end = behind_value(bytes, next)?;
            is_meant = bytes.get(next + 1..end - 1) == Some(step.as_bytes());
            next = behind_blanks(bytes, behind_blanks(bytes, end) + 1);
        }
        if is_meant {
            return Some(next);
        }
        let end = behind_blanks(bytes, behind_value(bytes, next)?);
        if bytes.get(end) != Some(&b',') {
            return None;
        }
        next = behind_blanks(bytes, end + 1);
    }
    None
}

fn behind_blanks(bytes: &[u8], at: usize) -> usize {
    let blanks = bytes.iter().skip(at).take_while(|byte| byte.is_ascii_whitespace());
    at + blanks.count()
}

/// The byte behind the value that begins at `at`; nothing if none does.
fn behind_value(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (offset, byte) in bytes.iter().enumerate().skip(at) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'}' | b']' | b',' if depth == 0 => return (offset > at).then_some(offset),
            _ => continue,
        }
        if depth == 0 && !in_text {
            return Some(offset + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_its_value_or_as_far_as_it_goes() {
        let text = r#" {"a": [1, {"b]": "x\"]", "c": 22}, []], "d": null}"#;
        let cases = [
            ("", r#"{"a""#),
            ("/a", "[1, {"),
            ("/a/0", "1, {"),
            ("/a/1/c", "22}"),
            ("/a/2", "[]]"),
            ("/a/2/0", "[]]"),
            ("/d", "null"),
            ("/d/e", "null"),
            ("/a/7", "[1, {"),
            ("/e", r#"{"a""#),
        ];
        for (pointer, beginning) in cases {
            let found = &text[place(text, pointer)..];
            assert!(found.starts_with(beginning), "{pointer}: {found}");
        }
        assert_eq!(place("", "/a"), 0);
        assert_eq!(place("[", "/0"), 0);
    }
}
