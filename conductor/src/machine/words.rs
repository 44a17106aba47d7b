//! Words to whoever asked, where they asked: in the room, and under the comment where it was one.

use bus::{
    catalogue::cmd::{Comment, GithubOrder, Origin},
    number::RepositoryId,
};

use super::order::Order;

/// Says it in the room; and under the comment, whose repository is this one.
pub(super) fn said(origin: &Origin, repository: RepositoryId, say: String) -> Vec<Order> {
    let comment = origin.comment.map(|comment| under(comment, repository, &say));
    std::iter::once(in_room(origin, say)).chain(comment).collect()
}

/// Says it in the room alone.
pub(super) fn in_room(origin: &Origin, say: String) -> Order {
    Order::Say { room: origin.room.clone(), say, push: Vec::new() }
}

fn under(Comment { thread, id }: Comment, repository: RepositoryId, say: &str) -> Order {
    Order::Github { repository, order: Box::new(GithubOrder::Answer { thread, comment: id, text: markdown(say) }) }
}

/// Several lines are shown as they stand, as code: their columns are kept, and whatever was quoted in them does nothing.
fn markdown(say: &str) -> String {
    if !say.contains('\n') {
        return say.to_owned();
    }
    say.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
