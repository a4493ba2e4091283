//! A secret in pieces: in several texts of one result, or separated by other words.

use crate::model::redact::{Kind, Redactor};

/// Which of the texts are shown, for a definition with this secret.
fn shown(secret: &str, texts: &[(Kind, &str)]) -> Vec<bool> {
    let redactor = Redactor::new([secret], &["etl", "warehouse", "PostgreSQL"]);
    redactor.judge(texts).iter().map(Option::is_some).collect()
}

#[test]
fn pieces_of_a_secret_in_several_texts_are_a_leak() {
    use Kind::{Name, Product, Text};

    for (secret, texts, expected) in [
        ("Sup3rS3cret", &[(Text, "it was Sup3r"), (Name, "S3cre")][..], &[false, false][..]),
        ("Sup3rS3cret", &[(Name, "S3cre"), (Text, "Sup3r")], &[false, false]),
        // A text with six letters of the secret is hidden alone; five letters do not count.
        ("Sup3rS3cret", &[(Text, "it was Sup3r"), (Name, "S3cret")], &[true, false]),
        ("Sup3rS3cret", &[(Text, "Sup"), (Name, "3rS"), (Name, "3cr"), (Name, "et")], &[false; 4]),
        ("Sup3rS3cret", &[(Name, "3cret"), (Name, "3rS"), (Text, "Sup")], &[false; 3]),
        // With another text between the pieces.
        ("Sup3rS3cret", &[(Text, "Sup3r"), (Product, "16.4"), (Name, "S3cre")], &[false; 3]),
        ("Sup3rS3cret", &[(Text, "S3cre"), (Product, "16.4"), (Name, "eu-1"), (Name, "Sup3r")], &[false; 4]),
        // In hexadecimal and base64.
        ("Sup3rS3cret", &[(Text, "537570"), (Name, "337253"), (Name, "336372")], &[false; 3]),
        ("Sup3rS3cret", &[(Text, "U3Vw"), (Name, "M3JT"), (Name, "M2Ny")], &[false; 3]),
        ("tulip", &[(Text, "tu"), (Name, "lip")], &[false, false]),
        // A text without a piece is hidden together with the others, since the responsible texts cannot be determined.
        ("Sup3rS3cret", &[(Text, "Sup3r"), (Name, "S3cre"), (Name, "sales")], &[false; 3]),
        // A text with the whole secret is hidden alone.
        ("Sup3rS3cret", &[(Text, "Sup3rS3cret"), (Product, "16.4"), (Name, "sales")], &[false, true, true]),
        // What the result shows anyway does not count as a piece.
        ("etl-Sup3r", &[(Name, "etl"), (Text, "Sup3r")], &[true, true]),
        ("Sup3rS3cret", &[(Text, "no such role"), (Product, "16.4 (Debian)"), (Name, "eu-west-1")], &[true; 3]),
        ("Sup3rS3cret", &[(Text, ""), (Name, "")], &[true, true]),
        ("abc", &[(Name, "abc"), (Text, "no such role")], &[true, true]),
        ("abc", &[(Name, "16.4"), (Text, "no abc")], &[true, false]),
    ] {
        assert_eq!(shown(secret, texts), expected, "{secret} {texts:?}");
    }
}

#[test]
fn words_that_servers_use_anyway_hide_no_piece() {
    for (secret, text, passes) in [
        ("Sup3rS3cret", "Sup3r. DETAIL: S3c. HINT: ret", false),
        ("Sup3rS3cret", "the password Sup of user 3rS is 3cr or et", false),
        ("Sup3rS3cret", "password 5375 user 7033 login 7253 server 3363 72", false),
        ("tulip", "tu for lip", false),
        ("Sup3rS3cret", "the password of user etl is not valid", true),
        ("tulip", "tu for lit", true),
    ] {
        let is_shown = shown(secret, &[(Kind::Text, text)]);
        assert_eq!(is_shown, [passes], "{secret} {text}");
    }
}

