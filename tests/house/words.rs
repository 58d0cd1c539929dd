//! A source as its words, without comments, texts, and what only tests compile.

/// Names, numbers, `::` and single signs, in order.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = skipped(rest) {
            rest = &rest[length..];
        } else if is_name(first) {
            let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            words.push(rest[..length].to_owned());
            rest = &rest[length..];
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            words.push(rest[..length].to_owned());
            rest = &rest[length..];
        }
    }
    words
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of what says nothing here at the start of a text: a space, a comment, a text, a letter or a lifetime.
fn skipped(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if first.is_whitespace() {
        return Some(first.len_utf8());
    }
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(text.find("*/").map_or(text.len(), |end| end + 2));
    }
    let raw = text.trim_start_matches('b');
    if raw.starts_with("r\"") || raw.starts_with("r#") {
        let hashes = raw[1..].chars().take_while(|c| *c == '#').count();
        let start = text.len() - raw.len() + 1 + hashes;
        if text[start..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            return Some(text[start + 1..].find(&end).map_or(text.len(), |at| start + 1 + at + end.len()));
        }
    }
    match first {
        '"' => Some(1 + closed(&text[1..], '"')),
        '\'' => {
            let letters: Vec<char> = text.chars().take(3).collect();
            let is_letter = letters.get(1) == Some(&'\\') || letters.get(2) == Some(&'\'');
            Some(if is_letter { 1 + closed(&text[1..], '\'') } else { 1 })
        }
        _ => None,
    }
}

/// The length of a text up to and with the sign that closes it.
fn closed(text: &str, sign: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == sign && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// Words without the items under `#[cfg(test)]`, and the names of the files among these.
pub(crate) fn without_tests(words: Vec<String>) -> (Vec<String>, Vec<String>) {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut files) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < words.len() {
        if words[at..].iter().take(MARK.len()).eq(&MARK) {
            let start = at + MARK.len();
            at = start + item(&words[start..]);
            if let [.., module, name, end] = &words[start..at]
                && module == "mod"
                && end == ";"
            {
                files.push(name.clone());
            }
        } else {
            kept.push(words[at].clone());
            at += 1;
        }
    }
    (kept, files)
}

/// The number of words of an item: up to its `;`, or its block.
fn item(words: &[String]) -> usize {
    let is_use = words.iter().take_while(|word| *word != "{").any(|word| word == "use");
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && (word == ";" || word == "}" && !is_use) {
            return at + 1;
        }
    }
    words.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        words(text).join(" ")
    }

    #[test]
    fn comments_texts_and_letters_are_no_words() {
        assert_eq!(joined("use a::b; // use c::d\n/* use e */ x"), "use a :: b ; x");
        assert_eq!(
            joined(r##"f("crate::a \" b", r#"crate::"c""#, b'"', '\'', 'x') g"##),
            "f ( , , b , , ) g"
        );
        assert_eq!(joined("fn f<'a>(x: &'a str)"), "fn f < a > ( x : & a str )");
    }

    #[test]
    fn what_only_tests_compile_is_left_out() {
        let text = "use a::b; #[cfg(test)] mod tests { use c::{d, e}; } #[cfg(test)] mod apart; \
                    #[cfg(test)] use f::{g, h}; fn last() {}";
        let (kept, files) = without_tests(words(text));
        assert_eq!(kept.join(" "), "use a :: b ; fn last ( ) { }");
        assert_eq!(files, ["apart"]);
    }
}
