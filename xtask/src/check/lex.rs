//! Blanks comments and literals out of Rust and TypeScript, so that checks read code only.

/// How a source is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    TypeScript,
}

/// Returns `source` with every comment and literal replaced by spaces; lines stay where they are.
pub(super) fn code_only(source: &str, language: Language) -> String {
    let mut lexer = Lexer {
        chars: source.chars().collect(),
        at: 0,
        out: String::with_capacity(source.len()),
        language,
    };
    lexer.until(None);
    lexer.out
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    out: String,
    language: Language,
}

impl Lexer {
    /// Copies code until the brace that closes the enclosing template expression, or the end.
    fn until(&mut self, close: Option<char>) {
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            let next = self.peek(1);
            match (self.language, c) {
                (_, '/') if next == Some('/') => self.blank_while(|c| c != '\n'),
                (_, '/') if next == Some('*') => self.block_comment(),
                (Language::TypeScript, '/') if self.regex_may_start() => self.regex(),
                (Language::Rust, 'r' | 'b' | 'c') if !self.inside_word() && self.raw_string() => {}
                (_, '"') => self.quoted('"'),
                (Language::TypeScript, '\'') => self.quoted('\''),
                (Language::TypeScript, '`') => self.template(),
                (Language::Rust, '\'') => self.char_or_lifetime(),
                (_, '{') => {
                    depth += 1;
                    self.copy();
                }
                (_, '}') => {
                    if depth == 0 && close == Some('}') {
                        return;
                    }
                    depth -= 1;
                    self.copy();
                }
                _ => self.copy(),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn copy(&mut self) {
        self.out.push(self.chars[self.at]);
        self.at += 1;
    }

    fn blank(&mut self) {
        if let Some(c) = self.peek(0) {
            self.out.push(if c == '\n' { '\n' } else { ' ' });
            self.at += 1;
        }
    }

    fn blank_while(&mut self, go_on: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&go_on) {
            self.blank();
        }
    }

    fn inside_word(&self) -> bool {
        self.at > 0 && (self.chars[self.at - 1].is_alphanumeric() || self.chars[self.at - 1] == '_')
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.peek(0).is_some() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) if depth == 0 || self.language == Language::Rust => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                _ => {
                    self.blank();
                    continue;
                }
            }
            self.blank();
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    fn quoted(&mut self, quote: char) {
        self.blank();
        while let Some(c) = self.peek(0) {
            self.blank();
            if c == '\\' {
                self.blank();
            } else if c == quote {
                return;
            }
        }
    }

    fn template(&mut self) {
        self.blank();
        while let Some(c) = self.peek(0) {
            if c == '$' && self.peek(1) == Some('{') {
                self.blank();
                self.copy();
                self.until(Some('}'));
                if self.peek(0).is_some() {
                    self.copy();
                }
                continue;
            }
            self.blank();
            if c == '\\' {
                self.blank();
            } else if c == '`' {
                return;
            }
        }
    }

    /// Blanks `r"…"`, `br#"…"#` and the like; returns false when none starts here.
    fn raw_string(&mut self) -> bool {
        let mut ahead = 0;
        while ahead < 2 && self.peek(ahead).is_some_and(|c| matches!(c, 'r' | 'b' | 'c')) {
            ahead += 1;
        }
        if self.peek(ahead - 1) != Some('r') {
            return false;
        }
        let hashes = (0..).take_while(|n| self.peek(ahead + n) == Some('#')).count();
        if self.peek(ahead + hashes) != Some('"') {
            return false;
        }
        (0..=ahead + hashes).for_each(|_| self.blank());
        while let Some(c) = self.peek(0) {
            self.blank();
            if c == '"' && (0..hashes).all(|n| self.peek(n) == Some('#')) {
                (0..hashes).for_each(|_| self.blank());
                break;
            }
        }
        true
    }

    fn char_or_lifetime(&mut self) {
        if self.peek(1) == Some('\\') || self.peek(2) == Some('\'') {
            self.quoted('\'');
        } else {
            self.copy();
        }
    }

    /// A slash starts a regular expression where a value is expected, and divides elsewhere.
    fn regex_may_start(&self) -> bool {
        let before = self.out.trim_end_matches([' ', '\t']);
        before.is_empty()
            || before.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';', '\n', '+'])
            || before.ends_with("return")
    }

    fn regex(&mut self) {
        let mut in_class = false;
        self.blank();
        while let Some(c) = self.peek(0) {
            if c == '\n' {
                return;
            }
            self.blank();
            match c {
                '\\' => self.blank(),
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => return,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_literals_and_comments_vanish_and_code_stays() {
        let source = r##"fn a<'x>(b: &'x str) { let c = '{'; /* { /* } */ */ let d = r#"}"}"#; let e = "\"}"; } // }"##;
        let code = code_only(source, Language::Rust);
        assert_eq!(code.matches('{').count(), 1, "{code}");
        assert_eq!(code.matches('}').count(), 1, "{code}");
        assert!(code.contains("fn a<'x>(b: &'x str)"));
        assert_eq!(code.chars().count(), source.chars().count());
    }

    #[test]
    fn typescript_templates_and_regular_expressions_vanish_too() {
        let source = "const a = `}${b({ c: '}' })}{`; const d = /[/}]{2}/.test(e) ? 1 / 2 : 3 / 4; // {";
        let code = code_only(source, Language::TypeScript);
        assert_eq!(code.matches('{').count(), code.matches('}').count(), "{code}");
        assert!(code.contains("1 / 2 : 3 / 4"));
    }
}
