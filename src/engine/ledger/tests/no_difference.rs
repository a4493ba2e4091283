//! Answers that are the same with a secret as without.

use super::*;
use Came::{Tried, Withheld};
use Ending::{Accepted, NoDifference};
use tempfile::tempdir;

#[test]
fn they_count_as_no_answer_where_the_server_has_accepted_a_secret_and_else_for_nothing() {
    for (first, tried) in [(None, 6), (Some(Accepted), 2)] {
        let directory = tempdir().unwrap();
        if let Some(ending) = first {
            Bench::in_file(directory.path()).log_in(&login(&["db"], "right"), ending);
        }
        let came = |secret: &str| Bench::in_file(directory.path()).log_in(&login(&["db"], secret), NoDifference);
        let came: Vec<Came> = ["A", "B", "C", "D", "E", "F"].into_iter().map(came).collect();
        let expected: Vec<Came> = (0..6).map(|n| if n < tried { Tried } else { Withheld(HOUR) }).collect();
        assert_eq!(came, expected, "{first:?}");
        // The right secret goes on.
        assert_eq!(Bench::in_file(directory.path()).log_in(&login(&["db"], "right"), Accepted), Tried);
    }
}
