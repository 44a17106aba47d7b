use bus::{catalogue::agent::Verdict, commit::Oid};

use super::{
    super::{Answer, Desk},
    Playbook,
    stage::{self, Trouble},
};

impl Playbook {
    /// Writes down what was asked for.
    pub(super) async fn wish(&self, desk: &Desk<'_>) -> Result<Answer, Trouble> {
        let (title, page) = (desk.assignment.title.trim(), &self.page);
        let say = format!("I only rehearse and cannot build this: I write it down among the wishes on {page}.");
        desk.say(&say).await;
        let line = format!("<p class=\"wish\">Wished for: {}</p>\n", escaped(title));
        let text = stage::read(desk.tree, page)?;
        if !text.contains(&line) {
            let end = text.rfind("</body>").unwrap_or(text.len());
            let (before, after) = text.split_at(end);
            stage::write(desk.tree, page, &format!("{before}{line}{after}"))?;
            desk.tree.commit_all(&format!("Write down a wish\n\n{title}\n")).await?;
        }
        let body = format!("This is a rehearsal: the sentence is written down on `{page}`, and nothing was built.");
        Ok(Answer::Done { say: "the wish is written down, nothing more".to_owned(), title: None, body: Some(body) })
    }

    /// Approves a wish that was written down; about anything else it has nothing to say.
    pub(super) async fn look(&self, desk: &Desk<'_>, head: Oid) -> Result<Answer, Trouble> {
        let range = format!("{}...{head}", desk.assignment.base_commit);
        let changed = desk.tree.git().call("diff", ["--name-only", "-z", &range]).answer().await?;
        if changed.trim_end_matches('\0') != self.page {
            let say = "I only rehearse from a playbook, and it does not know this change: I cannot judge it.";
            return Ok(Answer::GaveUp { say: say.to_owned() });
        }
        let say = format!("rehearsed: only {} changed, and nobody judged it", self.page);
        let body = format!("{say}.");
        Ok(Answer::Judged { verdict: Verdict::Approved, say, body, remarks: Vec::new() })
    }
}

/// As text in a page, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_223_a_sentence_is_text_in_a_page() {
        assert_eq!(escaped("<b>$(x)</b>\n'\""), "&lt;b&gt;$(x)&lt;/b&gt; &#39;&quot;");
    }
}
