"""A pull request's life with PyGithub, from the issue to the merge.

Reads where the API is and who acts as JSON from its standard input, and prints what it saw as JSON.
"""

import json
import sys

from github import Auth, Github, GithubException


def main():
    given = json.load(sys.stdin)
    ada, nora = (person(given, name) for name in ("ada", "nora"))
    robin = app(given)
    seen = {}
    issue = file_an_issue(ada, seen)
    pull = propose(ada, issue, seen)
    look(nora, pull.number, seen)
    review(ada, nora, pull.number, seen)
    check(robin, pull.head.sha, seen)
    merge(ada, pull.number, seen)
    seen["issue"] = ada.get_issue(issue.number).state
    ada.edit(name="greeter")
    seen["renamed"] = person(given, "nora").full_name
    json.dump(seen, sys.stdout)


def person(given, name):
    """The repository, as somebody sees it who has a token."""
    return repository(given, Auth.Token(given[name]))


def app(given):
    """The repository, as an App sees it where it is installed."""
    auth = Auth.AppAuth(given["app"]["id"], given["app"]["key"]).get_installation_auth(given["app"]["installation"])
    return repository(given, auth)


def repository(given, auth):
    # Against a played world there is nothing to be gentle with.
    pace = {"seconds_between_requests": None, "seconds_between_writes": None, "retry": None}
    return Github(base_url=given["api"], auth=auth, **pace).get_repo(given["repository"])


def file_an_issue(repository, seen):
    issue = repository.create_issue("Greet by name", body="It greets nobody.", labels=["bug"])
    issue.create_comment("By **name**.").edit("By _name_.")
    seen["labels"] = [label.name for label in issue.labels]
    seen["comments"] = [comment.body for comment in issue.get_comments()]
    seen["by"] = issue.user.login
    return issue


def propose(repository, issue, seen):
    main = repository.get_git_ref("heads/main")
    repository.create_git_ref("refs/heads/greet", main.object.sha)
    repository.create_file("hello.js", "Greet", "export const hello = 'Hello!';\n", branch="greet")
    page = repository.get_contents("index.html", ref="greet")
    seen["page"] = page.decoded_content.decode()
    repository.update_file("index.html", "Load it", "<h1>Hello, you!</h1>\n", page.sha, branch="greet")
    return repository.create_pull("main", "greet", title="Greet by name", body=f"Closes #{issue.number}")


def look(repository, number, seen):
    pull = repository.get_pull(number)
    seen["files"] = [(file.filename, file.status) for file in pull.get_files()]
    seen["commits"] = [commit.commit.message for commit in pull.get_commits()]
    seen["open"] = [(each.number, each.user.login) for each in repository.get_pulls(state="open", base="main")]
    seen["ahead"] = repository.compare("main", "greet").ahead_by
    # One at a time, so that the library has to follow the links from page to page.
    repository.requester.per_page = 1
    seen["paged"] = [commit.commit.message for commit in repository.get_pull(number).get_commits()]
    repository.requester.per_page = 30


def review(author, reviewer, number, seen):
    seen["own"] = refused(lambda: author.get_pull(number).create_review(body="Mine", event="APPROVE"))
    pull = reviewer.get_pull(number)
    head = reviewer.get_commit(pull.head.sha)
    comment = pull.create_review_comment("And if nobody is there?", head, "hello.js", line=1)
    seen["reply"] = pull.create_review_comment_reply(comment.id, "Then say so.").in_reply_to_id == comment.id
    pull.create_review(body="Not yet.", event="REQUEST_CHANGES")
    pull.create_review(body="Now it does.", event="APPROVE")
    seen["reviews"] = [review.state for review in pull.get_reviews()][-2:]


def check(repository, head, seen):
    run = repository.create_check_run("build", head, status="in_progress")
    run.edit(status="completed", conclusion="success", output={"title": "Built", "summary": "Two files"})
    commit = repository.get_commit(head)
    seen["checks"] = [(run.name, run.conclusion, run.app.slug) for run in commit.get_check_runs()]
    commit.create_status("success", context="site", description="Deployed")
    seen["status"] = commit.get_combined_status().state


def merge(repository, number, seen):
    pull = repository.get_pull(number)
    seen["stale"] = refused(lambda: pull.merge(sha=pull.base.sha))
    seen["merged"] = pull.merge(merge_method="squash", sha=pull.head.sha).merged
    pull.update()
    seen["merged_by"] = pull.merged_by.login
    repository.get_git_ref("heads/greet").delete()
    seen["branches"] = [branch.name for branch in repository.get_branches()]


def refused(call):
    """The status of a call that has to fail."""
    try:
        call()
    except GithubException as error:
        return error.status
    return None


main()
