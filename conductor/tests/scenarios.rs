//! The machine's specification: scenarios as text, what happens at the margin and what follows indented under it.
//!
//! `UPDATE_SCENARIOS=1` writes what follows anew; a reader decides whether that is right.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test says so by failing")]

mod scenario;

use std::{collections::BTreeSet, env, fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Plays a scenario; what follows has to be what stands there.
fn play(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut stage = scenario::Stage::new();
    let mut played = String::new();
    for line in text.lines().filter(|line| !line.starts_with("    ")) {
        played.push_str(line);
        played.push('\n');
        if !line.starts_with('#') {
            scenario::play(&mut stage, line);
        }
        scenario::is_kept_whole(&stage.state);
        let said = stage.take_said();
        eprint!("{line}\n{said}");
        played.push_str(&said);
    }
    if is_to_be_written() {
        fs::write(&path, &played).unwrap();
    }
    assert!(played == text, "{name} goes another way now:\n{played}");
}

#[expect(clippy::disallowed_methods, reason = "whether to write is asked of whoever runs the test")]
fn is_to_be_written() -> bool {
    env::var_os("UPDATE_SCENARIOS").is_some()
}

macro_rules! scenarios {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { play(stringify!($name)); })*
    };
}

scenarios! {
    a_closed_head_does_not_wait
    a_landed_head_has_its_last_word
    a_person_mends_a_person_s_pull_request
    a_review_of_a_head_that_was_replaced
    a_review_of_a_new_head_waits_for_no_other
    ask_about_what_is_not_there
    ask_approve_and_reject
    ask_file
    ask_hold_and_release
    ask_hold_of_what_is_offered
    ask_in_a_comment
    ask_in_general
    ask_in_which_repository
    ask_near
    ask_second
    ask_why_of_what_is_held
    ask_why_of_what_has_ended
    ask_retry
    ask_stop_what_has_landed
    autonomy_land
    autonomy_propose
    autonomy_watch
    deadline_of_a_merge_and_a_try
    deadline_of_each_wait
    deadline_of_what_waits_for_others
    duplicate
    f_001_every_intake_ends_in_words
    f_001_labelled_in_the_same_second
    f_001_nobody_takes_it
    f_003_a_waived_review_is_called_so
    f_003_landed_past_a_review_that_does_not_work
    f_004_review_does_not_wait_for_the_run
    f_006_fifty_words_late
    f_009_an_answer_about_something_else
    f_010_one_of_twenty_has_it
    f_012_a_resting_agent_does_not_get_it
    f_013_every_third_word_is_lost
    f_017_a_dependent_waits_and_a_cycle_is_refused
    f_019_closed_while_it_waits
    f_019_edited_while_somebody_works
    f_020_claimed_then_silent
    f_021_nothing_delivered_is_not_done
    f_022_a_saturated_agent_steps_back
    f_022_an_agent_that_is_always_full
    f_026_a_second_replica_does_not_begin_again
    f_028_a_lease_lasts_as_long_as_the_work
    f_032_one_run_at_a_time
    f_036_out_of_order_and_twice
    f_040_a_review_that_cannot_count
    f_040_who_may_review
    f_041_a_comment_is_not_a_verdict
    f_042_a_push_answers_the_review
    f_043_a_refused_request_is_said
    f_044_a_review_told_three_times
    f_047_rounds_are_counted
    f_052_an_approval_is_of_one_head
    f_053_no_review_of_what_cannot_land
    f_060_a_conflict_goes_back_to_the_implementer
    f_060_a_conflict_that_stays_is_a_person_s
    f_061_a_closed_pull_request_does_not_cancel_its_issue
    f_063_a_merge_that_does_not_come_about
    f_064_a_merge_past_the_gates_is_said
    f_065_each_refusal_has_its_answer
    f_066_a_number_is_of_its_own_kind
    f_067_the_pull_request_is_github_s
    f_068_siblings_are_brought_up_to_date
    f_070_a_pull_request_without_an_issue
    f_071_one_change_for_two_issues
    f_072_merged_and_the_answer_lost
    f_073_done_without_a_pull_request
    f_074_a_second_pull_request_for_the_issue
    f_075_people_merge_revert_and_reopen
    f_075_taken_back_before_it_is_live
    f_076_a_required_check_never_reports
    f_077_no_check_named_is_not_green
    f_080_only_three_conclusions_are_red
    f_087_merged_is_not_live
    f_089_nothing_lands_on_what_does_not_work
    f_091_a_green_job_is_not_a_deploy
    f_094_the_older_one_is_not_the_newer
    f_094_two_landings_deploy_out_of_order
    f_100_a_silent_agent_loses_its_lease
    f_103_a_limit_is_not_an_end
    f_104_an_end_with_nothing_to_see
    f_106_too_long_goes_on_on_its_branch
    f_108_a_restarted_agent_has_its_own_work
    f_109_the_branch_stays_whatever_the_title
    f_120_repairs_are_counted
    f_121_cancelled_in_the_middle_of_a_run
    f_155_an_escalation_is_repeated_until_it_is_answered
    f_223_a_title_is_only_words
    from_filed_to_live
    github_fails_to_take_a_review
    i_01_its_own_approval
    i_01_more_commits_than_are_read
    i_01_whoever_claims_is_not_whoever_was_asked
    i_03_the_base_moves_under_an_approval
    i_06_another_tree_than_the_tested_one
    i_07_tested_at_one_base_merged_at_another
    i_10_why_it_does_not_land
    i_12_the_state_counts_not_the_edge
    i_13_the_report_is_lost
    i_14_nothing_is_done_twice
    i_15_a_dead_run_frees_its_place
    i_16_stop_and_resume
    i_18_red_and_the_reason_with_it
    i_23_an_end_told_twice
    i_30_a_check_that_never_ends
    labels_keep_it_from_landing
    look_is_never_answered
    main_is_set_back
    merged_by_hand_is_normal_life
    merged_by_hand_while_a_person_was_asked
    needs_info
    pull_request_opened_again
    queue_in_order
    review_that_is_dismissed
    set_aside_is_said_again
    unlabelled_as_it_was_before_its_end
    wanted_again_before_the_last_words
    smoke_without_a_named_check
    updates_told_in_another_order
    watched_head_is_worked_out
    words_on_a_pull_request
    words_on_the_check
    words_on_what_waits
    words_that_github_did_not_take
    words_wait_a_moment
}

#[test]
fn every_scenario_is_played() {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files: BTreeSet<String> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(files, NAMES.iter().map(|name| (*name).to_owned()).collect());
}
