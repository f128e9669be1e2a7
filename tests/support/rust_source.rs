//! Just enough of Rust's grammar to see which paths a source file names: no types, no macros expanded.

use std::collections::BTreeSet;

/// One token that matters for paths; numbers and string contents are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Word(String),
    PathSeparator,
    Mark(char),
}

/// What a file says about other modules.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// Every `crate::`, `super::` or `self::` path, absolute, and every `use` path.
    pub(crate) paths: Vec<Path>,
    /// Names that `use` brings into each module: (module, name, absolute path).
    pub(crate) names: Vec<(Vec<String>, String, Vec<String>)>,
    /// Modules under `#[cfg(test)]`, absolute.
    pub(crate) test_modules: BTreeSet<Vec<String>>,
    /// Macros called with `!`: (line, module, name).
    pub(crate) macros: Vec<(usize, Vec<String>, String)>,
    /// Constructs that would hide a path from this reader: (line, what).
    pub(crate) tricks: Vec<(usize, &'static str)>,
    /// What a file holds beside attributes, `mod` lines and public `use` lines: (line, first word).
    pub(crate) other_items: Vec<(usize, String)>,
}

/// A path as written in one line, made absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) line: usize,
    /// Segments from the crate root; a `*` stands for a glob.
    pub(crate) segments: Vec<String>,
}

/// Cuts a text into tokens with their lines, leaving out comments, literals and lifetimes.
pub(crate) fn tokens(text: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut found, mut i) = (Vec::new(), 0);
    let mut line = 1;
    while i < chars.len() {
        let start = i;
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 1;
                i += 2;
                while i < chars.len() && depth > 0 {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                }
            }
            '"' => i = after_string(&chars, i),
            '\'' => {
                // 'x' and '\n' are characters, 'static is a lifetime.
                if at(i + 1) == '\\' {
                    i += 3;
                    while i < chars.len() && at(i) != '\'' {
                        i += 1;
                    }
                    i += 1;
                } else if at(i + 2) == '\'' {
                    i += 3;
                } else {
                    i += 1;
                    while word(at(i)) {
                        i += 1;
                    }
                }
            }
            c if word(c) => {
                while word(at(i)) {
                    i += 1;
                }
                let name: String = chars[start..i].iter().collect();
                let raw = name.ends_with('r') && matches!(name.as_str(), "r" | "br" | "cr");
                let prefix = raw || matches!(name.as_str(), "b" | "c");
                let mut hashes = 0;
                while raw && at(i + hashes) == '#' {
                    hashes += 1;
                }
                if raw && at(i + hashes) == '"' {
                    i = after_raw_string(&chars, i + hashes + 1, hashes);
                } else if prefix && at(i) == '"' {
                    i = after_string(&chars, i);
                } else if raw && hashes == 1 {
                    // A raw identifier: its name follows as the next word.
                    i += 1;
                } else if !(name == "b" && at(i) == '\'') {
                    found.push((line, Token::Word(name)));
                }
            }
            ':' if at(i + 1) == ':' => {
                found.push((line, Token::PathSeparator));
                i += 2;
            }
            c => {
                if !c.is_whitespace() {
                    found.push((line, Token::Mark(c)));
                }
                i += 1;
            }
        }
        line += chars[start..i.min(chars.len())]
            .iter()
            .filter(|&&c| c == '\n')
            .count();
    }
    found
}

