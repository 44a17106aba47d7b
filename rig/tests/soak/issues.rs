//! What is filed, all at once.

/// An issue.
pub struct Issue {
    pub title: &'static str,
    pub body: &'static str,
    /// What the site shows when it is live: a page, and words of it. Without any the reviewer never lets it pass.
    pub shows: Option<(&'static str, &'static str)>,
}

const fn issue(title: &'static str, body: &'static str, page: &'static str, words: &'static str) -> Issue {
    Issue { title, body, shows: Some((page, words)) }
}

/// In the order of their numbers, from 1.
pub const ISSUES: [Issue; 10] = [
    // A reviewer asks for changes once.
    issue("Greet the visitor by name", "As `?name=Ada`.", "/greet.js", "if (!name) return"),
    // Waits for another.
    issue("Remember the name", "Depends on #1", "/greet.js", "localStorage"),
    // Two that contradict each other.
    issue("Colour the heading", "", "/style.css", "h1 { color: teal; }"),
    issue("Enlarge the heading", "", "/style.css", "h1 { font-size: 3rem; }"),
    // The first change makes the check red.
    issue("Count the visitors", "", "/count.js", "+ 1"),
    // The reviewer asks for changes each time.
    Issue { title: "Play music at once", body: "", shows: None },
    // Two of which no playbook knows, and which want the same line.
    issue("Say good night", "", "/index.html", "Wished for: Say good night"),
    issue("Show the weather", "", "/index.html", "Wished for: Show the weather"),
    // Waits for two others.
    issue("Thank the visitor", "Depends on #3\nDepends on #5", "/thanks.html", "Thank you!"),
    issue("List the guests", "", "/guests.html", "Guests"),
];
