//! Rewords failures of a server that is given by a URL instead of a definition: a metadata database, or the store.
//! There, the form's `login` is the URL's user, and an extra is a parameter after the `?`.

use super::failure::Failure;
use super::problem::Problem;

/// The URL's names for the fields of a form.
const PARTS: [(&str, &str); 5] =
    [("login", "user"), ("password", "password"), ("schema", "database"), ("host", "host"), ("port", "port")];

/// Words before a name, which may itself be `login`.
const BEFORE_NAMES: [&str; 5] = ["user ", "role ", "database ", "named ", "the name "];

/// `failure` in terms of a URL.
#[must_use]
pub fn named(mut failure: Failure) -> Failure {
    failure.message = of_url(&failure.message);
    failure.hint = failure.hint.map(|hint| of_url(&hint));
    failure
}

/// `problem` in terms of a URL.
#[must_use]
pub fn of_problem(mut problem: Problem) -> Problem {
    problem.message = of_url(&problem.message);
    problem.hint = problem.hint.map(|hint| of_url(&hint));
    problem
}

fn of_url(text: &str) -> String {
    const EXTRA: &str = "extra";
    let mut text = text.replace(&format!("{EXTRA} `"), "parameter `").replace("the definition", "the URL");
    for (field, part) in PARTS {
        let quoted = format!("`{field}`");
        text = text.replace(&format!("the {quoted}"), &format!("the {part}"));
        text = outside_names(&text, &quoted, &format!("the URL's {part}"));
    }
    text
}

/// Replaces `from` by `to` in `text`, except where it is a name.
fn outside_names(text: &str, from: &str, to: &str) -> String {
    let mut pieces = text.split(from);
    let mut all = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        all.push_str(if BEFORE_NAMES.iter().any(|before| all.ends_with(before)) { from } else { to });
        all.push_str(piece);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_of_a_form_and_no_extra_is_left() {
        for (text, expected) in [
            ("check `login` and `password`", "check the URL's user and the URL's password"),
            ("`login` is missing", "the URL's user is missing"),
            ("add the `password` to the definition", "add the password to the URL"),
            ("weaken extra `sslmode`", "weaken parameter `sslmode`"),
            ("the settings in extra `options`", "the settings in parameter `options`"),
            ("correct `schema` (the database)", "correct the URL's database (the database)"),
            ("login refused for user `login`", "login refused for user `login`"),
            ("the database `schema` does not exist", "the database `schema` does not exist"),
        ] {
            assert_eq!(of_url(text), expected);
        }
    }
}