fn after_string(chars: &[char], quote: usize) -> usize {
    let mut i = quote + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

fn after_raw_string(chars: &[char], start: usize, hashes: usize) -> usize {
    let mut i = start;
    while i < chars.len() {
        let closed = chars[i] == '"' && (1..=hashes).all(|h| chars.get(i + h) == Some(&'#'));
        if closed {
            return i + 1 + hashes;
        }
        i += 1;
    }
    i
}

/// Reads one file that stands for `module` (empty for `lib.rs`).
pub(crate) fn read(module: &[String], text: &str) -> Source {
    let mut reader = Reader {
        tokens: tokens(text),
        i: 0,
        module: module.to_vec(),
        braces: Vec::new(),
        source: Source::default(),
    };
    reader.run();
    reader.source
}

struct Reader {
    tokens: Vec<(usize, Token)>,
    i: usize,
    module: Vec<String>,
    /// For each open brace, whether it opened an inline module.
    braces: Vec<bool>,
    source: Source,
}

impl Reader {
    fn line(&self) -> usize {
        self.tokens.get(self.i).map_or(0, |(line, _)| *line)
    }

    fn is_word(&self, ahead: usize, name: &str) -> bool {
        self.word(ahead) == Some(name)
    }

    fn word(&self, ahead: usize) -> Option<&str> {
        match self.tokens.get(self.i + ahead) {
            Some((_, Token::Word(word))) => Some(word),
            _ => None,
        }
    }

    fn is_mark(&self, ahead: usize, mark: char) -> bool {
        matches!(self.tokens.get(self.i + ahead), Some((_, Token::Mark(c))) if *c == mark)
    }

    fn is_separator(&self, ahead: usize) -> bool {
        matches!(
            self.tokens.get(self.i + ahead),
            Some((_, Token::PathSeparator))
        )
    }

    fn run(&mut self) {
        let (mut for_tests, mut public, mut item_starts) = (false, false, true);
        while self.i < self.tokens.len() {
            let top = self.braces.is_empty();
            if self.is_mark(0, '#') && (self.is_mark(1, '[') || self.is_mark(2, '[')) {
                for_tests |= self.attribute();
                continue;
            }
            if item_starts && top {
                public |= self.is_word(0, "pub");
                let inside_line = ["mod", "use", "pub"].iter().any(|w| self.is_word(0, w));
                if !inside_line || (self.is_word(0, "use") && !public) {
                    let what = self.word(0).unwrap_or("a mark").to_owned();
                    self.source.other_items.push((self.line(), what));
                }
                item_starts = false;
                if self.is_word(0, "pub") {
                    self.i += 1;
                    if self.is_mark(0, '(') {
                        while self.i < self.tokens.len() && !self.is_mark(0, ')') {
                            self.i += 1;
                        }
                        self.i += 1;
                    }
                    item_starts = true;
                    continue;
                }
            }
            if self.is_word(0, "mod") && self.word(1).is_some() {
                self.inline_or_file_module(for_tests);
                (for_tests, public, item_starts) = (false, false, true);
                continue;
            }
            if self.is_word(0, "use") && !self.is_mark(1, '<') {
                self.i += 1;
                self.use_tree(Vec::new(), true);
                (for_tests, public, item_starts) = (false, false, true);
                continue;
            }
            if self.is_word(0, "extern") && self.is_word(1, "crate") {
                self.source.tricks.push((self.line(), "extern crate"));
            }
            if self.is_word(0, "include") && self.is_mark(1, '!') {
                self.source.tricks.push((self.line(), "include!"));
            }
            if let (Some(name), true) = (self.word(0), self.is_mark(1, '!')) {
                let called = (self.line(), self.module.clone(), name.to_owned());
                self.source.macros.push(called);
            }
            let preceded = self.i > 0 && self.tokens[self.i - 1].1 == Token::PathSeparator;
            if !preceded
                && self.is_separator(1)
                && ["crate", "super", "self"]
                    .iter()
                    .any(|w| self.is_word(0, w))
            {
                self.inline_path();
                continue;
            }
            if self.is_mark(0, '{') {
                self.braces.push(false);
            } else if self.is_mark(0, '}') {
                if self.braces.pop() == Some(true) {
                    self.module.pop();
                }
                (for_tests, public, item_starts) = (false, false, self.braces.is_empty());
            } else if self.is_mark(0, ';') {
                (for_tests, public, item_starts) = (false, false, self.braces.is_empty());
            }
            self.i += 1;
        }
    }

    /// Skips an attribute; true for `#[cfg(test)]`.
    fn attribute(&mut self) -> bool {
        while !self.is_mark(0, '[') {
            self.i += 1;
        }
        let tests = self.is_word(1, "cfg") && self.is_mark(2, '(') && self.is_word(3, "test");
        if self.is_word(1, "path") {
            self.source.tricks.push((self.line(), "#[path]"));
        }
        let mut depth = 0;
        while self.i < self.tokens.len() {
            if self.is_mark(0, '[') {
                depth += 1;
            } else if self.is_mark(0, ']') {
                depth -= 1;
            } else if self.is_word(0, "crate") && self.is_separator(1) {
                self.inline_path();
                continue;
            }
            self.i += 1;
            if depth == 0 {
                break;
            }
        }
        tests
    }

    fn inline_or_file_module(&mut self, for_tests: bool) {
        let line = self.line();
        let name = self.word(1).unwrap_or_default().to_owned();
        let top = self.braces.is_empty();
        let mut inner = self.module.clone();
        inner.push(name.clone());
        if for_tests {
            self.source.test_modules.insert(inner.clone());
        }
        self.i += 2;
        if self.is_mark(0, '{') {
            if top && !self.is_mark(1, '}') {
                self.source.other_items.push((line, format!("mod {name}")));
            }
            self.braces.push(true);
            self.module = inner;
        }
        self.i += 1;
    }

    /// A path in code: goes on as long as `::name` follows.
    fn inline_path(&mut self) {
        let line = self.line();
        let mut written = vec![self.word(0).unwrap_or_default().to_owned()];
        self.i += 1;
        while self.is_separator(0) {
            let Some(name) = self.word(1) else { break };
            written.push(name.to_owned());
            self.i += 2;
        }
        let segments = self.absolute(&written);
        self.source.paths.push(Path { line, segments });
    }

    /// One branch of a `use` tree, from its first name to the `,`, `}` or `;` after it.
    fn use_tree(&mut self, mut written: Vec<String>, outermost: bool) {
        let line = self.line();
        let mut renamed = None;
        while self.i < self.tokens.len() {
            if self.is_mark(0, '{') {
                self.i += 1;
                while self.i < self.tokens.len() && !self.is_mark(0, '}') {
                    self.use_tree(written.clone(), false);
                    if self.is_mark(0, ',') {
                        self.i += 1;
                    }
                }
                self.i += 1;
                if outermost {
                    self.i += 1;
                }
                return;
            } else if self.is_mark(0, '*') {
                written.push("*".into());
            } else if self.is_word(0, "as") {
                renamed = self.word(1).map(str::to_owned);
                self.i += 1;
            } else if let Some(name) = self.word(0) {
                // `a::{self}` names `a` itself.
                if name != "self" || written.is_empty() {
                    written.push(name.to_owned());
                }
            } else if !self.is_separator(0) {
                break;
            }
            self.i += 1;
        }
        if outermost {
            self.i += 1;
        }
        let Some(last) = written.last() else { return };
        let name = renamed.unwrap_or_else(|| last.clone());
        let segments = self.absolute(&written);
        let module = self.module.clone();
        self.source.names.push((module, name, segments.clone()));
        let rooted = matches!(written[0].as_str(), "crate" | "super" | "self");
        if rooted {
            self.source.paths.push(Path { line, segments });
        }
    }

    /// From the crate root. A path that starts with a plain name is read as relative to the module it stands in: it
    /// names a child module, a name brought in by another `use`, or another crate.
    fn absolute(&self, written: &[String]) -> Vec<String> {
        let mut base = self.module.clone();
        let mut rest = written;
        if rest.first().is_some_and(|word| word == "crate") {
            base.clear();
            rest = &rest[1..];
        }
        while let Some(word) = rest.first() {
            match word.as_str() {
                "self" => {}
                "super" => {
                    base.pop();
                }
                _ => break,
            }
            rest = &rest[1..];
        }
        base.extend_from_slice(rest);
        base
    }
}