/// A browser or a terminal shows the pieces as one word.
#[test]
fn markup_between_the_pieces_hides_no_secret() {
    for joint in [
        "<wbr>",
        "<b>",
        "</span><span class=\"hl\">",
        "&zwnj;",
        "&shy;",
        "\u{1b}[0m",
        "[0m",
        "\u{9b}1m",
        "\\u001b[0m",
        "\\033[1;31m",
        "^[[0m",
        "]]><![CDATA[",
        "&lt;b&gt;",
        "\u{1b}]8;;http://x/\u{7}",
    ] {
        for length in [1, 3, 5] {
            let secret: Vec<char> = "Wq7rT-xk2Lmv".chars().collect();
            let pieces: Vec<String> = secret.chunks(length).map(|piece| piece.iter().collect()).collect();
            let text = format!("no role {}", pieces.join(joint));
            assert_eq!(shown("Wq7rT-xk2Lmv", &[(Kind::Text, &text)]), [false], "{text:?}");
        }
    }
    assert_eq!(shown("Wq7rT-xk2Lmv", &[(Kind::Text, "<b>no role</b> [42P01] a<b")]), [true]);
}

/// The texts are those that servers of these products send. Each secret shares six or more letters with one.
#[test]
fn a_product_that_everybody_knows_tells_nothing_of_a_secret_like_its_name() {
    use Kind::{Product, Text};

    for (secret, kind, text, passes) in [
        ("postgresql-2024", Product, "PostgreSQL", true),
        ("postgresql-16", Product, "PostgreSQL 16.4 (Debian 16.4-1.pgdg120+2)", true),
        ("mariadb-10.11", Product, "10.11.14-MariaDB-0+deb12u2", true),
        ("mariadb-10.11", Product, "MariaDB-1:10.11.14+maria~deb12", true),
        ("sqlserver2022", Product, "Microsoft SQL Server 2022 (RTM) - 16.0.1000.6 (X64)", true),
        ("mongodb7.0.1", Product, "MongoDB 7.0.1", true),
        ("cockroachdb-v23", Product, "CockroachDB CCL v23.1.11", true),
        ("seaweedfs2024", Product, "SeaweedFS Filer 3.5", true),
        ("backblazeb2-key", Product, "Backblaze B2", true),
        ("percona-server!", Product, "8.0.36-28 Percona Server (GPL), Release 28", true),
        // The secret itself is not excused as a version, whatever it consists of.
        ("Password123!", Product, "Password123!", false),
        ("Password123!", Product, "8.0.36-password123", false),
        ("Admin2024!", Product, "Admin2024!", false),
        ("MariaDB-2024!", Product, "MariaDB-2024!", false),
        ("Oracle-2024!Linux", Product, "oracle-2024-linux", false),
        ("root12345", Product, "PostgreSQL root12345", false),
        ("secret123456", Product, "secret-123456", false),
        ("SQL-server_2019", Product, "SQL-server_2019", false),
        ("root12345", Product, "PostgreSQL root123456", true),
        ("mysql", Product, "MySQL 8.4.2", true),
        ("mysql-server", Product, "MySQL Server 8.4.2", true),
        ("mariadb-Sup3rS3cret", Product, "MariaDB Sup3rS3cret", false),
        ("Sup3rS3cret", Product, "10.11-Sup3rS3cret-MariaDB", false),
        ("20241116-k", Product, "2024.11.16", false),
        // Nor is a product's name excused in a server's message.
        ("postgresql-2024", Text, "password postgresql-2024 is wrong", false),
        ("postgresql-2024", Text, "PostgreSQL does not know you", true),
        ("seaweedfs-gate", Text, "SeaweedFS is not ready", true),
    ] {
        assert_eq!(shown(secret, &[(kind, text)]), [passes], "{secret} {text}");
    }
}

#[test]
fn a_short_secret_of_signs_is_found_beside_its_code() {
    for (secret, code) in [("|", "|"), ("§|", "%c2%a7%7c"), ("~", "x")] {
        assert_eq!(shown(secret, &[(Kind::Text, secret), (Kind::Name, code)]), [false, true], "{secret} {code}");
        assert_eq!(shown(secret, &[(Kind::Text, secret)]), [false], "{secret}");
    }
}
